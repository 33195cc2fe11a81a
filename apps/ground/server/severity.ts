/** How urgently a vehicle wants the operator: what the header counts and the list sorts by. */
import type { VehicleRow } from "../report/view.ts";

export type Severity = "well" | "warning" | "alarm";

/** A word older than this is history: shown with its age, and counted as nothing. */
export const STALE_S = 10;
/** Not heard for this long, a vehicle is no longer well. */
const UNHEARD_S = 30;

export function severityOf(
  vehicle: Pick<VehicleRow, "status" | "minutesLeft" | "needs" | "toldS">,
): Severity {
  if (vehicle.status === "lost") return "alarm";
  const urgent = vehicle.minutesLeft !== null && vehicle.minutesLeft < 1;
  if (vehicle.needs !== "" && urgent) return "alarm";
  return vehicle.needs !== "" || vehicle.status === "outOfRange" || vehicle.toldS > UNHEARD_S
    ? "warning"
    : "well";
}
