/** Several clusters as whole meshes: what goes where, on which channel, and without loops. */
import { describe, expect, test } from "vitest";
import { BROADCAST, clusterAddress, nodeIndex, NODES_MAX, SeededStream, sin } from "../base/mod.ts";
import { bytesOf, Mesh, sampleAt, textOf, type MeshOptions } from "./mesh.test-support.ts";
import { routeStart } from "./beacon.ts";
import { channelOf } from "./packet.ts";
import { readU16 } from "./octets.ts";
import { TrafficClass } from "./types.ts";

const EACH = 4;
const addressOf = (node: number): number => clusterAddress(1 + Math.floor(node / EACH));
const RANGE_M = 260;

/** Three clusters of four in a row, 100 m from node to node: each hears two on either side. */
function row(over: Partial<MeshOptions> = {}): Mesh {
  return new Mesh({
    count: 3 * EACH,
    link: (a, b) => (Math.abs(a - b) * 100 <= RANGE_M ? 0.95 : 0),
    setup: { addressOf },
    ...over,
  });
}

/** Clusters to which next hops run in a circle now, each with its circle. */
function loopsOf(mesh: Mesh, clusters: readonly number[]): string[] {
  const loops: string[] = [];
  for (const address of clusters) {
    for (let start = 0; start < mesh.nodes.length; start += 1) {
      const path: number[] = [];
      for (let here: number | undefined = start; here !== undefined;) {
        if (path.includes(here)) {
          loops.push(`to ${address.toString(16)}: ${path.join(" ")}`);
          break;
        }
        path.push(here);
        here = mesh.nodes[here]!.nextHopToCluster(address);
      }
    }
  }
  return loops;
}

test("a message crosses a cluster that is not its own, there and back", () => {
  const mesh = row();
  mesh.run(20_000);
  mesh.send(0, 11, bytesOf("out"), TrafficClass.coordination, 2000);
  mesh.send(11, 0, bytesOf("back"), TrafficClass.coordination, 2000);
  mesh.run(22_000);
  expect(mesh.arrivals(11).map(({ payload }) => textOf(payload))).toEqual(["out"]);
  expect(mesh.arrivals(0).map(({ payload }) => textOf(payload))).toEqual(["back"]);
  expect(mesh.arrivals(11)[0]?.hops).toBeGreaterThanOrEqual(5);
});

test("no node learns a way to a single node of another cluster, only to the cluster", () => {
  const mesh = row();
  mesh.run(20_000);
  for (const { node, output } of mesh.outputs) {
    if (output.kind !== "beacon") continue;
    const { body } = output;
    const start = routeStart(body);
    for (let at = start; at < start + 6 * body[44]!; at += 6) {
      const destination = readU16(body, at);
      const isCluster = destination >= NODES_MAX;
      expect(isCluster || addressOf(destination) === addressOf(node)).toBe(true);
    }
  }
  expect(mesh.nodes[0]!.peer(nodeIndex(11))).toBeUndefined();
  expect(mesh.nodes[0]!.nextHopToCluster(clusterAddress(3))).toBeDefined();
});

test("members speak on their channel; beacons, emergencies, what crosses on the common", () => {
  const mesh = row();
  mesh.run(20_000);
  const from = mesh.outputs.length;
  mesh.send(0, 3, bytesOf("within"));
  mesh.send(3, 4, bytesOf("across"));
  mesh.send(1, BROADCAST, bytesOf("mayday"), TrafficClass.emergency);
  mesh.run(20_300);
  const channelsOf = (mark: string): Set<string> =>
    new Set(
      mesh.outputs.slice(from).flatMap(({ output }) => {
        if (output.kind !== "transmit" || !textOf(output.bytes).includes(mark)) return [];
        expect(channelOf(output.bytes)).toBe(output.channel);
        return [output.channel];
      }),
    );
  expect(channelsOf("within")).toEqual(new Set(["cluster"]));
  expect(channelsOf("across")).toEqual(new Set(["common"]));
  expect(channelsOf("mayday")).toEqual(new Set(["common"]));
  const heard = mesh.delivered.filter(({ payload }) => textOf(payload) === "mayday");
  expect(heard.length, "everyone of every cluster").toBe(11);
});

test("frames on a channel that a neighbor does not hear are no losses of the link to it", () => {
  const mesh = row({ link: (a, b) => (Math.abs(a - b) * 100 <= RANGE_M ? 1 : 0) });
  mesh.run(10_000);
  for (let ms = 10_000; ms < 12_000; ms += 20) {
    mesh.send(3, 2, bytesOf("busy"), TrafficClass.state, 200);
    mesh.run(ms);
  }
  mesh.run(14_000);
  expect(mesh.nodes[4]!.peer(nodeIndex(3))?.inRatio).toBe(1);
  expect(mesh.nodes[2]!.peer(nodeIndex(3))?.inRatio).toBe(1);
});

test("what is said to a whole cluster far away is carried there and flooded in it", () => {
  const mesh = row();
  mesh.run(20_000);
  const before = mesh.frames;
  mesh.send(0, clusterAddress(3), bytesOf("search on"), TrafficClass.command, 2000);
  mesh.run(21_000);
  const heard = mesh.delivered.filter(({ payload }) => textOf(payload) === "search on");
  expect(heard.map(({ to }) => to).toSorted((a, b) => a - b)).toEqual([8, 9, 10, 11]);
  expect(mesh.frames - before, "with what else a second brings").toBeLessThan(60);
  // On its way nobody of the clusters between repeats it to all.
  const said = mesh.outputs.filter(
    ({ output }) => output.kind === "transmit" && textOf(output.bytes).includes("search on"),
  );
  expect(said.filter(({ node }) => node < 8).length).toBeLessThanOrEqual(8);
});

