/** A division as one node lives through it: taken over, the old log left, the new one entered. */
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, monotonicMs, nodeIndex, segmentId } from "../base/mod.ts";
import { Partition, foundingTables } from "../swarm/mod.ts";
import { LEAVE_MAX_MS, Mover, type DivideCommand } from "./mover.ts";

const SELF = nodeIndex(2);
const FOUNDING = foundingTables({
  revision: 0,
  clusters: [
    { cluster: 1, since: 0, channel: 1, members: [1, 2].map(nodeIndex), segments: [] },
    { cluster: 2, since: 0, channel: 2, members: [3].map(nodeIndex), segments: [segmentId(4)] },
  ],
});

/** This node goes over to cluster 2. */
const MOVE: DivideCommand = {
  kind: "divide",
  revision: 1,
  clusters: [
    { cluster: 1, since: 0, channel: 1, members: [nodeIndex(1)], segments: [] },
    { cluster: 2, since: 0, channel: 2, members: [SELF, nodeIndex(3)], segments: [segmentId(4)] },
  ],
};

function mover(self = SELF, followsAll = false) {
  const did: string[] = [];
  const at = { nowMs: 0, hasLeft: false };
  const partition = new Partition(FOUNDING, self);
  const it = new Mover(
    { partition, followsAll, kept: [] },
    {
      now: () => monotonicMs(at.nowMs),
      shares: () => void did.push("shares"),
      leave: () => void did.push("leave"),
      hasLeft: () => at.hasLeft,
      arrive: (cluster) => void did.push(`arrive ${String(cluster)}`),
      follow: (cluster) => void did.push(`follow ${String(cluster)}`),
      keep: (records) => void did.push(`keep ${String(records.length)}`),
    },
  );
  return { it, did, at, partition };
}

describe("a node that a division moves", () => {
  test("stays in its log until that has let it go, then enters the other", () => {
    const { it, did, at, partition } = mover();
    it.divided(MOVE, Uint8Array.of(1));
    expect(did).toEqual(["keep 1", "shares"]);
    expect([partition.own, partition.assigned]).toEqual([1, 2]);
    it.tend();
    it.tend();
    expect(did.slice(2)).toEqual(["leave"]);
    at.nowMs = 3_000;
    it.tend();
    expect(did.slice(2)).toEqual(["leave", "leave"]);
    at.hasLeft = true;
    it.tend();
    expect(did.slice(4)).toEqual(["arrive 2", "shares"]);
    expect(partition.own).toBe(2);
    it.tend();
    expect(did).toHaveLength(6);
  });

  test("goes after fifteen seconds from a log that can let nobody go", () => {
    const { it, did, at } = mover();
    it.divided(MOVE, Uint8Array.of(1));
    at.nowMs = LEAVE_MAX_MS;
    it.tend();
    expect(did).toContain("arrive 2");
  });

  test("takes a revision once, and none that is older", () => {
    const { it, did } = mover(nodeIndex(3));
    it.divided(MOVE, Uint8Array.of(1));
    it.divided(MOVE, Uint8Array.of(1));
    expect(did).toEqual(["keep 1", "shares"]);
    it.tend();
    expect(it.isMoving).toBe(false);
  });

  test("is sent back before it has left, and stays", () => {
    const { it, did } = mover();
    it.divided(MOVE, Uint8Array.of(1));
    const back = FOUNDING.division.clusters;
    it.divided({ kind: "divide", revision: 2, clusters: back }, Uint8Array.of(2));
    it.tend();
    expect(did).not.toContain("leave");
  });

  test("follows a new cluster where it follows all, and forgets nothing when it is saved", () => {
    const station = mover(nodeIndex(0), true);
    station.it.divided(MOVE, Uint8Array.of(1));
    expect(station.did).toEqual(["keep 1", "follow 1", "follow 2", "shares"]);
    const { it } = mover();
    it.divided(MOVE, Uint8Array.of(1));
    const to = new ByteWriter();
    it.save(to);
    const after = mover();
    after.it.load(new ByteReader(to.take()));
    expect(after.it.isMoving).toBe(true);
    expect([after.partition.own, after.partition.assigned]).toEqual([1, 2]);
    expect(after.partition.clusterOfSegment(4)).toBe(2);
  });
});
