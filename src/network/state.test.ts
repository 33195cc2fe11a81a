import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, type NodeIndex } from "../base/mod.ts";
import { at, sampleAt } from "./mesh.test-support.ts";
import { createNet, drop, loadNet, NETWORK_DEFAULTS, nextLinkSequence, saveNet } from "./state.ts";
import type { Net, OwnState } from "./state.ts";
import { TrafficClass, type NetworkOut } from "./types.ts";

const fresh = (): Net => createNet({ ...NETWORK_DEFAULTS, self: 1 as NodeIndex, seed: 7 });

function reloaded(net: Net): Net {
  const writer = new ByteWriter();
  saveNet(net, writer);
  const loaded = createNet({ ...NETWORK_DEFAULTS, self: 1 as NodeIndex, seed: 8 });
  const reader = new ByteReader(writer.take());
  loadNet(loaded, reader);
  expect(reader.finish()).toBeUndefined();
  return loaded;
}

const own = (over: Partial<OwnState["sample"]>, head?: number): OwnState => ({
  sample: sampleAt(1.5, -2.5, over),
  plan: [{ position: sampleAt(9, 9).position, afterS: 4 }],
  notes: { relay: true, ground: false, keyEpoch: 3, head: head as NodeIndex | undefined },
  atMs: at(1234),
});

describe("the bag of a network machine", () => {
  test("what it says of itself comes back whole, also what is not known", () => {
    for (const state of [own({}, 4), own({ altitudeAglM: undefined, mode: "rtl" }), undefined]) {
      const net = fresh();
      net.own = state;
      expect(reloaded(net).own).toEqual(state);
    }
  });

  test("numbers and counters come back", () => {
    const net = fresh();
    nextLinkSequence(net);
    net.counters.sent = 5;
    drop({ net, now: at(0), emit: () => {} }, "ttl", {
      trafficClass: TrafficClass.state,
      origin: 2 as NodeIndex,
    });
    const loaded = reloaded(net);
    for (const it of [net, loaded]) {
      expect(it.counters).toMatchObject({ sent: 5, dropped: { ttl: 1, expired: 0 } });
    }
    expect(loaded.linkSequence).toBe(net.linkSequence);
    expect(loaded.stream.u32()).toBe(net.stream.u32());
    expect([loaded.bootTag, loaded.sequence]).toEqual([net.bootTag, net.sequence]);
  });

  test("another seed, as after a restart, begins at other numbers", () => {
    const again = createNet({ ...NETWORK_DEFAULTS, self: 1 as NodeIndex, seed: 8 });
    expect(again.bootTag).not.toBe(fresh().bootTag);
    expect(again.sequence).not.toBe(fresh().sequence);
  });

  test("the link sequence turns over", () => {
    const net = fresh();
    net.linkSequence = 0xffff;
    expect([nextLinkSequence(net), nextLinkSequence(net)]).toEqual([0, 1]);
  });

  test("a drop is counted and told", () => {
    const net = fresh();
    const outputs: NetworkOut[] = [];
    const what = { trafficClass: TrafficClass.bulk, origin: 3 as NodeIndex };
    drop({ net, now: at(0), emit: (it) => outputs.push(it) }, "queueFull", what);
    expect(outputs).toEqual([{ kind: "dropped", reason: "queueFull", ...what }]);
  });
});
