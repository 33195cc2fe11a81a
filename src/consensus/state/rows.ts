/**
 * The rows of the agreed state: what is kept of each thing, how many, and its canonical bytes.
 * Bounds are those of one cluster on one mission; a full table refuses, except where said.
 */
import {
  BROADCAST,
  SEGMENTS_MAX,
  nodeIndex,
  segmentId,
  type ByteReader,
  type ByteWriter,
  type NodeIndex,
  type SegmentId,
} from "../../base/mod.ts";
import { ENTRY_MAX_BYTES } from "../entry.ts";
import type {
  AgreedDetection,
  AgreedVerdict,
  FixedPosition,
  MemberRole,
  OrderProgress,
} from "./bodies.ts";
import {
  EPOCH_MAX,
  readDetection,
  readPosition,
  readWord,
  writeDetection,
  writePosition,
} from "./bodies.ts";
import { byBigint, byNumber, byText, Table } from "./tables.ts";

/** No node has this index; a segment that nobody holds has it as its owner. */
export const NO_OWNER: NodeIndex = BROADCAST;

export const MEMBERS_MAX = 256;
/** The oldest order is forgotten for a new one. */
export const ORDERS_KEPT = 64;
const CLUES_MAX = 256;
const DETECTIONS_MAX = 512;
/** Older epochs are forgotten: nothing is opened under them any more. */
const EPOCHS_KEPT = 8;
const PADS_MAX = 64;
const LATCHES_MAX = 16;
const VALUES_MAX = 64;

/** Sequences remembered below the highest one: a bit each. */
export const WINDOW_BITS = 32;

/** Which proposals of one node were applied (the shape of RFC 6479's replay window). */
export class DuplicateWindow {
  #highest: number;
  /** Bit k: highest - 1 - k was seen. */
  #bits: number;

  constructor(highest = 0, bits = 0) {
    this.#highest = highest;
    this.#bits = bits;
  }

