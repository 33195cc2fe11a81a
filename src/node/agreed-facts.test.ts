import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex, segmentId } from "../base/mod.ts";
import {
  encodeBody,
  kindOf,
  SwarmState,
  type AgreedDetection,
  type AgreedVerdict,
  type Consensus,
  type EntryBody,
  type LeaseAction,
  type MemberAction,
} from "../consensus/mod.ts";
import type { AgreedChange } from "../swarm/mod.ts";
import {
  agreedFacts,
  changesOf,
  evictedMembers,
  heldLeases,
  keptOrders,
  lastEpoch,
} from "./agreed-facts.ts";
import { changeForSwarm } from "./translate.ts";

/** A state after these entries, and what each of them told the swarm layer at its time. */
function agreed(entries: readonly (readonly [proposer: number, body: EntryBody])[]): {
  readonly state: SwarmState;
  readonly told: readonly AgreedChange[];
} {
  const state = new SwarmState(60_000);
  const told = entries.flatMap(([proposer, body], i) => {
    const entry = { kind: kindOf(body), proposer: nodeIndex(proposer), sequence: i + 1 };
    const outcome = state.apply({ ...entry, orderId: 0n, body: encodeBody(body), signatures: [] });
    if (outcome.kind !== "applied") throw new Error(`entry ${String(i)} was ${outcome.kind}`);
    return outcome.changes.flatMap((change) => changeForSwarm(change, nodeIndex(1)) ?? []);
  });
  return { state, told };
}

const lease = (action: LeaseAction, segment: number, pass = 0, lanes = 0): EntryBody => ({
  kind: "lease",
  action,
  progress: { segment: segmentId(segment), pass, lanes },
});
const detection = (id: number): EntryBody => {
  const position = { northCm: 100, eastCm: 250, altitudeAmslCm: 40_000 };
  const seen = { id, finder: nodeIndex(1), position, errorCm: 800, confidence: 40_000 };
  const told: AgreedDetection = { ...seen, networkTimeMs: 5, imageRef: "frame" };
  return { kind: "detection", detection: told };
};
const verdict = (id: number, word: AgreedVerdict): EntryBody => ({
  kind: "verdict",
  id,
  verdict: word,
});
const member = (node: number, action: MemberAction): EntryBody => ({
  kind: "member",
  node: nodeIndex(node),
  action,
  role: "vehicle",
  bootNonce: new Uint8Array(8).fill(node),
});
const epoch = (number: bigint): EntryBody => ({
  kind: "epoch",
  epoch: number,
  opener: nodeIndex(1),
  commitment: new Uint8Array(32),
});

test("the orders of a state are those it records and those behind its latches and phase", () => {
  const state = new SwarmState(60_000);
  const give = (orderId: bigint, body: EntryBody, signature: number): void => {
    const signatures = [{ signer: nodeIndex(0), bytes: Uint8Array.of(signature) }];
    const sequence = Number(orderId);
    const entry = { kind: kindOf(body), proposer: nodeIndex(0), sequence, orderId };
    state.apply({ ...entry, body: encodeBody(body), signatures });
  };
  give(1n, { kind: "order", order: Uint8Array.of(11) }, 0);
  give(2n, { kind: "mission", phase: "started", revision: 1 }, 12);
  give(3n, { kind: "latch", latch: 1, set: true, aglMaxCm: 3000, byNetworkTimeMs: 5 }, 13);
  expect(keptOrders(state).map(({ key, bytes }) => [key, ...bytes])).toEqual([
    [1n, 11],
    [3n, 13],
    [2n, 12],
  ]);
});

