/**
 * What a behaviour is: a name, parameters, a memory, and a pure step ten times a second.
 *
 * `view` shows what the vehicle knows; `out` takes what it wants. A behaviour has no clock, no
 * randomness and no way to the radio or the autopilot but these, so it runs the same on one or on
 * ten thousand simulated vehicles and in the air. Search, return, hold, take-off, landing and
 * standing over a found person are behaviours on this interface.
 *
 * Bounds: `CALLS_MAX` calls of functions in view and out a step (also counted per loop where the
 * loader has metered them), `WISHES_MAX` of each kind of wish, `MEMORY_MAX_BYTES`
 * of memory, which must be plain data (numbers, texts, booleans, lists, objects).
 */
import { problem } from "../../base/mod.ts";
import type { NodeIndex, Result, SegmentId } from "../../base/mod.ts";
import { fail, ok } from "../../base/mod.ts";
import type { LocalPosition, LocalVelocity } from "../../hal/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import type { Mission } from "../mission/mod.ts";
import type { PlanPoint, Trust } from "../types.ts";
import type { Params, ParamValues } from "./params.ts";

export const CALLS_MAX = 5_000;
export const WISHES_MAX = 16;
export const MEMORY_MAX_BYTES = 16_384;

export interface SelfView {
  readonly index: NodeIndex;
  /** Slot among the mission's vehicles, from 0. */
  readonly slot: number;
  readonly position: LocalPosition;
  readonly velocity: LocalVelocity;
  readonly yawRad: number;
  /** Over the ground: measured, else by the map. */
  readonly altitudeAglM: number;
  readonly positionErrorM: number;
  readonly batteryRatio: number;
  readonly inAir: boolean;
}

export interface NeighbourView {
  readonly index: NodeIndex;
  readonly position: LocalPosition;
  readonly velocity: LocalVelocity;
  /** One sigma of a round covariance, grown with age. */
  readonly covarianceM: number;
  readonly ageMs: number;
  readonly trust: Trust;
  readonly plan: readonly PlanPoint[];
}

/** The lane that the vehicle is to sweep now, and the way to it. */
export interface LaneTask {
  readonly segment: SegmentId;
  readonly pass: number;
  readonly lane: number;
  readonly from: GroundPoint;
  readonly to: GroundPoint;
  readonly spacingM: number;
  /** Corners between here and `from`; empty for a straight way. */
  readonly route: readonly GroundPoint[];
}

export interface TaskBoard {
  /** The lane to sweep; undefined while the planner has given none. */
  readonly lane: LaneTask | undefined;
  /** Segments that this vehicle holds. */
  readonly mine: readonly SegmentId[];
  /** Who holds a segment. */
  ownerOf(segment: SegmentId): NodeIndex | undefined;
}

export interface SharedValue {
  readonly index: NodeIndex;
  readonly value: readonly number[];
  readonly ageMs: number;
}

export interface BehaviourView<P extends Params = Params> {
  readonly params: ParamValues<P>;
  readonly nowMs: number;
  readonly self: SelfView;
  readonly neighbours: readonly NeighbourView[];
  readonly mission: Mission;
  /** Where this vehicle took off. */
  readonly home: GroundPoint;
  /** Corners of a way home around zones, `home` last. */
  readonly wayHome: () => readonly GroundPoint[];
  /** The same to any place; worth keeping in memory, it is searched for anew at each call. */
  readonly wayTo: (place: GroundPoint) => readonly GroundPoint[];
  /** Height for transits that this vehicle has to itself, so that ways cross above each other. */
  readonly layerAglM: number;
  /** Where it was sent (go to, look again, eyes overhead); undefined otherwise. */
  readonly place: GroundPoint | undefined;
  readonly tasks: TaskBoard;
  readonly map: {
    /** Probability that the subject is in the cell around this point, given all that is known. */
    massAt(northM: number, eastM: number): number;
  };
  readonly terrain: {
    /** The map, corrected by the rangefinder. */
    heightAmslM(northM: number, eastM: number): number;
  };
  /** A value that the log has agreed on. */
  agreed(key: string): readonly number[] | undefined;
  /** What the others last shared under a key, in the order of their indexes. */
  shared(key: string): readonly SharedValue[];
  /** Uniform in [0, 1), from a stream of this vehicle's own. */
  random(): number;
}

/** Exactly one of `aglM` and `amslM` says how high. */
export interface SetpointWish {
  readonly northM: number;
  readonly eastM: number;
  readonly aglM?: number;
  readonly amslM?: number;
  readonly speedMps?: number;
  /** Speed to have on arrival; 0 stops there. */
  readonly arriveMps?: number;
  readonly yawRad?: number;
}

