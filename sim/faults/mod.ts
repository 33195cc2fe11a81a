/** Faults: what they are, how they are drawn and read, and what acts now. Uses: base. */
export { aimed, isAimed, type AimedVehicle, type AimView } from "./aim.ts";
export { ActiveFaults, ACTIVE_FAULTS_MAX, isWindow, type ActiveWindow } from "./active.ts";
export { drawFaults, NO_RATES, type DrawSpace } from "./draw.ts";
export type {
  FaultAction,
  FaultKind,
  FaultPlan,
  FaultRates,
  ScriptedFault,
  StrikeTarget,
} from "./types.ts";
export { parseFaults, type FaultSpace } from "./parse.ts";
