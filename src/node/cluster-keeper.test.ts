/** The station's look at its clusters: what it counts, when it orders, and when it waits. */
import { expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  monotonicMs,
  nodeIndex,
  segmentId,
  type NodeIndex,
} from "../base/mod.ts";
import { Partition, foundingTables, type SearchPlan } from "../swarm/mod.ts";
import { ClusterKeeper, LOOK_EVERY_MS, type Known } from "./cluster-keeper.ts";

const range = (from: number, to: number): readonly NodeIndex[] =>
  Array.from({ length: to - from + 1 }, (_, i) => nodeIndex(from + i));

const partition = (): Partition =>
  new Partition(
    foundingTables({
      revision: 0,
      clusters: [
        { cluster: 1, since: 0, channel: 1, members: range(1, 26), segments: [segmentId(0)] },
        { cluster: 2, since: 0, channel: 2, members: range(27, 50), segments: [segmentId(1)] },
      ],
    }),
  );

/** Nobody searches: all are where their share is. */
const SWARM = {
  intents: [],
  plan: {
    segments: [0, 1].map((id) => ({ id, northM: 0, eastM: 900 * id, even: { lanes: [] } })),
    prior: { mass: [] },
  } as unknown as SearchPlan,
  worthLeft: () => 1,
};

const known = (dead: readonly NodeIndex[]): Known => ({
  dead: new Set(dead),
  peer: () => undefined,
});

test("all is well: nothing is ordered", () => {
  expect(new ClusterKeeper(partition(), SWARM).look(monotonicMs(0), known([]))).toBeUndefined();
});

test("a lost cluster's share goes to the other, by an order of the next number", () => {
  const keeper = new ClusterKeeper(partition(), SWARM);
  const draft = keeper.look(monotonicMs(0), known(range(27, 50)));
  expect(draft?.targets).toBe("all");
  expect(draft?.command).toMatchObject({ kind: "divide", revision: 1 });
  const clusters = draft?.command.kind === "divide" ? draft.command.clusters : [];
  expect(
    clusters.map(({ cluster, members, segments }) => [cluster, members.length, segments]),
  ).toEqual([
    [1, 26, [0, 1]],
    [2, 0, []],
  ]);
});

test("who is left of a cluster stays in it", () => {
  const keeper = new ClusterKeeper(partition(), SWARM);
  expect(keeper.look(monotonicMs(0), known(range(27, 34)))).toBeUndefined();
});

test("it waits for the logs to agree, for half a minute, also when it was saved meanwhile", () => {
  const before = new ClusterKeeper(partition(), SWARM);
  const dead = known(range(27, 50));
  before.look(monotonicMs(0), dead);
  const to = new ByteWriter();
  before.save(to);
  const keeper = new ClusterKeeper(partition(), SWARM);
  keeper.load(new ByteReader(to.take()));
  expect(keeper.look(monotonicMs(LOOK_EVERY_MS), dead)).toBeUndefined();
  expect(keeper.look(monotonicMs(30_000), dead)).toBeDefined();
});
