/**
 * Builds a node from its configuration: every layer with streams of its own. What is the same for
 * all nodes of a mission (directory, prepared search) may be shared between nodes of one process.
 */
import { BROADCAST, SeededStream, clusterAddress, type NodeIndex } from "../base/mod.ts";
import {
  Consensus,
  initialConfiguration,
  type ConsensusTiming,
  type EntryVerifier,
} from "../consensus/mod.ts";
import { Fault } from "../fault/mod.ts";
import type { LocalPosition, RecoveredStore } from "../hal/mod.ts";
import { Network } from "../network/mod.ts";
import {
  Security,
  checkOrder,
  decodeSignedOrder,
  importNodeKeys,
  importOperatorKeys,
  type CryptoProvider,
  type Directory,
  type NodeSecrets,
} from "../security/mod.ts";
import {
  Partition,
  Swarm,
  foundingDivision,
  foundingTables,
  plannerNamed,
  type Behaviour,
  type Founding,
  type PlannerName,
  type PreparedSearch,
  type SwarmConfig,
} from "../swarm/mod.ts";
import { ClusterLogs, clusterLog, type ClusterLog } from "./cluster-logs.ts";
import { nextBootCount } from "./boot-record.ts";
import type { Layers, OrderReader } from "./layers.ts";
import { clusterTiming } from "./cluster-timing.ts";
import { Node, STORE_DIVISION } from "./node.ts";
import { refuseEntry } from "./order-entry.ts";

export interface NodeConfig {
  readonly self: NodeIndex;
  readonly role: "vehicle" | "ground";
  /** The division that the mission begins with; nodes of one process may share it. */
  readonly founding?: Founding;
  /** Every vehicle and ground station of the directory, ascending. */
  readonly vehicles: readonly NodeIndex[];
  readonly grounds: readonly NodeIndex[];
  /** Vehicles that make up the first configurations of the logs; the rest join when they come. */
  readonly founders?: readonly NodeIndex[];
  readonly search: PreparedSearch;
  /** The one that divided the prepared search. */
  readonly planner?: PlannerName;
  /** Flies instead of the search. */
  readonly behaviour?: Behaviour;
  readonly provider: CryptoProvider;
  readonly directory: Directory;
  readonly secrets: NodeSecrets;
  /** On a ground station: whose orders are signed here. */
  readonly operatorSecrets?: NodeSecrets;
  /** Where a ground station stands. */
  readonly station?: LocalPosition;
  readonly timing?: Partial<ConsensusTiming>;
  /**
   * False for controls of experiments only: leases never run out and no member is declared lost,
   * so that what a dead vehicle held is nobody's to take. A whole cluster is built so or not.
   */
  readonly handOver?: boolean;
  readonly beaconHz?: number;
  /** Names this node's streams: different at each boot. */
  readonly seed: number;
  readonly recovered: RecoveredStore;
  /** Seconds since 1970 at this boot, where there is a clock: boots then rise without a store. */
  readonly civilS?: number;
  readonly trace?: (kind: number, lengthBytes: number) => void;
}

export function createNode(config: NodeConfig): Node {
  const bootCount = nextBootCount(config.recovered, config.civilS);
  const layers = buildLayers(config, bootCount);
  const { self, role, vehicles, grounds, recovered, station, trace } = config;
  const { partition } = layers;
  return new Node(
    {
      self,
      role,
      vehicles,
      grounds,
      partition,
      recovered,
      bootCount,
      handsOver: config.handOver ?? true,
      ...(station === undefined ? {} : { station }),
      ...(trace === undefined ? {} : { trace }),
    },
    layers,
  );
}

/** Peers that a node keeps account of; the ground, which follows everyone, has more. */
const PEERS_FEW = 128;
/** Where several clusters meet, more than the own one are in reach. */
const PEERS_MANY = 256;
const CLUSTERS_FEW = 64;

function buildLayers(
  config: NodeConfig,
  bootCount: number,
): Layers & { readonly partition: Partition } {
  const { self, role, vehicles, grounds, seed, provider, directory } = config;
  const orders = orderReader(provider, directory);
  const { plan, world } = config.search;
  const { channelCount } = world.mission.radio;
  const founding =
    config.founding ?? foundingTables(foundingDivision(vehicles, plan, channelCount));
  const partition = new Partition(founding, self);
  for (const bytes of keptDivisions(config.recovered)) {
    const command = orders.read(bytes)?.command;
    if (command?.kind === "divide") partition.apply(command.revision, command.clusters);
  }
  partition.settle();
  const clusters = clustersOf(config, partition);
  const everyone = roundUp(vehicles.length + grounds.length, PEERS_FEW);
  const followsAll = role === "ground" && partition.isDivided;
  const network = new Network({
    self,
    seed: new SeededStream(seed, "network").u32(),
    ...(config.beaconHz === undefined ? {} : { beaconHz: config.beaconHz }),
    ...(partition.isDivided
      ? {
          peersMax: followsAll ? everyone : PEERS_MANY,
          clustersMax: roundUp(partition.clusters.length, CLUSTERS_FEW),
        }
      : {}),
    addressOf: addressesOf(partition),
  });
  const logs = new ClusterLogs(clusters, (cluster) => logOf(config, partition, cluster));
  const security = new Security({
    provider,
    directory,
    self,
    keys: importNodeKeys(provider, config.secrets),
    bootCount,
    seed: new SeededStream(seed, "security").u32(),
    ...operatorOf(config, bootCount),
    ...keysOf(partition, { home: clusters[0]!, all: followsAll }),
  });
  return {
    network,
    security,
    logs,
    get consensus() {
      return logs.home.consensus;
    },
    swarm: swarmOf(config, partition),
    fault: new Fault({
      self,
      orphans: config.handOver ?? true,
      ...(followsAll ? { watchedMax: everyone } : {}),
    }),
    orders,
    partition,
  };
}

