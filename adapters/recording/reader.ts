/**
 * A recording opened for reading, whole or damaged. The file is walked once from its beginning:
 * each chunk is unpacked and held against its CRC, what stands outside of chunks against the CRCs
 * of the data and of the index (MCAP version 0, https://mcap.dev/spec). A damaged place is skipped:
 * by its length where that can be believed, else by searching for the next chunk that is whole.
 * What is readable can be read; each damage has its place in bytes and the time that is missing.
 *
 * The reader of the MCAP library stops at the first damage; here nothing throws for what a file
 * holds, and every single flipped bit is found (tested).
 *
 * Bounds: a record may be `RECORD_BYTES_MAX` long, a chunk may unpack to `CHUNK_BYTES_MAX`,
 * `DAMAGES_MAX` damages and `CHANNELS_MAX` channels are kept; `UNPACKED_KEPT` chunks stay unpacked.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { crc32, zstdDecompressSync } from "node:zlib";
import { fail, ok, problem, type Problem, type Result } from "../../src/base/mod.ts";
import {
  chunkHead,
  LittleReader,
  MAGIC,
  OPCODE,
  readChannel,
  readMetadata,
  readSchema,
  type ChunkHead,
} from "./mcap-records.ts";
import { RUN_METADATA } from "./recording.ts";

const RECORD_BYTES_MAX = 64 * 1024 * 1024;
const CHUNK_BYTES_MAX = 64 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const DAMAGES_MAX = 100;
const CHANNELS_MAX = 16_384;
const UNPACKED_KEPT = 4;
const HEAD_BYTES = 9;

export interface ReadChannel {
  readonly id: number;
  readonly topic: string;
  readonly schema: string;
  readonly schemaText: string;
}

export interface ReadMessage {
  readonly channel: ReadChannel;
  readonly timeNs: bigint;
  readonly data: Uint8Array;
}

export interface Damage {
  readonly fromByte: number;
  readonly toByte: number;
  readonly why: Problem;
}

interface FoundDamage {
  readonly fromByte: number;
  toByte: number;
  readonly code: "REC002" | "REC003";
  readonly detail: string;
  /** How many whole chunks stand before it. */
  readonly chunksBefore: number;
}

/** A chunk that is whole, or a stretch of messages outside of chunks. */
export interface ReadChunk {
  readonly offset: number;
  readonly bytes: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

interface KnownChunk extends ReadChunk {
  readonly head: ChunkHead;
}

interface RawSchema {
  readonly name: string;
  readonly text: string;
}

interface RawChannel {
  readonly topic: string;
  readonly schemaId: number;
}

/** Schemas and channels of the data section, and those of the index at the end. */
interface Names {
  readonly schemas: Map<number, RawSchema>;
  readonly channels: Map<number, RawChannel>;
}

const namesOf = (): Names => ({ schemas: new Map(), channels: new Map() });

/** Fails only when nothing can be read at all. */
export function openReader(path: string): Result<RecordingReader> {
  let file: number;
  try {
    // A pipe without a writer would hold the caller for ever; Windows knows no such flag.
    const patient = (constants.O_NONBLOCK as number | undefined) ?? 0;
    file = openSync(path, constants.O_RDONLY | patient);
  } catch (error) {
    const remedy = "give the path of a file that `skein run --record` wrote";
    return fail(problem("REC001", { detail: errorCode(error), remedy, where: path }));
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) {
      closeSync(file);
      return fail(problem("REC001", { detail: "it is no plain file", where: path }));
    }
    if (!beginsAsMcap(file)) {
      closeSync(file);
      const remedy = "give a file that `skein run --record` wrote; missions: skein mission check";
      return fail(problem("REC005", { remedy, where: path }));
    }
    return ok(new RecordingReader(file, stat.size));
  } catch (error) {
    closeSync(file);
    return fail(problem("REC001", { detail: errorCode(error), where: path }));
  }
}

const errorCode = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : "unknown");

/** MCAP's magic; of a file cut shorter than that, what there is of it. */
function beginsAsMcap(file: number): boolean {
  const head = new Uint8Array(MAGIC.length);
  const count = readSync(file, head, 0, head.length, 0);
  return count > 0 && head.subarray(0, count).every((byte, i) => byte === MAGIC[i]);
}

