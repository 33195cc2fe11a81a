/** The layer as others see it: situations between a few nodes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  networkTimeMs,
  nodeIndex,
  utf8Encode,
  type NodeIndex,
} from "../base/mod.ts";
import { createNativeProvider } from "../../adapters/crypto-native/native.ts";
import { REKEY_MS } from "./handshake/handshakes.ts";
import { Air } from "./testing/air.test-support.ts";
import { seededEntropy } from "./testing/entropy.test-support.ts";
import { makeFleet } from "./testing/fleet.test-support.ts";

/** With the native provider, because situations are many; bytes are fixed by the golden vectors. */
const fleet = makeFleet(4, 11, createNativeProvider({ entropy: seededEntropy(11) }));
const node = (index: number): NodeIndex => nodeIndex(index);
const hello = utf8Encode("\u0050hello");

/** All beacons were heard, everyone in session with station 0. */
function meeting(count: number): Air {
  const air = new Air(fleet, count);
  air.beacons();
  for (let i = 1; i < count; i += 1) air.step(i, { kind: "connect", peer: node(0) });
  return air;
}

function openEpoch(air: Air, epoch: number, members: number[], rollBeacon = false): Uint8Array {
  const indices = members.map(node);
  const out = air.step(0, { kind: "openEpoch", epoch, members: indices, rollBeacon });
  const proposed = out.find((one) => one.kind === "epochProposed")!;
  for (const member of members) {
    air.step(member, {
      kind: "epochCommitted",
      epoch,
      commitment: proposed.commitment,
      members: indices,
    });
  }
  air.pass(600);
  return proposed.commitment;
}

const say = (air: Air, from: number, to: "group" | NodeIndex, sign: boolean): void => {
  air.step(from, { kind: "sealEnvelope", to, sign, message: hello, carry: "c" });
};

