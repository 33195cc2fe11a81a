import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId, type NodeIndex } from "../../base/mod.ts";
import { EntryKind } from "../entry.ts";
import { decodeBody, encodeBody, EPOCH_MAX, kindOf, type EntryBody } from "./bodies.ts";

const u8 = fc.nat(255);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const i32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const epoch = fc.bigInt({ min: 0n, max: EPOCH_MAX });
const node = u16.map(nodeIndex);
const set: fc.Arbitrary<NodeIndex[]> = fc
  .uniqueArray(u16, { maxLength: 64 })
  .map((indexes) => indexes.sort((a, b) => a - b).map(nodeIndex));
const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const position = fc.record({ northCm: i32, eastCm: i32, altitudeAmslCm: i32 });
const is = <Kind extends string>(kind: Kind) => fc.constant(kind);
const word = <Word extends string>(...words: Word[]) => fc.constantFrom(...words);
const progress = fc.record({ segment: u16.map(segmentId), pass: u8, lanes: u32 });

const anyBody: fc.Arbitrary<EntryBody> = fc.oneof(
  fc.record({ kind: is("noop") }),
  fc.record({ kind: is("configuration"), outgoing: set, voters: set, nonVoters: set }),
  fc.record({ kind: is("tick"), logTimeMs: fc.maxSafeNat() }),
  fc.record({
    kind: is("member"),
    node,
    action: word("joined", "lost", "back", "left"),
    role: word("vehicle", "ground"),
    bootNonce: fixed(8),
  }),
  fc.record({ kind: is("evict"), node, reason: u8 }),
  fc.record({ kind: is("mission"), phase: word("started", "paused", "ended"), revision: u32 }),
  fc.record({ kind: is("plan"), revision: u32, segmentCount: u16, digest: fixed(32) }),
  fc.record({ kind: is("clue"), id: u32, position, errorCm: u32, weightMilli: u32 }),
  fc.record({
    kind: is("lease"),
    action: word("claim", "renew", "release", "complete"),
    progress,
  }),
  fc.record({ kind: is("order"), order: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
  fc.record({
    kind: is("orderState"),
    orderId: u64,
    node,
    progress: word("acting", "done", "refused"),
    reason: u8,
  }),
  fc.record({
    kind: is("detection"),
    detection: fc.record({
      id: u32,
      finder: node,
      position,
      errorCm: u32,
      confidence: u16,
      networkTimeMs: fc.maxSafeNat(),
      imageRef: fc.string({ maxLength: 64 }),
    }),
  }),
  fc.record({ kind: is("verdict"), id: u32, verdict: word("confirmed", "dismissed", "lookAgain") }),
  fc.record({ kind: is("epoch"), epoch, opener: node, commitment: fixed(32) }),
  fc.record({ kind: is("pad"), pad: u8, claim: fc.boolean() }),
  fc.record({
    kind: is("latch"),
    latch: u8,
    set: fc.boolean(),
    aglMaxCm: u32,
    byNetworkTimeMs: fc.maxSafeNat(),
  }),
  fc.record({
    kind: is("value"),
    key: fc.string({ maxLength: 32 }),
    value: fc.array(fc.double({ noNaN: true }), { maxLength: 8 }),
  }),
);

describe("what entries say", () => {
  test("every kind is read back as it was written", () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        expect(decodeBody(kindOf(body), encodeBody(body))).toEqual({ ok: true, value: body });
      }),
      { numRuns: 1_000 },
    );
  });

  test("any bytes under any kind: a body or CON002, never a throw", () => {
    const kind = fc.constantFrom(...Object.values(EntryKind));
    fc.assert(
      fc.property(kind, fc.uint8Array({ maxLength: 80 }), (code, bytes) => {
        const decoded = decodeBody(code, bytes);
        if (!decoded.ok) expect(decoded.problem.code).toBe("CON002");
      }),
      { numRuns: 2_000 },
    );
  });

  test("one set of members has one encoding: ascending, none twice, at most 64", () => {
    const configuration = (...voters: readonly number[]) =>
      decodeBody(
        EntryKind.configuration,
        Uint8Array.of(0, voters.length, ...voters.flatMap((each) => [0, each]), 0),
      ).ok;
    expect(configuration(1, 2, 3)).toBe(true);
    expect(configuration(2, 1)).toBe(false);
    expect(configuration(1, 1)).toBe(false);
    expect(configuration(...Array.from({ length: 65 }, (_, i) => i))).toBe(false);
  });

  test("no order and an order of more than 8,000 B are refused, and unknown words", () => {
    expect(decodeBody(EntryKind.order, new Uint8Array(0)).ok).toBe(false);
    expect(decodeBody(EntryKind.order, new Uint8Array(8_001)).ok).toBe(false);
    expect(decodeBody(EntryKind.verdict, Uint8Array.of(0, 0, 0, 1, 3)).ok).toBe(false);
    expect(decodeBody(EntryKind.value, Uint8Array.of(0, 0, 0, 0, 9)).ok).toBe(false);
  });

  test("a field of fixed size is never written in another", () => {
    const body = { kind: "epoch", epoch: 1n, opener: nodeIndex(1) } as const;
    const last = encodeBody({ ...body, epoch: EPOCH_MAX, commitment: new Uint8Array(32) });
    expect(decodeBody(EntryKind.epoch, last).ok).toBe(true);
    const beyond = { ...body, epoch: EPOCH_MAX + 1n, commitment: new Uint8Array(32) };
    expect(decodeBody(EntryKind.epoch, encodeBody(beyond)).ok).toBe(false);
    expect(() => encodeBody({ ...body, commitment: new Uint8Array(31) })).toThrow("fixed size");
  });
});
