/**
 * Runs one behaviour, and parks it when it misbehaves.
 *
 * A step that throws, spends more calls than its budget, wishes something that cannot be, or does
 * not end when it returns (an async function) has no effect at all: the behaviour is parked with
 * the reason, and its vehicle holds. What a behaviour wishes is collected and handed over as a
 * whole after the step. Whatever runs a behaviour's code (its getters included: of its memory, of
 * the error it throws) runs within the budget and within a `try`.
 */
import { problem } from "../../base/mod.ts";
import type { ByteReader, ByteWriter, Problem } from "../../base/mod.ts";
import { CALLS_MAX, MEMORY_MAX_BYTES } from "./define.ts";
import type { Behaviour } from "./define.ts";
import type { ParamValues, Params } from "./params.ts";
import { countedView, directView, type ViewParts } from "./view-copy.ts";
import { collector, noWishes, type Wishes } from "./wishes.ts";

export type { ViewParts } from "./view-copy.ts";
export type { KeyValue, Wishes } from "./wishes.ts";

class Overrun extends Error {}
class Later extends Error {}

export class BehaviourRunner {
  readonly behaviour: Behaviour;
  readonly #viewOf: typeof countedView;
  readonly #params: ParamValues<Params>;
  #memory: unknown;
  #parked: Problem | undefined;
  #started = false;

  /** `builtIn` for those that come with Skein: they are shown what the vehicle works with. */
  constructor(
    behaviour: Behaviour,
    options: { readonly params?: ParamValues<Params>; readonly builtIn?: boolean } = {},
  ) {
    this.behaviour = behaviour;
    this.#params = options.params ?? defaults(behaviour.params);
    this.#viewOf = options.builtIn === true ? directView : countedView;
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
    const flaw = { found: undefined as string | undefined };
    const done = this.#budgeted((spend) => {
      if (!this.#started) {
        this.#memory = this.behaviour.memory();
        this.#started = true;
      }
      const { sensor, vehicles } = parts.mission;
      const defaults = { aglM: sensor.aglM, speedMps: vehicles.cruiseMps };
      const view = this.#viewOf(parts, this.#params, spend);
      const out = collector(wishes, { spend, flaw, defaults });
      // Plain JavaScript may return something all the same.
      const stepping = this.behaviour as { step(...given: readonly unknown[]): unknown };
      const returned = stepping.step(view, this.#memory, out);
      if (isLater(returned)) throw new Later();
    });
    if (!done) return undefined;
    if (flaw.found !== undefined) {
      this.#parked = problem("SWM005", { detail: flaw.found, where: this.behaviour.name });
      return undefined;
    }
    return wishes;
  }

  /** Runs what is the behaviour's own; false when that parked it. */
  #budgeted(act: (spend: () => void) => void): boolean {
    let left = CALLS_MAX;
    const spend = (): void => {
      left -= 1;
      if (left < 0) throw new Overrun();
    };
    const meter = meterHook();
    const before = meter.spend;
    meter.spend = spend;
    try {
      act(spend);
      // One who catches the overrun has overrun all the same.
      if (left < 0) throw new Overrun();
      return true;
    } catch (error) {
      this.#park(error);
      return false;
    } finally {
      meter.spend = before;
    }
  }

  save(to: ByteWriter): void {
    to.bool(this.#started);
    to.text(this.#parked === undefined ? "" : JSON.stringify(this.#parked));
    to.text(this.#memoryText() ?? "");
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
    if (this.#parked !== undefined || this.#memoryText() !== undefined) return;
    this.#parked ??= problem("SWM006", {
      where: this.behaviour.name,
      remedy: `keep plain data of at most ${String(MEMORY_MAX_BYTES)} bytes in memory`,
    });
  }

  /** Undefined when it cannot be kept. It may hold getters and `toJSON` of the behaviour. */
  #memoryText(): string | undefined {
    let text: string | undefined;
    this.#budgeted(() => {
      text = memoryText(this.#memory);
    });
    return text;
  }

  #park(error: unknown): void {
    const where = this.behaviour.name;
    if (error instanceof Later) {
      this.#parked = problem("SWM009", { where, remedy: "make step a plain function, not async" });
      return;
    }
    if (error instanceof Overrun || error instanceof RangeError) {
      this.#parked = problem("SWM004", {
        where,
        remedy: `do less a step: at most ${String(CALLS_MAX)} calls or loop rounds`,
      });
      return;
    }
    // Set before the error is read, which may run code of the behaviour that fails in its turn.
    this.#parked = problem("SWM003", { where, detail: "the error cannot be read" });
    this.#parked = problem("SWM003", { where, detail: describe(error) });
  }
}

function defaults(params: Params): ParamValues<Params> {
  const values: Record<string, number> = {};
  for (const name of Object.keys(params)) values[name] = params[name]!.value;
  return Object.freeze(values);
}

/** Whether a step goes on after it has returned; then its failure, too, is taken here. */
function isLater(returned: unknown): boolean {
  if (typeof returned !== "object" || returned === null || !("then" in returned)) return false;
  if (typeof returned.then !== "function") return false;
  (returned.then as (done: () => void, failed: () => void) => void).call(
    returned,
    () => undefined,
    () => undefined,
  );
  return true;
}

/** The words of an error, whose properties may be anything, and getters. */
function describe(error: unknown): string {
  try {
    if (!(error instanceof Error)) return "not an error";
    const { name, message } = error as { readonly name: unknown; readonly message: unknown };
    if (typeof name !== "string" || typeof message !== "string") return "not an error";
    return `${name}: ${message}`.slice(0, 200);
  } catch {
    return "the error cannot be read";
  }
}

function memoryText(memory: unknown): string | undefined {
  if (memory === undefined) return "";
  try {
    const text = JSON.stringify(memory) as string | undefined;
    return text !== undefined && text.length <= MEMORY_MAX_BYTES ? text : undefined;
  } catch (error) {
    if (error instanceof Overrun) throw error;
    return undefined;
  }
}

/**
 * Where metered loops find their budget. It is the one thing that a behaviour's
 * module and the runner share; outside a step it spends nothing.
 */
interface MeterHook {
  spend: () => void;
}

const HOOK: MeterHook = { spend: () => undefined };
export const METER_NAME = "__skeinSpend";

function meterHook(): MeterHook {
  prepareMeter();
  return HOOK;
}

/** Before a metered module is loaded: its top level may loop as well. */
export function prepareMeter(): void {
  if (METER_NAME in globalThis) return;
  // Fixed, so that a behaviour cannot put its own in place.
  Object.defineProperty(globalThis, METER_NAME, { value: () => HOOK.spend() });
}
