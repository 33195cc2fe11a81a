/** The handshake by its parts: golden bytes, lengths, and what each attack meets. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  SeededStream,
  monotonicMs,
  nodeIndex,
  toHex,
  type NodeIndex,
} from "../../base/mod.ts";
import { importNodeKeys } from "../credential/fleet.ts";
import type { KeyHandle } from "../provider.ts";
import { makeFleet } from "../testing/fleet.test-support.ts";
import { expectGolden } from "../testing/golden.test-support.ts";
import { makePlane, type TestPlane } from "../testing/planes.test-support.ts";
import type { SecurityOut } from "../types.ts";
import {
  CookieKeys,
  CookieSecrets,
  cookieRequest,
  isRequestAuthentic,
  openAnswer,
  readCookie,
} from "./cookie.ts";
import { Reassembly, fragment, isAuthentic, readFragment } from "./fragments.ts";
import { Handshakes } from "./handshakes.ts";
import {
  MESSAGE_BYTES,
  confirmHandshake,
  destroyInitiator,
  destroySessionKeys,
  finishHandshake,
  respondHandshake,
  startHandshake,
  type HandshakeParty,
  type InitiatorState,
  type ResponderState,
} from "./messages.ts";
import { HALF_OPEN_MS } from "./responder.ts";
import { createSession, destroySession, openPairwise, sealPairwise } from "./session.ts";

const [INITIATOR, RESPONDER, THIRD] = [nodeIndex(1), nodeIndex(2), nodeIndex(3)];
const NOW = monotonicMs(1000);

let fleet: ReturnType<typeof makeFleet>;
let cookie: KeyHandle;
beforeEach(() => {
  fleet = makeFleet(3, 31);
  cookie = fleet.provider.importSecret(new Uint8Array(32).fill(6));
});

const party = (index: NodeIndex): HandshakeParty => ({
  provider: fleet.provider,
  directory: fleet.directory,
  keys: importNodeKeys(fleet.provider, fleet.members[index]!.secrets),
});
const claimOf = (index: NodeIndex): Parameters<typeof startHandshake>[2] => ({
  id: fleet.members[index]!.credential.id,
  bootNonce: 0x0102030405060708n,
  bootCount: 3,
  attempt: 258,
  policyVersion: 1,
});
const answerClaim = { bootNonce: 9n, bootCount: 4, policyVersion: 1 };
const start = (): InitiatorState =>
  startHandshake(party(INITIATOR), RESPONDER, claimOf(INITIATOR))!;
const respond = (message: Uint8Array, peer = INITIATOR): ResponderState | undefined =>
  respondHandshake(party(RESPONDER), { self: RESPONDER, peer, message, claim: answerClaim });

describe("the three messages", () => {
  test("have golden bytes and lead both sides to the same keys", () => {
    const first = start();
    const second = respond(first.message)!;
    const third = finishHandshake(party(INITIATOR), first, second.message)!;
    expect(confirmHandshake(second, third.message)).toBe(true);
    const { provider } = fleet;
    const key = (handle: KeyHandle): string => toHex(provider.exportSecret(handle));
    const [mine, theirs] = [third.session, second.session];
    expect(key(mine.send.key)).toBe(key(theirs.receive.key));
    expect(key(mine.receive.key)).toBe(key(theirs.send.key));
    expect(key(mine.wrapSend)).toBe(key(theirs.wrapReceive));
    expect(key(mine.wrapReceive)).toBe(key(theirs.wrapSend));
    expect(mine.send.salt).toEqual(theirs.receive.salt);
    expect([mine.tag, theirs.tag]).toEqual([2, 2]);
    expect(new Set([mine.send.key, mine.receive.key, mine.wrapSend].map(key)).size).toBe(3);
    expect(second.claim).toEqual(claimOf(INITIATOR));
    expect(third.claim).toEqual(answerClaim);
    const messages = [first.message, second.message, third.message];
    expect(messages.map((one) => one.length)).toEqual(MESSAGE_BYTES);
    expect(MESSAGE_BYTES).toEqual([2368, 2256, 16]);
    const initiatorSeeds = fleet.members[INITIATOR]!.secrets;
    const responderSeeds = fleet.members[RESPONDER]!.secrets;
    const hexes = (seeds: object): Record<string, string> =>
      Object.fromEntries(
        Object.entries(seeds).map(([name, value]) => [
          name,
          value instanceof Uint8Array ? toHex(value) : String(value),
        ]),
      );
    expectGolden("handshake/messages.json", [
      {
        name: "msg1",
        initiator: hexes(initiatorSeeds),
        responder: hexes(responderSeeds),
        ephemeralX25519: key(first.ephemeral),
        ephemeralMlkem: key(first.ephemeralKem),
        hex: toHex(first.message),
      },
      { name: "msg2", hex: toHex(second.message) },
      { name: "msg3", hex: toHex(third.message) },
      {
        name: "session",
        initiatorToResponder: key(mine.send.key) + toHex(mine.send.salt),
        responderToInitiator: key(mine.receive.key) + toHex(mine.receive.salt),
        wrapInitiatorToResponder: key(mine.wrapSend),
        wrapResponderToInitiator: key(mine.wrapReceive),
        hex: "",
      },
    ]);
  });

  test("with any byte changed lead nowhere, and the true ones still finish", () => {
    const first = start();
    for (let at = 0; at < first.message.length; at += 59) {
      const bad = first.message.slice();
      bad[at]! ^= 1;
      expect(respond(bad)).toBeUndefined();
    }
    const second = respond(first.message)!;
    for (let at = 0; at < second.message.length; at += 83) {
      const bad = second.message.slice();
      bad[at]! ^= 1;
      expect(finishHandshake(party(INITIATOR), first, bad)).toBeUndefined();
    }
    const third = finishHandshake(party(INITIATOR), first, second.message)!;
    for (let at = 0; at < 16; at += 1) {
      const bad = third.message.slice();
      bad[at]! ^= 1;
      expect(confirmHandshake(second, bad)).toBe(false);
    }
    expect(confirmHandshake(second, third.message)).toBe(true);
  });

  test("of another length are refused", () => {
    const first = start();
    expect(respond(first.message.subarray(1))).toBeUndefined();
    expect(finishHandshake(party(INITIATOR), first, first.message)).toBeUndefined();
    const second = respond(first.message)!;
    expect(confirmHandshake(second, first.message)).toBe(false);
  });

  test("an initiator that names another id than its slot's is refused", () => {
    const claim = { ...claimOf(INITIATOR), id: fleet.members[THIRD]!.credential.id };
    const first = startHandshake(party(INITIATOR), RESPONDER, claim)!;
    expect(respond(first.message)).toBeUndefined();
    expect(respond(start().message, THIRD)).toBeUndefined();
  });

  test("an impostor without the static keys cannot finish as the one it names", () => {
    const impostor = { ...party(THIRD) };
    const first = startHandshake(impostor, RESPONDER, claimOf(INITIATOR))!;
    const second = respond(first.message)!;
    expect(finishHandshake(impostor, first, second.message)).toBeUndefined();
    const own = finishHandshake(party(INITIATOR), first, second.message);
    expect(own).toBeDefined();
  });

  test("a responder that is not the one meant cannot answer", () => {
    const first = start();
    const wrong = { self: THIRD, peer: INITIATOR, message: first.message, claim: answerClaim };
    expect(respondHandshake(party(THIRD), wrong)).toBeUndefined();
    const liar = { ...wrong, self: RESPONDER };
    expect(respondHandshake(party(THIRD), liar)).toBeUndefined();
  });

  test("points of small order and keys out of range are refused", () => {
    const first = start();
    const zeroPoint = first.message.slice();
    zeroPoint.fill(0, 0, 32);
    expect(respond(zeroPoint)).toBeUndefined();
    const badKem = first.message.slice();
    badKem.fill(0xff, 32, 64);
    expect(respond(badKem)).toBeUndefined();
    const second = respond(first.message)!;
    const zeroAnswer = second.message.slice();
    zeroAnswer.fill(0, 0, 32);
    expect(finishHandshake(party(INITIATOR), first, zeroAnswer)).toBeUndefined();
  });

  test("to nobody in the directory are not started", () => {
    expect(startHandshake(party(INITIATOR), nodeIndex(70), claimOf(INITIATOR))).toBeUndefined();
  });

  test("leave no key behind when they are dropped", () => {
    const { provider } = fleet;
    const first = start();
    const second = respond(first.message)!;
    const third = finishHandshake(party(INITIATOR), first, second.message)!;
    destroySessionKeys(provider, third.session);
    destroySessionKeys(provider, second.session);
    destroyInitiator(provider, first);
    expect(() => provider.exportSecret(first.ephemeral)).toThrow("live key");
    expect(() => provider.exportSecret(third.session.wrapSend)).toThrow("live key");
  });
});

describe("fragments", () => {
  const header = {
    message: 1,
    period: 1,
    sender: INITIATOR,
    receiver: RESPONDER,
    handshake: 0xa1b2c3d4,
  };
  const bytesOf = (message: number): Uint8Array =>
    Uint8Array.from({ length: MESSAGE_BYTES[message - 1]! }, (_, i) => (i * 31 + message) & 255);
  const cut = (message: number, parity: boolean): Uint8Array[] =>
    fragment(fleet.provider, cookie, { ...header, message }, { message: bytesOf(message), parity });
  const sum = (parts: readonly Uint8Array[]): number =>
    parts.reduce((total, part) => total + part.length, 0);

  test("fit 1180 B; 3 + 2 + 1 of them in 4.8 kB, 4 + 3 + 1 with parity in 6.9 kB", () => {
    for (const [parity, counts, most] of [
      [false, [3, 2, 1], 4800],
      [true, [4, 3, 1], 6900],
    ] as const) {
      const all = [1, 2, 3].map((message) => cut(message, parity));
      expect(all.map((parts) => parts.length)).toEqual(counts);
      expect(sum(all.flat())).toBeLessThanOrEqual(most);
      for (const part of all.flat()) expect(part.length).toBeLessThanOrEqual(1180);
    }
  });

  test("have golden bytes", () => {
    const rows = [1, 2, 3].flatMap((message) =>
      cut(message, true).map((part, index) => ({
        name: `msg${String(message)}, fragment ${String(index)}`,
        cookie: "06".repeat(32),
        sender: INITIATOR,
        receiver: RESPONDER,
        handshake: header.handshake,
        hex: toHex(part),
      })),
    );
    expectGolden("handshake/fragments.json", rows);
  });

  test("join in any order, with any one of them lost when parity came", () => {
    for (const message of [1, 2]) {
      const parts = cut(message, true);
      for (let lost = 0; lost < parts.length; lost += 1) {
        const reassembly = new Reassembly();
        const left = parts.filter((_, i) => i !== lost).reverse();
        const results = left.map((part) => reassembly.add(NOW, readFragment(part)!, part));
        expect(results.at(-1)).toEqual(bytesOf(message));
        expect(reassembly.size).toBe(0);
      }
      const reassembly = new Reassembly();
      for (const part of parts.slice(2)) {
        expect(reassembly.add(NOW, readFragment(part)!, part)).toBe("waiting");
      }
    }
  });

  test("with any bit changed are not authentic", () => {
    const [part] = cut(3, false);
    for (let at = 0; at < part!.length; at += 1) {
      const bad = part!.slice();
      bad[at]! ^= 1 << (at % 8);
      expect(isAuthentic(fleet.provider, cookie, bad)).toBe(false);
    }
    expect(isAuthentic(fleet.provider, cookie, part!)).toBe(true);
  });

  test("of impossible shape are not even looked at", () => {
    const [part] = cut(2, false);
    const change = (second: number): Uint8Array => {
      const bytes = part!.slice();
      bytes[1] = second;
      return bytes;
    };
    expect(readFragment(part!)).toMatchObject({ message: 2, index: 0, handshake: 0xa1b2c3d4 });
    expect(readFragment(change(0b00_000_000))).toBeUndefined();
    expect(readFragment(change(0b10_000_010))).toBeUndefined();
    expect(readFragment(change(0b10_011_000))).toBeUndefined();
    expect(readFragment(change(0b11_001_000))).toBeUndefined();
    expect(readFragment(part!.subarray(1))).toBeUndefined();
    expect(readFragment(part!.subarray(0, 20))).toBeUndefined();
  });

  test("fill at most two partial messages of a peer and 64 in all, for 2 s", () => {
    const reassembly = new Reassembly();
    const [part] = cut(1, false);
    const read = readFragment(part!)!;
    const add = (sender: number, handshake: number, now = NOW): unknown =>
      reassembly.add(now, { ...read, sender: nodeIndex(sender), handshake }, part!);
    expect([add(1, 1), add(1, 2), add(1, 3)]).toEqual(["waiting", "waiting", "full"]);
    for (let sender = 2; sender < 64; sender += 1) expect(add(sender, 1)).toBe("waiting");
    expect(add(64, 1)).toBe("full");
    expect(reassembly.size).toBe(64);
    expect(add(64, 1, monotonicMs(NOW + 2000))).toBe("waiting");
    expect(reassembly.size).toBe(1);
  });

  test("saved half-way go on", () => {
    const reassembly = new Reassembly();
    const parts = cut(1, false);
    for (const part of [parts[0]!, parts[2]!]) reassembly.add(NOW, readFragment(part)!, part);
    const writer = new ByteWriter();
    reassembly.save(writer);
    const loaded = new Reassembly();
    loaded.load(new ByteReader(writer.take()));
    expect(loaded.add(NOW, readFragment(parts[1]!)!, parts[1]!)).toEqual(bytesOf(1));
  });
});

describe("the cookie exchange", () => {
  const names = { self: INITIATOR, peer: RESPONDER, handshake: 77 };

  test("has golden bytes, opens for the initiator, and keeps nothing at the responder", () => {
    const { provider, directory } = fleet;
    const keys = new CookieKeys(provider, directory);
    const key = keys.of(RESPONDER)!;
    const request = cookieRequest(provider, key, names);
    expect(isRequestAuthentic(provider, key, request)).toBe(true);
    const secrets = new CookieSecrets(provider);
    const answer = secrets.answer(NOW, key, readCookie(request)!);
    const opened = openAnswer(provider, key, answer)!;
    const { period } = readCookie(answer)!;
    const again = secrets.cookie(INITIATOR, 77, period)!;
    expect(provider.exportSecret(opened)).toEqual(provider.exportSecret(again));
    const other = secrets.cookie(INITIATOR, 78, period)!;
    expect(provider.exportSecret(other)).not.toEqual(provider.exportSecret(again));
    expectGolden("handshake/cookies.json", [
      { name: "request", ...names, key: toHex(provider.exportSecret(key)), hex: toHex(request) },
      { name: "answer", cookie: toHex(provider.exportSecret(again)), hex: toHex(answer) },
    ]);
  });

  test("forged in any bit is refused", () => {
    const { provider, directory } = fleet;
    const key = new CookieKeys(provider, directory).of(RESPONDER)!;
    const request = cookieRequest(provider, key, names);
    const answer = new CookieSecrets(provider).answer(NOW, key, readCookie(request)!);
    for (let at = 2; at < request.length; at += 1) {
      const bad = request.slice();
      bad[at]! ^= 2;
      expect(isRequestAuthentic(provider, key, bad)).toBe(false);
    }
    for (let at = 2; at < answer.length; at += 1) {
      const bad = answer.slice();
      bad[at]! ^= 2;
      expect(openAnswer(provider, key, bad)).toBeUndefined();
    }
    expect(readCookie(Uint8Array.of(0x41, 3, ...new Uint8Array(24)))).toBeUndefined();
    expect(readCookie(new Uint8Array(0))).toBeUndefined();
  });

  test("secrets turn every 120 s, and the one before still counts", () => {
    const { provider, directory } = fleet;
    const key = new CookieKeys(provider, directory).of(RESPONDER)!;
    const secrets = new CookieSecrets(provider);
    expect(secrets.cookie(INITIATOR, 77, 0)).toBeUndefined();
    const header = readCookie(cookieRequest(provider, key, names))!;
    const periodAt = (now: number): number =>
      readCookie(secrets.answer(monotonicMs(now), key, header))!.period;
    const cookieText = (period: number): string =>
      toHex(provider.exportSecret(secrets.cookie(INITIATOR, 77, period)!));
    const first = periodAt(0);
    const made = cookieText(first);
    expect(periodAt(119_999)).toBe(first);
    expect(periodAt(120_000)).toBe(first ^ 1);
    expect(cookieText(first)).toBe(made);
    expect(periodAt(900_000)).toBe(first);
    expect(cookieText(first)).not.toBe(made);
  });

  test("a slot outside the directory has no key", () => {
    expect(new CookieKeys(fleet.provider, fleet.directory).of(nodeIndex(70))).toBeUndefined();
  });
});

describe("under attack", () => {
  let responder: Handshakes;
  let target: TestPlane;
  let sent: SecurityOut[];
  const emit = (output: SecurityOut): unknown => sent.push(output);
  const make = (index: NodeIndex): { handshakes: Handshakes; test: TestPlane } => {
    const test = makePlane(fleet, index);
    const handshakes = new Handshakes({
      plane: test.plane,
      keys: importNodeKeys(fleet.provider, fleet.members[index]!.secrets),
      random: new SeededStream(1, index),
      isDirect: () => false,
    });
    return { handshakes, test };
  };
  beforeEach(() => {
    ({ handshakes: responder, test: target } = make(RESPONDER));
    sent = [];
  });

  /** Lets initiator and responder talk; what the initiator sent is kept. */
  const shake = (initiator: Handshakes, now = NOW): Uint8Array[] => {
    const recorded: Uint8Array[] = [];
    const toInitiator = (output: SecurityOut): void => {
      if (output.kind === "handshake") initiator.receive(now, output.bytes, toResponder);
    };
    const toResponder = (output: SecurityOut): void => {
      if (output.kind !== "handshake") return;
      recorded.push(output.bytes);
      responder.receive(now, output.bytes, toInitiator);
    };
    initiator.connect(now, RESPONDER, toResponder);
    return recorded;
  };

  test("a handshake for which ours gave way and that dies leaves ours to begin again", () => {
    const { handshakes: initiator } = make(INITIATOR);
    responder.connect(NOW, INITIATOR, emit);
    const toInitiator = (output: SecurityOut): void => {
      if (output.kind === "handshake") initiator.receive(NOW, output.bytes, toResponder);
    };
    const toResponder = (output: SecurityOut): void => {
      if (output.kind !== "handshake") return;
      const isThird = output.bytes[0] === 0x31 && output.bytes[1]! >> 6 === 3;
      if (!isThird) responder.receive(NOW, output.bytes, toInitiator);
    };
    initiator.connect(NOW, RESPONDER, toResponder);
    expect([initiator.sessionCount, responder.sessionCount]).toEqual([1, 0]);
    expect(responder.wakeAt()).toBe(NOW + HALF_OPEN_MS);
    sent = [];
    responder.wake(monotonicMs(NOW + HALF_OPEN_MS), emit);
    expect(sent).toMatchObject([{ kind: "handshake", to: INITIATOR }]);
  });

  test("10,000 forged fragments keep nothing and answer nothing", () => {
    shake(make(INITIATOR).handshakes);
    const { provider } = fleet;
    const guess = provider.importSecret(new Uint8Array(32).fill(1));
    const header = { message: 1, period: 0, sender: THIRD, receiver: RESPONDER, handshake: 5 };
    const message = new Uint8Array(MESSAGE_BYTES[0]!);
    const [part] = fragment(provider, guess, header, { message, parity: false });
    const codes = new Set<unknown>();
    for (let i = 0; i < 10_000; i += 1) {
      part![1] = (part![1]! & 0xfe) | (i & 1);
      codes.add(responder.receive(NOW, part!, emit));
    }
    expect(codes).toEqual(new Set(["SEC012"]));
    expect(sent).toEqual([]);
    expect(responder.sessionCount).toBe(1);
  });

  test("a handshake played back opens no second session and disturbs the first", () => {
    const { handshakes: initiator, test } = make(INITIATOR);
    const recorded = shake(initiator);
    const before = responder.session(INITIATOR)!;
    for (const bytes of recorded) responder.receive(NOW, bytes, emit);
    const later = monotonicMs(NOW + 6000);
    for (const bytes of recorded) responder.receive(later, bytes, emit);
    expect(responder.session(INITIATOR)).toBe(before);
    expect(sent.some((one) => one.kind === "sessionOpened")).toBe(false);
    const sealed = sealPairwise(test.plane, initiator.session(RESPONDER)!, Uint8Array.of(1))!;
    expect(responder.open(later, INITIATOR, sealed, emit)).toEqual(Uint8Array.of(1));
  });

  test("a first message with a lower attempt or boot is refused even with a fresh cookie", () => {
    shake(make(INITIATOR).handshakes);
    const { handshakes: twin } = make(INITIATOR);
    const refused: unknown[] = [];
    const answer = (output: SecurityOut): void => {
      if (output.kind === "handshake") twin.receive(NOW, output.bytes, forward);
    };
    const forward = (output: SecurityOut): void => {
      if (output.kind === "handshake") refused.push(responder.receive(NOW, output.bytes, answer));
    };
    twin.connect(NOW, RESPONDER, forward);
    expect(refused).toContain("SEC010");
    expect(responder.sessionCount).toBe(1);
  });

  test("names outside the directory, our own, or of the expelled are refused by code", () => {
    const key = new CookieKeys(fleet.provider, fleet.directory).of(RESPONDER)!;
    const ask = (self: number, peer = 2): unknown => {
      const names = { self: nodeIndex(self), peer: nodeIndex(peer), handshake: 1 };
      return responder.receive(NOW, cookieRequest(fleet.provider, key, names), emit);
    };
    expect(ask(60)).toBe("SEC003");
    expect(ask(2)).toBe("SEC003");
    expect(ask(1, 3)).toBe("SEC013");
    expect(ask(1)).toBeUndefined();
    target.plane.peers.revoke(INITIATOR);
    expect(ask(1)).toBe("SEC004");
    expect(responder.receive(NOW, Uint8Array.of(0x31, 1), emit)).toBe("SEC001");
    expect(responder.receive(NOW, Uint8Array.of(0x41, 1), emit)).toBe("SEC001");
  });

  test("answers that nobody asked for are refused", () => {
    const key = new CookieKeys(fleet.provider, fleet.directory).of(INITIATOR)!;
    const request = readCookie(
      cookieRequest(fleet.provider, key, { self: RESPONDER, peer: INITIATOR, handshake: 9 }),
    )!;
    const answer = new CookieSecrets(fleet.provider).answer(NOW, key, request);
    expect(responder.receive(NOW, answer, emit)).toBe("SEC013");
    const header = { message: 2, period: 0, sender: INITIATOR, receiver: RESPONDER, handshake: 4 };
    const message = new Uint8Array(MESSAGE_BYTES[1]!);
    const [part] = fragment(fleet.provider, cookie, header, { message, parity: false });
    expect(responder.receive(NOW, part!, emit)).toBe("SEC013");
  });

  test("a peer with an older policy is refused, whichever side it is on", () => {
    const { directory } = fleet;
    for (const [mine, theirs] of [
      [1, 0],
      [0, 1],
    ]) {
      const codes: unknown[] = [];
      Object.defineProperty(directory, "policyVersion", { value: mine });
      const { handshakes: initiator } = make(INITIATOR);
      Object.defineProperty(directory, "policyVersion", { value: theirs });
      ({ handshakes: responder } = make(RESPONDER));
      const back = (output: SecurityOut): void => {
        if (output.kind === "handshake") codes.push(initiator.receive(NOW, output.bytes, there));
      };
      const there = (output: SecurityOut): void => {
        if (output.kind === "handshake") codes.push(responder.receive(NOW, output.bytes, back));
      };
      initiator.connect(NOW, RESPONDER, there);
      expect(codes).toContain("SEC016");
      expect(initiator.sessionCount).toBe(0);
    }
  });

  test("an answer out of a boot older than the known one is refused", () => {
    const { handshakes: initiator, test } = make(INITIATOR);
    const row = test.plane.peers.rowOf(RESPONDER);
    test.plane.peers.setEndorsedBoot(row, { nonce: 1n, count: 9, key: cookie });
    const codes: unknown[] = [];
    const back = (output: SecurityOut): void => {
      if (output.kind === "handshake") codes.push(initiator.receive(NOW, output.bytes, there));
    };
    const there = (output: SecurityOut): void => {
      if (output.kind === "handshake") codes.push(responder.receive(NOW, output.bytes, back));
    };
    initiator.connect(NOW, RESPONDER, there);
    expect(codes).toContain("SEC010");
    expect(initiator.sessionCount).toBe(0);
  });
});

