/**
 * Where nodes live: each has a processor of its own, an oscillator, an inbox and a store.
 *
 * Virtual processor: a step costs `CpuScenario`'s time plus what its crypto operations charged,
 * times the slowness that a fault gives; until that time has passed what comes in waits in the
 * inbox, and what the step sends leaves at its end. A newer vehicle sample replaces one that waits.
 * Bound: `INBOX_MAX` stimuli; the oldest of those that the world repeats (datagrams, samples) is
 * dropped and counted, never what is awaited: answers of the store, an operator's wish, sightings.
 *
 * A node that breaks an invariant is discarded and restarted, as its supervisor would do, and the
 * world counts a violation; the vehicle is meanwhile in its autopilot's hands.
 */
import {
  invariant,
  monotonicMs,
  SeededStream,
  type ByteReader,
  ByteWriter,
  ByteReader as Reader,
} from "../../src/base/mod.ts";
import type { Effect, Stimulus } from "../../src/node/mod.ts";
import { readPlain, TripwireError, writePlain } from "../core/mod.ts";
import type { CpuScenario, Scenario } from "./scenario.ts";
import { SimStore } from "./store.ts";
import type { NodeFactory, NodeState, Seat, SimNode } from "./types.ts";

const INBOX_MAX = 512;
/** A supervisor starts a crashed process again after this. */
export const RESTART_S = 5;
/**
 * Two wakes of one node are at least this far apart, so that a node cannot stop the world's time.
 */
const WAKE_GAP_US = 100;

export interface Host<N extends SimNode> {
  readonly slot: number;
  readonly role: "ground" | "vehicle";
  readonly store: SimStore;
  readonly stream: SeededStream;
  /** Local microseconds a world microsecond: the oscillator's own, and with what acts on it. */
  readonly ownRate: number;
  rate: number;
  node: N | undefined;
  state: NodeState;
  boot: number;
  bootUs: number;
  offsetUs: number;
  freeUs: number;
  /** Charged by crypto operations during the step that runs. */
  chargedUs: number;
  busyUs: number;
  inbox: Stimulus[];
  dropped: number;
  wakeUs: number;
  drainUs: number;
  steps: number;
}

export interface HostHooks<N extends SimNode> {
  readonly scheduleWake: (atUs: number, slot: number) => void;
  readonly scheduleDrain: (atUs: number, slot: number) => void;
  readonly cpuFactor: (slot: number) => number;
  readonly trace: (slot: number, kind: number, lengthBytes: number) => void;
  /** Performs one effect; `atUs` is the end of the step. */
  readonly perform: (host: Host<N>, effect: Effect, atUs: number) => void;
  readonly stepped: (host: Host<N>, nowUs: number) => void;
  readonly booted: (host: Host<N>, nowUs: number) => void;
  readonly crashed: (host: Host<N>, nowUs: number, reason: string) => void;
}

/** The part of a host that changes and is plain data. */
const plainOf = (host: Host<SimNode>): object => ({
  state: host.state,
  boot: host.boot,
  bootUs: host.bootUs,
  offsetUs: host.offsetUs,
  rate: host.rate,
  freeUs: host.freeUs,
  busyUs: host.busyUs,
  inbox: host.inbox,
  dropped: host.dropped,
  wakeUs: host.wakeUs,
  drainUs: host.drainUs,
  steps: host.steps,
});

/** Whether another of its kind follows of itself, so that one may be lost. */
function isRepeated({ kind }: Stimulus): boolean {
  return kind === "datagram" || kind === "vehicle" || kind === "channel" || kind === "clock";
}

export class Hosts<N extends SimNode> {
  readonly list: readonly Host<N>[];
  readonly #factory: NodeFactory<N>;
  readonly #cpu: CpuScenario;
  readonly #seed: number;
  readonly #hooks: HostHooks<N>;
  readonly #effects: Effect[] = [];
  #stepping = false;

