/**
 * An MCAP file (version 0, https://mcap.dev/spec) written while a run goes on: chunks compressed
 * with zstd, an index at the end. Synchronous, because the simulator's loop is: the writer of the
 * MCAP library must be awaited for each message, and a loop that never yields would pile up hours
 * of them. Records themselves are laid out by that library.
 *
 * What is on the disk after a crash reads up to the last whole chunk. Bounds: a chunk is written
 * at `CHUNK_BYTES` or after `CHUNK_SPAN_NS`; what grows with the run is the index, some 100 B a
 * chunk and channel.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { crc32, zstdCompressSync } from "node:zlib";
import { McapChunkBuilder, McapRecordBuilder, type McapTypes } from "@mcap/core";

const CHUNK_BYTES = 512 * 1024;
/** A quiet run is on the disk up to its last minute, too. */
const CHUNK_SPAN_NS = 60_000_000_000n;
const ENCODER = new TextEncoder();

export interface ChannelSpec {
  readonly topic: string;
  readonly schema: string;
}

export class ChunkWriter {
  readonly #file: number;
  readonly #records = new McapRecordBuilder();
  readonly #chunk = new McapChunkBuilder({ useMessageIndex: true });
  readonly #chunks: McapTypes.ChunkIndex[] = [];
  readonly #metadata: McapTypes.MetadataIndex[] = [];
  readonly #schemas: McapTypes.Schema[];
  readonly #channels: McapTypes.Channel[];
  readonly #counts = new Map<number, bigint>();
  readonly #sequences = new Map<number, number>();
  #position = 0n;
  #dataCrc = 0;
  #firstNs: bigint | undefined;
  #lastNs = 0n;

