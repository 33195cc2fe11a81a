/**
 * Builds a node from its configuration: every layer with streams of its own. What is the same for
 * all nodes of a mission (directory, prepared search) may be shared between nodes of one process.
 */
import { SeededStream, type NodeIndex } from "../base/mod.ts";
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
  Swarm,
  plannerNamed,
  type Behaviour,
  type PlannerName,
  type PreparedSearch,
} from "../swarm/mod.ts";
import { nextBootCount } from "./boot-record.ts";
import type { Layers, OrderReader } from "./layers.ts";
import { clusterTiming } from "./cluster-timing.ts";
import { Node } from "./node.ts";
import { refuseEntry } from "./order-entry.ts";

export interface NodeConfig {
  readonly self: NodeIndex;
  readonly role: "vehicle" | "ground";
  /** Which cluster's log this node belongs to. */
  readonly cluster: number;
  /** Every vehicle and ground station of the directory, ascending. */
  readonly vehicles: readonly NodeIndex[];
  readonly grounds: readonly NodeIndex[];
  /** Vehicles that make up the first configuration of the log; the rest join when they come. */
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
  return new Node(
    {
      self,
      role,
      vehicles,
      grounds,
      recovered,
      bootCount,
      handsOver: config.handOver ?? true,
      ...(station === undefined ? {} : { station }),
      ...(trace === undefined ? {} : { trace }),
    },
    layers,
  );
}

function buildLayers(config: NodeConfig, bootCount: number): Layers {
  const { self, grounds, seed, provider, directory } = config;
  const orders = orderReader(provider, directory);
  const founders = config.founders ?? config.vehicles;
  const network = new Network({
    self,
    seed: new SeededStream(seed, "network").u32(),
    ...(config.beaconHz === undefined ? {} : { beaconHz: config.beaconHz }),
  });
  const consensus = new Consensus({
    self,
    cluster: config.cluster,
    timing: clusterTiming(founders.length, timingOf(config)),
    initial: initialConfiguration({ vehicles: founders, ground: grounds }),
    grounds,
    verify: entryVerifier(provider, directory),
    random: new SeededStream(seed, "consensus"),
  });
  const security = new Security({
    provider,
    directory,
    self,
    keys: importNodeKeys(provider, config.secrets),
    bootCount,
    seed: new SeededStream(seed, "security").u32(),
    ...operatorOf(config, bootCount),
  });
  return {
    network,
    security,
    consensus,
    swarm: swarmOf(config),
    fault: new Fault({ self, orphans: config.handOver ?? true }),
    orders,
  };
}

/** Longer than any mission. */
const NO_EXPIRY_MS = 10 * 86_400_000;

const timingOf = ({ timing, handOver }: NodeConfig): Partial<ConsensusTiming> | undefined =>
  handOver === false ? { ...timing, leaseMs: NO_EXPIRY_MS } : timing;

function operatorOf(
  { provider, operatorSecrets }: NodeConfig,
  session: number,
): { readonly operator?: NonNullable<ConstructorParameters<typeof Security>[0]["operator"]> } {
  if (operatorSecrets === undefined) return {};
  return { operator: { keys: importOperatorKeys(provider, operatorSecrets), session } };
}

function swarmOf(config: NodeConfig): Swarm {
  const { self, role, vehicles, search, seed, behaviour } = config;
  return new Swarm({
    self,
    slot: Math.max(0, vehicles.indexOf(self)),
    slots: vehicles.length,
    passive: role === "ground",
    world: search.world,
    prior: search.prior,
    plan: search.plan,
    planner: plannerNamed(config.planner ?? "massRate"),
    behaviour: behaviour === undefined ? undefined : { behaviour },
    seed: new SeededStream(seed, "swarm").u32(),
  });
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
