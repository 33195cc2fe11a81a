/**
 * A point mass that follows setpoints as a multirotor does: velocity command from feed-forward and
 * position error, limited acceleration with a first-order lag. Enough to try the envelope on.
 */
import type { LocalPosition, LocalVelocity, Setpoint, VehicleSample } from "../../hal/mod.ts";

export interface Body {
  n: number;
  e: number;
  z: number;
  vn: number;
  ve: number;
  vz: number;
  an: number;
  ae: number;
  az: number;
}

export const body = (n: number, e: number, z: number): Body => ({
  n,
  e,
  z,
  vn: 0,
  ve: 0,
  vz: 0,
  an: 0,
  ae: 0,
  az: 0,
});

export interface Airframe {
  readonly accelerationMps2: number;
  readonly climbMps: number;
  readonly descentMps: number;
  readonly lagS: number;
}

export const AIRFRAME: Airframe = {
  accelerationMps2: 3,
  climbMps: 4,
  descentMps: 3,
  lagS: 0.25,
};

export function fly(b: Body, to: Setpoint, dtS: number, airframe: Airframe = AIRFRAME): void {
  let vn = to.velocity.northMps + 0.5 * (to.position.northM - b.n);
  let ve = to.velocity.eastMps + 0.5 * (to.position.eastM - b.e);
  const speed = Math.hypot(vn, ve);
  if (speed > to.speedMaxMps) {
    vn *= to.speedMaxMps / speed;
    ve *= to.speedMaxMps / speed;
  }
  const vzWanted = -to.velocity.downMps + 0.5 * (to.position.altitudeAmslM - b.z);
  const vz = Math.min(airframe.climbMps, Math.max(-airframe.descentMps, vzWanted));
  let an = (vn - b.vn) / 0.4;
  let ae = (ve - b.ve) / 0.4;
  const a = Math.hypot(an, ae);
  if (a > airframe.accelerationMps2) {
    an *= airframe.accelerationMps2 / a;
    ae *= airframe.accelerationMps2 / a;
  }
  const az = Math.min(3, Math.max(-3, (vz - b.vz) / 0.4));
  const k = Math.min(1, dtS / airframe.lagS);
  b.an += k * (an - b.an);
  b.ae += k * (ae - b.ae);
  b.az += k * (az - b.az);
  b.vn += b.an * dtS;
  b.ve += b.ae * dtS;
  b.vz += b.az * dtS;
  b.n += b.vn * dtS;
  b.e += b.ve * dtS;
  b.z += b.vz * dtS;
}

export const positionOf = (b: Body): LocalPosition => ({
  northM: b.n,
  eastM: b.e,
  altitudeAmslM: b.z,
});

export const velocityOf = (b: Body): LocalVelocity => ({
  northMps: b.vn,
  eastMps: b.ve,
  downMps: -b.vz,
});

export function sampleOf(b: Body, changes: Partial<VehicleSample> = {}): VehicleSample {
  return {
    position: positionOf(b),
    velocity: velocityOf(b),
    yawRad: 0,
    positionErrorM: 0.5,
    positionValid: true,
    altitudeAglM: undefined,
    batteryRatio: 1,
    batteryFullWh: 130,
    powerW: 280,
    windNorthMps: 0,
    windEastMps: 0,
    mode: "guided",
    armed: true,
    inAir: true,
    released: true,
    ready: true,
    ...changes,
  };
}
