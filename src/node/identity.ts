/** Who a node is and what it was given at its boot. */
import type { NodeIndex } from "../base/mod.ts";
import type { LocalPosition, RecoveredStore } from "../hal/mod.ts";
import type { Partition } from "../swarm/mod.ts";

export interface NodeIdentity {
  readonly self: NodeIndex;
  readonly role: "vehicle" | "ground";
  /** Every admitted node of the mission, to name the targets of an order to all. */
  readonly vehicles: readonly NodeIndex[];
  readonly grounds: readonly NodeIndex[];
  /** Which vehicles make up which cluster. */
  readonly partition: Partition;
  /** Where a ground station stands; its beacons say so. */
  readonly station?: LocalPosition;
  /** Whether a head declares the dead lost, so that others may take what they held. */
  readonly handsOver: boolean;
  /** From 1; kept in the store. */
  readonly bootCount: number;
  /** What this node found in its store at boot. */
  readonly recovered: RecoveredStore;
  /** Told of every plaintext before it is sealed, for the trace hash. */
  readonly trace?: (kind: number, lengthBytes: number) => void;
}