describe("the whole state for a swarm layer that starts anew", () => {
  test("tells what the entries told one by one, when nothing of it was taken back", () => {
    const position = { northCm: 1, eastCm: -2, altitudeAmslCm: 0 };
    const { state, told } = agreed([
      [1, lease("claim", 2)],
      [2, lease("claim", 7)],
      [1, detection(65_540)],
      [1, detection(65_541)],
      [0, verdict(65_541, "confirmed")],
      [0, { kind: "clue", id: 5, position, errorCm: 100, weightMilli: 2_000 }],
      [2, { kind: "pad", pad: 3, claim: true }],
      [1, { kind: "value", key: "meet", value: [1, 2.5] }],
    ]);
    const ordered = (changes: readonly AgreedChange[]): AgreedChange[] =>
      changes.toSorted((x, y) => (x.kind < y.kind ? -1 : x.kind > y.kind ? 1 : 0));
    expect(told).toHaveLength(8);
    expect(ordered(changesOf(state))).toEqual(ordered(told));
  });

  test("tells how far ground is swept, also where nobody is on it any more", () => {
    const { state } = agreed([
      [1, lease("claim", 2)],
      [1, lease("release", 2, 0, 5)],
      [2, lease("claim", 4)],
      [2, lease("renew", 4, 1, 0)],
    ]);
    const changes = changesOf(state);
    expect(changes.filter(({ kind }) => kind === "claimed")).toEqual([
      { kind: "claimed", segment: 4, owner: 2 },
    ]);
    expect(changes.filter(({ kind }) => kind === "progress")).toMatchObject([
      { progress: { segment: 2, pass: 0, lanes: 5 } },
      { progress: { segment: 4, pass: 1, lanes: 0 }, by: 2 },
    ]);
  });

  test("of an empty log is nothing", () => {
    expect(changesOf(new SwarmState(60_000))).toEqual([]);
  });
});

describe("facts of the log", () => {
  test("held leases are those that nobody has given back", () => {
    const { state } = agreed([
      [1, lease("claim", 2)],
      [2, lease("claim", 7)],
      [1, lease("release", 2)],
    ]);
    expect(heldLeases(state)).toEqual([{ owner: 2, segment: 7 }]);
  });

  test("the last epoch is the highest, none before the first", () => {
    expect(lastEpoch(new SwarmState(60_000))).toBeUndefined();
    expect(
      lastEpoch(
        agreed([
          [1, { kind: "noop" }],
          [1, epoch(1n)],
          [1, epoch(2n)],
        ]).state,
      ),
    ).toBe(2);
  });

  test("an eviction after the last epoch is known also to one who reads a snapshot", () => {
    const configuration = { voters: [nodeIndex(1)], nonVoters: [], outgoing: [] };
    const stale = (entries: Parameters<typeof agreed>[0]): boolean => {
      const to = new ByteWriter();
      agreed(entries).state.save(to);
      const state = new SwarmState(60_000);
      state.load(new ByteReader(to.take()));
      const consensus = { configuration, role: "leader", state };
      return agreedFacts(consensus as unknown as Consensus).evictedSinceEpoch;
    };
    const evict: EntryBody = { kind: "evict", node: nodeIndex(3), reason: 3 };
    const led: Parameters<typeof agreed>[0] = [[1, { kind: "noop" }]];
    expect(stale([...led, [1, epoch(1n)]])).toBe(false);
    expect(stale([...led, [1, epoch(1n)], [0, evict]])).toBe(true);
    expect(stale([...led, [1, epoch(1n)], [0, evict], [1, epoch(2n)]])).toBe(false);
  });

  test("the steward is told who leads, votes, was lost and was evicted", () => {
    const { state } = agreed([
      [1, member(1, "joined")],
      [2, member(2, "joined")],
      [3, member(3, "joined")],
      [1, member(2, "lost")],
      [0, { kind: "evict", node: nodeIndex(3), reason: 3 }],
      [1, { kind: "noop" }],
      [1, epoch(1n)],
    ]);
    expect(evictedMembers(state)).toEqual([3]);
    const configuration = { voters: [nodeIndex(1)], nonVoters: [nodeIndex(0)], outgoing: [] };
    const facts = (role: string, outgoing: readonly number[]) =>
      agreedFacts({
        configuration: { ...configuration, outgoing },
        role,
        state,
      } as unknown as Consensus);
    expect(facts("leader", [])).toEqual({
      leading: true,
      joint: false,
      evictedSinceEpoch: false,
      voters: [1],
      nonVoters: [0],
      evicted: [3],
      lost: [2],
      epoch: 1,
    });
    expect(facts("follower", [1, 2])).toMatchObject({ leading: false, joint: true });
  });
});
