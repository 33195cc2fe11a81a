/**
 * A simulated world behind the ground station: runs it against the wall clock, gives the operator's
 * orders to its ground node, and tells what that node knows. Knows nothing of threads or sockets;
 * the worker and the tests drive it.
 *
 * What only the page wants to remember (tracks, the POS curve, when something was first seen) is
 * kept here, bounded, beside the world and outside its trace.
 */
import {
  invariant,
  monotonicMs,
  problem,
  type NodeIndex,
  type Problem,
} from "../../../src/base/mod.ts";
import type { Node, NodeEvent } from "../../../src/node/mod.ts";
import {
  layoutOf,
  plannerNamed,
  predictedSuccess,
  type SearchPlan,
} from "../../../src/swarm/mod.ts";
import { WORLD_EPOCH_MS, type WorldEvent } from "../../../sim/mod.ts";
import type { Simulation } from "../../simulation/open-simulation.ts";
import type { ArmBinding, Order } from "../../../src/security/mod.ts";
import { Arming, switchesOf } from "../../simulation/arming.ts";
import type {
  EventRow,
  GroundAnswer,
  GroundHello,
  GroundMap,
  GroundView,
  PageExport,
  PageOrder,
  PageRequest,
  PlanePoint,
  SegmentRow,
  SimulationControl,
  Targets,
  VehicleRow,
} from "../report/view.ts";
import { composeKnown, nextReliefOf, vehiclesOf, type KnownInput } from "./compose-view.ts";
import {
  draftOf,
  faultOf,
  faultText,
  lostFault,
  lostSlot,
  unknownVehicle,
  type AirOrder,
} from "./drafts.ts";
import { rowOf } from "./event-rows.ts";
import { HeadNews } from "./head-news.ts";
import { handOverFile, logFile, type GroundFile } from "./files.ts";
import { composeHello } from "./hello.ts";
import { OrderWatch } from "./order-news.ts";
import { aboutOf, HOME_M } from "./order-rows.ts";
import { outlineOf } from "./outlines.ts";
import { placeNamer } from "./places.ts";
import { answerDone, answerRefused, EVENTS_KEPT, TRACK_POINTS_MAX } from "./session.ts";
import { encodeFrame } from "./stream.ts";

const GROUND_SLOT = 0;
const MS_PER_S = 1000;
/** The world is run in pieces of this length, so that a request never waits for long. */
const PIECE_MS = 100;
const TRACK_EVERY_MS = 2000;
/** Numbers that wait to be taken; a page that is not there does not make them pile up. */
const FRESH_MAX = 200_000;
const CURVE_EVERY_S = 30;
const CURVE_POINTS_MAX = 500;
/** Each costs some 40 ms on the reference mission: made one by one, after the page has opened. */
const PLAN_POINTS = 24;
/** Segments are summed over all their cells: once a second of the wall clock is enough. */
const SEGMENTS_EVERY_MS = 1000;
const STEP_MS = 1000;
const SIGNED_WITHIN_MS = 200;

const ORDER_WORDS: Readonly<Record<AirOrder["kind"], string>> = {
  start: "go",
  resume: "go on",
  hold: "hold",
  return: "return",
  land: "land",
  release: "released",
  clearAir: "clear air",
  liftClearAir: "clear air lifted",
  confirm: "confirm",
  dismiss: "dismiss",
  lookAgain: "look again at",
  clue: "clue",
  evict: "evict",
};

interface Pace {
  paused: boolean;
  speed: number;
  /** World and wall time that go together. */
  anchorWorldMs: number;
  anchorWallMs: number;
  reachedSpeed: number;
  measuredWorldMs: number;
  measuredWallMs: number;
}

