/**
 * The fault machine: takes what the other layers report, tells transitions as events and what
 * should be done about them as directives. It commands nothing itself.
 *
 * It ticks four times a second: at each of its wakes the node hands it the network's `presence`.
 */
import {
  after,
  BROADCAST,
  type ByteReader,
  type ByteWriter,
  type Emit,
  type Machine,
  type MonotonicMs,
  type NodeIndex,
  type SegmentId,
} from "../base/mod.ts";
import type { VehicleSample } from "../hal/mod.ts";
import { TrafficClass, type PresenceTable } from "../network/mod.ts";
import { climb, LOITER_MAX_MS, rungFor, RUNGS, type Climb } from "./ladder.ts";
import { createLosses, loadLosses, LOSSES, saveLosses, update, type Losses } from "./losses.ts";
import { decodeFaultMessage, encodeFaultMessage, NEVER_HEARD } from "./messages.ts";
import {
  evidenceOf,
  hearsMost,
  isLeaving,
  judge,
  lastSignMs,
  noteBack,
  noteReturn,
  loadWatched,
  NEWS_MS,
  saveWatched,
  signsOf,
  suspicionOf,
  watch,
  WATCHED_MAX,
  type Signs,
  type Watched,
} from "./peers.ts";
import type {
  FaultDirective,
  FaultEvent,
  FaultIn,
  FaultOut,
  HeldLease,
  LossKind,
  PeerHealth,
  Rung,
} from "./types.ts";

const TICK_MS = 250;
/** A tick later than this is our own lateness. */
const LATE_MS = 1000;
const HEALTHY_AFTER_MS = 2000;
const ASK_EVERY_MS = 1000;
const MESSAGE_LIFETIME_MS = 1000;
/** A lease of an owner out of range this long is free: unowned is worse than searched twice. */
const ABSENT_MAX_MS = 120_000;
const LEASES_MAX = 4096;
const ORPHANS_MAX = 4096;

/** Battery: home plus a reserve; rearmed when a swap has brought clearly more. */
const RESERVE_RATIO = 0.12;
const CRITICAL_RATIO = 0.07;
const REARM_RATIO = 0.15;
/** Holding without a position drifts with the wind: not for longer than this. */
const POSITION_HOLD_MS = 20_000;

export interface FaultConfig {
  readonly self: NodeIndex;
  /** Whether what a dead or absent owner holds is told to be free. On unless this is a control. */
  readonly orphans?: boolean;
  /** Peers watched at most, where not the usual number: a station watches everyone. */
  readonly watchedMax?: number;
}

interface Reports {
  leader: NodeIndex | undefined;
  quorum: boolean;
  /** Consensus has spoken at all: before, nothing can be lost. */
  agreementKnown: boolean;
  planKnown: boolean;
  inAir: boolean;
  positionValid: boolean;
  batteryRatio: number;
  homeRatio: number;
}

interface State {
  watched: Watched[];
  leases: readonly HeldLease[];
  /** Orphans told of, as owner * 65536 + segment. */
  orphans: number[];
  readonly losses: Losses;
  readonly climb: Climb;
  readonly reports: Reports;
  tickMs: MonotonicMs;
  lastTickMs: number;
  healthyMs: number;
  landTold: boolean;
}

interface Turn {
  readonly state: State;
  readonly config: FaultConfig;
  readonly now: MonotonicMs;
  readonly emit: Emit<FaultOut>;
}

export class Fault implements Machine<FaultIn, FaultOut> {
  readonly #config: FaultConfig;
  readonly #state: State = createState();

  constructor(config: FaultConfig) {
    this.#config = config;
  }

