import { describe, expect, test } from "vitest";
import type { NodeIndex } from "../base/mod.ts";
import { BeaconFlag, decodeBeacon, type BeaconFields } from "./beacon.ts";
import { at, sampleAt } from "./mesh.test-support.ts";
import { LinkState, obtainRow } from "./peers.ts";
import { hearRoutesPacket, refresh, selfMotion, sendBeacon, sendRoutes } from "./presence.ts";
import { createNet, NETWORK_DEFAULTS, type Net } from "./state.ts";
import type { NetworkOut } from "./types.ts";

const notes = { relay: true, ground: false, keyEpoch: 0, head: undefined };

function started(over: Parameters<typeof sampleAt>[2] = {}): Net {
  const net = createNet({ ...NETWORK_DEFAULTS, self: 0 as NodeIndex, seed: 1 });
  net.own = { sample: sampleAt(0, 0, over), plan: [], notes, atMs: at(0) };
  return net;
}

function beaconOf(net: Net, now = 0): BeaconFields | undefined {
  const outputs: NetworkOut[] = [];
  net.nowMs = at(now);
  sendBeacon({ net, now: at(now), emit: (it) => outputs.push(it) });
  const [output] = outputs;
  const read = output?.kind === "beacon" ? decodeBeacon(output.body) : undefined;
  return read?.ok === true ? read.value : undefined;
}

/** A peer in the air at a place, moving. */
function peerAt(net: Net, northM: number, northMps = 0): number {
  const row = obtainRow(net.table, 5, 0);
  net.table.state[row] = LinkState.up;
  net.table.heardMs[row] = 0;
  net.table.flags[row] = BeaconFlag.inAir | BeaconFlag.positionValid;
  net.table.northM[row] = northM;
  net.table.altitudeM[row] = 100;
  net.table.northMps[row] = northMps;
  return row;
}

describe("how often", () => {
  test("four times a second when another comes near or a link is about to break", () => {
    const intervalMs = (prepare: (net: Net) => void, over = {}): number | undefined => {
      const net = started(over);
      prepare(net);
      return beaconOf(net)?.intervalMs;
    };
    expect(intervalMs(() => undefined)).toBe(1000);
    expect(intervalMs((net) => peerAt(net, 50))).toBe(250);
    expect(intervalMs((net) => peerAt(net, 500))).toBe(1000);
    expect(intervalMs((net) => peerAt(net, 500, -50))).toBe(250);
    expect(intervalMs((net) => peerAt(net, 500, -30))).toBe(1000);
    expect(intervalMs((net) => peerAt(net, 50), { inAir: false })).toBe(1000);
    expect(intervalMs((net) => peerAt(net, 50), { positionValid: false })).toBe(1000);
    expect(intervalMs((net) => (net.table.warned[peerAt(net, 500)] = 1))).toBe(250);
  });

  test("nothing goes out before the own state is known", () => {
    const net = createNet({ ...NETWORK_DEFAULTS, self: 0 as NodeIndex, seed: 1 });
    expect(beaconOf(net)).toBeUndefined();
    expect(selfMotion(net)).toBeUndefined();
  });
});

describe("what is in it", () => {
  test("links heard in the last 25 s, by turns when there are more than sixteen", () => {
    const net = started();
    for (let peer = 1; peer <= 40; peer += 1) {
      const row = obtainRow(net.table, peer, 0);
      net.table.heardMs[row] = peer === 40 ? -30_000 : 0;
      net.table.inRatio[row] = 1;
    }
    const told = [1, 2, 3].flatMap(() => beaconOf(net)!.links.map((it) => it.peer));
    expect(told.slice(0, 39).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 39 }, (_, i) => i + 1),
    );
    expect(told).not.toContain(40);
  });

  test("urgent routes of more than one packet's room go in the next", () => {
    const net = started();
    for (let peer = 1; peer <= 100; peer += 1) {
      const row = obtainRow(net.table, peer, 0);
      net.table.urgent[row] = 1;
      net.table.retractUntilMs[row] = 9000;
    }
    const outputs: NetworkOut[] = [];
    const turn = { net, now: at(0), emit: (it: NetworkOut): void => void outputs.push(it) };
    sendRoutes(turn);
    expect(net.routing.hasUrgent).toBe(true);
    sendRoutes(turn);
    expect(net.routing.hasUrgent).toBe(false);
    const counts = outputs.map((it) => (it.kind === "transmit" ? it.bytes[1] : undefined));
    expect(counts).toEqual([64, 36]);
  });

  test("a routes packet with more than its bounds is refused", () => {
    const net = started();
    const row = obtainRow(net.table, 5, 0);
    const packet = (routes: number, requests: number): Uint8Array => {
      const bytes = new Uint8Array(7 + 6 * routes + 4 * requests);
      bytes.set([0x12, routes, 0, 0, requests]);
      return bytes;
    };
    expect(hearRoutesPacket(net, row, packet(64, 32), 0)).toBe(true);
    expect(hearRoutesPacket(net, row, packet(65, 0), 0)).toBe(false);
    expect(hearRoutesPacket(net, row, packet(0, 33), 0)).toBe(false);
  });
});

test("own motion: extrapolated, with the points of the plan that are still to come", () => {
  const velocity = { northMps: 10, eastMps: 0, downMps: -1 };
  const net = started({ velocity });
  const place = sampleAt(100, 0).position;
  const plan = [2, 6].map((afterS) => ({ position: place, afterS }));
  net.own = { ...net.own!, plan };
  net.nowMs = at(3000);
  expect(selfMotion(net)).toMatchObject({
    northM: 30,
    altitudeM: 103,
    northMps: 10,
    plan: [{ northM: 100, afterS: 3 }],
  });
});

test("a link that was up and fell silent is told once", () => {
  const net = started();
  const row = peerAt(net, 100);
  net.table.inRatio[row] = 1;
  const outputs: NetworkOut[] = [];
  for (const now of [5000, 5500]) {
    net.nowMs = at(now);
    refresh({ net, now: at(now), emit: (it) => outputs.push(it) });
  }
  expect(outputs).toEqual([{ kind: "neighborDown", peer: 5, predicted: false }]);
  expect(net.upCount).toBe(0);
});
