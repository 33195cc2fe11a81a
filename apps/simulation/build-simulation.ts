/**
 * A mission as a running world of real nodes: identities from the run's seed, one provider shared
 * between them, the Raft checker watching. Pure: it runs in any engine (`open-simulation.ts` adds
 * the native provider where there is one).
 */
import { invariant, nodeIndex, type NodeIndex } from "../../src/base/mod.ts";
import { RaftChecker, type EntryVerifier } from "../../src/consensus/mod.ts";
import { createNode, entryVerifier, type Node } from "../../src/node/mod.ts";
import {
  checkOrder,
  issueFleet,
  openPackage,
  orderId,
  withCharges,
  type CryptoProvider,
  type Directory,
  type Fleet,
} from "../../src/security/mod.ts";
import {
  foundingDivision,
  foundingTables,
  plannerNamed,
  type Behaviour,
  type Founding,
  type PlannerName,
  type PreparedSearch,
} from "../../src/swarm/mod.ts";
import {
  WORLD_EPOCH_MS,
  createWorld,
  type FaultPlan,
  type OrderProof,
  type Scenario,
  type Seat,
  type World,
  type WorldChecker,
} from "../../sim/mod.ts";
import type { SearchMission } from "../mission/search-mission.ts";
import { faultAim } from "./fault-aim.ts";
import { scenarioOf } from "./scenario.ts";

export interface BuildOptions {
  readonly loaded: SearchMission;
  readonly seed: number;
  readonly vehicleCount?: number;
  readonly planner?: PlannerName;
  readonly behaviour?: Behaviour;
  readonly faults?: FaultPlan;
  readonly lateS?: Readonly<Record<number, number>>;
  /** False in a control: what a dead vehicle held stays its own, as if nobody had noticed. */
  readonly handOver?: boolean;
  /** The planner whose rule of choice is followed over the segments of `planner`; else that one. */
  readonly choice?: PlannerName;
  /** What a fork has otherwise than the world that it was taken from: its wind, its cameras. */
  readonly amend?: (scenario: Scenario) => Scenario;
}

export interface Simulation {
  readonly loaded: SearchMission;
  readonly options: BuildOptions;
  readonly world: World<Node>;
  readonly vehicles: readonly NodeIndex[];
  /** What the checker of orders goes by. */
  readonly proof: OrderProof<Node>;
  /** Name of the provider, for the report. */
  readonly crypto: string;
  /** Called with each node that boots from now on, before its first step. */
  readonly onBirth: (listener: (slot: number, node: Node) => void) => void;
}

const DAY_S = 86_400;
const EPOCH_S = WORLD_EPOCH_MS / 1000;
/** The antenna stands on a mast. */
const ANTENNA_M = 5;

export function buildSimulation(options: BuildOptions, provider: CryptoProvider): Simulation {
  const { loaded, seed } = options;
  const { mission, ground, prior, search: place } = loaded;
  const vehicleCount = options.vehicleCount ?? mission.vehicles.count;
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
    founding: foundingTables(foundingDivision(vehicles, plan, mission.radio.channelCount)),
    births: [],
    founders: vehicles.filter((vehicle) => (options.lateS?.[vehicle] ?? 0) === 0),
  };
  const proof = orderProof(provider, opened.value);
  const amended = options.amend?.(scenario) ?? scenario;
  const aim = faultAim([0, ...vehicles], plan);
  const world = createWorld(amended, nodeFactory(options, shared), proof, aim);
  world.addChecker(raftChecker(entryVerifier(provider, opened.value)));
  const onBirth: Simulation["onBirth"] = (listener) => {
    shared.births.push(listener);
  };
  return { loaded, options, world, vehicles, proof, crypto: provider.name, onBirth };
}

interface Shared {
  readonly fleet: Fleet;
  readonly provider: CryptoProvider;
  readonly directory: Directory;
  readonly search: PreparedSearch;
  readonly vehicles: readonly NodeIndex[];
  readonly founding: Founding;
  readonly founders: readonly NodeIndex[];
  readonly births: ((slot: number, node: Node) => void)[];
}

function nodeFactory(options: BuildOptions, shared: Shared): (seat: Seat) => Node {
  const { fleet, provider, directory, search, vehicles, founding, founders, births } = shared;
  const { mission, ground } = options.loaded;
  const planner = options.choice ?? options.planner;
  const { northM, eastM } = mission.base.position;
  const station = { northM, eastM, altitudeAmslM: ground.heightAmslM(northM, eastM) + ANTENNA_M };
  return (seat) => {
    const isGround = seat.role === "ground";
    const member = isGround ? fleet.ground : fleet.vehicles[seat.slot - 1]!;
    const node = createNode({
      self: nodeIndex(seat.slot),
      role: seat.role,
      founding,
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
      ...(options.handOver === undefined ? {} : { handOver: options.handOver }),
      ...(planner === undefined ? {} : { planner }),
      ...(options.behaviour === undefined ? {} : { behaviour: options.behaviour }),
    });
    for (const listener of births) listener(seat.slot, node);
    return node;
  };
}

/** What a node's copy of an order says, by the mission's keys and not by the node's own word. */
function orderProof(provider: CryptoProvider, directory: Directory): OrderProof<Node> {
  return (node, id) => {
    const record = node.orders.find(({ order }) => orderId(order) === id);
    if (record === undefined) return undefined;
    const checked = checkOrder(provider, directory, record.bytes);
    if (!checked.ok || orderId(checked.value.order) !== id) return undefined;
    const { command, targets } = checked.value.order;
    return { kind: command.kind, targets };
  };
}

/**
 * Election safety, log matching, leader completeness, state machine safety, in every run; each
 * cluster's log apart.
 */
function raftChecker(verify: EntryVerifier): WorldChecker<Node> {
  const checkers = new Map<number, RaftChecker>();
  return {
    name: "raft",
    afterStep: (slot, node) => {
      for (const { cluster, consensus } of node.layers.logs.all) {
        const checker = checkers.get(cluster) ?? new RaftChecker({ verify });
        checkers.set(cluster, checker);
        const [violation] = checker.observe(nodeIndex(slot), consensus);
        if (violation === undefined) continue;
        const { invariant: name, term, index } = violation;
        const where = cluster === 0 ? "" : ` of cluster ${String(cluster)}`;
        return `${name} at index ${String(index)} of term ${String(term)}${where}`;
      }
      return undefined;
    },
  };
}