  constructor(scenario: Scenario, factory: NodeFactory<N>, hooks: HostHooks<N>) {
    this.#factory = factory;
    this.#cpu = scenario.cpu;
    this.#seed = scenario.seed;
    this.#hooks = hooks;
    this.list = scenario.nodes.map((node, slot) => {
      const stream = new SeededStream(scenario.seed, "host", slot);
      const ownRate = 1 + stream.between(-scenario.driftPpm, scenario.driftPpm) * 1e-6;
      return {
        slot,
        role: node.role,
        store: new SimStore(),
        stream,
        ownRate,
        rate: ownRate,
        node: undefined,
        state: "absent",
        boot: -1,
        bootUs: 0,
        offsetUs: 0,
        freeUs: 0,
        chargedUs: 0,
        busyUs: 0,
        inbox: [],
        dropped: 0,
        wakeUs: Infinity,
        drainUs: Infinity,
        steps: 0,
      };
    });
  }

  isAwake(slot: number): boolean {
    return this.list[slot]?.node !== undefined;
  }

  /** Powers a node up with what its store holds. */
  start(host: Host<N>, nowUs: number): void {
    invariant(host.node === undefined, "a node is started once");
    host.boot += 1;
    host.bootUs = nowUs;
    host.offsetUs = 0;
    host.freeUs = nowUs;
    host.inbox = [];
    host.state = "running";
    host.node = this.#factory(this.#seat(host));
    this.#hooks.booted(host, nowUs);
    this.step(host, { kind: "wake" }, nowUs);
  }

  /** Takes a node down; `state` says whether it may come back. */
  stop(host: Host<N>, state: "restarting" | "dead"): void {
    host.node = undefined;
    host.state = state;
    host.inbox = [];
    host.wakeUs = Infinity;
    host.drainUs = Infinity;
    host.store.crash(host.stream);
  }

  /** Gives a stimulus now, or when the processor is free. */
  step(host: Host<N>, stimulus: Stimulus, nowUs: number): void {
    if (host.node === undefined) return;
    if (host.freeUs > nowUs || host.inbox.length > 0) this.#wait(host, stimulus);
    else this.#run(host, stimulus, nowUs);
  }

  onWake(slot: number, nowUs: number): void {
    const host = this.list[slot]!;
    if (host.wakeUs !== nowUs || host.node === undefined) return;
    host.wakeUs = Infinity;
    if (host.freeUs > nowUs) this.#planWakeAt(host, host.freeUs);
    else if (host.node.wakeAt() <= this.localMs(host, nowUs)) {
      this.step(host, { kind: "wake" }, nowUs);
    } else this.#planWake(host, nowUs);
  }

  /** The processor is free: takes what waits until it is busy again. */
  onDrain(slot: number, nowUs: number): void {
    const host = this.list[slot]!;
    if (host.drainUs !== nowUs) return;
    host.drainUs = Infinity;
    while (host.node !== undefined && host.freeUs <= nowUs) {
      const next = host.inbox.shift();
      if (next === undefined) return;
      this.#run(host, next, nowUs);
    }
    this.#planDrain(host);
  }

  localMs(host: Host<N>, nowUs: number): number {
    return ((nowUs - host.bootUs) * host.rate + host.offsetUs) / 1000;
  }

  /** The oscillator runs so many times as fast from now on; local time goes on without a step. */
  retune(slot: number, factor: number, nowUs: number): void {
    const host = this.list[slot]!;
    const localUs = this.localMs(host, nowUs) * 1000;
    host.rate = host.ownRate * factor;
    host.offsetUs = localUs - (nowUs - host.bootUs) * host.rate;
    this.#planWake(host, nowUs);
  }

  save(to: ByteWriter): void {
    for (const host of this.list) {
      const { node } = host;
      writePlain(to, plainOf(host));
      host.store.save(to);
      host.stream.save(to);
      to.bool(node !== undefined);
      if (node === undefined) continue;
      const writer = new ByteWriter();
      node.save(writer);
      to.blob(writer.take());
    }
  }

