/** Forming, splitting, merging and moving between clusters, and that noise moves nobody. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId, type NodeIndex } from "../../base/mod.ts";
import type { Cluster, Division, Worth } from "./division.ts";
import {
  LOOKS,
  MEMBERS_MAX,
  MEMBERS_MIN,
  look,
  type Look,
  type ManagedVehicle,
  type Wishes,
} from "./manager.ts";

const WORTHS: readonly Worth[] = Array.from({ length: 64 }, (_, i) => ({
  id: segmentId(i),
  northM: 500 * Math.floor(i / 8),
  eastM: 500 * (i % 8),
  worth: 1,
}));

interface Spec {
  readonly count: number;
  readonly northM: number;
  readonly eastM: number;
}

/** Clusters of so many vehicles on a grid of 10 m around a middle; segments shared evenly. */
function swarm(specs: readonly Spec[]): {
  readonly division: Division;
  readonly vehicles: readonly ManagedVehicle[];
} {
  let next = 1;
  const vehicles: ManagedVehicle[] = [];
  const clusters: Cluster[] = specs.map(({ count, northM, eastM }, i) => {
    const members: NodeIndex[] = [];
    for (let k = 0; k < count; k += 1) {
      const index = nodeIndex(next++);
      members.push(index);
      const [n, e] = [10 * (Math.floor(k / 8) - 2), 10 * ((k % 8) - 4)];
      vehicles.push({ index, northM: northM + n, eastM: eastM + e });
    }
    const segments = WORTHS.filter(({ id }) => id % specs.length === i).map(({ id }) => id);
    return { cluster: i + 1, since: 0, channel: i + 1, members, segments };
  });
  return { division: { revision: 3, clusters }, vehicles };
}

const after = (division: Division, { changed }: Look): Division => {
  const clusters = new Map(division.clusters.map((one) => [one.cluster, one]));
  for (const one of changed) clusters.set(one.cluster, one);
  const kept = [...clusters.values()].filter(({ members }) => members.length > 0);
  return {
    revision: division.revision + 1,
    clusters: kept.sort((a, b) => a.cluster - b.cluster),
  };
};

/** Looks until nothing changes any more. */
function settle(start: Division, vehicles: readonly ManagedVehicle[]): Division {
  let division = start;
  let wishes: Wishes = new Map();
  for (let i = 0; i < 2_000; i += 1) {
    const seen = look(division, vehicles, WORTHS, wishes);
    wishes = seen.wishes;
    division = after(division, seen);
    if (seen.reason === "none" && i % (LOOKS + 1) === LOOKS && wishes.size === 0) break;
  }
  return division;
}

describe("the cluster manager", () => {
  test("a cluster of sixty is split into two halves that lie apart, with half the segments", () => {
    const { division, vehicles } = swarm([{ count: 60, northM: 0, eastM: 0 }]);
    const { reason, changed } = look(division, vehicles, WORTHS, new Map());
    expect(reason).toBe("split");
    expect(changed.map(({ cluster, members }) => [cluster, members.length])).toEqual([
      [1, 30],
      [2, 30],
    ]);
    expect(changed.map(({ segments }) => segments.length)).toEqual([32, 32]);
    expect(changed[0]!.channel).not.toBe(changed[1]!.channel);
    const eastOf = (members: readonly NodeIndex[]): readonly number[] =>
      members.map((member) => vehicles[member - 1]!.northM);
    expect(Math.max(...eastOf(changed[0]!.members))).toBeLessThanOrEqual(
      Math.min(...eastOf(changed[1]!.members)),
    );
  });

  test("a cluster that has shrunk goes over to the nearest that has room, segments and all", () => {
    const { division, vehicles } = swarm([
      { count: 30, northM: 0, eastM: 0 },
      { count: 12, northM: 900, eastM: 0 },
      { count: 30, northM: 5000, eastM: 0 },
    ]);
    const { reason, changed } = look(division, vehicles, WORTHS, new Map());
    expect(reason).toBe("merge");
    expect(changed.map(({ cluster, members }) => [cluster, members.length])).toEqual([
      [1, 42],
      [2, 0],
    ]);
    expect(changed[0]!.segments).toHaveLength(22 + 21);
  });

  test("where nobody has room for it, the nearest gives it members until it is enough", () => {
    const { division, vehicles } = swarm([
      { count: 48, northM: 0, eastM: 0 },
      { count: 15, northM: 900, eastM: 0 },
    ]);
    const { reason, changed } = look(division, vehicles, WORTHS, new Map());
    expect(reason).toBe("refill");
    expect(changed.map(({ members }) => members.length)).toEqual([43, 20]);
  });

  test("who has gone over to the others is moved after five looks, not before", () => {
    const { division, vehicles } = swarm([
      { count: 30, northM: 0, eastM: 0 },
      { count: 30, northM: 2000, eastM: 0 },
    ]);
    const strayed = vehicles.map((one) => (one.index === 7 ? { ...one, northM: 1900 } : one));
    let wishes: Wishes = new Map();
    for (let i = 1; i < LOOKS; i += 1) {
      const seen = look(division, strayed, WORTHS, wishes);
      expect(seen.reason).toBe("none");
      wishes = seen.wishes;
    }
    const { reason, changed } = look(division, strayed, WORTHS, wishes);
    expect(reason).toBe("move");
    expect(changed[1]!.members).toContain(7);
    expect(changed[0]!.members).not.toContain(7);
    // Segments are the cluster's, not the member's.
    expect(changed.map(({ segments }) => segments.length)).toEqual([32, 32]);
  });

  test("nobody is moved to a head that it hears worse", () => {
    const { division, vehicles } = swarm([
      { count: 30, northM: 0, eastM: 0 },
      { count: 30, northM: 2000, eastM: 0 },
    ]);
    const strayed = vehicles.map((one) =>
      one.index === 7
        ? { ...one, northM: 1900, quality: (cluster: number) => (cluster === 1 ? 0.9 : 0.2) }
        : one,
    );
    expect(look(division, strayed, WORTHS, new Map()).wishes.size).toBe(0);
  });

  test("who is dead counts no more: what is left merges", () => {
    const { division, vehicles } = swarm([
      { count: 25, northM: 0, eastM: 0 },
      { count: 25, northM: 900, eastM: 0 },
    ]);
    const living = vehicles.filter(({ index }) => index <= 25 || index > 32);
    expect(look(division, living, WORTHS, new Map()).reason).toBe("merge");
  });
});

