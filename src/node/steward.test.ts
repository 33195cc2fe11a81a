import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, NEVER, monotonicMs, nodeIndex } from "../base/mod.ts";
import { Steward, type ClusterFacts, type Duty } from "./steward.ts";

const n = nodeIndex;
const at = monotonicMs;
const members = [1, 2, 3].map(n);

const settled: ClusterFacts = {
  leading: true,
  isDivided: false,
  joint: false,
  voters: members,
  nonVoters: [n(0)],
  grounds: [n(0)],
  evicted: [],
  lost: [],
  epoch: 4,
  evictedSinceEpoch: false,
  joinedSinceEpoch: false,
  present: members,
  sessions: 9,
  dead: [],
  absent: [],
};
const tend = (facts: Partial<ClusterFacts>, now = 100_000): readonly Duty[] =>
  new Steward().tend(at(now), { ...settled, ...facts });

describe("a head tends its cluster", () => {
  test("where all is well there is nothing to do, and a follower does nothing at all", () => {
    expect(tend({})).toEqual([]);
    expect(tend({ leading: false, epoch: undefined })).toEqual([]);
    expect(new Steward().wakeAt()).toBe(NEVER);
  });

  test("the first epoch is opened for all members", () => {
    expect(tend({ epoch: undefined })).toEqual([
      { kind: "openEpoch", epoch: 1, members: [0, 1, 2, 3], rollBeacon: false },
    ]);
  });

  test("an epoch waits for sessions to hand its key out over, but not for ever", () => {
    const steward = new Steward();
    const alone = { ...settled, epoch: undefined, sessions: 2 };
    expect([0, 1599, 1600].map((ms) => steward.tend(at(ms), alone).length)).toEqual([0, 0, 1]);
    const again = new Steward();
    expect(again.tend(at(0), alone)).toEqual([]);
    expect(again.tend(at(1000), { ...alone, leading: false })).toEqual([]);
    expect(again.tend(at(2000), alone)).toEqual([]);
    expect(again.tend(at(2100), { ...alone, sessions: 3 })).toHaveLength(1);
  });

  test("an eviction rolls epoch and beacon key and takes away the vote", () => {
    const duties = tend({ evicted: [n(2)], evictedSinceEpoch: true });
    expect(duties).toEqual([
      { kind: "openEpoch", epoch: 5, members: [0, 1, 3], rollBeacon: true },
      { kind: "membership", voters: [0, 1, 3], nonVoters: [] },
    ]);
  });

  test("whoever has joined gets an epoch that it can read, once that is settled", () => {
    const joined = { joinedSinceEpoch: true };
    expect(tend({ ...joined, joint: true })).toEqual([]);
    expect(tend(joined)).toMatchObject([{ kind: "openEpoch", epoch: 5, rollBeacon: false }]);
  });

  test("a ground station that comes late listens beside three vehicles, votes beside two", () => {
    const present = [...members, n(0)];
    expect(tend({ nonVoters: [], present })).toEqual([
      { kind: "membership", voters: [1, 2, 3], nonVoters: [0] },
    ]);
    expect(tend({ voters: [n(1), n(2)], nonVoters: [], present: [n(0), n(1), n(2)] })).toEqual([
      { kind: "membership", voters: [0, 1, 2], nonVoters: [] },
    ]);
  });

  test("a third vehicle takes the vote from the ground, a learner stays one", () => {
    const two = { voters: [0, 1, 2].map(n), nonVoters: [n(7)] };
    expect(tend({ ...two, present: [1, 2, 3].map(n) })).toEqual([
      { kind: "membership", voters: [1, 2, 3], nonVoters: [0, 7] },
    ]);
  });

  test("a full configuration takes in nobody", () => {
    const voters = Array.from({ length: 63 }, (_, i) => n(i + 1));
    const present = [...voters, n(64)];
    expect(tend({ voters, present })).toEqual([]);
    expect(tend({ voters: voters.slice(1), present: present.slice(1) })).toMatchObject([
      { kind: "membership" },
    ]);
  });

  test("a newcomer is taken in, one that was evicted is not", () => {
    const present = [...members, n(4)];
    expect(tend({ present })).toEqual([
      { kind: "membership", voters: [1, 2, 3, 4], nonVoters: [0] },
    ]);
    expect(tend({ present, evicted: [n(4)] })).toEqual([]);
    expect(tend({ present, joint: true })).toEqual([]);
  });

  test("one whom nobody hears is declared lost as well, but keeps its vote", () => {
    const absent = [{ peer: n(3) }];
    expect(tend({ absent })).toEqual([{ kind: "declare", peer: 3, action: "lost" }]);
    expect(tend({ absent, lost: [n(3)] }, 190_000)).toEqual([]);
  });

  test("a dead member is declared lost at once and loses its vote after half a minute", () => {
    const dead = [{ peer: n(3), since: at(95_000) }];
    const lost = { kind: "declare", peer: 3, action: "lost" };
    expect(tend({ dead })).toEqual([lost]);
    expect(tend({ dead }, 125_000)).toEqual([
      // Two vehicles need the ground as the third voter.
      { kind: "membership", voters: [0, 1, 2], nonVoters: [] },
      lost,
    ]);
  });

  test("the last voter is never let go", () => {
    const dead = [{ peer: n(1), since: at(0) }];
    const duties = tend({ voters: [n(1)], nonVoters: [], dead, present: [] }, 125_000);
    expect(duties.map(({ kind }) => kind)).toEqual(["declare"]);
  });

  test("one that was held for lost and shows itself is back", () => {
    expect(tend({ lost: [n(2)] })).toEqual([{ kind: "declare", peer: 2, action: "back" }]);
    const dead = [{ peer: n(2), since: at(99_000) }];
    expect(tend({ lost: [n(2)], dead })).toEqual([]);
  });

  test("a duty that does not show in the log is proposed again after three seconds", () => {
    const steward = new Steward();
    const facts = { ...settled, epoch: undefined, present: [...members, n(4)], lost: [n(2)] };
    expect(steward.tend(at(0), facts)).toHaveLength(3);
    expect(steward.tend(at(2_900), facts)).toEqual([]);
    const to = new ByteWriter();
    steward.save(to);
    const copy = new Steward();
    copy.load(new ByteReader(to.take()));
    expect(copy.tend(at(2_900), facts)).toEqual([]);
    expect(copy.tend(at(3_000), facts)).toHaveLength(3);
  });

  test("of several clusters, one takes in up to eight newcomers by one change", () => {
    const present = Array.from({ length: 12 }, (_, i) => n(i + 1));
    const votersOf = (duties: readonly Duty[]): readonly number[] =>
      duties.flatMap((duty) => (duty.kind === "membership" ? duty.voters : []));
    expect(votersOf(tend({ present }))).toEqual([1, 2, 3, 4]);
    expect(votersOf(tend({ present, isDivided: true }))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
  });
});
