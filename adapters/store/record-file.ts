/**
 * One named sequence of records in a file, so written that a power cut at any byte is told apart
 * from damage afterwards.
 *
 * | offset | size | what |
 * |---|---|---|
 * | 0 | 8 | "SKEINLG" and the version, 1 |
 * | then, for each record: | | |
 * | 0 | 4 | length of the record |
 * | 4 | 4 | CRC-32 of (place of the record counted from 0, length, the record), big-endian |
 * | 8 | length | the record |
 *
 * A cut during an append leaves a last record that is short or does not match: the torn tail. It
 * was never answered for, so it is dropped. A record that does not match and has whole records
 * behind it cannot come from a cut: that is damage, and the prefix must not be taken for the whole,
 * since a voter that has forgotten its votes is worse than none.
 */
import { crc32 } from "node:zlib";

export const RECORD_MAX_BYTES = 1 << 24;
const MAGIC = Uint8Array.of(0x53, 0x4b, 0x45, 0x49, 0x4e, 0x4c, 0x47, 1);
export const FILE_HEADER_BYTES: number = MAGIC.length;
const RECORD_HEADER_BYTES = 8;

export const fileHeader = (): Uint8Array => Uint8Array.from(MAGIC);

/** Records as they lie in the file, the first having place `firstPlace`. */
export function encodeRecords(records: readonly Uint8Array[], firstPlace: number): Uint8Array {
  const total = records.reduce((sum, record) => sum + RECORD_HEADER_BYTES + record.length, 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let at = 0;
  records.forEach((record, i) => {
    view.setUint32(at, record.length);
    view.setUint32(at + 4, checksum(firstPlace + i, record));
    bytes.set(record, at + RECORD_HEADER_BYTES);
    at += RECORD_HEADER_BYTES + record.length;
  });
  return bytes;
}

function checksum(place: number, record: Uint8Array): number {
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, place);
  head.setUint32(4, record.length);
  return crc32(record, crc32(new Uint8Array(head.buffer)));
}

export interface ReadRecords {
  readonly records: readonly Uint8Array[];
  /** Where each record ends; the file is good up to the last of them. */
  readonly ends: readonly number[];
  readonly goodBytes: number;
  readonly state: "whole" | "torn" | "damaged";
}

/** Reads a file's bytes; any bytes are taken. */
export function readRecords(bytes: Uint8Array): ReadRecords {
  const records: Uint8Array[] = [];
  const ends: number[] = [];
  if (!startsRight(bytes)) {
    // A file that was cut while its header was written holds nothing that was answered for.
    const cut = bytes.length < MAGIC.length && bytes.every((byte, i) => byte === MAGIC[i]);
    return { records, ends, goodBytes: 0, state: cut ? "torn" : "damaged" };
  }
  let at = MAGIC.length;
  for (;;) {
    const record = recordAt(bytes, at, records.length);
    if (record === undefined) break;
    records.push(record);
    at += RECORD_HEADER_BYTES + record.length;
    ends.push(at);
  }
  if (at === bytes.length) return { records, ends, goodBytes: at, state: "whole" };
  const state = recordsFollow(bytes, at, records.length) ? "damaged" : "torn";
  return { records, ends, goodBytes: at, state };
}

function startsRight(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte);
}

function recordAt(bytes: Uint8Array, at: number, place: number): Uint8Array | undefined {
  const start = at + RECORD_HEADER_BYTES;
  if (start > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(at);
  if (length > RECORD_MAX_BYTES || start + length > bytes.length) return undefined;
  const record = bytes.slice(start, start + length);
  return view.getUint32(at + 4) === checksum(place, record) ? record : undefined;
}

/** How far behind a bad record a good one is looked for, and at how many later places. */
const SEARCH_BYTES = 1 << 16;
const SEARCH_PLACES = 4;

/**
 * Whether a whole record of a later place lies somewhere behind `at`. One that matches by chance is
 * as likely as a CRC collision.
 */
function recordsFollow(bytes: Uint8Array, at: number, place: number): boolean {
  const until = Math.min(bytes.length, at + SEARCH_BYTES);
  for (let start = at + 1; start < until; start += 1) {
    for (let later = place; later <= place + SEARCH_PLACES; later += 1) {
      if (recordAt(bytes, start, later) !== undefined) return true;
    }
  }
  return false;
}
