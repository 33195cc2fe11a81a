/**
 * The agreed state of a cluster: what the log has made of roster, mission, search plan, leases,
 * orders, detections, epochs, pads and latches.
 *
 * Deterministic and integer: the same entries give the same bytes on every member. Each entry
 * counts once, however often its proposer repeated it (Ongaro 2014, section 6.3): a window of the
 * last 33 sequences of each proposer, which is twice what one node may have undecided.
 *
 * An entry that loses a race (a segment that someone else holds) changes nothing and says so. A
 * sweep that is reported late, by the last one who held the segment, is still a sweep.
 * Clock for leases: the leader's `tick` entries, not anyone's own.
 *
 * Members may be captured, so each speaks for itself: a detection is its finder's, a sweep is that
 * of who holds the segment and one pass further at most, an epoch is opened by the member whose
 * term it is, as the next one, and whoever fills the table of detections loses rows of its own.
 */
import {
  ByteWriter,
  invariant,
  nodeIndex,
  problem,
  type ByteReader,
  type NodeIndex,
  type ProblemCode,
  type SegmentId,
} from "../../base/mod.ts";
import { chain, digestOf, NO_DIGEST, type Digest } from "../digest.ts";
import { encodeEntry, type LogEntry } from "../entry.ts";
import { decodeBody, type EntryBody, type MissionPhase, type SweepProgress } from "./bodies.ts";
import type { ApplyOutcome, StateChange } from "./changes.ts";
import {
  cluesTable,
  detectionsTable,
  DuplicateWindow,
  epochsTable,
  latchesTable,
  membersTable,
  NEW_SEGMENT,
  NO_OWNER,
  ORDERS_KEPT,
  ordersTable,
  padsTable,
  segmentsTable,
  valuesTable,
  warrantsTable,
  windowsTable,
  type SegmentRow,
} from "./rows.ts";
import { warrantKey } from "./warrant-key.ts";

export interface MissionState {
  readonly phase: MissionPhase | "planned";
  readonly revision: number;
  readonly planRevision: number;
  readonly segmentCount: number;
}

interface Application {
  readonly entry: LogEntry;
  readonly changes: StateChange[];
}

const PHASES: readonly MissionState["phase"][] = ["planned", "started", "paused", "ended"];

export class SwarmState {
  readonly #leaseMs: number;
  #mission: MissionState = { phase: "planned", revision: 0, planRevision: 0, segmentCount: 0 };
  #logTimeMs = 0;
  #openLeases = 0;
  #evictedSinceEpoch = false;
  /** Who began the present term: the proposer of the last empty entry. */
  #head: NodeIndex = NO_OWNER;
  #history: Digest = NO_DIGEST;
  readonly #windows = windowsTable();
  readonly #members = membersTable();
  readonly #segments = segmentsTable();
  readonly #orders = ordersTable();
  readonly #clues = cluesTable();
  readonly #detections = detectionsTable();
  readonly #epochs = epochsTable();
  readonly #pads = padsTable();
  readonly #latches = latchesTable();
  readonly #values = valuesTable();
  readonly #warrants = warrantsTable();

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  get mission(): MissionState {
    return this.#mission;
  }

  /** Milliseconds of log time: what the leaders' ticks have added up to. */
  get logTimeMs(): number {
    return this.#logTimeMs;
  }

  get openLeases(): number {
    return this.#openLeases;
  }

  /** A chain over every entry applied and what came of it; equal on equal histories. */
  get history(): Digest {
    return this.#history;
  }

  get members(): ReturnType<typeof membersTable> {
    return this.#members;
  }

  get segments(): ReturnType<typeof segmentsTable> {
    return this.#segments;
  }

  get orders(): ReturnType<typeof ordersTable> {
    return this.#orders;
  }

  get clues(): ReturnType<typeof cluesTable> {
    return this.#clues;
  }

  get detections(): ReturnType<typeof detectionsTable> {
    return this.#detections;
  }

  get epochs(): ReturnType<typeof epochsTable> {
    return this.#epochs;
  }

  get pads(): ReturnType<typeof padsTable> {
    return this.#pads;
  }

  get latches(): ReturnType<typeof latchesTable> {
    return this.#latches;
  }

  get values(): ReturnType<typeof valuesTable> {
    return this.#values;
  }

