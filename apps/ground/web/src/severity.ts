/** How urgently vehicles want the operator, as the server graded them. */
import type { PlanePoint, VehicleStatus } from "../../report/view.ts";

export type VehicleSeverity = "alarm" | "warning" | "well";

/** A word older than this is history: shown with its age, and counted as nothing. */
export const STALE_S = 10;
/** A vehicle on the ground further from the base than this did not land at home. */
const HOME_M = 80;

/** On the ground, but not at the base: nobody changes its battery there. */
export function landedAway(
  { status, position }: { readonly status: VehicleStatus; readonly position: PlanePoint },
  base: PlanePoint,
): boolean {
  const awayM = Math.hypot(position.northM - base.northM, position.eastM - base.eastM);
  return (status === "charging" || status === "ready") && awayM > HOME_M;
}

/** A list of vehicles, each with its grade. */
export interface GradedFleet {
  readonly count: number;
  idAt(slot: number): number;
  severityAt(slot: number): VehicleSeverity;
}

/** Indices by grade, ascending. */
export function bySeverity(fleet: GradedFleet): Readonly<Record<VehicleSeverity, number[]>> {
  const found: Record<VehicleSeverity, number[]> = { alarm: [], warning: [], well: [] };
  for (let slot = 0; slot < fleet.count; slot += 1) {
    found[fleet.severityAt(slot)].push(fleet.idAt(slot));
  }
  for (const indices of Object.values(found)) indices.sort((a, b) => a - b);
  return found;
}
