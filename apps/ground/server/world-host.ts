/**
 * A simulated world behind the ground station: runs it against the wall clock, and composes what
 * the page is told. Knows nothing of threads or sockets; the worker and the tests drive it.
 *
 * Each duty has a file of its own: `order-desk.ts` gives orders, `simulation-desk.ts` pace and
 * faults, `timeline.ts` tells events, `page-memory.ts` keeps tracks and curve, `search-rows.ts`
 * shows segments and map. They share the world through `world-access.ts`.
 */
import { ByteWriter, monotonicMs, nodeIndex, problem } from "../../../src/base/mod.ts";
import type { Node } from "../../../src/node/mod.ts";
import { plannerNamed, predictedSuccess } from "../../../src/swarm/mod.ts";
import { WORLD_EPOCH_MS } from "../../../sim/mod.ts";
import { switchesOf } from "../../simulation/arming.ts";
import type { Simulation } from "../../simulation/open-simulation.ts";
import type { SavedWorld } from "../../whatif/future.ts";
import { horizonOf } from "../../whatif/horizon.ts";
import type {
  EventRow,
  GroundAnswer,
  GroundHello,
  GroundMap,
  GroundView,
  LinkRow,
  PageExport,
} from "../report/view.ts";
import type { WhatIfHorizon } from "../report/what-if.ts";
import { composeKnown, nextReliefOf, vehiclesOf, type KnownInput } from "./compose-view.ts";
import { handOverFile, logFile, type GroundFile } from "./files.ts";
import { composeHello } from "./hello.ts";
import { meshLinksOf } from "./mesh-links.ts";
import { OrderDesk } from "./order-desk.ts";
import { Pace } from "./pace.ts";
import { PageMemory } from "./page-memory.ts";
import { placeNamer } from "./places.ts";
import { DensityMaps, reachOf, segmentOutlines, SegmentRows } from "./search-rows.ts";
import { answerDone, answerRefused } from "./session.ts";
import { SimulationDesk } from "./simulation-desk.ts";
import { encodeFrame } from "./stream.ts";
import { Timeline } from "./timeline.ts";
import { GROUND_SLOT, PIECE_MS, WorldAccess } from "./world-access.ts";
import type { WorldRequest } from "./world-messages.ts";

const TRACK_EVERY_MS = 2000;
/** Each costs some 40 ms on the reference mission: made one by one, after the page has opened. */
const PLAN_POINTS = 24;
/** A world of six vehicles takes half of this; more is grown into. */
const FORK_BYTES = 1 << 20;

export class WorldHost {
  readonly hello: GroundHello;
  readonly #simulation: Simulation;
  readonly #access: WorldAccess;
  readonly #orders: OrderDesk;
  readonly #controls: SimulationDesk;
  readonly #timeline: Timeline;
  readonly #memory = new PageMemory();
  readonly #segments = new SegmentRows();
  readonly #maps: DensityMaps;
  readonly #pace: Pace;
  readonly #reach: KnownInput["segmentReach"];
  readonly #namer: ReturnType<typeof placeNamer>;
  #planned: GroundView["pos"]["plan"] = [];
  #sequence = 0;
  #watched: readonly number[] = [];
  #startedAtS: number | null = null;
  #behind = false;

  /** With `observes` somebody else runs the world and calls `observe`; nothing is run here. */
  constructor(
    simulation: Simulation,
    wallMs: number,
    options: { readonly speed: number; readonly observes?: boolean },
  ) {
    this.#simulation = simulation;
    const { world, loaded } = simulation;
    const { mission, ground, prior, search } = loaded;
    const plan = plannerNamed(simulation.options.planner ?? "massRate").divide(search, prior);
    const segments = segmentOutlines(plan);
    this.#namer = placeNamer(mission.origin);
    this.#reach = segments.map(({ outline }) => reachOf(outline));
    this.#maps = new DensityMaps(prior);
    this.hello = composeHello({ mission, ground, segments, simulated: true });
    this.#pace = new Pace({ worldMs: world.timeMs, wallMs }, options.speed);
    this.#timeline = new Timeline(this.#namer);
    this.#access = new WorldAccess(simulation, this.#timeline, (nowS) => this.#everySecond(nowS));
    this.#orders = new OrderDesk(this.#access);
    this.#controls = new SimulationDesk(this.#access, this.#pace);
    // Whoever is there at the beginning boots now.
    if (options.observes !== true) world.runUntil(world.timeMs);
    world.onEvent((event) => {
      if (event.slot === GROUND_SLOT) this.#timeline.hear(event);
    });
    world.onSample(TRACK_EVERY_MS, () => {
      this.#memory.remember(this.#access.ground(), simulation.vehicles, this.#access.nowS);
    });
  }

