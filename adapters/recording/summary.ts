/**
 * What a recording holds, read from its beginning to its end, or to where it is damaged: a file
 * that a crash or a full disk cut short still tells what it knows.
 *
 * Bounds: `EVENTS_MAX` events are kept (all are counted), a record may be `RECORD_BYTES_MAX` long,
 * a chunk may unpack to `CHUNK_BYTES_MAX`: a small file cannot ask for much memory.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { McapStreamReader, type McapTypes } from "@mcap/core";
import { fail, isRecord, ok, problem, type Problem, type Result } from "../../src/base/mod.ts";
import { RUN_METADATA, type RecordedSeverity } from "./recording.ts";

export const EVENTS_MAX = 10_000;
const RECORD_BYTES_MAX = 64 * 1024 * 1024;
const CHUNK_BYTES_MAX = 64 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const SEVERITIES: readonly RecordedSeverity[] = ["info", "notice", "warning", "alarm"];

export interface ChannelSummary {
  readonly topic: string;
  readonly schema: string;
  readonly messages: number;
}

export interface EventSummary {
  readonly atS: number;
  readonly vehicle: number;
  readonly severity: RecordedSeverity;
  readonly kind: string;
  readonly text: string;
}

export interface RecordingSummary {
  readonly bytes: number;
  readonly library: string;
  /** What repeats the run; empty when the file was not written by Skein. */
  readonly run: Readonly<Record<string, string>>;
  readonly durationS: number;
  readonly messages: number;
  readonly channels: readonly ChannelSummary[];
  readonly events: readonly EventSummary[];
  readonly eventCount: number;
  readonly foundAtS: number | null;
  /** The run's report as it was written, undefined when the run did not reach its end. */
  readonly report: unknown;
  /** Why reading ended before the end of the file; everything above is what came before. */
  readonly damage: Problem | undefined;
}

/** Fails only when nothing can be read at all. */
export function summariseRecording(path: string): Result<RecordingSummary> {
  let file: number;
  try {
    // A pipe without a writer would hold the caller for ever; Windows knows no such flag.
    const patient = (constants.O_NONBLOCK as number | undefined) ?? 0;
    file = openSync(path, constants.O_RDONLY | patient);
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? "unknown";
    const remedy = "give the path of a file that `skein run --record` wrote";
    return fail(problem("REC001", { detail, remedy, where: path }));
  }
  try {
    if (!fstatSync(file).isFile()) {
      return fail(problem("REC001", { detail: "it is no plain file", where: path }));
    }
    if (!beginsAsMcap(file)) {
      const remedy = "give a file that `skein run --record` wrote; missions: skein mission check";
      return fail(problem("REC005", { remedy, where: path }));
    }
    return ok(readAll(file));
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? "unknown";
    return fail(problem("REC001", { detail, where: path }));
  } finally {
    closeSync(file);
  }
}

/** MCAP's magic; of a file cut shorter than that, what there is of it. */
const MAGIC = Uint8Array.of(0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a);

function beginsAsMcap(file: number): boolean {
  const head = new Uint8Array(MAGIC.length);
  const count = readSync(file, head, 0, head.length, 0);
  return count > 0 && head.subarray(0, count).every((byte, i) => byte === MAGIC[i]);
}

interface Gathered {
  library: string;
  run: Record<string, string>;
  readonly schemas: Map<number, string>;
  readonly channels: Map<number, { topic: string; schema: string; messages: number }>;
  readonly events: EventSummary[];
  eventCount: number;
  foundAtS: number | null;
  firstNs: bigint | undefined;
  lastNs: bigint;
  report: unknown;
}

