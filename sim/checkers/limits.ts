/**
 * Checkers over the world's truth, run inside the simulation: separation, clearance, fence and
 * zones, reserve at touch-down, orders. They judge true positions, not what a vehicle believed, and
 * orders by what their signed bytes say against what the operator asked for.
 *
 * A battery flown empty is a reserve of nothing, although the vehicle then never lands.
 * A violation that lasts is told once each `REPEAT_S`; at most `VIOLATIONS_MAX` are kept, the first
 * ones. Pairs are looked for within `PAIR_M`, and once two came nearer than that, within what was
 * nearest: what is further apart changes neither verdict nor minimum.
 */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { PlaneGrid, readPlain, writePlain } from "../core/mod.ts";
import { MODE, type FlightSlab } from "../flight/mod.ts";
import type { TrueGround } from "../terrain/mod.ts";
import type {
  AltitudeBound,
  Area,
  ForbiddenZone,
  LimitsScenario,
  Place,
} from "../world/scenario.ts";
import type { Violation } from "./violation.ts";

export const VIOLATIONS_MAX = 500;
const REPEAT_S = 30;
/** An autopilot that returns comes down to its pad within this of it. */
const APPROACH_M = 30;
/** A climb-out is over at the clearance, or this far from the pad. */
const CLIMB_OUT_M = 60;
/** A node flies its vehicle down itself, within a few metres of the column over its pad. */
const COLUMN_M = 15;
/** Two that never came nearer than this have no separation worth a figure. */
const PAIR_M = 250;
/** The operator's wishes that are remembered; the oldest is dropped. */
const GIVEN_MAX = 4096;

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
  told: Record<string, number>;
  minSeparationM: number;
  minClearanceM: number;
  minReserveRatio: number;
  /** What the operator asked for, and the id of the order that it became ("" until acted on). */
  given: { readonly wish: string; orderId: string }[];
  /** By slot, the boot in which a proven order to arm was acted on. */
  mayArm: (number | undefined)[];
  /** By slot, whether it has taken off and not come up to the clearance yet. */
  leaving: boolean[];
  /** Motors started, to be judged at the next look: a step tells its order and arms in any turn. */
  armings: ArmingSeen[];
}

/** What an order asks for, and of whom. */
export interface OrderWish {
  readonly kind: string;
  readonly targets: "all" | readonly number[];
}

export interface OrderActed {
  readonly slot: number;
  readonly boot: number;
  readonly orderId: string;
  /** What the signed bytes behind the id say; undefined when there are none or none that verify. */
  readonly proven: OrderWish | undefined;
}

interface ArmingSeen {
  readonly slot: number;
  readonly boot: number;
}

export interface LimitsOptions {
  readonly limits: LimitsScenario;
  readonly slab: FlightSlab;
  readonly ground: TrueGround;
  /** Slots that fly. */
  readonly vehicles: readonly number[];
}

export class LimitChecks {
  readonly #options: LimitsOptions;
  readonly #grid: PlaneGrid = new PlaneGrid();
  readonly #aloft: number[] = [];
  readonly #near: number[] = [];
  #state: LimitsState = {
    violations: [],
    told: {},
    minSeparationM: Infinity,
    minClearanceM: Infinity,
    minReserveRatio: Infinity,
    given: [],
    mayArm: [],
    armings: [],
    leaving: [],
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
    const toldS = this.#state.told[key];
    if (toldS !== undefined && violation.atS - toldS < REPEAT_S) return;
    this.#state.told[key] = violation.atS;
    if (this.#state.violations.length < VIOLATIONS_MAX) this.#state.violations.push(violation);
  }

