import { describe, expect, test } from "vitest";
import { BROADCAST, type NodeIndex } from "../base/mod.ts";
import { airShare, hearPacket, nextHopTo, pump, sendMessage } from "./forwarding.ts";
import { at, sampleAt } from "./mesh.test-support.ts";
import { PACKET_HEADER_BYTES, readHeader, writeHeader, type PacketHeader } from "./packet.ts";
import { LinkState, obtainRow } from "./peers.ts";
import { createNet, NETWORK_DEFAULTS, type Net } from "./state.ts";
import { TrafficClass, type NetworkOut } from "./types.ts";

const self = 0 as NodeIndex;
const fresh = (): Net => createNet({ ...NETWORK_DEFAULTS, self, seed: 1 });

/** A neighbor with a perfect link, and the route to it. */
function neighbor(net: Net, peer: number, northM = 0): number {
  const row = obtainRow(net.table, peer, 0);
  net.table.state[row] = LinkState.up;
  net.table.heardMs[row] = 0;
  net.table.outMs[row] = 0;
  net.table.inRatio[row] = 1;
  net.table.outRatio[row] = 1;
  net.table.flags[row] = 1;
  net.table.beaconMs[row] = 0;
  net.table.northM[row] = northM;
  net.table.via[row] = row;
  net.table.metric[row] = 64;
  return row;
}

interface Sent {
  readonly output: Extract<NetworkOut, { kind: "transmit" }>;
  readonly header: PacketHeader;
}

function sent(outputs: readonly NetworkOut[]): Sent[] {
  return outputs.flatMap((output) => {
    if (output.kind !== "transmit") return [];
    const header = readHeader(output.bytes);
    return header.ok ? [{ output, header: header.value }] : [];
  });
}

function sending(net: Net, over: object): NetworkOut[] {
  const outputs: NetworkOut[] = [];
  const turn = { net, now: at(0), emit: (it: NetworkOut): void => void outputs.push(it) };
  sendMessage(turn, {
    kind: "send",
    to: 1 as NodeIndex,
    trafficClass: TrafficClass.command,
    payload: new Uint8Array(10),
    expiresAt: at(200),
    ...over,
  });
  pump(turn);
  return outputs;
}

describe("what a message becomes", () => {
  test("a command: one packet for the next hop, to be acknowledged, in the voice class", () => {
    const net = fresh();
    neighbor(net, 1);
    const [it, ...more] = sent(sending(net, {}));
    expect(more).toEqual([]);
    expect(it!.output).toMatchObject({ nextHop: 1, access: "voice", expiresAt: 200 });
    expect(it!.header).toMatchObject({ ackWanted: true, flood: false, lifetimeMs: 200, ttl: 32 });
    expect(net.retries.length).toBe(1);
  });

  test("classes have their access on the air; bulk asks for no acknowledgement", () => {
    const access = [0, 1, 2, 3, 4].map((trafficClass) => {
      const net = fresh();
      neighbor(net, 1);
      const [it] = sent(sending(net, { trafficClass }));
      return [it!.output.access, it!.header.ackWanted, it!.header.flood];
    });
    expect(access).toEqual([
      ["voice", false, true],
      ["voice", true, false],
      ["bestEffort", true, false],
      ["video", true, false],
      ["background", false, false],
    ]);
  });

  test("a long one: fragments, with more parity the longer and the worse the way", () => {
    const count = (over: object, prepare: (net: Net, row: number) => void): number => {
      const net = fresh();
      prepare(net, neighbor(net, 1));
      const payload = new Uint8Array(20_000);
      sending(net, { payload, trafficClass: TrafficClass.bulk, ...over });
      return net.queue.length + net.meter.framesHz(0);
    };
    const good = count({}, () => undefined);
    const lossy = count({}, (net, row) => (net.table.outRatio[row] = 0.8));
    const far = count({}, (net, row) => (net.table.metric[row] = 64 * 4));
    const reliable = count({ trafficClass: TrafficClass.coordination }, () => undefined);
    const all = count({ to: BROADCAST }, (net, row) => (net.table.outRatio[row] = 0.8));
    expect(reliable).toBe(18);
    expect(good).toBeGreaterThan(reliable);
    expect(lossy).toBeGreaterThan(good);
    expect(far).toBeGreaterThan(good);
    expect(all).toBe(lossy);
  });

  test("more acknowledgements than can be awaited are not awaited", () => {
    const net = fresh();
    neighbor(net, 1);
    for (let i = 0; i < 70; i += 1) sending(net, {});
    expect(net.retries.length).toBe(64);
    expect(net.counters.sent).toBe(70);
  });
});