/** Longer than any mission. */
const NO_EXPIRY_MS = 10 * 86_400_000;

const timingOf = ({ timing, handOver }: NodeConfig): Partial<ConsensusTiming> | undefined =>
  handOver === false ? { ...timing, leaseMs: NO_EXPIRY_MS } : timing;

const roundUp = (count: number, least: number): number =>
  32 * Math.ceil(Math.max(least, count) / 32);

/** The divisions that an earlier boot took over, oldest first. */
export const keptDivisions = (recovered: RecoveredStore): readonly Uint8Array[] =>
  recovered.find(({ name }) => name === STORE_DIVISION)?.records ?? [];

/** The clusters whose logs a node follows, its own first. */
function clustersOf({ self, role }: NodeConfig, partition: Partition): readonly number[] {
  if (role === "ground") return partition.clusters.map(({ cluster }) => cluster);
  return [partition.clusterOf(self)];
}

const addressesOf =
  (partition: Partition) =>
  (peer: number): number => {
    const cluster = partition.isDivided ? partition.clusterOf(peer as NodeIndex) : 0;
    return cluster === 0 ? BROADCAST : clusterAddress(cluster);
  };

function keysOf(
  partition: Partition,
  { home, all }: { readonly home: number; readonly all: boolean },
): { readonly clusters?: NonNullable<ConstructorParameters<typeof Security>[0]["clusters"]> } {
  if (!partition.isDivided) return {};
  return { clusters: { home, all, clusterOf: (peer) => partition.clusterOf(peer) } };
}

function logOf(config: NodeConfig, partition: Partition, cluster: number): ClusterLog {
  const { self, seed, grounds, provider, directory } = config;
  const present = config.founders ?? config.vehicles;
  const founders = partition.isDivided
    ? partition.founders(cluster).filter((member) => present.includes(member))
    : present;
  const stream = partition.isDivided ? `consensus ${String(cluster)}` : "consensus";
  const consensus = new Consensus({
    self,
    cluster,
    timing: clusterTiming(founders.length, timingOf(config)),
    initial: initialConfiguration({ vehicles: founders, ground: grounds }),
    grounds,
    verify: entryVerifier(provider, directory),
    random: new SeededStream(seed, stream),
  });
  return clusterLog(partition.isDivided ? cluster : 0, consensus);
}

function operatorOf(
  { provider, operatorSecrets }: NodeConfig,
  session: number,
): { readonly operator?: NonNullable<ConstructorParameters<typeof Security>[0]["operator"]> } {
  if (operatorSecrets === undefined) return {};
  return { operator: { keys: importOperatorKeys(provider, operatorSecrets), session } };
}

function swarmOf(config: NodeConfig, partition: Partition): Swarm {
  const { self, role, vehicles, search, seed, behaviour } = config;
  return new Swarm({
    self,
    slot: Math.max(0, vehicles.indexOf(self)),
    slots: vehicles.length,
    ...sharesOf(config, partition),
    passive: role === "ground",
    world: search.world,
    prior: search.prior,
    plan: search.plan,
    planner: plannerNamed(config.planner ?? "massRate"),
    behaviour: behaviour === undefined ? undefined : { behaviour },
    seed: new SeededStream(seed, "swarm").u32(),
  });
}

function sharesOf({ self }: NodeConfig, partition: Partition): Partial<SwarmConfig> {
  if (!partition.isDivided) return {};
  const own = (): number => partition.clusterOf(self);
  return {
    crowd: Math.max(1, partition.members(own()).length),
    shares: {
      own,
      ofSegment: (segment) => partition.clusterOfSegment(segment),
      ofPeer: (peer) => partition.clusterOf(peer),
    },
  };
}

/** What every member asks of an entry before it acknowledges and before it applies. */
export function entryVerifier(provider: CryptoProvider, directory: Directory): EntryVerifier {
  const { check } = orderReader(provider, directory);
  return (entry) => refuseEntry(entry, check);
}

function orderReader(provider: CryptoProvider, directory: Directory): OrderReader {
  return {
    check: (bytes) => {
      const checked = checkOrder(provider, directory, bytes);
      return checked.ok ? checked.value : undefined;
    },
    read: (bytes) => {
      const decoded = decodeSignedOrder(bytes);
      return decoded.ok ? decoded.value.order : undefined;
    },
  };
}
