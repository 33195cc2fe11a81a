/** How urgently a vehicle wants the operator, for the counts in the header. */
import type { GroundView, VehicleRow } from "../../report/view.ts";

export type VehicleSeverity = "alarm" | "warning" | "well";

export function severityOf(vehicle: VehicleRow): VehicleSeverity {
  if (vehicle.status === "lost") return "alarm";
  const urgent = vehicle.minutesLeft !== null && vehicle.minutesLeft < 1;
  if (vehicle.needs !== "" && urgent) return "alarm";
  return vehicle.needs !== "" || vehicle.status === "outOfRange" ? "warning" : "well";
}

export function bySeverity(view: GroundView): Readonly<Record<VehicleSeverity, number[]>> {
  const found: Record<VehicleSeverity, number[]> = { alarm: [], warning: [], well: [] };
  for (const vehicle of view.vehicles) found[severityOf(vehicle)].push(vehicle.index);
  return found;
}
