/**
 * Checkers over the world's truth, run inside the simulation: separation, clearance, fence and
 * zones, reserve at touch-down, orders. They judge true positions, not what a vehicle believed.
 *
 * A violation that lasts is told once each `REPEAT_S`; at most `VIOLATIONS_MAX` are kept, the first
 * ones.
 */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { readPlain, writePlain } from "../core/mod.ts";
import { MODE, type FlightSlab } from "../flight/mod.ts";
import type { TrueGround } from "../terrain/mod.ts";
import type {
  AltitudeBound,
  Area,
  ForbiddenZone,
  LimitsScenario,
  Place,
} from "../world/scenario.ts";
import type { Violation } from "../world/types.ts";

export const VIOLATIONS_MAX = 500;
const REPEAT_S = 30;
/** Near a pad and in a climb or descent low flight is what is meant to happen. */
const APPROACH_M = 150;

export const INVARIANTS: readonly string[] = [
  "separation",
  "clearance",
  "geofence",
  "zone",
  "reserve",
  "unverifiedOrder",
  "nodeAlive",
];

interface LimitsState {
  violations: Violation[];
  /** Last telling of "invariant/slots". */
  told: [string, number][];
  minSeparationM: number;
  minClearanceM: number;
  minReserveRatio: number;
  /** Ids of the orders acted on, and how many the operator gave. */
  orders: string[];
  givenCount: number;
}

export interface LimitsOptions {
  readonly limits: LimitsScenario;
  readonly slab: FlightSlab;
  readonly ground: TrueGround;
  readonly base: Place;
  /** Slots that fly. */
  readonly vehicles: readonly number[];
}

