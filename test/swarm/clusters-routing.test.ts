/**
 * Eighty-one vehicles in three clusters, each on its channel: routes between the clusters over the
 * simulated air, under loss, deaths and restarts, with a checker that follows every way of next
 * hops five times a second.
 */
import { expect, test } from "vitest";
import { clusterAddress, nodeIndex } from "../../src/base/mod.ts";
import { open } from "./flown.ts";

const CLUSTERS = 3;
const VEHICLES = 81;
/** And the ground station. */
const NODES = VEHICLES + 1;
/** So weak that a frame on the field carries some tens of metres: ways of several hops. */
const WEAK_DBM = -9;

const LOOK_MS = 200;

type NextHop = (node: number, cluster: number) => number | undefined;

interface Ways {
  /** Ways of next hops that run in a circle. */
  readonly loops: readonly string[];
  readonly longest: number;
}

function follow(nextHop: NextHop, nodes: number): Ways {
  const loops: string[] = [];
  let longest = 0;
  for (let cluster = 1; cluster <= CLUSTERS; cluster += 1) {
    for (let start = 0; start < nodes; start += 1) {
      const way: number[] = [];
      for (let here: number | undefined = start; here !== undefined;) {
        const isLoop = way.includes(here);
        way.push(here);
        if (isLoop) loops.push(`to cluster ${cluster}: ${way.join(" ")}`);
        here = isLoop ? undefined : nextHop(here, cluster);
      }
      longest = Math.max(longest, way.length - 1);
    }
  }
  return { loops, longest };
}

test("the checker sees a circle that is planted, and how long a way is", () => {
  const ring: NextHop = (node, cluster) => (cluster === 2 ? (node + 1) % 3 : undefined);
  expect(follow(ring, 3).loops).toContain("to cluster 2: 1 2 0 1");
  const row: NextHop = (node) => (node < 4 ? node + 1 : undefined);
  expect(follow(row, 5)).toEqual({ loops: [], longest: 4 });
});

test("no way runs in a circle while nodes die, restart, lose frames; then all lead there", () => {
  const { simulation } = open("jacksboro-search.json5", {
    seed: 5,
    vehicleCount: VEHICLES,
    signatures: "modelled",
    amend: (scenario) => ({ ...scenario, radio: { ...scenario.radio, powerDbm: WEAK_DBM } }),
  });
  const { world } = simulation;
  const nextHop: NextHop = (node, cluster) =>
    world.node(node)?.layers.network.nextHopToCluster(clusterAddress(cluster));
  const loops = new Set<string>();
  let longest = 0;
  const watchUntil = (untilS: number): void => {
    for (let ms = world.timeMs + LOOK_MS; ms <= untilS * 1000; ms += LOOK_MS) {
      world.runUntil(ms);
      const ways = follow(nextHop, NODES);
      for (const loop of ways.loops) loops.add(loop);
      longest = Math.max(longest, ways.longest);
    }
  };
  const everyone = Array.from({ length: NODES }, (_, slot) => slot);
  watchUntil(12);
  for (const slot of everyone.filter((it) => it % 9 === 3))
    world.applyFault({ kind: "kill", slot });
  for (const slot of everyone.filter((it) => it % 9 === 5)) {
    world.applyFault({ kind: "reboot", slot, downS: 2 });
  }
  world.applyFault({ kind: "lossBurst", slots: everyone, lossRatio: 0.3, lastsS: 4 });
  watchUntil(25);
  const without = everyone.flatMap((slot) => {
    const node = world.node(slot);
    const others = [1, 2, 3].filter((it) => node?.clusterOf(nodeIndex(slot)) !== it);
    return others.filter((to) => node !== undefined && nextHop(slot, to) === undefined);
  });
  expect([...loops]).toEqual([]);
  expect(longest, "hops of the longest way").toBeGreaterThanOrEqual(3);
  expect(without, "clusters to which somebody alive has no way").toEqual([]);
});
