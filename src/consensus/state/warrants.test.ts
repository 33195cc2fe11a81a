import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex } from "../../base/mod.ts";
import { EntryKind, type LogEntry } from "../entry.ts";
import { MARK, verifyMark } from "../world.test-support.ts";
import { encodeBody, kindOf, type EntryBody } from "./bodies.ts";
import { SwarmState } from "./swarm-state.ts";
import { warrantKey } from "./warrant-key.ts";
import { isWarranted } from "./warrants.ts";

const LEASE_MS = 60_000;
const authorised = (entry: LogEntry): boolean => verifyMark(entry) === undefined;

function stateOf(bodies: readonly EntryBody[], signed = true): SwarmState {
  const state = new SwarmState(LEASE_MS);
  for (const [i, body] of bodies.entries()) {
    const outcome = state.apply({
      kind: kindOf(body),
      proposer: nodeIndex(1),
      sequence: i + 1,
      orderId: BigInt(i),
      body: encodeBody(body),
      signatures: signed ? [MARK] : [],
    });
    expect(outcome.kind).toBe("applied");
  }
  return state;
}

const EVICT: EntryBody = { kind: "evict", node: nodeIndex(3), reason: 1 };
const LATCH: EntryBody = {
  kind: "latch",
  latch: 1,
  set: true,
  aglMaxCm: 3_000,
  byNetworkTimeMs: 9,
};
const COMMANDS: readonly EntryBody[] = [
  EVICT,
  LATCH,
  { kind: "mission", phase: "started", revision: 4 },
  { kind: "plan", revision: 2, segmentCount: 60, digest: new Uint8Array(32) },
];

describe("the signed entries behind a state that arrives whole", () => {
  test("nothing commanded, nothing to show", () => {
    expect(isWarranted(new SwarmState(LEASE_MS), authorised)).toBe(true);
    const body: EntryBody = { kind: "value", key: "k", value: [1] };
    expect(isWarranted(stateOf([body], false), authorised)).toBe(true);
    expect(warrantKey(body)).toBeUndefined();
  });

  test.each(COMMANDS)(
    "$kind: signed it holds, also after a journey; unsigned it does not",
    (body) => {
      const state = stateOf([body]);
      expect(isWarranted(state, authorised)).toBe(true);
      const to = new ByteWriter();
      state.save(to);
      const there = new SwarmState(LEASE_MS);
      there.load(new ByteReader(to.take()));
      expect(isWarranted(there, authorised)).toBe(true);
      expect(isWarranted(stateOf([body], false), authorised)).toBe(false);
    },
  );

  test.each(COMMANDS)("$kind: without its entry, or with that of another, it does not", (body) => {
    const without = stateOf([body]);
    const key = warrantKey(body)!;
    const before = without.warrants.get(key)!;
    without.warrants.delete(key);
    expect(isWarranted(without, authorised)).toBe(false);
    without.warrants.set(key, before.subarray(1));
    expect(isWarranted(without, authorised)).toBe(false);
    for (const other of [
      { ...EVICT, node: nodeIndex(4) },
      { ...LATCH, set: false },
      { kind: "mission", phase: "ended", revision: 4 } as const,
      { kind: "plan", revision: 3, segmentCount: 60, digest: new Uint8Array(32) } as const,
    ]) {
      without.warrants.set(key, stateOf([other]).warrants.get(warrantKey(other)!)!);
      expect(isWarranted(without, authorised)).toBe(false);
    }
  });

  test("a latch is warranted by the order that the state names", () => {
    const state = stateOf([LATCH]);
    const row = state.latches.get(1)!;
    state.latches.set(1, { ...row, orderId: row.orderId + 1n });
    expect(isWarranted(state, authorised)).toBe(false);
  });

  test("what was refused leaves the warrant of what holds", () => {
    const state = stateOf([{ kind: "mission", phase: "started", revision: 4 }]);
    const body = encodeBody({ kind: "mission", phase: "ended", revision: 3 });
    const late = { kind: EntryKind.mission, proposer: nodeIndex(1), sequence: 9, orderId: 9n };
    expect(state.apply({ ...late, body, signatures: [MARK] }).kind).toBe("refused");
    expect(isWarranted(state, authorised)).toBe(true);
  });
});
