/**
 * A node's durable store: writes take time, are answered in order, and are lost if the power goes
 * before the answer.
 *
 * At a crash each waiting write may still have reached the medium, in order: a seeded number of the
 * oldest survive, the rest is gone (the lost unsynced tail). Bound: `bytesMax` of durable records;
 * what would exceed it is answered `full`.
 */
import type { ByteReader, ByteWriter, SeededStream } from "../../src/base/mod.ts";
import type { RecoveredStore, StoreAnswer, StoreRequest } from "../../src/hal/mod.ts";
import { readPlain, writePlain } from "../core/mod.ts";

interface Pending {
  readonly ticket: number;
  readonly request: StoreRequest;
  readonly dueUs: number;
  readonly outcome: StoreAnswer["outcome"];
}

/** Order of names by UTF-16 code units, which for the short ASCII names in use is byte order. */
const byName = (a: readonly [string, unknown], b: readonly [string, unknown]): number =>
  a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;

export class SimStore {
  #records = new Map<string, Uint8Array[]>();
  #pending: Pending[] = [];
  #bytes = 0;

  get waiting(): number {
    return this.#pending.length;
  }

  /** Takes a request; its answer is due at the returned time, after all earlier ones. */
  ask(
    request: StoreRequest,
    how: {
      readonly ticket: number;
      readonly dueUs: number;
      readonly outcome: StoreAnswer["outcome"];
      readonly bytesMax: number;
    },
  ): number {
    const last = this.#pending[this.#pending.length - 1]?.dueUs ?? 0;
    const dueUs = Math.max(how.dueUs, last);
    const fits = this.#bytes + sizeOf(request) <= how.bytesMax;
    const outcome = how.outcome === "done" && !fits ? "full" : how.outcome;
    this.#pending.push({ ticket: how.ticket, request: copyOf(request), dueUs, outcome });
    return dueUs;
  }

  /** The oldest request is durable now; its answer. */
  complete(): StoreAnswer | undefined {
    const done = this.#pending.shift();
    if (done === undefined) return undefined;
    if (done.outcome === "done") this.#apply(done.request);
    return { ticket: done.ticket, outcome: done.outcome };
  }

  /** The power goes: some of the waiting writes, oldest first, made it. */
  crash(stream: SeededStream): void {
    let survivors = this.#pending.length === 0 ? 0 : stream.below(this.#pending.length + 1);
    for (; survivors > 0; survivors -= 1) this.complete();
    this.#pending = [];
  }

  /** What a boot finds, names in byte order. */
  recovered(): RecoveredStore {
    return [...this.#records.entries()]
      .sort(byName)
      .map(([name, records]) => ({ name, records: records.map((record) => record.slice()) }));
  }

  save(to: ByteWriter): void {
    const records = [...this.#records.entries()].sort(byName);
    writePlain(to, { records, pending: this.#pending, bytes: this.#bytes });
  }

  load(from: ByteReader): void {
    const plain = readPlain(from) as {
      records: [string, Uint8Array[]][];
      pending: Pending[];
      bytes: number;
    };
    this.#records = new Map(plain.records);
    this.#pending = plain.pending;
    this.#bytes = plain.bytes;
  }

  #apply(request: StoreRequest): void {
    const records = this.#records.get(request.name) ?? [];
    if (request.kind === "append") {
      records.push(...request.records);
      this.#bytes += totalOf(request.records);
    } else if (request.kind === "truncate") {
      this.#bytes -= totalOf(records.splice(request.keepCount));
    } else {
      this.#bytes += totalOf(request.records) - totalOf(records);
      records.splice(0, records.length, ...request.records);
    }
    this.#records.set(request.name, records);
  }
}

const totalOf = (records: readonly Uint8Array[]): number =>
  records.reduce((sum, record) => sum + record.length, 0);

export const sizeOf = (request: StoreRequest): number =>
  request.kind === "truncate" ? 0 : totalOf(request.records);

function copyOf(request: StoreRequest): StoreRequest {
  if (request.kind === "truncate") return request;
  return { ...request, records: request.records.map((record) => record.slice()) };
}
