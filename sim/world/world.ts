/**
 * The simulated world: one thread, one event queue, one truth.
 *
 * An event is (kind, argument) in one integer, ordered by (time, sequence). Vehicles move in a
 * common tick of `TICK_US`; each node gets its samples at its own phase, so that radios do not
 * speak in step; every transmission is one event that delivers to all receivers inside it
 * (`channel/medium.ts`). All state is here and in the parts named below; `save` writes all of it,
 * so that a clone runs on as the original does. Listeners and checkers from outside are no state.
 */
import {
  ByteReader,
  ByteWriter,
  invariant,
  pow,
  SeededStream,
  TimeHeap,
} from "../../src/base/mod.ts";
import type { SensorReport, VehicleCommand } from "../../src/hal/mod.ts";
import type { Effect, NodeEvent } from "../../src/node/mod.ts";
import { LimitChecks } from "../checkers/mod.ts";
import {
  accessNumber,
  gainMinOf,
  LinkTable,
  Radios,
  reachM,
  type Reception,
} from "../channel/mod.ts";
import { readPlain, writePlain, type PlaneGrid } from "../core/mod.ts";
import { ActiveFaults, aimed, isAimed } from "../faults/mod.ts";
import type { FaultAction, FaultKind, ScriptedFault, StrikeTarget } from "../faults/types.ts";
import {
  command,
  flightSlab,
  fly,
  GroundCrew,
  loadFlight,
  saveFlight,
  sampleOf,
  type AirframeWorld,
  type CrewHooks,
  type FlightSlab,
} from "../flight/mod.ts";
import { Cameras, Subject } from "../search/mod.ts";
import type { TrueGround } from "../terrain/mod.ts";
import { Disturbances, HOSTILE_MAX } from "./disturbances.ts";
import { EVENT, KIND_SIZE } from "./event.ts";
import { Hosts, RESTART_S, type Host } from "./hosts.ts";
import { Listeners } from "./listeners.ts";
import type { Scenario } from "./scenario.ts";
import {
  aimViewOf,
  groundOf,
  mendVehicle,
  PAD_M,
  padGrid,
  placeNodes,
  streamsOf,
  timelineOf,
} from "./setting.ts";
import { newTally, type Tally } from "./tally.ts";
import { Trace } from "./trace.ts";
import type {
  FaultAim,
  FaultBegun,
  ImageTruth,
  NodeFactory,
  OperatorDraft,
  OrderProof,
  SimNode,
  World,
  WorldChecker,
  WorldEvent,
  WorldReport,
  WorldSample,
  WorldView,
} from "./types.ts";
import { reportOf, vehiclesOf, viewOf, type WorldParts } from "./view.ts";

const TICK_US = 50_000;
const TICK_S = TICK_US / 1e6;
const SAMPLE_US = 100_000;
const SECOND_TICKS = 1_000_000 / TICK_US;
const CAMERA_TICKS = 4;
const CHECK_TICKS = 2;
const SAVE_VERSION = 2;
/** Civil time at which every world begins, Unix milliseconds: 2026-09-21. */
export const WORLD_EPOCH_MS = 1_790_000_000_000;
const STATION_CLOCK_ERROR_MS = 20;
const GNSS_CLOCK_ERROR_MS = 1;
/** A crew releases a restarted vehicle once its computer is on the air again. */
const RESTART_LOOK_S = 10;

interface DeferredCommand {
  readonly slot: number;
  readonly boot: number;
  readonly effect: Extract<Effect, { kind: "command" }>;
}

/**
 * From the end of a step to the frame in the radio's queue: process switch, socket, driver; mean of
 * an exponential (cyclictest on an unpatched kernel shows 50 to 100 us). Without it nodes that
 * answer the same frame would answer in the same microsecond, which no real ones do.
 */
const DRIVER_MEAN_US = 80;
/** Commands of a step that took longer than this reach the autopilot when the step ends. */
const DEFER_US = 2_000;

