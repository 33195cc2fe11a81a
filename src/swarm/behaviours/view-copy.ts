/**
 * The view as a behaviour gets it: copies, frozen, with functions that count. Skein's own get the
 * same without the copies.
 *
 * What the vehicle itself works with (the sample, ways, neighbours) must not be within reach of a
 * behaviour: one assignment would change where the vehicle believes it is, under the envelope. The
 * mission is one object for all vehicles and is frozen once, where it stands.
 */
import type { SegmentId } from "../../base/mod.ts";
import type { BehaviourView } from "./define.ts";
import type { ParamValues, Params } from "./params.ts";

/** What the view is made of before calls are counted and parameters added. */
export type ViewParts = Omit<BehaviourView, "params">;

/** Plain data is nested no deeper than this in a view. */
const DEPTH_MAX = 8;

export function countedView(
  parts: ViewParts,
  params: ParamValues<Params>,
  spend: () => void,
): BehaviourView {
  return guardedView(parts, params, { spend, guard: frozenCopy });
}

/** For the behaviours that Skein itself brings: they change nothing that they are shown. */
export function directView(
  parts: ViewParts,
  params: ParamValues<Params>,
  spend: () => void,
): BehaviourView {
  return guardedView(parts, params, { spend, guard: (value) => value });
}

function guardedView(
  parts: ViewParts,
  params: ParamValues<Params>,
  by: { readonly spend: () => void; readonly guard: <T>(value: T) => T },
): BehaviourView {
  const { spend, guard } = by;
  const count =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      spend();
      return guard(call(...args));
    };
  freezeOnce(parts.mission);
  return Object.freeze({
    params,
    nowMs: parts.nowMs,
    self: guard(parts.self),
    neighbours: guard(parts.neighbours),
    mission: parts.mission,
    home: guard(parts.home),
    layerAglM: parts.layerAglM,
    place: guard(parts.place),
    wayHome: count(parts.wayHome),
    wayTo: count(parts.wayTo),
    tasks: Object.freeze({
      lane: guard(parts.tasks.lane),
      mine: guard(parts.tasks.mine),
      ownerOf: count((segment: SegmentId) => parts.tasks.ownerOf(segment)),
    }),
    map: Object.freeze({ massAt: count((n: number, e: number) => parts.map.massAt(n, e)) }),
    terrain: Object.freeze({
      heightAmslM: count((n: number, e: number) => parts.terrain.heightAmslM(n, e)),
    }),
    agreed: count((key: string) => parts.agreed(key)),
    shared: count((key: string) => parts.shared(key)),
    random: count(() => parts.random()),
  });
}

/** A copy of plain data, frozen all through. */
const frozenCopy = <T>(value: T): T => copyOf(value, 0);

function copyOf<T>(value: T, depth: number): T {
  if (typeof value !== "object" || value === null || depth >= DEPTH_MAX) return value;
  if (Array.isArray(value)) {
    return Object.freeze(value.map((item: unknown) => copyOf(item, depth + 1))) as T;
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    copy[key] = copyOf((value as Record<string, unknown>)[key], depth + 1);
  }
  return Object.freeze(copy) as T;
}

const FROZEN = new WeakSet<object>();

function freezeOnce(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null || FROZEN.has(value)) return;
  // The elements of a typed array cannot be frozen.
  if (ArrayBuffer.isView(value) || depth > DEPTH_MAX) return;
  FROZEN.add(value);
  Object.freeze(value);
  for (const item of Object.values(value)) freezeOnce(item, depth + 1);
}