export class RecordingReader {
  readonly bytes: number;
  readonly #file: number;
  readonly #chunks: KnownChunk[] = [];
  readonly #found: FoundDamage[] = [];
  readonly #data = namesOf();
  readonly #index = namesOf();
  readonly #unpacked = new Map<number, Uint8Array>();
  #channels: ReadonlyMap<number, ReadChannel> = new Map();
  #library = "";
  #run: Readonly<Record<string, string>> = {};
  #damages: readonly Damage[] = [];
  /** Of what has been walked, up to the end of the data. */
  #dataCrc = 0;
  #crcBroken = false;
  #walk: "data" | "index" | "ended" = "data";
  #indexStart = 0;
  /** Up to here all is known to be right: the end of the last whole chunk. */
  #sureTo = MAGIC.length;

  constructor(file: number, bytes: number) {
    this.#file = file;
    this.bytes = bytes;
    this.#walkFile();
    this.#channels = this.#joinNames();
    this.#damages = this.#found.map((each) => this.#told(each));
  }

  get library(): string {
    return this.#library;
  }

  /** What repeats the run; empty when the file was not written by Skein. */
  get run(): Readonly<Record<string, string>> {
    return this.#run;
  }

  get channels(): readonly ReadChannel[] {
    return [...this.#channels.values()];
  }

  get damages(): readonly Damage[] {
    return this.#damages;
  }

  get chunks(): readonly ReadChunk[] {
    return this.#chunks;
  }

  /** The messages of one chunk, in the order in which they were written. */
  *messagesOf(chunk: number): Generator<ReadMessage> {
    const known = this.#chunks[chunk];
    if (known === undefined) return;
    const records = this.#unpack(known, chunk);
    if (records === undefined) return;
    const reader = new LittleReader(records);
    while (reader.left >= HEAD_BYTES) {
      const opcode = reader.u8();
      const length = Number(reader.u64());
      const body = new LittleReader(reader.take(length));
      if (reader.short) return;
      if (opcode !== OPCODE.message) continue;
      const channel = this.#channels.get(body.u16());
      body.u32();
      const timeNs = body.u64();
      body.u64();
      if (body.short || channel === undefined) continue;
      yield { channel, timeNs, data: body.rest() };
    }
  }

  *messages(): Generator<ReadMessage> {
    for (let chunk = 0; chunk < this.#chunks.length; chunk += 1) yield* this.messagesOf(chunk);
  }

  close(): void {
    closeSync(this.#file);
  }

  // -- walking ----------------------------------------------------------------------------------

  #walkFile(): void {
    this.#feedCrc(this.#read(0, MAGIC.length));
    let at = MAGIC.length;
    while (at < this.bytes && this.#walk !== "ended") at = this.#walkRecord(at);
    if (this.#walk !== "ended") {
      if (this.#found.at(-1)?.code !== "REC003") this.#hurt("REC003", this.bytes, "", this.bytes);
    } else if (at + MAGIC.length !== this.bytes || !this.#endsWithMagic()) {
      this.#hurt("REC002", at, "the file does not end where its index does", this.bytes);
    }
  }

  /** Takes the record at this byte; returns where the next one begins. */
  #walkRecord(at: number): number {
    const head = this.#read(at, HEAD_BYTES);
    if (head.length < HEAD_BYTES) return this.#cutShort(at);
    const reader = new LittleReader(head);
    const opcode = reader.u8();
    const length = Number(reader.u64());
    const known = opcode >= OPCODE.header && (opcode <= OPCODE.dataEnd || opcode >= 0x80);
    if (!known) return this.#resume(at, "no record begins here");
    if (length > RECORD_BYTES_MAX) return this.#resume(at, "a record without end");
    if (at + HEAD_BYTES + length > this.bytes) return this.#cutShort(at);
    const body = this.#read(at + HEAD_BYTES, length);
    if (!this.#takeRecord(opcode, body, at)) return this.#resume(at, "a record contradicts itself");
    if (opcode !== OPCODE.dataEnd && this.#walk === "data") {
      this.#feedCrc(head);
      this.#feedCrc(body);
    }
    if (opcode === OPCODE.dataEnd) {
      this.#walk = "index";
      this.#indexStart = at + HEAD_BYTES + length;
    }
    return at + HEAD_BYTES + length;
  }

  /** False when what the record says cannot be. */
  #takeRecord(opcode: number, body: Uint8Array, at: number): boolean {
    const names = this.#walk === "data" ? this.#data : this.#index;
    switch (opcode) {
      case OPCODE.header: {
        const reader = new LittleReader(body);
        reader.text();
        this.#library = reader.text();
        return !reader.short;
      }
      case OPCODE.schema: {
        const schema = readSchema(body);
        if (schema !== undefined) names.schemas.set(schema.id, schema);
        return schema !== undefined;
      }
      case OPCODE.channel: {
        const channel = readChannel(body);
        if (channel === undefined) return false;
        if (names.channels.size < CHANNELS_MAX) names.channels.set(channel.id, channel);
        return true;
      }
      case OPCODE.chunk:
        return this.#takeChunk(body, at);
      case OPCODE.message:
        return this.#takeLoose(body, at);
      case OPCODE.metadata: {
        const metadata = readMetadata(body);
        if (metadata?.name === RUN_METADATA) this.#run = metadata.entries;
        return metadata !== undefined;
      }
      case OPCODE.metadataIndex:
        this.#takeRunFrom(body);
        return true;
      case OPCODE.dataEnd:
        this.#takeDataEnd(body, at);
        return true;
      case OPCODE.footer:
        this.#takeFooter(body, at);
        return true;
      default:
        return true;
    }
  }

  #takeChunk(body: Uint8Array, at: number): boolean {
    const head = chunkHead(body);
    if (head === undefined) return false;
    const [offset, bytes] = [at, HEAD_BYTES + body.length];
    const { startNs, endNs } = head;
    const chunk = { offset, bytes, startNs, endNs, head };
    const unpacked = unpackChunk(chunk, body);
    if (typeof unpacked === "string") {
      // Its length is right, or the next record would not begin where it ends.
      if (!this.#recordBeginsAt(at + bytes)) return false;
      this.#hurt("REC002", at, unpacked, at + bytes);
      this.#crcBroken = true;
      return true;
    }
    this.#takeNamesIn(unpacked);
    this.#chunks.push(chunk);
    this.#sureTo = at + bytes;
    return true;
  }

  /** Other writers tell of channels inside of chunks. */
  #takeNamesIn(records: Uint8Array): void {
    const reader = new LittleReader(records);
    while (reader.left >= HEAD_BYTES) {
      const opcode = reader.u8();
      const body = reader.take(Number(reader.u64()));
      if (reader.short) return;
      if (opcode === OPCODE.schema || opcode === OPCODE.channel) this.#takeRecord(opcode, body, 0);
    }
  }

  /** Other writers write messages outside of chunks. */
  #takeLoose(body: Uint8Array, at: number): boolean {
    const reader = new LittleReader(body);
    reader.u16();
    reader.u32();
    const timeNs = reader.u64();
    if (reader.short) return false;
    const head: ChunkHead = {
      startNs: timeNs,
      endNs: timeNs,
      rawBytes: HEAD_BYTES + body.length,
      crc: 0,
      compression: "",
      recordsAt: -HEAD_BYTES,
    };
    const bytes = HEAD_BYTES + body.length;
    this.#chunks.push({ offset: at, bytes, startNs: timeNs, endNs: timeNs, head });
    return true;
  }

  /** The run, when the damage before it let it be skipped. */
  #takeRunFrom(index: Uint8Array): void {
    const reader = new LittleReader(index);
    const offset = Number(reader.u64());
    const length = Number(reader.u64());
    if (reader.short || length > RECORD_BYTES_MAX || Object.keys(this.#run).length > 0) return;
    const metadata = readMetadata(this.#read(offset + HEAD_BYTES, length - HEAD_BYTES));
    if (metadata?.name === RUN_METADATA) this.#run = metadata.entries;
  }

  #takeDataEnd(body: Uint8Array, at: number): void {
    const told = new LittleReader(body).u32();
    const skipped = this.#found.length > 0;
    if (told === 0 || skipped || told === this.#dataCrc) return;
    this.#crcBroken = true;
    const detail = "outside of the chunks: names, the run or the end of the data";
    this.#hurt("REC002", 0, detail, at);
  }

  #takeFooter(body: Uint8Array, at: number): void {
    this.#walk = "ended";
    const reader = new LittleReader(body);
    reader.u64();
    reader.u64();
    const told = reader.u32();
    if (reader.short || body.length !== 20) {
      this.#hurt("REC002", at, "the index has no end", at + HEAD_BYTES + body.length);
      return;
    }
    const covered = this.#read(this.#indexStart, at + HEAD_BYTES + 16 - this.#indexStart);
    if (told === 0 || told === crc32(covered)) return;
    this.#hurt("REC002", this.#indexStart, "the index", this.bytes);
  }

  #endsWithMagic(): boolean {
    const end = this.#read(this.bytes - MAGIC.length, MAGIC.length);
    return end.every((byte, i) => byte === MAGIC[i]);
  }

  // -- damage -----------------------------------------------------------------------------------

  #hurt(code: FoundDamage["code"], fromByte: number, detail: string, toByte: number): void {
    const last = this.#found.at(-1);
    const chunksBefore = this.#chunks.length;
    if (last?.toByte === fromByte && last.code === code && last.chunksBefore === chunksBefore) {
      last.toByte = toByte;
    } else if (this.#found.length < DAMAGES_MAX) {
      this.#found.push({ fromByte, toByte, code, detail, chunksBefore });
    }
  }

