/** The division as a node asks for it. */
import { expect, test } from "vitest";
import { nodeIndex, segmentId } from "../../base/mod.ts";
import { Partition, foundingTables } from "./partition.ts";

const FOUNDING = foundingTables({
  revision: 0,
  clusters: [
    {
      cluster: 1,
      since: 0,
      channel: 3,
      members: [1, 2].map(nodeIndex),
      segments: [0, 3].map(segmentId),
    },
    {
      cluster: 2,
      since: 0,
      channel: 5,
      members: [3, 4].map(nodeIndex),
      segments: [1].map(segmentId),
    },
  ],
});

test("vehicles and segments have their cluster, the ground and strangers have none", () => {
  const partition = new Partition(FOUNDING);
  expect([0, 1, 2, 3, 4, 9].map((node) => partition.clusterOf(nodeIndex(node)))).toEqual([
    0, 1, 1, 2, 2, 0,
  ]);
  expect([0, 1, 2, 3, 4].map((segment) => partition.clusterOfSegment(segment))).toEqual([
    1, 2, 0, 1, 0,
  ]);
  expect([0, 2, 3].map((node) => partition.channelOf(nodeIndex(node)))).toEqual([255, 3, 5]);
  expect(partition.isDivided).toBe(true);
  expect(partition.members(2)).toEqual([3, 4]);
  expect(partition.members(7)).toEqual([]);
});

test("of one cluster nothing has to be told apart", () => {
  const whole = foundingTables({
    revision: 0,
    clusters: [{ cluster: 1, since: 0, channel: 3, members: [nodeIndex(1)], segments: [] }],
  });
  expect(new Partition(whole).isDivided).toBe(false);
});