  /** Somebody was evicted after the last epoch: whom it must shut out can still read it. */
  get evictedSinceEpoch(): boolean {
    return this.#evictedSinceEpoch;
  }

  /** The entries behind what commands or expels, by `warrantKey`. */
  get warrants(): ReturnType<typeof warrantsTable> {
    return this.#warrants;
  }

  isEvicted(node: NodeIndex): boolean {
    return this.#members.get(node)?.standing === "evicted";
  }

  /** Whether this proposal has been applied, or is too old to be told from one that was. */
  hasSeen(proposer: NodeIndex, sequence: number): boolean {
    return sequence > 0 && (this.#windows.get(proposer)?.has(sequence) ?? false);
  }

  /** Applies the next entry of the log; the same outcome on every member. */
  apply(entry: LogEntry): ApplyOutcome {
    const outcome = this.#apply(entry);
    const salt = outcome.kind === "applied" ? outcome.changes.length : 0x10000;
    const bytes = digestOf(entry.body);
    this.#history = chain(this.#history, bytes, salt ^ (entry.proposer << 8) ^ entry.sequence);
    return outcome;
  }

  #apply(entry: LogEntry): ApplyOutcome {
    if (this.hasSeen(entry.proposer, entry.sequence)) return { kind: "duplicate" };
    this.#remember(entry);
    const decoded = decodeBody(entry.kind, entry.body);
    if (!decoded.ok) return { kind: "refused", problem: decoded.problem };
    if (entry.sequence > 0 && this.isEvicted(entry.proposer)) return refused("CON023");
    const changes: StateChange[] = [];
    const warrant = warrantKey(decoded.value);
    if (warrant !== undefined && !this.#warrants.accepts(warrant)) return refused("CON015");
    const code = this.#change({ entry, changes }, decoded.value);
    if (code !== undefined) return refused(code);
    if (warrant !== undefined) this.#warrants.set(warrant, encodeEntry(entry));
    return { kind: "applied", changes };
  }

  #remember(entry: LogEntry): void {
    if (entry.sequence === 0 || !this.#windows.accepts(entry.proposer)) return;
    const window = this.#windows.get(entry.proposer) ?? new DuplicateWindow();
    window.add(entry.sequence);
    this.#windows.set(entry.proposer, window);
  }

  #change(at: Application, body: EntryBody): ProblemCode | undefined {
    switch (body.kind) {
      case "noop":
        this.#head = at.entry.proposer;
        return undefined;
      case "configuration":
        return undefined;
      case "tick":
        return this.#tick(at, body.logTimeMs);
      case "member":
        return this.#member(at, body);
      case "evict":
        return this.#evict(at, body);
      case "mission":
        return this.#missionPhase(at, body);
      case "plan":
        return this.#plan(at, body);
      case "clue":
        return this.#clue(at, body);
      case "lease":
        return this.#lease(at, body);
      case "order":
        return this.#order(at, body.order);
      case "orderState":
        return this.#orderState(at, body);
      case "detection":
        return this.#detection(at, body);
      case "verdict":
        return this.#verdict(at, body);
      case "epoch":
        return this.#epoch(at, body);
      case "pad":
        return this.#pad(at, body);
      case "latch":
        return this.#latch(at, body);
      case "value":
        return this.#value(at, body);
      default:
        return body satisfies never;
    }
  }

