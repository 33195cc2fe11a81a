/**
 * The airframe: a point mass that follows the autopilot's demand through its attitude lag, in
 * gusts.
 *
 * Gusts: first-order shaping filters with the Dryden length scales and proportions of MIL-F-8785C
 * at low altitude (L_u = h / (0.177 + 0.000823 h)^1.2, sigma_w = sigma_u (0.177 + 0.000823 h)^0.4,
 * h in feet). Departure: the lateral and vertical filters are first order too, and the scenario
 * states sigma_u. The steady wind is held by the autopilot's integrators, so that drag acts on the
 * gusts alone.
 */
import type { SeededStream } from "../../src/base/mod.ts";
import { atan2, ln, exp } from "../../src/base/mod.ts";
import { drawNormal } from "../core/mod.ts";
import type { TrueGround } from "../terrain/mod.ts";
import { demand, think, type AutopilotWorld, type Demand } from "./autopilot.ts";
import { flightPowerW, IDLE_POWER_W } from "./battery.ts";
import { CAUSE, MODE, type FlightSlab } from "./slab.ts";

const FEET_PER_M = 3.28084;
/** Velocity loop of the autopilot. */
const VELOCITY_LAG_S = 0.4;
/** Satellite and barometer errors wander with these time constants. */
const GNSS_WANDER_S = 60;
const BAROMETER_WANDER_S = 120;
/** A touch faster than this, or sideways faster than that, breaks the airframe. */
const TOUCH_DOWN_MPS = 3.5;
const TOUCH_SIDE_MPS = 3;
/** Trees give way to this much of their height before they break a rotor. */
const CANOPY_HARD_SHARE = 0.7;
const GRAVITY = 9.80665;
const FALL_MAX_MPS = 25;

export interface AirframeWorld extends AutopilotWorld {
  readonly ground: TrueGround;
}

const wanted: Demand = { northMps: 0, eastMps: 0, upMps: 0 };

/** Moves one vehicle by `dtS`. */
export function fly(world: AirframeWorld, i: number, dtS: number, stream: SeededStream): void {
  const { slab } = world;
  if (slab.powered[i] === 0 && slab.inAir[i] === 0) return;
  if (slab.lost[i] === 1) {
    if (slab.inAir[i] === 1) fall(world, i, dtS);
    return;
  }
  wander(world, i, dtS, stream);
  think(world, i, dtS);
  if (slab.inAir[i] === 0 && !(slab.mode[i] === MODE.takeoff && slab.armed[i] === 1)) {
    slab.powerW[i] = slab.powered[i] === 1 ? IDLE_POWER_W : 0;
    drain(world, i, dtS);
    return;
  }
  slab.inAir[i] = 1;
  demand(world, i, wanted);
  blow(world, i, dtS, stream);
  push(world, i, dtS);
  touch(world, i);
  spend(world, i, dtS);
}

/** Estimation errors: bounded wander with satellites, growing drift without. */
function wander(world: AirframeWorld, i: number, dtS: number, stream: SeededStream): void {
  const { slab, airframe } = world;
  const gnss = Math.sqrt((2 * dtS) / GNSS_WANDER_S) * airframe.gnssSigmaM;
  if (slab.gnssOut[i] === 1) {
    slab.gnssLostS[i]! += dtS;
    // Dead reckoning: the error walks the way it has begun.
    const size = Math.max(0.1, Math.abs(slab.errorNorthM[i]!) + Math.abs(slab.errorEastM[i]!));
    slab.errorNorthM[i]! +=
      (0.5 * dtS * slab.errorNorthM[i]!) / size + gnss * drawNormal(stream.u32());
    slab.errorEastM[i]! +=
      (0.5 * dtS * slab.errorEastM[i]!) / size + gnss * drawNormal(stream.u32());
  } else {
    // A regained fix takes the drift out within seconds.
    const pull = slab.gnssLostS[i]! > 0 ? dtS : dtS / GNSS_WANDER_S;
    slab.errorNorthM[i]! += gnss * drawNormal(stream.u32()) - pull * slab.errorNorthM[i]!;
    slab.errorEastM[i]! += gnss * drawNormal(stream.u32()) - pull * slab.errorEastM[i]!;
    slab.gnssLostS[i] = Math.max(0, slab.gnssLostS[i]! - 10 * dtS);
  }
  const barometer = Math.sqrt((2 * dtS) / BAROMETER_WANDER_S) * airframe.barometerSigmaM;
  slab.errorUpM[i]! +=
    barometer * drawNormal(stream.u32()) - (dtS / BAROMETER_WANDER_S) * slab.errorUpM[i]!;
}

