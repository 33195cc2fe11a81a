/**
 * Runs one behaviour, and parks it when it misbehaves.
 *
 * A step that throws, spends more calls than its budget, or wishes something that is not a number
 * has no effect at all: the behaviour is parked with the reason, and its vehicle holds. What a
 * behaviour wishes is collected and handed over as a whole after the step.
 */
import { problem } from "../../base/mod.ts";
import type { ByteReader, ByteWriter, Problem, SegmentId } from "../../base/mod.ts";
import type { Target } from "../envelope/envelope.ts";
import { CALLS_MAX, MEMORY_MAX_BYTES, WISHES_MAX } from "./define.ts";
import type {
  Behaviour,
  BehaviourOut,
  BehaviourView,
  DetectionWish,
  SetpointWish,
} from "./define.ts";
import type { ParamValues, Params } from "./params.ts";

export interface KeyValue {
  readonly key: string;
  readonly value: readonly number[];
}

/** Everything one step asked for. */
export interface Wishes {
  target: Target | undefined;
  readonly claims: SegmentId[];
  readonly releases: SegmentId[];
  readonly shares: KeyValue[];
  readonly proposals: KeyValue[];
  readonly detections: DetectionWish[];
  readonly logs: string[];
  swept: boolean | undefined;
  touchDown: boolean;
  done: boolean;
}

/** What the view is made of before calls are counted and parameters added. */
export type ViewParts = Omit<BehaviourView, "params">;

class Overrun extends Error {}

export class BehaviourRunner {
  readonly behaviour: Behaviour;
  readonly #params: ParamValues<Params>;
  #memory: unknown;
  #parked: Problem | undefined;
  #started = false;

  constructor(behaviour: Behaviour, params?: ParamValues<Params>) {
    this.behaviour = behaviour;
    this.#params = params ?? defaults(behaviour.params);
  }

  /** Why it stands still, or undefined while it runs. */
  get parked(): Problem | undefined {
    return this.#parked;
  }

  /** Begins anew with a fresh memory. */
  restart(): void {
    this.#started = false;
    this.#memory = undefined;
  }

