/** What the steward of one of several clusters is told of members that were moved. */
import { expect, test } from "vitest";
import { nodeIndex, type NodeIndex } from "../base/mod.ts";
import { Partition, foundingTables } from "../swarm/mod.ts";
import { clusterFacts } from "./cluster-facts.ts";
import type { NodeIdentity } from "./identity.ts";
import type { Layers } from "./layers.ts";

const indexes = (...values: number[]): readonly NodeIndex[] => values.map(nodeIndex);

/** Node 1 of cluster 1 of two, whose log has `members`, and had others at its last epoch. */
function factsOf(members: readonly NodeIndex[], epochMembers: readonly NodeIndex[]) {
  const partition = new Partition(
    foundingTables({
      revision: 0,
      clusters: [
        { cluster: 1, since: 0, channel: 1, members: indexes(1, 2), segments: [] },
        { cluster: 2, since: 0, channel: 2, members: indexes(3, 4), segments: [] },
      ],
    }),
    nodeIndex(1),
  );
  const state = {
    members: { entries: () => [] },
    epochs: { entries: () => [] },
    evictedSinceEpoch: false,
  };
  const configuration = { outgoing: [], voters: members, nonVoters: [] };
  const layers = {
    logs: { home: { members, epochMembers } },
    consensus: { configuration, role: "leader", state },
    network: { peer: () => ({ trust: "verified", state: "up" }) },
    fault: { peers: [] },
    security: { sessionCount: 1 },
  } as unknown as Layers;
  const identity = {
    self: nodeIndex(1),
    grounds: indexes(0),
    partition,
  } as unknown as NodeIdentity;
  return clusterFacts(layers, identity);
}

test("who stands in the own cluster's division and is heard may be taken in, nobody else", () => {
  expect(factsOf(indexes(1), indexes(1)).present).toEqual([1, 2, 0]);
});

test("a member that came or went since the epoch asks for a new one", () => {
  expect(factsOf(indexes(1, 2), indexes(1, 2)).joinedSinceEpoch).toBe(false);
  expect(factsOf(indexes(1, 2), indexes(1)).joinedSinceEpoch).toBe(true);
  expect(factsOf(indexes(1), indexes(1, 2)).joinedSinceEpoch).toBe(true);
});
