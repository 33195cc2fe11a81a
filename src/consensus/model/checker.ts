/**
 * Watches the members of one cluster and holds each step against the reference model. Called after
 * each step of a member; costs what has changed since the last look at it (log slots are known by
 * their stamps), so that every simulated run can afford it.
 */
import type { NodeIndex } from "../../base/mod.ts";
import type { ConsensusView } from "../consensus.ts";
import { sameDigest, type Digest } from "../digest.ts";
import { needsAuthority } from "../entry.ts";
import type { Configuration } from "../quorum.ts";
import type { LogView } from "../raft/log.ts";
import type { EntryVerifier } from "../types.ts";
import { createModel, next, type ModelAction, type RaftInvariant } from "./raft-model.ts";

export interface RaftViolation {
  readonly invariant: RaftInvariant;
  readonly node: NodeIndex;
  readonly term: number;
  readonly index: number;
}

interface Seen {
  view: ConsensusView;
  version: number;
  boot: number;
  term: number;
  votedFor: NodeIndex | undefined;
  leading: boolean;
  /** As it was before the step: commits of a step are decided before it changes. */
  configuration: Configuration;
  /** Stamps of the slots above `baseIndex`. */
  stamps: number[];
  baseIndex: number;
  durable: number;
  commit: number;
  applied: number;
}

const NONE: readonly RaftViolation[] = Object.freeze([]);
const VIOLATIONS_MAX = 100;
/** State digests are compared while they are fresh: a member that lags by more is not. */
const HISTORIES_KEPT = 4_096;

export class RaftChecker {
  readonly #model = createModel();
  readonly #seen = new Map<NodeIndex, Seen>();
  readonly #violations: RaftViolation[] = [];
  readonly #histories = new Map<number, Digest>();
  readonly #verify: EntryVerifier | undefined;
  #fresh: RaftViolation[] = [];
  #checked = 0;

  /** `verify`: the true verifier, whatever the members use; without it authority goes unchecked. */
  constructor(options: { readonly verify?: EntryVerifier } = {}) {
    this.#verify = options.verify;
  }

  /** Model actions checked so far. */
  get checked(): number {
    return this.#checked;
  }

  /** All violations found, the first hundred. */
  get violations(): readonly RaftViolation[] {
    return this.#violations;
  }

  /** The last index committed anywhere. */
  get committedIndex(): number {
    return this.#model.lastCommitted;
  }

  /** Looks at a member after a step; returns what is newly violated, usually nothing. */
  observe(node: NodeIndex, view: ConsensusView): readonly RaftViolation[] {
    const before = this.#seen.get(node);
    if (before?.view === view && before.version === view.version) return NONE;
    const restarted = before?.view !== view || before.boot !== view.boot;
    const seen = restarted ? this.#begin(node, view) : before;
    this.#checkVote(seen, view);
    this.#checkRole(seen, view);
    this.#checkLog(seen, view);
    this.#checkDurable(seen, view);
    this.#checkCommit(seen, view);
    this.#checkHistory(seen, view);
    seen.configuration = view.configuration;
    seen.version = view.version;
    if (this.#fresh.length === 0) return NONE;
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** A member seen for the first time since its boot, or loaded while it was leading. */
  #begin(node: NodeIndex, view: ConsensusView): Seen {
    const { boot, configuration } = view;
    const { baseIndex } = view.log;
    const commit = view.role === "leader" ? view.commitIndex : baseIndex;
    const vote = { term: 0, votedFor: undefined, leading: false };
    const log = { baseIndex, stamps: [], durable: 0, commit, applied: 0 };
    const seen = { view, version: -1, boot, configuration, ...vote, ...log };
    this.#seen.set(node, seen);
    return seen;
  }

  #take(action: ModelAction, at: { term: number; index: number }): void {
    this.#checked += 1;
    const invariant = next(this.#model, action);
    if (invariant !== undefined) this.#violate(invariant, action.node, at);
  }

  #violate(invariant: RaftInvariant, node: NodeIndex, at: { term: number; index: number }): void {
    const violation = { invariant, node, term: at.term, index: at.index };
    this.#fresh.push(violation);
    if (this.#violations.length < VIOLATIONS_MAX) this.#violations.push(violation);
  }

  #checkVote(seen: Seen, view: ConsensusView): void {
    const { term, votedFor, self: node } = view;
    // A vote that a power loss can still undo has told nobody anything.
    if (!view.voteIsDurable || (seen.term === term && seen.votedFor === votedFor)) return;
    seen.term = term;
    seen.votedFor = votedFor;
    if (votedFor === undefined) return;
    this.#take({ kind: "vote", node, term, candidate: votedFor }, { term, index: 0 });
  }

