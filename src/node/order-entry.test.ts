import { describe, expect, test } from "vitest";
import { networkTimeMs, nodeId, nodeIndex } from "../base/mod.ts";
import {
  SwarmState,
  decodeEntry,
  EntryKind,
  encodeBody,
  encodeEntry,
  kindOf,
} from "../consensus/mod.ts";
import type { LogEntry } from "../consensus/mod.ts";
import { encodeOrder, encodeSignedOrder } from "../security/mod.ts";
import type { CheckedOrder, Order, OrderCommand, Verified } from "../security/mod.ts";
import { bodyOfOrder, draftOfOrder, orderBytesOf, orderKey, refuseEntry } from "./order-entry.ts";

const BYTES = Uint8Array.of(0x70, 1, 2, 3);

const order = (command: OrderCommand): Order => ({
  operator: nodeId(0x102n),
  session: 3,
  sequence: 4,
  issuedAt: networkTimeMs(0),
  validUntil: networkTimeMs(1),
  targets: "all",
  missionRevision: 6,
  supersedes: undefined,
  command,
});

/** Security stands behind this: what it has checked, it marks. */
const checked = (one: Order): Verified<CheckedOrder> =>
  ({ order: one }) as unknown as Verified<CheckedOrder>;

function entryOf(one: Order): LogEntry {
  const draft = draftOfOrder(one, BYTES, nodeIndex(0));
  return {
    kind: draft.kind,
    body: draft.body,
    proposer: nodeIndex(0),
    sequence: 1,
    orderId: draft.orderId ?? 0n,
    signatures: draft.signatures ?? [],
  };
}

const COMMANDS: readonly OrderCommand[] = [
  { kind: "hold" },
  { kind: "return" },
  { kind: "land" },
  { kind: "start" },
  { kind: "release", bindings: [] },
  { kind: "arm", bindings: [], takeoffAltitudeAglM: 40 },
  { kind: "parameter", name: "x", value: 1 },
  { kind: "plan", revision: 2, digest: new Uint8Array(32), definition: new Uint8Array(0) },
  { kind: "confirm", detectionId: 7 },
  { kind: "dismiss", detectionId: 7 },
  { kind: "lookAgain", detectionId: 7 },
  { kind: "evict", member: nodeIndex(3) },
  {
    kind: "clearAir",
    lift: false,
    manner: "below",
    ceilingAglM: 30,
    byMs: networkTimeMs(9),
    volume: undefined,
  },
  {
    kind: "addClue",
    clue: { clueKind: "item", northM: 1.5, eastM: -2, radiusM: 40, likelihoodRatio: 8 },
  },
];

describe("an operator's order as a log entry", () => {
  test("clear-air of a volume has a latch beside the one for all: a state keeps both", () => {
    const state = new SwarmState(60_000);
    const volume = { northM: 1, eastM: 2, radiusM: 300 };
    const clear = (sequence: number, more: { lift?: boolean; volume?: typeof volume }): Order => ({
      ...order({
        kind: "clearAir",
        lift: more.lift ?? false,
        manner: "land",
        ceilingAglM: 0,
        byMs: networkTimeMs(9),
        volume: more.volume,
      }),
      sequence,
    });
    const given = [
      clear(1, {}),
      ...Array.from({ length: 14 }, (_, i) => clear(2 + i, { volume })),
      clear(20, { lift: true }),
    ];
    given.forEach((one, i) => state.apply({ ...entryOf(one), sequence: i + 1 }));
    const kept = state.latches.entries().map(([, row]) => Number(row.orderId & 0xffffffffn));
    // All volumes, and the end in place of what it ends.
    const volumes = Array.from({ length: 14 }, (_, i) => 2 + i);
    expect(kept.toSorted((a, b) => a - b)).toEqual([...volumes, 20]);
  });

  test("is named by operator, session and sequence in 64 bits", () => {
    const hold = order({ kind: "hold" });
    expect(orderKey(hold) & 0xffffffffn).toBe(4n);
    expect(orderKey(hold) >> 64n).toBe(0n);
    // The same ordinal under two authorities, the same low bits, sessions a turn of 24 bits apart.
    const others = [
      { ...hold, operator: nodeId(0x2_0000_0002n) },
      { ...hold, operator: nodeId(0x1_0000_0102n) },
      { ...hold, session: hold.session + 0x1000000 },
      { ...hold, sequence: 5 },
    ];
    expect(new Set([hold, ...others].map(orderKey)).size).toBe(5);
  });

  test("clues of two operators are two, though their orders have one sequence", () => {
    const clue = COMMANDS.find(({ kind }) => kind === "addClue")!;
    const ids = [2n, 0x2_0000_0002n].map((operator) => {
      const body = bodyOfOrder({ ...order(clue), operator: nodeId(operator) }, BYTES);
      return body.kind === "clue" ? body.id : 0;
    });
    expect(ids[0]).not.toBe(ids[1]);
  });

  test.each(COMMANDS)("$kind: the entry passes with its own order behind it", (command) => {
    const one = order(command);
    const entry = entryOf(one);
    expect(orderBytesOf(entry)).toEqual(BYTES);
    expect(refuseEntry(entry, () => checked(one))).toBeUndefined();
  });

  test.each(COMMANDS)("$kind: without an order that verifies it is refused", (command) => {
    expect(refuseEntry(entryOf(order(command)), () => undefined)?.code).toBe("NOD001");
  });

  test.each(COMMANDS)("$kind: for 64 chosen vehicles the entry is still read", (command) => {
    const targets = Array.from({ length: 64 }, (_, i) => nodeIndex(i));
    const one = { ...order(command), targets, supersedes: order(command) };
    const halves = { ed25519: new Uint8Array(64), mldsa: new Uint8Array(3309) };
    const bytes = encodeSignedOrder({ order: one, body: encodeOrder(one), ...halves });
    const draft = draftOfOrder(one, bytes, nodeIndex(0));
    const entry = { ...entryOf(one), body: draft.body, signatures: draft.signatures ?? [] };
    expect(decodeEntry(encodeEntry(entry)).ok).toBe(true);
  });

  test("a verdict that the order does not give is refused", () => {
    const said = order({ kind: "confirm", detectionId: 7 });
    const body = bodyOfOrder(order({ kind: "confirm", detectionId: 8 }), BYTES);
    const forged = { ...entryOf(said), body: encodeBody(body) };
    expect(refuseEntry(forged, () => checked(said))?.code).toBe("NOD002");
    const evict = bodyOfOrder(order({ kind: "evict", member: nodeIndex(1) }), BYTES);
    const other = { ...entryOf(said), kind: kindOf(evict), body: encodeBody(evict) };
    expect(refuseEntry(other, () => checked(said))?.code).toBe("NOD002");
  });

  test("an order under another's name is refused", () => {
    const said = order({ kind: "hold" });
    expect(refuseEntry({ ...entryOf(said), orderId: 1n }, () => checked(said))?.code).toBe(
      "NOD002",
    );
  });

  test("entries that command nobody need no order", () => {
    const noop = { ...entryOf(order({ kind: "hold" })), kind: EntryKind.noop, signatures: [] };
    expect(refuseEntry(noop, () => undefined)).toBeUndefined();
    const empty = { ...noop, kind: EntryKind.order, body: new Uint8Array(0) };
    expect(orderBytesOf(empty)).toBeUndefined();
    expect(refuseEntry(empty, () => undefined)?.code).toBe("NOD001");
  });
});
