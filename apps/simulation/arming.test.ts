/** Whom the station arms by itself, and behind which act of a person. */
import { describe, expect, test } from "vitest";
import { nodeIndex, type NodeIndex } from "../../src/base/mod.ts";
import type { Node } from "../../src/node/mod.ts";
import { Arming } from "./arming.ts";

const ONE = nodeIndex(1);

/** As much of a station's node as arming looks at. */
interface Station {
  readonly bootNonces: Map<NodeIndex, bigint>;
  readonly orders: readonly [];
  readonly clusterOf: (vehicle: NodeIndex) => number;
}

/** Of clusters of ten. */
const station = (): Station => ({
  bootNonces: new Map([[ONE, 7n]]),
  orders: [],
  clusterOf: (vehicle) => 1 + Math.floor(vehicle / 10),
});

function second(
  arming: Arming,
  at: { readonly station: Station; readonly timeS: number; readonly released: boolean },
): readonly bigint[] {
  const [draft] = arming.due(at.station as unknown as Node, at.timeS, () => at.released);
  if (draft?.command.kind !== "arm") return [];
  return draft.command.bindings.map(({ bootNonce }) => bootNonce);
}

describe("arming for those who were told to go", () => {
  test("the boot that Go named is armed, nobody else, and not before", () => {
    const ground = station();
    const arming = new Arming();
    expect(second(arming, { station: ground, timeS: 0, released: true })).toEqual([]);
    arming.allow(ground as unknown as Node, [ONE]);
    ground.bootNonces.set(nodeIndex(2), 9n);
    expect(second(arming, { station: ground, timeS: 1, released: true })).toEqual([7n]);
    expect(second(arming, { station: ground, timeS: 2, released: true })).toEqual([]);
    expect(second(arming, { station: ground, timeS: 21, released: true })).toEqual([7n]);
  });

  test("each cluster's vehicles are armed by an order of their own", () => {
    const ground = station();
    const arming = new Arming();
    const vehicles = [1, 2, 11].map(nodeIndex);
    vehicles.forEach((vehicle) => ground.bootNonces.set(vehicle, BigInt(vehicle)));
    arming.allow(ground as unknown as Node, vehicles);
    const drafts = arming.due(ground as unknown as Node, 1, () => true);
    expect(drafts.map(({ targets }) => targets)).toEqual([[1, 2], [11]]);
  });

  test("a restart with the switch left thrown is not armed, whatever the time", () => {
    const ground = station();
    const arming = new Arming();
    arming.allow(ground as unknown as Node, [ONE]);
    second(arming, { station: ground, timeS: 1, released: true });
    ground.bootNonces.set(ONE, 8n);
    for (let timeS = 2; timeS < 200; timeS += 1) {
      expect(second(arming, { station: ground, timeS, released: true })).toEqual([]);
    }
    expect(second(arming, { station: ground, timeS: 200, released: false })).toEqual([]);
    expect(second(arming, { station: ground, timeS: 201, released: true })).toEqual([8n]);
  });

  test("a restart is armed after a new Go, or a release on the page", () => {
    for (const act of ["allow", "released"] as const) {
      const ground = station();
      const arming = new Arming();
      arming.allow(ground as unknown as Node, [ONE]);
      second(arming, { station: ground, timeS: 1, released: true });
      ground.bootNonces.set(ONE, 8n);
      expect(second(arming, { station: ground, timeS: 2, released: true })).toEqual([]);
      arming[act](ground as unknown as Node, [ONE]);
      expect(second(arming, { station: ground, timeS: 3, released: true })).toEqual([8n]);
    }
  });

  test("a release on the page does not send off whom nobody told to go", () => {
    const ground = station();
    const arming = new Arming();
    arming.released(ground as unknown as Node, [ONE]);
    expect(second(arming, { station: ground, timeS: 1, released: true })).toEqual([]);
    arming.allow(ground as unknown as Node, [ONE]);
    arming.forget([ONE]);
    expect(second(arming, { station: ground, timeS: 2, released: true })).toEqual([]);
    expect(arming.awaited).toBe(false);
  });

  test("whoever is first heard after Go belongs to it", () => {
    const ground = station();
    const arming = new Arming();
    arming.allow(ground as unknown as Node, [nodeIndex(3)]);
    expect(second(arming, { station: ground, timeS: 1, released: true })).toEqual([]);
    ground.bootNonces.set(nodeIndex(3), 5n);
    expect(second(arming, { station: ground, timeS: 2, released: true })).toEqual([5n]);
  });
});