/** One step of the gust filters. */
function blow(world: AirframeWorld, i: number, dtS: number, stream: SeededStream): void {
  const { slab, wind } = world;
  if (wind.gustMps === 0) return;
  const heightFt = Math.max(10, Math.min(1000, slab.aglM[i]! * FEET_PER_M));
  const shape = 0.177 + 0.000823 * heightFt;
  const lengthM = heightFt / exp(1.2 * ln(shape)) / FEET_PER_M;
  const airMps = Math.max(3, airSpeed(world, i));
  const flat = Math.min(1, (airMps * dtS) / lengthM);
  const upright = Math.min(1, (airMps * dtS) / (heightFt / FEET_PER_M));
  const kick = wind.gustMps * Math.sqrt(2 * flat);
  slab.gustNorthMps[i]! += kick * drawNormal(stream.u32()) - flat * slab.gustNorthMps[i]!;
  slab.gustEastMps[i]! += kick * drawNormal(stream.u32()) - flat * slab.gustEastMps[i]!;
  const vertical = wind.gustMps * exp(0.4 * ln(shape)) * Math.sqrt(2 * upright);
  slab.gustUpMps[i]! += vertical * drawNormal(stream.u32()) - upright * slab.gustUpMps[i]!;
}

function airSpeed(world: AirframeWorld, i: number): number {
  const { slab, wind } = world;
  const north = slab.velocityNorthMps[i]! - wind.northMps - slab.gustNorthMps[i]!;
  const east = slab.velocityEastMps[i]! - wind.eastMps - slab.gustEastMps[i]!;
  return Math.sqrt(north * north + east * east);
}

/** Demand -> acceleration through the lag -> velocity -> position. */
function push(world: AirframeWorld, i: number, dtS: number): void {
  const { slab, airframe } = world;
  const limit = airframe.accelerationMaxMps2;
  let north = (wanted.northMps - slab.velocityNorthMps[i]!) / VELOCITY_LAG_S;
  let east = (wanted.eastMps - slab.velocityEastMps[i]!) / VELOCITY_LAG_S;
  const flat = Math.sqrt(north * north + east * east);
  if (flat > limit) {
    north *= limit / flat;
    east *= limit / flat;
  }
  const up = (wanted.upMps - slab.velocityUpMps[i]!) / VELOCITY_LAG_S;
  const share = dtS / (airframe.attitudeLagS + dtS);
  slab.pushNorthMps2[i]! += (north - slab.pushNorthMps2[i]!) * share;
  slab.pushEastMps2[i]! += (east - slab.pushEastMps2[i]!) * share;
  slab.pushUpMps2[i]! += (Math.max(-limit, Math.min(limit, up)) - slab.pushUpMps2[i]!) * share;
  const drag = airframe.dragPerS;
  slab.velocityNorthMps[i]! += (slab.pushNorthMps2[i]! + drag * slab.gustNorthMps[i]!) * dtS;
  slab.velocityEastMps[i]! += (slab.pushEastMps2[i]! + drag * slab.gustEastMps[i]!) * dtS;
  slab.velocityUpMps[i]! += (slab.pushUpMps2[i]! + drag * slab.gustUpMps[i]!) * dtS;
  move(slab, i, dtS);
  if (slab.speedMps[i]! > 1) {
    const course = atan2(slab.velocityEastMps[i]!, slab.velocityNorthMps[i]!);
    slab.yawRad[i] = slab.mode[i] === MODE.guided ? slab.targetYawRad[i]! : course;
  }
}