export interface DetectionWish {
  readonly northM: number;
  readonly eastM: number;
  readonly errorM: number;
  readonly confidence: number;
  readonly imageRef: string;
}

export interface BehaviourOut {
  /** Where to be; the envelope decides how. The last one of a step counts. */
  setpoint(wish: SetpointWish): void;
  claim(segment: SegmentId): void;
  release(segment: SegmentId): void;
  /** The lane of `view.tasks.lane` is flown; `seen` says whether low and true enough to count. */
  swept(seen: boolean): void;
  /** Told to every member, best effort, at most once a second a key. */
  share(key: string, value: readonly number[]): void;
  /** Asks the log to agree on a value. */
  propose(key: string, value: readonly number[]): void;
  detection(wish: DetectionWish): void;
  /** Lets the autopilot touch down here. */
  touchDown(): void;
  /** What it was sent for is done. */
  done(): void;
  /** A line for the operator, cut at 120 characters. */
  log(text: string): void;
}

export interface BehaviourDefinition<P extends Params, M> {
  readonly name: string;
  readonly params?: P;
  readonly memory?: () => M;
  readonly step: (view: BehaviourView<P>, memory: M, out: BehaviourOut) => void;
}

/** A behaviour with its types forgotten, as the runner holds it. */
export interface Behaviour {
  readonly name: string;
  readonly params: Params;
  readonly memory: () => unknown;
  readonly step: (view: BehaviourView, memory: unknown, out: BehaviourOut) => void;
}

/**
 * ```ts
 * export default defineBehaviour({
 *   name: "orbit",
 *   params: { radiusM: metres(40), speedMps: metresPerSecond(6) },
 *   memory: () => ({ phaseRad: 0 }),
 *   step(view, memory, out) { ... },
 * });
 * ```
 */
export function defineBehaviour<const P extends Params = Params, M = undefined>(
  definition: BehaviourDefinition<P, M>,
): Behaviour {
  return Object.freeze({
    name: definition.name,
    params: definition.params ?? {},
    memory: definition.memory ?? (() => undefined),
    // The runner makes memory with `memory` and values with `params` of this same definition.
    step: definition.step as Behaviour["step"],
  });
}

/** Checks what a file exported; a JavaScript behaviour has no compiler behind it. */
export function checkBehaviour(value: unknown): Result<Behaviour> {
  const wrong = (detail: string): Result<Behaviour> =>
    fail(
      problem("SWM001", {
        detail,
        remedy: "export default defineBehaviour({ name, step(view, memory, out) { ... } })",
      }),
    );
  if (typeof value !== "object" || value === null) return wrong("the default export is no object");
  const { name, params, memory, step } = value as Partial<Record<keyof Behaviour, unknown>>;
  if (typeof name !== "string" || !/^[a-z][a-zA-Z0-9-]{0,39}$/.test(name)) {
    return wrong("`name` is not a word of at most 40 letters that begins small");
  }
  if (typeof step !== "function") return wrong("`step` is not a function");
  if (typeof memory !== "function") return wrong("`memory` is not a function");
  if (typeof params !== "object" || params === null) return wrong("`params` is not an object");
  for (const [key, spec] of Object.entries(params)) {
    if (!isParam(spec)) return wrong(`\`params.${key}\` was not made with metres(), seconds() ...`);
  }
  return ok(asRead(value as Behaviour, { name, params: params as Params, memory, step }));
}

/** What was checked is what is flown: getters are not asked twice, and nothing changes later. */
function asRead(
  behaviour: Behaviour,
  read: { name: string; params: Params; memory: unknown; step: unknown },
): Behaviour {
  const params: Record<string, Params[string]> = {};
  for (const key of Object.keys(read.params)) params[key] = Object.freeze({ ...read.params[key]! });
  const memory = read.memory as Behaviour["memory"];
  const step = read.step as Behaviour["step"];
  return Object.freeze({
    name: read.name,
    params: Object.freeze(params),
    memory: () => memory.call(behaviour),
    step: (...given: Parameters<Behaviour["step"]>) => step.apply(behaviour, given),
  });
}

function isParam(spec: unknown): boolean {
  if (typeof spec !== "object" || spec === null) return false;
  const { unit, value, min, max } = spec as Partial<Record<string, unknown>>;
  if (typeof unit !== "string" || typeof value !== "number") return false;
  if (typeof min !== "number" || typeof max !== "number") return false;
  return Number.isFinite(value) && value >= min && value <= max;
}
