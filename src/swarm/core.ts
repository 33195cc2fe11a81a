/**
 * What one vehicle's swarm layer holds. One owner (`Swarm`), many free functions that read and
 * change it; `state` is plain data, so that saving is writing it down.
 */
import { SeededStream, invariant, readPlain, writePlain } from "../base/mod.ts";
import type { ByteReader, ByteWriter, Emit, NodeIndex, SegmentId } from "../base/mod.ts";
import type { LocalPosition, VehicleSample } from "../hal/mod.ts";
import type { GroundPoint, Zone } from "./area/mod.ts";
import { BehaviourRunner } from "./behaviours/runner.ts";
import type { Behaviour } from "./behaviours/define.ts";
import type { ParamValues, Params } from "./behaviours/params.ts";
import { cluesOf } from "./detection/detections.ts";
import type { Sighting, Untold } from "./detection/detections.ts";
import { CEILING_MARGIN_M, CLEARANCE_MARGIN_M } from "./envelope/envelope.ts";
import type { EnvelopeRules } from "./envelope/envelope.ts";
import { surfaceOf, TREES_MAX_M } from "./envelope/ground.ts";
import type { Track } from "./envelope/tracks.ts";
import { CLUES_MAX, searchMap, setClues } from "./map/mod.ts";
import type { PriorMap, SearchGround, SearchMap } from "./map/mod.ts";
import { padCountOf, padPosition } from "./pads.ts";
import type { SearchPlan } from "./planner/segments.ts";
import { distanceM } from "./planner/planner.ts";
import type { SearchPlanner } from "./planner/planner.ts";
import type { Ground } from "./terrain/mod.ts";
import { loadProgress, progressDigest, progressTable, saveProgress } from "./search/progress.ts";
import type { ProgressTable } from "./search/progress.ts";
import { taskState } from "./search/tasks.ts";
import type { TaskState } from "./search/tasks.ts";
import type { ClipReason, Duty, SwarmOut } from "./types.ts";

export interface SwarmConfig {
  readonly self: NodeIndex;
  /** Slot among the mission's vehicles; of no meaning on the ground. */
  readonly slot: number;
  readonly slots: number;
  /** How many plan and gossip together: the members of a cluster. All, where it is not said. */
  readonly crowd?: number;
  /** Who searches what, where a swarm has several clusters; absent where it is one. */
  readonly shares?: Shares;
  /** On the ground: keeps the map and the table, commands and claims nothing. */
  readonly passive: boolean;
  readonly world: SearchGround;
  readonly prior: PriorMap;
  readonly plan: SearchPlan;
  /** One planner object a node: it keeps a cache. */
  readonly planner: SearchPlanner;
  /** Flies instead of the search. */
  readonly behaviour:
    { readonly behaviour: Behaviour; readonly params?: ParamValues<Params> } | undefined;
  readonly seed: number;
}

/** The shares of the clusters; asked again each time, because they change. */
export interface Shares {
  readonly own: () => number;
  readonly ofSegment: (segment: number) => number;
  /** 0 for who belongs to every cluster. */
  readonly ofPeer: (peer: NodeIndex) => number;
}

export interface Ceiling {
  readonly ceilingAglM: number;
  readonly volume:
    { readonly northM: number; readonly eastM: number; readonly radiusM: number } | undefined;
  /** Whoever is inside comes home, nobody enters. */
  readonly leave: boolean;
}

export const CEILINGS_MAX = 16;
export const VALUES_MAX = 64;
export const NO_OWNER = 0xffff;

