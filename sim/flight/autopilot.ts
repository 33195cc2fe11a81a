/**
 * The autopilot of a simulated vehicle: modes, commands, and failsafes that no node can switch off.
 *
 * It behaves as PX4 and ArduPilot do where they agree: arming is refused until pre-arm checks
 * passed and the crew released the vehicle; it disarms by itself when no take-off follows; take-off
 * climbs straight up and then holds; guided needs setpoints at a rate and holds without them;
 * return climbs, flies home over the map's terrain and lands; a low battery returns or lands
 * whatever is commanded. It sees the world through its sensors: positions here are estimates.
 */
import type { SeededStream } from "../../src/base/mod.ts";
import type { VehicleCommand, VehicleSample } from "../../src/hal/mod.ts";
import { drawNormal } from "../core/mod.ts";
import type { AirframeSpec, FailsafeSpec, PlannerGround, WindScenario } from "../world/scenario.ts";
import { shownRatio } from "./battery.ts";
import { CAUSE, MODE, MODES, type FlightSlab } from "./slab.ts";

/** Armed without a take-off this long -> disarmed (ArduPilot: 10 s). */
const DISARM_AFTER_S = 10;
/** An estimate without satellites is declared invalid when its error may be this large. */
const POSITION_ERROR_MAX_M = 25;
/** Drift of the estimate without satellites. */
const DRIFT_MPS = 0.7;
/** Without a valid position this long -> land. */
const POSITION_LAND_S = 30;
/** A take-off or approach is done this close. */
const ARRIVED_M = 1.5;
const ARM_BATTERY_MIN = 0.3;
/** How far ahead a return looks at its map, and how often on the way. */
const LOOK_AHEAD_M = [0, 60, 120, 200, 300] as const;

export interface AutopilotWorld {
  readonly slab: FlightSlab;
  readonly airframe: AirframeSpec;
  readonly failsafe: FailsafeSpec;
  readonly wind: WindScenario;
  readonly map: PlannerGround;
}

/** What the autopilot wants of the airframe now. */
export interface Demand {
  northMps: number;
  eastMps: number;
  upMps: number;
}

export function positionErrorM(world: AutopilotWorld, i: number): number {
  return world.airframe.gnssSigmaM + DRIFT_MPS * world.slab.gnssLostS[i]!;
}

export function positionValid(world: AutopilotWorld, i: number): boolean {
  return positionErrorM(world, i) < POSITION_ERROR_MAX_M;
}

export function isReady(world: AutopilotWorld, i: number, nowS: number): boolean {
  const { slab, airframe } = world;
  return (
    slab.powered[i] === 1 &&
    slab.lost[i] === 0 &&
    nowS - slab.powerUpS[i]! >= airframe.readyAfterS &&
    positionValid(world, i)
  );
}

export function batteryRatio(world: AutopilotWorld, i: number): number {
  const { slab, airframe } = world;
  if (slab.stuckBattery[i] === 1) return slab.heldBatteryRatio[i]!;
  const ratio = slab.batteryWh[i]! / airframe.batteryWh;
  return shownRatio(ratio, slab.powerW[i]! / airframe.hoverPowerW);
}

function setMode(slab: FlightSlab, i: number, mode: number, cause: number): void {
  slab.mode[i] = mode;
  slab.cause[i] = cause;
  slab.modeAgeS[i] = 0;
}

/** Stops where the estimate says that we are. */
function aimHere(slab: FlightSlab, i: number): void {
  slab.targetNorthM[i] = slab.northM[i]! + slab.errorNorthM[i]!;
  slab.targetEastM[i] = slab.eastM[i]! + slab.errorEastM[i]!;
  slab.targetAltitudeM[i] = slab.altitudeM[i]! + slab.errorUpM[i]!;
  slab.feedNorthMps[i] = 0;
  slab.feedEastMps[i] = 0;
  slab.feedUpMps[i] = 0;
}

/** A failsafe of battery or position is not overridden by anything but landing. */
function isBound(slab: FlightSlab, i: number): boolean {
  return slab.cause[i] === CAUSE.battery || slab.cause[i] === CAUSE.position;
}

