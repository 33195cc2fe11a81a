/**
 * Duplicate suppression: a sliding window of 128 packet sequences per origin, in the peer table
 * (the form of RFC 4303, appendix A2, over a set that need not be contiguous here).
 *
 * A restarted origin begins at a random sequence: a jump ahead moves the window, a jump far behind
 * opens a new one, and one little behind is let in after 32 refusals. Replay by outsiders is the
 * security layer's matter.
 */
import { WINDOW_WORDS, type PeerTable } from "./peers.ts";

const WINDOW: number = WINDOW_WORDS * 32;
/** Further behind than any live packet could be: 2^20 packets. */
const RESTART_BEHIND = 1 << 20;
const OLD_MAX = 32;

/** Marks a sequence of the origin in `row` as seen; true when it is new. */
export function markSeen(table: PeerTable, row: number, sequence: number): boolean {
  const ahead = (sequence - table.windowTop[row]!) | 0;
  if (table.windowKnown[row] === 0 || ahead < -RESTART_BEHIND) {
    openWindow(table, row, sequence);
    return true;
  }
  if (ahead > 0) {
    advance(table, row, ahead);
    table.windowTop[row] = sequence;
    setSeen(table, row, 0);
    return true;
  }
  if (-ahead >= WINDOW) return countOld(table, row, sequence);
  if (isSeen(table, row, -ahead)) return false;
  setSeen(table, row, -ahead);
  return true;
}

export function forgetSeen(table: PeerTable, row: number): void {
  table.windowKnown[row] = 0;
}

function openWindow(table: PeerTable, row: number, sequence: number): void {
  table.windowBits.fill(0, row * WINDOW_WORDS, (row + 1) * WINDOW_WORDS);
  table.windowKnown[row] = 1;
  table.windowTop[row] = sequence;
  table.windowOld[row] = 0;
  setSeen(table, row, 0);
}

function countOld(table: PeerTable, row: number, sequence: number): boolean {
  table.windowOld[row]! += 1;
  if (table.windowOld[row]! < OLD_MAX) return false;
  openWindow(table, row, sequence);
  return true;
}

const isSeen = (table: PeerTable, row: number, behind: number): boolean =>
  ((table.windowBits[row * WINDOW_WORDS + (behind >> 5)]! >>> (behind & 31)) & 1) === 1;

function setSeen(table: PeerTable, row: number, behind: number): void {
  const word = row * WINDOW_WORDS + (behind >> 5);
  table.windowBits[word] = table.windowBits[word]! | (1 << (behind & 31));
}

/** Moves the window: bit b becomes bit b + ahead. */
function advance(table: PeerTable, row: number, ahead: number): void {
  const base = row * WINDOW_WORDS;
  const bits = table.windowBits;
  const wholeWords = Math.min(WINDOW_WORDS, Math.floor(ahead / 32));
  const shift = ahead & 31;
  for (let word = WINDOW_WORDS - 1; word >= 0; word -= 1) {
    const from = word - wholeWords;
    const high = from >= 0 ? bits[base + from]! << shift : 0;
    const low = shift > 0 && from >= 1 ? bits[base + from - 1]! >>> (32 - shift) : 0;
    bits[base + word] = high | low;
  }
  table.windowOld[row] = 0;
}
