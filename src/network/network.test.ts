import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BROADCAST, ByteWriter, toHex, type NodeIndex } from "../base/mod.ts";
import type { VehicleSample } from "../hal/mod.ts";
import { encodeBeacon } from "./beacon.ts";
import { at, bytesOf, Mesh, sampleAt, textOf, type MeshOptions } from "./mesh.test-support.ts";
import { Network } from "./network.ts";
import { encodeAck, PACKET_HEADER_BYTES, writeHeader } from "./packet.ts";
import { TrafficClass, type NetworkIn, type NetworkOut } from "./types.ts";

const line = (from: number, to: number): number => (Math.abs(from - to) === 1 ? 1 : 0);
const all = (): number => 1;

/** Links of a diamond: 0 reaches 3 over 1 or over 2. */
const DIAMOND: readonly string[] = ["0 1", "0 2", "1 3", "2 3"];
const pair = (a: number, b: number): string => `${Math.min(a, b)} ${Math.max(a, b)}`;

const sumOf = (mesh: Mesh, read: (node: Network) => number): number =>
  mesh.nodes.reduce((sum, node) => sum + read(node), 0);

/** Sends a packet of state every 20 ms and gives the longest time without one arriving. */
function longestGapMs(mesh: Mesh, from: number, to: number, untilMs: number): number {
  const startMs = mesh.nowMs;
  for (let ms = startMs; ms < untilMs; ms += 20) {
    mesh.run(ms);
    mesh.send(from, to, bytesOf("x"), TrafficClass.state, 500);
  }
  mesh.run(untilMs + 600);
  const times = [startMs, ...mesh.arrivals(to).map((it) => it.atMs), untilMs];
  return Math.max(...times.map((ms, i) => ms - (times[i - 1] ?? ms)));
}

