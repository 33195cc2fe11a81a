/**
 * The loop of a process that runs one machine of stimuli and effects: it gives the time, performs
 * effects in the order in which they were emitted, and brings answers back. What a machine cannot
 * have (sockets, disk, clock) is here and nowhere else.
 *
 * A step is never entered twice: what comes meanwhile waits. What the world repeats (datagrams,
 * samples, channel, time) waits in a queue of `QUEUE_MAX` from which the oldest is dropped, as a
 * radio would. What is awaited (answers of the store, an operator's wish, sightings) is never
 * dropped and taken first; more than `KEPT_MAX` of it is a broken invariant. That ends the host:
 * everything is closed, the autopilot's own failsafe has the vehicle.
 */
import { monotonicMs, RingQueue, type Machine, type MonotonicMs } from "../../src/base/mod.ts";
import type {
  OutgoingDatagram,
  StoreAnswer,
  StoreRequest,
  VehicleCommand,
} from "../../src/hal/mod.ts";
import type { Effect, NodeEvent, Stimulus } from "../../src/node/mod.ts";

export interface HostOptions {
  readonly machine: Machine<Stimulus, Effect>;
  readonly transmit: (datagram: OutgoingDatagram) => void;
  readonly command: (command: VehicleCommand) => void;
  readonly ask: (ticket: number, request: StoreRequest) => Promise<StoreAnswer>;
  readonly report: (event: NodeEvent) => void;
  /** The machine has broken an invariant and is gone. */
  readonly fatal: (error: unknown) => void;
  readonly clock?: () => MonotonicMs;
}

const QUEUE_MAX = 4096;
/** Asks in flight are far fewer: consensus has one batch, the node its own few tickets. */
const KEPT_MAX = 4096;
const WAKE_MAX_MS = 1000;

/** Milliseconds since this process began. */
export const processClock = (): MonotonicMs => monotonicMs(performance.now());

/** Whether another of its kind follows of itself, so that one may be lost. */
function isRepeated({ kind }: Stimulus): boolean {
  return kind === "datagram" || kind === "vehicle" || kind === "channel" || kind === "clock";
}

export class Host {
  readonly #options: HostOptions;
  readonly #clock: () => MonotonicMs;
  readonly #queue = new RingQueue<Stimulus>(QUEUE_MAX);
  readonly #kept = new RingQueue<Stimulus>(KEPT_MAX);
  #timer: NodeJS.Timeout | undefined;
  #stepping = false;
  #closed = false;
  #droppedCount = 0;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? processClock;
    this.push({ kind: "wake" });
  }

  /** Stimuli that found the queue full. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  push(stimulus: Stimulus): void {
    if (this.#closed) return;
    if (!this.#enqueue(stimulus)) {
      this.close();
      this.#options.fatal(new Error("more is awaited by the machine than it may have asked for"));
      return;
    }
    if (!this.#stepping) this.#drain();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#queue.clear();
    this.#kept.clear();
  }

  #enqueue(stimulus: Stimulus): boolean {
    if (!isRepeated(stimulus)) return this.#kept.pushRefuse(stimulus);
    if (this.#queue.pushDropOldest(stimulus) !== undefined) this.#droppedCount += 1;
    return true;
  }

  #next(): Stimulus | undefined {
    return this.#kept.shift() ?? this.#queue.shift();
  }

  #drain(): void {
    this.#stepping = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        const effects: Effect[] = [];
        this.#options.machine.step(this.#clock(), next, (effect) => effects.push(effect));
        for (const effect of effects) this.#perform(effect);
      }
    } catch (error) {
      this.close();
      this.#options.fatal(error);
      return;
    } finally {
      this.#stepping = false;
    }
    this.#sleep();
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "transmit":
        this.#options.transmit(effect.datagram);
        return;
      case "tune":
        // An IP radio has one channel, and both kinds of traffic share it.
        return;
      case "command":
        this.#options.command(effect.command);
        return;
      case "ask":
        void this.#options.ask(effect.ticket, effect.request).then((answer) => {
          this.push({ kind: "answer", answer });
        });
        return;
      case "report":
        this.#options.report(effect.event);
        return;
      default:
        return effect satisfies never;
    }
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const waitMs = Math.ceil(this.#options.machine.wakeAt() - this.#clock());
    this.#timer = setTimeout(
      () => {
        this.push({ kind: "wake" });
      },
      Math.min(WAKE_MAX_MS, Math.max(1, waitMs)),
    );
  }
}
