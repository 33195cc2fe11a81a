import { describe, expect, test } from "vitest";
import { BROADCAST } from "../base/mod.ts";
import { at, bytesOf, Mesh, sampleAt, textOf } from "./mesh.test-support.ts";
import { TrafficClass } from "./types.ts";

const line = (from: number, to: number): number => (Math.abs(from - to) === 1 ? 1 : 0);
const all = (): number => 1;

describe("a cell in which everyone hears everyone", () => {
  test("links are two-way within a second of the start", () => {
    const mesh = new Mesh({ count: 6, link: all });
    mesh.run(1000);
    for (const node of mesh.nodes) {
      expect(node.peers.filter((peer) => peer.state === "up")).toHaveLength(5);
    }
  });

  test("a broadcast reaches everyone once, and nobody repeats it needlessly", () => {
    const mesh = new Mesh({ count: 6, link: all });
    mesh.run(5000);
    mesh.send(0, BROADCAST, bytesOf("hello"));
    const forwarded = (): number => mesh.nodes.reduce((sum, it) => sum + it.counters.forwarded, 0);
    mesh.run(6000);
    expect(mesh.delivered.map((it) => it.to).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(forwarded()).toBe(0);
  });
});

describe("a line of nodes", () => {
  test("a command crosses four hops", () => {
    const mesh = new Mesh({ count: 5, link: line });
    mesh.run(8000);
    mesh.send(0, 4, bytesOf("go"), TrafficClass.command, 200);
    mesh.run(8200);
    expect(mesh.arrivals(4).map((it) => [textOf(it.payload), it.hops])).toEqual([["go", 4]]);
    expect(mesh.arrivals(4)[0]!.atMs).toBeLessThan(8010);
  });

  test("nobody steps from inside an emit", () => {
    const mesh = new Mesh({ count: 1, link: all });
    const node = mesh.nodes[0]!;
    const sample = sampleAt(0, 0);
    const notes = { relay: true, ground: false, keyEpoch: 0, head: undefined };
    node.step(at(0), { kind: "self", sample, plan: [], notes }, () => {});
    expect(() => {
      node.step(at(1000), { kind: "wake" }, () => {
        node.step(at(1000), { kind: "wake" }, () => {});
      });
    }).toThrow("from inside an emit");
  });
});
