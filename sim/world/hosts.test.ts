import { describe, expect, test } from "vitest";
import { NEVER, type ByteReader, type ByteWriter, type MonotonicMs } from "../../src/base/mod.ts";
import type { Stimulus } from "../../src/node/mod.ts";
import { referenceScenario } from "../scenarios/reference.ts";
import { Hosts, type HostHooks } from "./hosts.ts";
import { groundOf, placeNodes, streamsOf, timelineOf } from "./setting.ts";
import { flightSlab } from "../flight/mod.ts";
import type { Seat, SimNode } from "./types.ts";

/** Notes what it is given; wants to be woken when told. */
class Probe implements SimNode {
  readonly seat: Seat;
  readonly given: [number, string][] = [];
  wake: number = NEVER;
  chargeBytes = 0;

  constructor(seat: Seat) {
    this.seat = seat;
  }

  step(now: MonotonicMs, input: Stimulus): void {
    this.given.push([now, input.kind]);
    if (this.chargeBytes > 0) this.seat.charge("aeadOpen", this.chargeBytes);
  }

  wakeAt(): MonotonicMs {
    return this.wake as MonotonicMs;
  }

  save(to: ByteWriter): void {
    to.u8(1);
  }

  load(from: ByteReader): void {
    from.u8();
  }
}

interface Rig {
  readonly hosts: Hosts<Probe>;
  readonly wakes: number[];
  readonly drains: number[];
}

function rig(driftPpm = 0, factor = 1): Rig {
  const wakes: number[] = [];
  const drains: number[] = [];
  const hooks: HostHooks<Probe> = {
    scheduleWake: (atUs) => wakes.push(atUs),
    scheduleDrain: (atUs) => drains.push(atUs),
    cpuFactor: () => factor,
    trace: () => undefined,
    perform: () => undefined,
    stepped: () => undefined,
    booted: () => undefined,
    crashed: () => undefined,
  };
  const scenario = referenceScenario({ seed: 1, vehicles: 1, overrides: { driftPpm } });
  return { hosts: new Hosts(scenario, (seat) => new Probe(seat), hooks), wakes, drains };
}

const kinds = (probe: Probe | undefined): string[] => (probe?.given ?? []).map(([, kind]) => kind);
const channel: Stimulus = {
  kind: "channel",
  report: { radio: 0, busyRatio: 0, expiredCount: 0 },
};
const sample = { kind: "vehicle", sample: {} } as unknown as Stimulus;

describe("a processor", () => {
  test("is busy after a step for what the step cost; what comes meanwhile waits its turn", () => {
    const { hosts, drains } = rig(0, 100);
    const host = hosts.list[1]!;
    hosts.start(host, 0);
    expect(host.freeUs).toBe(800);
    hosts.step(host, channel, 100);
    hosts.step(host, channel, 200);
    expect(kinds(host.node)).toEqual(["wake"]);
    expect(drains).toEqual([800]);
    hosts.onDrain(1, 800);
    expect(kinds(host.node)).toEqual(["wake", "channel"]);
    expect(drains).toEqual([800, 1600]);
    hosts.onDrain(1, 1600);
    expect(host.node?.given.map(([now]) => now)).toEqual([0, 0.8, 1.6]);
  });

  test("takes the newest of the vehicle samples that wait", () => {
    const { hosts } = rig(0, 1000);
    const host = hosts.list[1]!;
    hosts.start(host, 0);
    for (let i = 0; i < 5; i += 1) hosts.step(host, sample, 10 + i);
    expect(host.inbox).toHaveLength(1);
  });

  test("drops the oldest when its inbox is full, and counts", () => {
    const { hosts } = rig(0, 1e6);
    const host = hosts.list[1]!;
    hosts.start(host, 0);
    for (let i = 0; i < 600; i += 1) hosts.step(host, channel, 10);
    expect(host.inbox).toHaveLength(512);
    expect(host.dropped).toBe(88);
  });

  test("never drops an answer of the store or an operator's wish", () => {
    const { hosts } = rig(0, 1e6);
    const host = hosts.list[1]!;
    hosts.start(host, 0);
    const answer: Stimulus = { kind: "answer", answer: { ticket: 1, outcome: "done" } };
    const wish = { kind: "operator", draft: {} } as unknown as Stimulus;
    for (const stimulus of [answer, wish]) hosts.step(host, stimulus, 10);
    for (let i = 0; i < 600; i += 1) hosts.step(host, channel, 10);
    expect(host.dropped).toBe(90);
    expect(host.inbox.slice(0, 3)).toEqual([answer, wish, channel]);
  });

  test("is charged for cryptography by the table", () => {
    const { hosts } = rig();
    const host = hosts.list[1]!;
    hosts.start(host, 0);
    host.node!.chargeBytes = 1000;
    hosts.step(host, channel, 1000);
    // 8 us a step, and 2 + 5 a thousand bytes.
    expect(host.freeUs).toBe(1015);
  });
});

describe("a clock", () => {
  test("drifts, and a wake comes when the node's own clock says so, not before", () => {
    const { hosts, wakes } = rig(500);
    const host = hosts.list[1]!;
    hosts.start(host, 1_000_000);
    host.node!.wake = 2000;
    hosts.step(host, channel, 1_500_000);
    const atUs = wakes[0]!;
    expect(host.rate).not.toBe(1);
    expect(Math.abs(atUs - 3_000_000)).toBeLessThan(1_001);
    expect(hosts.localMs(host, atUs)).toBeGreaterThanOrEqual(2000);
    expect(hosts.localMs(host, atUs - 1)).toBeLessThan(2000);
    hosts.onWake(1, atUs);
    expect(kinds(host.node)).toEqual(["wake", "channel", "wake"]);
  });

  test("a node that wants to be woken in the past is not woken without end", () => {
    const { hosts, wakes } = rig();
    const host = hosts.list[1]!;
    hosts.start(host, 0);
    host.node!.wake = 0;
    hosts.step(host, channel, 1000);
    expect(wakes).toEqual([1100]);
  });

  test("a wake that was overtaken by another does nothing", () => {
    const { hosts } = rig();
    const host = hosts.list[1]!;
    hosts.start(host, 0);
    hosts.onWake(1, 55);
    expect(kinds(host.node)).toEqual(["wake"]);
  });
});

test("a setting: pads, batteries, the mast, a timeline from script and rates", () => {
  const scenario = referenceScenario({
    seed: 1,
    vehicles: 2,
    overrides: {
      faults: {
        script: [{ atS: 5, action: { kind: "kill", slot: 1 } }],
        rates: {
          ...referenceScenario({ seed: 1, vehicles: 1 }).faults.rates,
          rebootPerHour: 100,
          toS: 600,
        },
      },
    },
  });
  const ground = groundOf(scenario);
  const slab = flightSlab(3);
  placeNodes(scenario, slab, ground);
  expect([...slab.aglM]).toEqual([6, 0, 0]);
  expect([...slab.released]).toEqual([0, 1, 1]);
  expect(slab.altitudeM[1]).toBeCloseTo(ground.groundAmslM(slab.northM[1]!, slab.eastM[1]!), 6);
  const timeline = timelineOf(scenario, [1, 2]);
  expect(timeline[0]).toEqual(scenario.faults.script[0]);
  expect(timeline.length).toBeGreaterThan(8);
  const [a, b] = streamsOf(1, "x", 2);
  expect(a?.u32()).not.toBe(b?.u32());
});
