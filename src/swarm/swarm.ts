/**
 * The swarm layer of one node: a machine over `SwarmIn` and `SwarmOut`.
 *
 * On a vehicle each sample (10 Hz) is one round of the pilot; gossip goes out every two seconds.
 * On the ground the same machine is passive: it keeps map and table by the same merges, so what the
 * page shows is what the vehicles plan with. Views are getters; they change nothing.
 *
 * Bounds: 128 tracks, 64 sightings, 64 values, 64 shared values, 16 clear-air volumes, 256 clues;
 * each table says at its place what makes room.
 */
import type { ByteReader, ByteWriter, Emit, Machine, MonotonicMs, NodeIndex } from "../base/mod.ts";
import { monotonicMs, NEVER } from "../base/mod.ts";
import type { SensorReport } from "../hal/mod.ts";
import {
  CEILINGS_MAX,
  digestOf,
  isInShare,
  loadCore,
  newCore,
  NO_OWNER,
  ownerOf,
  refreshClues,
  runnerSoFar,
  saveCore,
  VALUES_MAX,
} from "./core.ts";
import type { Core, Step, SwarmConfig } from "./core.ts";
import { detectionOf, foundOf, isNews, noteDetection } from "./detection/detections.ts";
import type { Sighting } from "./detection/detections.ts";
import { forgetTold, keepUntold, tellAgain, tellDetection } from "./detection/untold.ts";
import { noteClaim } from "./envelope/tracks.ts";
import {
  COVERAGE_UNIT,
  coverageAt,
  leftAt,
  podBand,
  posterior,
  successBand,
  totalLeft,
} from "./map/mod.ts";
import { BUILT_IN, pilot } from "./pilot.ts";
import { layoutOf, type SearchPlan } from "./planner/segments.ts";
import { decodeSwarmMessage, encodeSwarmMessage } from "./search/message.ts";
import type { Intent } from "./search/message.ts";
import { noteOrphan } from "./search/inherit.ts";
import { progressOf } from "./search/progress.ts";
import { dropTask, learn, releaseTask, rowsFrom, sweptShare } from "./search/searching.ts";
import { noteIntent, type HeardIntent } from "./search/tasks.ts";
import type {
  ActingOrder,
  AgreedChange,
  Detection,
  Duty,
  FaultDirective,
  ReliefView,
  SegmentView,
  SuccessBand,
  SwarmIn,
  SwarmOut,
  Verdict,
} from "./types.ts";

/** Intents and rows that a peer lacks go out this often; in a large swarm each speaks less. */
const GOSSIP_MS = 2_000;
const SLOTS_FEW = 12;
const gossipMs = ({ config: { crowd, slots } }: Core): number =>
  GOSSIP_MS * Math.max(1, (crowd ?? slots) / SLOTS_FEW);
const ROWS_A_TIME = 24;
/** Silence of the crew's switch is judged once a second. */
const MEMORY_EVERY_MS = 5_000;

export class Swarm implements Machine<SwarmIn, SwarmOut> {
  readonly #core: Core;

  constructor(config: SwarmConfig) {
    this.#core = newCore(config);
  }

  step(now: MonotonicMs, input: SwarmIn, emit: Emit<SwarmOut>): void {
    const core = this.#core;
    const step: Step = { nowMs: now, emit };
    switch (input.kind) {
      case "vehicle":
        if (!core.config.passive) pilot(core, step, input.sample);
        tellAgain(core, step);
        gossip(core, step);
        return;
      case "peer":
        if (input.peer.index !== core.config.self) {
          const own = core.state.sample?.position;
          core.state.tracks = noteClaim(core.state.tracks, input.peer, now, own);
        }
        return;
      case "applied":
        applied(core, step, input.change);
        return;
      case "sensor":
        sensed(core, step, input);
        return;
      case "order":
        ordered(core, input.order);
        return;
      case "fault":
        directed(core, step, input.directive);
        return;
      case "message":
        heard(core, step, input);
        return;
      case "wake":
        gossip(core, step);
        return;
      default:
        input satisfies never;
    }
  }

