/**
 * A perfect wire between a few nodes, for tests of the node alone: every datagram reaches all
 * others after two milliseconds, the store answers at once, vehicles stand on their pads.
 */
import { TimeHeap, monotonicMs, nodeIndex, type NodeIndex } from "../base/mod.ts";
import type { RecoveredStore, StoreRequest, VehicleSample } from "../hal/mod.ts";
import {
  createPortableProvider,
  issueFleet,
  memoise,
  openPackage,
  type CryptoProvider,
  type Directory,
  type OrderCommand,
} from "../security/mod.ts";
import {
  coverAt,
  flatGround,
  parseMission,
  plannerNamed,
  prepareSearch,
  type Mission,
} from "../swarm/mod.ts";
import { createNode } from "./create-node.ts";
import type { NodeEventDetail } from "./events.ts";
import type { Node } from "./node.ts";
import type { Effect, Stimulus } from "./types.ts";

const EPOCH_MS = 1_790_000_000_000;
const DELAY_MS = 2;

type Records = { name: string; records: readonly Uint8Array[] }[];

export class Wire {
  readonly events: { readonly node: number; readonly detail: NodeEventDetail }[] = [];
  readonly commands: { readonly node: number; readonly kind: string }[] = [];
  readonly nodes: Node[] = [];
  /** Nodes that hear nobody and are heard by nobody. */
  readonly deaf = new Set<number>();
  /** What every node of the fleet holds; and so whoever captures one. */
  readonly provider: CryptoProvider;
  readonly directory: Directory;
  nowMs = 0;
  /** Someone with a receiver and no key. */
  heard: ((from: number, bytes: Uint8Array) => void) | undefined;
  /** Whether a node that boots is told the time of day. */
  hasClock = false;
  readonly #stores: Records[] = [];
  readonly #build: (slot: number) => Node;
  readonly #heap = new TimeHeap({ initialCount: 64 });
  readonly #pending: { readonly to: number; readonly stimulus: Stimulus }[] = [];

  constructor(vehicleCount: number) {
    const mission = smallMission();
    const ground = flatGround(mission.origin.altitudeAmslM);
    const world = { mission, ground, coverAt: coverAt(mission.cover) };
    const provider = memoise(createPortableProvider({ entropy: counterEntropy() }));
    const fleet = issueFleet(provider, {
      missionId: mission.missionId,
      fleetNumber: 1,
      vehicleCount,
      notBeforeS: EPOCH_MS / 1000 - 10,
      notAfterS: EPOCH_MS / 1000 + 10_000,
    });
    const opened = openPackage(provider, fleet.package);
    if (!opened.ok) throw new Error("the test's fleet does not open");
    this.provider = provider;
    this.directory = opened.value;
    const search = prepareSearch(world, plannerNamed("massRate"));
    const vehicles = Array.from({ length: vehicleCount }, (_, i) => nodeIndex(i + 1));
    this.#build = (slot) =>
      createNode({
        self: nodeIndex(slot),
        role: slot === 0 ? "ground" : "vehicle",
        vehicles,
        grounds: [nodeIndex(0)],
        search,
        directory: opened.value,
        provider,
        secrets: slot === 0 ? fleet.ground.secrets : fleet.vehicles[slot - 1]!.secrets,
        seed: slot * 1000 + (this.#stores[slot]?.length ?? 0),
        recovered: this.#stores[slot] ?? [],
        ...(this.hasClock ? { civilS: (EPOCH_MS + this.nowMs) / 1000 } : {}),
        ...(slot === 0
          ? {
              operatorSecrets: fleet.operator.secrets,
              station: { northM: 0, eastM: 0, altitudeAmslM: 500 },
            }
          : {}),
      });
    for (let slot = 0; slot <= vehicleCount; slot += 1) {
      this.#stores.push([]);
      this.nodes.push(this.#build(slot));
    }
  }

  /** What a node finds when it boots. */
  stored(slot: number): RecoveredStore {
    return this.#stores[slot] ?? [];
  }

  /** Somebody replaces the store by an empty one. */
  empty(slot: number): void {
    this.#stores[slot]!.length = 0;
  }

  /** Power off and on: what was stored survives, nothing else. */
  reboot(slot: number): void {
    this.nodes[slot] = this.#build(slot);
  }

  /** A second node in the saved state of the first takes its place. */
  replace(slot: number, load: (fresh: Node) => void): void {
    const fresh = this.#build(slot);
    load(fresh);
    this.nodes[slot] = fresh;
  }

  give(command: OrderCommand, targets: "all" | readonly NodeIndex[] = "all"): void {
    const draft = { command, targets, validForMs: 30_000, supersedes: undefined };
    this.step(0, { kind: "operator", draft });
  }

  run(untilMs: number): void {
    while (this.nowMs < untilMs) {
      const atMs = Math.min(untilMs, this.nowMs + 1);
      this.nowMs = atMs;
      this.#deliver();
      for (const [slot, node] of this.nodes.entries()) {
        if (atMs % 1000 === 0) this.#clock(slot);
        if (slot > 0 && atMs % 100 === 0)
          this.step(slot, { kind: "vehicle", sample: onPad(slot, atMs > 1000) });
        if (node.wakeAt() <= atMs) this.step(slot, { kind: "wake" });
      }
    }
  }

  step(slot: number, stimulus: Stimulus): void {
    const effects: Effect[] = [];
    this.nodes[slot]?.step(monotonicMs(this.nowMs), stimulus, (effect) => effects.push(effect));
    for (const effect of effects) this.#perform(slot, effect);
  }

  #clock(slot: number): void {
    const timeMs = EPOCH_MS + this.nowMs;
    this.step(slot, { kind: "clock", source: "host", timeMs, errorMs: 5 });
  }

  #perform(slot: number, effect: Effect): void {
    switch (effect.kind) {
      case "transmit":
        this.send(slot, effect.datagram.bytes);
        return;
      case "ask":
        keep(this.#stores[slot]!, effect.request);
        this.step(slot, { kind: "answer", answer: { ticket: effect.ticket, outcome: "done" } });
        return;
      case "command":
        this.commands.push({ node: slot, kind: effect.command.kind });
        return;
      case "tune":
        // The wire is one channel.
        return;
      case "report":
        this.events.push({ node: slot, detail: effect.event.detail });
        return;
      default:
        effect satisfies never;
    }
  }

  /** Onto the air, from where node `from` is. */
  send(from: number, bytes: Uint8Array): void {
    if (this.deaf.has(from)) return;
    this.heard?.(from, bytes);
    const datagram = { radio: 0, bytes, rssiDbm: -50, snrDb: 40 };
    for (let to = 0; to < this.nodes.length; to += 1) {
      if (to === from || this.deaf.has(to)) continue;
      this.#heap.push(this.nowMs + DELAY_MS, this.#pending.length);
      this.#pending.push({ to, stimulus: { kind: "datagram", datagram } });
    }
  }

  #deliver(): void {
    while (this.#heap.nextTime() <= this.nowMs) {
      const { to, stimulus } = this.#pending[this.#heap.pop()]!;
      this.step(to, stimulus);
    }
  }
}

