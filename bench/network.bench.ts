/**
 * What the network layer costs a receiver, and how long a route is out when a link goes.
 *
 * Delivery is the hot path of a swarm: 10,000 vehicles at one beacon a second with 9.6 receivers
 * are 96,000 deliveries a second, of which 3 us each are 29% of a core at real time. They include
 * each node's own beacons and the upkeep of its links and routes; sealing, channel and world are
 * measured by their own benches.
 */
import type { MonotonicMs, NodeIndex } from "../src/base/mod.ts";
import { Network, PACKET_BYTES_MAX, TrafficClass, type NetworkIn } from "../src/network/mod.ts";
import { Mesh, sampleAt } from "../src/network/mesh.test-support.ts";
import { printTable, quantile, type Row } from "./support/table.ts";

const SIGNAL = { rssiDbm: -70, snrDb: 24, trust: "verified" } as const;

interface Recorded {
  readonly from: number;
  readonly atMs: number;
  readonly beacon?: Uint8Array;
  readonly packet?: Uint8Array;
}

/** Twenty seconds of a cell of `count` nodes: every frame that goes over the air in it. */
function record(count: number): readonly Recorded[] {
  const sample = (node: number): ReturnType<typeof sampleAt> => sampleAt(node * 70, 0);
  const mesh = new Mesh({ count, link: () => 0.95, sample });
  mesh.run(20_000);
  return mesh.outputs.flatMap(({ node, atMs, output }): Recorded[] => {
    if (output.kind === "beacon") return [{ from: node, atMs, beacon: output.body }];
    if (output.kind === "transmit") return [{ from: node, atMs, packet: output.bytes }];
    return [];
  });
}

function inputsFor(frames: readonly Recorded[], self: number): readonly [number, NetworkIn][] {
  return frames
    .filter((frame) => frame.from !== self)
    .map((frame) => {
      const from = frame.from as NodeIndex;
      return frame.beacon === undefined
        ? [frame.atMs, { kind: "packet", from, bytes: frame.packet!, ...SIGNAL }]
        : [frame.atMs, { kind: "beacon", from, body: frame.beacon, ...SIGNAL }];
    });
}

/** Processor seconds of the least disturbed of nine runs: others on the machine only ever add. */
function leastSecondsOf(work: () => void): number {
  const seconds = Array.from({ length: 9 }, () => {
    const start = process.cpuUsage();
    work();
    return process.cpuUsage(start).user / 1e6;
  });
  return Math.min(...seconds);
}

/** Nanoseconds of a delivery in a cell of `count`, its share of link and route upkeep included. */
function deliveryNs(count: number): number {
  const inputs = inputsFor(record(count), 0);
  // Enough of them that the engine has compiled what a swarm runs for hours.
  const rounds = Math.ceil(20_000 / inputs.length);
  const notes = { relay: true, ground: false, keyEpoch: 1, head: undefined };
  const seconds = leastSecondsOf(() => {
    const node = new Network({ self: 0 as NodeIndex, seed: 1 });
    const ignore = (): void => undefined;
    for (let round = 0; round < rounds; round += 1) {
      const startMs = round * 20_000;
      const self: NetworkIn = { kind: "self", sample: sampleAt(0, 0), plan: [], notes };
      node.step(startMs as MonotonicMs, self, ignore);
      for (const [atMs, input] of inputs) node.step((startMs + atMs) as MonotonicMs, input, ignore);
    }
  });
  return (seconds * 1e9) / (rounds * inputs.length);
}

/** Nanoseconds to put aside a unicast for another, the most frequent packet on the air. */
function overheardNs(): number {
  const node = new Network({ self: 0 as NodeIndex, seed: 1 });
  const bytes = new Uint8Array(200);
  bytes.set([0x10, TrafficClass.state, 0, 0, 0, 1, 0, 2, 0, 2, 8, 0]);
  const input: NetworkIn = { kind: "packet", from: 1 as NodeIndex, bytes, ...SIGNAL };
  const count = 200_000;
  const seconds = leastSecondsOf(() => {
    for (let i = 0; i < count; i += 1) node.step(1 as MonotonicMs, input, () => undefined);
  });
  return (seconds * 1e9) / count;
}

/** Longest time without an arrival when one way of a diamond is cut under traffic. */
function outageMs(seed: number): number {
  const ways = ["0 1", "0 2", "1 3", "2 3"];
  const name = (a: number, b: number): string => `${Math.min(a, b)} ${Math.max(a, b)}`;
  let cut = "";
  const mesh = new Mesh({
    count: 4,
    seed,
    link: (a, b) => (ways.includes(name(a, b)) && name(a, b) !== cut ? 0.95 : 0),
  });
  mesh.run(10_000);
  const over = mesh.nodes[0]!.nextHopTo(3 as NodeIndex);
  cut = over === 1 ? "1 3" : "2 3";
  for (let ms = 10_000; ms < 14_000; ms += 10) {
    mesh.run(ms);
    mesh.send(0, 3, Uint8Array.of(1), TrafficClass.state, 500);
  }
  mesh.run(15_000);
  const times = [10_000, ...mesh.arrivals(3).map((it) => it.atMs)];
  return Math.max(...times.map((ms, i) => ms - (times[i - 1] ?? ms)));
}

/** Bytes a second that each of six nodes spends on presence and routes. */
function controlBytesS(): number {
  const sample = (node: number): ReturnType<typeof sampleAt> => sampleAt(node * 200, 0);
  const mesh = new Mesh({ count: 6, link: () => 0.95, sample });
  mesh.run(60_000);
  const sum = mesh.nodes.reduce((bytes, node) => bytes + node.counters.controlBytes, 0);
  return sum / 6 / 60;
}

/** Bytes of memory a node, by what a thousand of them add to the arrays in use. */
function nodeKb(): number {
  const before = process.memoryUsage().arrayBuffers;
  const nodes = Array.from(
    { length: 1000 },
    (_, self) => new Network({ self: self as NodeIndex, seed: 1 }),
  );
  const after = process.memoryUsage().arrayBuffers;
  return (after - before) / nodes.length / 1024;
}

const atMost = (what: string, value: number, limit: number, unit: string): Row => ({
  what,
  measured: `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`,
  promised: `<= ${limit} ${unit}`,
  kept: value <= limit,
});

/** The first argument is how many cuts to measure. */
export function run({ args }: { readonly args: readonly string[] }): void {
  const cuts = Number(args[0] ?? 40);
  const outages = Array.from({ length: cuts }, (_, seed) => outageMs(seed + 1));
  printTable([
    atMost("delivery in a cell of 6, upkeep included", deliveryNs(6), 3000, "ns"),
    atMost("delivery in a cell of 10, upkeep included", deliveryNs(10), 3000, "ns"),
    atMost("delivery in a cell of 50, upkeep included", deliveryNs(50), 3000, "ns"),
    atMost(
      `unicast for another overheard (of ${PACKET_BYTES_MAX} B at most)`,
      overheardNs(),
      300,
      "ns",
    ),
    atMost("memory a node, 128 peers", nodeKb(), 128, "kB"),
    atMost(`outage when a link is cut, median of ${cuts}`, quantile(outages, 0.5), 300, "ms"),
    atMost(`outage when a link is cut, p95 of ${cuts}`, quantile(outages, 0.95), 600, "ms"),
    atMost("beacons and routes of one of six", controlBytesS(), 400, "B/s"),
  ]);
}

if (import.meta.main) run({ args: process.argv.slice(2) });
