/**
 * Electrical power of a multirotor, and what its battery gauge shows.
 *
 * Induced power from momentum theory in forward flight (Leishman, Principles of Helicopter
 * Aerodynamics, 2nd ed., eq. 2.129, flat rotor), profile power and avionics constant, parasite
 * power with the cube of air speed. The shares at hover (65/35%) and of parasite power are
 * assumptions for airframes of 1 to 10 kg; they put the lowest power near 10 m/s at 84% of hover,
 * as published flights show.
 */

const INDUCED_SHARE = 0.65;
const CONSTANT_SHARE = 0.35;
/** Parasite power at 10 m/s as a share of hover power. */
const PARASITE_SHARE = 0.2;
/** Induced velocity at hover. */
const INDUCED_MPS = 4.5;
const GRAVITY = 9.80665;
/** Of the electrical power that becomes climb. */
const CLIMB_EFFICIENCY = 0.6;
/** Share of potential energy that descending takes off the power. */
const DESCENT_GAIN = 0.2;
/** Shown ratio drops by this for each hover power drawn beyond hover (voltage sag). */
const SAG_RATIO = 0.015;

/** Avionics and radios on the ground, motors off. */
export const IDLE_POWER_W = 10;

/** Power in level flight as a share of hover power. */
export function levelPowerRatio(airSpeedMps: number): number {
  const mu = airSpeedMps / INDUCED_MPS;
  const half = (mu * mu) / 2;
  const induced = Math.sqrt(Math.sqrt(half * half + 1) - half);
  const tenths = airSpeedMps / 10;
  return INDUCED_SHARE * induced + CONSTANT_SHARE + PARASITE_SHARE * tenths * tenths * tenths;
}

export function flightPowerW(flight: {
  readonly hoverPowerW: number;
  readonly massKg: number;
  readonly airSpeedMps: number;
  readonly climbMps: number;
}): number {
  const levelW = flight.hoverPowerW * levelPowerRatio(flight.airSpeedMps);
  const liftW = flight.massKg * GRAVITY * flight.climbMps;
  const climbW = liftW >= 0 ? liftW / CLIMB_EFFICIENCY : liftW * DESCENT_GAIN;
  return Math.max(0.5 * flight.hoverPowerW, levelW + climbW);
}

/** What the gauge shows of a battery that is really at `ratio`. */
export function shownRatio(ratio: number, powerRatio: number): number {
  return Math.max(0, Math.min(1, ratio - SAG_RATIO * Math.max(0, powerRatio - 1)));
}