  #checkRole(seen: Seen, view: ConsensusView): void {
    const leading = view.role === "leader";
    if (leading && !seen.leading) {
      const { term, configuration, self: node, log } = view;
      const termAt = (index: number): number | undefined =>
        index < log.baseIndex ? this.#model.committed.get(index)?.term : log.termAt(index);
      this.#take({ kind: "lead", node, term, configuration, termAt }, { term, index: 0 });
    }
    seen.leading = leading;
  }

  #checkLog(seen: Seen, view: ConsensusView): void {
    const { log } = view;
    this.#shiftBase(seen, log);
    let same = Math.min(seen.stamps.length, log.lastIndex - seen.baseIndex);
    while (same > 0 && seen.stamps[same - 1] !== log.at(seen.baseIndex + same)?.stamp) same -= 1;
    if (same < seen.stamps.length) {
      const index = seen.baseIndex + same;
      this.#take({ kind: "truncate", node: view.self, index }, { term: view.term, index });
      seen.stamps.length = same;
      seen.durable = Math.min(seen.durable, index);
    }
    for (let index = seen.baseIndex + same + 1; index <= log.lastIndex; index += 1) {
      this.#checkSlot(view, index);
      seen.stamps.push(log.at(index)?.stamp ?? 0);
    }
  }

  /** After compaction or an installed snapshot the slots at and below the base are gone. */
  #shiftBase(seen: Seen, log: LogView): void {
    if (log.baseIndex === seen.baseIndex) return;
    seen.stamps.splice(0, Math.max(0, log.baseIndex - seen.baseIndex));
    seen.baseIndex = log.baseIndex;
  }

  #checkSlot(view: ConsensusView, index: number): void {
    const slot = view.log.at(index);
    if (slot === undefined) return;
    const { term, digest } = slot;
    const prevTerm = view.log.termAt(index - 1);
    // Led in that term: it may have appended and stepped down within one step.
    const asLeader = view.term === term;
    const node = view.self;
    this.#take({ kind: "append", node, index, term, digest, prevTerm, asLeader }, { term, index });
    // A leader may forge: what matters is that nobody else takes it.
    if (view.role === "leader" || this.#verify === undefined || !needsAuthority(slot.entry.kind))
      return;
    if (this.#verify(slot.entry) !== undefined) this.#violate("Authority", node, { term, index });
  }

  #checkDurable(seen: Seen, view: ConsensusView): void {
    const index = Math.min(view.durableIndex, view.log.lastIndex);
    if (index === seen.durable) return;
    seen.durable = index;
    const term = view.log.termAt(index);
    if (term === undefined) return;
    this.#take({ kind: "persist", node: view.self, term, index }, { term, index });
  }

  #checkCommit(seen: Seen, view: ConsensusView): void {
    const { commitIndex, log, self: node, term } = view;
    if (commitIndex === seen.commit) return;
    if (commitIndex < seen.commit)
      this.#violate("CommittedStays", node, { term, index: commitIndex });
    if (view.role === "leader") {
      const { configuration } = seen;
      const action = { node, index: commitIndex, currentTerm: term, configuration };
      const entryTerm = log.termAt(commitIndex) ?? 0;
      this.#take({ kind: "leaderCommit", ...action, entryTerm }, { term, index: commitIndex });
    }
    for (let index = Math.max(seen.commit, log.baseIndex) + 1; index <= commitIndex; index += 1) {
      const slot = log.at(index);
      if (slot === undefined) continue;
      const action = { node, index, term: slot.term, digest: slot.digest };
      this.#take({ kind: "commit", ...action }, action);
    }
    seen.commit = commitIndex;
  }

  /** Equal prefixes must have made equal states. */
  #checkHistory(seen: Seen, view: ConsensusView): void {
    const index = view.appliedIndex;
    if (index === seen.applied) return;
    seen.applied = index;
    const { history } = view.state;
    const known = this.#histories.get(index);
    if (known === undefined) {
      this.#histories.set(index, history);
      this.#histories.delete(index - HISTORIES_KEPT);
    } else if (!sameDigest(known, history)) {
      this.#violate("Determinism", view.self, { term: view.term, index });
    }
  }
}