/** Takes a command; false when it is refused in this state. */
export function command(
  world: AutopilotWorld,
  i: number,
  order: VehicleCommand,
  nowS: number,
): boolean {
  const { slab } = world;
  if (slab.powered[i] === 0 || slab.lost[i] === 1) return false;
  const flying = slab.inAir[i] === 1;
  switch (order.kind) {
    case "arm":
      return arm(world, i, nowS);
    case "disarm":
      if (flying) return false;
      slab.armed[i] = 0;
      setMode(slab, i, MODE.idle, CAUSE.command);
      return true;
    case "takeoff":
      return takeOff(world, i, order.altitudeAglM);
    case "setpoint":
      return setpoint(world, i, order.setpoint);
    case "hold":
      if (!flying || isBound(slab, i) || slab.mode[i] === MODE.takeoff) return false;
      if (slab.mode[i] !== MODE.hold) aimHere(slab, i);
      setMode(slab, i, MODE.hold, CAUSE.command);
      return true;
    case "rtl":
      if (!flying || slab.mode[i] === MODE.rtl) return flying;
      if (slab.mode[i] === MODE.land && isBound(slab, i)) return false;
      beginReturn(slab, i, CAUSE.command);
      return true;
    case "land":
      if (!flying) return false;
      if (slab.mode[i] !== MODE.land) beginLanding(slab, i, CAUSE.command);
      return true;
    default:
      return order satisfies never;
  }
}

function arm(world: AutopilotWorld, i: number, nowS: number): boolean {
  const { slab } = world;
  if (slab.armed[i] === 1) return true;
  if (slab.inAir[i] === 1 || slab.released[i] === 0 || !isReady(world, i, nowS)) return false;
  if (batteryRatio(world, i) < ARM_BATTERY_MIN) return false;
  slab.armed[i] = 1;
  slab.homeNorthM[i] = slab.northM[i]!;
  slab.homeEastM[i] = slab.eastM[i]!;
  slab.homeAltitudeM[i] = slab.altitudeM[i]!;
  setMode(slab, i, MODE.idle, CAUSE.command);
  return true;
}

function takeOff(world: AutopilotWorld, i: number, altitudeAglM: number): boolean {
  const { slab } = world;
  if (slab.armed[i] === 0 || !(altitudeAglM > 0)) return false;
  if (slab.inAir[i] === 1) return slab.mode[i] === MODE.takeoff;
  aimHere(slab, i);
  slab.targetAltitudeM[i] = slab.homeAltitudeM[i]! + altitudeAglM;
  slab.setpointFresh[i] = 0;
  setMode(slab, i, MODE.takeoff, CAUSE.command);
  return true;
}

function setpoint(
  world: AutopilotWorld,
  i: number,
  to: Extract<VehicleCommand, { kind: "setpoint" }>["setpoint"],
): boolean {
  const { slab } = world;
  const { position, velocity } = to;
  const sum = position.northM + position.eastM + position.altitudeAmslM + to.speedMaxMps;
  const feed = velocity.northMps + velocity.eastMps + velocity.downMps;
  if (!Number.isFinite(sum + feed)) return false;
  const mode = slab.mode[i]!;
  if (slab.inAir[i] === 0 || mode === MODE.takeoff || isBound(slab, i)) return false;
  slab.targetNorthM[i] = position.northM;
  slab.targetEastM[i] = position.eastM;
  slab.targetAltitudeM[i] = position.altitudeAmslM;
  slab.feedNorthMps[i] = velocity.northMps;
  slab.feedEastMps[i] = velocity.eastMps;
  slab.feedUpMps[i] = -velocity.downMps;
  slab.targetYawRad[i] = Number.isFinite(to.yawRad) ? to.yawRad : slab.yawRad[i]!;
  slab.targetSpeedMps[i] = Math.max(0.1, to.speedMaxMps);
  slab.setpointAgeS[i] = 0;
  if (mode !== MODE.guided) setMode(slab, i, MODE.guided, CAUSE.command);
  return true;
}

function beginReturn(slab: FlightSlab, i: number, cause: number): void {
  aimHere(slab, i);
  setMode(slab, i, MODE.rtl, cause);
}

function beginLanding(slab: FlightSlab, i: number, cause: number): void {
  aimHere(slab, i);
  setMode(slab, i, MODE.land, cause);
}

