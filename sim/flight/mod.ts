/** Airframes, their autopilots and batteries, and the crew at the base. Uses: base, hal (types). */
export { fly, lose, type AirframeWorld } from "./airframe.ts";
export {
  batteryRatio,
  command,
  positionValid,
  sampleOf,
  type AutopilotWorld,
} from "./autopilot.ts";
export { flightPowerW, IDLE_POWER_W, levelPowerRatio, shownRatio } from "./battery.ts";
export { GroundCrew, type CrewHooks } from "./crew.ts";
export { CAUSE, flightSlab, loadFlight, MODE, MODES, saveFlight, type FlightSlab } from "./slab.ts";