describe("a cell too full to speak at once", () => {
  const crowded = (): Net => {
    const net = fresh();
    for (let peer = 1; peer <= 12; peer += 1) neighbor(net, peer);
    return net;
  };
  const laterAt = (net: Net, ms: number): number => {
    const outputs: NetworkOut[] = [];
    pump({ net, now: at(ms), emit: (it) => outputs.push(it) });
    return sent(outputs).length;
  };

  test("what a node has to say waits for a moment of its own", () => {
    const net = crowded();
    expect(sent(sending(net, {}))).toEqual([]);
    const untilMs = net.holdUntilMs;
    expect(untilMs).toBeGreaterThan(0);
    expect(untilMs).toBeLessThanOrEqual(18);
    expect([untilMs - 0.01, untilMs].map((ms) => laterAt(net, ms))).toEqual([0, 1]);
  });

  test("not an emergency, and not what is agreed on by all", () => {
    const net = crowded();
    sending(net, {});
    const emergency = sending(net, { to: BROADCAST, trafficClass: TrafficClass.emergency });
    expect(sent(emergency)).toHaveLength(1);
    const toAll = sending(net, { to: BROADCAST, trafficClass: TrafficClass.coordination });
    expect(sent(toAll)).toHaveLength(2);
    expect(net.confirmations.nextDueMs()).toBe(Infinity);
  });
});

describe("the next hop", () => {
  test("of neighbors with a lossy link none is chosen greedily", () => {
    const net = fresh();
    net.own = {
      sample: sampleAt(0, 0),
      plan: [],
      notes: { relay: true, ground: false, keyEpoch: 0, head: undefined },
      atMs: at(0),
    };
    const far = neighbor(net, 9, 1000);
    net.table.via[far] = -1;
    net.table.state[far] = LinkState.down;
    const near = neighbor(net, 1, 400);
    neighbor(net, 2, -50);
    expect(nextHopTo(net, 9 as NodeIndex)).toBe(1);
    net.table.inRatio[near] = 0.5;
    expect(nextHopTo(net, 9 as NodeIndex)).toBeUndefined();
    net.own = undefined;
    net.table.inRatio[near] = 1;
    expect(nextHopTo(net, 9 as NodeIndex)).toBeUndefined();
  });
});

describe("the share of the air", () => {
  test("all that planning allows, less what others use, at least a fair part", () => {
    const net = fresh();
    expect(airShare(net, 0)).toBe(0.7);
    net.upCount = 9;
    net.meter.reported(0.5);
    expect(airShare(net, 0)).toBeCloseTo(0.2, 9);
    net.meter.reported(0.9);
    expect(airShare(net, 0)).toBeCloseTo(0.07, 9);
    net.upCount = 99;
    expect(airShare(net, 0)).toBe(0.02);
  });
});

describe("forwarding", () => {
  const hear = (net: Net, count: number): NetworkOut[] => {
    const outputs: NetworkOut[] = [];
    const turn = { net, now: at(0), emit: (it: NetworkOut): void => void outputs.push(it) };
    for (let i = 0; i < count; i += 1) {
      const bytes = new Uint8Array(PACKET_HEADER_BYTES + 1);
      writeHeader(bytes, {
        trafficClass: TrafficClass.coordination,
        ackWanted: true,
        fragment: false,
        flood: false,
        linkSequence: i,
        origin: 5 as NodeIndex,
        destination: 9 as NodeIndex,
        nextHop: self,
        ttl: 8,
        hops: 255,
        sequence: i,
        lifetimeMs: 500,
      });
      const from = 1 as NodeIndex;
      hearPacket(turn, { kind: "packet", from, bytes, rssiDbm: -70, snrDb: 24 });
    }
    pump(turn);
    return outputs;
  };

  test("a full queue drops the newcomer and says so; acknowledgements share a packet", () => {
    const net = fresh();
    const row = neighbor(net, 9);
    net.queue.spend(90_000);
    const outputs = hear(net, 140);
    expect(outputs.filter((it) => it.kind === "dropped")).toHaveLength(12);
    const acks = outputs.filter((it) => it.kind === "transmit");
    expect(acks.map((it) => [it.nextHop, it.bytes[1]])).toEqual([[1, 32]]);
    expect(row).toBe(0);
  });

  test("a packet goes on with a hop less to live and never more hops than can be told", () => {
    const net = fresh();
    neighbor(net, 9);
    const [it] = sent(hear(net, 1));
    expect(it!.header).toMatchObject({ nextHop: 9, ttl: 7, hops: 255, origin: 5 });
  });
});