describe("beacons and hops", () => {
  test("a first beacon is endorsed: its claims are verified and the boot is known", () => {
    const air = new Air(fleet, 2);
    air.beacons();
    const [heard] = air.of(1, "beacon");
    expect(heard).toMatchObject({ from: 0, trust: "verified", body: Uint8Array.of(0xbe, 0) });
    expect(air.at(1).machine.bootNonceOf(node(0))).toBe(air.at(0).machine.bootNonce);
    expect(air.of(1, "peerBoot")).toHaveLength(1);
  });

  test("a hop packet opens for everyone admitted, costs 24 bytes, once", () => {
    const air = new Air(fleet, 3);
    air.beacons();
    const taken: Uint8Array[] = [];
    air.tap = (_from, _to, bytes) => (taken.push(bytes), true);
    const packet = Uint8Array.of(1, 2, 3);
    const [sealed] = air.step(0, { kind: "sealHop", packet, carry: 7 });
    expect(sealed).toMatchObject({ kind: "datagram", carry: 7 });
    expect(taken[0]!.length).toBe(packet.length + 24);
    expect(air.of(1, "packet")).toEqual([{ kind: "packet", from: 0, bytes: packet }]);
    expect(air.of(2, "packet")).toHaveLength(1);
    air.step(1, { kind: "datagram", bytes: taken[0]! });
    expect(air.of(1, "packet")).toHaveLength(1);
    expect(air.refused(1)).toEqual({ SEC008: 1 });
  });

  test("a hop packet before any beacon is refused: the boot is not known", () => {
    const air = new Air(fleet, 2);
    air.step(0, { kind: "sealHop", packet: hello, carry: undefined });
    expect(air.refused(1)).toEqual({ SEC006: 1 });
  });

  test("without an endorsement the claims are unverified, and an endorsed boot stays", () => {
    const air = new Air(fleet, 2);
    const body = Uint8Array.of(1);
    const seal = (): Uint8Array => {
      const [out] = air.step(0, { kind: "sealBeacon", body, carry: undefined });
      return (out as { bytes: Uint8Array }).bytes;
    };
    air.cut.add(node(1));
    for (let i = 0; i < 3; i += 1) seal();
    const bare = seal();
    expect(bare.length).toBeLessThan(104);
    air.step(1, { kind: "datagram", bytes: bare });
    expect(air.of(1, "beacon")[0]).toMatchObject({ trust: "unverified" });
    expect(air.at(1).machine.bootNonceOf(node(0))).toBeUndefined();
    air.pass(1100);
    air.step(1, { kind: "datagram", bytes: seal() });
    expect(air.of(1, "beacon")[1]).toMatchObject({ trust: "verified" });
    const again = air.at(1).machine.refused.size;
    expect(again).toBe(0);
  });

  test("a recorded beacon of an earlier boot does not bring that boot back", () => {
    const air = new Air(fleet, 2);
    const recorded: Uint8Array[] = [];
    air.tap = (_from, _to, bytes) => (recorded.push(bytes), true);
    air.beacons();
    air.at(0).machine = air.boot(0, 2);
    air.beacons();
    expect(air.at(1).machine.bootNonceOf(node(0))).toBe(air.at(0).machine.bootNonce);
    const old = recorded[0]!;
    air.step(1, { kind: "datagram", bytes: old });
    expect(air.refused(1)).toEqual({ SEC010: 1 });
    expect(air.at(1).machine.bootNonceOf(node(0))).toBe(air.at(0).machine.bootNonce);
  });

  test("after a reboot counters start again under other keys, and all is heard", () => {
    const air = meeting(2);
    air.at(0).machine = air.boot(0, 2);
    air.beacons();
    air.step(0, { kind: "sealHop", packet: hello, carry: undefined });
    say(air, 0, "group", true);
    expect(air.of(1, "packet")).toHaveLength(1);
    expect(air.of(1, "message")).toHaveLength(1);
    expect(air.of(1, "sessionClosed")[0]).toMatchObject({ problem: "SEC033" });
    air.pass(4000);
    expect(air.at(1).machine.hasSession(node(0))).toBe(true);
  });
});

describe("any bytes", () => {
  const prefixes = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((type) => (type << 4) | 1);

  test("on the radio or from the network are refused and counted, never thrown at", () => {
    const air = meeting(2);
    const before = air.at(1).out.length;
    let fed = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...prefixes, 0, 0x12, 255),
        fc.uint8Array({ maxLength: 1200 }),
        fc.boolean(),
        (first, rest, sane) => {
          const bytes = Uint8Array.of(first, ...rest);
          if (sane && bytes.length > 6) bytes.set([0, 0, 0, 0, 1], 1);
          air.at(1).machine.step(air.now, { kind: "datagram", bytes }, () => (fed += 0));
          air
            .at(1)
            .machine.step(
              air.now,
              { kind: "openEnvelope", from: node(0), bytes },
              () => (fed += 0),
            );
        },
      ),
      { numRuns: 600 },
    );
    const delivered = air.at(1).out.slice(before);
    expect(delivered).toEqual([]);
    const total = Object.values(air.refused(1)).reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(600);
  });

  test("with one bit changed in anything that flies: no message, no packet, no beacon", () => {
    const air = meeting(2);
    const flown: Uint8Array[] = [];
    air.cut.add(node(1));
    air.tap = () => false;
    const collect = (out: readonly { kind: string }[]): void => {
      for (const one of out) if ("bytes" in one) flown.push(one.bytes as Uint8Array);
    };
    collect(air.step(0, { kind: "sealHop", packet: hello, carry: 0 }));
    collect(air.step(0, { kind: "sealBeacon", body: hello, carry: 0 }));
    for (const to of ["group", node(1)] as const) {
      for (const sign of [false, true]) {
        collect(air.step(0, { kind: "sealEnvelope", to, sign, message: hello, carry: 0 }));
      }
    }
    expect(flown).toHaveLength(6);
    for (const whole of flown) {
      for (let at = 0; at < whole.length; at += 1) {
        const bytes = whole.slice();
        bytes[at]! ^= 1 << (at % 8);
        const got: string[] = [];
        const note = (one: { kind: string }): unknown => got.push(one.kind);
        air.at(1).machine.step(air.now, { kind: "datagram", bytes }, note);
        air.at(1).machine.step(air.now, { kind: "openEnvelope", from: node(0), bytes }, note);
        const held = got.filter((kind) => ["packet", "beacon", "message"].includes(kind));
        expect(held).toEqual([]);
      }
    }
  });
});