function move(slab: FlightSlab, i: number, dtS: number): void {
  const north = slab.velocityNorthMps[i]!;
  const east = slab.velocityEastMps[i]!;
  const up = slab.velocityUpMps[i]!;
  slab.northM[i]! += north * dtS;
  slab.eastM[i]! += east * dtS;
  slab.altitudeM[i]! += up * dtS;
  const speed = Math.sqrt(north * north + east * east + up * up);
  slab.speedMps[i] = speed;
  slab.odometerM[i]! += speed * dtS;
}

/** Ground and trees: a landing, or the end. */
function touch(world: AirframeWorld, i: number): void {
  const { slab, ground } = world;
  const northM = slab.northM[i]!;
  const eastM = slab.eastM[i]!;
  const groundM = ground.groundAmslM(northM, eastM);
  const aglM = slab.altitudeM[i]! - groundM;
  slab.aglM[i] = aglM;
  const mode = slab.mode[i]!;
  const north = slab.velocityNorthMps[i]!;
  const east = slab.velocityEastMps[i]!;
  const side = Math.sqrt(north * north + east * east);
  if (aglM > 0) {
    const inTrees = aglM < CANOPY_HARD_SHARE * ground.canopyM(northM, eastM);
    if (inTrees && side > TOUCH_SIDE_MPS) lose(slab, i);
    return;
  }
  const climbing = mode === MODE.takeoff && slab.velocityUpMps[i]! >= 0;
  if (climbing) {
    slab.altitudeM[i] = groundM;
    slab.aglM[i] = 0;
    return;
  }
  if (slab.velocityUpMps[i]! < -TOUCH_DOWN_MPS || side > TOUCH_SIDE_MPS || mode === MODE.guided) {
    lose(slab, i);
  }
  settle(slab, i, groundM);
}

/** On the ground, motors off. */
function settle(slab: FlightSlab, i: number, groundM: number): void {
  slab.altitudeM[i] = groundM;
  slab.aglM[i] = 0;
  slab.inAir[i] = 0;
  slab.armed[i] = 0;
  slab.mode[i] = MODE.idle;
  slab.cause[i] = CAUSE.command;
  slab.modeAgeS[i] = 0;
  slab.landedEvent[i] = 1;
  for (const field of STILL) slab[field][i] = 0;
}

const STILL = [
  "velocityNorthMps",
  "velocityEastMps",
  "velocityUpMps",
  "pushNorthMps2",
  "pushEastMps2",
  "pushUpMps2",
  "speedMps",
] as const;

/** The airframe is broken: it falls if it flies. */
export function lose(slab: FlightSlab, i: number): void {
  slab.lost[i] = 1;
  slab.armed[i] = 0;
  slab.powerW[i] = 0;
}

function fall(world: AirframeWorld, i: number, dtS: number): void {
  const { slab, ground } = world;
  slab.velocityUpMps[i] = Math.max(-FALL_MAX_MPS, slab.velocityUpMps[i]! - GRAVITY * dtS);
  slab.velocityNorthMps[i]! *= 1 - 0.3 * dtS;
  slab.velocityEastMps[i]! *= 1 - 0.3 * dtS;
  move(slab, i, dtS);
  const groundM = ground.groundAmslM(slab.northM[i]!, slab.eastM[i]!);
  slab.aglM[i] = slab.altitudeM[i]! - groundM;
  if (slab.aglM[i] <= 0) settle(slab, i, groundM);
}

function spend(world: AirframeWorld, i: number, dtS: number): void {
  const { slab, airframe } = world;
  if (slab.inAir[i] === 1 && slab.lost[i] === 0) {
    slab.powerW[i] = flightPowerW({
      hoverPowerW: airframe.hoverPowerW,
      massKg: airframe.massKg,
      airSpeedMps: airSpeed(world, i),
      climbMps: slab.velocityUpMps[i]!,
    });
  }
  drain(world, i, dtS);
  slab.touchdownRatio[i] = slab.batteryWh[i]! / airframe.batteryWh;
}

function drain(world: AirframeWorld, i: number, dtS: number): void {
  const { slab } = world;
  slab.batteryWh[i] = Math.max(0, slab.batteryWh[i]! - (slab.powerW[i]! * dtS) / 3600);
  if (slab.batteryWh[i] === 0 && slab.inAir[i] === 1) lose(slab, i);
}
