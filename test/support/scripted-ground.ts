/**
 * A ground session that plays a script: six vehicles mow the squares of the reference mission's
 * area on its real terrain, one sees something. For tests of server and page alone; nothing in it
 * is a swarm. Time stands still unless `advance` moves it, so that scenes repeat exactly.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import JSON5 from "json5";
import { problem } from "../../src/base/mod.ts";
import { polygonContains } from "../../src/swarm/area/mod.ts";
import { parseMission, type Mission } from "../../src/swarm/mission/mod.ts";
import { decodeTerrain, terrainGrid, type Ground } from "../../src/swarm/terrain/mod.ts";
import { composeHello } from "../../apps/ground/server/hello.ts";
import { detectionName } from "../../apps/ground/server/order-rows.ts";
import { placeNamer } from "../../apps/ground/server/places.ts";
import {
  answerDone,
  answerRefused,
  type GroundSession,
  type SessionChange,
} from "../../apps/ground/server/session.ts";
import { encodeFrame } from "../../apps/ground/server/stream.ts";
import type {
  DetectionRow,
  EventRow,
  GroundAnswer,
  GroundHello,
  GroundMap,
  GroundView,
  OrderRow,
  PageOrder,
  PageRequest,
  PlaneGrid,
  PlanePoint,
  SegmentRow,
  SimulationControl,
  VehicleRow,
  VehicleStatus,
} from "../../apps/ground/report/view.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const VEHICLES = 6;
const SQUARE_M = 480;
const LANE_M = 60;
const SPEED_MPS = 13;
const SEGMENT_S = (SQUARE_M * (SQUARE_M / LANE_M)) / SPEED_MPS;
const FLIGHT_S = 22 * 60;
const CYCLE_S = FLIGHT_S + 7 * 60;
const CELL_M = 50;
const DETECTED_S = 1500;
const CURVE_EVERY_S = 60;

export interface ScriptedGround extends GroundSession {
  readonly asked: readonly PageRequest[];
  /** Moves the script on and tells the pages. */
  advance(seconds: number): void;
  /** One more detection, seen now by vehicle 5, this far from the first; tells the pages. */
  see(id: number, away: { readonly northM: number; readonly confidence?: number }): void;
  /** From now on the view is this function of what the script says; tells the pages. */
  bend(change: (view: GroundView) => GroundView): void;
  /** Tells the pages that all is over. */
  stop(): void;
}

interface Square {
  readonly id: number;
  readonly centre: PlanePoint;
  readonly outline: readonly PlanePoint[];
  readonly poa: number;
}

function load(): { mission: Mission; ground: Ground } {
  const text = readFileSync(join(ROOT, "missions", "jacksboro-search.json5"), "utf8");
  const mission = parseMission(JSON5.parse(text));
  const pack = readFileSync(join(ROOT, "missions", "terrain", "jacksboro.terrain"));
  const grid = decodeTerrain(new Uint8Array(pack));
  if (!mission.ok || !grid.ok) throw new Error("the reference mission and its terrain are good");
  return { mission: mission.value, ground: terrainGrid(grid.value, mission.value.origin) };
}

/** Likelier near the last known position, on two ridges of the imagination. */
function likelihood(at: PlanePoint): number {
  const hump = (northM: number, eastM: number, spreadM: number): number => {
    const [dn, de] = [at.northM - northM, at.eastM - eastM];
    return Math.exp(-(dn * dn + de * de) / (2 * spreadM * spreadM));
  };
  return hump(0, 0, 900) + 0.7 * hump(1300, -900, 500) + 0.5 * hump(-700, 1500, 600) + 0.04;
}

function squaresOf(mission: Mission): Square[] {
  const half = SQUARE_M / 2;
  const found: Omit<Square, "id">[] = [];
  for (let n = -4000; n <= 4000; n += SQUARE_M) {
    for (let e = -4000; e <= 4000; e += SQUARE_M) {
      const inside = mission.area.some((polygon) => polygonContains(polygon, n, e));
      if (!inside) continue;
      const centre = { northM: n, eastM: e };
      const outline = [
        [-half, -half],
        [-half, half],
        [half, half],
        [half, -half],
      ].map(([dn = 0, de = 0]) => ({ northM: n + dn, eastM: e + de }));
      found.push({ centre, outline, poa: likelihood(centre) });
    }
  }
  const total = found.reduce((sum, square) => sum + square.poa, 0);
  return found
    .sort((a, b) => b.poa - a.poa || a.centre.northM - b.centre.northM)
    .map((square, id) => ({ ...square, id, poa: (0.86 * square.poa) / total }));
}