test("a node that follows every cluster is known by its own address everywhere", () => {
  // As a ground station: node 12 stands beside node 0.
  const withGround = (node: number): number => (node === 12 ? BROADCAST : addressOf(node));
  const near = (a: number, b: number): boolean => {
    const at = (node: number): number => (node === 12 ? -1 : node);
    return Math.abs(at(a) - at(b)) * 100 <= RANGE_M;
  };
  const mesh = row({
    count: 13,
    link: (a, b) => (near(a, b) ? 0.95 : 0),
    setup: { addressOf: withGround },
  });
  mesh.run(20_000);
  mesh.send(11, 12, bytesOf("found"), TrafficClass.command, 2000);
  mesh.send(12, 10, bytesOf("come"), TrafficClass.command, 2000);
  mesh.run(22_000);
  expect(mesh.arrivals(12).map(({ payload }) => textOf(payload))).toContain("found");
  expect(mesh.arrivals(10).map(({ payload }) => textOf(payload))).toContain("come");
});

describe("under mobility and loss", () => {
  /** Five clusters of four that swing past each other; half of all frames are lost at the edge. */
  const count = 20;
  const place = (node: number, ms: number): readonly [number, number] => {
    const cluster = Math.floor(node / EACH);
    const swing = sin(ms / 9000 + cluster * 1.7);
    return [cluster * 150 + swing * 100, (node % EACH) * 60 + swing * 120 * (cluster % 2)];
  };
  const link = (a: number, b: number, ms: number): number => {
    const [an, ae] = place(a, ms);
    const [bn, be] = place(b, ms);
    const m = Math.sqrt((an - bn) ** 2 + (ae - be) ** 2);
    return Math.max(0, Math.min(0.97, (280 - m) / 90));
  };
  const sample = (node: number, ms: number): ReturnType<typeof sampleAt> => {
    const [northM, eastM] = place(node, ms);
    return sampleAt(northM, eastM);
  };

  /** Whether there is a way over links that carry at least half of what is sent. */
  const isReachable = (from: number, to: number, ms: number): boolean => {
    const known = new Set([from]);
    for (const here of known) {
      for (let next = 0; next < count; next += 1) if (link(here, next, ms) >= 0.5) known.add(next);
    }
    return known.has(to);
  };

  test("no next hops run in a circle at any step, and what is sent arrives", () => {
    const mesh = new Mesh({ count, link, sample, seed: 7, setup: { addressOf } });
    const clusters = Array.from({ length: count / EACH }, (_, i) => clusterAddress(i + 1));
    const stream = new SeededStream(3, "traffic");
    const loops = new Set<string>();
    let sent = 0;
    let steps = 0;
    for (let ms = 0; ms < 60_000; ms += 100) {
      mesh.run(ms, () => {
        steps += 1;
        if (steps % 7 === 0) for (const loop of loopsOf(mesh, clusters)) loops.add(loop);
      });
      if (ms < 20_000) continue;
      const [from, to] = [stream.below(count), stream.below(count)];
      if (addressOf(from) === addressOf(to) || !isReachable(from, to, ms)) continue;
      mesh.send(from, to, bytesOf(`m${String(sent)}`), TrafficClass.coordination, 1500);
      sent += 1;
    }
    mesh.run(62_000);
    const arrived = mesh.delivered.filter(({ from, to }) => addressOf(from) !== addressOf(to));
    expect([...loops]).toEqual([]);
    expect(sent).toBeGreaterThan(120);
    expect(arrived.length / sent, "share that crossed").toBeGreaterThan(0.9);
  });

  test("a node in the middle is saved and loaded, and the rest does not notice", () => {
    const story = (reload: boolean): readonly number[] => {
      const mesh = new Mesh({ count, link, sample, seed: 7, setup: { addressOf } });
      mesh.run(15_000);
      if (reload) mesh.reload(9);
      mesh.send(0, 19, bytesOf("x"), TrafficClass.coordination, 2000);
      mesh.run(18_000);
      return [mesh.frames, mesh.bytes, mesh.delivered.length];
    };
    expect(story(true)).toEqual(story(false));
  });
});

test("routes leave a border link before it breaks", () => {
  // Nodes 3 and 2 both reach cluster 2; node 4, over which the way goes, flies off.
  const northOf = (node: number, ms: number): number =>
    node === 4 ? 400 + Math.max(0, ms - 15_000) * 0.02 : node * 100;
  const near = (a: number, b: number, ms: number): boolean =>
    Math.abs(northOf(a, ms) - northOf(b, ms)) <= RANGE_M;
  const mesh = row({
    count: 8,
    link: (a, b, ms) => (near(a, b, ms) ? 0.97 : 0),
    snrDb: (a, b, ms) =>
      20 - 20 * Math.log10(Math.max(1, Math.abs(northOf(a, ms) - northOf(b, ms))) / 100),
    sample: (node, ms) =>
      sampleAt(northOf(node, ms), 0, {
        velocity: { northMps: node === 4 && ms > 15_000 ? 20 : 0, eastMps: 0, downMps: 0 },
      }),
  });
  mesh.run(15_000);
  const gaps: number[] = [];
  let last = 15_000;
  for (let ms = 15_000; ms < 40_000; ms += 20) {
    mesh.run(ms);
    mesh.send(3, 5, bytesOf("tick"), TrafficClass.state, 400);
    const arrived = mesh.arrivals(5).length;
    if (arrived > gaps.length) {
      gaps.push(mesh.nowMs - last);
      last = mesh.nowMs;
    }
  }
  expect(Math.max(...gaps)).toBeLessThanOrEqual(300);
});