  load(from: ByteReader): void {
    for (const host of this.list) {
      Object.assign(host, readPlain(from));
      host.store.load(from);
      host.stream.load(from);
      host.node = undefined;
      if (!from.bool()) continue;
      const blob = from.blob();
      const node = this.#factory(this.#seat(host));
      node.load(new Reader(blob));
      host.node = node;
    }
  }

  #seat(host: Host<N>): Seat {
    const { slot, role, boot } = host;
    const cpu = this.#cpu;
    return {
      slot,
      role,
      boot,
      seed: new SeededStream(this.#seed, "node", slot, boot).u32(),
      recovered: host.store.recovered(),
      charge: (operation, bytes) => {
        const cost = cpu.operations[operation] ?? cpu.operations.other;
        invariant(cost !== undefined, `the cost table knows the operation ${operation}`);
        host.chargedUs += cost[0] + (cost[1] * bytes) / 1000;
      },
      trace: (kind, lengthBytes) => this.#hooks.trace(slot, kind, lengthBytes),
    };
  }

  #wait(host: Host<N>, stimulus: Stimulus): void {
    if (stimulus.kind === "vehicle") {
      const waiting = host.inbox.findIndex((each) => each.kind === "vehicle");
      if (waiting >= 0) {
        host.inbox[waiting] = stimulus;
        return;
      }
    }
    if (host.inbox.length >= INBOX_MAX) {
      const oldest = host.inbox.findIndex(isRepeated);
      invariant(oldest >= 0, "what a node awaits does not fill its inbox");
      host.inbox.splice(oldest, 1);
      host.dropped += 1;
    }
    host.inbox.push(stimulus);
    this.#planDrain(host);
  }

  #run(host: Host<N>, stimulus: Stimulus, nowUs: number): void {
    const { node } = host;
    if (node === undefined) return;
    invariant(!this.#stepping, "no step runs inside another");
    const effects = this.#effects;
    this.#stepping = true;
    host.chargedUs = 0;
    try {
      node.step(monotonicMs(this.localMs(host, nowUs)), stimulus, (effect) => effects.push(effect));
    } catch (error) {
      effects.length = 0;
      if (!(error instanceof Error) || error instanceof TripwireError) throw error;
      this.#hooks.crashed(host, nowUs, `${error.name}: ${error.message}`);
      return;
    } finally {
      this.#stepping = false;
    }
    host.steps += 1;
    const costUs = Math.ceil(this.#costUs(host, stimulus));
    host.freeUs = nowUs + costUs;
    host.busyUs += costUs;
    for (const effect of effects) this.#hooks.perform(host, effect, host.freeUs);
    effects.length = 0;
    this.#hooks.stepped(host, nowUs);
    this.#planWake(host, nowUs);
  }

  #costUs(host: Host<N>, stimulus: Stimulus): number {
    const cpu = this.#cpu;
    const extra =
      stimulus.kind === "datagram"
        ? cpu.datagramUs
        : stimulus.kind === "vehicle"
          ? cpu.vehicleUs
          : 0;
    return (cpu.stepUs + extra + host.chargedUs) * this.#hooks.cpuFactor(host.slot);
  }

  #planWake(host: Host<N>, nowUs: number): void {
    const atMs = host.node?.wakeAt() ?? Infinity;
    if (atMs === Infinity) return;
    let atUs = host.bootUs + Math.ceil((atMs * 1000 - host.offsetUs) / host.rate);
    if (this.localMs(host, atUs) < atMs) atUs += 1;
    this.#planWakeAt(host, Math.max(atUs, nowUs + WAKE_GAP_US));
  }

  #planWakeAt(host: Host<N>, atUs: number): void {
    if (atUs >= host.wakeUs) return;
    host.wakeUs = atUs;
    this.#hooks.scheduleWake(atUs, host.slot);
  }

  #planDrain(host: Host<N>): void {
    if (host.inbox.length === 0 || host.drainUs !== Infinity) return;
    host.drainUs = host.freeUs;
    this.#hooks.scheduleDrain(host.drainUs, host.slot);
  }
}