  /** Positions of now; called ten times a second. */
  check(nowS: number): void {
    const { slab, vehicles } = this.#options;
    if (this.#state.armings.length > 0) this.#judgeArmings(nowS);
    const aloft = this.#aloft;
    aloft.length = 0;
    for (const i of vehicles) {
      if (slab.inAir[i] === 1 && slab.lost[i] === 0) aloft.push(i);
    }
    this.#grid.fill(aloft, { northM: slab.northM, eastM: slab.eastM, cellM: this.#pairM() });
    for (const i of aloft) {
      this.#checkPlace(i, nowS);
      const near = this.#grid.near(slab.northM[i]!, slab.eastM[i]!, this.#pairM(), this.#near);
      for (const j of near) if (j > i) this.#checkPair(i, j, nowS);
    }
  }

  landed(slot: number, ratio: number, nowS: number): void {
    const state = this.#state;
    state.minReserveRatio = Math.min(state.minReserveRatio, ratio);
    if (ratio >= this.#options.limits.reserveRatio) return;
    const detail = `${(ratio * 100).toFixed(1)}% left at touch-down`;
    this.report({ invariant: "reserve", atS: nowS, slots: [slot], detail });
  }

  /** The battery is empty in the air: nothing is left at touch-down. */
  drained(slot: number, nowS: number): void {
    this.#state.minReserveRatio = 0;
    this.report({ invariant: "reserve", atS: nowS, slots: [slot], detail: "flown empty" });
  }

  /** The operator asked for something: one order with this content may be acted on. */
  given(wish: OrderWish): void {
    const { given } = this.#state;
    given.push({ wish: wordsOf(wish), orderId: "" });
    if (given.length > GIVEN_MAX) given.shift();
  }

  /**
   * A vehicle acts on an order: its bytes must be signed, name this vehicle, and say what the
   * operator asked for; each wish stands behind one order only.
   */
  acted(act: OrderActed, nowS: number): void {
    const { slot, boot, orderId, proven } = act;
    const wrong = this.#wrongWith(act);
    if (wrong !== undefined) {
      const detail = `acted on order ${orderId}, ${wrong}`;
      this.report({ invariant: "unverifiedOrder", atS: nowS, slots: [slot], detail });
      return;
    }
    if (proven?.kind !== "arm") return;
    this.#state.mayArm[slot] = boot;
  }

  /** A vehicle's node starts the motors: in this boot it must have acted on an order to arm. */
  armed(slot: number, boot: number): void {
    this.#state.armings.push({ slot, boot });
  }

  save(to: ByteWriter): void {
    writePlain(to, this.#state);
  }

  load(from: ByteReader): void {
    this.#state = readPlain(from) as LimitsState;
  }

  #isLeaving(i: number, clearanceM: number): boolean {
    const { slab, limits } = this.#options;
    const state = this.#state;
    if (slab.mode[i] === MODE.takeoff) {
      state.leaving[i] = true;
      return true;
    }
    if (state.leaving[i] !== true) return false;
    if (clearanceM < limits.clearanceM && isNearPad(slab, i, CLIMB_OUT_M)) return true;
    state.leaving[i] = false;
    return false;
  }

  #wrongWith({ slot, orderId, proven }: OrderActed): string | undefined {
    if (proven === undefined) return "which nobody signed";
    const { targets } = proven;
    if (targets !== "all" && !targets.includes(slot)) return "which is for others";
    const { given } = this.#state;
    const wish = wordsOf(proven);
    const row =
      given.find((one) => one.orderId === orderId) ??
      given.find((one) => one.orderId === "" && one.wish === wish);
    if (row?.wish !== wish) return "which no operator gave";
    row.orderId = orderId;
    return undefined;
  }

  #judgeArmings(nowS: number): void {
    for (const { slot, boot } of this.#state.armings) {
      if (this.#state.mayArm[slot] === boot) continue;
      const detail = "armed without an order of this boot";
      this.report({ invariant: "unverifiedOrder", atS: nowS, slots: [slot], detail });
    }
    this.#state.armings = [];
  }

  #pairM(): number {
    return Math.max(
      this.#options.limits.minSeparationM,
      Math.min(PAIR_M, this.#state.minSeparationM),
    );
  }

  #checkPair(i: number, j: number, nowS: number): void {
    const { slab, limits } = this.#options;
    const dn = slab.northM[i]! - slab.northM[j]!;
    const de = slab.eastM[i]! - slab.eastM[j]!;
    const square = dn * dn + de * de;
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

  /** Low is meant in a climb-out, a landing, and on the way down the column over the own pad. */
  #checkClearance(i: number, clearanceM: number, nowS: number): void {
    const { slab, limits } = this.#options;
    const mode = slab.mode[i]!;
    if (this.#isLeaving(i, clearanceM)) return;
    if (mode === MODE.land) return;
    if (mode === MODE.rtl && isNearPad(slab, i, APPROACH_M)) return;
    if (mode === MODE.guided && isNearPad(slab, i, COLUMN_M)) return;
    this.#state.minClearanceM = Math.min(this.#state.minClearanceM, clearanceM);
    if (clearanceM >= limits.clearanceM) return;
    const detail = `${clearanceM.toFixed(1)} m over ground and trees`;
    this.report({ invariant: "clearance", atS: nowS, slots: [i], detail });
  }
}

function isNearPad(slab: FlightSlab, i: number, reachM: number): boolean {
  const dn = slab.northM[i]! - slab.homeNorthM[i]!;
  const de = slab.eastM[i]! - slab.homeEastM[i]!;
  return dn * dn + de * de < reachM * reachM;
}

/** Kind and targets: what every encoding of a wish keeps exactly. */
function wordsOf({ kind, targets }: OrderWish): string {
  return targets === "all" ? `${kind} all` : `${kind} ${targets.join(",")}`;
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
