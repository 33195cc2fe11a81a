/**
 * Keeping apart: buffered Voronoi cells (Zhou et al., 2017) with stopping distances.
 *
 * Between two vehicles lies the plane half-way. Each keeps the point where it could come to a stop
 * on its own side, half the separation away from that plane; as both do so from nearly the same
 * positions, they stay apart without asking each other, and one that stands still is always safe.
 * Separation is horizontal or vertical: while two are apart in height by the vertical minimum with
 * a tenth to spare they keep that, and pass freely above each other; else they keep apart on the
 * ground. Vehicles that meet head on turn right, both, so that neither waits for the other.
 *
 * A claim that nobody vouches for is treated as an obstacle that may slow or stop us (its limit is
 * never negative) within the small radius that its trust allows; a peer whose word is old is kept
 * clear of by us alone.
 */
import type { LocalPosition, LocalVelocity } from "../../hal/mod.ts";
import { brakingSpeedMps, speedOf } from "./half-planes.ts";
import type { SpeedLimit, Velocity2 } from "./half-planes.ts";
import type { Seen } from "./tracks.ts";

export interface SeparationRules {
  readonly minSeparationM: number;
  readonly minSeparationVerticalM: number;
  readonly brakeMps2: number;
}

export interface SeparationSelf {
  readonly position: LocalPosition;
  readonly velocity: LocalVelocity;
  readonly errorM: number;
  /** On its pad's column: pads stand closer than those on their way keep. */
  readonly overPad: boolean;
}

export interface Separation {
  readonly limits: readonly SpeedLimit<"separation">[];
  readonly climbMaxMps: number;
  readonly descentMaxMps: number;
}

/** Kept beyond the minimum by those on their way: control error, gusts, the time between looks. */
const MARGIN_M = 4;
/** Over the own pad one moves away only when nearer than this beyond the minimum. */
const PAD_MARGIN_M = 1;
/** Columns this much farther apart than that are flown one at a time. */
const COLUMN_M = 4;
/** Slower than this, up, down and sideways together, is hanging still. */
const HANGING_MPS = 0.5;
/** Two barometers wander by 1.1 m against each other, and three times that is still kept. */
const MARGIN_VERTICAL_M = 3.5;
/** Beacon age, filter and attitude lag together. */
const REACTION_S = 0.7;
/** Height counts as separation from this share of the vertical minimum on. */
const VERTICAL_HOLDS = 1.1;
/** Vertical limits hold for everyone who may be above or below within this time. */
const HORIZON_S = 10;

export function separate(
  self: SeparationSelf,
  others: readonly Seen[],
  rules: SeparationRules,
): Separation {
  const limits: SpeedLimit<"separation">[] = [];
  let climbMaxMps = Infinity;
  let descentMaxMps = Infinity;
  for (const other of others) {
    if (isFar(self, other)) continue;
    const pair = relate(self, other, rules);
    const { gapM, hardGapM, holdsVertically, sharing, trusted } = pair;
    if (!holdsVertically) {
      // Between the margins nobody comes closer; nearer, both move apart.
      const speed = brakingSpeedMps(
        hardGapM < 0 ? hardGapM : Math.max(0, gapM * sharing),
        rules.brakeMps2,
        REACTION_S,
      );
      limits.push({
        north: pair.north,
        east: pair.east,
        maxMps: trusted ? speed : Math.max(0, speed),
        reason: "separation",
      });
    }
    if (!pair.mayOverlap) continue;
    const verticalGapM = Math.abs(pair.aboveM) - pair.verticalM;
    const rate = Math.max(
      0,
      brakingSpeedMps(verticalGapM * sharing, VERTICAL_BRAKE_MPS2, REACTION_S),
    );
    if (pair.aboveM > 0) climbMaxMps = Math.min(climbMaxMps, rate);
    else descentMaxMps = Math.min(descentMaxMps, rate);
  }
  return { limits, climbMaxMps, descentMaxMps };
}

const VERTICAL_BRAKE_MPS2 = 1.5;

/** Farther than this no limit binds at any speed that vehicles of this class fly. */
const FAR_M = 600;

function isFar(self: SeparationSelf, other: Seen): boolean {
  const dn = Math.abs(other.position.northM - self.position.northM);
  return dn > FAR_M || Math.abs(other.position.eastM - self.position.eastM) > FAR_M;
}