export class SimWorld<N extends SimNode> implements World<N> {
  readonly #scenario: Scenario;
  readonly #factory: NodeFactory<N>;
  readonly #proof: OrderProof<N> | undefined;
  readonly #aim: FaultAim<N> | undefined;
  readonly #ground: TrueGround;
  readonly #heap: TimeHeap = new TimeHeap({ initialCount: 1024 });
  readonly #slab: FlightSlab;
  readonly #airframe: AirframeWorld;
  readonly #links: LinkTable;
  readonly #radios: Radios;
  readonly #hosts: Hosts<N>;
  readonly #crew: GroundCrew;
  readonly #crewHooks: CrewHooks;
  readonly #pads: PlaneGrid;
  readonly #padsNear: number[] = [];
  readonly #cameras: Cameras;
  readonly #subject: Subject | undefined;
  readonly #faults: ActiveFaults;
  readonly #script: readonly ScriptedFault[];
  readonly #limits: LimitChecks;
  readonly #trace: Trace = new Trace();
  readonly #flightStreams: readonly SeededStream[];
  readonly #disturbances: Disturbances;
  readonly #vehicles: readonly number[];
  readonly #swaps: Uint32Array;
  readonly #groundSlot: number;
  #deferred: (DeferredCommand | undefined)[] = [];
  readonly #tally: Tally = newTally();
  readonly #listeners = new Listeners();
  readonly #checkers: WorldChecker<N>[] = [];
  #nowUs = 0;

