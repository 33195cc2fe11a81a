/**
 * The two unions of the consensus layer, and the values in them.
 *
 * Duties of the node around it: refuse messages whose sender is not authenticated; perform the
 * outputs in the order emitted; answer every `ask`; step with `wake` at `wakeAt()`. The machine
 * itself holds back each message that must follow a durable write.
 */
import type { NodeIndex, Problem } from "../base/mod.ts";
import type { RecoveredStore, StoreAnswer, StoreRequest } from "../hal/mod.ts";
import type { EntryKind, EntrySignature, LogEntry } from "./entry.ts";
import type { ApplyOutcome } from "./state/changes.ts";

export type Role = "starting" | "follower" | "preCandidate" | "candidate" | "leader";

/** How the node knows who sent a message; anything weaker is refused before it comes here. */
export type Authentication = "pairwise" | "signed";

/** What someone on this node wants agreed. */
export interface EntryDraft {
  readonly kind: EntryKind;
  readonly body: Uint8Array;
  /**
   * The sequence over which `signatures` were made (`Consensus.nextSequence` read just before), or
   * absent for entries without a signature: the machine then takes the next one.
   */
  readonly sequence?: number;
  /** 64 bits; 0n when no order stands behind the entry. */
  readonly orderId?: bigint;
  readonly signatures?: readonly EntrySignature[];
}

/** The cluster as it shall be; the leader goes there by a joint configuration. */
export interface MembershipChange {
  readonly voters: readonly NodeIndex[];
  readonly nonVoters: readonly NodeIndex[];
}

export type ConsensusIn =
  /** First of all inputs: what the store held at boot (empty at the first boot). */
  | { readonly kind: "recovered"; readonly store: RecoveredStore }
  | {
      readonly kind: "message";
      readonly from: NodeIndex;
      readonly bytes: Uint8Array;
      readonly authenticated: Authentication;
    }
  | { readonly kind: "propose"; readonly draft: EntryDraft }
  /** Only the leader begins a change; elsewhere it is refused with `CON009`. */
  | { readonly kind: "membership"; readonly change: MembershipChange }
  /** The leader hands over (a battery swap is coming); to the best follower unless one is named. */
  | { readonly kind: "transfer"; readonly to?: NodeIndex }
  | { readonly kind: "answer"; readonly answer: StoreAnswer }
  | { readonly kind: "wake" };

/**
 * Life of one's own proposal. `queued`: kept here, sent to a leader as soon as one is known and
 * again until it is seen in the log. `applied` and `refused` are final.
 */
export type ProposalState = "queued" | "applied" | "refused";

export type ConsensusOut =
  /**
   * To `BROADCAST`: always `sign`. To one peer with `sign` false: pairwise where a session exists,
   * otherwise group-sealed and signed; the receiver must learn the sender either way.
   */
  | {
      readonly kind: "send";
      readonly to: NodeIndex;
      readonly bytes: Uint8Array;
      readonly sign: boolean;
      /** The next round says it again: losing it costs little. */
      readonly repeated: boolean;
    }
  | { readonly kind: "ask"; readonly ticket: number; readonly request: StoreRequest }
  /** In log order, each index once a boot; after a restart from the snapshot on. */
  | {
      readonly kind: "applied";
      readonly index: number;
      readonly term: number;
      readonly entry: LogEntry;
      readonly outcome: ApplyOutcome;
    }
  /** A snapshot that ends at `index` is the state now (also at boot): read the views anew. */
  | { readonly kind: "restored"; readonly index: number }
  | {
      readonly kind: "role";
      readonly role: Role;
      readonly term: number;
      readonly leader: NodeIndex | undefined;
    }
  | {
      readonly kind: "proposalState";
      readonly sequence: number;
      readonly state: ProposalState;
      /** Milliseconds from `propose` to this state, on this node's clock. */
      readonly elapsedMs: number;
      readonly problem?: Problem;
    }
  | {
      readonly kind: "configuration";
      readonly index: number;
      readonly voters: readonly NodeIndex[];
      readonly nonVoters: readonly NodeIndex[];
      readonly joint: boolean;
    }
  /** Something that operators or the fault layer should know; `peer` is who caused it. */
  | { readonly kind: "problem"; readonly problem: Problem; readonly peer?: NodeIndex };

/**
 * Says why an entry lacks the authority that its kind needs, or `undefined` when all is well. It
 * must be a pure function of the entry and of what every member holds for the whole mission
 * (mission package), so that all members come to one answer. Asked before acknowledging and again
 * before applying.
 */
export type EntryVerifier = (entry: LogEntry) => Problem | undefined;
