import { expect, test } from "vitest";
import { nodeIndex, type NodeIndex } from "../../../src/base/mod.ts";
import { meshLinksOf, type Neighbors } from "./mesh-links.ts";

type Neighbor = Neighbors["peers"][number];

const hears = (peer: number, more: Partial<Neighbor> = {}): Neighbor => ({
  peer: nodeIndex(peer),
  state: "up",
  inRatio: 0.9,
  outRatio: 0.8,
  lifetimeS: Infinity,
  ...more,
});

const everyone: ReadonlySet<NodeIndex> = new Set([1, 2, 3, 4].map(nodeIndex));

test("a pair is one link, as good as its worse end, and lasts as long as the sooner word", () => {
  const tables = new Map<number, Neighbors>([
    [1, { peers: [hears(2, { lifetimeS: 50 }), hears(3, { state: "down" })] }],
    [2, { peers: [hears(1, { inRatio: 0.3 }), hears(4)] }],
  ]);
  expect(meshLinksOf([1, 2], (vehicle) => tables.get(vehicle), everyone)).toEqual([
    { a: 1, b: 2, quality: 0.3, lifetimeS: 50 },
    { a: 2, b: 4, quality: 0.8, lifetimeS: 3600 },
  ]);
});

test("only vehicles are linked, and one that has no node has no table", () => {
  const table: Neighbors = { peers: [hears(0), hears(9), hears(2)] };
  const tableOf = (vehicle: number): Neighbors | undefined => (vehicle === 1 ? table : undefined);
  expect(meshLinksOf([1, 7], tableOf, everyone).map(({ a, b }) => [a, b])).toEqual([[1, 2]]);
});

test("a crowd is cut off at its bound", () => {
  const many = new Set(Array.from({ length: 1000 }, (_, i) => nodeIndex(i + 1)));
  const table: Neighbors = { peers: [...many].map((peer) => hears(peer)) };
  expect(meshLinksOf([1001], () => table, many)).toHaveLength(512);
});