interface Pair {
  /** Unit vector towards the other. */
  readonly north: number;
  readonly east: number;
  /** Horizontal distance beyond what is kept on the way, and beyond where one moves away. */
  readonly gapM: number;
  readonly hardGapM: number;
  /** How far the other is above us; negative below. */
  readonly aboveM: number;
  /** Vertical separation that is kept. */
  readonly verticalM: number;
  readonly holdsVertically: boolean;
  readonly mayOverlap: boolean;
  /** Our share of the gap. */
  readonly sharing: number;
  readonly trusted: boolean;
}

function relate(self: SeparationSelf, other: Seen, rules: SeparationRules): Pair {
  const dn = other.position.northM - self.position.northM;
  const de = other.position.eastM - self.position.eastM;
  const aboveM = other.position.altitudeAmslM - self.position.altitudeAmslM;
  const distanceM = Math.sqrt(dn * dn + de * de);
  const trusted = other.trust === "verified" || other.trust === "stale";
  const unsureM = other.widenM + Math.min(5, self.errorM);
  const keepM = rules.minSeparationM + MARGIN_M + unsureM;
  const padM = rules.minSeparationM + PAD_MARGIN_M + Math.max(0, unsureM - USUAL_ERROR_M);
  const verticalM = rules.minSeparationVerticalM + MARGIN_VERTICAL_M;
  const holdsVertically = Math.abs(aboveM) >= verticalM * VERTICAL_HOLDS;
  const fresh = trusted && other.ageMs < 2000;
  return {
    // Exactly above each other there is no direction: the lower index of the pair goes north.
    north: distanceM > 1e-6 ? dn / distanceM : 1,
    east: distanceM > 1e-6 ? de / distanceM : 0,
    gapM: distanceM - keepM,
    hardGapM: distanceM - (self.overPad ? padM : keepM),
    aboveM,
    verticalM,
    holdsVertically,
    mayOverlap: comesWithin(self, other, self.overPad ? besideM(other, padM) : keepM * 1.5),
    sharing: fresh ? 0.5 : 1,
    trusted,
  };
}

/** Errors of both positions that the pad's margin covers by itself. */
const USUAL_ERROR_M = 2.5;

/**
 * Two on neighbouring columns pass each other in height one at a time; but one that hangs quite
 * still is passed beside, else two who wait for each other would wait for ever.
 */
function besideM(other: Seen, padM: number): number {
  const still = speedOf(other.velocity) + Math.abs(other.velocity.downMps) < HANGING_MPS;
  return still ? padM : padM + COLUMN_M;
}

/** Whether the two come within `withinM` on the ground in the next `HORIZON_S`. */
function comesWithin(self: SeparationSelf, other: Seen, withinM: number): boolean {
  const dn = other.position.northM - self.position.northM;
  const de = other.position.eastM - self.position.eastM;
  const vn = other.velocity.northMps - self.velocity.northMps;
  const ve = other.velocity.eastMps - self.velocity.eastMps;
  const speedSquared = vn * vn + ve * ve;
  const closest = speedSquared > 1e-9 ? -(dn * vn + de * ve) / speedSquared : 0;
  const t = Math.min(HORIZON_S, Math.max(0, closest));
  const n = dn + vn * t;
  const e = de + ve * t;
  return n * n + e * e < withinM * withinM || dn * dn + de * de < withinM * withinM;
}

/**
 * The wanted velocity turned right around those who stand in its way, so that two who meet pass
 * each other on the same side.
 */
export function giveWay(wanted: Velocity2, limits: readonly SpeedLimit<"separation">[]): Velocity2 {
  let north = wanted.northMps;
  let east = wanted.eastMps;
  const speed = speedOf(wanted);
  for (const limit of limits) {
    const towards = wanted.northMps * limit.north + wanted.eastMps * limit.east;
    const blocked = towards - limit.maxMps;
    if (blocked <= 0 || towards <= 0) continue;
    // Right of the direction to the other: north turns to east.
    const push = Math.min(blocked, speed);
    north -= limit.east * push;
    east += limit.north * push;
  }
  return { northMps: north, eastMps: east };
}