  /** The file ends inside a record, unless a damaged length only says so. */
  #cutShort(at: number): number {
    const next = this.#chunkAfter(this.#sureBefore(at));
    if (next !== undefined) return this.#skipTo(at, next, "a record reaches beyond the file");
    this.#hurt("REC003", at, "", this.bytes);
    return this.bytes;
  }

  #resume(at: number, detail: string): number {
    const next = this.#chunkAfter(this.#sureBefore(at));
    if (next !== undefined) return this.#skipTo(at, next, detail);
    this.#hurt("REC002", this.#sureBefore(at), detail, this.bytes);
    this.#walk = "ended";
    return this.bytes - MAGIC.length;
  }

  #skipTo(at: number, next: number, detail: string): number {
    this.#hurt("REC002", this.#sureBefore(at), detail, next);
    this.#crcBroken = true;
    return next;
  }

  /** A record that begins nowhere may follow from a wrong length before it. */
  #sureBefore(at: number): number {
    const told = this.#found.at(-1)?.toByte ?? 0;
    return Math.min(at, Math.max(this.#sureTo, this.#walk === "data" ? told : this.#indexStart));
  }

  #recordBeginsAt(at: number): boolean {
    const head = this.#read(at, HEAD_BYTES);
    if (head.length < HEAD_BYTES) return at === this.bytes;
    const reader = new LittleReader(head);
    const opcode = reader.u8();
    const length = Number(reader.u64());
    const known = opcode >= OPCODE.header && opcode <= OPCODE.dataEnd;
    return known && at + HEAD_BYTES + length <= this.bytes;
  }

  /** Where the next whole chunk begins, or the end of the data. */
  #chunkAfter(from: number): number | undefined {
    for (let at = from; at < this.bytes; at += PIECE_BYTES) {
      // Overlaps by a head, so that none is cut in two.
      const piece = Buffer.from(this.#read(at, PIECE_BYTES + CHUNK_SIGN_AT + CHUNK_SIGN.length));
      for (
        let sign = piece.indexOf(CHUNK_SIGN);
        sign >= 0;
        sign = piece.indexOf(CHUNK_SIGN, sign + 1)
      ) {
        const start = at + sign - CHUNK_SIGN_AT;
        if (start >= from && this.#isWholeChunk(start)) return start;
      }
    }
    return undefined;
  }

  #isWholeChunk(at: number): boolean {
    const head = this.#read(at, HEAD_BYTES);
    const reader = new LittleReader(head);
    const opcode = reader.u8();
    const length = Number(reader.u64());
    if (reader.short || opcode !== OPCODE.chunk || length > RECORD_BYTES_MAX) return false;
    const body = this.#read(at + HEAD_BYTES, length);
    const chunk = body.length === length ? chunkHead(body) : undefined;
    if (chunk === undefined) return false;
    return typeof unpackChunk({ head: chunk }, body) !== "string";
  }

  /** With the time that is missing: from the chunk before to the chunk behind. */
  #told({ fromByte, toByte, code, detail, chunksBefore }: FoundDamage): Damage {
    const zeroNs = this.#chunks[0]?.startNs ?? 0n;
    const before = this.#chunks[chunksBefore - 1];
    const behind = this.#chunks[chunksBefore];
    const seconds = (ns: bigint): string => `${(Number(ns - zeroNs) / 1e9).toFixed(1)} s`;
    const from = before === undefined ? "the beginning" : seconds(before.endNs);
    const until = behind === undefined ? "the end" : seconds(behind.startNs);
    const where =
      code === "REC003"
        ? `byte ${String(fromByte)} of ${String(this.bytes)}, after ${from}`
        : `bytes ${String(fromByte)} to ${String(toByte)}, between ${from} and ${until}`;
    const remedy =
      code === "REC003"
        ? "the run was cut short, or the disk was full; what stands before can be used"
        : "fetch the file again, or use what is readable around the damage";
    const why = problem(code, { ...(detail === "" ? {} : { detail }), remedy, where });
    return { fromByte, toByte, why };
  }

  // -- reading ----------------------------------------------------------------------------------

  #joinNames(): ReadonlyMap<number, ReadChannel> {
    // A name outside of the chunks that a bit has changed: the index at the end has another copy.
    const [first, second] = this.#crcBroken ? [this.#data, this.#index] : [this.#index, this.#data];
    const schemas = new Map([...first.schemas, ...second.schemas]);
    const channels = new Map([...first.channels, ...second.channels]);
    return new Map(
      [...channels].map(([id, { topic, schemaId }]) => {
        const schema = schemas.get(schemaId);
        return [id, { id, topic, schema: schema?.name ?? "", schemaText: schema?.text ?? "" }];
      }),
    );
  }

  #unpack(chunk: KnownChunk, place: number): Uint8Array | undefined {
    const kept = this.#unpacked.get(place);
    if (kept !== undefined) return kept;
    const body = this.#read(chunk.offset + HEAD_BYTES, chunk.bytes - HEAD_BYTES);
    const unpacked =
      chunk.head.recordsAt < 0 ? this.#read(chunk.offset, chunk.bytes) : unpackChunk(chunk, body);
    if (typeof unpacked === "string") return undefined;
    this.#unpacked.set(place, unpacked);
    for (const old of this.#unpacked.keys()) {
      if (this.#unpacked.size <= UNPACKED_KEPT) break;
      this.#unpacked.delete(old);
    }
    return unpacked;
  }

  #feedCrc(bytes: Uint8Array): void {
    this.#dataCrc = crc32(bytes, this.#dataCrc);
  }

  /** What there is of these bytes. */
  #read(at: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.bytes - at));
    const bytes = new Uint8Array(wanted);
    let done = 0;
    while (done < wanted) {
      const count = readSync(this.#file, bytes, done, wanted - done, at + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }
}

/** The compression's name, as every chunk of ours has it, and where in the record it stands. */
const CHUNK_SIGN = Buffer.from([4, 0, 0, 0, ...Buffer.from("zstd")]);
const CHUNK_SIGN_AT = HEAD_BYTES + 28;

/** The records of a chunk, or why there are none. */
function unpackChunk(
  { head }: { readonly head: ChunkHead },
  body: Uint8Array,
): Uint8Array | string {
  if (head.rawBytes > CHUNK_BYTES_MAX) return "a chunk too large to unpack";
  const packed = body.subarray(head.recordsAt);
  try {
    const raw =
      head.compression === "zstd"
        ? zstdDecompressSync(packed, { maxOutputLength: CHUNK_BYTES_MAX })
        : packed;
    if (raw.length !== head.rawBytes) return "a chunk of another length";
    return head.crc === 0 || crc32(raw) === head.crc ? raw : "a chunk with a wrong checksum";
  } catch {
    return "a chunk that does not unpack";
  }
}