interface Played {
  readonly vehicle: Omit<VehicleRow, "place" | "needs" | "altitudeAmslM">;
  /** Squares this vehicle has finished, in order. */
  readonly done: readonly number[];
}

/** Where vehicle `k` is after `timeS`: its share of the squares, flown in batteries. */
function play(squares: readonly Square[], base: PlanePoint, k: number, timeS: number): Played {
  const mine = squares.filter((square) => square.id % VEHICLES === k);
  const phaseS = timeS + k * 210;
  const inCycleS = phaseS % CYCLE_S;
  const flying = inCycleS < FLIGHT_S;
  const flownS = Math.floor(phaseS / CYCLE_S) * FLIGHT_S + Math.min(inCycleS, FLIGHT_S) - k * 210;
  const finished = Math.max(0, Math.min(mine.length - 1, Math.floor(flownS / SEGMENT_S)));
  const square = mine[finished] ?? squares[0];
  if (square === undefined) throw new Error("the area holds squares");
  const returning = flying && inCycleS > FLIGHT_S - 100;
  const at = flying ? lanePoint(square, Math.max(0, flownS) % SEGMENT_S) : base;
  const share = returning ? (inCycleS - FLIGHT_S + 100) / 100 : 0;
  const position = {
    northM: at.northM + (base.northM - at.northM) * share + (flying ? 0 : k * 14 - 35),
    eastM: at.eastM + (base.eastM - at.eastM) * share,
  };
  const east = Math.floor((Math.max(0, flownS) % SEGMENT_S) / (SQUARE_M / SPEED_MPS)) % 2 === 0;
  const battery = flying
    ? 1 - 0.8 * (inCycleS / FLIGHT_S)
    : 0.2 + 0.8 * ((inCycleS - FLIGHT_S) / 420);
  const status: VehicleStatus = !flying ? "charging" : returning ? "returning" : "searching";
  const speed = flying ? SPEED_MPS : 0;
  return {
    done: mine.slice(0, finished).map(({ id }) => id),
    vehicle: {
      index: k + 1,
      name: `vehicle ${k + 1}`,
      status,
      position,
      velocity: { northMps: 0, eastMps: east ? speed : -speed, upMps: 0 },
      altitudeAglM: flying ? 70 : 0,
      speedMps: speed,
      headingRad: east ? Math.PI / 2 : (3 * Math.PI) / 2,
      batteryRatio: battery,
      minutesLeft: flying ? (FLIGHT_S - inCycleS) / 60 : null,
      segment: status === "searching" ? square.id : null,
      lastHeardS: 0.2,
      toldS: 0.2,
      positionAgeS: 0.2,
      linkQuality: 0.95 - 0.1 * k,
      hops: k > 3 ? 2 : 1,
      behaviour: "search",
      leader: k === 2,
      armed: flying,
      released: true,
    },
  };
}

function lanePoint(square: Square, timeS: number): PlanePoint {
  const lane = Math.floor((timeS * SPEED_MPS) / SQUARE_M);
  const along = (timeS * SPEED_MPS) % SQUARE_M;
  const east = lane % 2 === 0 ? along : SQUARE_M - along;
  return {
    northM: square.centre.northM - SQUARE_M / 2 + (lane + 0.5) * LANE_M,
    eastM: square.centre.eastM - SQUARE_M / 2 + east,
  };
}

function gridOf(squares: readonly Square[]): PlaneGrid {
  const norths = squares.flatMap(({ outline }) => outline.map((p) => p.northM));
  const easts = squares.flatMap(({ outline }) => outline.map((p) => p.eastM));
  const [southM, westM] = [Math.min(...norths), Math.min(...easts)];
  return {
    rows: Math.ceil((Math.max(...norths) - southM) / CELL_M),
    cols: Math.ceil((Math.max(...easts) - westM) / CELL_M),
    southM,
    westM,
    cellNorthM: CELL_M,
    cellEastM: CELL_M,
  };
}

