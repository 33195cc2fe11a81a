/**
 * A mission as a running world of real nodes: identities from the run's seed, the provider shared
 * and memoised between them, the Raft checker watching.
 */
import { createNativeProvider } from "../../adapters/crypto-native/native.ts";
import { SeededStream, invariant, nodeIndex, type NodeIndex } from "../../src/base/mod.ts";
import { RaftChecker } from "../../src/consensus/mod.ts";
import { createNode, type Node } from "../../src/node/mod.ts";
import {
  createPortableProvider,
  issueFleet,
  memoise,
  openPackage,
  withCharges,
  type CryptoProvider,
  type Directory,
  type Fleet,
} from "../../src/security/mod.ts";
import {
  plannerNamed,
  type Behaviour,
  type PlannerName,
  type PreparedSearch,
} from "../../src/swarm/mod.ts";
import {
  WORLD_EPOCH_MS,
  createWorld,
  type FaultPlan,
  type Seat,
  type World,
  type WorldChecker,
} from "../../sim/mod.ts";
import type { SearchMission } from "./load-search.ts";
import { scenarioOf } from "./scenario.ts";

export interface SimulationOptions {
  readonly loaded: SearchMission;
  readonly seed: number;
  readonly vehicleCount?: number;
  readonly planner?: PlannerName;
  readonly behaviour?: Behaviour;
  readonly faults?: FaultPlan;
  readonly lateS?: Readonly<Record<number, number>>;
  /** The portable provider is for engines without native code; slower by tens of times. */
  readonly provider?: "native" | "portable";
  /** Whether what one receiver has opened is remembered for the next. On by default. */
  readonly memo?: boolean;
  /** Seed of keys and nonces; decisions must not depend on it. The run's seed by default. */
  readonly entropySeed?: number;
}

export interface Simulation {
  readonly loaded: SearchMission;
  readonly options: SimulationOptions;
  readonly world: World<Node>;
  readonly vehicles: readonly NodeIndex[];
  /** "native+memo", for the report. */
  readonly crypto: string;
}

const DAY_S = 86_400;
const EPOCH_S = WORLD_EPOCH_MS / 1000;
const CLUSTER = 1;
/** The antenna stands on a mast. */
const ANTENNA_M = 5;

export function openSimulation(options: SimulationOptions): Simulation {
  const { loaded, seed } = options;
  const { mission, ground, prior, search: place } = loaded;
  const vehicleCount = options.vehicleCount ?? mission.vehicles.count;
  const provider = providerOf(options);
  const fleet = issueFleet(provider, {
    missionId: mission.missionId,
    fleetNumber: 1,
    vehicleCount,
    notBeforeS: EPOCH_S - DAY_S,
    notAfterS: EPOCH_S + 30 * DAY_S,
  });
  const scenario = scenarioOf({
    mission,
    ground,
    prior,
    vehicleCount,
    seed,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(options.lateS === undefined ? {} : { lateS: options.lateS }),
  });
  const vehicles = Array.from({ length: vehicleCount }, (_, i) => nodeIndex(i + 1));
  const opened = openPackage(provider, fleet.package);
  invariant(opened.ok, "a fleet that was just issued opens");
  const plan = plannerNamed(options.planner ?? "massRate").divide(place, prior);
  const shared: Shared = {
    fleet,
    provider,
    vehicles,
    directory: opened.value,
    search: { world: place, prior, plan },
    founders: vehicles.filter((vehicle) => (options.lateS?.[vehicle] ?? 0) === 0),
  };
  const world = createWorld(scenario, nodeFactory(options, shared));
  world.addChecker(raftChecker());
  return { loaded, options, world, vehicles, crypto: cryptoName(options) };
}

function providerOf(options: SimulationOptions): CryptoProvider {
  const entropy = seededEntropy(options.entropySeed ?? options.seed);
  const inner =
    options.provider === "portable"
      ? createPortableProvider({ entropy })
      : createNativeProvider({ entropy });
  return (options.memo ?? true) ? memoise(inner) : inner;
}

const cryptoName = ({ provider, memo }: SimulationOptions): string =>
  `${provider ?? "native"}${(memo ?? true) ? "+memo" : ""}`;

/** Repeatable, hence worthless as a secret: keys of simulated vehicles only. */
function seededEntropy(seed: number): (into: Uint8Array) => void {
  const stream = new SeededStream(seed, "entropy");
  return (into) => {
    for (let i = 0; i < into.length; i += 1) into[i] = stream.u32() & 0xff;
  };
}

interface Shared {
  readonly fleet: Fleet;
  readonly provider: CryptoProvider;
  readonly directory: Directory;
  readonly search: PreparedSearch;
  readonly vehicles: readonly NodeIndex[];
  readonly founders: readonly NodeIndex[];
}

function nodeFactory(options: SimulationOptions, shared: Shared): (seat: Seat) => Node {
  const { fleet, provider, directory, search, vehicles, founders } = shared;
  const { mission, ground } = options.loaded;
  const { northM, eastM } = mission.base.position;
  const station = { northM, eastM, altitudeAmslM: ground.heightAmslM(northM, eastM) + ANTENNA_M };
  return (seat) => {
    const isGround = seat.role === "ground";
    const member = isGround ? fleet.ground : fleet.vehicles[seat.slot - 1]!;
    return createNode({
      self: nodeIndex(seat.slot),
      role: seat.role,
      cluster: CLUSTER,
      vehicles,
      grounds: [nodeIndex(0)],
      founders,
      search,
      directory,
      provider: withCharges(provider, seat.charge),
      secrets: member.secrets,
      seed: seat.seed,
      recovered: seat.recovered,
      trace: seat.trace,
      ...(isGround ? { operatorSecrets: fleet.operator.secrets, station } : {}),
      ...(options.planner === undefined ? {} : { planner: options.planner }),
      ...(options.behaviour === undefined ? {} : { behaviour: options.behaviour }),
    });
  };
}

/** Election safety, log matching, leader completeness, state machine safety, in every run. */
function raftChecker(): WorldChecker<Node> {
  const checker = new RaftChecker();
  return {
    name: "raft",
    afterStep: (slot, node) => {
      const [violation] = checker.observe(nodeIndex(slot), node.layers.consensus);
      if (violation === undefined) return undefined;
      const { invariant: name, term, index } = violation;
      return `${name} at index ${String(index)} of term ${String(term)}`;
    },
  };
}
