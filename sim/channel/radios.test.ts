import { expect, test } from "vitest";
import { ByteReader, ByteWriter, TimeHeap } from "../../src/base/mod.ts";
import { CLUSTER_RADIO, COMMON_RADIO, type RadioIndex } from "../../src/hal/mod.ts";
import { Radios, type Links } from "./mod.ts";

const END = 1 << 20;

interface Heard {
  readonly radio: RadioIndex;
  readonly from: number;
  readonly to: number;
}

/** Nodes on one spot: everyone in everyone's reach. */
class Spot {
  readonly heap: TimeHeap = new TimeHeap();
  readonly heard: Heard[] = [];
  readonly radios: Radios;
  /** Idle for so long that what comes now is sent at once. */
  nowUs = 1000;

  constructor(nodes: number) {
    this.radios = new Radios({
      emitterCount: nodes,
      listenerCount: nodes,
      seed: 1,
      mcs: 0,
      powerMw: 40,
      noiseMw: 10 ** -9.4,
      carrierSenseMw: 10 ** -8.2,
      queueFrames: 10,
      links: everyoneAlike(nodes),
      scheduleAccess: (atUs, slot) => this.heap.push(atUs, slot),
      scheduleEnd: (atUs, index) => this.heap.push(atUs, END + index),
      awake: () => true,
      cut: () => false,
      deliver: ({ radio, from, to }) => this.heard.push({ radio, from, to }),
    });
  }

  send(radio: RadioIndex, slot: number): boolean {
    return this.radios.send(radio, slot, {
      bytes: Uint8Array.of(slot),
      airBytes: 300,
      access: 2,
      readyUs: this.nowUs,
      expiresUs: this.nowUs + 500_000,
      destination: -1,
      retries: 0,
    });
  }

  run(untilUs: number): readonly Heard[] {
    this.heard.length = 0;
    while (this.heap.nextTime() <= untilUs) {
      this.nowUs = this.heap.nextTime();
      const payload = this.heap.pop();
      if (payload >= END) this.radios.onEnd(this.nowUs, payload - END);
      else this.radios.onAccess(this.nowUs, payload);
    }
    this.nowUs = untilUs;
    return [...this.heard];
  }
}

/** Links of one strength without fading, so that nobody captures a frame from another. */
function everyoneAlike(nodes: number): Links {
  const gains = new Float64Array(nodes).fill(1e-7);
  const all = Array.from({ length: nodes }, (_, slot) => slot);
  return {
    near: (slot) => ({
      slot,
      count: nodes - 1,
      slots: Uint32Array.from(all.filter((other) => other !== slot)),
      gain: gains,
      untilUs: gains,
      profile: new Float32Array(nodes),
      profileM: new Float64Array(nodes),
      look: 1,
    }),
    gainAt: () => 1e-7,
    fadeAt: () => 1,
    gain: () => 1e-7,
  };
}

test("on a cluster's channel only those hear that are tuned to it", () => {
  const spot = new Spot(5);
  for (const [slot, channel] of [1, 1, 2, 2].entries()) spot.radios.tune(slot, channel);
  spot.send(CLUSTER_RADIO, 0);
  expect(spot.run(10_000)).toEqual([{ radio: CLUSTER_RADIO, from: 0, to: 1 }]);
  spot.send(COMMON_RADIO, 0);
  expect(spot.run(20_000).map(({ to }) => to)).toEqual([1, 2, 3, 4]);
  expect(spot.send(CLUSTER_RADIO, 4), "its second radio is off").toBe(false);
});

test("a station with a receiver for each channel hears all of them and speaks on none", () => {
  const spot = new Spot(4);
  for (const [slot, channel] of [1, 2, 2, 255].entries()) spot.radios.tune(slot, channel);
  spot.send(CLUSTER_RADIO, 0);
  spot.send(CLUSTER_RADIO, 1);
  expect(spot.run(10_000).map(({ from, to }) => [from, to])).toEqual([
    [0, 3],
    [1, 2],
    [1, 3],
  ]);
  expect(spot.send(CLUSTER_RADIO, 3)).toBe(false);
  expect(spot.radios.channelsInUse).toBe(2);
});

test("channels are collision domains of their own; both radios of a node speak at once", () => {
  const spot = new Spot(8);
  for (let slot = 0; slot < 8; slot += 1) spot.radios.tune(slot, 1 + (slot % 4));
  for (let slot = 0; slot < 4; slot += 1) spot.send(CLUSTER_RADIO, slot);
  spot.send(COMMON_RADIO, 0);
  // Five frames of the same microsecond: on one channel no two of them would be heard.
  expect(spot.run(2000)).toHaveLength(4 + 7);
  const busy = spot.radios.takeReports(5).map(({ radio, busyRatio }) => [radio, busyRatio > 0]);
  expect(busy).toEqual([
    [COMMON_RADIO, true],
    [CLUSTER_RADIO, true],
  ]);
});

test("two senders of one channel collide there as everywhere", () => {
  const spot = new Spot(4);
  for (let slot = 0; slot < 4; slot += 1) spot.radios.tune(slot, 3);
  spot.send(CLUSTER_RADIO, 0);
  spot.send(CLUSTER_RADIO, 1);
  expect(spot.run(2000)).toEqual([]);
  expect(spot.radios.counters.collided).toBeGreaterThan(0);
});

test("who is tuned to another channel has left the first, what waited included", () => {
  const spot = new Spot(3);
  for (let slot = 0; slot < 3; slot += 1) spot.radios.tune(slot, 1);
  spot.send(CLUSTER_RADIO, 0);
  spot.radios.tune(0, 2);
  expect(spot.run(10_000)).toEqual([]);
  expect(spot.radios.channelsInUse).toBe(2);
});

test("a saved pair of radios goes on as it was", () => {
  const story = (reload: boolean): readonly Heard[] => {
    let spot = new Spot(3);
    for (let slot = 0; slot < 3; slot += 1) spot.radios.tune(slot, 1);
    spot.radios.jam(2, 1);
    spot.send(CLUSTER_RADIO, 0);
    spot.send(CLUSTER_RADIO, 0);
    if (reload) {
      const writer = new ByteWriter();
      spot.radios.save(writer);
      spot.heap.save(writer);
      spot = new Spot(3);
      const reader = new ByteReader(writer.take());
      spot.radios.load(reader);
      spot.heap.load(reader);
      expect(reader.finish()).toBeUndefined();
    }
    return spot.run(20_000);
  };
  expect(story(true)).toEqual(story(false));
  expect(story(false)).toHaveLength(2);
});