/** Starts at `startS` of the script. */
export function scriptedGround(options: { readonly startS?: number } = {}): ScriptedGround {
  const { mission, ground } = load();
  const squares = squaresOf(mission);
  const hello: GroundHello = composeHello({ mission, ground, segments: squares, simulated: true });
  const script = new Script(mission, ground, squares, hello);
  script.move(options.startS ?? 0);
  const asked: PageRequest[] = [];
  const listeners = new Set<(what: SessionChange) => void>();
  const tell = (...what: readonly SessionChange[]): void => {
    for (const each of what) for (const listener of listeners) listener(each);
  };
  return {
    hello,
    asked,
    map: () => script.map(),
    tracks: () => script.tracks(),
    view: () => script.view(),
    frame: () => script.frame(),
    eventsAfter: (sequence) => script.events.filter((event) => event.sequence > sequence),
    ask: async (request) => {
      asked.push(request);
      const answer = script.answer(request);
      tell("view", "events");
      return Promise.resolve(answer);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advance: (seconds) => {
      script.move(seconds);
      tell("frame", "view", "map", "events");
    },
    see: (id, away) => {
      script.see(id, away);
      tell("view", "events");
    },
    bend: (change) => {
      script.bend(change);
      tell("view");
    },
    stop: () => tell("stopped"),
    close: async () => Promise.resolve(),
  };
}

class Script {
  readonly events: EventRow[] = [];
  readonly #orders: OrderRow[] = [];
  readonly #states = new Map<number, DetectionRow["state"]>();
  readonly #seen = new Map<number, { northM: number; confidence: number; atS: number }>();
  readonly #faults = new Map<number, string>();
  readonly #namer: ReturnType<typeof placeNamer>;
  readonly #mission: Mission;
  readonly #ground: Ground;
  readonly #squares: readonly Square[];
  readonly #hello: GroundHello;
  #timeS = 0;
  #sequence = 0;
  #clear: { readonly ceilingAglM: number } | undefined;
  #paused = false;
  #speed = 1;
  #handedOver = false;
  #view: GroundView | undefined;
  #bent = (view: GroundView): GroundView => view;

  constructor(mission: Mission, ground: Ground, squares: readonly Square[], hello: GroundHello) {
    this.#mission = mission;
    this.#ground = ground;
    this.#squares = squares;
    this.#hello = hello;
    this.#namer = placeNamer(mission.origin);
    this.#say("search", "search begins", { severity: "notice" });
  }

  bend(change: (view: GroundView) => GroundView): void {
    this.#bent = change;
    this.#view = undefined;
  }

  see(id: number, { northM, confidence = 0.6 }: { northM: number; confidence?: number }): void {
    this.#view = undefined;
    this.#states.set(id, "waiting");
    this.#seen.set(id, { northM, confidence, atS: this.#timeS });
  }

  move(seconds: number): void {
    const beforeS = this.#timeS;
    this.#timeS += seconds;
    this.#view = undefined;
    const passed = (atS: number): boolean => beforeS < atS && this.#timeS >= atS;
    if (passed(60)) this.#say("consensus", "vehicle 3 leads the cluster, term 2");
    if (passed(300)) this.#say("vehicle", "returns for a battery", { vehicle: 6 });
    if (passed(700)) {
      this.#say("fault", "out of range of the ground", { vehicle: 5, severity: "warning" });
    }
    if (passed(DETECTED_S)) {
      this.#states.set(327_681, "waiting");
      this.#say("search", "sees a person, 83% sure", { vehicle: 5, severity: "alarm" });
    }
  }

  view(): GroundView {
    this.#view ??= this.#bent(this.#compose());
    return this.#view;
  }

  frame(): Uint8Array {
    return encodeFrame({
      sequence: this.#sequence,
      missionTimeS: this.#timeS,
      originAltitudeAmslM: this.#hello.mission.originAltitudeAmslM,
      vehicles: this.view().vehicles,
    });
  }

  map(): GroundMap {
    const grid = gridOf(this.#squares);
    const done = new Set(this.#played().flatMap(({ done: ids }) => ids));
    const bytes = new Uint8Array(grid.rows * grid.cols);
    for (const square of this.#squares) {
      const searched = done.has(square.id) ? 0.3 : 1;
      const { southM, westM } = grid;
      const row0 = Math.round((square.centre.northM - SQUARE_M / 2 - southM) / CELL_M);
      const col0 = Math.round((square.centre.eastM - SQUARE_M / 2 - westM) / CELL_M);
      for (let r = row0; r < row0 + SQUARE_M / CELL_M && r < grid.rows; r += 1) {
        for (let c = col0; c < col0 + SQUARE_M / CELL_M && c < grid.cols; c += 1) {
          const at = { northM: southM + r * CELL_M, eastM: westM + c * CELL_M };
          bytes[r * grid.cols + c] = Math.min(255, likelihood(at) * searched * 200);
        }
      }
    }
    return {
      kind: "map",
      revision: Math.floor(this.#timeS),
      grid,
      densityBase64: Buffer.from(bytes).toString("base64"),
      densityMaxPerKm2: 0.11,
    };
  }

  tracks(): { kind: "tracks"; tracks: { vehicle: number; points: number[] }[] } {
    const base = this.#mission.base.position;
    const tracks = Array.from({ length: VEHICLES }, (_, k) => {
      const points: number[] = [];
      for (let t = Math.max(0, this.#timeS - 1500); t < this.#timeS; t += 4) {
        const { position } = play(this.#squares, base, k, t).vehicle;
        const height = this.#ground.heightAmslM(position.northM, position.eastM) + 70;
        points.push(...[position.northM, position.eastM, height].map(Math.round));
      }
      return { vehicle: k + 1, points };
    });
    return { kind: "tracks", tracks };
  }

  answer(request: PageRequest): GroundAnswer {
    this.#view = undefined;
    switch (request.kind) {
      case "order":
        return this.#order(request.id, request.order);
      case "simulation":
        this.#control(request.control);
        return answerDone(request.id, "done");
      case "export": {
        const text = "<gpx></gpx>";
        const file = { name: "hand-over.gpx", mediaType: "application/gpx+xml", text };
        return { ...answerDone(request.id, "file"), file };
      }
      case "replay":
        return answerRefused(request.id, problem("GND014"));
      case "whatIf":
        return answerRefused(request.id, problem("GND022", { detail: "a script has no fork" }));
      default:
        return request satisfies never;
    }
  }

  #order(id: number, order: PageOrder): GroundAnswer {
    if (order.kind === "confirm" || order.kind === "dismiss" || order.kind === "lookAgain") {
      const missing = problem("GND004", { remedy: "choose one from the list" });
      if (!this.#states.has(order.detection)) return answerRefused(id, missing);
      const states = {
        confirm: "confirmed",
        dismiss: "dismissed",
        lookAgain: "lookingAgain",
      } as const;
      this.#states.set(order.detection, states[order.kind]);
      this.#say("order", `detection ${order.detection}: ${order.kind}`, { severity: "notice" });
      return answerDone(id, "agreed");
    }
    if (order.kind === "clearAir") this.#clear = order;
    if (order.kind === "liftClearAir") this.#clear = undefined;
    if (order.kind === "handOver") this.#handedOver = true;
    const named = "targets" in order ? order.targets : "all";
    const targets = named === "all" ? Array.from({ length: VEHICLES }, (_, k) => k + 1) : named;
    const unknown = targets.find((target) => target < 1 || target > VEHICLES);
    if (unknown !== undefined)
      return answerRefused(id, problem("GND003", { detail: `${unknown}` }));
    this.#orders.unshift({
      id: `a1-1-${this.#orders.length + 1}`,
      kind: order.kind,
      about: order.kind === "evict" ? `vehicle ${order.vehicle}` : "",
      agreement: order.kind === "evict" ? "open" : "none",
      targets,
      issuedAtS: this.#timeS,
      states: targets.map((vehicle) => ({
        vehicle,
        state: vehicle === 5 ? ("sent" as const) : ("acting" as const),
        reason: "",
      })),
    });
    this.#say("order", `${order.kind} to ${targets.join(", ")}`, { severity: "notice" });
    return answerDone(id, "signed and sent");
  }

  #control(control: SimulationControl): void {
    if (control.kind === "pause") this.#paused = true;
    if (control.kind === "resume") this.#paused = false;
    if (control.kind === "speed") this.#speed = control.speed;
    if (control.kind === "fault") {
      this.#faults.set(this.#faults.size + 1, JSON.stringify(control.fault));
    }
    if (control.kind === "restore") this.#faults.clear();
  }

  #say(
    category: EventRow["category"],
    text: string,
    more: { vehicle?: number; severity?: EventRow["severity"] } = {},
  ): void {
    const { vehicle = null, severity = "info" } = more;
    const sequence = this.events.length + 1;
    this.events.push({ sequence, atS: this.#timeS, severity, vehicle, text, category });
  }

  #played(): Played[] {
    const base = this.#mission.base.position;
    return Array.from({ length: VEHICLES }, (_, k) => play(this.#squares, base, k, this.#timeS));
  }

  #vehicles(played: readonly Played[]): VehicleRow[] {
    return played.map(({ vehicle }) => ({
      ...vehicle,
      place: this.#namer(vehicle.position),
      needs: vehicle.index === 4 ? "battery will not reach base against this wind" : "",
      altitudeAmslM:
        this.#ground.heightAmslM(vehicle.position.northM, vehicle.position.eastM) +
        (vehicle.altitudeAglM ?? 0),
    }));
  }

  #detections(): DetectionRow[] {
    return [...this.#states].map(([id, state]) => {
      const seen = this.#seen.get(id) ?? { northM: 0, confidence: 0.83, atS: DETECTED_S };
      const position = { northM: 410 + seen.northM, eastM: 655 };
      return {
        id,
        name: detectionName(id),
        finder: 5,
        atS: seen.atS,
        position,
        errorM: 9,
        confidence: seen.confidence,
        imageRef: `image-${id}`,
        state,
        place: this.#namer(position),
      };
    });
  }

  #success(timeS: number): number {
    return 0.82 * (1 - Math.exp(-timeS / 5200));
  }

  #compose(): GroundView {
    this.#sequence += 1;
    const played = this.#played();
    const done = new Set(played.flatMap(({ done: ids }) => ids));
    const owners = new Map(played.map(({ vehicle }) => [vehicle.segment, vehicle.index]));
    const durationS = this.#hello.mission.durationS;
    const curve = Array.from({ length: Math.floor(this.#timeS / CURVE_EVERY_S) + 1 }, (_, i) => {
      const pos = this.#success(i * CURVE_EVERY_S);
      return [i * CURVE_EVERY_S, pos * 0.82, pos * 1.12] as const;
    });
    const pos = this.#success(this.#timeS);
    const found = [...this.#states.values()].includes("confirmed");
    return {
      kind: "view",
      sequence: this.#sequence,
      missionTimeS: this.#timeS,
      startedAtS: 0,
      phase: this.#handedOver ? "handedOver" : found ? "found" : "searching",
      vehicles: this.#vehicles(played),
      segments: this.#squares.map(({ id, poa }): SegmentRow => {
        const owner = owners.get(id) ?? null;
        const searched = done.has(id);
        return {
          id,
          poa: searched ? poa * 0.3 : poa,
          owner,
          state: searched ? "done" : owner === null ? "open" : "searching",
          passes: searched ? 1 : 0,
          podLow: searched ? 0.61 : 0,
          podHigh: searched ? 0.78 : 0,
        };
      }),
      detections: this.#detections(),
      pos: {
        low: pos * 0.82,
        high: pos * 1.12,
        predictedAtEnd: this.#success(durationS),
        curve,
        plan: Array.from({ length: 49 }, (_, i) => {
          const atS = (i * durationS) / 48;
          return [atS, this.#success(atS) * 1.03] as const;
        }),
      },
      nextRelief: { vehicle: 2, inS: 185 },
      orders: this.#orders,
      clearAir: {
        active: this.#clear !== undefined,
        ceilingAglM: this.#clear?.ceilingAglM ?? 0,
        clear: 5,
        total: VEHICLES,
        worst: this.#clear === undefined ? null : { vehicle: 4, inS: 12 },
        silent: [],
      },
      cluster: {
        leader: 3,
        term: 2,
        commitIndex: 214 + Math.floor(this.#timeS / 20),
        quorum: true,
        members: Array.from({ length: VEHICLES + 1 }, (_, index) => ({
          index,
          role: index === 3 ? ("leader" as const) : ("follower" as const),
          reachable: index !== 5,
          matchIndex: 214 + Math.floor(this.#timeS / 20) - (index === 5 ? 9 : 0),
        })),
      },
      security: {
        suite: "0x01 X25519+ML-KEM-768, Ed25519+ML-DSA-65, ChaCha20-Poly1305",
        epoch: 1,
        handshakes: 12,
        sessions: Array.from({ length: VEHICLES }, (_, k) => ({ peer: k + 1, ageS: 60 * (k + 3) })),
        evicted: [],
        refused: [{ reason: "SEC014", count: 3 }],
      },
      links: [1, 2, 3, 4, 6].map((a) => ({ a, b: 0, quality: 1 - a / 8, lifetimeS: 400 })),
      simulation: {
        paused: this.#paused,
        speed: this.#speed,
        reachedSpeed: this.#paused ? 0 : this.#speed,
        faults: [...this.#faults].map(([id, text]) => ({ id, text })),
        batteries: { ready: 9, charging: 3, waiting: 1 },
      },
    };
  }
}
