/**
 * Flooding with suppression. A broadcast is heard by all in reach; who repeats it?
 *
 * Each receiver waits a moment, shorter the weaker it heard the sender (the far ones reach
 * furthest), and meanwhile counts who else was heard repeating. Beacons tell whom each neighbor
 * hears, so it knows which of its own neighbors are still without (self-pruning: Lim and Kim,
 * "Flooding in wireless ad hoc networks", 2001). It repeats if any is; emergencies it repeats also
 * when it has heard fewer than three copies, since a lost stop order costs more than air time.
 *
 * The first repeat is certain: the count alone never silences below two others' copies, and the
 * origin of an emergency says it three times. Bound: 64 floods waiting; one more goes out at once.
 *
 * A flood to a cluster is meant for its members and for those who follow every cluster: only they
 * count as still without it. Whoever has none of them next to it lets it pass at once.
 */
import { BROADCAST, type ByteReader, type ByteWriter, type SeededStream } from "../base/mod.ts";
import { LinkState, NO_PEER, setBit, type PeerTable, rowsEnd } from "./peers.ts";
import { loadWaiting, saveWaiting, type Waiting } from "./queue.ts";
import { TrafficClass } from "./types.ts";

const WAITING_MAX = 64;
/** Longest wait before a repeat, by how urgent it is. */
const WAIT_EMERGENCY_MS = 6;
const WAIT_MS = 18;
/** With more neighbors than this the wait grows, so that copies are heard before it ends. */
const NEIGHBORS_FEW = 2;
/** Copies heard, the first included, that make an emergency's repeat needless. */
const COPIES_ENOUGH = 3;
/** SNR that counts as near: its repeat adds little. */
const NEAR_SNR_DB = 35;

/** Where a peer listens: its cluster's address, or `BROADCAST` for every cluster. */
export type AddressOf = (peer: number) => number;

/**
 * Two that are both heard this well are at most twice as far from each other, which costs 6 dB of
 * what is ample: they hear each other. Nobody in one cell repeats what all of it has heard.
 */
const CELL_SNR_DB = 28;

interface PendingFlood {
  readonly packet: Waiting;
  dueMs: number;
  copies: number;
  /** Heard so well from a sender that all who are heard as well have heard it too. */
  near: boolean;
  /** Rows known to have it. */
  readonly covered: Uint32Array;
}

export class Floods {
  #pending: PendingFlood[] = [];

  get length(): number {
    return this.#pending.length;
  }

  nextDueMs(): number {
    let soonest = Infinity;
    for (let i = 0; i < this.#pending.length; i += 1) {
      soonest = Math.min(soonest, this.#pending[i]!.dueMs);
    }
    return soonest;
  }

  /** A flood heard for the first time. When full the oldest is handed back, to go out at once. */
  hold(
    table: PeerTable,
    heard: {
      readonly packet: Waiting;
      readonly senderRow: number;
      readonly originRow: number;
      readonly snrDb: number;
      readonly nowMs: number;
      readonly neighbors: number;
    },
    stream: SeededStream,
    addressOf: AddressOf = everywhere,
  ): Waiting | undefined {
    const { packet, snrDb, nowMs } = heard;
    const longestMs =
      packet.header.trafficClass <= TrafficClass.command ? WAIT_EMERGENCY_MS : WAIT_MS;
    const spreadMs = longestMs * Math.max(1, heard.neighbors / NEIGHBORS_FEW);
    const near = Math.min(1, Math.max(0, snrDb / NEAR_SNR_DB));
    const pending: PendingFlood = {
      packet,
      dueMs: nowMs + 0.7 * longestMs * near + 0.3 * spreadMs * stream.uniform(),
      near: snrDb >= CELL_SNR_DB,
      copies: 1,
      covered: new Uint32Array(table.words),
    };
    cover(table, pending.covered, heard.senderRow);
    cover(table, pending.covered, heard.originRow);
    const { destination } = packet.header;
    if (destination !== BROADCAST && !isWorthRepeating(table, pending, addressOf)) return undefined;
    this.#pending.push(pending);
    return this.#pending.length > WAITING_MAX ? this.#pending.shift()?.packet : undefined;
  }

  /** Another copy of something held was heard from `senderRow`. */
  heardAgain(
    table: PeerTable,
    copy: { readonly origin: number; readonly sequence: number },
    senderRow: number,
  ): void {
    const pending = this.#pending.find(
      ({ packet: { header } }) =>
        header.origin === copy.origin && header.sequence === copy.sequence,
    );
    if (pending === undefined) return;
    pending.copies += 1;
    pending.near ||= table.snrDb[senderRow]! >= CELL_SNR_DB;
    cover(table, pending.covered, senderRow);
  }

  /** Takes out what is due and still worth repeating. */
  takeDue(table: PeerTable, nowMs: number, addressOf: AddressOf = everywhere): Waiting[] {
    if (this.nextDueMs() > nowMs) return [];
    const due = this.#pending.filter((it) => it.dueMs <= nowMs);
    this.#pending = this.#pending.filter((it) => it.dueMs > nowMs);
    return due.filter((it) => isWorthRepeating(table, it, addressOf)).map((it) => it.packet);
  }

  save(to: ByteWriter): void {
    saveWaiting(
      this.#pending.map((it) => it.packet),
      to,
    );
    for (const it of this.#pending) {
      to.f64(it.dueMs).u8(Math.min(255, it.copies)).bool(it.near).u16(it.covered.length);
      for (const word of it.covered) to.u32(word);
    }
  }

  load(from: ByteReader): void {
    this.#pending = loadWaiting(from, WAITING_MAX).map((packet) => ({
      packet,
      dueMs: from.f64(),
      copies: from.u8(),
      near: from.bool(),
      covered: Uint32Array.from({ length: from.u16() }, () => from.u32()),
    }));
  }
}

/** Adds a transmitter and all whom it reaches. */
function cover(table: PeerTable, covered: Uint32Array, row: number): void {
  if (row < 0) return;
  for (let word = 0; word < table.words; word += 1) {
    covered[word] = covered[word]! | table.covers[row * table.words + word]!;
  }
  covered[row >> 5] = covered[row >> 5]! | (1 << (row & 31));
}

const everywhere: AddressOf = () => BROADCAST;

/** Whether a flood to `destination` is meant for who listens at `address`. */
export const concerns = (destination: number, address: number): boolean =>
  destination === BROADCAST || address === BROADCAST || destination === address;

function isWorthRepeating(table: PeerTable, pending: PendingFlood, addressOf: AddressOf): boolean {
  const { trafficClass, destination } = pending.packet.header;
  if (trafficClass === TrafficClass.emergency && pending.copies < COPIES_ENOUGH) return true;
  if (pending.copies > COPIES_ENOUGH) return false;
  const inCell = pending.near && trafficClass !== TrafficClass.emergency;
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.peers[row] === NO_PEER || table.state[row] !== LinkState.up) continue;
    const isCovered = ((pending.covered[row >> 5]! >>> (row & 31)) & 1) === 1;
    if (isCovered || (inCell && table.snrDb[row]! >= CELL_SNR_DB)) continue;
    if (concerns(destination, addressOf(table.peers[row]!))) return true;
  }
  return false;
}

/** A neighbor's report that it hears `row` this well; half of the frames count as reached. */
export function noteCover(
  table: PeerTable,
  report: { readonly byRow: number; readonly ofRow: number; readonly ratio: number },
): void {
  setBit(table, report.byRow, report.ofRow, report.ratio >= 0.5);
}