export interface SwarmState {
  sample: VehicleSample | undefined;
  readonly orders: {
    started: boolean;
    armGranted: boolean;
    hold: boolean;
    goHome: boolean;
    land: boolean;
    ceilings: Ceiling[];
  };
  readonly fault: {
    hold: string | undefined;
    goHome: string | undefined;
    land: string | undefined;
    quorum: boolean;
    ground: boolean;
  };
  readonly flight: {
    home: LocalPosition | undefined;
    biasM: number;
    /** Measured power over nominal cruise power, filtered. */
    powerRatio: number;
    duty: Duty;
    reason: string;
    wasInAir: boolean;
    wasReleased: boolean;
    /** The crew's switch has risen since this node started or last landed, and is thrown. */
    switchThrown: boolean;
    /** The page has released it since it last landed; the switch does not take that back. */
    releasedByPage: boolean;
    climbing: boolean;
    mustGoHome: boolean;
    touchingDown: boolean;
    commandedMs: number;
    /** When the present duty began. */
    dutyMs: number;
    /** Cruise seconds that the way home costs, and that are left above the reserve. */
    homeS: number;
    usableS: number;
    energyMs: number;
    workMs: number;
    hasWork: boolean;
    planMs: number;
    wayHome: readonly { readonly northM: number; readonly eastM: number }[];
  };
  readonly tasks: TaskState;
  sightings: Sighting[];
  /** Own detections that the log has not agreed on. */
  untold: readonly Untold[];
  /** Clues from operators, by id. */
  clues: {
    readonly id: number;
    readonly northM: number;
    readonly eastM: number;
    readonly errorM: number;
    readonly weight: number;
  }[];
  /** The detection that this vehicle looks at or stands over. */
  place: { readonly id: number; readonly costS: number } | undefined;
  values: { readonly key: string; readonly value: readonly number[] }[];
  shared: {
    readonly index: NodeIndex;
    readonly key: string;
    readonly value: readonly number[];
    readonly atMs: number;
  }[];
  toldMs: { readonly key: string; readonly atMs: number }[];
  tracks: Track[];
  clips: Partial<Record<ClipReason, number>>;
  readonly gossip: { intentMs: number; cursor: number; differs: boolean };
}

export interface Core {
  readonly config: SwarmConfig;
  map: SearchMap;
  table: ProgressTable;
  /** Owner of each segment as the log has it, `NO_OWNER` when free. */
  readonly owners: Uint16Array;
  state: SwarmState;
  readonly random: SeededStream;
  readonly runners: Map<string, BehaviourRunner>;
  readonly rules: EnvelopeRules;
  readonly layerAglM: number;
  readonly surface: Ground;
  /** `progressDigest` by share, as of a revision of the map, which every sweep raises. */
  digest: { readonly revision: number; readonly values: Map<number, number> } | undefined;
}

export interface Step {
  readonly nowMs: number;
  readonly emit: Emit<SwarmOut>;
}

export function newCore(config: SwarmConfig): Core {
  const { mission } = config.world;
  const { limits, vehicles } = mission;
  return {
    config,
    map: searchMap(config.prior),
    table: progressTable(config.plan),
    owners: new Uint16Array(config.plan.segments.length).fill(NO_OWNER),
    state: newState(),
    random: new SeededStream(config.seed, "swarm", config.self),
    runners: new Map(),
    rules: { ...limits, ...vehicles, zones: mission.zones },
    layerAglM: layerOf(config),
    surface: surfaceOf(config.world.ground, config.world.coverAt),
    digest: undefined,
  };
}

function newState(): SwarmState {
  return {
    sample: undefined,
    orders: {
      started: false,
      armGranted: false,
      hold: false,
      goHome: false,
      land: false,
      ceilings: [],
    },
    fault: { hold: undefined, goHome: undefined, land: undefined, quorum: true, ground: true },
    flight: {
      home: undefined,
      biasM: 0,
      powerRatio: 1,
      duty: "grounded",
      reason: "",
      wasInAir: false,
      // A switch that was thrown before this node started is not a person's act of this boot.
      wasReleased: true,
      switchThrown: false,
      releasedByPage: false,
      climbing: false,
      mustGoHome: false,
      touchingDown: false,
      commandedMs: -1e9,
      dutyMs: -1e9,
      homeS: 0,
      usableS: 0,
      energyMs: -1e9,
      workMs: -1e9,
      hasWork: false,
      planMs: -1e9,
      wayHome: [],
    },
    tasks: taskState(),
    sightings: [],
    untold: [],
    clues: [],
    place: undefined,
    values: [],
    shared: [],
    toldMs: [],
    tracks: [],
    clips: {},
    gossip: { intentMs: -1e9, cursor: 0, differs: false },
  };
}