  wakeAt(): MonotonicMs {
    const { gossip, sample } = this.#core.state;
    // A vehicle is driven by its samples; the ground, which has none, by its own clock.
    if (!this.#core.config.passive && sample !== undefined) return NEVER;
    return monotonicMs(Math.max(0, gossip.intentMs + gossipMs(this.#core)));
  }

  save(to: ByteWriter): void {
    saveCore(this.#core, to);
  }

  load(from: ByteReader): void {
    loadCore(this.#core, from, BUILT_IN);
  }

  get duty(): Duty {
    return this.#core.state.flight.duty;
  }

  get dutyReason(): string {
    return this.#core.state.flight.reason;
  }

  /** Share of a full battery that the way home costs from here, reserve not included. */
  get homeRatio(): number {
    const { flight } = this.#core.state;
    return (
      (flight.homeS * Math.max(0.9, flight.powerRatio)) /
      this.#core.config.world.mission.vehicles.batteryS
    );
  }

  get relief(): ReliefView {
    const { flight } = this.#core.state;
    const { limits, vehicles } = this.#core.config.world.mission;
    const spareS = flight.usableS - flight.homeS;
    return {
      returnInS: Math.max(0, spareS),
      landingReserveRatio: limits.reserveRatio + Math.min(0, spareS) / vehicles.batteryS,
    };
  }

  get success(): SuccessBand {
    const { sensor } = this.#core.config.world.mission;
    return successBand(this.#core.map, sensor.sweepWidthErrorRatio);
  }

  /** Probability of each cell now, row 0 in the south. */
  get posterior(): Float64Array {
    return posterior(this.#core.map);
  }

  /** Coverage C laid over a cell so far, W x lane length / area. */
  coverageAt(cell: number): number {
    return coverageAt(this.#core.map, cell) * COVERAGE_UNIT;
  }

  get sightings(): readonly Sighting[] {
    return this.#core.state.sightings;
  }

  get found(): Detection | undefined {
    return foundOf(this.#core.state.sightings);
  }

  /** The segment that this vehicle searches and those it expects to take. */
  get intent(): Intent {
    return intentOf(this.#core);
  }

  /** What the others announced, as last heard; for pages. */
  get intents(): readonly HeardIntent[] {
    return this.#core.state.tasks.intents;
  }

  get segments(): readonly SegmentView[] {
    const { plan, world } = this.#core.config;
    const total = totalLeft(this.#core.map);
    return plan.segments.map(({ id }) => {
      const cells = new Map<number, number>();
      for (const lane of layoutOf(plan, id, 0).lanes) {
        for (const cell of lane.cells) cells.set(cell, (cells.get(cell) ?? 0) + 1);
      }
      let mass = 0;
      let low = 0;
      let high = 0;
      for (const cell of cells.keys()) {
        mass += leftAt(this.#core.map, cell) / total;
        const coverage = coverageAt(this.#core.map, cell) * COVERAGE_UNIT;
        const band = podBand(coverage, world.mission.sensor.sweepWidthErrorRatio);
        low += band.low / cells.size;
        high += band.high / cells.size;
      }
      const progress = progressOf(this.#core.table, id);
      return {
        segment: id,
        owner: ownerOf(this.#core, id),
        progress,
        mass,
        podLow: low,
        podHigh: high,
      };
    });
  }

  get plan(): SearchPlan {
    return this.#core.config.plan;
  }

  /** Probability, not scaled, that lies under a segment's lanes and is left to find. */
  worthLeft(segment: SegmentView["segment"]): number {
    const { plan } = this.#core.config;
    const cells = new Set(layoutOf(plan, segment, 0).lanes.flatMap((lane) => [...lane.cells]));
    let worth = 0;
    for (const cell of cells) worth += leftAt(this.#core.map, cell);
    return worth;
  }

  /** Share of a segment's present pass that is swept. */
  sweptShare(segment: SegmentView["segment"]): number {
    return sweptShare(this.#core, segment);
  }

  /** Equal on nodes that know the same lanes. */
  get progressDigest(): number {
    return digestOf(this.#core);
  }
}

function applied(core: Core, step: Step, change: AgreedChange): void {
  const { state, config } = core;
  switch (change.kind) {
    case "claimed":
      claimed(core, step, change);
      return;
    case "freed":
      if (change.segment < core.owners.length) core.owners[change.segment] = NO_OWNER;
      if (change.orphaned) noteOrphan(core, change.segment, step.nowMs);
      if (state.tasks.task?.segment === change.segment) state.tasks.task.held = false;
      return;
    case "progress":
      learn(core, step, change.progress);
      return;
    case "detection":
      agreedDetection(core, step, change.detection);
      return;
    case "verdict":
      agreedVerdict(core, step, change);
      return;
    case "clue": {
      const { id, northM, eastM, errorM, likelihoodRatio } = change;
      const clue = { id, northM, eastM, errorM, weight: Math.max(-1, likelihoodRatio - 1) };
      state.clues = [...state.clues.filter((one) => one.id !== id), clue].slice(-VALUES_MAX);
      refreshClues(core);
      return;
    }
    case "value":
      state.values = [
        ...state.values.filter((one) => one.key !== change.key),
        { key: change.key, value: change.value },
      ].slice(-VALUES_MAX);
      return;
    case "padClaimed":
    case "padFreed":
      // Every vehicle has the pad that it took off from; shared pads are the ground's business.
      return;
    case "shares":
      core.digest = undefined;
      if (state.tasks.task !== undefined && !isInShare(core, state.tasks.task.segment)) {
        releaseTask(core, step);
      }
      return;
    case "reset":
      core.owners.fill(NO_OWNER);
      state.sightings = [];
      state.clues = [];
      state.values = [];
      if (state.tasks.task !== undefined) state.tasks.task.held = false;
      if (!config.passive) state.place = undefined;
      keepUntold(core, step.nowMs);
      refreshClues(core);
      return;
    default:
      change satisfies never;
  }
}

function claimed(core: Core, step: Step, change: Extract<AgreedChange, { kind: "claimed" }>): void {
  const { state, config } = core;
  if (change.segment >= core.owners.length) return;
  core.owners[change.segment] = change.owner;
  const { task } = state.tasks;
  if (task?.segment === change.segment) {
    if (change.owner === config.self) task.held = true;
    else dropTask(core);
  }
  step.emit({
    kind: "event",
    event: { kind: "segmentClaimed", segment: change.segment, owner: change.owner },
  });
}

function agreedDetection(core: Core, step: Step, detection: Detection): void {
  const { state } = core;
  const known = state.sightings.some((one) => one.detection.id === detection.id);
  forgetTold(core, detection.id);
  state.sightings = noteDetection(state.sightings, detection, step.nowMs);
  refreshClues(core);
  if (!known) step.emit({ kind: "event", event: { kind: "detection", detection } });
}

function agreedVerdict(
  core: Core,
  step: Step,
  change: { readonly id: number; readonly verdict: Verdict },
): void {
  const { state } = core;
  const sighting = state.sightings.find((one) => one.detection.id === change.id);
  if (sighting === undefined) return;
  sighting.verdict = change.verdict;
  sighting.sinceMs = step.nowMs;
  if (change.verdict === "lookAgain") sighting.looked = false;
  refreshClues(core);
  step.emit({
    kind: "event",
    event: { kind: "verdict", id: change.id, verdict: change.verdict },
  });
  if (change.verdict !== "confirmed") return;
  const { position } = sighting.detection;
  step.emit({ kind: "event", event: { kind: "found", id: change.id, position } });
}

function sensed(
  core: Core,
  step: Step,
  input: { readonly report: SensorReport; readonly networkTimeMs: number },
): void {
  const { report } = input;
  const { position, errorM, confidence } = report;
  const numbers = [position.northM, position.eastM, position.altitudeAmslM, errorM, confidence];
  const sane = numbers.every((value) => Number.isFinite(value)) && errorM >= 0;
  if (!sane || confidence <= 0 || confidence > 1) {
    step.emit({ kind: "event", event: { kind: "refused", code: "SWM008" } });
    return;
  }
  if (core.config.passive || !isNews(core.state.sightings, report)) return;
  const { networkTimeMs } = input;
  const known = core.state.sightings;
  const detection = detectionOf(core.config.self, report, { networkTimeMs, known });
  // Kept at once, so that the next frames of the same pass do not ask again.
  core.state.sightings = noteDetection(core.state.sightings, detection, step.nowMs);
  refreshClues(core);
  step.emit({ kind: "event", event: { kind: "detection", detection } });
  tellDetection(core, step, detection);
}

function ordered(core: Core, order: ActingOrder): void {
  const { orders, flight, fault } = core.state;
  switch (order.kind) {
    case "start":
      Object.assign(orders, { started: true, hold: false, goHome: false });
      fault.hold = undefined;
      return;
    case "join":
      orders.started = true;
      return;
    case "arm":
      orders.armGranted = true;
      // A new grant stands above the landing that was ordered before it.
      if (core.state.sample?.inAir !== true) Object.assign(orders, { land: false, goHome: false });
      return;
    case "release":
      if (core.state.sample?.inAir === false) flight.releasedByPage = true;
      return;
    case "hold":
      orders.hold = true;
      return;
    // What brings vehicles down ends the grant of whoever hears it, in the air or on its pad.
    case "return":
      Object.assign(orders, { goHome: true, armGranted: false });
      return;
    case "land":
      Object.assign(orders, { land: true, armGranted: false });
      return;
    case "clearAir": {
      const { ceilingAglM, volume, leave } = order;
      orders.armGranted = false;
      orders.ceilings = [...orders.ceilings, { ceilingAglM, volume, leave }].slice(-CEILINGS_MAX);
      return;
    }
    case "liftClearAir":
      orders.ceilings = [];
      return;
    default:
      order satisfies never;
  }
}

function directed(core: Core, step: Step, directive: FaultDirective): void {
  const { state } = core;
  const { fault } = state;
  switch (directive.kind) {
    case "leaseOrphaned":
      if (directive.segment < core.owners.length) core.owners[directive.segment] = NO_OWNER;
      return;
    case "returnNow":
      if (state.sample?.inAir === true) fault.goHome = directive.reason;
      return;
    case "landNow":
      if (state.sample?.inAir === true) fault.land = directive.reason;
      return;
    case "holdNow":
      fault.hold = directive.reason;
      return;
    case "goOn":
      Object.assign(fault, { hold: undefined, goHome: undefined });
      return;
    case "peerLost":
      if (directive.dead) peerDead(core, directive.index, step);
      return;
    case "ground":
      fault.ground = directive.reachable;
      return;
    case "quorum":
      fault.quorum = directive.reachable;
      return;
    default:
      directive satisfies never;
  }
}

/** What a dead vehicle announced holds nobody back; its track fades out by itself. */
function peerDead(core: Core, index: NodeIndex, step: Step): void {
  const { tasks } = core.state;
  tasks.intents = tasks.intents.filter(
    (one) => one.from !== index && step.nowMs - one.atMs < 60_000,
  );
}

function heard(
  core: Core,
  step: Step,
  input: { readonly from: NodeIndex; readonly bytes: Uint8Array },
): void {
  const decoded = decodeSwarmMessage(input.bytes);
  if (!decoded.ok) {
    step.emit({ kind: "event", event: { kind: "refused", code: decoded.problem.code } });
    return;
  }
  const message = decoded.value;
  const { state, config } = core;
  switch (message.kind) {
    case "progress":
      for (const row of message.rows) learn(core, step, row);
      return;
    case "intent": {
      const { intent } = message;
      if (intent.segments.some((segment) => segment >= config.plan.segments.length)) {
        step.emit({ kind: "event", event: { kind: "refused", code: "SWM008" } });
        return;
      }
      noteIntent(state.tasks, { from: input.from, intent, atMs: step.nowMs });
      if (intent.digest !== digestOf(core, input.from)) state.gossip.differs = true;
      return;
    }
    case "share": {
      const { key, value } = message;
      const others = state.shared.filter((one) => one.index !== input.from || one.key !== key);
      // The oldest word makes room, whoever's it is.
      state.shared = [...others, { index: input.from, key, value, atMs: step.nowMs }]
        .sort((x, y) => y.atMs - x.atMs || x.index - y.index || (x.key < y.key ? -1 : 1))
        .slice(0, VALUES_MAX)
        .sort((x, y) => x.index - y.index || (x.key < y.key ? -1 : 1));
      return;
    }
    default:
      message satisfies never;
  }
}

function gossip(core: Core, step: Step): void {
  const { gossip: told } = core.state;
  if (step.nowMs - told.intentMs < gossipMs(core)) return;
  told.intentMs = step.nowMs;
  if (!core.config.passive) {
    const intent = intentOf(core);
    step.emit({ kind: "message", bytes: encodeSwarmMessage({ kind: "intent", intent }) });
    checkMemories(core, step);
  }
  if (!told.differs) return;
  told.differs = false;
  // What the ground knows of several clusters fits no one's table; the log mends what they lack.
  if (core.config.passive && core.config.shares !== undefined) return;
  const rows = rowsFrom(core, ROWS_A_TIME);
  if (rows.length === 0) return;
  step.emit({ kind: "message", bytes: encodeSwarmMessage({ kind: "progress", rows }) });
}

function checkMemories(core: Core, step: Step): void {
  const own = core.config.behaviour?.behaviour;
  if (own === undefined || Math.floor(step.nowMs) % MEMORY_EVERY_MS >= GOSSIP_MS) return;
  runnerSoFar(core, own)?.checkMemory();
}

function intentOf(core: Core): Intent {
  const { flight, tasks, place } = core.state;
  const { task } = tasks;
  return {
    duty: flight.duty,
    segments: task === undefined ? [] : [task.segment, ...task.next.slice(0, 1)],
    place,
    spareS: Math.max(0, flight.usableS - flight.homeS),
    digest: digestOf(core),
  };
}
