import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalBytes, fromHex, nodeIndex, toHex } from "../../base/mod.ts";
import { encodeEntry, EntryKind } from "../entry.ts";
import {
  decodeMessage,
  encodeMessage,
  RaftCode,
  type CarriedEntry,
  type RaftMessage,
} from "./messages.ts";

const CLUSTER = 7;
const u32 = fc.integer({ min: 0, max: 0xffffffff });

function carried(term: number, value: number): CarriedEntry {
  const entry = {
    kind: EntryKind.value,
    proposer: nodeIndex(value),
    sequence: value,
    orderId: 0n,
    body: Uint8Array.of(value),
    signatures: [],
  };
  return { term, entry, bytes: encodeEntry(entry) };
}

const anyMessage: fc.Arbitrary<RaftMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("voteRequest" as const),
    term: u32,
    preVote: fc.boolean(),
    transfer: fc.boolean(),
    lastIndex: u32,
    lastTerm: u32,
  }),
  fc.record({
    kind: fc.constant("voteReply" as const),
    term: u32,
    preVote: fc.boolean(),
    granted: fc.boolean(),
  }),
  fc
    .tuple(fc.array(fc.nat(9), { maxLength: 5 }), fc.integer({ min: 0, max: 0xffff }), u32)
    .map(([steps, round, commit]) => {
      let term = 3;
      const entries = steps.map((step, i) => carried((term += step), i));
      return {
        kind: "append" as const,
        term: term + 1,
        round,
        prevIndex: 9,
        prevTerm: 3,
        commit,
        entries,
      };
    }),
  fc.record({
    kind: fc.constant("appendReply" as const),
    term: u32,
    accepted: fc.boolean(),
    match: u32,
    hintIndex: u32,
    hintTerm: u32,
  }),
  fc.uint8Array({ minLength: 1, maxLength: 900 }).map((chunk) => ({
    kind: "snapshot" as const,
    term: 4,
    lastIndex: 600,
    lastTerm: 3,
    totalBytes: 1_000,
    offset: 100,
    chunk,
  })),
  fc.record({
    kind: fc.constant("snapshotReply" as const),
    term: u32,
    lastIndex: u32,
    offset: u32,
  }),
  fc.array(fc.nat(200), { maxLength: 16 }).map((values) => ({
    kind: "forward" as const,
    term: 5,
    previous: values.length,
    entries: values.map((value) => carried(0, value)),
  })),
  fc.record({
    kind: fc.constant("refusal" as const),
    term: u32,
    sequence: fc.maxSafeNat(),
    code: fc.nat(255),
  }),
  fc.record({ kind: fc.constant("timeoutNow" as const), term: u32 }),
  fc.record({ kind: fc.constant("rejoin" as const), term: u32, nonce: u32 }),
  fc.record({
    kind: fc.constant("rejoinReply" as const),
    term: u32,
    nonce: u32,
    lastIndex: u32,
  }),
);

describe("Raft's messages on the air", () => {
  test("the golden messages of vectors/raft are read and written to the byte", () => {
    const file = join(import.meta.dirname, "../../../vectors/raft/messages.json");
    const vectors = JSON.parse(readFileSync(file, "utf8")) as {
      name: string;
      hex: string;
      cluster: number;
      message: { kind: keyof typeof RaftCode; term: number };
    }[];
    expect(new Set(vectors.map((each) => each.message.kind)).size).toBe(
      Object.keys(RaftCode).length,
    );
    for (const vector of vectors) {
      const decoded = decodeMessage(vector.cluster, fromHex(vector.hex)!);
      expect(decoded.ok, vector.name).toBe(true);
      if (!decoded.ok || decoded.value === undefined) continue;
      expect(toHex(encodeMessage(vector.cluster, decoded.value)), vector.name).toBe(vector.hex);
      const plain: unknown = JSON.parse(
        JSON.stringify(decoded.value, (key, value: unknown) =>
          key === "entry" ? undefined : value instanceof Uint8Array ? toHex(value) : value,
        ),
      );
      expect(plain).toEqual(vector.message);
    }
  });

  test("what is written is read back", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const decoded = decodeMessage(CLUSTER, encodeMessage(CLUSTER, message));
        expect(decoded).toEqual({ ok: true, value: message });
      }),
    );
  });

  test("another cluster's message is not ours to judge", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const decoded = decodeMessage(CLUSTER, encodeMessage(8, message));
        expect(decoded).toEqual({ ok: true, value: undefined });
      }),
    );
  });

  test("damaged messages are refused or read as what they say; never a throw", () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.nat(255), fc.boolean(), (message, at, byte, cut) => {
        const sent = encodeMessage(CLUSTER, message);
        sent[at % sent.length] = byte;
        const given = cut ? sent.subarray(0, at % sent.length) : sent;
        const decoded = decodeMessage(CLUSTER, given);
        if (!decoded.ok) expect(decoded.problem.code).toBe("CON003");
        else if (decoded.value !== undefined) {
          expect(equalBytes(encodeMessage(CLUSTER, decoded.value), given)).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("any bytes at all", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 0x10, max: 0x1c }),
        (b, k) => {
          const given = Uint8Array.of(k, 0, CLUSTER, ...b);
          expect(typeof decodeMessage(CLUSTER, given).ok).toBe("boolean");
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("terms that fall along the entries, or pass the leader's, are refused", () => {
    const append = (terms: readonly number[]) =>
      decodeMessage(
        CLUSTER,
        encodeMessage(CLUSTER, {
          kind: "append",
          term: 5,
          round: 0,
          prevIndex: 1,
          prevTerm: 3,
          commit: 0,
          entries: terms.map((term) => carried(term, 1)),
        }),
      ).ok;
    expect(append([3, 4, 5])).toBe(true);
    expect(append([4, 3])).toBe(false);
    expect(append([2])).toBe(false);
    expect(append([6])).toBe(false);
  });

  test("a chunk outside its snapshot, an empty one, or a snapshot over 1 MiB is refused", () => {
    const chunk = (offset: number, length: number, totalBytes: number) =>
      decodeMessage(
        CLUSTER,
        encodeMessage(CLUSTER, {
          kind: "snapshot",
          term: 1,
          lastIndex: 1,
          lastTerm: 1,
          totalBytes,
          offset,
          chunk: new Uint8Array(length),
        }),
      ).ok;
    expect(chunk(90, 10, 100)).toBe(true);
    expect(chunk(91, 10, 100)).toBe(false);
    expect(chunk(0, 0, 100)).toBe(false);
    expect(chunk(0, 1_001, 2_000)).toBe(false);
    expect(chunk(0, 10, (1 << 20) + 1)).toBe(false);
  });
});