  /** One step; undefined when the behaviour is parked, be it by this step. */
  step(parts: ViewParts): Wishes | undefined {
    if (this.#parked !== undefined) return undefined;
    const wishes = noWishes();
    const budget = { left: CALLS_MAX };
    const spend = (): void => {
      budget.left -= 1;
      if (budget.left < 0) throw new Overrun();
    };
    const flaw = { found: undefined as string | undefined };
    const meter = meterHook();
    const before = meter.spend;
    meter.spend = spend;
    try {
      if (!this.#started) {
        this.#memory = this.behaviour.memory();
        this.#started = true;
      }
      const view = counted(parts, this.#params, spend);
      this.behaviour.step(view, this.#memory, collector(wishes, { spend, flaw, parts }));
    } catch (error) {
      this.#park(error);
      return undefined;
    } finally {
      meter.spend = before;
    }
    if (flaw.found !== undefined) {
      this.#parked = problem("SWM005", { detail: flaw.found, where: this.behaviour.name });
      return undefined;
    }
    return wishes;
  }

  save(to: ByteWriter): void {
    to.bool(this.#started);
    to.text(this.#parked === undefined ? "" : JSON.stringify(this.#parked));
    to.text(memoryText(this.#memory) ?? "");
  }

  load(from: ByteReader): void {
    this.#started = from.bool();
    const parked = from.text();
    this.#parked = parked === "" ? undefined : (JSON.parse(parked) as Problem);
    const memory = from.text();
    this.#memory = memory === "" ? undefined : (JSON.parse(memory) as unknown);
  }

  /** Once a second or so: memory that cannot be kept would break a restart. */
  checkMemory(): void {
    if (this.#parked !== undefined || memoryText(this.#memory) !== undefined) return;
    this.#parked = problem("SWM006", {
      where: this.behaviour.name,
      remedy: `keep plain data of at most ${String(MEMORY_MAX_BYTES)} bytes in memory`,
    });
  }

  #park(error: unknown): void {
    const where = this.behaviour.name;
    if (error instanceof Overrun || error instanceof RangeError) {
      this.#parked = problem("SWM004", {
        where,
        remedy: `do less a step: at most ${String(CALLS_MAX)} calls or loop rounds`,
      });
      return;
    }
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : "not an error";
    this.#parked = problem("SWM003", { where, detail: detail.slice(0, 200) });
  }
}

function defaults(params: Params): ParamValues<Params> {
  const values: Record<string, number> = {};
  for (const name of Object.keys(params)) values[name] = params[name]!.value;
  return Object.freeze(values);
}

function memoryText(memory: unknown): string | undefined {
  if (memory === undefined) return "";
  try {
    const text = JSON.stringify(memory) as string | undefined;
    return text !== undefined && text.length <= MEMORY_MAX_BYTES ? text : undefined;
  } catch {
    return undefined;
  }
}

function noWishes(): Wishes {
  return {
    target: undefined,
    claims: [],
    releases: [],
    shares: [],
    proposals: [],
    detections: [],
    logs: [],
    swept: undefined,
    touchDown: false,
    done: false,
  };
}

/**
 * Where metered loops (`meter.ts`) find their budget. It is the one thing that a behaviour's
 * module and the runner share; outside a step it spends nothing.
 */
interface MeterHook {
  spend: () => void;
}

const HOOK: MeterHook = { spend: () => undefined };
export const METER_NAME = "__skeinSpend";
const world = globalThis as unknown as Record<string, unknown>;

function meterHook(): MeterHook {
  prepareMeter();
  return HOOK;
}

/** Before a metered module is loaded: its top level may loop as well. */
export function prepareMeter(): void {
  world[METER_NAME] ??= () => HOOK.spend();
}

/** The view whose functions count. */
function counted(parts: ViewParts, params: ParamValues<Params>, spend: () => void): BehaviourView {
  const count =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      spend();
      return call(...args);
    };
  return {
    ...parts,
    params,
    wayHome: count(parts.wayHome),
    wayTo: count(parts.wayTo),
    tasks: {
      lane: parts.tasks.lane,
      mine: parts.tasks.mine,
      ownerOf: count((segment) => parts.tasks.ownerOf(segment)),
    },
    map: { massAt: count((n, e) => parts.map.massAt(n, e)) },
    terrain: { heightAmslM: count((n, e) => parts.terrain.heightAmslM(n, e)) },
    agreed: count((key) => parts.agreed(key)),
    shared: count((key) => parts.shared(key)),
    random: count(() => parts.random()),
  };
}

interface Collecting {
  readonly spend: () => void;
  readonly flaw: { found: string | undefined };
  readonly parts: ViewParts;
}

const KEY_MAX = 32;
const VALUE_MAX = 8;

function collector(wishes: Wishes, { spend, flaw, parts }: Collecting): BehaviourOut {
  const add = <T>(list: T[], item: T): void => {
    spend();
    if (list.length < WISHES_MAX) list.push(item);
  };
  const finite = (what: string, values: readonly (number | undefined)[]): boolean => {
    const good = values.every((value) => value === undefined || Number.isFinite(value));
    if (!good) flaw.found ??= what;
    return good;
  };
  const keyed = (list: KeyValue[], what: string, key: string, value: readonly number[]): void => {
    if (!finite(what, value)) return;
    if (typeof key === "string" && key.length > 0 && key.length <= KEY_MAX) {
      add(list, { key, value: value.slice(0, VALUE_MAX) });
    } else flaw.found ??= `${what} under a key that is no text of 1 to 32 letters`;
  };
  return {
    setpoint: (wish) => {
      spend();
      const target = targetOf(wish, parts);
      if (target === undefined) flaw.found ??= "a setpoint";
      else wishes.target = target;
    },
    claim: (segment) => add(wishes.claims, segment),
    release: (segment) => add(wishes.releases, segment),
    swept: (seen) => {
      spend();
      wishes.swept = seen;
    },
    share: (key, value) => {
      keyed(wishes.shares, "a shared value", key, value);
    },
    propose: (key, value) => {
      keyed(wishes.proposals, "a proposed value", key, value);
    },
    detection: (wish) => {
      const { northM, eastM, errorM, confidence } = wish;
      if (finite("a detection", [northM, eastM, errorM, confidence])) add(wishes.detections, wish);
    },
    touchDown: () => {
      spend();
      wishes.touchDown = true;
    },
    done: () => {
      spend();
      wishes.done = true;
    },
    log: (text) => add(wishes.logs, text.slice(0, 120)),
  };
}

/** The wish as a target, or undefined when it is not made of numbers. */
function targetOf(wish: SetpointWish, parts: ViewParts): Target | undefined {
  const { northM, eastM, aglM, amslM, speedMps, arriveMps, yawRad } = wish;
  const numbers = [northM, eastM, aglM, amslM, speedMps, arriveMps, yawRad];
  if (!numbers.every((value) => value === undefined || Number.isFinite(value))) return undefined;
  const height =
    amslM === undefined
      ? ({ kind: "agl", aglM: aglM ?? parts.mission.sensor.aglM } as const)
      : ({ kind: "amsl", amslM } as const);
  return {
    northM,
    eastM,
    height,
    speedMps: Math.max(0, speedMps ?? parts.mission.vehicles.cruiseMps),
    arriveMps: Math.max(0, arriveMps ?? 0),
    yawRad,
  };
}
