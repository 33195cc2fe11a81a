/** The node as a whole on a perfect wire: at boot, with orders, with strangers' words. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  InvariantError,
  monotonicMs,
  nodeIndex,
  toHex,
} from "../base/mod.ts";
import { agreedFacts, changesOf, heldLeases, lastEpoch } from "./agreed-facts.ts";
import { STORE_BOOT, bootCountOf, bootRecord } from "./boot-record.ts";
import { readNodeState, writeNodeState } from "./node-state.ts";
import { Wire } from "./wire.test-support.ts";
import type { Stimulus } from "./types.ts";

let wire: Wire;
beforeEach(() => {
  wire = new Wire(3);
});

const kinds = (given: Wire, node: number): string[] =>
  given.events.filter((event) => event.node === node).map(({ detail }) => detail.kind);

const saved = (given: Wire, slot: number): Uint8Array => {
  const to = new ByteWriter();
  given.nodes[slot]!.save(to);
  return to.take();
};

describe("from power-up", () => {
  test("four nodes elect a head, shake hands with it and share a key epoch", () => {
    wire.run(8000);
    const leaders = new Set(wire.nodes.map((node) => node.layers.consensus.leader));
    expect(leaders.size).toBe(1);
    for (const node of wire.nodes) expect(node.layers.security.epoch).toBe(1);
    expect(lastEpoch(wire.nodes[0]!.layers.consensus.state)).toBe(1);
    expect(kinds(wire, 0)).toContain("sessionOpened");
    expect([...wire.nodes[0]!.bootNonces.keys()].sort()).toEqual([1, 2, 3]);
    expect(wire.nodes[0]!.networkTime(monotonicMs(wire.nowMs)).errorMs).toBeLessThan(10);
  });

  test("the station beacons from where it stands, vehicles from where they are", () => {
    wire.run(4000);
    const row = wire.nodes[1]!.layers.network.peer(nodeIndex(0));
    expect(row).toMatchObject({ ground: true, state: "up", trust: "verified" });
    expect(wire.nodes[0]!.layers.network.peer(nodeIndex(2))?.position.northM).toBeCloseTo(40, 1);
  });

  test("each boot is counted in the store; a damaged record counts as none", () => {
    const recovered = [{ name: STORE_BOOT, records: [bootRecord(6)] }];
    expect(bootCountOf(recovered)).toBe(6);
    expect(bootCountOf([{ name: STORE_BOOT, records: [Uint8Array.of(1)] }])).toBe(0);
    expect(bootCountOf([])).toBe(0);
  });
});

describe("orders", () => {
  test("a hold acts everywhere and everybody's word comes back", () => {
    wire.run(8000);
    wire.give({ kind: "hold" });
    wire.run(10_000);
    const [record] = wire.nodes[0]!.orders;
    expect(record?.rows.every(({ step }) => step === "acting" || step === "done")).toBe(true);
    expect(wire.nodes[3]!.orders).toHaveLength(1);
  });

  test("arming needs the order that names this boot; then the swarm layer may arm", () => {
    wire.run(8000);
    wire.give({ kind: "start" });
    wire.run(10_000);
    expect(wire.commands).toEqual([]);
    const bindings = [1, 2].map((slot) => ({
      vehicle: nodeIndex(slot),
      bootNonce: wire.nodes[slot]!.layers.security.bootNonce,
    }));
    wire.give({ kind: "arm", bindings, takeoffAltitudeAglM: 30 }, [nodeIndex(1), nodeIndex(2)]);
    wire.run(14_000);
    const arming = new Set(wire.commands.filter(({ kind }) => kind === "arm").map((c) => c.node));
    // They take off in turn; the first never leaves its pad, so the next one waits for it.
    expect(arming.size).toBe(1);
    expect([1, 2]).toEqual(expect.arrayContaining([...arming]));
  });

  test("after a reboot the same log arms nobody and the boot is a new one", () => {
    wire.run(8000);
    wire.give({ kind: "start" });
    const before = wire.nodes[1]!.layers.security.bootNonce;
    const bindings = [{ vehicle: nodeIndex(1), bootNonce: before }];
    wire.give({ kind: "arm", bindings, takeoffAltitudeAglM: 30 }, [nodeIndex(1)]);
    wire.run(10_000);
    wire.reboot(1);
    wire.commands.length = 0;
    wire.run(20_000);
    expect(wire.nodes[1]!.layers.security.bootNonce).not.toBe(before);
    expect(wire.nodes[1]!.identity.bootCount).toBe(2);
    expect(wire.nodes[1]!.layers.consensus.state.mission.phase).toBe("started");
    expect(wire.commands.filter(({ kind, node }) => kind === "arm" && node === 1)).toEqual([]);
    expect(wire.nodes[1]!.layers.swarm.dutyReason).toBe("not granted in this boot");
    const [start] = wire.nodes[0]!.orders;
    expect(start?.rows.some(({ step }) => step === "refused")).toBe(false);
  });

  test("an evicted member is heard no more and the rest get keys that it lacks", () => {
    wire.run(8000);
    wire.give({ kind: "evict", member: nodeIndex(3) });
    wire.run(16_000);
    const { consensus, security } = wire.nodes[0]!.layers;
    expect(consensus.members).not.toContain(3);
    expect(security.isRevoked(nodeIndex(3))).toBe(true);
    expect(security.epoch).toBeGreaterThan(1);
    expect(security.beaconGeneration).toBe(1);
    expect(wire.nodes[3]!.layers.security.epoch).toBe(1);
    expect(kinds(wire, 1)).toContain("evicted");
  });

  test("a clue and a verdict reach the agreed state, and whoever starts anew from it", () => {
    wire.run(8000);
    const report = {
      sequence: 1,
      position: { northM: 5, eastM: 6, altitudeAmslM: 500 },
      errorM: 8,
      confidence: 0.9,
      imageRef: "image",
    };
    wire.step(2, { kind: "sensor", report });
    wire.run(9000);
    const { state } = wire.nodes[0]!.layers.consensus;
    const [id = 0] = state.detections.entries()[0] ?? [];
    wire.give({ kind: "confirm", detectionId: id });
    const clue = {
      clueKind: "item",
      northM: 1,
      eastM: 2,
      radiusM: 50,
      likelihoodRatio: 4,
    } as const;
    wire.give({ kind: "addClue", clue });
    wire.run(11_000);
    const told = changesOf(state).map(({ kind }) => kind);
    expect(told).toEqual(expect.arrayContaining(["detection", "verdict", "clue"]));
    expect(heldLeases(state)).toEqual([]);
    expect(agreedFacts(wire.nodes[0]!.layers.consensus)).toMatchObject({ joint: false, lost: [] });
  });
});

describe("a node that falls silent", () => {
  test("is declared lost by the head, let go, and taken in again when it speaks", () => {
    wire.run(8000);
    const leader = wire.nodes[0]!.layers.consensus.leader ?? 0;
    const victim = [1, 2, 3].find((slot) => slot !== leader)!;
    wire.deaf.add(victim);
    wire.run(60_000);
    expect(kinds(wire, 0)).toContain("dead");
    expect(wire.nodes[0]!.layers.consensus.members).not.toContain(victim);
    wire.deaf.delete(victim);
    wire.run(80_000);
    expect(wire.nodes[0]!.layers.consensus.members).toContain(victim);
    const epochs = new Set(wire.nodes.map((node) => node.layers.security.epoch));
    expect(epochs.size).toBe(1);
  });
});

describe("bytes and words of strangers", () => {
  test("any datagram is refused and counted, never thrown", () => {
    wire.run(5000);
    for (let length = 0; length < 200; length += 7) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
      const datagram = { radio: 0, bytes, rssiDbm: -50, snrDb: 20 };
      wire.step(1, { kind: "datagram", datagram });
    }
    const refused = [...wire.nodes[1]!.layers.security.refused.values()];
    expect(refused.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
  });

  test("a store that is full is told, the node goes on", () => {
    wire.run(1000);
    wire.step(1, { kind: "answer", answer: { ticket: 0x40000001, outcome: "full" } });
    expect(wire.nodes[1]!.refusals).toContainEqual({ reason: "store full", count: 1 });
  });

  test("stepping a node from its own emit breaks an invariant", () => {
    const [node] = wire.nodes;
    const again = (): void => node?.step(monotonicMs(1), { kind: "wake" }, () => undefined);
    expect(() => node?.step(monotonicMs(0), { kind: "wake" }, again)).toThrow(InvariantError);
  });
});

describe("a saved node", () => {
  test("goes on in another as if nothing had been", () => {
    wire.run(9000);
    wire.give({ kind: "hold" });
    wire.run(9500);
    const bytes = saved(wire, 2);
    wire.replace(2, (fresh) => {
      fresh.load(new ByteReader(bytes));
    });
    expect(toHex(saved(wire, 2))).toBe(toHex(bytes));
    wire.run(14_000);
    expect(wire.nodes[2]!.layers.consensus.leader).toBe(wire.nodes[0]!.layers.consensus.leader);
    const [head, copy] = [wire.nodes[0]!, wire.nodes[2]!].map(({ layers }) => layers.consensus);
    expect(copy!.commitIndex).toBe(head!.commitIndex);
    expect(wire.nodes[2]!.sample?.mode).toBe("idle");
    expect(wire.nodes[2]!.duty).toBe("grounded");
  });

  test("nothing is sent before the count of the boot is durable, and then it is", () => {
    const wire = new Wire(1);
    const node = wire.nodes[1]!;
    const kinds: string[] = [];
    const tickets: number[] = [];
    const step = (atMs: number, stimulus: Stimulus): void => {
      node.step(monotonicMs(atMs), stimulus, (effect) => {
        kinds.push(effect.kind);
        if (effect.kind === "ask" && effect.request.name === "boot") tickets.push(effect.ticket);
      });
    };
    for (let atMs = 0; atMs < 500; atMs += 10) step(atMs, { kind: "wake" });
    expect(tickets).toHaveLength(1);
    expect(kinds).not.toContain("transmit");
    step(500, { kind: "answer", answer: { ticket: tickets[0]!, outcome: "done" } });
    for (let atMs = 500; atMs < 40_000; atMs += 50) step(atMs, { kind: "wake" });
    expect(kinds).toContain("transmit");
  });

  test("its own share of the state survives with nothing set", () => {
    const to = new ByteWriter();
    writeNodeState(to, {
      now: monotonicMs(5),
      started: false,
      sample: undefined,
      plan: [{ position: { northM: 1, eastM: 2, altitudeAmslM: 3 }, afterS: 4 }],
      duty: "hold",
      ownTicket: 7,
      bootKept: true,
      bootNonces: new Map([[nodeIndex(1), 9n]]),
      refusals: new Map([["x", 2]]),
    });
    const state = readNodeState(new ByteReader(to.take()));
    expect(state).toMatchObject({ duty: "hold", bootKept: true });
    expect(state.plan[0]?.afterS).toBe(4);
    expect(state.bootNonces.get(nodeIndex(1))).toBe(9n);
  });
});
