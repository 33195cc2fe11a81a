/**
 * A captured vehicle with its keys, against real nodes and their real sealing: what it says is
 * properly sealed and signed with its own credential, or sealed in another's name where the shared
 * keys allow that. Each story is an attack that once worked.
 */
import { beforeEach, describe, expect, test } from "vitest";
import { monotonicMs, nodeIndex, segmentId } from "../../src/base/mod.ts";
import { encodeMessage, type RaftMessage } from "../../src/consensus/raft/messages.ts";
import { encodeBody, kindOf, type EntryBody } from "../../src/consensus/state/bodies.ts";
import { Wire } from "../../src/node/wire.test-support.ts";
import { Generations } from "../../src/security/sealing/generations.ts";
import { sealHop } from "../../src/security/sealing/hop.ts";
import { PeerTable } from "../../src/security/sealing/peers.ts";
import { createPlane } from "../../src/security/sealing/plane.ts";

const CAPTURED = 3;
const HONEST = [0, 1, 2] as const;

let wire: Wire;
beforeEach(() => {
  wire = new Wire(3);
  wire.run(8_000);
});

const consensusOf = (slot: number) => wire.nodes[slot]!.layers.consensus;
const stateOf = (slot: number) => consensusOf(slot).state;
const leaders = (): readonly (number | undefined)[] =>
  HONEST.map((slot) => consensusOf(slot).leader);

function later(ms: number): void {
  wire.run(wire.nowMs + ms);
}

/** Signed with the captured vehicle's own boot key, to everybody. */
function say(message: RaftMessage): void {
  const now = monotonicMs(wire.nowMs);
  const { security, network } = wire.nodes[CAPTURED]!.layers;
  const expiresAt = monotonicMs(wire.nowMs + 1_000);
  const carry = { trafficClass: 3 as const, expiresAt, repeated: false };
  const bytes = encodeMessage(1, message);
  const sealed = { kind: "sealEnvelope", to: "group", sign: true, message: bytes, carry } as const;
  security.step(now, sealed, (out) => {
    if (out.kind !== "envelope") return;
    const send = { kind: "send", to: out.to, payload: out.bytes, ...carry } as const;
    network.step(now, send, (packet) => {
      if (packet.kind !== "transmit") return;
      const hop = { access: packet.access, expiresAt: packet.expiresAt };
      security.step(now, { kind: "sealHop", packet: packet.bytes, carry: hop }, (datagram) => {
        if (datagram.kind === "datagram") wire.send(CAPTURED, datagram.bytes);
      });
    });
  });
}

/** Through the head, as an honest vehicle would. */
function propose(slot: number, body: EntryBody): void {
  const draft = { kind: kindOf(body), body: encodeBody(body) };
  consensusOf(slot).step(monotonicMs(wire.nowMs), { kind: "propose", draft }, () => undefined);
}

const sighting = (finder: number, id: number, northCm: number): EntryBody => ({
  kind: "detection",
  detection: {
    id,
    finder: nodeIndex(finder),
    position: { northCm, eastCm: 0, altitudeAmslCm: 0 },
    errorCm: 100,
    confidence: 60_000,
    networkTimeMs: 1,
    imageRef: "frame",
  },
});

describe("terms", () => {
  const refusal = (term: number): RaftMessage => {
    const hints = { match: 0, hintIndex: 0, hintTerm: 0 };
    return { kind: "appendReply", term, accepted: false, ...hints };
  };

  test("thousands of answers from later terms neither use them up nor depose the head", () => {
    later(10_000);
    const before = consensusOf(0).term;
    for (let i = 0; i < 300; i += 1) {
      say(refusal(consensusOf(0).term + 999_990));
      later(5);
    }
    expect(HONEST.map((slot) => consensusOf(slot).term)).toEqual([before, before, before]);
    expect(leaders()).not.toContain(undefined);
  });

  test("one broadcast of the next term does not take the cluster over", () => {
    const [head] = leaders();
    const { commitIndex, log, term } = consensusOf(0);
    const prevTerm = log.termAt(commitIndex) ?? 0;
    const at = { round: 1, prevIndex: commitIndex, prevTerm, commit: commitIndex };
    say({ kind: "append", term: term + 1, ...at, entries: [] });
    later(600);
    expect(head === CAPTURED ? [] : leaders()).toEqual(head === CAPTURED ? [] : [head, head, head]);
  });
});

describe("group epochs", () => {
  test("one at the end of numbers is not agreed, and an eviction still rolls the key", () => {
    const before = wire.nodes[0]!.layers.security.epoch;
    const opener = nodeIndex(CAPTURED);
    for (const epoch of [2n ** 53n - 1n, 2n ** 53n - 2n, BigInt(before) + 1n]) {
      propose(CAPTURED, { kind: "epoch", epoch, opener, commitment: new Uint8Array(32) });
      later(1_000);
    }
    const last = stateOf(0).epochs.entries().at(-1);
    if (consensusOf(0).leader !== CAPTURED) expect(last?.[0]).toBe(BigInt(before));
    wire.give({ kind: "evict", member: nodeIndex(CAPTURED) });
    later(25_000);
    for (const slot of HONEST) {
      expect(stateOf(slot).isEvicted(nodeIndex(CAPTURED))).toBe(true);
      expect(wire.nodes[slot]!.layers.security.epoch).toBeGreaterThan(before);
    }
  });
});