function readAll(file: number): RecordingSummary {
  const gathered: Gathered = {
    library: "",
    run: {},
    schemas: new Map(),
    channels: new Map(),
    events: [],
    eventCount: 0,
    foundAtS: null,
    firstNs: undefined,
    lastNs: 0n,
    report: undefined,
  };
  const reader = new McapStreamReader({
    validateCrcs: true,
    decompressHandlers: { zstd: (bytes) => unpack(bytes) },
  });
  const { bytes, damage } = readPieces(file, reader, (record) => take(gathered, record));
  const channels = [...gathered.channels.values()];
  const first = gathered.firstNs ?? 0n;
  return {
    bytes,
    library: gathered.library,
    run: gathered.run,
    durationS: Number(gathered.lastNs > first ? gathered.lastNs - first : 0n) / 1e9,
    messages: channels.reduce((sum, { messages }) => sum + messages, 0),
    channels: channels.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0)),
    events: gathered.events,
    eventCount: gathered.eventCount,
    foundAtS: gathered.foundAtS,
    report: gathered.report,
    damage,
  };
}

function readPieces(
  file: number,
  reader: McapStreamReader,
  each: (record: McapTypes.TypedMcapRecord) => void,
): { readonly bytes: number; readonly damage: Problem | undefined } {
  let bytes = 0;
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const count = readSync(file, piece, 0, PIECE_BYTES, null);
    if (count === 0) break;
    bytes += count;
    try {
      reader.append(piece.subarray(0, count));
      for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
        each(record);
      }
    } catch (error) {
      const detail = (error as Error).message.split("\n")[0] ?? "";
      return { bytes, damage: damaged(bytes - reader.bytesRemaining(), detail) };
    }
    if (reader.bytesRemaining() > RECORD_BYTES_MAX) {
      return { bytes, damage: damaged(bytes - reader.bytesRemaining(), "a record without end") };
    }
  }
  if (reader.done()) return { bytes, damage: undefined };
  const where = `byte ${String(bytes - reader.bytesRemaining())} of ${String(bytes)}`;
  const remedy = "the run was cut short, or the disk was full; what stands before can be used";
  return { bytes, damage: problem("REC003", { remedy, where }) };
}

function damaged(at: number, detail: string): Problem {
  const remedy = "fetch the file again, or use what stands before the damage";
  return problem("REC002", { detail, remedy, where: `byte ${String(at)}` });
}

function unpack(bytes: Uint8Array): Uint8Array {
  return zstdDecompressSync(bytes, { maxOutputLength: CHUNK_BYTES_MAX });
}

function take(gathered: Gathered, record: McapTypes.TypedMcapRecord): void {
  switch (record.type) {
    case "Header":
      gathered.library = record.library;
      return;
    case "Schema":
      gathered.schemas.set(record.id, record.name);
      return;
    case "Channel": {
      if (gathered.channels.has(record.id)) return;
      const schema = gathered.schemas.get(record.schemaId) ?? "";
      gathered.channels.set(record.id, { topic: record.topic, schema, messages: 0 });
      return;
    }
    case "Metadata":
      if (record.name === RUN_METADATA) gathered.run = Object.fromEntries(record.metadata);
      return;
    case "Message":
      takeMessage(gathered, record);
      return;
    default:
  }
}

function takeMessage(gathered: Gathered, message: McapTypes.TypedMcapRecords["Message"]): void {
  const channel = gathered.channels.get(message.channelId);
  if (channel === undefined) return;
  channel.messages += 1;
  const { logTime } = message;
  const { firstNs } = gathered;
  gathered.firstNs = firstNs === undefined || logTime < firstNs ? logTime : firstNs;
  gathered.lastNs = logTime > gathered.lastNs ? logTime : gathered.lastNs;
  if (channel.schema === "skein.Report") gathered.report = json(message.data);
  if (channel.schema !== "skein.Event") return;
  const event = eventOf(json(message.data));
  if (event === undefined) return;
  gathered.eventCount += 1;
  if (event.kind === "found") gathered.foundAtS ??= event.atS;
  if (gathered.events.length < EVENTS_MAX) gathered.events.push(event);
}

function json(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data)) as unknown;
  } catch {
    return undefined;
  }
}

function eventOf(value: unknown): EventSummary | undefined {
  if (!isRecord(value)) return undefined;
  const { atS, vehicle, severity, kind, text } = value;
  const known = SEVERITIES.find((each) => each === severity);
  const whole = typeof atS === "number" && typeof vehicle === "number" && known !== undefined;
  if (!whole || typeof kind !== "string" || typeof text !== "string") return undefined;
  return { atS, vehicle, severity: known, kind, text };
}