export class WorldHost {
  readonly hello: GroundHello;
  readonly #simulation: Simulation;
  readonly #plan: SearchPlan;
  readonly #reach: KnownInput["segmentReach"];
  readonly #namer: ReturnType<typeof placeNamer>;
  #planned: readonly (readonly [number, number])[] = [];
  readonly #densityMaxPerKm2: number;
  readonly #pace: Pace;
  readonly #tracks = new Map<number, number[]>();
  readonly #trackTimes = new Map<number, number[]>();
  readonly #firstSeen = new Map<string, number>();
  readonly #arming = new Arming();
  readonly #heads = new HeadNews();
  readonly #orderWatch = new OrderWatch();
  readonly #statuses = new Map<number, VehicleRow["status"]>();
  #curve: (readonly [number, number, number])[] = [];
  #curveEveryS = CURVE_EVERY_S;
  #events: EventRow[] = [];
  #eventSequence = 0;
  #sequence = 0;
  #mapRevision = 0;
  #handshakes = 0;
  #node: Node | undefined;
  #handedOver = false;
  #startedAtS: number | null = null;
  #behind = false;
  #freshPlaces: number[] = [];
  #segments: { readonly rows: readonly SegmentRow[]; readonly wallMs: number } | undefined;

  constructor(simulation: Simulation, wallMs: number, options: { readonly speed: number }) {
    this.#simulation = simulation;
    const { mission, ground, prior, search } = simulation.loaded;
    this.#plan = plannerNamed(simulation.options.planner ?? "massRate").divide(search, prior);
    this.#namer = placeNamer(mission.origin);
    const outlines = this.#plan.segments.map(({ id }) => ({
      id,
      outline: outlineOf(layoutOf(this.#plan, id, 0).lanes),
    }));
    this.#reach = outlines.map(({ outline }) => reachOf(outline));
    this.hello = composeHello({ mission, ground, segments: outlines, simulated: true });
    this.#densityMaxPerKm2 = peakOf(prior.mass) / cellKm2(prior.grid.cellM);
    const { timeMs } = simulation.world;
    this.#pace = {
      paused: false,
      speed: options.speed,
      anchorWorldMs: timeMs,
      anchorWallMs: wallMs,
      reachedSpeed: options.speed,
      measuredWorldMs: timeMs,
      measuredWallMs: wallMs,
    };
    // Whoever is there at the beginning boots now.
    simulation.world.runUntil(timeMs);
    simulation.world.onEvent((event) => this.#hear(event));
    simulation.world.onSample(TRACK_EVERY_MS, () => this.#remember());
  }

  /** Runs the world towards where it should be, for at most `budgetMs` of the wall clock. */
  advance(clock: () => number, budgetMs: number): void {
    const pace = this.#pace;
    const startMs = clock();
    this.#behind = false;
    if (!pace.paused) {
      const { world } = this.#simulation;
      const target = pace.anchorWorldMs + (startMs - pace.anchorWallMs) * pace.speed;
      while (world.timeMs < target && clock() - startMs < budgetMs) {
        this.#run(Math.min(target, world.timeMs + PIECE_MS));
      }
      this.#behind = world.timeMs < target;
      // What cannot be reached is let go: the speed falls, requests do not wait.
      if (target - world.timeMs > budgetMs * pace.speed) this.#anchor(clock());
    }
    this.#measure(clock());
  }

  /** Works out one more point of the plan's prediction; false when all are there. */
  predictMore(): boolean {
    const done = this.#planned.length;
    if (done > PLAN_POINTS) return false;
    const { mission, prior } = this.#simulation.loaded;
    const vehicleCount = this.#simulation.vehicles.length;
    // The end first, because it stands on the page as a number.
    const place = done === 0 ? PLAN_POINTS : done - 1;
    const timeS = (place * mission.simulation.durationS) / PLAN_POINTS;
    const success = predictedSuccess(mission, prior, { vehicleCount, timeS });
    this.#planned = [...this.#planned, [timeS, success] as const].sort((a, b) => a[0] - b[0]);
    return true;
  }

  /** Runs to a world time regardless of pace; for tests and steps. */
  runTo(timeMs: number): void {
    const { world } = this.#simulation;
    while (world.timeMs < timeMs) this.#run(Math.min(timeMs, world.timeMs + PIECE_MS));
  }

  ask(request: PageRequest, wallMs: number): GroundAnswer {
    const { id } = request;
    switch (request.kind) {
      case "order":
        return this.#order(id, request.order);
      case "simulation":
        return this.#control(id, request.control, wallMs);
      case "export":
        return this.#export(id, request.export);
      default:
        return request satisfies never;
    }
  }

  view(wallMs: number): GroundView {
    const { loaded } = this.#simulation;
    const node = this.#ground();
    const known = composeKnown(this.#knownInput(node, wallMs));
    this.#noteStatuses(known.vehicles);
    this.#noteOrders(known.orders);
    this.#sequence += 1;
    const { low, high } = node.layers.swarm.success;
    const timeS = this.#nowS();
    const { durationS } = loaded.mission.simulation;
    if (node.layers.consensus.state.mission.phase !== "planned") this.#startedAtS ??= timeS;
    // Whoever still flies is still to be brought home, whatever the clock says.
    const over =
      timeS - (this.#startedAtS ?? timeS) > durationS && known.vehicles.every((one) => !one.armed);
    return {
      kind: "view",
      sequence: this.#sequence,
      missionTimeS: timeS,
      startedAtS: this.#startedAtS,
      phase: this.#phase(node, known.detections, over),
      ...known,
      pos: {
        low,
        high,
        predictedAtEnd: this.#planned.at(-1)?.[1] ?? 0,
        curve: this.#curve,
        plan: this.#planned,
      },
      nextRelief: nextReliefOf(known.vehicles),
      simulation: this.#simulationView(),
    };
  }

  frame(wallMs: number): Uint8Array {
    return encodeFrame({
      sequence: this.#sequence,
      missionTimeS: this.#nowS(),
      originAltitudeAmslM: this.hello.mission.originAltitudeAmslM,
      vehicles: vehiclesOf(this.#knownInput(this.#ground(), wallMs)),
    });
  }

  map(): GroundMap {
    const { grid } = this.#simulation.loaded.prior;
    const mass = this.#ground().layers.swarm.posterior;
    const full = this.#densityMaxPerKm2 * cellKm2(grid.cellM);
    this.#mapRevision += 1;
    return {
      kind: "map",
      revision: this.#mapRevision,
      grid: {
        rows: grid.rows,
        cols: grid.cols,
        southM: grid.southM + grid.cellM / 2,
        westM: grid.westM + grid.cellM / 2,
        cellNorthM: grid.cellM,
        cellEastM: grid.cellM,
      },
      densityBase64: Buffer.from(
        Uint8Array.from(mass, (value) => Math.min(255, Math.round((255 * value) / full))),
      ).toString("base64"),
      densityMaxPerKm2: this.#densityMaxPerKm2,
    };
  }

  /** Flat vehicle, north, east, altitude: the places that came since the last call. */
  takePlaces(): number[] {
    const fresh = this.#freshPlaces;
    this.#freshPlaces = [];
    return fresh;
  }

  /** Whether the world is not where the wall clock wants it. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Events since the last call. */
  takeEvents(): EventRow[] {
    const fresh = this.#events;
    this.#events = [];
    return fresh;
  }

  #nowS(): number {
    return this.#simulation.world.timeMs / MS_PER_S;
  }

  /** The node as it runs, or as it was last while it restarts. */
  #ground(): Node {
    this.#node = this.#simulation.world.node(GROUND_SLOT) ?? this.#node;
    invariant(this.#node !== undefined, "the ground station's node has booted");
    return this.#node;
  }

  #run(untilMs: number): void {
    const { world } = this.#simulation;
    const beforeS = Math.floor(world.timeMs / MS_PER_S);
    world.runUntil(untilMs);
    const nowS = Math.floor(world.timeMs / MS_PER_S);
    if (nowS === beforeS) return;
    this.#armNewcomers(nowS);
    const lost = this.#heads.due(nowS);
    if (lost !== undefined) this.#sayEvent({ detail: lost, severity: "warning" }, nowS);
    if (nowS % this.#curveEveryS === 0) this.#extendCurve(nowS);
  }

  #knownInput(node: Node, wallMs: number): KnownInput {
    const { world, loaded, vehicles } = this.#simulation;
    const { mission, ground } = loaded;
    return {
      node,
      nowMs: monotonicMs(world.timeMs),
      vehicles,
      nameOf: this.#namer,
      heightAmslM: (northM, eastM) => ground.heightAmslM(northM, eastM),
      base: mission.base.position,
      descentMps: mission.vehicles.descentMaxMps,
      segmentReach: this.#reach,
      released: switchesOf(world),
      firstSeenS: (key) => this.#seenS(key),
      handshakes: this.#handshakes,
      segments: this.#segmentRows(node, wallMs),
    };
  }

  #segmentRows(node: Node, wallMs: number): readonly SegmentRow[] {
    if (this.#segments !== undefined && wallMs - this.#segments.wallMs < SEGMENTS_EVERY_MS) {
      return this.#segments.rows;
    }
    const searchers = new Map(
      node.layers.swarm.intents
        .filter(({ intent }) => intent.duty === "search")
        .map(({ from, intent }) => [intent.segments[0], from]),
    );
    const rows = node.layers.swarm.segments.map((each): SegmentRow => {
      const searcher = searchers.get(each.segment);
      const owner = searcher ?? each.owner ?? null;
      const taken = searcher === undefined ? "leased" : "searching";
      const free = each.progress.pass > 0 ? "done" : "open";
      return {
        id: each.segment,
        state: owner === null ? free : taken,
        owner,
        poa: each.mass,
        passes: each.progress.pass,
        podLow: notable(each.podLow),
        podHigh: notable(each.podHigh),
      };
    });
    this.#segments = { rows, wallMs };
    return rows;
  }

  #phase(node: Node, detections: GroundView["detections"], over: boolean): GroundView["phase"] {
    if (this.#handedOver) return "handedOver";
    if (detections.some(({ state }) => state === "confirmed")) return "found";
    const { phase } = node.layers.consensus.state.mission;
    if (over || phase === "ended") return "ended";
    return phase === "started" ? "searching" : phase;
  }

  #simulationView(): GroundView["simulation"] {
    const { base } = this.#simulation.world.view();
    const { paused, speed, reachedSpeed } = this.#pace;
    return {
      paused,
      speed,
      reachedSpeed,
      faults: this.#faults(),
      batteries: {
        ready: base.batteriesReady,
        charging: base.batteriesCharging,
        waiting: base.batteriesWaiting,
      },
    };
  }

  // -- what is remembered -----------------------------------------------------------------------

  #hear({ timeMs, slot, event }: WorldEvent): void {
    if (slot !== GROUND_SLOT) return;
    if (event.detail.kind === "sessionOpened") {
      this.#handshakes += 1;
      this.#firstSeen.set(`session ${event.detail.peer}`, timeMs / MS_PER_S);
    }
    const atS = timeMs / MS_PER_S;
    const { detail } = event;
    // The card and the line in the timeline tell one time.
    if (detail.kind === "detection") this.#seenAt(`detection ${detail.id}`, atS);
    const ofHeads = detail.kind === "leaderElected" || detail.kind === "leaderLost";
    if (ofHeads && this.#heads.hear(detail, atS) === undefined) return;
    this.#sayEvent(event, atS);
  }

  #sayEvent(event: Pick<NodeEvent, "detail" | "severity">, atS: number): void {
    const row = rowOf(event, atS, (place) => this.#namer(place).mgrs);
    if (row !== undefined) this.#say(row);
  }

  #noteOrders(orders: GroundView["orders"]): void {
    for (const { severity, text } of this.#orderWatch.news(orders, {
      ...ORDER_WORDS,
      addClue: ORDER_WORDS.clue,
    })) {
      this.#say({ atS: this.#nowS(), severity, vehicle: null, text, category: "order" });
    }
  }

  #say(row: Omit<EventRow, "sequence">): void {
    this.#eventSequence += 1;
    this.#events.push({ ...row, sequence: this.#eventSequence });
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
  }

  /** What changed in what each vehicle announced: the page's own lines in the timeline. */
  #noteStatuses(vehicles: readonly VehicleRow[]): void {
    const telling: readonly VehicleRow["status"][] = [
      "returning",
      "charging",
      "holding",
      "landing",
    ];
    const { base } = this.hello.mission;
    for (const { index, status, position } of vehicles) {
      const before = this.#statuses.get(index);
      this.#statuses.set(index, status);
      if (before === undefined || before === status || !telling.includes(status)) continue;
      if (status === "charging" && before === "ready") continue;
      this.#say({
        atS: this.#nowS(),
        severity: "info",
        vehicle: index,
        text: status === "charging" ? landedText(position, base) : `is ${status}`,
        category: "vehicle",
      });
    }
  }

  #seenS(key: string): number {
    return this.#seenAt(key, this.#nowS());
  }

  #seenAt(key: string, atS: number): number {
    const seenS = this.#firstSeen.get(key) ?? atS;
    this.#firstSeen.set(key, seenS);
    return seenS;
  }

  #remember(): void {
    const { world, vehicles } = this.#simulation;
    const { network } = this.#ground().layers;
    for (const vehicle of vehicles) {
      const peer = network.peer(vehicle);
      if (peer === undefined || !peer.positionValid || !peer.inAir) continue;
      const { northM, eastM, altitudeAmslM } = peer.position;
      const track = this.#tracks.get(vehicle) ?? [];
      const times = this.#trackTimes.get(vehicle) ?? [];
      const place = [northM, eastM, altitudeAmslM].map(Math.round);
      track.push(...place);
      if (this.#freshPlaces.length < FRESH_MAX) this.#freshPlaces.push(vehicle, ...place);
      times.push(world.timeMs / MS_PER_S);
      if (times.length > TRACK_POINTS_MAX) {
        track.splice(0, 3);
        times.shift();
      }
      this.#tracks.set(vehicle, track);
      this.#trackTimes.set(vehicle, times);
    }
  }

  #extendCurve(nowS: number): void {
    const { low, high } = this.#ground().layers.swarm.success;
    this.#curve = [...this.#curve, [nowS, low, high] as const];
    if (this.#curve.length < CURVE_POINTS_MAX) return;
    this.#curve = this.#curve.filter((_, i) => i % 2 === 1);
    this.#curveEveryS *= 2;
  }

  // -- what is asked ----------------------------------------------------------------------------

  #order(id: number, order: PageOrder): GroundAnswer {
    const wrong = this.#whatIsWrong(order);
    if (wrong !== undefined) return answerRefused(id, wrong);
    if (order.kind === "handOver") return this.#handOver(id, order.detection);
    return this.#give(id, order);
  }

  #give(id: number, order: AirOrder): GroundAnswer {
    const { world } = this.#simulation;
    if (order.kind === "return" || order.kind === "land") this.#stay(order.targets);
    if (order.kind === "clearAir") this.#stay("all");
    const before = this.#ground().orders.at(-1)?.order.sequence ?? 0;
    const boots = order.kind === "release" ? this.#bootsOf(this.#chosen(order.targets)) : [];
    const draft = draftOf(order, { nowMs: WORLD_EPOCH_MS + world.timeMs, boots });
    world.operator(draft);
    // In between the station may sign an arming order of its own: that answers for nobody's key.
    const signed = (): Order | undefined =>
      this.#ground().orders.find(
        ({ order: { sequence, command } }) =>
          sequence > before && command.kind === draft.command.kind,
      )?.order;
    let given = signed();
    // Signing takes the ground's processor some milliseconds of the world's time.
    for (let i = 0; i < SIGNED_WITHIN_MS && given === undefined; i += 1) {
      this.#run(world.timeMs + 1);
      given = signed();
    }
    if (given === undefined) {
      const remedy = "look at the security view for what was refused";
      return answerRefused(id, problem("GND012", { remedy }));
    }
    if (order.kind === "start" || order.kind === "resume") {
      this.#arming.allow(this.#ground(), this.#chosen(order.targets));
    }
    if (order.kind === "release") {
      this.#arming.released(this.#ground(), this.#chosen(order.targets));
    }
    this.#sayOrder(order);
    return answerDone(id, `order ${given.session}-${given.sequence}`);
  }

  #sayOrder(order: AirOrder): void {
    const { command } = draftOf(order, { nowMs: 0, boots: [] });
    const named = "targets" in order && order.targets !== "all" ? order.targets.join(", ") : "all";
    const about = aboutOf(command);
    const text = `order: ${ORDER_WORDS[order.kind]} ${about === "" ? `to ${named}` : about}`;
    this.#say({ atS: this.#nowS(), severity: "notice", vehicle: null, text, category: "order" });
  }

  /** Vehicles that were told to go; a later boot of theirs is armed once the crew releases it. */
  #armNewcomers(nowS: number): void {
    if (!this.#arming.awaited) return;
    const { world } = this.#simulation;
    const draft = this.#arming.due(this.#ground(), nowS, switchesOf(world));
    if (draft !== undefined) world.operator(draft);
  }

  #bootsOf(vehicles: readonly NodeIndex[]): readonly ArmBinding[] {
    const { bootNonces } = this.#ground();
    return vehicles.flatMap((vehicle) => {
      const bootNonce = bootNonces.get(vehicle);
      return bootNonce === undefined ? [] : [{ vehicle, bootNonce }];
    });
  }

  #chosen(targets: Targets): readonly NodeIndex[] {
    const { vehicles } = this.#simulation;
    return vehicles.filter((vehicle) => targets === "all" || targets.includes(vehicle));
  }

  #stay(targets: Targets): void {
    this.#arming.forget(this.#chosen(targets));
  }

  #handOver(id: number, detection: number): GroundAnswer {
    this.#handedOver = true;
    const atS = this.#nowS();
    const text = `detection ${detection} handed over`;
    this.#say({ atS, severity: "notice", vehicle: null, text, category: "search" });
    return answerDone(id, text);
  }

  #whatIsWrong(order: PageOrder): Problem | undefined {
    const { vehicles } = this.#simulation;
    const named =
      "targets" in order && order.targets !== "all"
        ? order.targets
        : order.kind === "evict"
          ? [order.vehicle]
          : [];
    const unknown = unknownVehicle(named, vehicles);
    if (unknown !== undefined) return noVehicle(unknown);
    if (!("detection" in order)) return undefined;
    return this.#wrongDetection(order.detection, order.kind === "handOver");
  }

  #wrongDetection(detection: number, mustBeConfirmed: boolean): Problem | undefined {
    const row = this.#ground().layers.consensus.state.detections.get(detection);
    if (row === undefined) {
      return problem("GND004", { detail: `${detection}`, remedy: "choose one from the list" });
    }
    if (!mustBeConfirmed || row.verdict === "confirmed") return undefined;
    return problem("GND010", { remedy: "confirm it first, and wait until that is agreed" });
  }

  #control(id: number, control: SimulationControl, wallMs: number): GroundAnswer {
    const { world, vehicles } = this.#simulation;
    switch (control.kind) {
      case "pause":
        this.#pace.paused = true;
        return answerDone(id, "paused");
      case "resume":
        this.#pace.paused = false;
        this.#anchor(wallMs);
        return answerDone(id, "goes on");
      case "step":
        this.runTo(world.timeMs + STEP_MS);
        this.#anchor(wallMs);
        return answerDone(id, "one second on");
      case "speed":
        this.#pace.speed = control.speed;
        this.#anchor(wallMs);
        return answerDone(id, `${control.speed}x`);
      case "fault": {
        const { fault } = control;
        const slots = "vehicle" in fault ? [fault.vehicle] : [];
        const pair = fault.kind === "cut" ? [fault.a, fault.b] : [];
        const group = fault.kind === "partition" ? fault.group : [];
        const nodes = [...pair, ...group].filter((slot) => slot !== GROUND_SLOT);
        const unknown = unknownVehicle([...slots, ...nodes], vehicles);
        if (unknown !== undefined) return answerRefused(id, noVehicle(unknown));
        const action = faultOf(fault, [GROUND_SLOT, ...vehicles]);
        world.applyFault(action);
        return answerDone(id, faultText(action));
      }
      case "restore":
        return this.#restore(id, control.fault);
      default:
        return control satisfies never;
    }
  }

  /** What acts now, and whoever lies somewhere: nothing that was broken may look well. */
  #faults(): { readonly id: number; readonly text: string }[] {
    const { faults, vehicles } = this.#simulation.world.view();
    return [
      ...faults.map(({ id, action }) => ({ id, text: faultText(action) })),
      ...vehicles
        .filter(({ state }) => state === "lost")
        .map(({ slot }) => ({ id: lostFault(slot), text: lostText(slot) })),
    ];
  }

  #restore(id: number, fault: number | "all"): GroundAnswer {
    const { world } = this.#simulation;
    const chosen = this.#faults().filter((each) => fault === "all" || each.id === fault);
    if (chosen.length === 0 && fault !== "all") {
      const remedy = "it may have ended by itself";
      return answerRefused(id, problem("GND005", { detail: `${fault}`, remedy }));
    }
    for (const each of chosen) {
      const lost = lostSlot(each.id);
      if (lost === undefined) world.liftFault(each.id);
      else world.mend(lost);
    }
    return answerDone(id, `${chosen.length} restored`);
  }

  #export(id: number, wish: PageExport): GroundAnswer {
    const view = this.view(-Infinity);
    if (wish.kind === "log") return withFile(id, logFile(view, this.hello));
    const wrong = this.#wrongDetection(wish.detection, true);
    if (wrong !== undefined) return answerRefused(id, wrong);
    const { loaded } = this.#simulation;
    return withFile(
      id,
      handOverFile(wish, {
        view,
        hello: this.hello,
        origin: loaded.mission.origin,
        heightAmslM: (northM, eastM) => loaded.ground.heightAmslM(northM, eastM),
        startWallMs: WORLD_EPOCH_MS,
        tracks: this.#tracks,
        trackTimes: this.#trackTimes,
      }),
    );
  }

  // -- pace -------------------------------------------------------------------------------------

  #anchor(wallMs: number): void {
    this.#pace.anchorWorldMs = this.#simulation.world.timeMs;
    this.#pace.anchorWallMs = wallMs;
  }

  #measure(wallMs: number): void {
    const pace = this.#pace;
    const passedMs = wallMs - pace.measuredWallMs;
    if (passedMs < MS_PER_S) return;
    const { timeMs } = this.#simulation.world;
    pace.reachedSpeed = (timeMs - pace.measuredWorldMs) / passedMs;
    pace.measuredWorldMs = timeMs;
    pace.measuredWallMs = wallMs;
  }
}

