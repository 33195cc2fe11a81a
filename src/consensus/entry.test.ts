import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalBytes, fromHex, nodeIndex, toHex } from "../base/mod.ts";
import {
  decodeEntry,
  encodeEntry,
  entryFits,
  EntryKind,
  needsAuthority,
  type LogEntry,
} from "./entry.ts";

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

const anyEntry: fc.Arbitrary<LogEntry> = fc.record({
  kind: fc.constantFrom(...Object.values(EntryKind)),
  proposer: fc.integer({ min: 0, max: 0xffff }).map(nodeIndex),
  sequence: fc.maxSafeNat(),
  orderId: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  body: bytes(300),
  signatures: fc.array(
    fc.record({ signer: fc.integer({ min: 0, max: 0xffff }).map(nodeIndex), bytes: bytes(80) }),
    { maxLength: 16 },
  ),
});

describe("the bytes of a log entry", () => {
  test("the golden entries of vectors/entry are read and written to the byte", () => {
    const file = join(import.meta.dirname, "../../vectors/entry/entries.json");
    const vectors = JSON.parse(readFileSync(file, "utf8")) as {
      name: string;
      hex: string;
      kind: number;
      proposer: number;
      sequence: number;
      orderId: string;
      body: string;
      signatures: { signer: number; hex: string }[];
    }[];
    expect(vectors.length).toBeGreaterThan(3);
    for (const vector of vectors) {
      const decoded = decodeEntry(fromHex(vector.hex)!);
      expect(decoded.ok, vector.name).toBe(true);
      if (!decoded.ok) continue;
      const entry = decoded.value;
      expect(toHex(encodeEntry(entry)), vector.name).toBe(vector.hex);
      expect(entry).toEqual({
        kind: vector.kind,
        proposer: vector.proposer,
        sequence: vector.sequence,
        orderId: BigInt(vector.orderId),
        body: fromHex(vector.body),
        signatures: vector.signatures.map((each) => ({
          signer: each.signer,
          bytes: fromHex(each.hex),
        })),
      });
    }
  });

  test("what is written is read back", () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const decoded = decodeEntry(encodeEntry(entry));
        expect(decoded).toEqual({ ok: true, value: entry });
      }),
    );
  });

  test("no bytes make the reader throw, and what it accepts has one encoding", () => {
    fc.assert(
      fc.property(anyEntry, fc.nat(), fc.nat(255), fc.boolean(), (entry, at, byte, cut) => {
        const sent = encodeEntry(entry);
        sent[at % sent.length] = byte;
        const given = cut ? sent.subarray(0, at % sent.length) : sent;
        const decoded = decodeEntry(given);
        if (decoded.ok) expect(equalBytes(encodeEntry(decoded.value), given)).toBe(true);
        else expect(decoded.problem.code).toBe("CON001");
      }),
      { numRuns: 500 },
    );
  });

  const plain = { kind: EntryKind.value, proposer: nodeIndex(1), sequence: 1, orderId: 0n };
  const sized = (body: number, lengths: readonly number[]): LogEntry => ({
    ...plain,
    body: new Uint8Array(body),
    signatures: lengths.map((length) => ({
      signer: nodeIndex(1),
      bytes: new Uint8Array(length),
    })),
  });

  test("at its bounds an entry is written and read", () => {
    for (const entry of [sized(16_000, [6_000]), sized(0, new Array<number>(16).fill(1))]) {
      expect(decodeEntry(encodeEntry(entry)).ok).toBe(true);
    }
  });

  test.each([
    ["a body of 16,001 B", sized(16_001, [])],
    ["a signature of 6,001 B", sized(0, [6_001])],
    ["17 signatures", sized(0, new Array<number>(17).fill(1))],
  ])("%s does not fit, and is not written", (_, entry) => {
    expect(entryFits(entry)).toBe(false);
    expect(() => encodeEntry(entry)).toThrow("within its bounds");
  });

  test.each([
    ["a body of 16,001 B", 20, 16_001],
    ["a signature of 6,001 B", 25, 6_001],
  ])("%s is refused by the reader", (_, at, length) => {
    // The length of a well-formed entry is overwritten; the bytes that it promises follow.
    const sent = new Uint8Array(30_000);
    sent.set(encodeEntry(sized(0, [1])));
    new DataView(sent.buffer).setUint16(at, length);
    const end = at === 20 ? 22 + length + 1 : 27 + length;
    expect(decodeEntry(sent.subarray(0, end)).ok).toBe(false);
    new DataView(sent.buffer).setUint16(at, length - 1);
    expect(decodeEntry(sent.subarray(0, end - 1)).ok).toBe(true);
  });

  test("what commands or expels needs a signature; what a vehicle says of itself does not", () => {
    const kinds = Object.entries(EntryKind).filter(([, kind]) => needsAuthority(kind));
    expect(kinds.map(([name]) => name)).toEqual([
      "evict",
      "mission",
      "plan",
      "clue",
      "order",
      "verdict",
      "latch",
    ]);
  });
});