describe("envelopes", () => {
  test("to a peer in session go pairwise, without one signed to the group key", () => {
    const air = meeting(3);
    say(air, 1, node(0), false);
    expect(air.of(0, "message")[0]).toMatchObject({ from: 1, authenticated: "pairwise" });
    say(air, 1, node(2), false);
    expect(air.of(2, "message")[0]).toMatchObject({ from: 1, authenticated: "signed" });
    expect(air.of(1, "envelope").map((one) => one.authenticated)).toEqual(["pairwise", "signed"]);
  });

  test("to the group are signed when asked", () => {
    const air = meeting(3);
    say(air, 1, "group", false);
    say(air, 1, "group", true);
    const got = air.of(2, "message").map((one) => one.authenticated);
    expect(got).toEqual(["group", "signed"]);
    const sizes = air.of(1, "envelope").map((one) => one.bytes.length);
    expect(sizes).toEqual([hello.length + 24, hello.length + 24 + 64]);
  });

  test("repeated are refused", () => {
    const air = meeting(2);
    for (const to of ["group", node(0)] as const) say(air, 1, to, true);
    for (const { bytes } of air.of(1, "envelope")) {
      air.step(0, { kind: "openEnvelope", from: node(1), bytes });
    }
    expect(air.of(0, "message")).toHaveLength(2);
    expect(air.refused(0)).toEqual({ SEC008: 2 });
  });

  test("whose header names another origin are refused", () => {
    const air = meeting(3);
    say(air, 1, "group", true);
    const { bytes } = air.of(1, "envelope")[0]!;
    air.step(0, { kind: "openEnvelope", from: node(2), bytes });
    expect(air.refused(0)).toEqual({ SEC036: 1 });
  });

  test("from a sender whose boot is unknown make the receiver ask; the next one opens", () => {
    const air = new Air(fleet, 2);
    say(air, 1, "group", true);
    expect(air.refused(0)).toEqual({ SEC006: 1 });
    say(air, 1, "group", true);
    expect(air.of(0, "message")).toHaveLength(1);
  });

  test("longer than a datagram are sealed in one piece", () => {
    const air = meeting(2);
    const message = new Uint8Array(9000).fill(0x51);
    air.step(1, { kind: "sealEnvelope", to: "group", sign: true, message, carry: 0 });
    expect(air.of(0, "message")[0]!.message).toEqual(message);
  });
});