  constructor(
    scenario: Scenario,
    factory: NodeFactory<N>,
    given: {
      readonly proof?: OrderProof<N> | undefined;
      readonly aim?: FaultAim<N> | undefined;
      readonly ground?: TrueGround;
    } = {},
  ) {
    const { ground, proof } = given;
    this.#aim = given.aim;
    const count = scenario.nodes.length;
    this.#scenario = scenario;
    this.#factory = factory;
    this.#proof = proof;
    this.#ground = ground ?? groundOf(scenario);
    this.#vehicles = scenario.nodes.flatMap((node, i) => (node.role === "vehicle" ? [i] : []));
    this.#groundSlot = scenario.nodes.findIndex((node) => node.role === "ground");
    this.#slab = flightSlab(count + HOSTILE_MAX);
    this.#airframe = {
      slab: this.#slab,
      airframe: scenario.airframe,
      failsafe: scenario.failsafe,
      wind: scenario.wind,
      map: scenario.ground.ground,
      ground: this.#ground,
    };
    this.#flightStreams = streamsOf(scenario.seed, "flight", count);
    this.#swaps = new Uint32Array(count);
    this.#faults = new ActiveFaults({
      count,
      seed: scenario.seed,
      lossRatio: scenario.faults.rates.lossRatio,
    });
    this.#script = timelineOf(scenario, this.#vehicles);
    this.#links = new LinkTable({
      seed: scenario.seed,
      bandHz: scenario.radio.bandHz,
      antennaGainDb: scenario.radio.antennaGainDb,
      antennas: this.#slab,
      groundAmslM: (northM, eastM) => this.#ground.groundAmslM(northM, eastM),
      reachM: reachM(scenario.radio),
      gainMin: gainMinOf(scenario.radio),
    });
    this.#radios = this.#buildRadios();
    this.#hosts = this.#buildHosts();
    this.#disturbances = this.#buildDisturbances();
    this.#crew = new GroundCrew(scenario.base);
    this.#crewHooks = this.#buildCrewHooks();
    this.#pads = padGrid(scenario.base.pads);
    this.#cameras = new Cameras({
      camera: scenario.camera,
      ground: this.#ground,
      seed: scenario.seed,
      count,
    });
    this.#subject =
      scenario.subject === undefined
        ? undefined
        : new Subject(scenario.subject, this.#ground, scenario.seed);
    this.#limits = new LimitChecks({
      limits: scenario.limits,
      slab: this.#slab,
      ground: this.#ground,
      vehicles: this.#vehicles,
    });
    placeNodes(scenario, this.#slab, this.#ground);
    this.#begin();
  }

  get timeMs(): number {
    return this.#nowUs / 1000;
  }

  runUntil(timeMs: number): void {
    const untilUs = Math.round(timeMs * 1000);
    while (this.#heap.nextTime() <= untilUs) this.step();
    this.#sampleUntil(untilUs);
    this.#nowUs = Math.max(this.#nowUs, untilUs);
  }

  step(): boolean {
    const atUs = this.#heap.nextTime();
    if (atUs === Infinity) return false;
    this.#sampleUntil(atUs - 1);
    const payload = this.#heap.pop();
    this.#nowUs = atUs;
    this.#tally.events += 1;
    const kind = Math.floor(payload / KIND_SIZE);
    this.#handle(kind, payload - kind * KIND_SIZE);
    return true;
  }

  view(): WorldView {
    return viewOf(this.#parts());
  }

  report(): WorldReport {
    return reportOf(this.#parts());
  }

  node(slot: number): N | undefined {
    return this.#hosts.list[slot]?.node;
  }

  traceHash(): string {
    return this.#trace.hash.digest();
  }

  image(imageRef: string): ImageTruth | undefined {
    return this.#cameras.image(imageRef);
  }

  onEvent(listener: (event: WorldEvent) => void): void {
    this.#listeners.onEvent(listener);
  }

  onFault(listener: (begun: FaultBegun) => void): void {
    this.#listeners.onFault(listener);
  }

  onSample(periodMs: number, listener: (sample: WorldSample) => void): void {
    this.#listeners.onSample(periodMs, this.#nowUs, listener);
  }

  addChecker(checker: WorldChecker<N>): void {
    this.#checkers.push(checker);
    for (const host of this.#hosts.list) {
      if (host.node !== undefined) checker.booted?.(host.slot, host.node, host.boot);
    }
  }

  operator(draft: OperatorDraft): void {
    invariant(this.#groundSlot >= 0, "a world with an operator has a ground station");
    const host = this.#hosts.list[this.#groundSlot]!;
    this.#limits.given({ kind: draft.command.kind, targets: draft.targets });
    this.#hosts.step(host, { kind: "operator", draft }, this.#nowUs);
  }

  command(slot: number, order: VehicleCommand): void {
    this.#trace.command(slot, this.#nowUs, order);
    command(this.#airframe, slot, order, this.#nowUs / 1e6);
  }

  release(slot: number, released: boolean): void {
    this.#slab.released[slot] = released ? 1 : 0;
    this.#trace.fault(this.#nowUs, { kind: "release", slot, released });
  }

  applyFault(action: FaultAction): number {
    if (isAimed(action)) {
      const struck = (target: StrikeTarget): readonly number[] => this.#aim?.(target, this) ?? [];
      const parts = aimed(action, aimViewOf(this.#scenario, this.#slab, struck));
      return parts.reduce((_, part) => this.applyFault(part), 0);
    }
    this.#listeners.fault({ timeMs: this.timeMs, action });
    const id = this.#faults.begin(action, this.#nowUs);
    this.#trace.fault(this.#nowUs, action);
    this.#disturbances.enact(action, id, this.#nowUs);
    return id;
  }

  liftFault(id: number): void {
    for (const window of this.#faults.lift(id)) this.#disturbances.undo(window, this.#nowUs);
  }

  liftFaults(kinds: readonly FaultKind[]): void {
    for (const window of this.#faults.liftKinds(kinds)) {
      this.#disturbances.undo(window, this.#nowUs);
    }
  }

  mend(slot: number): void {
    if (this.#slab.lost[slot] !== 1) return;
    mendVehicle(this.#scenario, this.#slab, this.#ground, slot);
    this.#links.forget(slot);
    this.#trace.fault(this.#nowUs, { kind: "mend", slot });
    this.#radios.silence(slot);
    this.#hosts.stop(this.#hosts.list[slot]!, "restarting");
    this.#boot(slot);
  }

  save(to: ByteWriter): void {
    to.u8(SAVE_VERSION).f64(this.#nowUs);
    writePlain(to, { tally: this.#tally, deferred: this.#deferred, swaps: [...this.#swaps] });
    for (const part of this.#saved()) part.save(to);
    saveFlight(this.#slab, to);
  }

  load(from: ByteReader): void {
    invariant(from.u8() === SAVE_VERSION, "a world loads what a world of this version saved");
    this.#nowUs = from.f64();
    const plain = readPlain(from) as {
      tally: Tally;
      deferred: (DeferredCommand | undefined)[];
      swaps: number[];
    };
    Object.assign(this.#tally, plain.tally);
    this.#deferred = plain.deferred;
    this.#swaps.set(plain.swaps);
    for (const part of this.#saved()) part.load(from);
    loadFlight(this.#slab, from);
    invariant(from.finish() === undefined, "a saved world is read to its end");
    this.#listeners.moveTo(this.#nowUs);
  }

  clone(): World<N> {
    const writer = new ByteWriter({ initialBytes: 1 << 20 });
    this.save(writer);
    const copy = new SimWorld(this.#scenario, this.#factory, {
      proof: this.#proof,
      aim: this.#aim,
      ground: this.#ground,
    });
    copy.load(new ByteReader(writer.take()));
    return copy;
  }

  #saved(): readonly { save(to: ByteWriter): void; load(from: ByteReader): void }[] {
    return [
      this.#heap,
      this.#links,
      this.#radios,
      this.#hosts,
      this.#crew,
      this.#cameras,
      this.#faults,
      this.#limits,
      this.#trace.hash,
      this.#disturbances,
      ...this.#flightStreams,
      ...(this.#subject === undefined ? [] : [this.#subject]),
    ];
  }

  #parts(): WorldParts<N> {
    return {
      nowUs: this.#nowUs,
      scenario: this.#scenario,
      airframe: this.#airframe,
      hosts: this.#hosts.list,
      radios: this.#radios,
      crew: this.#crew,
      cameras: this.#cameras,
      subject: this.#subject,
      faults: this.#faults,
      limits: this.#limits,
      swaps: this.#swaps,
      tally: this.#tally,
      traceHash: this.#trace.hash.digest(),
      checkers: this.#checkers.map((checker) => checker.name),
      padOf: (slot) => this.#padOf(slot),
    };
  }

  // ---- construction

  #buildRadios(): Radios {
    const { radio, nodes, seed } = this.#scenario;
    const mw = (dbm: number): number => pow(10, dbm / 10);
    return new Radios({
      emitterCount: nodes.length + HOSTILE_MAX,
      listenerCount: nodes.length,
      seed,
      mcs: radio.mcs,
      powerMw: mw(radio.powerDbm),
      noiseMw: mw(radio.noiseDbm),
      carrierSenseMw: mw(radio.carrierSenseDbm),
      queueFrames: radio.queueFrames,
      links: this.#links,
      scheduleAccess: (atUs, slot) => this.#schedule(EVENT.access, atUs, slot),
      scheduleEnd: (atUs, index) => this.#schedule(EVENT.end, atUs, index),
      awake: (slot) => this.#hosts.isAwake(slot),
      cut: (from, to, nowUs) => this.#faults.cuts(from, to, nowUs),
      deliver: (reception) => this.#deliver(reception),
    });
  }

  #buildHosts(): Hosts<N> {
    return new Hosts(this.#scenario, this.#factory, {
      scheduleWake: (atUs, slot) => this.#schedule(EVENT.wake, atUs, slot),
      scheduleDrain: (atUs, slot) => this.#schedule(EVENT.drain, atUs, slot),
      cpuFactor: (slot) => this.#faults.cpuFactor(slot),
      trace: (slot, kind, lengthBytes) => this.#trace.plaintext(slot, kind, lengthBytes),
      perform: (host, effect, atUs) => this.#perform(host, effect, atUs),
      stepped: (host) => this.#stepped(host),
      booted: (host, nowUs) => {
        this.#trace.boot(host.slot, nowUs, host.boot);
        this.#cameras.booted(host.slot, host.boot);
        for (const checker of this.#checkers) checker.booted?.(host.slot, host.node!, host.boot);
      },
      crashed: (host, nowUs, reason) => {
        const { slot } = host;
        const atS = nowUs / 1e6;
        this.#limits.report({ invariant: "nodeAlive", atS, slots: [slot], detail: reason });
        this.#takeDown(host, RESTART_S);
      },
    });
  }

  #buildDisturbances(): Disturbances {
    return new Disturbances({
      scenario: this.#scenario,
      airframe: this.#airframe,
      links: this.#links,
      radios: () => this.#radios,
      faults: this.#faults,
      stopForGood: (slot) => {
        this.#radios.silence(slot);
        this.#crew.forget(slot);
        this.#hosts.stop(this.#hosts.list[slot]!, "dead");
      },
      restart: (slot, downS) => this.#takeDown(this.#hosts.list[slot]!, downS),
      jumpClock: (slot, offsetUs) => {
        this.#hosts.list[slot]!.offsetUs += offsetUs;
      },
      retune: (slot, nowUs) => {
        this.#hosts.retune(slot, this.#faults.clockRate(slot), nowUs);
      },
      scheduleHostile: (atUs, index) => this.#schedule(EVENT.hostile, atUs, index),
    });
  }

  #buildCrewHooks(): CrewHooks {
    const { airframe, base } = this.#scenario;
    return {
      ratio: (slot) => this.#slab.batteryWh[slot]! / airframe.batteryWh,
      unrelease: (slot) => {
        this.#slab.released[slot] = 0;
      },
      swapped: (slot, changed) => {
        this.#slab.released[slot] = 1;
        if (!changed) return;
        this.#slab.batteryWh[slot] = airframe.batteryWh;
        this.#swaps[slot]! += 1;
        if (!base.swapReboots) return;
        this.#slab.powerUpS[slot] = this.#nowUs / 1e6;
        this.#takeDown(this.#hosts.list[slot]!, RESTART_S);
      },
    };
  }

  #begin(): void {
    this.#schedule(EVENT.tick, TICK_US, 0);
    const phases = new SeededStream(this.#scenario.seed, "phase");
    this.#scenario.nodes.forEach((node, slot) => {
      const startUs = Math.round(node.startS * 1e6);
      this.#schedule(EVENT.boot, startUs, slot);
      this.#schedule(EVENT.sample, startUs + 1 + phases.below(SAMPLE_US), slot);
    });
    this.#script.forEach((fault, i) => {
      this.#schedule(EVENT.fault, Math.round(fault.atS * 1e6), i);
    });
  }

  #schedule(kind: number, atUs: number, argument: number): void {
    this.#heap.push(atUs, kind * KIND_SIZE + argument);
  }

  // ---- events

  #handle(kind: number, argument: number): void {
    const nowUs = this.#nowUs;
    if (kind === EVENT.end) this.#radios.onEnd(nowUs, argument);
    else if (kind === EVENT.access) this.#radios.onAccess(nowUs, argument);
    else if (kind === EVENT.wake) this.#hosts.onWake(argument, nowUs);
    else if (kind === EVENT.drain) this.#hosts.onDrain(argument, nowUs);
    else if (kind === EVENT.sample) this.#sampleNode(argument);
    else if (kind === EVENT.tick) this.#tick();
    else if (kind === EVENT.store) this.#answerStore(argument);
    else if (kind === EVENT.boot) this.#boot(argument);
    else if (kind === EVENT.fault) this.applyFault(this.#script[argument]!.action);
    else if (kind === EVENT.hostile) this.#disturbances.onHostile(argument, nowUs);
    else if (kind === EVENT.command) this.#commandLate(argument);
    else invariant(false, "an event has a known kind");
  }

  #tick(): void {
    const nowUs = this.#nowUs;
    this.#schedule(EVENT.tick, nowUs + TICK_US, 0);
    this.#tally.ticks += 1;
    for (const slot of this.#vehicles) {
      fly(this.#airframe, slot, TICK_S, this.#flightStreams[slot]!);
      if (this.#slab.landedEvent[slot] === 1) this.#landed(slot);
    }
    const ticks = this.#tally.ticks;
    if (ticks % CHECK_TICKS === 0) this.#limits.check(nowUs / 1e6);
    if (ticks % CAMERA_TICKS === 0) this.#look();
    if (ticks % SECOND_TICKS === 0) this.#everySecond();
  }

  #everySecond(): void {
    const nowUs = this.#nowUs;
    for (const window of this.#faults.expire(nowUs)) this.#disturbances.undo(window, nowUs);
    this.#disturbances.everySecond();
    this.#subject?.step(1);
    this.#crew.step(1, this.#crewHooks);
    for (const slot of this.#vehicles) this.#trace.state(slot, nowUs, this.#slab);
    const { counters } = this.#radios;
    this.#trace.radio(nowUs, counters.transmissions, counters.received);
    for (const host of this.#hosts.list) {
      this.#tellChannel(host);
      this.#tellTime(host);
    }
  }

  /** What the radio drivers know. */
  #tellChannel(host: Host<N>): void {
    for (const report of this.#radios.takeReports(host.slot)) {
      this.#tally.airtimeMax = Math.max(this.#tally.airtimeMax, report.busyRatio);
      this.#hosts.step(host, { kind: "channel", report }, this.#nowUs);
    }
  }

  /** The time that satellites tell a vehicle, and the station's own clock. */
  #tellTime(host: Host<N>): void {
    if (host.node === undefined) return;
    const wrongMs = this.#faults.clockErrorS(host.slot) * 1000;
    const timeMs = WORLD_EPOCH_MS + this.#nowUs / 1000 + wrongMs;
    if (host.role === "ground") {
      const errorMs = STATION_CLOCK_ERROR_MS;
      this.#hosts.step(host, { kind: "clock", source: "host", timeMs, errorMs }, this.#nowUs);
    } else if (this.#slab.gnssOut[host.slot] !== 1) {
      const errorMs = GNSS_CLOCK_ERROR_MS;
      this.#hosts.step(host, { kind: "clock", source: "gnss", timeMs, errorMs }, this.#nowUs);
    }
  }

  #sampleNode(slot: number): void {
    const nowUs = this.#nowUs;
    this.#schedule(EVENT.sample, nowUs + SAMPLE_US, slot);
    const host = this.#hosts.list[slot]!;
    if (host.role !== "vehicle" || host.node === undefined || this.#slab.lost[slot] === 1) return;
    const sample = sampleOf(this.#airframe, slot, {
      nowS: nowUs / 1e6,
      surfaceM: this.#ground.surfaceAmslM(this.#slab.northM[slot]!, this.#slab.eastM[slot]!),
      stream: this.#flightStreams[slot]!,
    });
    this.#hosts.step(host, { kind: "vehicle", sample }, nowUs);
  }

  #look(): void {
    const slab = this.#slab;
    const subject =
      this.#subject === undefined
        ? undefined
        : { position: this.#subject.position, responsive: this.#subject.responsive };
    for (const slot of this.#vehicles) {
      if (slab.inAir[slot] === 0 || slab.lost[slot] === 1 || this.#disturbances.isCameraStuck(slot))
        continue;
      const pose = {
        slot,
        northM: slab.northM[slot]!,
        eastM: slab.eastM[slot]!,
        aglM: slab.aglM[slot]!,
        nowS: this.#nowUs / 1e6,
      };
      this.#cameras.look(pose, subject, (sighting) => this.#tellSighting(slot, sighting));
    }
  }

  #tellSighting(slot: number, report: SensorReport): void {
    this.#trace.sensor(slot, this.#nowUs, report.sequence);
    this.#hosts.step(this.#hosts.list[slot]!, { kind: "sensor", report }, this.#nowUs);
  }

  #landed(slot: number): void {
    const slab = this.#slab;
    slab.landedEvent[slot] = 0;
    this.#links.forget(slot);
    if (slab.lost[slot] === 1) {
      if (slab.batteryWh[slot] === 0) this.#limits.drained(slot, this.#nowUs / 1e6);
      return;
    }
    this.#limits.landed(slot, slab.touchdownRatio[slot]!, this.#nowUs / 1e6);
    if (this.#padOf(slot) >= 0) this.#crew.landed(slot, this.#crewHooks);
  }

  /** The pad that a vehicle on the ground stands on, or -1. */
  #padOf(slot: number): number {
    const slab = this.#slab;
    if (slab.inAir[slot] === 1) return -1;
    const { northM, eastM } = slab;
    return this.#pads.near(northM[slot]!, eastM[slot]!, PAD_M, this.#padsNear)[0] ?? -1;
  }

  #deliver(reception: Reception): void {
    const datagram = {
      radio: reception.radio,
      bytes: reception.bytes,
      rssiDbm: reception.rssiDbm,
      snrDb: reception.snrDb,
    };
    const host = this.#hosts.list[reception.to]!;
    this.#hosts.step(host, { kind: "datagram", datagram }, reception.atUs);
  }

  // ---- effects

  #perform(host: Host<N>, effect: Effect, atUs: number): void {
    switch (effect.kind) {
      case "transmit":
        this.#transmit(host, effect, atUs);
        return;
      case "command":
        this.#trace.command(host.slot, this.#nowUs, effect.command);
        if (effect.command.kind === "arm" && this.#proof !== undefined) {
          this.#limits.armed(host.slot, host.boot);
        }
        if (atUs - this.#nowUs > DEFER_US) this.#defer(host, effect, atUs);
        else command(this.#airframe, host.slot, effect.command, this.#nowUs / 1e6);
        return;
      case "tune":
        this.#radios.tune(host.slot, effect.channel);
        return;
      case "ask":
        this.#ask(host, effect, atUs);
        return;
      case "report":
        this.#hearReport(host, effect);
        return;
      default:
        effect satisfies never;
    }
  }

  #transmit(host: Host<N>, effect: Extract<Effect, { kind: "transmit" }>, atUs: number): void {
    const { datagram } = effect;
    const access = accessNumber(datagram.access);
    const readyUs = Math.round(atUs + host.stream.exponential(DRIVER_MEAN_US));
    const localMs = this.#hosts.localMs(host, this.#nowUs);
    const leftUs = (datagram.expiresAt - localMs) * 1000;
    this.#trace.transmit(host.slot, this.#nowUs, access, datagram.bytes.length);
    this.#disturbances.overhear(datagram.bytes);
    this.#radios.send(datagram.radio, host.slot, {
      bytes: datagram.bytes,
      airBytes: datagram.bytes.length + this.#scenario.radio.overheadBytes,
      access,
      readyUs,
      expiresUs: Math.max(readyUs, this.#nowUs + leftUs),
      destination: -1,
      retries: 0,
    });
  }

  #ask(host: Host<N>, effect: Extract<Effect, { kind: "ask" }>, atUs: number): void {
    const { store } = this.#scenario;
    this.#trace.ask(host.slot, this.#nowUs, effect.request);
    const spread = pow(Math.E, store.writeSigma * host.stream.normal());
    const dueUs = host.store.ask(effect.request, {
      ticket: effect.ticket,
      dueUs: Math.round(atUs + store.writeMedianMs * 1000 * spread),
      outcome: this.#faults.storeOutcome(host.slot),
      bytesMax: store.bytesMax,
    });
    this.#schedule(EVENT.store, dueUs, this.#storeArgument(host));
  }

  /** Answers of a boot that is over go nowhere: the low bits of the boot travel with the event. */
  #storeArgument(host: Host<N>): number {
    return (host.boot % 8) * 65536 + host.slot;
  }

  #answerStore(argument: number): void {
    const host = this.#hosts.list[argument % 65536]!;
    if (host.node === undefined || this.#storeArgument(host) !== argument) return;
    const answer = host.store.complete();
    if (answer !== undefined) this.#hosts.step(host, { kind: "answer", answer }, this.#nowUs);
  }

  #defer(host: Host<N>, effect: Extract<Effect, { kind: "command" }>, atUs: number): void {
    let free = this.#deferred.indexOf(undefined);
    if (free < 0) free = this.#deferred.length;
    this.#deferred[free] = { slot: host.slot, boot: host.boot, effect };
    this.#schedule(EVENT.command, atUs, free);
  }

  #commandLate(index: number): void {
    const late = this.#deferred[index];
    this.#deferred[index] = undefined;
    if (late === undefined) return;
    const host = this.#hosts.list[late.slot]!;
    if (host.node === undefined || host.boot !== late.boot) return;
    command(this.#airframe, late.slot, late.effect.command, this.#nowUs / 1e6);
  }

  #hearReport(host: Host<N>, effect: Extract<Effect, { kind: "report" }>): void {
    const { event } = effect;
    this.#trace.report(host.slot, this.#nowUs, event);
    this.#auditOrder(host, event.detail);
    for (const checker of this.#checkers) {
      const wrong = checker.afterEvent?.(host.slot, event, this.timeMs);
      if (wrong !== undefined) this.#violate(checker.name, host.slot, wrong);
    }
    this.#listeners.event({ timeMs: this.timeMs, slot: host.slot, event });
  }

  /** A vehicle's own word that it acts on an order, or has. */
  #auditOrder(host: Host<N>, detail: NodeEvent["detail"]): void {
    if (detail.kind !== "order" || detail.vehicle !== host.slot) return;
    if (detail.state !== "acting" && detail.state !== "done") return;
    if (this.#proof === undefined || host.node === undefined) return;
    const { orderId } = detail;
    const proven = this.#proof(host.node, orderId);
    const { slot, boot } = host;
    this.#limits.acted({ slot, boot, orderId, proven }, this.#nowUs / 1e6);
  }

  #stepped(host: Host<N>): void {
    for (const checker of this.#checkers) {
      const wrong = checker.afterStep?.(host.slot, host.node!, this.timeMs);
      if (wrong !== undefined) this.#violate(checker.name, host.slot, wrong);
    }
  }

  #violate(invariantName: string, slot: number, detail: string): void {
    const atS = this.#nowUs / 1e6;
    this.#limits.report({ invariant: invariantName, atS, slots: [slot], detail });
  }

  // ---- nodes that come and go, faults

  #boot(slot: number): void {
    const host = this.#hosts.list[slot]!;
    if (host.node !== undefined || host.state === "dead") return;
    if (host.role === "vehicle" && this.#slab.powered[slot] === 0) {
      this.#slab.powered[slot] = 1;
      this.#slab.powerUpS[slot] = this.#nowUs / 1e6;
    }
    this.#hosts.start(host, this.#nowUs);
    // A computer that starts with the switch thrown is not released: the crew throws it anew.
    if (this.#slab.released[slot] === 0 || this.#padOf(slot) < 0) return;
    this.#crew.landed(slot, this.#crewHooks, host.boot > 0 ? RESTART_LOOK_S : undefined);
  }

  #takeDown(host: Host<N>, downS: number): void {
    if (host.node === undefined) return;
    this.#hosts.stop(host, "restarting");
    this.#radios.silence(host.slot);
    this.#schedule(EVENT.boot, this.#nowUs + Math.round(downS * 1e6), host.slot);
  }

  #sampleUntil(untilUs: number): void {
    this.#listeners.sampleUntil(untilUs, () => vehiclesOf(this.#parts()));
  }
}

/**
 * Builds a world at time zero; nothing has run yet. Without `proof` orders are not judged, without
 * `aim` faults that aim strike nobody.
 */
export function createWorld<N extends SimNode>(
  scenario: Scenario,
  factory: NodeFactory<N>,
  proof?: OrderProof<N>,
  aim?: FaultAim<N>,
): World<N> {
  return new SimWorld(scenario, factory, { proof, aim });
}
