/** Hop, beacon and group seals by themselves: golden bytes, refusals, attacks. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  monotonicMs,
  nodeIndex,
  toHex,
  utf8Encode,
} from "../../base/mod.ts";
import { Epochs } from "../epoch/epochs.ts";
import { makeFleet } from "../testing/fleet.test-support.ts";
import { expectGolden } from "../testing/golden.test-support.ts";
import { copyOf, introduce, makePlane, type TestPlane } from "../testing/planes.test-support.ts";
import { decodeAnnounce, encodeAnnounce, encodeAnnounceRequest } from "./announce.ts";
import {
  BEACON_ENDORSEMENT_BYTES,
  BEACON_OVERHEAD_BYTES,
  adoptBoot,
  endorsementAt,
  openBeacon,
  sealBeacon,
} from "./beacon.ts";
import { encodeEndorsement, readEndorsement, verifyEndorsement } from "./boot.ts";
import { openGroup, sealGroup } from "./envelope.ts";
import { Generations } from "./generations.ts";
import { openHop, sealHop } from "./hop.ts";
import { PEERS_MAX } from "./peers.ts";
import {
  SEAL_BYTES,
  counterOf,
  nextCounter,
  sealInput,
  senderOf,
  setNonce,
  typeOf,
  writeHeader,
} from "./plane.ts";

const NOW = monotonicMs(0);
const packet = utf8Encode("a routed packet");
const body = utf8Encode("position and velocity");
const message = utf8Encode("a message");

let fleet: ReturnType<typeof makeFleet>;
let one: TestPlane;
let two: TestPlane;
beforeEach(() => {
  fleet = makeFleet(2, 21);
  one = makePlane(fleet, 1);
  two = makePlane(fleet, 2);
});

const epochsOf = (test: TestPlane): Epochs =>
  new Epochs(test.plane.provider, test.plane, fleet.directory.beaconKey);
const noBoot = (): void => undefined;

describe("golden bytes", () => {
  test("of a hop packet, of beacons with and without endorsement, and of an announcement", () => {
    const { plane, generations } = one;
    const shared = {
      mission: fleet.directory.missionId,
      sender: plane.self,
      senderId: plane.id.toString(16),
      beaconKey: toHex(fleet.provider.exportSecret(fleet.directory.beaconKey)),
      identityKey: toHex(fleet.directory.credential(plane.self)!.ed25519),
      bootNonce: plane.boot.nonce.toString(16),
      bootCount: plane.boot.count,
      bootKey: toHex(fleet.provider.publicKey(plane.boot.key)),
    };
    const newest = generations.newest;
    const seal = (endorsed: boolean): Uint8Array => sealBeacon(plane, newest, { body, endorsed })!;
    expectGolden("beacon-seal/beacons.json", [
      { name: "endorsed", ...shared, body: toHex(body), hex: toHex(seal(true)) },
      { name: "bare", ...shared, body: toHex(body), hex: toHex(seal(false)) },
      {
        name: "announce",
        ...shared,
        hex: toHex(encodeAnnounce(plane.self, plane.boot.endorsement)),
      },
      { name: "announce request", hex: toHex(encodeAnnounceRequest(plane.self)) },
    ]);
    const sealed = sealHop(plane, newest, packet)!;
    const { sealing } = epochsOf(one);
    const group = (sign: boolean): string => toHex(sealGroup(plane, sealing, message, sign)!);
    expectGolden("envelope/envelopes.json", [
      { name: "hop", ...shared, packet: toHex(packet), hex: toHex(sealed) },
      { name: "group, epoch 0", ...shared, message: toHex(message), hex: group(false) },
      { name: "group signed, epoch 0", ...shared, message: toHex(message), hex: group(true) },
    ]);
  });
});

describe("a hop packet", () => {
  test("opens once, for one who knows the boot", () => {
    const sealed = sealHop(one.plane, one.generations.newest, packet)!;
    expect(sealed.length).toBe(packet.length + SEAL_BYTES);
    expect([typeOf(sealed), senderOf(sealed), counterOf(sealed)]).toEqual([2, 1, 1]);
    expect(openHop(two.plane, two.generations, sealed)).toBe("SEC006");
    introduce(two.plane, one.plane);
    expect(openHop(two.plane, two.generations, sealed)).toEqual(packet);
    expect(openHop(two.plane, two.generations, sealed)).toBe("SEC008");
  });

  test("is refused for each reason by its own code", () => {
    introduce(two.plane, one.plane);
    const sealed = sealHop(one.plane, one.generations.newest, packet)!;
    const change = (at: number, value: number): string | Uint8Array => {
      const bytes = sealed.slice();
      bytes[at] = value;
      return openHop(two.plane, two.generations, bytes);
    };
    expect(openHop(two.plane, two.generations, sealed.subarray(0, SEAL_BYTES))).toBe("SEC001");
    expect(change(3, 9)).toBe("SEC003");
    expect(change(3, 2)).toBe("SEC003");
    expect(change(1, 5)).toBe("SEC005");
    expect(change(7, 9)).toBe("SEC007");
    expect(change(20, 0)).toBe("SEC007");
    two.plane.peers.revoke(one.plane.self);
    expect(openHop(two.plane, two.generations, sealed)).toBe("SEC004");
  });

  test("forged with a far counter does not move the window", () => {
    introduce(two.plane, one.plane);
    const sealed = sealHop(one.plane, one.generations.newest, packet)!;
    const forged = sealed.slice();
    forged.fill(0xff, 4, 8);
    expect(openHop(two.plane, two.generations, forged)).toBe("SEC007");
    expect(openHop(two.plane, two.generations, sealed)).toEqual(packet);
  });

  test("that another member seals in the sender's name does not mute the sender", () => {
    introduce(two.plane, one.plane);
    const { newest } = one.generations;
    const next = (): Uint8Array => sealHop(one.plane, newest, packet)!;
    const open = (bytes: Uint8Array): unknown => openHop(two.plane, two.generations, bytes);
    expect(open(next())).toEqual(packet);
    for (const counter of [0xffffffff, 1009, 1008]) {
      const forger = { ...newest, ownHop: { ...newest.ownHop, counter: counter - 1 } };
      open(sealHop(one.plane, forger, packet)!);
    }
    for (let i = 0; i < 500; i += 1) expect(open(next())).toEqual(packet);
    const beacon = sealBeacon(one.plane, newest, { body, endorsed: false })!;
    expect(openBeacon(two.plane, two.generations, beacon, noBoot)).toMatchObject({ body });
    newest.ownHop.counter = 1300;
    expect(open(next())).toEqual(packet);
  });

  test("is heard again after a silence, and a beacon shows from where on", () => {
    introduce(two.plane, one.plane);
    const { newest } = one.generations;
    const open = (bytes: Uint8Array): unknown => openHop(two.plane, two.generations, bytes);
    newest.ownHop.counter = 70_000;
    const early = sealHop(one.plane, newest, packet)!;
    const late = sealHop(one.plane, newest, packet)!;
    expect([open(late), open(late), open(early)]).toEqual([packet, "SEC008", "SEC008"]);
    const beacon = sealBeacon(one.plane, newest, { body, endorsed: false })!;
    expect(counterOf(beacon)).toBe(70_003);
    expect(openBeacon(two.plane, two.generations, beacon, noBoot)).toMatchObject({ body });
    expect([open(late), open(early)]).toEqual(["SEC008", "SEC008"]);
    expect(open(sealHop(one.plane, newest, packet)!)).toEqual(packet);
  });

  test("is not sealed once the counters are used up", () => {
    one.generations.newest.ownHop.counter = 0xffffffff;
    expect(sealHop(one.plane, one.generations.newest, packet)).toBeUndefined();
    const beacon = { body, endorsed: false };
    expect(sealBeacon(one.plane, one.generations.newest, beacon)).toBeUndefined();
    const epochs = epochsOf(one);
    epochs.sealing.own.counter = 0xfffffffe;
    expect(sealGroup(one.plane, epochs.sealing, message, false)).toBeDefined();
    expect(sealGroup(one.plane, epochs.sealing, message, false)).toBeUndefined();
    expect(nextCounter(epochs.sealing.own)).toBe(0);
  });
});

describe("a beacon", () => {
  const seal = (from: TestPlane, endorsed: boolean): Uint8Array =>
    sealBeacon(from.plane, from.generations.newest, { body, endorsed })!;
  const open = (bytes: Uint8Array): ReturnType<typeof openBeacon> =>
    openBeacon(two.plane, two.generations, bytes, noBoot);

  test("costs 101 bytes beside its body, and 100 more with the endorsement", () => {
    expect(BEACON_OVERHEAD_BYTES).toBe(101);
    expect(seal(one, false).length).toBe(body.length + 101);
    expect(seal(one, true).length).toBe(body.length + 101 + BEACON_ENDORSEMENT_BYTES);
  });

  test("is unverified until its boot is endorsed, then verified, once each", () => {
    const [first, second, third] = [seal(one, false), seal(one, true), seal(one, false)];
    expect(open(first)).toMatchObject({ trust: "unverified", newBoot: false });
    expect(open(first)).toBe("SEC008");
    expect(open(second)).toMatchObject({ trust: "verified", newBoot: true, body });
    expect(open(third)).toMatchObject({ trust: "verified", newBoot: false });
    expect(open(third)).toBe("SEC008");
    expect(open(first)).toBe("SEC008");
  });

  test("of another time is stale, until one of now was heard; then its counter decides", () => {
    one.plane.time.nowS = 1_000_000;
    const recorded = [seal(one, true), seal(one, false), seal(one, false)];
    two.plane.time.nowS = 1_000_011;
    expect(open(recorded[0]!)).toMatchObject({ trust: "stale", body });
    expect(open(recorded[1]!)).toMatchObject({ trust: "stale" });
    expect(open(recorded[1]!)).toBe("SEC008");
    one.plane.time.nowS = 1_000_021;
    expect(open(seal(one, true))).toMatchObject({ trust: "verified" });
    expect(open(recorded[2]!)).toBe("SEC008");
    one.plane.time.nowS = 5;
    expect(open(seal(one, false))).toMatchObject({ trust: "verified" });
  });

  test("is not judged by its age where sender or receiver does not know the time", () => {
    one.plane.time.nowS = 1_000_000;
    expect(open(seal(one, true))).toMatchObject({ trust: "verified" });
    const third = makePlane(fleet, 2);
    third.plane.time.nowS = 2_000_000;
    one.plane.time.nowS = 0;
    const undated = openBeacon(third.plane, third.generations, seal(one, true), noBoot);
    expect(undated).toMatchObject({ trust: "verified" });
  });

  test("of an admitted node that speaks for another is refused", () => {
    introduce(two.plane, one.plane);
    const forger = { ...one.plane, boot: { ...one.plane.boot, key: two.plane.boot.key } };
    const { newest } = one.generations;
    const forged = sealBeacon(forger, newest, { body, endorsed: false })!;
    expect(open(forged)).toBe("SEC009");
    const far = { ...newest, ownHop: { ...newest.ownHop, counter: 0xfffffffe } };
    expect(open(sealBeacon(forger, far, { body, endorsed: false })!)).toBe("SEC009");
    expect(open(seal(one, false))).toMatchObject({ trust: "verified" });
  });

  test("with an endorsement by another key, or of an older boot, is refused", () => {
    const later = makePlane(fleet, 1, 2);
    expect(open(seal(later, true))).toMatchObject({ trust: "verified" });
    expect(open(seal(one, true))).toBe("SEC010");
    expect(open(seal(one, false))).toBe("SEC006");
    const third = makePlane(fleet, 1, 3);
    const wrong = third.plane.boot.endorsement.slice();
    wrong[60]! ^= 1;
    const liar = { ...third.plane, boot: { ...third.plane.boot, endorsement: wrong } };
    expect(open(sealBeacon(liar, third.generations.newest, { body, endorsed: true })!)).toBe(
      "SEC009",
    );
  });

  test("is refused for each other reason by its own code", () => {
    const sealed = seal(one, true);
    expect(open(sealed.subarray(0, 100))).toBe("SEC001");
    expect(open(Uint8Array.of(...sealed, ...new Uint8Array(1400)))).toBe("SEC001");
    const long = { body: new Uint8Array(1400), endorsed: false };
    expect(() => sealBeacon(one.plane, one.generations.newest, long)).toThrow("fits a datagram");
    const change = (at: number, value: number): unknown => {
      const bytes = sealed.slice();
      bytes[at] = value;
      return open(bytes);
    };
    expect(change(3, 77)).toBe("SEC003");
    expect(change(1, 4)).toBe("SEC005");
    expect(change(9, 1)).toBe("SEC007");
    expect(change(40, 1)).toBe("SEC007");
  });

  test("of the admitted whose contents are malformed is refused", () => {
    const { plane, generations } = one;
    const { ownBeacon, ownHop } = generations.newest;
    for (const flags of [1, 2]) {
      ownHop.counter += 1;
      const { counter } = ownHop;
      const input = new Uint8Array(16 + 90);
      writeHeader(input, { type: 1, hint: 0, sender: plane.self, counter });
      input.set(plane.boot.endorsement.subarray(0, 8), 8);
      input[16] = flags;
      setNonce(plane.call.nonce, ownBeacon.salt, counter);
      const sizes = { input, aadBytes: 16, plaintextBytes: 90 };
      expect(open(sealInput(plane, ownBeacon.key, sizes))).toBe("SEC001");
    }
  });

  test("of an expelled node still says where it is, as a foreign claim", () => {
    introduce(two.plane, one.plane);
    two.plane.peers.revoke(one.plane.self);
    expect(open(seal(one, false))).toMatchObject({ trust: "foreign" });
  });

  test("under a rolled key generation is stale", () => {
    introduce(two.plane, one.plane);
    open(seal(one, false));
    const old = seal(one, false);
    two.generations.add(1, fleet.provider.importSecret(new Uint8Array(32)));
    expect(open(seal(one, false))).toMatchObject({ trust: "verified" });
    two.generations.use(1);
    expect(open(old)).toMatchObject({ trust: "stale" });
  });

  test("finds no row when the peer table is full", () => {
    const { peers } = two.plane;
    for (let i = 0; i < PEERS_MAX; i += 1) peers.rowOf(nodeIndex(100 + i));
    expect(open(seal(one, true))).toBe("SEC035");
  });
});

describe("a group envelope", () => {
  test("opens with the key of its epoch, signed or not, once", () => {
    introduce(two.plane, one.plane);
    const [mine, theirs] = [epochsOf(one), epochsOf(two)];
    for (const sign of [false, true]) {
      const sealed = sealGroup(one.plane, mine.sealing, message, sign)!;
      const opened = openGroup(two.plane, theirs, NOW, sealed);
      expect(opened).toEqual({ from: 1, message, signed: sign });
      expect(openGroup(two.plane, theirs, NOW, sealed)).toBe("SEC008");
    }
  });

  test("signed by another member than it says is refused and moves no window", () => {
    introduce(two.plane, one.plane);
    const [mine, theirs] = [epochsOf(one), epochsOf(two)];
    const forger = { ...one.plane, boot: { ...one.plane.boot, key: two.plane.boot.key } };
    const forged = sealGroup(forger, mine.sealing, message, true)!;
    expect(openGroup(two.plane, theirs, NOW, forged)).toBe("SEC009");
    mine.sealing.own.counter = 0;
    const honest = sealGroup(one.plane, mine.sealing, message, true)!;
    expect(openGroup(two.plane, theirs, NOW, honest)).toMatchObject({ signed: true });
  });

  test("unsigned, by another member with the last counter of all, does not mute the sender", () => {
    introduce(two.plane, one.plane);
    const [mine, theirs] = [epochsOf(one), epochsOf(two)];
    mine.sealing.own.counter = 0xfffffffe;
    const forged = sealGroup(one.plane, mine.sealing, message, false)!;
    expect(openGroup(two.plane, theirs, NOW, forged)).toMatchObject({ signed: false });
    mine.sealing.own.counter = 0;
    for (const sign of [false, true, false]) {
      const honest = sealGroup(one.plane, mine.sealing, message, sign)!;
      expect(openGroup(two.plane, theirs, NOW, honest)).toMatchObject({ signed: sign });
    }
  });

  test("is refused for each other reason by its own code", () => {
    const [mine, theirs] = [epochsOf(one), epochsOf(two)];
    const sealed = sealGroup(one.plane, mine.sealing, message, true)!;
    expect(openGroup(two.plane, theirs, NOW, sealed.subarray(0, 80))).toBe("SEC001");
    expect(openGroup(two.plane, theirs, NOW, sealed)).toBe("SEC006");
    two.plane.peers.setClaimedBoot(two.plane.peers.rowOf(nodeIndex(1)), one.plane.boot.nonce);
    expect(openGroup(two.plane, theirs, NOW, sealed)).toBe("SEC006");
    introduce(two.plane, one.plane);
    const change = (at: number, value: number): unknown => {
      const bytes = sealed.slice();
      bytes[at] = value;
      return openGroup(two.plane, theirs, NOW, bytes);
    };
    expect(change(3, 50)).toBe("SEC003");
    expect(change(1, 3)).toBe("SEC005");
    expect(change(12, 0)).toBe("SEC007");
    expect(change(0, 0x51)).toBe("SEC007");
    two.plane.peers.revoke(nodeIndex(1));
    expect(openGroup(two.plane, theirs, NOW, sealed)).toBe("SEC004");
  });
});

describe("boots", () => {
  test("an endorsement holds for one mission, one node, one key", () => {
    const { boot, id, self } = one.plane;
    const endorsement = readEndorsement(new ByteReader(boot.endorsement));
    expect(encodeEndorsement(endorsement)).toEqual(boot.endorsement);
    const ed25519 = fleet.directory.ed25519Key(self)!;
    const signer = { mission: fleet.directory.missionId, id, ed25519 };
    const check = (change: object, part: object = {}): boolean =>
      verifyEndorsement(fleet.provider, { ...signer, ...change }, { ...endorsement, ...part });
    expect(check({})).toBe(true);
    expect(check({ mission: 8 })).toBe(false);
    expect(check({ id: two.plane.id })).toBe(false);
    expect(check({ ed25519: fleet.directory.ed25519Key(two.plane.self)! })).toBe(false);
    expect(check({}, { bootCount: 2 })).toBe(false);
    expect(check({}, { bootNonce: 1n })).toBe(false);
    expect(check({}, { bootKey: fleet.provider.publicKey(two.plane.boot.key) })).toBe(false);
  });

  test("an endorsement for a slot outside the directory is refused", () => {
    const endorsement = endorsementAt(one.plane.boot.endorsement, 0)!;
    const row = two.plane.peers.rowOf(nodeIndex(40));
    expect(adoptBoot(two.plane, { row, from: nodeIndex(40) }, endorsement)).toBe("SEC003");
    expect(endorsementAt(one.plane.boot.endorsement, 1)).toBeUndefined();
  });

  test("announcements are read by kind and length", () => {
    const whole = encodeAnnounce(one.plane.self, one.plane.boot.endorsement);
    expect(decodeAnnounce(whole)).toMatchObject({ bootCount: 1 });
    expect(decodeAnnounce(encodeAnnounceRequest(one.plane.self))).toBe("request");
    expect(decodeAnnounce(whole.subarray(1))).toBeUndefined();
    expect(decodeAnnounce(Uint8Array.of(0x81, 7, 0, 1))).toBeUndefined();
  });
});

describe("key generations", () => {
  test("rise, keep four, and the newest seals", () => {
    const { generations } = one;
    const secret = (): ReturnType<typeof copyOf> => copyOf(fleet, fleet.directory.beaconKey);
    for (let number = 1; number <= 5; number += 1)
      expect(generations.add(number, secret())).toBe(true);
    expect(generations.add(5, secret())).toBe(false);
    expect(generations.newest.number).toBe(5);
    expect(generations.sealing.number).toBe(5);
    generations.use(4);
    generations.use(9);
    expect(generations.sealing.number).toBe(4);
    generations.use(3);
    expect(generations.sealing.number).toBe(4);
    expect(generations.byHint(1)).toBeUndefined();
    expect(generations.byHint(2)?.number).toBe(2);
  });

  test("save and load with their windows and counters", () => {
    introduce(two.plane, one.plane);
    const sealed = sealHop(one.plane, one.generations.newest, packet)!;
    openHop(two.plane, two.generations, sealed);
    two.generations.newest.ownHop.counter = 41;
    const writer = new ByteWriter();
    two.generations.save(writer, two.plane.peers.rows);
    const loaded = new Generations(
      fleet.provider,
      two.plane,
      copyOf(fleet, fleet.directory.beaconKey),
    );
    loaded.load(new ByteReader(writer.take()), two.plane.peers.rows);
    expect(openHop(two.plane, loaded, sealed)).toBe("SEC008");
    expect(loaded.newest.ownHop.counter).toBe(41);
  });
});