describe("sessions", () => {
  test("cost at most 4.8 kB and 6 datagrams beside the cookie exchange", () => {
    const air = new Air(fleet, 2);
    air.step(1, { kind: "connect", peer: node(0) });
    const cookie = 26 + 66;
    expect(air.handshakeDatagrams - 2).toBe(6);
    expect(air.handshakeBytes - cookie).toBeLessThanOrEqual(4800);
    const [opened] = air.of(1, "sessionOpened");
    expect(opened).toMatchObject({ peer: 0, initiator: true, handshakeBytes: air.handshakeBytes });
    expect(air.of(0, "sessionOpened")).toHaveLength(1);
  });

  test("open at 30% loss, with parity, within seconds, on nearly every try", () => {
    let opened = 0;
    for (let i = 0; i < 10; i += 1) {
      const air = new Air(fleet, 2);
      air.lossRatio = 0.3;
      for (let k = 0; k < i; k += 1) air.beacons();
      air.step(1, { kind: "connect", peer: node(0) });
      air.pass(20_000);
      if (air.at(0).machine.hasSession(node(1)) && air.at(1).machine.hasSession(node(0)))
        opened += 1;
    }
    expect(opened).toBeGreaterThanOrEqual(9);
  });

  test("started by both at once end in one session on both sides", () => {
    const air = new Air(fleet, 2);
    const held: (() => void)[] = [];
    air.tap = (from, _to, bytes) => {
      if (held.length > 2) return true;
      held.push(() => air.step(from === 0 ? 1 : 0, { kind: "openEnvelope", from, bytes }));
      return false;
    };
    air.step(0, { kind: "connect", peer: node(1) });
    air.step(1, { kind: "connect", peer: node(0) });
    air.tap = () => true;
    for (const deliver of held) deliver();
    air.pass(5000);
    say(air, 0, node(1), false);
    say(air, 1, node(0), false);
    expect(air.of(0, "message")[0]).toMatchObject({ authenticated: "pairwise" });
    expect(air.of(1, "message")[0]).toMatchObject({ authenticated: "pairwise" });
  });

  test("whose last message is lost are confirmed by repetition or by an envelope", () => {
    for (const how of ["repeat", "envelope"]) {
      const air = new Air(fleet, 2);
      air.tap = (_from, _to, bytes) => !(bytes[0] === 0x31 && bytes[1]! >> 6 === 3);
      air.step(1, { kind: "connect", peer: node(0) });
      expect(air.at(0).machine.hasSession(node(1))).toBe(false);
      if (how === "repeat") {
        air.tap = () => true;
        air.pass(700);
      } else say(air, 1, node(0), false);
      expect(air.at(0).machine.hasSession(node(1))).toBe(true);
    }
  });

  test("with a peer that does not answer are given up, and tried again after a pause", () => {
    const air = new Air(fleet, 2);
    air.cut.add(node(0));
    air.step(1, { kind: "connect", peer: node(0) });
    air.pass(12_000);
    expect(air.of(1, "sessionClosed")[0]).toMatchObject({ problem: "SEC015" });
    air.cut.clear();
    air.pass(20_000);
    expect(air.at(1).machine.hasSession(node(0))).toBe(true);
    air.step(1, { kind: "disconnect", peer: node(0) });
    expect(air.at(1).machine.hasSession(node(0))).toBe(true);
  });

  test("are renewed hourly, without a message lost on the way", () => {
    const air = meeting(2);
    expect(air.of(1, "sessionOpened")).toHaveLength(1);
    say(air, 1, node(0), false);
    const late = air.of(1, "envelope")[0]!.bytes;
    expect(late.length).toBeGreaterThan(24);
    air.pass(REKEY_MS + 1000);
    expect(air.of(1, "sessionOpened")).toHaveLength(2);
    say(air, 1, node(0), false);
    say(air, 0, node(1), false);
    expect(air.of(0, "message").at(-1)).toMatchObject({ authenticated: "pairwise" });
    expect(air.of(1, "message").at(-1)).toMatchObject({ authenticated: "pairwise" });
    air.pass(15_000);
    air.step(0, { kind: "openEnvelope", from: node(1), bytes: late });
    expect(air.refused(0)).toEqual({ SEC011: 1 });
  });

  test("that cannot be renewed end, and nothing is sealed under them any more", () => {
    const air = meeting(2);
    air.cut.add(node(0));
    air.pass(2 * REKEY_MS);
    expect(air.at(1).machine.hasSession(node(0))).toBe(false);
    expect(air.of(1, "sessionClosed").map((one) => one.problem)).toContain("SEC033");
  });

  test("with oneself or with nobody are not tried", () => {
    const air = new Air(fleet, 2);
    air.step(1, { kind: "connect", peer: node(1) });
    air.step(1, { kind: "connect", peer: node(60) });
    air.step(1, { kind: "disconnect", peer: node(0) });
    expect(air.handshakeDatagrams).toBe(0);
  });

  test("that one side lost are mended by the other's next envelope", () => {
    const air = meeting(2);
    air.at(0).machine = air.boot(0, 2);
    say(air, 1, node(0), false);
    expect(air.refused(0)).toEqual({ SEC011: 1 });
    air.pass(3000);
    say(air, 1, node(0), false);
    expect(air.of(0, "message")).toHaveLength(1);
  });
});