describe("a session", () => {
  test("opens each envelope once and ends with its counters", () => {
    const first = start();
    const second = respond(first.message)!;
    const third = finishHandshake(party(INITIATOR), first, second.message)!;
    const common = { createdAt: NOW, peerBootCount: 1 };
    const [a, b] = [makePlane(fleet, 1).plane, makePlane(fleet, 2).plane];
    const mine = createSession({
      ...common,
      peer: RESPONDER,
      keys: third.session,
      initiator: true,
    });
    const theirs = createSession({
      ...common,
      peer: INITIATOR,
      keys: second.session,
      initiator: false,
    });
    const message = Uint8Array.of(9, 9);
    const sealed = sealPairwise(a, mine, message)!;
    expect(sealed.length).toBe(26);
    expectGolden("envelope/pairwise.json", [
      {
        name: "pairwise",
        key: toHex(fleet.provider.exportSecret(mine.send.key)),
        salt: toHex(mine.send.salt),
        message: toHex(message),
        hex: toHex(sealed),
      },
    ]);
    expect(openPairwise(b, theirs, sealed.subarray(0, 24))).toBe("SEC001");
    const bad = sealed.slice();
    bad[9]! ^= 1;
    expect(openPairwise(b, theirs, bad)).toBe("SEC007");
    expect(openPairwise(b, theirs, sealed)).toEqual(message);
    expect(openPairwise(b, theirs, sealed)).toBe("SEC008");
    mine.send.counter = 0xffffffff;
    expect(sealPairwise(a, mine, message)).toBeUndefined();
    destroySession(fleet.provider, mine);
    expect(() =>
      sealPairwise(a, { ...mine, send: { ...mine.send, counter: 1 } }, message),
    ).toThrow();
  });
});