  /** Runs the world towards where it should be, for at most `budgetMs` of the wall clock. */
  advance(clock: () => number, budgetMs: number): void {
    const pace = this.#pace;
    const { world } = this.#simulation;
    const startMs = clock();
    this.#behind = false;
    if (!pace.paused) {
      const target = pace.targetMs(startMs);
      while (world.timeMs < target && clock() - startMs < budgetMs) {
        this.#access.run(Math.min(target, world.timeMs + PIECE_MS));
      }
      this.#behind = world.timeMs < target;
      // What cannot be reached is let go: the speed falls, requests do not wait.
      if (target - world.timeMs > budgetMs * pace.speed) {
        pace.anchor({ worldMs: world.timeMs, wallMs: clock() });
      }
    }
    pace.measure({ worldMs: world.timeMs, wallMs: clock() });
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

  get vehicleCount(): number {
    return this.#simulation.vehicles.length;
  }

  /** What the pages look at closely: its links are told, too. */
  watch(vehicles: readonly number[]): void {
    this.#watched = vehicles;
  }

  /** Runs to a world time regardless of pace; for tests and steps. */
  runTo(timeMs: number): void {
    this.#access.runTo(timeMs);
  }

  /** What a fork starts from, and how far it is to run. */
  fork(asked: WhatIfHorizon): { readonly saved: SavedWorld; readonly horizonS: number } {
    const { world } = this.#simulation;
    const written = new ByteWriter({ initialBytes: FORK_BYTES });
    world.save(written);
    const arming = new ByteWriter();
    this.#orders.saveArming(arming);
    return {
      saved: {
        atMs: world.timeMs,
        world: written.take(),
        operator: { kind: "arming", state: arming.take() },
      },
      horizonS: horizonOf(asked, this.#access.ground(), world.timeMs),
    };
  }

  ask(request: WorldRequest, wallMs: number): GroundAnswer {
    const { id } = request;
    switch (request.kind) {
      case "order":
        return this.#orders.order(id, request.order);
      case "simulation":
        return this.#controls.control(id, request.control, wallMs);
      case "export":
        return this.#export(id, request.export);
      case "replay":
        return answerRefused(id, problem("GND014", { remedy: "open a recording: skein replay" }));
      default:
        return request satisfies never;
    }
  }

  view(wallMs: number): GroundView {
    const { loaded } = this.#simulation;
    const node = this.#access.ground();
    const known = composeKnown(this.#knownInput(node, wallMs));
    this.#sequence += 1;
    const { low, high } = node.layers.swarm.success;
    const timeS = this.#access.nowS;
    this.#timeline.noteStatuses(known.vehicles, this.hello.mission.base, timeS);
    this.#timeline.noteOrders(known.orders, timeS);
    const { durationS } = loaded.mission.simulation;
    if (node.agreed.phase !== "planned") this.#startedAtS ??= timeS;
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
        curve: this.#memory.curve,
        plan: this.#planned,
      },
      nextRelief: nextReliefOf(known.vehicles),
      meshLinks: this.#meshLinks(),
      simulation: this.#controls.view(),
    };
  }

  frame(wallMs: number): Uint8Array {
    return encodeFrame({
      sequence: this.#sequence,
      missionTimeS: this.#access.nowS,
      originAltitudeAmslM: this.hello.mission.originAltitudeAmslM,
      vehicles: vehiclesOf(this.#knownInput(this.#access.ground(), wallMs)),
    });
  }

  map(): GroundMap {
    return this.#maps.next(this.#access.ground().layers.swarm.posterior);
  }

  /** Flat vehicle, north, east, altitude: the places that came since the last call. */
  takePlaces(): number[] {
    return this.#memory.takePlaces();
  }

  /** Whether the world is not where the wall clock wants it. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Events since the last call. */
  takeEvents(): EventRow[] {
    return this.#timeline.take();
  }

  #everySecond(nowS: number): void {
    this.#orders.armNewcomers(nowS);
    this.observe(nowS);
  }

  /** A new second of a world that somebody else runs. */
  observe(nowS: number): void {
    this.#timeline.everySecond(nowS);
    this.#memory.everySecond(this.#access.ground(), nowS);
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
      firstSeenS: (key) => this.#timeline.seenAt(key, this.#access.nowS),
      handshakes: this.#timeline.handshakes,
      segments: this.#segments.at(node, wallMs),
    };
  }

  #meshLinks(): readonly LinkRow[] {
    const { world, vehicles } = this.#simulation;
    const known = new Set(vehicles);
    const watched = this.#watched.map((vehicle) => nodeIndex(vehicle)).filter((v) => known.has(v));
    return meshLinksOf(watched, (vehicle) => world.node(vehicle)?.layers.network, known);
  }

  #phase(node: Node, detections: GroundView["detections"], over: boolean): GroundView["phase"] {
    if (this.#orders.handedOver) return "handedOver";
    if (detections.some(({ state }) => state === "confirmed")) return "found";
    const { phase } = node.agreed;
    if (over || phase === "ended") return "ended";
    return phase === "started" ? "searching" : phase;
  }

  #export(id: number, wish: PageExport): GroundAnswer {
    const view = this.view(-Infinity);
    if (wish.kind === "log") return withFile(id, logFile(view, this.hello));
    const wrong = this.#orders.wrongDetection(wish.detection, true);
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
        tracks: this.#memory.tracks,
        trackTimes: this.#memory.trackTimes,
      }),
    );
  }
}

const withFile = (id: number, file: GroundFile): GroundAnswer => ({
  ...answerDone(id, file.name),
  file,
});