  /** Seen, or too old to tell. */
  has(sequence: number): boolean {
    if (sequence > this.#highest) return false;
    const back = this.#highest - sequence - 1;
    if (back < 0 || back >= WINDOW_BITS) return true;
    return ((this.#bits >>> back) & 1) === 1;
  }

  add(sequence: number): void {
    if (sequence <= this.#highest) {
      this.#bits |= 1 << (this.#highest - sequence - 1);
      return;
    }
    const ahead = sequence - this.#highest;
    // The former highest becomes bit `ahead - 1`; a shift by 32 or more would wrap in JavaScript.
    const older = ahead >= WINDOW_BITS ? 0 : this.#bits << ahead;
    this.#bits = ahead > WINDOW_BITS ? 0 : older | (1 << (ahead - 1));
    this.#highest = sequence;
  }

  save(to: ByteWriter): void {
    to.safe(this.#highest).u32(this.#bits >>> 0);
  }

  static read(from: ByteReader): DuplicateWindow {
    return new DuplicateWindow(from.safe(), from.u32() | 0);
  }
}

export const windowsTable = (): Table<NodeIndex, DuplicateWindow> =>
  new Table<NodeIndex, DuplicateWindow>({
    maxRows: MEMBERS_MAX,
    compare: byNumber,
    write: (to, key, row) => row.save(to.u16(key)),
    read: (from) => [nodeIndex(from.u16()), DuplicateWindow.read(from)],
  });

export type MemberStanding = "present" | "lost" | "left" | "evicted";
const STANDINGS: readonly MemberStanding[] = ["present", "lost", "left", "evicted"];
const ROLES: readonly MemberRole[] = ["vehicle", "ground"];

export interface MemberRow {
  readonly role: MemberRole;
  readonly standing: MemberStanding;
  readonly bootNonce: Uint8Array;
}

export const membersTable = (): Table<NodeIndex, MemberRow> =>
  new Table<NodeIndex, MemberRow>({
    maxRows: MEMBERS_MAX,
    compare: byNumber,
    write: (to, key, row) => {
      to.u16(key).u8(ROLES.indexOf(row.role)).u8(STANDINGS.indexOf(row.standing));
      to.raw(row.bootNonce);
    },
    read: (from) => {
      const key = nodeIndex(from.u16());
      const role = readWord(from, ROLES);
      const standing = readWord(from, STANDINGS);
      return [key, { role, standing, bootNonce: from.raw(8) }];
    },
  });

export interface SegmentRow {
  readonly owner: NodeIndex;
  /** Who held it before, or held it last when nobody does. */
  readonly lastOwner: NodeIndex;
  /** Log time of the last claim or renewal. */
  readonly renewedMs: number;
  readonly pass: number;
  readonly lanes: number;
}

export const NEW_SEGMENT: SegmentRow = Object.freeze({
  owner: NO_OWNER,
  lastOwner: NO_OWNER,
  renewedMs: 0,
  pass: 0,
  lanes: 0,
});

export const segmentsTable = (): Table<SegmentId, SegmentRow> =>
  new Table<SegmentId, SegmentRow>({
    maxRows: SEGMENTS_MAX,
    compare: byNumber,
    write: (to, key, row) => {
      to.u16(key).u16(row.owner).u16(row.lastOwner);
      to.safe(row.renewedMs).u8(row.pass).u32(row.lanes);
    },
    read: (from) => {
      const key = segmentId(from.u16());
      const owner = nodeIndex(from.u16());
      const lastOwner = nodeIndex(from.u16());
      const renewedMs = from.safe();
      return [key, { owner, lastOwner, renewedMs, pass: from.u8(), lanes: from.u32() }];
    },
  });

export interface OrderStanding {
  readonly node: NodeIndex;
  readonly progress: OrderProgress;
  readonly reason: number;
}
const PROGRESS: readonly OrderProgress[] = ["acting", "done", "refused"];

export interface OrderRow {
  /** Grows with each order recorded: the oldest has the least. */
  readonly place: number;
  readonly order: Uint8Array;
  /** Ascending by node. */
  readonly progress: readonly OrderStanding[];
}

export const ordersTable = (): Table<bigint, OrderRow> =>
  new Table({
    maxRows: ORDERS_KEPT,
    compare: byBigint,
    write: (to, key, row) => {
      to.u64(key).u32(row.place).blob(row.order).u16(row.progress.length);
      for (const each of row.progress) {
        to.u16(each.node).u8(PROGRESS.indexOf(each.progress)).u8(each.reason);
      }
    },
    read: (from) => {
      const key = from.u64();
      const place = from.u32();
      const order = from.blob();
      return [key, { place, order, progress: readProgress(from) }];
    },
  });

function readProgress(from: ByteReader): readonly OrderStanding[] {
  const count = from.u16();
  if (count > MEMBERS_MAX) from.refuse();
  const progress: OrderStanding[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    const node = nodeIndex(from.u16());
    progress.push({ node, progress: readWord(from, PROGRESS), reason: from.u8() });
  }
  return progress;
}

export interface ClueRow {
  readonly position: FixedPosition;
  readonly errorCm: number;
  readonly weightMilli: number;
}

export const cluesTable = (): Table<number, ClueRow> =>
  new Table({
    maxRows: CLUES_MAX,
    compare: byNumber,
    write: (to, key, row) => {
      writePosition(to.u32(key), row.position);
      to.u32(row.errorCm).u32(row.weightMilli);
    },
    read: (from) => {
      const key = from.u32();
      const position = readPosition(from);
      return [key, { position, errorCm: from.u32(), weightMilli: from.u32() }];
    },
  });

export interface DetectionRow {
  readonly detection: AgreedDetection;
  readonly verdict: AgreedVerdict | "open";
}
const VERDICTS: readonly DetectionRow["verdict"][] = [
  "open",
  "confirmed",
  "dismissed",
  "lookAgain",
];

export const detectionsTable = (): Table<number, DetectionRow> =>
  new Table({
    maxRows: DETECTIONS_MAX,
    compare: byNumber,
    write: (to, _key, row) => {
      writeDetection(to, row.detection);
      to.u8(VERDICTS.indexOf(row.verdict));
    },
    read: (from) => {
      const detection = readDetection(from);
      return [detection.id, { detection, verdict: readWord(from, VERDICTS) }];
    },
  });

export interface EpochRow {
  readonly opener: NodeIndex;
  readonly commitment: Uint8Array;
}

export const epochsTable = (): Table<bigint, EpochRow> =>
  new Table({
    maxRows: EPOCHS_KEPT,
    compare: byBigint,
    write: (to, key, row) => to.u64(key).u16(row.opener).raw(row.commitment),
    read: (from) => {
      const key = from.u64();
      if (key > EPOCH_MAX) from.refuse();
      return [key, { opener: nodeIndex(from.u16()), commitment: from.raw(32) }];
    },
  });

/** Pad or charger -> who has it. */
export const padsTable = (): Table<number, NodeIndex> =>
  new Table({
    maxRows: PADS_MAX,
    compare: byNumber,
    write: (to, key, owner) => to.u8(key).u16(owner),
    read: (from) => [from.u8(), nodeIndex(from.u16())],
  });

export interface LatchRow {
  readonly set: boolean;
  readonly aglMaxCm: number;
  readonly byNetworkTimeMs: number;
  readonly orderId: bigint;
}

export const latchesTable = (): Table<number, LatchRow> =>
  new Table({
    maxRows: LATCHES_MAX,
    compare: byNumber,
    write: (to, key, row) => {
      to.u8(key).bool(row.set).u32(row.aglMaxCm).safe(row.byNetworkTimeMs).u64(row.orderId);
    },
    read: (from) => {
      const key = from.u8();
      const set = from.bool();
      const aglMaxCm = from.u32();
      const byNetworkTimeMs = from.safe();
      return [key, { set, aglMaxCm, byNetworkTimeMs, orderId: from.u64() }];
    },
  });

/** Expelled members are at most a configuration; mission, plan and latches need a few more. */
export const WARRANTS_MAX = 96;

/**
 * What commands or expels -> the whole entry that made it so, with the order that an operator
 * signed: whoever is given this state as a snapshot can check it (`warrants.ts`).
 */
export const warrantsTable = (): Table<string, Uint8Array> =>
  new Table({
    maxRows: WARRANTS_MAX,
    compare: byText,
    write: (to, key, entry) => to.text(key).blob(entry),
    read: (from) => [from.text(WARRANT_KEY_MAX_BYTES), from.blob(ENTRY_MAX_BYTES)],
  });
const WARRANT_KEY_MAX_BYTES = 16;

export interface ValueRow {
  readonly value: readonly number[];
  readonly by: NodeIndex;
}

export const valuesTable = (): Table<string, ValueRow> =>
  new Table({
    maxRows: VALUES_MAX,
    compare: byText,
    write: (to, key, row) => {
      to.text(key).u16(row.by).u8(row.value.length);
      for (const number of row.value) to.f64(number);
    },
    read: (from) => {
      const key = from.text();
      const by = nodeIndex(from.u16());
      const count = from.u8();
      const value: number[] = [];
      for (let i = 0; i < count; i += 1) value.push(from.f64());
      return [key, { value, by }];
    },
  });
