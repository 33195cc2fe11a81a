/**
 * All that a node knows of its peers, in flat columns by row: presence, claims, link, duplicates,
 * routes. A small open-addressed index finds a peer's row, so that memory grows with the peers in
 * reach and not with the mission's directory, and a delivery makes no object.
 *
 * Bounds: `capacity` rows (a multiple of 32). When full, a newcomer takes the row of the peer
 * longest without a sign of life, if that is no member and silent for a minute; else of one heard
 * clearly worse that this node never announced; else it is not admitted. Giving up a row forgets
 * its feasibility distance, hence the minute (RFC 8966, 3.5.1).
 */
import { invariant, type ByteReader, type ByteWriter } from "../base/mod.ts";

export const NO_PEER = 0xffff;
/** Metric and cost of what cannot be used. */
export const INFINITE = 0xffff;
export const CANDIDATES = 3;
export const PLAN_FLOATS = 16;
/** 128 packets: more than two longest messages' fragments may overtake each other. */
export const WINDOW_WORDS = 4;
const GIVE_UP_AFTER_MS = 60_000;
/** Rows refer to each other by 16 bits with a sign. */
const ROWS_MAX = 32_736;

export const LinkState: Readonly<{ unknown: 0; up: 1; down: 2 }> = Object.freeze({
  unknown: 0,
  up: 1,
  down: 2,
});
export type LinkState = (typeof LinkState)[keyof typeof LinkState];

type Column = Float64Array | Int16Array | Uint32Array | Uint16Array | Uint8Array;

interface ColumnPlan {
  readonly column: Column;
  readonly width: number;
  readonly initial: number;
}

/** Who it is, what it claims of itself, and when it showed itself. */
interface PresenceColumns {
  readonly peers: Uint16Array;
  readonly member: Uint8Array;

  /** When the row was made: whoever made it had a reason to keep it a while. */
  readonly bornMs: Float64Array;
  readonly heardMs: Float64Array;
  readonly beaconMs: Float64Array;
  readonly indirectMs: Float64Array;
  readonly intervalMs: Float64Array;
  readonly gapMean: Float64Array;
  readonly gapVariance: Float64Array;

  readonly northM: Float64Array;
  readonly eastM: Float64Array;
  readonly altitudeM: Float64Array;
  readonly northMps: Float64Array;
  readonly eastMps: Float64Array;
  readonly downMps: Float64Array;
  readonly errorM: Float64Array;
  readonly keyEpoch: Float64Array;
  readonly head: Uint16Array;
  readonly battery: Uint8Array;
  readonly flags: Uint8Array;
  readonly verified: Uint8Array;
  readonly bootTag: Uint16Array;
  readonly planCount: Uint8Array;
  /** Four points of north, east, altitude (absolute, metres) and seconds after `beaconMs`. */
  readonly plan: Float64Array;
}

/** The direct link to it, and which of its packets were seen. */
interface LinkColumns {
  readonly state: Uint8Array;
  readonly frames: Uint8Array;
  readonly lastLink: Uint16Array;
  /** As `lastLink`, of its packets on the cluster's channel, once one was heard. */
  readonly clusterLink: Uint16Array;
  readonly clusterKnown: Uint8Array;
  readonly inRatio: Float64Array;
  readonly outRatio: Float64Array;
  readonly outMs: Float64Array;
  /** Unicast tries in a row that nobody acknowledged, and when the first was missed. */
  readonly misses: Uint8Array;
  readonly missMs: Float64Array;
  readonly rssiDbm: Float64Array;
  readonly snrDb: Float64Array;
  readonly lifetimeS: Float64Array;
  readonly cost: Uint16Array;
  readonly warned: Uint8Array;
  /** Rows that this peer reports to hear well: whom its transmissions reach. */
  readonly covers: Uint32Array;

  readonly windowKnown: Uint8Array;
  readonly windowTop: Uint32Array;
  readonly windowBits: Uint32Array;
  readonly windowOld: Uint8Array;
}

/** The route to it. */
export interface RouteColumns {
  /** Row of the next hop, -1 for none. */
  readonly via: Int16Array;
  readonly metric: Uint16Array;
  /** Since when there is no route after there was one; -Infinity when there is. */
  readonly lostMs: Float64Array;
  readonly routeSequence: Uint16Array;
  readonly feasibleKnown: Uint8Array;
  readonly feasibleSequence: Uint16Array;
  readonly feasibleMetric: Uint16Array;
  readonly newestKnown: Uint8Array;
  readonly newestSequence: Uint16Array;
  readonly requestMs: Float64Array;
  readonly requestSequence: Uint16Array;
  /** A request for this destination is to be sent. */
  readonly asked: Uint8Array;
  /** The route is to be told at once. */
  readonly urgent: Uint8Array;
  /** When it was last announced. */
  readonly toldMs: Float64Array;
  readonly retractUntilMs: Float64Array;
  readonly candidateVia: Int16Array;
  readonly candidateSequence: Uint16Array;
  readonly candidateMetric: Uint16Array;
  readonly candidateMs: Float64Array;
}