function landedText(at: PlanePoint, base: PlanePoint): string {
  const awayM = Math.hypot(at.northM - base.northM, at.eastM - base.eastM);
  return awayM > HOME_M ? `has landed ${Math.round(awayM)} m from the base` : "is on its pad";
}

const lostText = (slot: number): string =>
  `vehicle ${slot} is down; restore mends it and carries it to its pad`;

const noVehicle = (index: number): Problem =>
  problem("GND003", { detail: `${index}`, remedy: "choose one from the list" });

const withFile = (id: number, file: GroundFile): GroundAnswer => ({
  ...answerDone(id, file.name),
  file,
});

/** Ground that was brushed at its edge only counts as not searched. */
const notable = (pod: number): number => (pod < 0.005 ? 0 : pod);

const cellKm2 = (cellM: number): number => (cellM * cellM) / 1e6;

/** The density that few cells exceed: one bright cell would make all others dark. */
function peakOf(mass: Float64Array): number {
  const sorted = Float64Array.from(mass).sort();
  return Math.max(1e-12, sorted[Math.floor(0.995 * (sorted.length - 1))] ?? 1);
}

function reachOf(outline: readonly { readonly northM: number; readonly eastM: number }[]): {
  readonly northM: number;
  readonly eastM: number;
  readonly reachM: number;
} {
  const norths = outline.map(({ northM }) => northM);
  const easts = outline.map(({ eastM }) => eastM);
  const [south, north] = [Math.min(...norths), Math.max(...norths)];
  const [west, east] = [Math.min(...easts), Math.max(...easts)];
  return {
    northM: (south + north) / 2,
    eastM: (west + east) / 2,
    reachM: Math.hypot(north - south, east - west) / 2 + 60,
  };
}
