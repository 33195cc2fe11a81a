/**
 * Messages longer than one packet: cut into k data fragments and m parity fragments, any k of which
 * restore the message (`parity.ts`). A fragment says all that is needed to place it, so order and
 * loss do not matter. `docs/protocols/packet.md` has the table.
 *
 * Bounds: messages to 65,535 B; `Reassembly` holds at most 16 unfinished messages, 4 of one origin
 * (the oldest leaves), each until its own packets would have expired.
 */
import { fail, ok, problem, type ByteReader, type ByteWriter, type Result } from "../base/mod.ts";
import { FRAGMENT_HEADER_BYTES, PACKET_BYTES_MAX, PACKET_HEADER_BYTES } from "./packet.ts";
import { readU16, writeU16 } from "./octets.ts";
import { encodeParity, restoreData } from "./parity.ts";

export const MESSAGE_BYTES_MAX = 0xffff;
/** Longest payload of an unfragmented packet. */
export const WHOLE_BYTES_MAX: number = PACKET_BYTES_MAX - PACKET_HEADER_BYTES;
/** Longest shard of a fragmented one. */
export const SHARD_BYTES_MAX: number = WHOLE_BYTES_MAX - FRAGMENT_HEADER_BYTES;
/** 57 data shards hold the longest message. */
const DATA_SHARDS_MAX: number = Math.ceil(MESSAGE_BYTES_MAX / SHARD_BYTES_MAX);

/** Data fragments that a message of `bytes` needs. */
export const dataShardsFor = (bytes: number): number => Math.ceil(bytes / SHARD_BYTES_MAX);

/** Cuts a message; each part is a fragment header with its shard, to follow a packet header. */
export function cutMessage(
  message: Uint8Array,
  options: { readonly messageId: number; readonly parityCount: number },
): Uint8Array[] {
  const dataCount = dataShardsFor(message.length);
  const shardBytes = Math.ceil(message.length / dataCount);
  const data = Array.from({ length: dataCount }, (_, i) =>
    message.subarray(i * shardBytes, Math.min(message.length, (i + 1) * shardBytes)),
  );
  const shards = [...data, ...encodeParity(data, { ...options, shardBytes })];
  return shards.map((shard, index) => {
    const part = new Uint8Array(FRAGMENT_HEADER_BYTES + shard.length);
    writeU16(part, 0, options.messageId);
    part[2] = index;
    part[3] = dataCount;
    part[4] = options.parityCount;
    writeU16(part, 5, message.length);
    part.set(shard, FRAGMENT_HEADER_BYTES);
    return part;
  });
}

export interface Fragment {
  readonly messageId: number;
  readonly index: number;
  readonly dataCount: number;
  readonly parityCount: number;
  readonly messageBytes: number;
  readonly shard: Uint8Array;
}

/** Reads a fragment from the rest of a packet; every rule between its fields is checked. */
export function readFragment(bytes: Uint8Array): Result<Fragment> {
  if (bytes.length <= FRAGMENT_HEADER_BYTES) return fail(problem("NET003", { where: "length" }));
  const fragment = {
    messageId: readU16(bytes, 0),
    index: bytes[2]!,
    dataCount: bytes[3]!,
    parityCount: bytes[4]!,
    messageBytes: readU16(bytes, 5),
    shard: bytes.slice(FRAGMENT_HEADER_BYTES),
  };
  const { index, dataCount, parityCount, messageBytes } = fragment;
  const countsFit =
    dataCount >= 1 &&
    dataCount <= DATA_SHARDS_MAX &&
    parityCount <= dataCount &&
    index < dataCount + parityCount &&
    lastShardBytes(dataCount, messageBytes) > 0;
  if (!countsFit) return fail(problem("NET003", { where: "counts" }));
  if (fragment.shard.length !== shardLength(fragment)) {
    return fail(problem("NET003", { where: "shard" }));
  }
  return ok(fragment);
}

/** What a shard's length must be; the last data shard may be shorter. */
function shardLength({ index, dataCount, messageBytes }: Fragment): number {
  if (index === dataCount - 1) return lastShardBytes(dataCount, messageBytes);
  return Math.ceil(messageBytes / dataCount);
}

/** What is left for the last data shard; not above 0 where the counts contradict each other. */
const lastShardBytes = (dataCount: number, messageBytes: number): number =>
  messageBytes - Math.ceil(messageBytes / dataCount) * (dataCount - 1);

const UNFINISHED_MAX = 16;
const UNFINISHED_OF_ORIGIN_MAX = 4;

interface Unfinished {
  readonly origin: number;
  readonly messageId: number;
  readonly dataCount: number;
  readonly parityCount: number;
  readonly messageBytes: number;
  expiresMs: number;
  shards: (Uint8Array | undefined)[];
  held: number;
  /** A finished message stays known, so that late fragments do not start it anew. */
  done: boolean;
}