/** Level ground, a circle of 300 m. */
function smallMission(): Mission {
  const parsed = parseMission({
    format: "skein-mission/1",
    name: "wire",
    missionId: 7,
    origin: { latDeg: 46.95, lonDeg: 7.44, altitudeAmslM: 560 },
    lastKnownPosition: { northM: 0, eastM: 0 },
    distances: {
      quantiles: [
        { share: 0.5, distanceM: 150 },
        { share: 0.95, distanceM: 400 },
      ],
      source: "made up for tests",
    },
    area: { circle: { radiusM: 300 } },
    vehicles: { count: 3, batteryMinutes: 12, cruiseMps: 10 },
    sensor: {
      name: "camera",
      aglM: 50,
      footprintM: 70,
      sweepWidthM: { open: 50, scrub: 40, forest: 10 },
      sweepWidthSource: "made up for tests",
    },
    base: { position: { northM: -320, eastM: 40 }, pads: 3, spareBatteries: 2 },
    limits: { clearanceM: 20, aglMaxM: 120, fence: { marginM: 100 } },
    plan: { segmentMinutes: 1.5, cellM: 20 },
    simulation: { durationMinutes: 10 },
  });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ text }) => text).join("; "));
  return parsed.value;
}

function keep(store: Records, request: StoreRequest): void {
  const found = store.find(({ name }) => name === request.name);
  const row = found ?? { name: request.name, records: [] };
  if (found === undefined) store.push(row);
  if (request.kind === "append") row.records = [...row.records, ...request.records];
  else if (request.kind === "replace") row.records = [...request.records];
  else row.records = row.records.slice(0, request.keepCount);
}

function counterEntropy(): (into: Uint8Array) => void {
  let count = 0;
  return (into) => {
    for (let i = 0; i < into.length; i += 1) {
      count += 1;
      into[i] = (count * 167 + (count >> 8) * 59) & 0xff;
    }
  };
}

/** The crew throws the switches a second after the nodes have started. */
const onPad = (slot: number, released: boolean): VehicleSample => ({
  position: { northM: slot * 20, eastM: 0, altitudeAmslM: 500 },
  velocity: { northMps: 0, eastMps: 0, downMps: 0 },
  yawRad: 0,
  positionErrorM: 1,
  positionValid: true,
  altitudeAglM: 0,
  batteryRatio: 1,
  batteryFullWh: 130,
  powerW: 0,
  windNorthMps: 0,
  windEastMps: 0,
  mode: "idle",
  armed: false,
  inAir: false,
  released,
  ready: true,
});