export interface Peers extends PresenceColumns, LinkColumns, RouteColumns {
  readonly capacity: number;
  /** Next hops are rows of this table itself; other tables of routes name it here. */
  readonly links?: undefined;
  /** Words of a set of rows. */
  readonly words: number;
}

/** What finds and saves the rows of a table. */
interface Private {
  readonly plans: readonly ColumnPlan[];
  /** Row + 1 by hash of the peer; 0 is empty. */
  readonly index: Uint16Array;
  count: number;
  /** One past the highest row in use: loops end here. */
  top: number;
}

/** What all tables of destinations have in common. */
interface Rows {
  readonly capacity: number;
  readonly peers: Uint16Array;
  readonly own: Private;
}

/** Tables whose next hops are rows of the table of peers: what gives up a row tells them. */
type Follower = Pick<RouteColumns, "via" | "metric" | "candidateVia">;

export type PeerTable = Peers & { readonly own: Private; readonly followers: Follower[] };

/** Routes to clusters: addresses of groups, of which a node is at most once a member itself. */
export interface ClusterTable extends Rows, RouteColumns {
  readonly links: PeerTable;
  /** When it was last spoken of. */
  readonly freshMs: Float64Array;
}

/** A set of destinations with the routes to them. */
export type RouteTable = PeerTable | ClusterTable;

export function createPeers(capacity: number): PeerTable {
  const fits = capacity >= 32 && capacity <= ROWS_MAX && capacity % 32 === 0;
  invariant(fits, "rows come in sets of 32, at most 32,736");
  const plans: ColumnPlan[] = [];
  const words = capacity / 32;
  const make = columnMaker(capacity, plans);
  const index = new Uint16Array(indexSize(capacity));
  return {
    capacity,
    words,
    ...presenceColumns(make),
    ...linkColumns(make, words),
    ...routeColumns(make),
    own: { plans, index, count: 0, top: 0 },
    followers: [],
  };
}

/** A table of routes to at most `capacity` clusters over the neighbors in `links`. */
export function createClusters(capacity: number, links: PeerTable): ClusterTable {
  const plans: ColumnPlan[] = [];
  const make = columnMaker(capacity, plans);
  const table: ClusterTable = {
    capacity,
    links,
    peers: make.u16(NO_PEER),
    freshMs: make.f64(-Infinity),
    ...routeColumns(make),
    own: { plans, index: new Uint16Array(indexSize(capacity)), count: 0, top: 0 },
  };
  links.followers.push(table);
  return table;
}

/** Makes columns of some width, filled with what a fresh row holds. */
interface Maker {
  f64(initial?: number, width?: number): Float64Array;
  u32(width?: number): Uint32Array;
  u16(initial?: number, width?: number): Uint16Array;
  u8(): Uint8Array;
  /** Rows of the table itself, -1 for none. */
  rows(width?: number): Int16Array;
}

function columnMaker(capacity: number, plans: ColumnPlan[]): Maker {
  const keep = <C extends Column>(column: C, initial = 0): C => {
    plans.push({ column, width: column.length / capacity, initial });
    column.fill(initial);
    return column;
  };
  return {
    f64: (initial = 0, width = 1) => keep(new Float64Array(capacity * width), initial),
    u32: (width = 1) => keep(new Uint32Array(capacity * width)),
    u16: (initial = 0, width = 1) => keep(new Uint16Array(capacity * width), initial),
    u8: () => keep(new Uint8Array(capacity)),
    rows: (width = 1) => keep(new Int16Array(capacity * width), -1),
  };
}

const presenceColumns = (make: Maker): PresenceColumns => ({
  peers: make.u16(NO_PEER),
  member: make.u8(),
  bornMs: make.f64(-Infinity),
  heardMs: make.f64(-Infinity),
  beaconMs: make.f64(-Infinity),
  indirectMs: make.f64(-Infinity),
  intervalMs: make.f64(1000),
  gapMean: make.f64(1),
  gapVariance: make.f64(0.25),
  northM: make.f64(),
  eastM: make.f64(),
  altitudeM: make.f64(),
  northMps: make.f64(),
  eastMps: make.f64(),
  downMps: make.f64(),
  errorM: make.f64(),
  keyEpoch: make.f64(),
  head: make.u16(NO_PEER),
  battery: make.u8(),
  flags: make.u8(),
  verified: make.u8(),
  bootTag: make.u16(),
  planCount: make.u8(),
  plan: make.f64(0, PLAN_FLOATS),
});

