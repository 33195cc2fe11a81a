/**
 * ArduCopter's flight modes for a vehicle that knows only Skein's words. A ground station's choice
 * stands as long as what the vehicle does agrees with it (a vehicle in GUIDED that waits for its
 * first target holds); otherwise the vehicle's own doing decides.
 */
import { COPTER_MODE } from "../mavlink/numbers.ts";
import type { FlightMode } from "../vehicle.ts";

const AGREES: ReadonlyMap<number, readonly FlightMode[]> = new Map<number, readonly FlightMode[]>([
  [COPTER_MODE.GUIDED, ["guided", "takeoff", "hold"]],
  [COPTER_MODE.LOITER, ["hold"]],
  [COPTER_MODE.BRAKE, ["hold"]],
  [COPTER_MODE.POSHOLD, ["hold"]],
  [COPTER_MODE.RTL, ["rtl", "land"]],
  [COPTER_MODE.LAND, ["land"]],
  [COPTER_MODE.STABILIZE, ["manual"]],
]);

const OWN: Readonly<Record<Exclude<FlightMode, "idle">, number>> = {
  takeoff: COPTER_MODE.GUIDED,
  guided: COPTER_MODE.GUIDED,
  hold: COPTER_MODE.LOITER,
  rtl: COPTER_MODE.RTL,
  land: COPTER_MODE.LAND,
  manual: COPTER_MODE.STABILIZE,
};

/** Modes that a ground station may choose, and what they mean to the vehicle. */
export function choiceOf(customMode: number): "guided" | "hold" | "rtl" | "land" | undefined {
  switch (customMode) {
    case COPTER_MODE.GUIDED:
      return "guided";
    case COPTER_MODE.LOITER:
    case COPTER_MODE.BRAKE:
    case COPTER_MODE.POSHOLD:
      return "hold";
    case COPTER_MODE.RTL:
      return "rtl";
    case COPTER_MODE.LAND:
      return "land";
    default:
      return undefined;
  }
}

export function copterMode(chosen: number, mode: FlightMode): number {
  if (mode === "idle") return chosen;
  return AGREES.get(chosen)?.includes(mode) === true ? chosen : OWN[mode];
}