describe("group epochs", () => {
  test("are proposed with a commitment, handed out when agreed, and then sealed under", () => {
    const air = meeting(3);
    openEpoch(air, 1, [0, 1, 2]);
    for (const i of [0, 1, 2]) expect(air.at(i).machine.epoch).toBe(1);
    say(air, 1, "group", true);
    expect(air.of(2, "message")).toHaveLength(1);
    expect(air.of(1, "envelope")[0]!.bytes[1]).toBe(1);
  });

  test("change without a message lost: all hold the key before anyone seals under it", () => {
    const air = meeting(3);
    const members = [0, 1, 2].map(node);
    const [out] = air.step(0, { kind: "openEpoch", epoch: 1, members, rollBeacon: true });
    const { commitment } = out as { commitment: Uint8Array };
    for (const i of [0, 1, 2]) {
      air.step(i, { kind: "epochCommitted", epoch: 1, commitment, members });
      for (const k of [0, 1, 2]) {
        say(air, k, "group", true);
        air.step(k, { kind: "sealHop", packet: hello, carry: 0 });
      }
      air.pass(250);
    }
    air.pass(600);
    for (const i of [0, 1, 2]) {
      expect(air.at(i).machine).toMatchObject({ epoch: 1, beaconGeneration: 1 });
      expect(air.of(i, "message")).toHaveLength(6);
      expect(air.of(i, "packet")).toHaveLength(6);
      expect(air.refused(i)).toEqual({});
    }
  });

  test("open whichever comes first, the log or the key", () => {
    const air = meeting(3);
    const members = [0, 1, 2].map(node);
    const [out] = air.step(0, { kind: "openEpoch", epoch: 1, members, rollBeacon: false });
    const { commitment } = out as { commitment: Uint8Array };
    const agreed = { kind: "epochCommitted", epoch: 1, commitment, members } as const;
    air.step(1, agreed);
    expect(air.at(1).machine.epoch).toBe(0);
    air.step(0, agreed);
    air.step(2, agreed);
    air.pass(600);
    expect([0, 1, 2].map((i) => air.at(i).machine.epoch)).toEqual([1, 1, 1]);
  });

  test("a key other than the one agreed on is refused, and its giver named", () => {
    const air = meeting(2);
    const members = [0, 1].map(node);
    openEpoch(air, 1, [0, 1]);
    const [out] = air.step(0, { kind: "openEpoch", epoch: 2, members, rollBeacon: false });
    const { commitment } = out as { commitment: Uint8Array };
    air.step(1, { kind: "epochCommitted", epoch: 2, commitment: new Uint8Array(32), members });
    air.step(0, { kind: "epochCommitted", epoch: 2, commitment, members });
    expect(air.of(1, "epochMismatch")[0]).toMatchObject({ epoch: 2, from: 0 });
    expect(air.at(1).machine.epoch).toBe(1);
    expect(air.refused(1)).toHaveProperty("SEC031");
  });

  test("a member that missed the key asks for it when it hears it used", () => {
    const air = meeting(3);
    openEpoch(air, 1, [0, 1, 2]);
    air.cut.add(node(2));
    openEpoch(air, 2, [0, 1, 2]);
    expect(air.at(2).machine.epoch).toBe(1);
    air.cut.clear();
    say(air, 1, "group", true);
    air.pass(3000);
    expect(air.at(2).machine.epoch).toBe(2);
    say(air, 1, "group", true);
    expect(air.of(2, "message")).toHaveLength(1);
  });

  test("a member that was off through a roll of the beacon key comes back with old keys", () => {
    const air = meeting(4);
    openEpoch(air, 1, [0, 1, 2, 3]);
    air.cut.add(node(3));
    air.step(0, { kind: "revoke", member: node(2) });
    air.step(1, { kind: "revoke", member: node(2) });
    openEpoch(air, 2, [0, 1, 3], true);
    expect(air.at(1).machine.beaconGeneration).toBe(1);
    air.cut.clear();
    air.at(3).machine = air.boot(3, 2);
    expect(air.at(3).machine.beaconGeneration).toBe(0);
    for (let i = 0; i < 4; i += 1) {
      air.beacons();
      air.pass(500);
    }
    expect(air.at(3).machine).toMatchObject({ epoch: 2, beaconGeneration: 1 });
    air.beacons();
    const fromMember = air.of(3, "beacon").findLast((one) => one.from === 1);
    expect(fromMember).toMatchObject({ trust: "verified" });
    expect(
      air.of(1, "beacon").find((one) => one.from === 3 && one.trust === "stale"),
    ).toBeDefined();
  });

  test("an evicted member reads nothing of the next epoch and is heard by nobody", () => {
    const air = meeting(4);
    openEpoch(air, 1, [0, 1, 2, 3]);
    for (const i of [0, 1, 3]) air.step(i, { kind: "revoke", member: node(2) });
    openEpoch(air, 2, [0, 1, 3], true);
    const before = air.at(2).out.length;
    say(air, 1, "group", true);
    air.beacons();
    air.step(1, { kind: "sealHop", packet: hello, carry: 0 });
    air.pass(5000);
    const got = air
      .at(2)
      .out.slice(before)
      .map((one) => one.kind);
    for (const kind of ["message", "packet", "sessionOpened", "epochActive"]) {
      expect(got).not.toContain(kind);
    }
    say(air, 2, "group", true);
    say(air, 2, node(1), true);
    air.step(2, { kind: "sealHop", packet: hello, carry: 0 });
    expect(air.of(1, "message").filter((one) => one.from === 2)).toEqual([]);
    expect(air.of(1, "packet").filter((one) => one.from === 2)).toEqual([]);
    const beacon = air.of(1, "beacon").findLast((one) => one.from === 2);
    expect(beacon).toMatchObject({ trust: "foreign" });
    expect(air.at(1).machine.isRevoked(node(2))).toBe(true);
    expect(air.refused(1)).toHaveProperty("SEC004");
  });

  test("an older epoch opens for half a minute more, then no longer", () => {
    const air = meeting(2);
    openEpoch(air, 1, [0, 1]);
    air.cut.add(node(0));
    say(air, 1, "group", true);
    say(air, 1, "group", true);
    const [first, second] = air.of(1, "envelope").map((one) => one.bytes);
    air.cut.clear();
    openEpoch(air, 2, [0, 1]);
    air.pass(20_000);
    air.step(0, { kind: "openEnvelope", from: node(1), bytes: first! });
    expect(air.of(0, "message")).toHaveLength(1);
    air.pass(20_000);
    air.step(0, { kind: "openEnvelope", from: node(1), bytes: second! });
    expect(air.of(0, "message")).toHaveLength(1);
    expect(air.refused(0)).toEqual({ SEC005: 1 });
  });

  test("a key taken while rejoining that the log does not have is dropped, its giver named", () => {
    const air = meeting(2);
    const members = [0, 1].map(node);
    const [out] = air.step(0, { kind: "openEpoch", epoch: 3, members, rollBeacon: false });
    const { commitment } = out as { commitment: Uint8Array };
    air.step(0, { kind: "epochCommitted", epoch: 3, commitment, members });
    air.pass(600);
    expect(air.at(1).machine.epoch).toBe(3);
    air.step(1, { kind: "epochCommitted", epoch: 3, commitment: new Uint8Array(32), members });
    expect(air.of(1, "epochMismatch")[0]).toMatchObject({ epoch: 3, from: 0 });
    expect(air.at(1).machine.epoch).toBe(0);
  });

  test("a member that the log says is agreed without it asks its head", () => {
    const air = meeting(3);
    air.step(2, { kind: "head", head: node(0) });
    air.tap = (_from, to, bytes) => to !== 2 || bytes[0] !== 0x51;
    openEpoch(air, 1, [0, 1, 2]);
    expect(air.at(2).machine.epoch).toBe(0);
    air.tap = () => true;
    air.pass(1500);
    expect(air.at(2).machine.epoch).toBe(1);
  });

  test("past the hop seal nothing but keys is taken", () => {
    const air = meeting(2);
    for (const message of [hello, Uint8Array.of(0x70)]) {
      air.step(1, { kind: "sealEnvelope", to: node(0), sign: false, message, carry: 0 });
    }
    const bare = air.of(1, "envelope").map((one) => one.bytes);
    air.at(0).machine = air.boot(0, 2);
    air.step(1, { kind: "disconnect", peer: node(0) });
    air.step(0, { kind: "connect", peer: node(1) });
    air.step(1, { kind: "sealEnvelope", to: node(0), sign: false, message: hello, carry: 0 });
    const [last] = air.of(1, "envelope").slice(-1);
    const fresh = last!.bytes.slice();
    expect(bare).toHaveLength(2);
    air.at(0).machine.step(air.now, { kind: "datagram", bytes: fresh.subarray(0, 7) }, () => 0);
    const before = air.of(0, "message").length;
    air.tap = () => false;
    for (const message of [hello, Uint8Array.of(0x70)]) {
      air.step(1, { kind: "sealEnvelope", to: node(0), sign: false, message, carry: 0 });
      const { bytes } = air.of(1, "envelope").at(-1)!;
      air.step(0, { kind: "datagram", bytes });
    }
    expect(air.of(0, "message")).toHaveLength(before);
    expect(air.refused(0)).toMatchObject({ SEC032: 2, SEC001: 1 });
  });

  test("a key request outside a session is refused", () => {
    const air = meeting(3);
    const message = Uint8Array.of(0x31, ...new Uint8Array(12));
    air.step(1, { kind: "sealEnvelope", to: "group", sign: true, message, carry: 0 });
    expect(air.refused(0)).toEqual({ SEC032: 1 });
    const wraps = Uint8Array.of(0x30, 1);
    air.step(1, { kind: "sealEnvelope", to: "group", sign: true, message: wraps, carry: 0 });
    expect(air.refused(0)).toEqual({ SEC032: 2 });
  });
});

