/**
 * What led to what in a simulated run: each step of a node that did something is remembered with
 * the step that it followed from. A datagram followed from the step that sent it, an answer of the
 * store from the step that asked, a timer from the step that set it (where that was no timer
 * itself). An operator's wish and a sighting are roots. A step by a node's own position, clock or
 * beat follows from nothing outside; it is put after the last step of that node that told
 * something or heard its operator or camera, and marked as such: after is less than because.
 *
 * Nodes are watched from outside, nothing enters the world or its trace. Bounds: `STEPS_KEPT` steps
 * are remembered, so that a chain reaches back some seconds in a large swarm and minutes in a small
 * one; `CHAIN_MAX` steps are written for one event.
 */
import type { RecordedCause } from "../../adapters/recording/mod.ts";
import type { Effect, Node, NodeEvent, Stimulus } from "../../src/node/mod.ts";
import { eventText } from "../events/event-text.ts";

const STEPS_KEPT = 1 << 18;
const CHAIN_MAX = 64;
const NOWHERE = -1;

/** A step's stimulus as a recording names it. */
const WORDS = {
  datagram: "message",
  operator: "operator",
  sensor: "sighting",
  answer: "store",
  vehicle: "position",
  channel: "radio",
  clock: "clock",
  wake: "beat",
} as const satisfies Record<Stimulus["kind"], string>;

interface Step {
  readonly id: number;
  readonly timeMs: number;
  readonly node: number;
  readonly stimulus: string;
  readonly from: number;
  about: string;
  written: boolean;
}

interface Watched {
  /** The step that set the deadline that comes next, when it was no timer. */
  armedBy: number;
  wakeAtMs: number;
  lastTold: number;
  current: number;
  readonly asked: Map<number, number>;
}

export class Causes {
  readonly #timeMs: () => number;
  readonly #steps: (Step | undefined)[] = new Array<Step | undefined>(STEPS_KEPT);
  readonly #senders = new WeakMap<Uint8Array, number>();
  readonly #watched = new Map<number, Watched>();
  #next = 0;

  constructor(timeMs: () => number) {
    this.#timeMs = timeMs;
  }

  /** Watches a node from its boot on. */
  watch(slot: number, node: Node): void {
    const watched: Watched = {
      armedBy: NOWHERE,
      wakeAtMs: Infinity,
      lastTold: this.#watched.get(slot)?.lastTold ?? NOWHERE,
      current: NOWHERE,
      asked: new Map(),
    };
    this.#watched.set(slot, watched);
    const step = node.step.bind(node);
    node.step = (now, stimulus, emit) => {
      const cause = this.#causeOf(watched, stimulus);
      let id = NOWHERE;
      const taken = (): number => {
        if (id === NOWHERE) id = this.#remember({ node: slot, ...cause });
        return id;
      };
      step(now, stimulus, (effect) => {
        this.#note(watched, taken, effect);
        emit(effect);
      });
      const wakeAtMs = node.wakeAt();
      const sooner = wakeAtMs < watched.wakeAtMs && stimulus.kind !== "wake";
      if (sooner) watched.armedBy = taken();
      else if (wakeAtMs !== watched.wakeAtMs) watched.armedBy = NOWHERE;
      watched.wakeAtMs = wakeAtMs;
      // What it does later by its own beat comes after these, too, though they told nothing.
      if (stimulus.kind === "operator" || stimulus.kind === "sensor") watched.lastTold = taken();
      watched.current = id;
    };
  }

  /** The step that told this event now, with its chain given to `write` as far as it is new. */
  told(slot: number, event: NodeEvent, write: (cause: RecordedCause) => void): number | undefined {
    const watched = this.#watched.get(slot);
    const step = this.#at(watched?.current ?? NOWHERE);
    if (watched === undefined || step === undefined) return undefined;
    const chain: Step[] = [];
    let next: Step | undefined = step;
    while (next !== undefined && !next.written && chain.length < CHAIN_MAX) {
      chain.push(next);
      next = this.#at(next.from);
    }
    if (step.about === "") step.about = eventText(event.detail);
    for (const each of chain.toReversed()) {
      each.written = true;
      const { id, timeMs, node, stimulus, about, from } = each;
      write({ id, timeMs, node, stimulus, about, ...(from < 0 ? {} : { from }) });
    }
    watched.lastTold = step.id;
    return step.id;
  }

  #causeOf(watched: Watched, stimulus: Stimulus): { stimulus: string; from: number } {
    const word = WORDS[stimulus.kind];
    switch (stimulus.kind) {
      case "datagram":
        return { stimulus: word, from: this.#senders.get(stimulus.datagram.bytes) ?? NOWHERE };
      case "answer": {
        const { ticket } = stimulus.answer;
        const from = watched.asked.get(ticket) ?? NOWHERE;
        watched.asked.delete(ticket);
        return { stimulus: word, from };
      }
      case "operator":
      case "sensor":
        return { stimulus: word, from: NOWHERE };
      case "wake":
        if (watched.armedBy !== NOWHERE) return { stimulus: "timer", from: watched.armedBy };
        return { stimulus: word, from: watched.lastTold };
      case "vehicle":
      case "channel":
      case "clock":
        return { stimulus: word, from: watched.lastTold };
      default:
        return stimulus satisfies never;
    }
  }

  #note(watched: Watched, taken: () => number, effect: Effect): void {
    if (effect.kind === "transmit") this.#senders.set(effect.datagram.bytes, taken());
    else if (effect.kind === "ask") watched.asked.set(effect.ticket, taken());
    else if (effect.kind === "report") taken();
  }

  #remember(step: { node: number; stimulus: string; from: number }): number {
    const id = this.#next;
    this.#next += 1;
    const timeMs = this.#timeMs();
    this.#steps[id % STEPS_KEPT] = { id, timeMs, ...step, about: "", written: false };
    return id;
  }

  #at(id: number): Step | undefined {
    const step = id < 0 ? undefined : this.#steps[id % STEPS_KEPT];
    return step?.id === id ? step : undefined;
  }
}