describe("a cell in which everyone hears everyone", () => {
  test("links are two-way within half a second of the start", () => {
    const mesh = new Mesh({ count: 6, link: all });
    mesh.run(500);
    for (const node of mesh.nodes) {
      expect(node.peers.filter((peer) => peer.state === "up")).toHaveLength(5);
    }
    expect(mesh.outputs.filter((it) => it.output.kind === "neighborUp")).toHaveLength(30);
  });

  test("a broadcast reaches everyone once, and nobody repeats it needlessly", () => {
    const mesh = new Mesh({ count: 6, link: all });
    mesh.run(5000);
    mesh.send(0, BROADCAST, bytesOf("hello"));
    mesh.run(6000);
    expect(mesh.delivered.map((it) => it.to).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(sumOf(mesh, (node) => node.counters.forwarded)).toBe(0);
  });

  test("an emergency is repeated by some and said again by its origin", () => {
    const mesh = new Mesh({ count: 6, link: (_, to) => (to === 5 ? 0.6 : 1), seed: 3 });
    mesh.run(5000);
    for (let i = 0; i < 40; i += 1) {
      mesh.send(0, BROADCAST, bytesOf(`stop ${i}`), TrafficClass.emergency);
      mesh.run(mesh.nowMs + 200);
    }
    const texts = (to: number): Set<string> =>
      new Set(mesh.arrivals(to).map((it) => textOf(it.payload)));
    for (const to of [1, 2, 3, 4, 5]) {
      expect(texts(to).size).toBe(40);
      expect(mesh.arrivals(to)).toHaveLength(40);
    }
    expect(sumOf(mesh, (node) => node.counters.forwarded)).toBeGreaterThan(40);
  });

  test("what is sent to oneself comes back at once", () => {
    const mesh = new Mesh({ count: 1, link: all });
    mesh.send(0, 0, bytesOf("note"));
    expect(mesh.delivered).toMatchObject([{ to: 0, from: 0, hops: 0 }]);
  });

  test("beacons follow the near rate when another comes close, else the plain one", () => {
    const beacons = (gapM: number): number => {
      const sample = (node: number): VehicleSample => sampleAt(node * gapM, 0);
      const mesh = new Mesh({ count: 2, link: all, sample });
      mesh.run(20_000);
      return mesh.nodes[0]!.counters.beacons / 20;
    };
    expect(beacons(500)).toBeCloseTo(1, 0);
    expect(beacons(40)).toBeCloseTo(4, 0);
  });
});

describe("a line of nodes", () => {
  test("a command crosses four hops in milliseconds", () => {
    const mesh = new Mesh({ count: 5, link: line });
    mesh.run(8000);
    mesh.send(0, 4, bytesOf("go"), TrafficClass.command, 200);
    mesh.run(8200);
    expect(mesh.arrivals(4).map((it) => [textOf(it.payload), it.hops])).toEqual([["go", 4]]);
    expect(mesh.arrivals(4)[0]!.atMs).toBeLessThan(8010);
    expect(mesh.nodes[0]!.nextHopTo(4 as NodeIndex)).toBe(1);
    expect(mesh.nodes[0]!.nextHopTo(77 as NodeIndex)).toBeUndefined();
  });

  test("a broadcast and an emergency for one cross it by floods", () => {
    const mesh = new Mesh({ count: 5, link: line });
    mesh.run(8000);
    mesh.send(0, BROADCAST, bytesOf("all"));
    mesh.send(4, 0, bytesOf("stop"), TrafficClass.emergency);
    mesh.run(8400);
    expect(mesh.delivered.filter((it) => textOf(it.payload) === "all")).toHaveLength(4);
    expect(mesh.arrivals(0).map((it) => textOf(it.payload))).toEqual(["stop"]);
  });

  test("at 10% loss each hop repeats until all of 200 commands are there, none twice", () => {
    const link = (from: number, to: number): number => line(from, to) * 0.9;
    const mesh = new Mesh({ count: 4, link, seed: 11 });
    mesh.run(10_000);
    for (let i = 0; i < 200; i += 1) {
      mesh.send(0, 3, bytesOf(`c ${i}`), TrafficClass.command, 1000);
      mesh.run(mesh.nowMs + 30);
    }
    mesh.run(mesh.nowMs + 1000);
    const texts = mesh.arrivals(3).map((it) => textOf(it.payload));
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeGreaterThanOrEqual(199);
    expect(sumOf(mesh, (node) => node.counters.retransmitted)).toBeGreaterThan(50);
  });

  test("64 kB in fragments with parity over two lossy hops", () => {
    const link = (from: number, to: number): number => line(from, to) * 0.97;
    const mesh = new Mesh({ count: 3, link, seed: 2 });
    mesh.run(10_000);
    const payload = Uint8Array.from({ length: 65_535 }, (_, i) => (i * 31) & 255);
    for (let i = 0; i < 5; i += 1) {
      mesh.send(0, 2, payload, TrafficClass.bulk, 5000);
      mesh.run(mesh.nowMs + 3000);
    }
    expect(mesh.arrivals(2).length).toBe(5);
    for (const it of mesh.arrivals(2)) expect(toHex(it.payload)).toBe(toHex(payload));
  });

  test("a node that declines to relay repeats no floods; its own messages still go", () => {
    const mesh = new Mesh({ count: 3, link: line });
    mesh.run(5000);
    const notes = { relay: false, ground: false, keyEpoch: 0, head: undefined };
    mesh.step(1, { kind: "self", sample: sampleAt(100, 0), plan: [], notes });
    mesh.send(0, BROADCAST, bytesOf("all"));
    mesh.run(5100);
    expect(mesh.delivered.map((it) => it.to)).toEqual([1]);
  });
});

describe("when a link goes", () => {
  const diamond =
    (cutMs: number, cut: string, ratio = 0.95) =>
    (from: number, to: number, nowMs: number): number =>
      DIAMOND.includes(pair(from, to)) && !(pair(from, to) === cut && nowMs >= cutMs) ? ratio : 0;

  test("without warning: traffic is on the other way within 300 ms", () => {
    const gapsMs = [1, 2, 3, 4, 5, 6].flatMap((seed) =>
      ["1 3", "2 3"].map((cut) => {
        const mesh = new Mesh({ count: 4, link: diamond(15_000, cut), seed });
        mesh.run(10_000);
        return longestGapMs(mesh, 0, 3, 20_000);
      }),
    );
    expect(Math.max(...gapsMs)).toBeLessThanOrEqual(300);
  });

  test("predicted from motion: traffic leaves it before it breaks", () => {
    // Node 3 flies from beside node 1 to beside node 2; each reaches 600 m.
    const place = (node: number, nowMs: number): [number, number] => {
      if (node === 0) return [0, 0];
      if (node === 1) return [400, -400];
      if (node === 2) return [400, 400];
      return [700, Math.min(500, -500 + Math.max(0, nowMs - 10_000) / 50)];
    };
    const apartM = (a: number, b: number, nowMs: number): number => {
      const [p, q] = [place(a, nowMs), place(b, nowMs)];
      return Math.hypot(p[0] - q[0], p[1] - q[1]);
    };
    const options: MeshOptions = {
      count: 4,
      link: (from, to, nowMs) => (apartM(from, to, nowMs) <= 600 ? 1 : 0),
      // Log-distance in the air, with the fade margin exactly used up at 600 m.
      snrDb: (from, to, nowMs) =>
        3.94 + 20.5 * Math.log10(600 / Math.max(1, apartM(from, to, nowMs))),
      sample: (node, nowMs) => {
        const [northM, eastM] = place(node, nowMs);
        const isFlying = node === 3 && nowMs > 10_000 && eastM < 500;
        const velocity = { northMps: 0, eastMps: isFlying ? 20 : 0, downMps: 0 };
        return sampleAt(northM, eastM, { velocity });
      },
    };
    const mesh = new Mesh(options);
    mesh.run(10_000);
    const gapMs = longestGapMs(mesh, 0, 3, 60_000);
    expect(mesh.nodes[0]!.peer(3 as NodeIndex)?.nextHop).toBe(2);
    const told = mesh.outputs.filter(
      (it) => it.node === 1 && it.output.kind === "linkBreakPredicted" && it.output.peer === 3,
    );
    const broken = mesh.outputs.filter(
      (it) => it.node === 1 && it.output.kind === "neighborDown" && it.output.peer === 3,
    );
    expect(told).toHaveLength(1);
    expect(broken.map((it) => it.output)).toEqual([
      { kind: "neighborDown", peer: 3, predicted: true },
    ]);
    expect(told[0]!.atMs).toBeLessThan(broken[0]!.atMs - 1000);
    expect(gapMs).toBeLessThanOrEqual(100);
    expect(mesh.arrivals(3).length).toBeGreaterThan(2480);
  });

  test("a restarted node is reached again, and reaches others, within four seconds", () => {
    const mesh = new Mesh({ count: 4, link: line });
    mesh.run(10_000);
    mesh.restart(2, 1);
    mesh.run(14_500);
    mesh.send(0, 3, bytesOf("through"), TrafficClass.command, 300);
    mesh.send(2, 0, bytesOf("from"), TrafficClass.command, 300);
    mesh.run(15_000);
    expect(mesh.arrivals(3).map((it) => textOf(it.payload))).toEqual(["through"]);
    expect(mesh.arrivals(0).map((it) => textOf(it.payload))).toEqual(["from"]);
  });

  test("routes never run in a circle while nodes wander in and out of reach", () => {
    for (const seed of [1, 2, 3]) {
      const place = (node: number, nowMs: number): [number, number] => [
        500 * Math.sin((nowMs / 1000) * 0.05 * (node + 1) + node * seed),
        500 * Math.cos((nowMs / 1000) * 0.07 * (node + 1) + 2 * node),
      ];
      const mesh = new Mesh({
        count: 7,
        seed,
        link: (from, to, nowMs) => {
          const [p, q] = [place(from, nowMs), place(to, nowMs)];
          return Math.hypot(p[0] - q[0], p[1] - q[1]) < 450 ? 0.9 : 0;
        },
        sample: (node, nowMs) => sampleAt(...place(node, nowMs)),
      });
      let checked = 0;
      mesh.run(30_000, () => {
        checked += 1;
        if (checked % 10 === 0) expect(circleIn(mesh)).toBeUndefined();
      });
      expect(sumOf(mesh, (node) => node.peers.filter((it) => it.nextHop).length)).toBeGreaterThan(
        0,
      );
    }
  });
});

/** A circle of next hops towards any destination. */
function circleIn(mesh: Mesh): string | undefined {
  const hops = mesh.nodes.map(
    (node) =>
      new Map(node.peers.map((it) => [it.peer as number, it.nextHop as number | undefined])),
  );
  for (let destination = 0; destination < hops.length; destination += 1) {
    for (let start = 0; start < hops.length; start += 1) {
      const path: number[] = [];
      let node: number | undefined = start;
      while (node !== undefined && node !== destination) {
        if (path.includes(node)) return `to ${destination}: ${path.join(" ")}`;
        path.push(node);
        node = hops[node]!.get(destination);
      }
    }
  }
  return undefined;
}

describe("without a route", () => {
  test("a command is flooded, state waits for a route until it expires", () => {
    const mesh = new Mesh({ count: 2, link: (_from, _to, nowMs) => (nowMs > 3000 ? 1 : 0) });
    mesh.run(2000);
    mesh.send(0, 1, bytesOf("state"), TrafficClass.state, 3000);
    mesh.send(0, 1, bytesOf("late"), TrafficClass.state, 500);
    mesh.run(6000);
    expect(mesh.arrivals(1).map((it) => textOf(it.payload))).toEqual(["state"]);
    expect(mesh.nodes[0]!.counters.dropped.noRoute).toBe(1);
  });

  test("the neighbor nearest to the destination's last place, if nearer than here", () => {
    // A line by distance; then routes to 3 are cut off by silencing it, its place stays known.
    const sample = (node: number): VehicleSample => sampleAt(node * 100, 0);
    const mesh = new Mesh({ count: 4, link: all, sample });
    mesh.run(3000);
    mesh.stopped.add(3);
    mesh.run(15_000);
    expect(mesh.nodes[0]!.peer(3 as NodeIndex)?.nextHop).toBeUndefined();
    expect(mesh.nodes[0]!.nextHopTo(3 as NodeIndex)).toBe(2);
    expect(mesh.nodes[2]!.nextHopTo(3 as NodeIndex)).toBeUndefined();
    mesh.run(70_000);
    expect(mesh.nodes[0]!.nextHopTo(3 as NodeIndex)).toBeUndefined();
  });

  test("of more than 32 waiting the oldest is given up", () => {
    const mesh = new Mesh({ count: 2, link: () => 0 });
    for (let i = 0; i < 40; i += 1) mesh.send(0, 1, bytesOf("x"), TrafficClass.coordination, 9000);
    expect(mesh.nodes[0]!.counters.dropped.noRoute).toBe(8);
  });
});

describe("what goes no further is counted and told", () => {
  const dropsOf = (node: Network, input: NetworkIn, nowMs = 1000): string[] => {
    const outputs: NetworkOut[] = [];
    node.step(at(nowMs), input, (output) => outputs.push(output));
    return outputs.flatMap((it) => (it.kind === "dropped" ? [it.reason] : []));
  };
  const fresh = (): Network => new Network({ self: 0 as NodeIndex, seed: 1 });
  const send = (over: Partial<Extract<NetworkIn, { kind: "send" }>>): NetworkIn => ({
    kind: "send",
    to: 1 as NodeIndex,
    trafficClass: TrafficClass.coordination,
    payload: bytesOf("x"),
    expiresAt: at(5000),
    ...over,
  });
  const packet = (bytes: Uint8Array, from = 1): NetworkIn => ({
    kind: "packet",
    from: from as NodeIndex,
    bytes,
    rssiDbm: -70,
    snrDb: 24,
  });
  const data = (over: object, payload = [1]): Uint8Array => {
    const bytes = new Uint8Array(PACKET_HEADER_BYTES + payload.length);
    writeHeader(bytes, {
      trafficClass: TrafficClass.state,
      ackWanted: false,
      fragment: false,
      flood: false,
      linkSequence: 1,
      origin: 2 as NodeIndex,
      destination: 9 as NodeIndex,
      nextHop: 0 as NodeIndex,
      ttl: 8,
      hops: 1,
      sequence: 5,
      lifetimeMs: 500,
      ...over,
    });
    bytes.set(payload, PACKET_HEADER_BYTES);
    return bytes;
  };

  test("messages that are empty, too long, or too late", () => {
    const node = fresh();
    expect(dropsOf(node, send({ payload: new Uint8Array(0) }))).toEqual(["tooLarge"]);
    expect(dropsOf(node, send({ payload: new Uint8Array(65_536) }))).toEqual(["tooLarge"]);
    expect(dropsOf(node, send({ expiresAt: at(1000) }))).toEqual(["expired"]);
    expect(node.counters.dropped).toMatchObject({ tooLarge: 2, expired: 1 });
  });

  test("more bulk than the queue holds", () => {
    const node = fresh();
    const bulk = { payload: new Uint8Array(65_535), trafficClass: TrafficClass.bulk };
    const drops = Array.from({ length: 8 }, () => dropsOf(node, send({ ...bulk, to: BROADCAST })));
    expect(drops.flat()).toContain("queueFull");
  });

  test("packets at the end of their hops or their time, fragments that are none", () => {
    expect(dropsOf(fresh(), packet(data({ ttl: 1 })))).toEqual(["ttl"]);
    expect(dropsOf(fresh(), packet(data({ lifetimeMs: 0 })))).toEqual(["expired"]);
    const broken = data({ fragment: true, destination: 0 as NodeIndex });
    expect(dropsOf(fresh(), packet(broken))).toEqual(["malformed"]);
    const node = fresh();
    const fragment = { fragment: true, destination: 0 as NodeIndex, trafficClass: 4 };
    const part = (index: number, bytes: number): number[] => [0, 1, index, 2, 0, 0, bytes, 7, 7];
    dropsOf(node, packet(data(fragment, part(0, 4))));
    expect(dropsOf(node, packet(data({ ...fragment, sequence: 6 }, part(0, 3))))).toEqual([
      "malformed",
    ]);
    expect(dropsOf(node, { kind: "wake" }, 3000)).toEqual(["reassembly"]);
  });

  test("bytes of no kind, false acknowledgements, routes and beacons, oneself", () => {
    const node = fresh();
    const bad = [
      packet(Uint8Array.of(1, 2, 3, 4)),
      packet(Uint8Array.of(0x11, 0, 0, 0)),
      packet(Uint8Array.of(0x12, 9, 0, 0)),
      packet(Uint8Array.of(0x12, 0, 0, 0, 60, 0, 0)),
      packet(Uint8Array.of(0x10, 0x20, 0, 0)),
      packet(data({}), 0),
    ];
    for (const input of bad) expect(dropsOf(node, input)).toEqual(["malformed"]);
    const beacon = { kind: "beacon", rssiDbm: -70, snrDb: 24, trust: "claimed" } as const;
    const none = { ...beacon, from: 1 as NodeIndex, body: new Uint8Array(46) };
    expect(dropsOf(node, none)).toEqual(["malformed"]);
    expect(dropsOf(node, { ...none, from: 0 as NodeIndex })).toEqual([]);
  });

  test("a command that nobody acknowledges, after six tries or at its end", () => {
    const mesh = new Mesh({ count: 2, link: (from) => (from === 1 ? 1 : 0) });
    const outcome = (lifetimeMs: number): string[] => {
      mesh.outputs.length = 0;
      mesh.send(0, 1, bytesOf("go"), TrafficClass.coordination, lifetimeMs);
      mesh.run(mesh.nowMs + 900);
      return mesh.outputs.flatMap(({ output }) =>
        output.kind === "dropped" ? [output.reason] : [],
      );
    };
    // Node 1 is heard and claims to hear us, as a liar or a link that just broke would.
    const link = { peer: 0, ratio: 255, age: 0 };
    const hearClaim = (linkSequence: number): void => {
      const notes = { relay: true, ground: false, keyEpoch: 0, head: undefined };
      const body = encodeBeacon({
        sample: sampleAt(0, 0),
        plan: [],
        notes,
        linkSequence,
        originSequence: linkSequence,
        intervalMs: 1000,
        bootTag: 7,
        links: [link],
        routes: [],
        requests: [],
      });
      const from = 1 as NodeIndex;
      mesh.step(0, { kind: "beacon", from, body, rssiDbm: -70, snrDb: 24, trust: "claimed" });
    };
    mesh.run(1000);
    mesh.stopped.add(1);
    hearClaim(2000);
    expect(outcome(5000)).toEqual(["unacknowledged"]);
    hearClaim(2001);
    expect(outcome(20)).toEqual(["expired"]);
    expect(mesh.nodes[0]!.peer(1 as NodeIndex)?.trust).toBe("claimed");
  });

  test("acknowledgements for others are overheard in silence", () => {
    const ack = encodeAck(1, 9 as NodeIndex, [{ origin: 2, sequence: 5 }]);
    expect(dropsOf(fresh(), packet(ack))).toEqual([]);
  });
});

describe("the machine", () => {
  const world = (): Mesh =>
    new Mesh({
      count: 5,
      seed: 9,
      link: (from, to) => (Math.abs(from - to) <= 2 ? 0.9 : 0),
      plan: (node) => [{ position: sampleAt(node * 100 + 50, 20).position, afterS: 10 }],
    });
  const drive = (mesh: Mesh, reloadAtMs: readonly number[]): string => {
    for (let ms = 0; ms < 12_000; ms += 130) {
      mesh.run(ms);
      if (reloadAtMs.includes(ms)) mesh.nodes.forEach((_, node) => mesh.reload(node));
      const trafficClass = ((ms / 130) % 5) as TrafficClass;
      const bytes = trafficClass === TrafficClass.bulk ? 6000 : 40;
      mesh.send(0, ms % 4 === 0 ? BROADCAST : 4, new Uint8Array(bytes).fill(ms), trafficClass, 900);
    }
    mesh.run(13_000);
    return mesh.outputs
      .map(({ node, atMs, output }) => {
        const bytes = "bytes" in output ? toHex(output.bytes) : "";
        const body = "body" in output ? toHex(output.body) : "";
        return `${atMs} ${node} ${output.kind} ${bytes}${body}`;
      })
      .join("\n");
  };

  test("the same seed twice gives the same bytes at the same times", () => {
    expect(drive(world(), [])).toBe(drive(world(), []));
  });

  test("saved and loaded at any time, nobody can tell", () => {
    expect(drive(world(), [2600, 5200, 9230])).toBe(drive(world(), []));
  });

  test("two nodes that save the same state save the same bytes", () => {
    const [a, b] = [world(), world()];
    const saved = (mesh: Mesh): string => {
      mesh.run(3000);
      const writer = new ByteWriter();
      mesh.nodes[1]!.save(writer);
      return toHex(writer.take());
    };
    expect(saved(a)).toBe(saved(b));
  });

  test("nobody steps from inside an emit", () => {
    const mesh = new Mesh({ count: 1, link: all });
    const node = mesh.nodes[0]!;
    const notes = { relay: true, ground: false, keyEpoch: 0, head: undefined };
    node.step(at(0), { kind: "self", sample: sampleAt(0, 0), plan: [], notes }, () => {});
    expect(() => {
      node.step(at(1000), { kind: "wake" }, () => {
        node.step(at(1000), { kind: "wake" }, () => {});
      });
    }).toThrow("from inside an emit");
  });

  test("members keep their rows when strangers fill the table", () => {
    const node = new Network({ self: 0 as NodeIndex, seed: 1, peersMax: 32 });
    node.step(at(0), { kind: "members", members: [0, 1, 2] as NodeIndex[] }, () => {});
    const packet = (from: number, nowMs: number): void => {
      const bytes = Uint8Array.of(0x12, 0, 0, from, 0, 0, 0);
      const input = { kind: "packet", from: from as NodeIndex, bytes, rssiDbm: -70, snrDb: 24 };
      node.step(at(nowMs), input as NetworkIn, () => {});
    };
    for (let from = 100; from < 200; from += 1) packet(from, 70_000 * (from - 99));
    expect(node.peers).toHaveLength(32);
    expect(node.peer(1 as NodeIndex)?.state).toBe("unknown");
    expect(node.peer(1 as NodeIndex)?.ageMs).toBe(Infinity);
  });

  test("views: air time, presence, one peer", () => {
    const mesh = new Mesh({ count: 3, link: all });
    mesh.run(5000);
    const report = { radio: 0, busyRatio: 0.25, expiredCount: 0 };
    mesh.step(0, { kind: "channel", report });
    const { airTime, presence } = mesh.nodes[0]!;
    expect(airTime.ownRatio).toHaveLength(6);
    expect(airTime.ownRatio[5]).toBeGreaterThan(0);
    expect(airTime).toMatchObject({ busyRatio: 0.25, beaconIntervalMs: 1000 });
    expect(airTime.framesHz).toBeGreaterThan(0);
    expect(presence.peers[0]! + presence.peers[1]!).toBe(3);
    expect(presence.heardMs[0]).toBeGreaterThan(3500);
    const peer = mesh.nodes[0]!.peer(1 as NodeIndex)!;
    expect(peer).toMatchObject({ state: "up", trust: "verified", inAir: true, nextHop: 1 });
    expect(peer.etx).toBeCloseTo(1, 1);
    expect(peer.position.northM).toBe(100);
    expect(peer.head).toBeUndefined();
    expect(mesh.nodes[0]!.peer(9 as NodeIndex)).toBeUndefined();
  });
});

describe("any bytes", () => {
  test("as packets or beacons of anyone: never a throw, never an unbounded answer", () => {
    const first = fc.constantFrom(0x10, 0x11, 0x12, 0x01, 0x13);
    const input = fc.tuple(first, fc.uint8Array({ maxLength: 80 }), fc.nat(40), fc.boolean());
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        const node = new Network({ self: 0 as NodeIndex, seed: 1, peersMax: 32 });
        const notes = { relay: true, ground: false, keyEpoch: 0, head: undefined };
        let outputs = 0;
        const count = (): void => {
          outputs += 1;
        };
        node.step(at(0), { kind: "self", sample: sampleAt(0, 0), plan: [], notes }, count);
        inputs.forEach(([kind, rest, from, isBeacon], i) => {
          const bytes = Uint8Array.of(kind, ...rest);
          const signal = { from: from as NodeIndex, rssiDbm: -70, snrDb: 24 };
          const hostile: NetworkIn = isBeacon
            ? { kind: "beacon", body: bytes, trust: "claimed", ...signal }
            : { kind: "packet", bytes, ...signal };
          node.step(at(i * 7), hostile, count);
          node.step(at(i * 7 + 3), { kind: "wake" }, count);
        });
        expect(node.wakeAt()).toBeGreaterThan(0);
        expect(outputs).toBeLessThan(20 + 10 * inputs.length);
      }),
    );
  });

  test("a beacon with one byte changed is taken or refused, never thrown over", () => {
    const body = encodeBeacon({
      sample: sampleAt(10, 20),
      plan: [{ position: sampleAt(20, 20).position, afterS: 3 }],
      notes: { relay: true, ground: false, keyEpoch: 1, head: 2 as NodeIndex },
      linkSequence: 1,
      originSequence: 1,
      intervalMs: 1000,
      bootTag: 1,
      links: [{ peer: 0, ratio: 255, age: 1 }],
      routes: [{ destination: 5, sequence: 1, metric: 64 }],
      requests: [{ destination: 6, sequence: 1 }],
    });
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.nat(255), (index, value) => {
        const node = new Network({ self: 0 as NodeIndex, seed: 1 });
        const changed = body.slice();
        changed[index] = value;
        const signal = { from: 3 as NodeIndex, rssiDbm: NaN, snrDb: Infinity };
        const beacon = { kind: "beacon", trust: "claimed", ...signal } as const;
        for (const ms of [0, 10, 2000]) {
          node.step(at(ms), { ...beacon, body: changed }, () => {});
          node.step(at(ms + 1), { ...beacon, body }, () => {});
        }
      }),
    );
  });
});