/** Beyond the vertical minimum, so that two layers count as apart with noise on both heights. */
const LAYER_EXTRA_M = 4.5;
const LAYER_STEP_MAX_M = 10;

/** Transit heights are dealt out by slot between clearance over trees and the ceiling. */
function layerOf(config: SwarmConfig): number {
  const { limits } = config.world.mission;
  const high = limits.aglMaxM - CEILING_MARGIN_M - 6;
  const low = Math.min(high, limits.clearanceM + CLEARANCE_MARGIN_M + TREES_MAX_M + 4);
  const even = (high - low) / Math.max(1, config.slots - 1);
  const least = limits.minSeparationVerticalM + LAYER_EXTRA_M;
  const step = Math.max(least, Math.min(LAYER_STEP_MAX_M, even));
  const count = Math.max(1, Math.floor((high - low) / step + 1e-9) + 1);
  return low + (config.slot % count) * step;
}

/** Where this vehicle belongs: its pad as it was seen, else as the base lays it out. */
export function homeOf(core: Core): GroundPoint {
  const { config, state } = core;
  const { base } = config.world.mission;
  return state.flight.home ?? padPosition(base, config.slot, padCountOf(base, config.slots));
}

export const ownerOf = (core: Core, segment: SegmentId): NodeIndex | undefined => {
  const owner = core.owners[segment] ?? NO_OWNER;
  return owner === NO_OWNER ? undefined : (owner as NodeIndex);
};

/** Whether a segment is for this node's cluster to search; the ground's are all. */
export const isInShare = ({ config: { shares, passive } }: Core, segment: number): boolean =>
  shares === undefined || passive || shares.ofSegment(segment) === shares.own();

/**
 * The digest of what this node and `peer` both keep: of the peer's share, or of all where there is
 * one cluster.
 */
export function digestOf(core: Core, peer: NodeIndex = core.config.self): number {
  const { revision } = core.map;
  const { shares } = core.config;
  if (core.digest?.revision !== revision) core.digest = { revision, values: new Map() };
  const share = shares?.ofPeer(peer) ?? 0;
  const known = core.digest.values.get(share);
  if (known !== undefined) return known;
  const isIn = (segment: number): boolean => share === 0 || shares?.ofSegment(segment) === share;
  const value = progressDigest(core.table, isIn);
  core.digest.values.set(share, value);
  return value;
}

/** The clues of operators and of sightings without a verdict, on the map. */
export function refreshClues(core: Core): void {
  const { sensor } = core.config.world.mission;
  const clues = [...core.state.clues, ...cluesOf(core.state.sightings, sensor.falseAlarmsPerKm2)];
  setClues(core.map, clues.slice(-CLUES_MAX));
}

/** A user's behaviour may be called "hold": it flies in nobody's place, having a key of its own. */
function runnerKey(core: Core, behaviour: Behaviour): string {
  const isOwn = core.config.behaviour?.behaviour === behaviour;
  return isOwn ? `${OWN}${behaviour.name}` : behaviour.name;
}
/** No name of a behaviour has a space. */
const OWN = "own ";

/** The runner of a behaviour that has flown. */
export const runnerSoFar = (core: Core, behaviour: Behaviour): BehaviourRunner | undefined =>
  core.runners.get(runnerKey(core, behaviour));

