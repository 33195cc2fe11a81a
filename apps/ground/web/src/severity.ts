/** How urgently a vehicle wants the operator, for the counts in the header. */
import type { GroundView, PlanePoint, VehicleRow } from "../../report/view.ts";

export type VehicleSeverity = "alarm" | "warning" | "well";

/** A word older than this is history: shown with its age, and counted as nothing. */
export const STALE_S = 10;
/** Not heard for this long, a vehicle is no longer well. */
const UNHEARD_S = 30;
/** A vehicle on the ground further from the base than this did not land at home. */
const HOME_M = 80;

export const isStale = ({ toldS }: VehicleRow): boolean => toldS > STALE_S;

/** On the ground, but not at the base: nobody changes its battery there. */
export function landedAway({ status, position }: VehicleRow, base: PlanePoint): boolean {
  const awayM = Math.hypot(position.northM - base.northM, position.eastM - base.eastM);
  return (status === "charging" || status === "ready") && awayM > HOME_M;
}

export function severityOf(vehicle: VehicleRow): VehicleSeverity {
  if (vehicle.status === "lost") return "alarm";
  const urgent = vehicle.minutesLeft !== null && vehicle.minutesLeft < 1;
  if (vehicle.needs !== "" && urgent) return "alarm";
  return vehicle.needs !== "" || vehicle.status === "outOfRange" || vehicle.toldS > UNHEARD_S
    ? "warning"
    : "well";
}

export function bySeverity(view: GroundView): Readonly<Record<VehicleSeverity, number[]>> {
  const found: Record<VehicleSeverity, number[]> = { alarm: [], warning: [], well: [] };
  for (const vehicle of view.vehicles) found[severityOf(vehicle)].push(vehicle.index);
  return found;
}