/** Advances modes and failsafes; called before the airframe moves. */
export function think(world: AutopilotWorld, i: number, dtS: number): void {
  const { slab, failsafe } = world;
  slab.modeAgeS[i]! += dtS;
  slab.setpointAgeS[i]! += dtS;
  const mode = slab.mode[i]!;
  if (slab.inAir[i] === 0) {
    const waiting = slab.armed[i] === 1 && mode === MODE.idle;
    if (waiting && slab.modeAgeS[i]! > DISARM_AFTER_S) slab.armed[i] = 0;
    return;
  }
  guardBattery(world, i);
  if (slab.gnssLostS[i]! > POSITION_LAND_S && !positionValid(world, i) && mode !== MODE.land) {
    beginLanding(slab, i, CAUSE.position);
  }
  if (mode === MODE.takeoff) {
    const leftM = slab.targetAltitudeM[i]! - slab.altitudeM[i]! - slab.errorUpM[i]!;
    if (leftM < ARRIVED_M) setMode(slab, i, MODE.hold, CAUSE.command);
  } else if (mode === MODE.guided) {
    if (slab.setpointAgeS[i]! > failsafe.setpointTimeoutS) {
      aimHere(slab, i);
      setMode(slab, i, MODE.hold, CAUSE.silence);
    }
  } else if (mode === MODE.hold) {
    const silent = slab.cause[i] === CAUSE.silence && slab.modeAgeS[i]! > failsafe.silentHoldS;
    if (silent) beginReturn(slab, i, CAUSE.silence);
  }
}

function guardBattery(world: AutopilotWorld, i: number): void {
  const { slab, failsafe } = world;
  const mode = slab.mode[i]!;
  if (mode === MODE.land) return;
  const ratio = batteryRatio(world, i);
  if (ratio < failsafe.landBatteryRatio) {
    // Over its own pad a return is as good as done.
    if (!isOverHome(slab, i)) beginLanding(slab, i, CAUSE.battery);
  } else if (ratio < failsafe.returnBatteryRatio) {
    if (mode !== MODE.rtl) beginReturn(slab, i, CAUSE.battery);
    slab.cause[i] = CAUSE.battery;
  }
}

function isOverHome(slab: FlightSlab, i: number): boolean {
  const dn = slab.homeNorthM[i]! - slab.northM[i]!;
  const de = slab.homeEastM[i]! - slab.eastM[i]!;
  return slab.mode[i] === MODE.rtl && dn * dn + de * de < 100;
}

/** Desired velocity over the ground from mode, target and estimate. */
export function demand(world: AutopilotWorld, i: number, out: Demand): void {
  const { slab, airframe, wind } = world;
  out.northMps = 0;
  out.eastMps = 0;
  out.upMps = 0;
  if (slab.inAir[i] === 0) {
    if (slab.mode[i] === MODE.takeoff) out.upMps = 1;
    return;
  }
  const mode = slab.mode[i]!;
  if (mode === MODE.rtl) aimHome(world, i);
  if (positionValid(world, i)) {
    const guided = mode === MODE.guided;
    const speedMps = guided
      ? Math.min(slab.targetSpeedMps[i]!, airframe.speedMaxMps)
      : 0.7 * airframe.speedMaxMps;
    steer(world, i, guided, speedMps, out);
  } else {
    // Without a position the airframe is levelled and goes with the wind.
    out.northMps = 0.5 * wind.northMps;
    out.eastMps = 0.5 * wind.eastMps;
  }
  if (mode === MODE.land) {
    out.upMps = slab.aglM[i]! > 15 ? -Math.min(3, airframe.descentMaxMps) : -0.8;
    return;
  }
  const upM = slab.targetAltitudeM[i]! - slab.altitudeM[i]! - slab.errorUpM[i]!;
  const feed = mode === MODE.guided ? slab.feedUpMps[i]! : 0;
  out.upMps = Math.max(-airframe.descentMaxMps, Math.min(airframe.climbMaxMps, feed + 0.8 * upM));
}

/** Towards the target, slowing so that the airframe's brakes suffice. */
function steer(
  world: AutopilotWorld,
  i: number,
  guided: boolean,
  speedMps: number,
  out: Demand,
): void {
  const { slab, airframe, wind } = world;
  const dn = slab.targetNorthM[i]! - slab.northM[i]! - slab.errorNorthM[i]!;
  const de = slab.targetEastM[i]! - slab.eastM[i]! - slab.errorEastM[i]!;
  const leftM = Math.sqrt(dn * dn + de * de);
  const brakeMps = Math.sqrt(1.2 * airframe.accelerationMaxMps2 * leftM);
  const towards = leftM > 0 ? Math.min(speedMps, leftM, brakeMps) / leftM : 0;
  let north = dn * towards + (guided ? slab.feedNorthMps[i]! : 0);
  let east = de * towards + (guided ? slab.feedEastMps[i]! : 0);
  const wanted = Math.sqrt(north * north + east * east);
  if (wanted > speedMps) {
    north *= speedMps / wanted;
    east *= speedMps / wanted;
  }
  // Against the wind the air speed is what is limited.
  const airNorth = north - wind.northMps;
  const airEast = east - wind.eastMps;
  const airMps = Math.sqrt(airNorth * airNorth + airEast * airEast);
  const limitMps = 1.2 * airframe.speedMaxMps;
  if (airMps > limitMps) {
    north = wind.northMps + airNorth * (limitMps / airMps);
    east = wind.eastMps + airEast * (limitMps / airMps);
  }
  out.northMps = north;
  out.eastMps = east;
}