const linkColumns = (make: Maker, words: number): LinkColumns => ({
  state: make.u8(),
  frames: make.u8(),
  lastLink: make.u16(),
  clusterLink: make.u16(),
  clusterKnown: make.u8(),
  inRatio: make.f64(),
  outRatio: make.f64(),
  outMs: make.f64(-Infinity),
  misses: make.u8(),
  missMs: make.f64(),
  rssiDbm: make.f64(),
  snrDb: make.f64(),
  lifetimeS: make.f64(Infinity),
  cost: make.u16(INFINITE),
  warned: make.u8(),
  covers: make.u32(words),
  windowKnown: make.u8(),
  windowTop: make.u32(),
  windowBits: make.u32(WINDOW_WORDS),
  windowOld: make.u8(),
});

const routeColumns = (make: Maker): RouteColumns => ({
  via: make.rows(),
  metric: make.u16(INFINITE),
  lostMs: make.f64(-Infinity),
  routeSequence: make.u16(),
  feasibleKnown: make.u8(),
  feasibleSequence: make.u16(),
  feasibleMetric: make.u16(INFINITE),
  newestKnown: make.u8(),
  newestSequence: make.u16(),
  requestMs: make.f64(-Infinity),
  requestSequence: make.u16(),
  asked: make.u8(),
  urgent: make.u8(),
  toldMs: make.f64(-Infinity),
  retractUntilMs: make.f64(-Infinity),
  candidateVia: make.rows(CANDIDATES),
  candidateSequence: make.u16(0, CANDIDATES),
  candidateMetric: make.u16(INFINITE, CANDIDATES),
  candidateMs: make.f64(-Infinity, CANDIDATES),
});

/** A power of two at least four times the rows: probes stay short. */
function indexSize(capacity: number): number {
  let size = 64;
  while (size < capacity * 4) size *= 2;
  return size;
}

/** Fibonacci hashing of a 16-bit key (Knuth, TAOCP 3, 6.4). */
const slotOf = (table: Rows, peer: number): number =>
  (Math.imul(peer, 0x9e3779b1) >>> 16) & (table.own.index.length - 1);

/** The row of a peer, -1 when it has none. */
export function rowOf(table: Rows, peer: number): number {
  const { index } = table.own;
  const mask = index.length - 1;
  for (let slot = slotOf(table, peer); ; slot = (slot + 1) & mask) {
    const row = index[slot]! - 1;
    if (row < 0 || table.peers[row] === peer) return row;
  }
}

/** One past the highest row in use. */
export const rowsEnd = (table: Rows): number => table.own.top;

export const peerCount = (table: PeerTable): number => table.own.count;

/** The youngest sign of life of a row. */
export const evidenceMs = (table: PeerTable, row: number): number =>
  Math.max(table.heardMs[row]!, table.indirectMs[row]!);

/**
 * The row of a peer, made if there is room; -1 when there is none. `snrDb` of a newcomer that is
 * heard itself: it may then take the place of a weaker one.
 */
export function obtainRow(table: PeerTable, peer: number, nowMs: number, snrDb?: number): number {
  const known = rowOf(table, peer);
  if (known >= 0 || peer === NO_PEER) return known;
  let row = table.peers.indexOf(NO_PEER);
  if (row < 0) {
    row = stalestRow(table, nowMs);
    if (row < 0 && snrDb !== undefined) row = weakestRow(table, snrDb, nowMs);
    if (row < 0) return -1;
    releaseRow(table, row);
  }
  table.bornMs[row] = nowMs;
  enter(table, row, peer);
  return row;
}

function enter(table: Rows, row: number, peer: number): void {
  table.peers[row] = peer;
  table.own.count += 1;
  table.own.top = Math.max(table.own.top, row + 1);
  insertIndex(table, row);
}

/** As `obtainRow`, for a cluster: the one longest not spoken of makes room, a minute at least. */
export function obtainCluster(table: ClusterTable, address: number, nowMs: number): number {
  let row = rowOf(table, address);
  if (row < 0) {
    row = table.peers.indexOf(NO_PEER);
    if (row < 0) {
      row = table.freshMs.reduce((least, ms, i, all) => (ms < all[least]! ? i : least), 0);
      if (nowMs - table.freshMs[row]! < GIVE_UP_AFTER_MS) return -1;
      clearRow(table, row);
      rebuildIndex(table);
    }
    enter(table, row, address);
  }
  table.freshMs[row] = nowMs;
  return row;
}

