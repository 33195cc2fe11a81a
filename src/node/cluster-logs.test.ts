/** Several clusters' logs in one node: whose messages, whose records, whose answers. */
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, SeededStream, nodeIndex } from "../base/mod.ts";
import { Consensus, initialConfiguration } from "../consensus/mod.ts";
import { clusterTiming } from "./cluster-timing.ts";
import { ClusterLogs, clusterLog, inward, outward, storeOf } from "./cluster-logs.ts";

const SELF = nodeIndex(0);

function logs(): ClusterLogs {
  return new ClusterLogs([1, 2], (cluster) => {
    const vehicles = [10 * cluster, 10 * cluster + 1, 10 * cluster + 2].map(nodeIndex);
    const consensus = new Consensus({
      self: SELF,
      cluster,
      timing: clusterTiming(3),
      initial: initialConfiguration({ vehicles, ground: [SELF] }),
      grounds: [SELF],
      verify: () => undefined,
      random: new SeededStream(cluster),
    });
    return Object.assign(clusterLog(cluster, consensus), { members: vehicles });
  });
}

describe("the logs that a node follows", () => {
  test("a message goes to the log of the cluster that its head names", () => {
    const both = logs();
    expect(both.ofMessage(Uint8Array.of(0x12, 0, 2, 0))?.cluster).toBe(2);
    expect(both.ofMessage(Uint8Array.of(0x12, 1, 2, 0))).toBeUndefined();
    expect(both.ofMessage(new Uint8Array(0))).toBeUndefined();
  });

  test("its peers are the members of all of them", () => {
    expect(logs().members).toEqual([10, 11, 12, 20, 21, 22]);
  });

  test("each log's records have names of their own, and come back under consensus's", () => {
    const records = [Uint8Array.of(1)];
    const asked = outward(2, 7, { kind: "append", name: "raft-log", records });
    expect(asked.request).toEqual({ kind: "append", name: "cluster-2-raft-log", records });
    const store = [
      { name: "cluster-2-raft-log", records },
      { name: "cluster-22-raft-log", records: [] },
      { name: "raft-log", records: [] },
    ];
    expect(storeOf(2, store)).toEqual([{ name: "raft-log", records }]);
    expect(storeOf(0, store)).toBe(store);
  });

  test("an answer finds its log by the ticket, and one cluster's tickets are as they were", () => {
    const request = { kind: "replace", name: "raft-state", records: [] } as const;
    expect(inward(outward(4094, 123_456, request).ticket)).toEqual({
      cluster: 4094,
      ticket: 123_456,
    });
    expect(outward(0, 9, request)).toEqual({ ticket: 9, request });
    expect(inward(9)).toEqual({ cluster: 0, ticket: 9 });
  });

  test("who goes over to another cluster keeps the log that it left, for it voted there", () => {
    const both = logs();
    const first = both.home;
    expect(both.move(3)).toMatchObject({ home: { cluster: 3 }, isNew: true });
    expect(both.all.map(({ cluster }) => cluster)).toEqual([3]);
    expect(both.ofCluster(1)).toBe(first);
    const to = new ByteWriter();
    both.save(to);
    const after = logs();
    after.load(new ByteReader(to.take()));
    expect(after.home.cluster).toBe(3);
    expect(after.move(1)).toMatchObject({ home: { cluster: 1 }, isNew: false });
    expect(both.follow(3)).toBeUndefined();
    expect(both.follow(4)?.cluster).toBe(4);
  });

  test("what was drawn from each log survives saving", () => {
    const before = logs();
    before.all[1]!.leader = nodeIndex(21);
    before.all[1]!.epochMembers = [nodeIndex(20)];
    const to = new ByteWriter();
    before.save(to);
    const after = logs();
    after.load(new ByteReader(to.take()));
    expect(after.all[0]?.leader).toBeUndefined();
    expect(after.all[1]).toMatchObject({ leader: 21, members: [20, 21, 22], epochMembers: [20] });
    expect(after.wakeAt()).toBe(before.wakeAt());
  });
});