describe("what is agreed of the search", () => {
  test("nobody takes the number of another's next sighting", () => {
    const id = 0x10001;
    propose(CAPTURED, sighting(1, id, 999_900));
    later(2_000);
    propose(1, sighting(1, id, 500));
    later(2_000);
    expect(stateOf(0).detections.get(id)?.detection.position.northCm).toBe(500);
  });

  test("a flood of sightings leaves room for those of others", () => {
    for (let i = 0; i < 1_500 && stateOf(0).detections.size < 512; i += 1) {
      propose(CAPTURED, sighting(CAPTURED, CAPTURED * 0x10000 + i, i));
      later(40);
    }
    later(2_000);
    expect(stateOf(0).detections.size).toBe(512);
    propose(1, sighting(1, 0x10001, 500));
    later(2_000);
    expect(stateOf(0).detections.get(0x10001)).toBeDefined();
  });

  test("a segment that was swept in words only is swept again", () => {
    const progress = { segment: segmentId(4), pass: 255, lanes: 0xffffffff };
    propose(CAPTURED, { kind: "lease", action: "complete", progress });
    later(2_000);
    const next = { segment: segmentId(4), pass: 2, lanes: 0 };
    propose(1, { kind: "lease", action: "claim", progress: { ...next, pass: 0 } });
    later(1_000);
    propose(1, { kind: "lease", action: "complete", progress: next });
    later(2_000);
    expect(stateOf(0).segments.get(segmentId(4))).toMatchObject({ pass: 2, lanes: 0 });
  });
});

describe("packets in another's name", () => {
  /** One hop packet that says it comes from `victim`, with the last counter of all. */
  function forgeHop(victim: number): Uint8Array {
    const { provider, directory } = wire;
    const self = nodeIndex(victim);
    const { id } = directory.credential(self)!;
    const nonce = wire.nodes[CAPTURED]!.layers.security.bootNonceOf(self)!;
    const key = provider.generateKey("ed25519");
    const boot = { nonce, count: 1, key, endorsement: new Uint8Array(108) };
    const peers = new PeerTable(directory.size);
    const plane = createPlane({ provider, directory, self, id, boot, peers });
    const secret = provider.importSecret(provider.exportSecret(directory.beaconKey));
    const { newest } = new Generations(provider, { id, boot }, secret);
    newest.ownHop.counter = 0xfffffffe;
    return sealHop(plane, newest, new Uint8Array(40))!;
  }

  test("one of them does not mute a vehicle: it is led, and takes a stop", () => {
    for (const victim of HONEST) wire.send(CAPTURED, forgeHop(victim));
    later(10);
    wire.deaf.add(CAPTURED);
    later(10_000);
    expect(leaders()).not.toContain(undefined);
    wire.give({ kind: "hold" });
    later(5_000);
    const rows = wire.nodes[0]!.orders.at(-1)?.rows ?? [];
    const reached = rows.filter(({ vehicle }) => vehicle !== CAPTURED).map(({ step }) => step);
    expect(reached).toHaveLength(2);
    for (const step of reached) expect(["acting", "done"]).toContain(step);
  });
});

describe("a recorder without a key", () => {
  test("cannot make a vehicle that is gone present for one that has just booted", () => {
    const recorder = new Wire(3);
    const recorded: { readonly atMs: number; readonly bytes: Uint8Array }[] = [];
    recorder.heard = (from, bytes) => {
      // From when the vehicle knows the time, and says it.
      if (from === 1 && recorder.nowMs > 2_000)
        recorded.push({ atMs: recorder.nowMs, bytes: bytes.slice() });
    };
    recorder.run(10_000);
    recorder.heard = undefined;
    recorder.deaf.add(1);
    recorder.run(30_000);
    recorder.reboot(2);
    recorder.run(32_000);
    for (const { atMs, bytes } of recorded) {
      recorder.run(32_000 + atMs);
      const datagram = { radio: 0, bytes, rssiDbm: -50, snrDb: 40 };
      recorder.step(2, { kind: "datagram", datagram });
    }
    expect(recorded.length).toBeGreaterThan(20);
    const seen = recorder.nodes[2]!.layers.network.peer(nodeIndex(1));
    expect(seen?.trust === "verified").toBe(false);
    const other = recorder.nodes[2]!.layers.network.peer(nodeIndex(3));
    expect([other?.state, other?.trust]).toEqual(["up", "verified"]);
  });
});