function stalestRow(table: PeerTable, nowMs: number): number {
  let stalest = -1;
  let oldestMs = nowMs - GIVE_UP_AFTER_MS;
  for (let row = 0; row < table.capacity; row += 1) {
    if (table.member[row] === 1) continue;
    const lastMs = Math.max(evidenceMs(table, row), table.bornMs[row]!);
    if (lastMs < oldestMs) {
      oldestMs = lastMs;
      stalest = row;
    }
  }
  return stalest;
}

/** A newcomer must be heard this much better: two of like strength do not push each other out. */
const STRONGER_DB = 3;
/** Who was not heard for so long counts as gone. */
const WEAK_AFTER_MS = 5000;

/**
 * The peer heard worst, where it is clearly worse than the newcomer. Never a member, and never one
 * whose route was announced to others: its feasibility distance is still in force.
 */
function weakestRow(table: PeerTable, snrDb: number, nowMs: number): number {
  let weakest = -1;
  let leastDb = snrDb - STRONGER_DB;
  for (let row = 0; row < table.capacity; row += 1) {
    if (table.member[row] === 1 || table.feasibleKnown[row] === 1) continue;
    const isSilent = nowMs - table.heardMs[row]! > WEAK_AFTER_MS;
    const isYoung = nowMs - table.bornMs[row]! < WEAK_AFTER_MS;
    const db = isSilent && !isYoung ? -Infinity : table.snrDb[row]!;
    if (db >= leastDb) continue;
    leastDb = db;
    weakest = row;
  }
  return weakest;
}

/** Forgets a peer entirely, also as a bit or next hop in the rows of others. */
export function releaseRow(table: PeerTable, row: number): void {
  clearRow(table, row);
  const word = row >> 5;
  const keep = ~(1 << (row & 31));
  for (let other = 0; other < table.capacity; other += 1) {
    table.covers[other * table.words + word]! &= keep;
  }
  for (const routes of [table, ...table.followers]) {
    for (let other = 0; other < routes.via.length; other += 1) {
      if (routes.via[other] !== row) continue;
      routes.via[other] = -1;
      routes.metric[other] = INFINITE;
    }
    for (let i = 0; i < routes.candidateVia.length; i += 1) {
      if (routes.candidateVia[i] === row) routes.candidateVia[i] = -1;
    }
  }
  rebuildIndex(table);
}

function clearRow(table: Rows, row: number): void {
  for (const { column, width, initial } of table.own.plans) {
    column.fill(initial, row * width, (row + 1) * width);
  }
  table.own.count -= 1;
}

function insertIndex(table: Rows, row: number): void {
  const { index } = table.own;
  const mask = index.length - 1;
  let slot = slotOf(table, table.peers[row]!);
  while (index[slot] !== 0) slot = (slot + 1) & mask;
  index[slot] = row + 1;
}

function rebuildIndex(table: Rows): void {
  table.own.index.fill(0);
  table.own.top = 0;
  for (let row = 0; row < table.capacity; row += 1) {
    if (table.peers[row] === NO_PEER) continue;
    insertIndex(table, row);
    table.own.top = row + 1;
  }
}

export const hasBit = (table: PeerTable, ofRow: number, row: number): boolean =>
  ((table.covers[ofRow * table.words + (row >> 5)]! >>> (row & 31)) & 1) === 1;

export function setBit(table: PeerTable, ofRow: number, row: number, value: boolean): void {
  const word = ofRow * table.words + (row >> 5);
  const bit = 1 << (row & 31);
  table.covers[word] = value ? table.covers[word]! | bit : table.covers[word]! & ~bit;
}

/** Only rows in use are written; each keeps its number, since bits and next hops name it. */
export function savePeers(table: Rows, to: ByteWriter): void {
  to.u16(table.own.count);
  for (let row = 0; row < table.capacity; row += 1) {
    if (table.peers[row] === NO_PEER) continue;
    to.u16(row);
    for (const { column, width } of table.own.plans) {
      for (let i = row * width; i < (row + 1) * width; i += 1) to.f64(column[i]!);
    }
  }
}

export function loadPeers(table: Rows, from: ByteReader): void {
  for (const { column, initial } of table.own.plans) column.fill(initial);
  const count = from.u16();
  for (let n = 0; n < count && !from.failed; n += 1) {
    const row = from.u16();
    if (row >= table.capacity) {
      from.refuse();
      break;
    }
    for (const { column, width } of table.own.plans) {
      for (let i = row * width; i < (row + 1) * width; i += 1) column[i] = from.f64();
    }
  }
  table.own.count = table.peers.filter((peer) => peer !== NO_PEER).length;
  rebuildIndex(table);
}