describe("orders through the layer", () => {
  test("are signed on the station, checked on receipt, and handed over verified", () => {
    const air = meeting(2);
    air.step(0, { kind: "networkTime", timeMs: networkTimeMs(5000), errorMs: 20 });
    const draft = {
      command: { kind: "land" },
      targets: "all",
      validForMs: 1000,
      supersedes: undefined,
    } as const;
    const [own] = air.step(0, { kind: "signOrder", draft, carry: "mine" });
    expect(own).toMatchObject({ kind: "order", carry: "mine" });
    const { bytes } = own as { bytes: Uint8Array };
    air.step(0, { kind: "sealEnvelope", to: "group", sign: false, message: bytes, carry: 0 });
    const [order] = air.of(1, "order");
    expect(order?.order).toMatchObject({
      assurance: "composite",
      order: { missionRevision: 0, issuedAt: 5000, sequence: 1, command: { kind: "land" } },
    });
    air.step(1, { kind: "checkOrder", bytes, carry: "log" });
    expect(air.of(1, "order")[1]).toMatchObject({ carry: "log" });
    expect(air.at(0).machine.clock).toEqual({ timeMs: 5000, errorMs: 20 });
  });

  test("forged or unsignable are refused with their problem", () => {
    const air = meeting(2);
    const draft = {
      command: { kind: "parameter", name: "x", value: NaN },
      targets: "all",
      validForMs: 1000,
      supersedes: undefined,
    } as const;
    air.step(0, { kind: "signOrder", draft, carry: 0 });
    air.step(1, { kind: "signOrder", draft, carry: 0 });
    air.step(1, { kind: "checkOrder", bytes: Uint8Array.of(0x70), carry: 0 });
    expect(air.of(0, "orderRefused")[0]?.problem.code).toBe("SEC022");
    expect(air.of(1, "orderRefused").map((one) => one.problem.code)).toEqual(["SEC023", "SEC022"]);
  });
});