/** One runner a behaviour, kept while it is in use. */
export function runnerOf(core: Core, behaviour: Behaviour): BehaviourRunner {
  const key = runnerKey(core, behaviour);
  const known = core.runners.get(key);
  if (known !== undefined) return known;
  const own = core.config.behaviour;
  const isOwn = own?.behaviour === behaviour;
  const params = isOwn && own.params !== undefined ? { params: own.params } : {};
  const made = new BehaviourRunner(behaviour, { ...params, builtIn: !isOwn });
  core.runners.set(key, made);
  return made;
}

/** Within this of a volume's edge counts as inside. */
const VOLUME_EDGE_M = 50;

export const isInside = ({ volume }: Ceiling, at: GroundPoint): boolean =>
  volume === undefined || distanceM(at, volume) <= volume.radiusM + VOLUME_EDGE_M;

/**
 * Clear-air volumes as zones: above their ceiling no vehicle enters them. One that is to be left is
 * no zone to whoever is inside or has its pad there: it flies out, or home.
 */
export function zonesNow(core: Core): readonly Zone[] {
  const { zones } = core.config.world.mission;
  const { sample, orders } = core.state;
  const here = sample?.position;
  const volumes = orders.ceilings.filter((ceiling) => {
    if (ceiling.volume === undefined) return false;
    const bound = here !== undefined && isInside(ceiling, here);
    return !ceiling.leave || (!bound && !isInside(ceiling, homeOf(core)));
  });
  if (volumes.length === 0) return zones;
  return [
    ...zones,
    ...volumes.map(({ ceilingAglM, volume }, i) => ({
      name: `clear-air ${String(i + 1)}`,
      polygon: { outer: octagonAround(volume!), holes: [] },
      floor: { reference: "agl" as const, altitudeM: ceilingAglM },
      ceiling: undefined,
    })),
  ];
}

function octagonAround(volume: {
  readonly northM: number;
  readonly eastM: number;
  readonly radiusM: number;
}): { readonly northM: number; readonly eastM: number }[] {
  const { northM, eastM, radiusM } = volume;
  // Corners so far out that the sides touch the circle.
  const far = radiusM * 1.0824;
  const near = far * Math.SQRT1_2;
  const corners: readonly (readonly [number, number])[] = [
    [far, 0],
    [near, near],
    [0, far],
    [-near, near],
    [-far, 0],
    [-near, -near],
    [0, -far],
    [near, -near],
  ];
  return corners.map(([n, e]) => ({ northM: northM + n, eastM: eastM + e }));
}

/** State and progress; the map follows from them. */
export function saveCore(core: Core, to: ByteWriter): void {
  writePlain(to, core.state);
  for (const owner of core.owners) to.u16(owner);
  saveProgress(core.table, to);
  core.random.save(to);
  const names = [...core.runners.keys()].sort((x, y) => (x < y ? -1 : 1));
  to.u8(names.length);
  for (const name of names) {
    to.text(name);
    core.runners.get(name)!.save(to);
  }
}

const ownBehaviours = ({ config }: Core): readonly Behaviour[] =>
  config.behaviour === undefined ? [] : [config.behaviour.behaviour];

export function loadCore(core: Core, from: ByteReader, builtIn: readonly Behaviour[]): void {
  core.state = readPlain(from) as SwarmState;
  for (let i = 0; i < core.owners.length; i += 1) core.owners[i] = from.u16();
  core.map = searchMap(core.config.prior);
  core.table = progressTable(core.config.plan);
  core.digest = undefined;
  loadProgress(core.config.plan, core, from);
  core.random.load(from);
  core.runners.clear();
  const count = from.u8();
  for (let i = 0; i < count; i += 1) {
    const name = from.text();
    const behaviours = name.startsWith(OWN) ? ownBehaviours(core) : builtIn;
    const behaviour = behaviours.find((one) => runnerKey(core, one) === name);
    invariant(behaviour !== undefined, "a saved behaviour is one of those that this build has");
    runnerOf(core, behaviour).load(from);
  }
  refreshClues(core);
}