export class LimitChecks {
  readonly #options: LimitsOptions;
  #state: LimitsState = {
    violations: [],
    told: [],
    minSeparationM: Infinity,
    minClearanceM: Infinity,
    minReserveRatio: Infinity,
    orders: [],
    givenCount: 0,
  };

  constructor(options: LimitsOptions) {
    this.#options = options;
  }

  get violations(): readonly Violation[] {
    return this.#state.violations;
  }

  get minSeparationM(): number {
    return this.#state.minSeparationM;
  }

  get minClearanceM(): number {
    return this.#state.minClearanceM;
  }

  get minReserveRatio(): number {
    return this.#state.minReserveRatio;
  }

  /** A violation found elsewhere goes into the same list. */
  report(violation: Violation): void {
    const key = `${violation.invariant}/${violation.slots.join(",")}`;
    const told = this.#state.told.find(([known]) => known === key);
    if (told !== undefined && violation.atS - told[1] < REPEAT_S) return;
    if (told === undefined) this.#state.told.push([key, violation.atS]);
    else told[1] = violation.atS;
    if (this.#state.violations.length < VIOLATIONS_MAX) this.#state.violations.push(violation);
  }

  /** Positions of now; called ten times a second. */
  check(nowS: number): void {
    const { slab, vehicles } = this.#options;
    for (let k = 0; k < vehicles.length; k += 1) {
      const i = vehicles[k]!;
      if (slab.inAir[i] === 0 || slab.lost[i] === 1) continue;
      this.#checkPlace(i, nowS);
      for (let l = k + 1; l < vehicles.length; l += 1) {
        const j = vehicles[l]!;
        if (slab.inAir[j] === 1 && slab.lost[j] === 0) this.#checkPair(i, j, nowS);
      }
    }
  }

  landed(slot: number, ratio: number, nowS: number): void {
    const state = this.#state;
    state.minReserveRatio = Math.min(state.minReserveRatio, ratio);
    if (ratio >= this.#options.limits.reserveRatio) return;
    const detail = `${(ratio * 100).toFixed(1)}% left at touch-down`;
    this.report({ invariant: "reserve", atS: nowS, slots: [slot], detail });
  }

  /** The operator gave an order: one more may be acted on. */
  given(): void {
    this.#state.givenCount += 1;
  }

  /**
   * A vehicle acts on an order. The world knows how many the operator gave, not their ids: the
   * first so many ids are believed, one more cannot be the operator's.
   */
  acted(slot: number, orderId: string, nowS: number): void {
    const { orders, givenCount } = this.#state;
    if (orders.includes(orderId)) return;
    if (orders.length < givenCount) {
      orders.push(orderId);
      return;
    }
    const detail = `acted on order ${orderId}, which no operator gave`;
    this.report({ invariant: "unverifiedOrder", atS: nowS, slots: [slot], detail });
  }

  save(to: ByteWriter): void {
    writePlain(to, this.#state);
  }

  load(from: ByteReader): void {
    this.#state = readPlain(from) as LimitsState;
  }

  #checkPair(i: number, j: number, nowS: number): void {
    const { slab, limits } = this.#options;
    const dn = slab.northM[i]! - slab.northM[j]!;
    const de = slab.eastM[i]! - slab.eastM[j]!;
    const square = dn * dn + de * de;
    // Far pairs are the rule; the square root is for the near ones.
    if (square > this.#state.minSeparationM * this.#state.minSeparationM) {
      if (square > limits.minSeparationM * limits.minSeparationM) return;
    }
    const du = Math.abs(slab.altitudeM[i]! - slab.altitudeM[j]!);
    const flatM = Math.sqrt(square);
    // Above one another by the vertical rule they are apart however near on the map.
    if (du >= limits.minSeparationVerticalM) return;
    this.#state.minSeparationM = Math.min(this.#state.minSeparationM, flatM);
    if (flatM >= limits.minSeparationM) return;
    const detail = `${flatM.toFixed(1)} m apart, ${du.toFixed(1)} m in height`;
    this.report({ invariant: "separation", atS: nowS, slots: [i, j], detail });
  }

  #checkPlace(i: number, nowS: number): void {
    const { slab, limits, ground } = this.#options;
    const northM = slab.northM[i]!;
    const eastM = slab.eastM[i]!;
    const altitudeM = slab.altitudeM[i]!;
    this.#checkClearance(i, altitudeM - ground.surfaceAmslM(northM, eastM), nowS);
    const fenced = limits.fence.length === 0 || limits.fence.some((a) => holds(a, northM, eastM));
    if (!fenced) {
      const detail = `outside of the fence at ${northM.toFixed(0)} N ${eastM.toFixed(0)} E`;
      this.report({ invariant: "geofence", atS: nowS, slots: [i], detail });
    }
    for (const zone of limits.zones) {
      if (!holds(zone.polygon, northM, eastM)) continue;
      if (!inBand(zone, altitudeM, ground.groundAmslM(northM, eastM))) continue;
      this.report({ invariant: "zone", atS: nowS, slots: [i], detail: `inside ${zone.name}` });
    }
  }

  #checkClearance(i: number, clearanceM: number, nowS: number): void {
    const { slab, limits, base } = this.#options;
    const mode = slab.mode[i]!;
    if (mode === MODE.takeoff || mode === MODE.land) return;
    const dn = slab.northM[i]! - base.northM;
    const de = slab.eastM[i]! - base.eastM;
    if (dn * dn + de * de < APPROACH_M * APPROACH_M) return;
    this.#state.minClearanceM = Math.min(this.#state.minClearanceM, clearanceM);
    if (clearanceM >= limits.clearanceM) return;
    const detail = `${clearanceM.toFixed(1)} m over ground and trees`;
    this.report({ invariant: "clearance", atS: nowS, slots: [i], detail });
  }
}

function limitAmslM(limit: AltitudeBound, groundM: number): number {
  return limit.reference === "amsl" ? limit.altitudeM : groundM + limit.altitudeM;
}

function inBand(zone: ForbiddenZone, altitudeM: number, groundM: number): boolean {
  if (zone.floor !== undefined && altitudeM < limitAmslM(zone.floor, groundM)) return false;
  return zone.ceiling === undefined || altitudeM <= limitAmslM(zone.ceiling, groundM);
}

/** Crossing number with the half-open rule (Franklin, PNPOLY, 1970). */
function ringHolds(ring: readonly Place[], northM: number, eastM: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const a = ring[i]!;
    const b = ring[j]!;
    if (a.northM > northM === b.northM > northM) continue;
    const along = (northM - a.northM) / (b.northM - a.northM);
    if (eastM < a.eastM + along * (b.eastM - a.eastM)) inside = !inside;
  }
  return inside;
}

function holds(area: Area, northM: number, eastM: number): boolean {
  if (!ringHolds(area.outer, northM, eastM)) return false;
  return !area.holes.some((hole) => ringHolds(hole, northM, eastM));
}