export type Addition =
  | { readonly kind: "whole"; readonly message: Uint8Array }
  | { readonly kind: "held" }
  | { readonly kind: "refused" };

/** Unfinished messages of all origins. Oldest first. */
export class Reassembly {
  #unfinished: Unfinished[] = [];
  #givenUp = 0;

  /** Messages given up, by expiry or for room, since the last call. */
  takeGivenUp(): number {
    const count = this.#givenUp;
    this.#givenUp = 0;
    return count;
  }

  /** Adds a fragment that lives until `expiresMs`. */
  add(origin: number, fragment: Fragment, nowMs: number, expiresMs: number): Addition {
    this.#expire(nowMs);
    const entry = this.#find(origin, fragment.messageId) ?? this.#open(origin, fragment);
    if (!isSameMessage(entry, fragment)) return { kind: "refused" };
    entry.expiresMs = Math.max(entry.expiresMs, expiresMs);
    if (entry.done || entry.shards[fragment.index] !== undefined) return { kind: "held" };
    entry.shards[fragment.index] = fragment.shard;
    entry.held += 1;
    if (entry.held < entry.dataCount) return { kind: "held" };
    const message = restoreMessage(entry);
    entry.done = true;
    entry.shards = [];
    return { kind: "whole", message };
  }

  /** When the oldest could be given up; Infinity when nothing is held. */
  nextExpiryMs(): number {
    let soonest = Infinity;
    for (let i = 0; i < this.#unfinished.length; i += 1) {
      soonest = Math.min(soonest, this.#unfinished[i]!.expiresMs);
    }
    return soonest;
  }

  expire(nowMs: number): void {
    this.#expire(nowMs);
  }

  save(to: ByteWriter): void {
    to.u8(this.#unfinished.length).u32(this.#givenUp);
    for (const it of this.#unfinished) {
      to.u16(it.origin).u16(it.messageId).u8(it.dataCount).u8(it.parityCount).u16(it.messageBytes);
      to.f64(it.expiresMs).u8(it.held).bool(it.done).u8(it.shards.length);
      for (const shard of it.shards) to.blob(shard ?? new Uint8Array(0));
    }
  }

  load(from: ByteReader): void {
    const count = from.u8();
    this.#givenUp = from.u32();
    this.#unfinished = Array.from({ length: count }, () => ({
      origin: from.u16(),
      messageId: from.u16(),
      dataCount: from.u8(),
      parityCount: from.u8(),
      messageBytes: from.u16(),
      expiresMs: from.f64(),
      held: from.u8(),
      done: from.bool(),
      shards: Array.from({ length: from.u8() }, () => {
        const shard = from.blob(SHARD_BYTES_MAX);
        return shard.length === 0 ? undefined : shard;
      }),
    }));
  }

  #find(origin: number, messageId: number): Unfinished | undefined {
    return this.#unfinished.find((it) => it.origin === origin && it.messageId === messageId);
  }

  #open(origin: number, fragment: Fragment): Unfinished {
    const ofOrigin = this.#unfinished.filter((it) => it.origin === origin);
    const leaver =
      ofOrigin.length >= UNFINISHED_OF_ORIGIN_MAX
        ? ofOrigin[0]
        : this.#unfinished.length >= UNFINISHED_MAX
          ? this.#unfinished[0]
          : undefined;
    if (leaver !== undefined) this.#remove((it) => it === leaver);
    const { messageId, dataCount, parityCount, messageBytes } = fragment;
    const entry: Unfinished = {
      origin,
      messageId,
      dataCount,
      parityCount,
      messageBytes,
      expiresMs: 0,
      shards: new Array<undefined>(dataCount + parityCount).fill(undefined),
      held: 0,
      done: false,
    };
    this.#unfinished.push(entry);
    return entry;
  }

  #expire(nowMs: number): void {
    if (this.nextExpiryMs() <= nowMs) this.#remove((it) => it.expiresMs <= nowMs);
  }

  #remove(leaves: (it: Unfinished) => boolean): void {
    const before = this.#unfinished;
    this.#givenUp += before.filter((it) => leaves(it) && !it.done).length;
    this.#unfinished = before.filter((it) => !leaves(it));
  }
}

function isSameMessage(entry: Unfinished, fragment: Fragment): boolean {
  return (
    entry.dataCount === fragment.dataCount &&
    entry.parityCount === fragment.parityCount &&
    entry.messageBytes === fragment.messageBytes
  );
}

function restoreMessage(entry: Unfinished): Uint8Array {
  const data = entry.shards.slice(0, entry.dataCount);
  const shardBytes = Math.ceil(entry.messageBytes / entry.dataCount);
  restoreData(data, entry.shards.slice(entry.dataCount), shardBytes);
  const message = new Uint8Array(entry.messageBytes);
  data.forEach((shard, i) => {
    const at = i * shardBytes;
    message.set(shard!.subarray(0, Math.min(shardBytes, entry.messageBytes - at)), at);
  });
  return message;
}
