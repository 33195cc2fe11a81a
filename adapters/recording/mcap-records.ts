/**
 * The records of an MCAP file (version 0, https://mcap.dev/spec) as far as they are read here.
 * Little-endian; a text or a list begins with its length in bytes (u32). Nothing here throws: what
 * is too short or contradicts itself is undefined.
 *
 * Bounds: `ENTRIES_MAX` entries of a metadata record.
 */

export const MAGIC: Uint8Array = Uint8Array.of(0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a);

export const OPCODE = Object.freeze({
  header: 0x01,
  footer: 0x02,
  schema: 0x03,
  channel: 0x04,
  message: 0x05,
  chunk: 0x06,
  chunkIndex: 0x08,
  statistics: 0x0b,
  metadata: 0x0c,
  metadataIndex: 0x0d,
  dataEnd: 0x0f,
} as const);

const ENTRIES_MAX = 1000;
const DECODER = new TextDecoder();

/** Reads forward; once a value did not fit, `short` is true and everything else is nothing. */
export class LittleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #short = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get short(): boolean {
    return this.#short;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  get at(): number {
    return this.#at;
  }

  u8(): number {
    return this.#has(1) ? this.#view.getUint8(this.#at - 1) : 0;
  }

  u16(): number {
    return this.#has(2) ? this.#view.getUint16(this.#at - 2, true) : 0;
  }

  u32(): number {
    return this.#has(4) ? this.#view.getUint32(this.#at - 4, true) : 0;
  }

  u64(): bigint {
    return this.#has(8) ? this.#view.getBigUint64(this.#at - 8, true) : 0n;
  }

  take(length: number): Uint8Array {
    return this.#has(length)
      ? this.#bytes.subarray(this.#at - length, this.#at)
      : new Uint8Array(0);
  }

  text(): string {
    return DECODER.decode(this.take(this.u32()));
  }

  rest(): Uint8Array {
    return this.take(this.left);
  }

  #has(length: number): boolean {
    if (this.#short || length > this.left) {
      this.#short = true;
      return false;
    }
    this.#at += length;
    return true;
  }
}

export interface ChunkHead {
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Of the records, unpacked. */
  readonly rawBytes: number;
  /** Of the unpacked records; 0: none was made. */
  readonly crc: number;
  readonly compression: string;
  /** Where in the record's body its records begin. */
  readonly recordsAt: number;
}

export function chunkHead(body: Uint8Array): ChunkHead | undefined {
  const reader = new LittleReader(body);
  const startNs = reader.u64();
  const endNs = reader.u64();
  const rawBytes = Number(reader.u64());
  const crc = reader.u32();
  const compression = reader.text();
  const packedBytes = Number(reader.u64());
  if (reader.short || startNs > endNs || packedBytes !== reader.left) return undefined;
  if (compression !== "zstd" && compression !== "") return undefined;
  return { startNs, endNs, rawBytes, crc, compression, recordsAt: reader.at };
}

export function readSchema(
  body: Uint8Array,
): { readonly id: number; readonly name: string; readonly text: string } | undefined {
  const reader = new LittleReader(body);
  const id = reader.u16();
  const name = reader.text();
  reader.text();
  const text = reader.text();
  return reader.short ? undefined : { id, name, text };
}

export function readChannel(
  body: Uint8Array,
): { readonly id: number; readonly schemaId: number; readonly topic: string } | undefined {
  const reader = new LittleReader(body);
  const id = reader.u16();
  const schemaId = reader.u16();
  const topic = reader.text();
  return reader.short ? undefined : { id, schemaId, topic };
}

export function readMetadata(
  body: Uint8Array,
): { readonly name: string; readonly entries: Readonly<Record<string, string>> } | undefined {
  const reader = new LittleReader(body);
  const name = reader.text();
  const map = new LittleReader(reader.take(reader.u32()));
  const entries: [string, string][] = [];
  while (map.left > 0 && !map.short && entries.length < ENTRIES_MAX) {
    entries.push([map.text(), map.text()]);
  }
  return reader.short || map.short ? undefined : { name, entries: Object.fromEntries(entries) };
}