  /** Opens the file and writes its head; throws what the file system throws. */
  constructor(
    path: string,
    content: {
      readonly library: string;
      readonly schemas: Readonly<Record<string, unknown>>;
      readonly channels: readonly ChannelSpec[];
    },
  ) {
    const names = Object.keys(content.schemas);
    this.#schemas = names.map((name, i) => ({
      id: i + 1,
      name,
      encoding: "jsonschema",
      data: ENCODER.encode(JSON.stringify(content.schemas[name])),
    }));
    this.#channels = content.channels.map(({ topic, schema }, id) => ({
      id,
      topic,
      schemaId: names.indexOf(schema) + 1,
      messageEncoding: "json",
      metadata: new Map<string, string>(),
    }));
    this.#file = openSync(path, "w");
    this.#records.writeMagic();
    this.#records.writeHeader({ profile: "", library: content.library });
    for (const schema of this.#schemas) this.#records.writeSchema(schema);
    for (const channel of this.#channels) this.#records.writeChannel(channel);
    this.#flush();
  }

  metadata(name: string, entries: Readonly<Record<string, string>>): void {
    const offset = this.#position;
    const metadata = { name, metadata: new Map(Object.entries(entries)) };
    const length = this.#records.writeMetadata(metadata);
    this.#metadata.push({ name, offset, length });
    this.#flush();
  }

  /** `channel` is the place in the list of channels; `json` is the message as UTF-8. */
  message(channel: number, atNs: bigint, json: Uint8Array): void {
    const sequence = (this.#sequences.get(channel) ?? 0) + 1;
    this.#sequences.set(channel, sequence);
    this.#counts.set(channel, (this.#counts.get(channel) ?? 0n) + 1n);
    this.#firstNs = this.#firstNs === undefined || atNs < this.#firstNs ? atNs : this.#firstNs;
    this.#lastNs = atNs > this.#lastNs ? atNs : this.#lastNs;
    this.#chunk.addMessage({
      channelId: channel,
      sequence,
      logTime: atNs,
      publishTime: atNs,
      data: json,
    });
    const spanNs = this.#chunk.messageEndTime - this.#chunk.messageStartTime;
    if (this.#chunk.byteLength >= CHUNK_BYTES || spanNs >= CHUNK_SPAN_NS) this.#writeChunk();
  }

  end(): void {
    this.#writeChunk();
    this.#records.writeDataEnd({ dataSectionCrc: this.#dataCrc });
    this.#flush();
    this.#writeSummary();
    closeSync(this.#file);
  }

  #writeChunk(): void {
    if (this.#chunk.numMessages === 0) return;
    const raw = this.#chunk.buffer;
    const compressed = zstdCompressSync(raw);
    const chunkStartOffset = this.#position;
    const chunkLength = this.#records.writeChunk({
      messageStartTime: this.#chunk.messageStartTime,
      messageEndTime: this.#chunk.messageEndTime,
      uncompressedSize: BigInt(raw.length),
      uncompressedCrc: crc32(raw),
      compression: "zstd",
      records: compressed,
    });
    const indexStart = chunkStartOffset + chunkLength;
    const messageIndexOffsets = new Map<number, bigint>();
    let messageIndexLength = 0n;
    for (const index of this.#chunk.indices) {
      messageIndexOffsets.set(index.channelId, indexStart + messageIndexLength);
      messageIndexLength += this.#records.writeMessageIndex(index);
    }
    this.#chunks.push({
      messageStartTime: this.#chunk.messageStartTime,
      messageEndTime: this.#chunk.messageEndTime,
      chunkStartOffset,
      chunkLength,
      messageIndexOffsets,
      messageIndexLength,
      compression: "zstd",
      compressedSize: BigInt(compressed.length),
      uncompressedSize: BigInt(raw.length),
    });
    this.#chunk.reset();
    this.#flush();
  }

  #writeSummary(): void {
    const summaryStart = this.#position;
    const offsets: McapTypes.SummaryOffset[] = [];
    const group = (groupOpcode: number, write: () => void): void => {
      const groupStart = summaryStart + BigInt(this.#records.length);
      write();
      const groupLength = summaryStart + BigInt(this.#records.length) - groupStart;
      if (groupLength > 0n) offsets.push({ groupOpcode, groupStart, groupLength });
    };
    const { SCHEMA, CHANNEL, STATISTICS, METADATA_INDEX, CHUNK_INDEX } = OPCODE;
    group(SCHEMA, () => this.#schemas.forEach((each) => this.#records.writeSchema(each)));
    group(CHANNEL, () => this.#channels.forEach((each) => this.#records.writeChannel(each)));
    group(STATISTICS, () => this.#records.writeStatistics(this.#statistics()));
    group(METADATA_INDEX, () =>
      this.#metadata.forEach((each) => this.#records.writeMetadataIndex(each)),
    );
    group(CHUNK_INDEX, () => this.#chunks.forEach((each) => this.#records.writeChunkIndex(each)));
    const summaryOffsetStart = summaryStart + BigInt(this.#records.length);
    for (const offset of offsets) this.#records.writeSummaryOffset(offset);
    const summaryCrc = crc32(
      footerHead(summaryStart, summaryOffsetStart),
      crc32(this.#records.buffer),
    );
    this.#records.writeFooter({ summaryStart, summaryOffsetStart, summaryCrc });
    this.#records.writeMagic();
    this.#flush();
  }

  #statistics(): McapTypes.Statistics {
    let messageCount = 0n;
    for (const count of this.#counts.values()) messageCount += count;
    return {
      messageCount,
      schemaCount: this.#schemas.length,
      channelCount: this.#channels.length,
      attachmentCount: 0,
      metadataCount: this.#metadata.length,
      chunkCount: this.#chunks.length,
      messageStartTime: this.#firstNs ?? 0n,
      messageEndTime: this.#lastNs,
      channelMessageCounts: this.#counts,
    };
  }

  #flush(): void {
    const bytes = this.#records.buffer;
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    this.#dataCrc = crc32(bytes, this.#dataCrc);
    this.#position += BigInt(bytes.length);
    this.#records.reset();
  }
}

/** The footer up to its checksum, which covers it: opcode, length, both offsets. */
function footerHead(summaryStart: bigint, summaryOffsetStart: bigint): Uint8Array {
  const bytes = new Uint8Array(25);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, OPCODE.FOOTER);
  view.setBigUint64(1, 20n, true);
  view.setBigUint64(9, summaryStart, true);
  view.setBigUint64(17, summaryOffsetStart, true);
  return bytes;
}

/** Record types of the MCAP specification. */
const OPCODE = Object.freeze({
  FOOTER: 0x02,
  SCHEMA: 0x03,
  CHANNEL: 0x04,
  CHUNK_INDEX: 0x08,
  STATISTICS: 0x0b,
  METADATA_INDEX: 0x0d,
});