/** Target of a return: up first, then home over the map's terrain, then down. */
function aimHome(world: AutopilotWorld, i: number): void {
  const { slab, failsafe } = world;
  const northM = slab.northM[i]! + slab.errorNorthM[i]!;
  const eastM = slab.eastM[i]! + slab.errorEastM[i]!;
  const dn = slab.homeNorthM[i]! - northM;
  const de = slab.homeEastM[i]! - eastM;
  const leftM = Math.sqrt(dn * dn + de * de);
  if (leftM < ARRIVED_M) {
    const cause = slab.cause[i]!;
    aimHere(slab, i);
    slab.targetNorthM[i] = slab.homeNorthM[i]!;
    slab.targetEastM[i] = slab.homeEastM[i]!;
    setMode(slab, i, MODE.land, cause);
    return;
  }
  let safeM = slab.homeAltitudeM[i]! + failsafe.returnAltitudeM;
  for (const aheadM of LOOK_AHEAD_M) {
    const t = Math.min(1, aheadM / leftM);
    const groundM = world.map.heightAmslM(northM + dn * t, eastM + de * t);
    safeM = Math.max(safeM, groundM + failsafe.returnAltitudeM);
  }
  // Near home there is no reason to climb.
  if (leftM < 30)
    safeM = Math.min(safeM, Math.max(slab.targetAltitudeM[i]!, slab.homeAltitudeM[i]! + 30));
  const altitudeM = slab.altitudeM[i]! + slab.errorUpM[i]!;
  const high = altitudeM >= safeM - 3;
  slab.targetAltitudeM[i] = Math.max(safeM, slab.modeAgeS[i]! < 1 ? altitudeM : safeM);
  slab.targetNorthM[i] = high ? slab.homeNorthM[i]! : northM;
  slab.targetEastM[i] = high ? slab.homeEastM[i]! : eastM;
}

/** The sample that the node gets, with sensor noise. */
export function sampleOf(
  world: AutopilotWorld,
  i: number,
  at: { readonly nowS: number; readonly surfaceM: number; readonly stream: SeededStream },
): VehicleSample {
  const { slab, airframe, wind } = world;
  const noise = (): number => drawNormal(at.stream.u32());
  const altitudeAmslM =
    slab.stuckBarometer[i] === 1 ? slab.heldAltitudeM[i]! : slab.altitudeM[i]! + slab.errorUpM[i]!;
  return {
    position: {
      northM: slab.northM[i]! + slab.errorNorthM[i]!,
      eastM: slab.eastM[i]! + slab.errorEastM[i]!,
      altitudeAmslM,
    },
    velocity: {
      northMps: slab.velocityNorthMps[i]! + 0.05 * noise(),
      eastMps: slab.velocityEastMps[i]! + 0.05 * noise(),
      downMps: -slab.velocityUpMps[i]! + 0.05 * noise(),
    },
    yawRad: slab.yawRad[i]!,
    positionErrorM: positionErrorM(world, i),
    positionValid: positionValid(world, i),
    altitudeAglM: rangeM(world, i, { surfaceM: at.surfaceM, noise: noise() }),
    batteryRatio: batteryRatio(world, i),
    batteryFullWh: airframe.batteryWh,
    powerW: slab.powerW[i]!,
    windNorthMps: wind.northMps + 0.3 * slab.gustNorthMps[i]!,
    windEastMps: wind.eastMps + 0.3 * slab.gustEastMps[i]!,
    mode: MODES[slab.mode[i]!]!,
    armed: slab.armed[i] === 1,
    inAir: slab.inAir[i] === 1,
    released: slab.released[i] === 1,
    ready: isReady(world, i, at.nowS),
  };
}

/** Height over what is below, 2% and 5 cm noise; undefined out of range. */
function rangeM(
  world: AutopilotWorld,
  i: number,
  at: { readonly surfaceM: number; readonly noise: number },
): number | undefined {
  const { slab, airframe } = world;
  if (slab.stuckRangefinder[i] === 1) return slab.heldAglM[i]!;
  const trueM = Math.max(0, slab.altitudeM[i]! - at.surfaceM);
  if (trueM > airframe.rangefinderMaxM) return undefined;
  return Math.max(0, trueM + at.noise * (0.05 + 0.02 * trueM));
}
