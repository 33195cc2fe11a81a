/** Which clusters' logs an order goes into. */
import { expect, test } from "vitest";
import { networkTimeMs, nodeId, nodeIndex, segmentId } from "../base/mod.ts";
import type { Order, OrderCommand, OrderTargets } from "../security/mod.ts";
import { Partition, foundingTables } from "../swarm/mod.ts";
import type { ClusterLog } from "./cluster-logs.ts";
import { concerned } from "./order-clusters.ts";

const PARTITION = new Partition(
  foundingTables({
    revision: 0,
    clusters: [1, 2, 3].map((cluster) => ({
      cluster,
      since: 0,
      channel: cluster,
      members: [10 * cluster, 10 * cluster + 1].map(nodeIndex),
      segments: [segmentId(cluster)],
    })),
  }),
);

/** Logs of which the second alone knows detection 7. */
const LOGS = [1, 2, 3].map((cluster) => {
  const get = (id: number): unknown => (cluster === 2 && id === 7 ? {} : undefined);
  return { cluster, consensus: { state: { detections: { get } } } } as unknown as ClusterLog;
});

function order(command: OrderCommand, targets: OrderTargets): Order {
  return {
    operator: nodeId(1n),
    session: 1,
    sequence: 1,
    issuedAt: networkTimeMs(0),
    validUntil: networkTimeMs(1),
    targets,
    missionRevision: 0,
    supersedes: undefined,
    command,
  };
}

const clustersOf = (command: OrderCommand, targets: OrderTargets = "all"): readonly number[] =>
  concerned(order(command, targets), LOGS, PARTITION).map(({ cluster }) => cluster);

test("an order to everybody goes into every log, one to some into theirs", () => {
  expect(clustersOf({ kind: "start" })).toEqual([1, 2, 3]);
  expect(clustersOf({ kind: "hold" }, [nodeIndex(11)])).toEqual([1]);
  expect(clustersOf({ kind: "hold" }, [nodeIndex(30), nodeIndex(10)])).toEqual([1, 3]);
});

test("a verdict goes where the detection is, an eviction everywhere", () => {
  expect(clustersOf({ kind: "confirm", detectionId: 7 })).toEqual([2]);
  expect(clustersOf({ kind: "lookAgain", detectionId: 8 })).toEqual([]);
  expect(clustersOf({ kind: "evict", member: nodeIndex(20) })).toEqual([1, 2, 3]);
});

test("one cluster's log takes every order", () => {
  const one = LOGS.slice(0, 1);
  const verdict = order({ kind: "confirm", detectionId: 99 }, "all");
  expect(concerned(verdict, one, PARTITION)).toBe(one);
});