  #tick(at: Application, logTimeMs: number): ProblemCode | undefined {
    if (logTimeMs <= this.#logTimeMs) return "CON014";
    this.#logTimeMs = logTimeMs;
    at.changes.push({ kind: "logTime", logTimeMs });
    for (const [segment, row] of this.#segments.entries()) {
      if (row.owner === NO_OWNER || logTimeMs - row.renewedMs <= this.#leaseMs) continue;
      this.#free(at, segment, row);
    }
    return undefined;
  }

  #member(at: Application, body: Extract<EntryBody, { kind: "member" }>): ProblemCode | undefined {
    const { node, action, role } = body;
    const row = this.#members.get(node);
    if (row?.standing === "evicted") return "CON023";
    const own = action === "joined" || action === "left";
    if (own && node !== at.entry.proposer) return "CON017";
    if (!this.#members.accepts(node)) return "CON015";
    const standing = action === "joined" || action === "back" ? "present" : action;
    // Several will say so at once of one that has gone: the first is news.
    if (!own && row?.standing === standing) return "CON014";
    const bootNonce = action === "joined" ? body.bootNonce : (row?.bootNonce ?? body.bootNonce);
    const kept = action === "joined" ? role : (row?.role ?? role);
    this.#members.set(node, { role: kept, standing, bootNonce });
    at.changes.push({ kind: "member", node, action });
    if (standing !== "present") this.#takeFrom(at, node);
    return undefined;
  }

  #evict(at: Application, body: Extract<EntryBody, { kind: "evict" }>): ProblemCode | undefined {
    const row = this.#members.get(body.node);
    if (row?.standing === "evicted") return "CON014";
    if (!this.#members.accepts(body.node)) return "CON015";
    this.#members.set(body.node, {
      role: row?.role ?? "vehicle",
      standing: "evicted",
      bootNonce: row?.bootNonce ?? new Uint8Array(8),
    });
    this.#evictedSinceEpoch = true;
    at.changes.push({ kind: "evicted", node: body.node, reason: body.reason });
    this.#takeFrom(at, body.node);
    return undefined;
  }

  /** Whoever is gone holds nothing: what it held is free for others at once. */
  #takeFrom(at: Application, node: NodeIndex): void {
    for (const [segment, row] of this.#segments.entries()) {
      if (row.owner === node) this.#free(at, segment, row);
    }
    for (const [pad, owner] of this.#pads.entries()) {
      if (owner !== node) continue;
      this.#pads.delete(pad);
      at.changes.push({ kind: "padFreed", pad, owner });
    }
  }

  #missionPhase(
    at: Application,
    body: Extract<EntryBody, { kind: "mission" }>,
  ): ProblemCode | undefined {
    if (body.revision < this.#mission.revision) return "CON014";
    this.#mission = { ...this.#mission, phase: body.phase, revision: body.revision };
    at.changes.push({ kind: "mission", phase: body.phase, revision: body.revision });
    return undefined;
  }

  #plan(at: Application, body: Extract<EntryBody, { kind: "plan" }>): ProblemCode | undefined {
    if (body.revision <= this.#mission.planRevision) return "CON014";
    const { revision, segmentCount } = body;
    this.#mission = { ...this.#mission, planRevision: revision, segmentCount };
    at.changes.push({ kind: "plan", revision, segmentCount });
    return undefined;
  }

  #clue(at: Application, body: Extract<EntryBody, { kind: "clue" }>): ProblemCode | undefined {
    if (this.#clues.get(body.id) !== undefined) return "CON014";
    if (!this.#clues.accepts(body.id)) return "CON015";
    const { id, position, errorCm, weightMilli } = body;
    this.#clues.set(id, { position, errorCm, weightMilli });
    at.changes.push({ kind: "clue", id, position, errorCm, weightMilli });
    return undefined;
  }

  #lease(at: Application, body: Extract<EntryBody, { kind: "lease" }>): ProblemCode | undefined {
    const { segment } = body.progress;
    const proposer = at.entry.proposer;
    if (!this.#segments.accepts(segment)) return "CON015";
    const row = this.#segments.get(segment) ?? NEW_SEGMENT;
    if (body.action === "claim") {
      if (row.owner !== NO_OWNER && row.owner !== proposer) return "CON011";
      this.#own(at, segment, row);
      return undefined;
    }
    const holds = row.owner === NO_OWNER || row.owner === proposer;
    if (!holds && row.lastOwner !== proposer) return "CON012";
    const swept = this.#sweep(at, row, body.progress);
    const held = swept.owner === proposer;
    if (body.action === "renew") {
      if (held || swept.owner === NO_OWNER) this.#own(at, segment, swept);
    } else if (held) this.#free(at, segment, swept);
    return undefined;
  }

  /** Owned by the proposer from now on; told only when it was not before. */
  #own(at: Application, segment: SegmentId, row: SegmentRow): void {
    const owner = at.entry.proposer;
    if (row.owner === NO_OWNER) {
      this.#openLeases += 1;
      at.changes.push({ kind: "claimed", segment, owner });
    }
    this.#segments.set(segment, { ...row, owner, renewedMs: this.#logTimeMs });
  }

  #free(at: Application, segment: SegmentId, row: SegmentRow): void {
    invariant(row.owner !== NO_OWNER, "a segment that is freed was held");
    this.#openLeases -= 1;
    this.#segments.set(segment, { ...row, owner: NO_OWNER, lastOwner: row.owner });
    at.changes.push({ kind: "freed", segment, owner: row.owner });
  }

  /**
   * More passes win, one at a time: what is told of later ones counts as the next one done. Lanes
   * of one pass add up, so late news is news.
   */
  #sweep(at: Application, row: SegmentRow, told: SweepProgress): SegmentRow {
    const next = row.pass + 1;
    const news = told.pass > next ? { ...told, pass: next, lanes: 0 } : told;
    const later = news.pass > row.pass;
    const lanes = later ? news.lanes : news.pass === row.pass ? row.lanes | news.lanes : row.lanes;
    const merged = { ...row, pass: Math.max(row.pass, news.pass), lanes: lanes >>> 0 };
    this.#segments.set(news.segment, merged);
    const progress = { segment: news.segment, pass: merged.pass, lanes: merged.lanes };
    at.changes.push({ kind: "progress", progress, by: at.entry.proposer });
    return merged;
  }

  #order(at: Application, order: Uint8Array): ProblemCode | undefined {
    const { orderId } = at.entry;
    if (this.#orders.get(orderId) !== undefined) return "CON014";
    this.#dropOldestOrder();
    const recorded = this.#orders.entries().reduce((last, [, row]) => Math.max(last, row.place), 0);
    this.#orders.set(orderId, { place: recorded + 1, order, progress: [] });
    at.changes.push({ kind: "order", orderId, order });
    return undefined;
  }

  #dropOldestOrder(): void {
    if (this.#orders.size < ORDERS_KEPT) return;
    const oldest = this.#orders
      .entries()
      .reduce((least, next) => (next[1].place < least[1].place ? next : least));
    this.#orders.delete(oldest[0]);
  }

  #orderState(
    at: Application,
    body: Extract<EntryBody, { kind: "orderState" }>,
  ): ProblemCode | undefined {
    const { orderId, node, progress, reason } = body;
    if (node !== at.entry.proposer) return "CON017";
    const row = this.#orders.get(orderId);
    if (row === undefined) return "CON013";
    const others = row.progress.filter((each) => each.node !== node);
    const next = [...others, { node, progress, reason }].sort((a, b) => a.node - b.node);
    this.#orders.set(orderId, { ...row, progress: next });
    at.changes.push({ kind: "orderState", orderId, node, progress, reason });
    return undefined;
  }

  #detection(
    at: Application,
    body: Extract<EntryBody, { kind: "detection" }>,
  ): ProblemCode | undefined {
    const { detection } = body;
    const { id, finder } = detection;
    // The upper half of an id names the finder too: nobody takes the ids of another.
    if (finder !== at.entry.proposer || id >>> 16 !== finder) return "CON017";
    if (this.#detections.get(id) !== undefined) return "CON014";
    if (!this.#detections.accepts(id)) this.#dropDismissed();
    if (!this.#detections.accepts(id)) this.#dropOfMost(finder);
    if (!this.#detections.accepts(id)) return "CON015";
    this.#detections.set(detection.id, { detection, verdict: "open" });
    at.changes.push({ kind: "detection", detection });
    return undefined;
  }

  #dropDismissed(): void {
    const dismissed = this.#detections.entries().find(([, row]) => row.verdict === "dismissed");
    if (dismissed !== undefined) this.#detections.delete(dismissed[0]);
  }

  /** The lowest of the open ones of whoever has most of them: `finder` if nobody has more. */
  #dropOfMost(finder: NodeIndex): void {
    const open = this.#detections.entries().filter(([, row]) => row.verdict === "open");
    const counts = new Map<NodeIndex, number>();
    let most = finder;
    for (const [, { detection }] of open) {
      const count = (counts.get(detection.finder) ?? 0) + 1;
      counts.set(detection.finder, count);
      if (count > (counts.get(most) ?? 0)) most = detection.finder;
    }
    const lowest = open.find(([, row]) => row.detection.finder === most);
    if (lowest !== undefined) this.#detections.delete(lowest[0]);
  }

  #verdict(
    at: Application,
    body: Extract<EntryBody, { kind: "verdict" }>,
  ): ProblemCode | undefined {
    const row = this.#detections.get(body.id);
    if (row === undefined) return "CON013";
    this.#detections.set(body.id, { ...row, verdict: body.verdict });
    at.changes.push({ kind: "verdict", id: body.id, verdict: body.verdict });
    return undefined;
  }

  #epoch(at: Application, body: Extract<EntryBody, { kind: "epoch" }>): ProblemCode | undefined {
    const { epoch, opener, commitment } = body;
    if (opener !== at.entry.proposer || opener !== this.#head) return "CON017";
    const kept = this.#epochs.entries();
    // The next one and no other: a number from nowhere would leave no room for those after it.
    if (epoch !== (kept.at(-1)?.[0] ?? 0n) + 1n) return "CON014";
    const oldest = kept[0];
    if (oldest !== undefined && !this.#epochs.accepts(epoch)) this.#epochs.delete(oldest[0]);
    this.#epochs.set(epoch, { opener, commitment });
    this.#evictedSinceEpoch = false;
    at.changes.push({ kind: "epoch", epoch, opener, commitment });
    return undefined;
  }

  #pad(at: Application, body: Extract<EntryBody, { kind: "pad" }>): ProblemCode | undefined {
    const { pad, claim } = body;
    const owner = this.#pads.get(pad);
    const proposer = at.entry.proposer;
    if (owner !== undefined && owner !== proposer) return claim ? "CON016" : "CON012";
    if (claim && !this.#pads.accepts(pad)) return "CON015";
    if (claim && owner === undefined) {
      this.#pads.set(pad, proposer);
      at.changes.push({ kind: "padClaimed", pad, owner: proposer });
    } else if (!claim && owner !== undefined) {
      this.#pads.delete(pad);
      at.changes.push({ kind: "padFreed", pad, owner });
    }
    return undefined;
  }

  #latch(at: Application, body: Extract<EntryBody, { kind: "latch" }>): ProblemCode | undefined {
    if (!this.#latches.accepts(body.latch)) return "CON015";
    const { latch, set, aglMaxCm, byNetworkTimeMs } = body;
    this.#latches.set(latch, { set, aglMaxCm, byNetworkTimeMs, orderId: at.entry.orderId });
    at.changes.push({ kind: "latch", latch, set, aglMaxCm, byNetworkTimeMs });
    return undefined;
  }

  #value(at: Application, body: Extract<EntryBody, { kind: "value" }>): ProblemCode | undefined {
    if (!this.#values.accepts(body.key)) return "CON015";
    const { key, value } = body;
    this.#values.set(key, { value, by: at.entry.proposer });
    at.changes.push({ kind: "value", key, value, by: at.entry.proposer });
    return undefined;
  }

  /** Over the canonical bytes: equal exactly when the states are equal. */
  digest(): Digest {
    const to = new ByteWriter({ initialBytes: 4096 });
    this.save(to);
    return digestOf(to.take());
  }

  save(to: ByteWriter): void {
    to.u8(PHASES.indexOf(this.#mission.phase)).u32(this.#mission.revision);
    to.u32(this.#mission.planRevision).u16(this.#mission.segmentCount);
    to.bool(this.#evictedSinceEpoch).u16(this.#head);
    to.safe(this.#logTimeMs).u32(this.#history.high).u32(this.#history.low);
    for (const table of this.#tables()) table.save(to);
  }

  load(from: ByteReader): void {
    const phase = PHASES[from.u8()];
    if (phase === undefined) from.refuse();
    const revision = from.u32();
    const planRevision = from.u32();
    const segmentCount = from.u16();
    this.#mission = { phase: phase ?? "planned", revision, planRevision, segmentCount };
    this.#evictedSinceEpoch = from.bool();
    this.#head = nodeIndex(from.u16());
    this.#logTimeMs = from.safe();
    this.#history = { high: from.u32(), low: from.u32() };
    for (const table of this.#tables()) table.load(from);
    this.#openLeases = 0;
    for (const [, row] of this.#segments.entries()) {
      if (row.owner !== NO_OWNER) this.#openLeases += 1;
    }
  }

  #tables(): readonly { save: (to: ByteWriter) => void; load: (from: ByteReader) => void }[] {
    return [
      this.#windows,
      this.#members,
      this.#segments,
      this.#orders,
      this.#clues,
      this.#detections,
      this.#epochs,
      this.#pads,
      this.#latches,
      this.#values,
      this.#warrants,
    ];
  }
}

const refused = (code: ProblemCode): ApplyOutcome => ({
  kind: "refused",
  problem: problem(code),
});