  step(now: MonotonicMs, input: FaultIn, emit: Emit<FaultOut>): void {
    const turn = { state: this.#state, config: this.#config, now, emit };
    take(turn, input);
    // A wake without columns is answered by the next one: never the same instant twice.
    if (this.#state.tickMs <= now) this.#state.tickMs = after(now, TICK_MS);
  }

  wakeAt(): MonotonicMs {
    return this.#state.tickMs;
  }

  save(to: ByteWriter): void {
    saveState(this.#state, to);
  }

  load(from: ByteReader): void {
    loadState(this.#state, from);
  }

  get rung(): Rung {
    return this.#state.climb.rung;
  }

  /** Whether it counts as lost now. */
  isLost(what: LossKind): boolean {
    return this.#state.losses[what].lost;
  }

  /** All watched peers: a copy. */
  get peers(): readonly PeerHealth[] {
    return this.#state.watched.map(({ peer, verdict, phi, sinceMs }) => ({
      peer,
      verdict,
      phi,
      sinceMs,
    }));
  }
}

function createState(): State {
  return {
    watched: [],
    leases: [],
    orphans: [],
    losses: createLosses(),
    climb: { rung: "full", sinceMs: 0 as MonotonicMs, betterMs: Infinity },
    reports: {
      leader: undefined,
      quorum: false,
      agreementKnown: false,
      planKnown: false,
      inAir: false,
      positionValid: true,
      batteryRatio: 1,
      homeRatio: 0,
    },
    tickMs: 0 as MonotonicMs,
    lastTickMs: -Infinity,
    healthyMs: -Infinity,
    landTold: false,
  };
}

function take(turn: Turn, input: FaultIn): void {
  const { state } = turn;
  switch (input.kind) {
    case "presence":
      tick(turn, input.table);
      break;
    case "roster":
      takeRoster(turn, input.members, input.grounds);
      break;
    case "leases":
      state.leases = input.leases.slice(0, LEASES_MAX);
      for (const it of state.watched) if (it.verdict === "dead") orphanLeases(turn, it.peer);
      break;
    case "agreement":
      state.reports.leader = input.leader;
      state.reports.quorum = input.quorum;
      state.reports.agreementKnown ||= input.quorum || input.leader !== undefined;
      break;
    case "plan":
      state.reports.planKnown = input.known;
      break;
    case "vehicle":
      takeVehicle(state.reports, input.sample);
      break;
    case "energy":
      state.reports.homeRatio = input.homeRatio;
      break;
    case "message":
      hearMessage(turn, input.from, input.bytes);
      break;
    case "heard":
      noteAlive(state, input.peer, turn.now);
      break;
    case "forget":
      state.watched = state.watched.filter((it) => it.peer !== input.peer);
      break;
    case "wake":
      break;
    default:
      input satisfies never;
  }
}

function takeVehicle(reports: Reports, sample: VehicleSample): void {
  reports.inAir = sample.inAir;
  reports.positionValid = sample.positionValid;
  reports.batteryRatio = sample.batteryRatio;
}

function takeRoster(
  { state, config, now }: Turn,
  members: readonly NodeIndex[],
  grounds: readonly NodeIndex[],
): void {
  const wanted = new Set([...members, ...grounds]);
  wanted.delete(config.self);
  state.watched = state.watched.filter((it) => wanted.has(it.peer));
  for (const peer of wanted) {
    let it = state.watched.find((other) => other.peer === peer);
    if (it === undefined) {
      if (state.watched.length >= (config.watchedMax ?? WATCHED_MAX)) continue;
      it = watch(peer, now);
      state.watched.push(it);
    }
    it.member = members.includes(peer);
    it.ground = grounds.includes(peer);
  }
}

function tick(turn: Turn, table: PresenceTable): void {
  const { state, now } = turn;
  if (now - state.lastTickMs > LATE_MS) state.healthyMs = now + HEALTHY_AFTER_MS;
  state.lastTickMs = now;
  state.tickMs = after(now, TICK_MS);
  const signs = state.watched.map((it) => signsOf(table, it));
  state.watched.forEach((it, i) => {
    it.signMs = lastSignMs(it, signs[i]!);
    it.heardMs = signs[i]!.heardMs;
    it.leaving = isLeaving(signs[i]!);
    it.phi = suspicionOf(it, signs[i]!, now);
  });
  state.watched.forEach((it, i) => {
    judgePeer(turn, it, signs[i]!);
  });
  judgeLosses(turn);
  judgeRung(turn);
  freeAbsent(turn);
}

function judgePeer(turn: Turn, it: Watched, signs: Signs): void {
  const { state, now } = turn;
  const healthy = now >= state.healthyMs;
  noteReturn(it, signs);
  const verdict = judge(it, signs, { now, healthy, hearsMost: () => hearsMost(state.watched) });
  if (verdict === "suspect") ask(turn, it);
  if (verdict === it.verdict) return;
  const before = it.verdict;
  it.verdict = verdict;
  it.sinceMs = now;
  tellVerdict(turn, it, signs, before);
}

function tellVerdict(turn: Turn, it: Watched, signs: Signs, before: Watched["verdict"]): void {
  const { now } = turn;
  const { peer, verdict, phi } = it;
  const evidence = evidenceOf(it, signs, now);
  switch (verdict) {
    case "alive":
      it.silentWitnesses.length = 0;
      it.askedMs = -Infinity;
      if (before !== "unknown") {
        noteBack(it, now);
        tell(turn, { kind: "back", peer });
      }
      if (before === "dead") direct(turn, { kind: "retractDead", peer });
      turn.state.orphans = turn.state.orphans.filter((key) => ownerOf(key) !== peer);
      break;
    case "suspect":
      tell(turn, { kind: "suspect", peer, phi, evidence });
      break;
    case "outOfRange":
      tell(turn, { kind: "outOfRange", peer, evidence });
      break;
    case "dead":
      tell(turn, { kind: "dead", peer, evidence });
      direct(turn, { kind: "declareDead", peer, evidence });
      orphanLeases(turn, peer);
      break;
    case "unknown":
      break;
    default:
      verdict satisfies never;
  }
}

function ask({ now, emit }: Turn, it: Watched): void {
  if (now - it.askedMs < ASK_EVERY_MS) return;
  it.askedMs = now;
  const bytes = encodeFaultMessage({
    kind: "ask",
    peer: it.peer,
    ageMs: now - it.heardMs,
    leaving: it.leaving,
  });
  sendMessage(emit, now, { to: BROADCAST, about: it.peer, bytes });
}

function sendMessage(
  emit: Emit<FaultOut>,
  now: MonotonicMs,
  message: Pick<Extract<FaultOut, { kind: "send" }>, "to" | "about" | "bytes">,
): void {
  const expiresAt = after(now, MESSAGE_LIFETIME_MS);
  emit({ kind: "send", ...message, trafficClass: TrafficClass.coordination, expiresAt });
}

const WITNESSES_MAX = 64;

function hearMessage(turn: Turn, from: NodeIndex, bytes: Uint8Array): void {
  const { state, now, config } = turn;
  const read = decodeFaultMessage(bytes);
  if (!read.ok || from === config.self) return;
  const { kind, peer, ageMs, leaving } = read.value;
  noteAlive(state, from, now);
  const it = state.watched.find((other) => other.peer === peer);
  const heardMs = ageMs === NEVER_HEARD ? -Infinity : now - ageMs;
  // Who heard it last knows best why it went silent; questions tell it as well as answers.
  if (it !== undefined && leaving) it.leaverHeardMs = Math.max(it.leaverHeardMs, heardMs);
  if (kind === "ask") {
    // Asked after ourselves, the answer is that we speak.
    const answerMs = peer === config.self ? 0 : it === undefined ? Infinity : now - it.heardMs;
    const answer = encodeFaultMessage({
      kind: "heard",
      peer,
      ageMs: answerMs,
      leaving: it?.leaving ?? false,
    });
    sendMessage(turn.emit, now, { to: from, about: peer, bytes: answer });
  } else if (it !== undefined) {
    takeAnswer(it, from, heardMs);
  }
}

function takeAnswer(it: Watched, from: NodeIndex, heardMs: number): void {
  if (heardMs > it.signMs + NEWS_MS) it.toldMs = Math.max(it.toldMs, heardMs);
  else if (!it.silentWitnesses.includes(from) && it.silentWitnesses.length < WITNESSES_MAX) {
    it.silentWitnesses.push(from);
  }
}

/** Something sealed end to end came from it, by whatever path. */
function noteAlive(state: State, peer: NodeIndex, now: MonotonicMs): void {
  const it = state.watched.find((other) => other.peer === peer);
  if (it !== undefined) it.toldMs = now;
}

const keyOf = (lease: HeldLease): number => lease.owner * 0x10000 + lease.segment;
const ownerOf = (key: number): number => Math.floor(key / 0x10000);

function orphanLeases(turn: Turn, owner: NodeIndex): void {
  const { state, config } = turn;
  if (config.orphans === false) return;
  for (const lease of state.leases) {
    const key = keyOf(lease);
    if (lease.owner !== owner || state.orphans.includes(key)) continue;
    if (state.orphans.length < ORPHANS_MAX) state.orphans.push(key);
    direct(turn, { kind: "leaseOrphaned", owner, segment: lease.segment });
  }
}

function freeAbsent(turn: Turn): void {
  for (const it of turn.state.watched) {
    const isAbsent = it.verdict === "outOfRange" && turn.now - it.sinceMs >= ABSENT_MAX_MS;
    if (isAbsent) orphanLeases(turn, it.peer);
  }
}

function judgeLosses(turn: Turn): void {
  const { state, now } = turn;
  const { reports, losses } = state;
  const grounds = state.watched.filter((it) => it.ground);
  const hasGround = grounds.length === 0 || grounds.some(isAlive);
  // A peer never heard is not lost: at the start nobody has been.
  const hadGround = grounds.some((it) => it.verdict !== "unknown") || losses.ground.lost;
  const readings: Readonly<Record<LossKind, boolean>> = {
    head: reports.agreementKnown && reports.leader === undefined,
    cluster: reports.agreementKnown && !reports.quorum,
    ground: hadGround && !hasGround,
    position: reports.inAir && !reports.positionValid,
    battery: isBatteryLow(reports, losses.battery.lost),
  };
  for (const what of LOSSES) {
    const change = update(losses, what, { missing: readings[what], now });
    if (change === "lost") tellLost(turn, what);
    else if (change === "regained") tellRegained(turn, what);
  }
  followUp(turn);
}

const isAlive = (it: Watched): boolean => it.verdict === "alive" || it.verdict === "suspect";

/** Once low, a battery is low until a swap has clearly ended it. */
function isBatteryLow(reports: Reports, wasLow: boolean): boolean {
  const needed = reports.homeRatio + RESERVE_RATIO + (wasLow ? REARM_RATIO : 0);
  return reports.batteryRatio < needed && (reports.inAir || wasLow);
}

function tellLost(turn: Turn, what: LossKind): void {
  tell(turn, { kind: "lost", what });
  const { inAir } = turn.state.reports;
  switch (what) {
    case "head":
      direct(turn, { kind: "headLost" });
      break;
    case "ground":
      direct(turn, { kind: "loseGround" });
      break;
    case "position":
      if (inAir) direct(turn, { kind: "holdNow", reason: what });
      break;
    case "battery":
      if (inAir) direct(turn, { kind: "returnNow", reason: what });
      break;
    case "cluster":
      break;
    default:
      what satisfies never;
  }
}

function tellRegained(turn: Turn, what: LossKind): void {
  turn.state.landTold = false;
  if (what !== "battery") tell(turn, { kind: "regained", what });
}

/** What gets worse while it lasts: no position for long, a battery nearly empty. */
function followUp(turn: Turn): void {
  const { state, now } = turn;
  const { reports, losses } = state;
  if (state.landTold || !reports.inAir) return;
  const reason: LossKind | undefined =
    losses.battery.lost && reports.batteryRatio < CRITICAL_RATIO
      ? "battery"
      : losses.position.lost && now - losses.position.lostMs >= POSITION_HOLD_MS
        ? "position"
        : undefined;
  if (reason === undefined) return;
  state.landTold = true;
  direct(turn, { kind: "landNow", reason });
}

function judgeRung(turn: Turn): void {
  const { state, now, emit } = turn;
  const { climb: standing, losses, reports } = state;
  const hasPeers = state.watched.some((it) => it.member && isAlive(it));
  const loiteredMs = standing.rung === "loiter" ? now - standing.sinceMs : 0;
  const isHome = standing.rung === "goHome" && !losses.battery.lost;
  const situation = {
    losses,
    hasPeers,
    planKnown: reports.planKnown,
    // Once it went home for loitering, being alone goes on meaning home.
    loiteredMs: isHome ? LOITER_MAX_MS : loiteredMs,
  };
  const { rung: wanted, reason } = rungFor(situation);
  const rung = climb(standing, wanted, now);
  if (rung === standing.rung) return;
  const from = standing.rung;
  standing.rung = rung;
  standing.sinceMs = now;
  standing.betterMs = Infinity;
  emit({ kind: "rung", rung, from, reason });
  if (!reports.inAir) return;
  if (rung === "loiter") direct(turn, { kind: "holdNow", reason: "cluster" });
  if (rung === "goHome" && !losses.battery.lost) {
    direct(turn, { kind: "returnNow", reason: "cluster" });
  }
}

function tell({ emit }: Turn, event: FaultEvent): void {
  emit({ kind: "event", event });
}

function direct({ emit }: Turn, directive: FaultDirective): void {
  emit({ kind: "directive", directive });
}

function saveState(state: State, to: ByteWriter): void {
  saveWatched(state.watched, to);
  to.u32(state.leases.length);
  for (const lease of state.leases) to.u16(lease.owner).u16(lease.segment);
  to.u32(state.orphans.length);
  for (const key of state.orphans) to.safe(key);
  saveLosses(state.losses, to);
  to.u8(RUNGS.indexOf(state.climb.rung)).f64(state.climb.sinceMs).f64(state.climb.betterMs);
  const { reports } = state;
  to.u16(reports.leader ?? BROADCAST)
    .bool(reports.quorum)
    .bool(reports.agreementKnown);
  to.bool(reports.planKnown).bool(reports.inAir).bool(reports.positionValid);
  to.f64(reports.batteryRatio).f64(reports.homeRatio);
  to.f64(state.tickMs).f64(state.lastTickMs).f64(state.healthyMs).bool(state.landTold);
}

function loadState(state: State, from: ByteReader): void {
  state.watched = loadWatched(from);
  const leaseCount = Math.min(LEASES_MAX, from.u32());
  state.leases = Array.from({ length: leaseCount }, () => ({
    owner: from.u16() as NodeIndex,
    segment: from.u16() as SegmentId,
  }));
  const orphanCount = Math.min(ORPHANS_MAX, from.u32());
  state.orphans = Array.from({ length: orphanCount }, () => from.safe());
  loadLosses(state.losses, from);
  state.climb.rung = RUNGS[from.u8()] ?? "full";
  state.climb.sinceMs = from.f64() as MonotonicMs;
  state.climb.betterMs = from.f64();
  const { reports } = state;
  const leader = from.u16();
  reports.leader = leader === BROADCAST ? undefined : (leader as NodeIndex);
  reports.quorum = from.bool();
  reports.agreementKnown = from.bool();
  reports.planKnown = from.bool();
  reports.inAir = from.bool();
  reports.positionValid = from.bool();
  reports.batteryRatio = from.f64();
  reports.homeRatio = from.f64();
  state.tickMs = from.f64() as MonotonicMs;
  state.lastTickMs = from.f64();
  state.healthyMs = from.f64();
  state.landTold = from.bool();
}