describe("what is left to search", () => {
  test("of a cluster that is lost whole goes to the cluster whose share is nearest", () => {
    const { division, vehicles } = swarm([
      { count: 25, northM: 0, eastM: 0 },
      { count: 25, northM: 3000, eastM: 0 },
    ]);
    const living = vehicles.filter(({ index }) => index <= 25);
    const { reason, changed } = look(division, living, WORTHS, new Map());
    expect(reason).toBe("lost");
    expect(changed.map(({ members }) => members.length)).toEqual([25, 0]);
    expect(changed[0]!.segments).toEqual(WORTHS.map(({ id }) => id));
  });

  test("is dealt anew when one cluster has searched its share and another has not", () => {
    const { division, vehicles } = swarm([
      { count: 25, northM: 0, eastM: 0 },
      { count: 25, northM: 3000, eastM: 0 },
    ]);
    const swept = WORTHS.map((one) => (one.id % 2 === 0 ? { ...one, worth: 0.01 } : one));
    const seen = look(division, vehicles, swept, new Map());
    expect(seen.reason).toBe("share");
    const left = seen.changed.map(({ segments }) => segments.filter((id) => id % 2 === 1).length);
    expect(left).toEqual([16, 16]);
    expect(look(after(division, seen), vehicles, swept, new Map()).reason).toBe("none");
  });
});

describe("properties of the manager", () => {
  const place = fc.record({
    northM: fc.integer({ min: 0, max: 8000 }),
    eastM: fc.integer({ min: 0, max: 8000 }),
  });

  test("wherever vehicles are, sizes end within bounds and nobody and nothing is lost", () => {
    const where = fc.array(place, { minLength: 60, maxLength: 160 });
    fc.assert(
      fc.property(where, fc.integer({ min: 2, max: 7 }), (places, count) => {
        const vehicles = places.map((at, i) => ({ index: nodeIndex(i + 1), ...at }));
        const clusters = Array.from({ length: count }, (_, i) => ({
          cluster: i + 1,
          since: 0,
          channel: i + 1,
          members: vehicles.map(({ index }) => index).filter((index) => index % count === i),
          segments: WORTHS.map(({ id }) => id).filter((id) => id % count === i),
        }));
        const { clusters: settled } = settle({ revision: 0, clusters }, vehicles);
        for (const { members } of settled) {
          expect(members.length).toBeGreaterThanOrEqual(MEMBERS_MIN);
          expect(members.length).toBeLessThanOrEqual(MEMBERS_MAX);
        }
        const all = settled.flatMap(({ members }) => members).sort((a, b) => a - b);
        expect(all).toEqual(vehicles.map(({ index }) => index));
        const dealt = settled.flatMap(({ segments }) => segments).sort((a, b) => a - b);
        expect(dealt).toEqual(WORTHS.map(({ id }) => id));
      }),
      { numRuns: 30 },
    );
  });

  test("noise of fifty metres on positions two kilometres apart never changes a division", () => {
    const { division, vehicles } = swarm([
      { count: 30, northM: 0, eastM: 0 },
      { count: 25, northM: 2000, eastM: 0 },
      { count: 40, northM: 0, eastM: 2000 },
    ]);
    const noise = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 190, maxLength: 190 });
    fc.assert(
      fc.property(fc.array(noise, { minLength: 6, maxLength: 6 }), (looks) => {
        let wishes: Wishes = new Map();
        for (const offsets of looks) {
          const jittered = vehicles.map((one, i) => ({
            ...one,
            northM: one.northM + offsets[2 * i]!,
            eastM: one.eastM + offsets[2 * i + 1]!,
          }));
          const seen = look(division, jittered, WORTHS, wishes);
          expect(seen.reason).toBe("none");
          wishes = seen.wishes;
        }
      }),
      { numRuns: 30 },
    );
  });
});