describe("saved and loaded", () => {
  test("loading again and again does not fill the arena with keys that nobody holds", () => {
    let highest = 0;
    const native = createNativeProvider({ entropy: seededEntropy(12) });
    const provider = new Proxy(native, {
      get: (target, name): unknown => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...given: unknown[]): unknown => {
          const result: unknown = Reflect.apply(member, target, given);
          if (name === "importSecret") highest = Math.max(highest, result as number);
          return result;
        };
      },
    });
    const air = new Air(makeFleet(2, 12, provider), 2);
    air.beacons();
    air.step(1, { kind: "connect", peer: node(0) });
    const { machine } = air.at(1);
    const writer = new ByteWriter();
    machine.save(writer);
    const loadTimes = (count: number): number => {
      for (let i = 0; i < count; i += 1) machine.load(new ByteReader(writer.take()));
      return highest;
    };
    const before = loadTimes(2);
    // Beside the public key of the peer's boot and a cookie secret all is given back.
    expect(loadTimes(40) - before).toBeLessThanOrEqual(2 * 40);
    expect(machine.sessionCount).toBe(1);
  });

  test("in the middle of everything, a machine goes on as if nothing had been", () => {
    for (const when of [0, 1, 3, 5, 8, 12, 20]) {
      const air = new Air(fleet, 3);
      air.beacons();
      let left = when;
      const reload = (): void => {
        for (const one of air.stations) {
          const writer = new ByteWriter();
          one.machine.save(writer);
          const fresh = air.boot(one.index, 9);
          const reader = new ByteReader(writer.take());
          fresh.load(reader);
          expect(reader.finish()).toBeUndefined();
          const again = new ByteWriter();
          fresh.save(again);
          expect(again.take()).toEqual(writer.take());
          one.machine = fresh;
        }
      };
      const held: (() => void)[] = [];
      air.tap = (from, to, bytes) => {
        if (left > 0) {
          left -= 1;
          return true;
        }
        held.push(() => air.step(to, { kind: "openEnvelope", from, bytes }));
        return false;
      };
      air.step(1, { kind: "connect", peer: node(0) });
      air.step(2, { kind: "connect", peer: node(0) });
      air.step(0, { kind: "openEpoch", epoch: 1, members: [0, 1, 2].map(node), rollBeacon: true });
      air.tap = () => true;
      reload();
      for (const deliver of held) deliver();
      air.pass(3000);
      const proposed = air.of(0, "epochProposed")[0]!;
      for (const i of [0, 1, 2]) {
        air.step(i, { ...proposed, kind: "epochCommitted" });
      }
      reload();
      air.pass(600);
      say(air, 1, "group", true);
      say(air, 1, node(0), true);
      expect(air.of(0, "message").map((one) => one.authenticated)).toEqual(["signed", "pairwise"]);
      expect(air.at(2).machine).toMatchObject({ epoch: 1, beaconGeneration: 1, sessionCount: 1 });
    }
  });
});
