/**
 * HubEpoch is tested in `../security.test.ts`, between machines. Here: epochs by themselves: golden
 * bytes, order of events, wrong keys.
 */
import { beforeEach, describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, monotonicMs, nodeIndex, toHex } from "../../base/mod.ts";
import type { KeyHandle } from "../provider.ts";
import { makeFleet } from "../testing/fleet.test-support.ts";
import { expectGolden } from "../testing/golden.test-support.ts";
import { makePlane, type TestPlane } from "../testing/planes.test-support.ts";
import { Epochs, GRACE_MS, SWITCH_MS, drawEpoch } from "./epochs.ts";
import {
  commitmentOf,
  decodeKeyRequest,
  decodeWraps,
  encodeKeyRequest,
  encodeWraps,
  unwrap,
  wrapFor,
  type EpochSecrets,
} from "./wraps.ts";

const NOW = monotonicMs(0);
const at = (ms: number): ReturnType<typeof monotonicMs> => monotonicMs(ms);
const members = [nodeIndex(1), nodeIndex(2)];
let fleet: ReturnType<typeof makeFleet>;
let one: TestPlane;
let wrapKey: KeyHandle;
beforeEach(() => {
  fleet = makeFleet(2, 41);
  one = makePlane(fleet, 1);
  wrapKey = fleet.provider.importSecret(new Uint8Array(32).fill(4));
});

const secretsOf = (epoch: number, generation = 0): EpochSecrets => ({
  epoch,
  epochKey: new Uint8Array(32).fill(epoch),
  generation,
  beaconKey: new Uint8Array(generation === 0 ? 0 : 32).fill(generation),
});
const commit = (secrets: EpochSecrets): Uint8Array => commitmentOf(fleet.provider, secrets);
const epochs = (): Epochs => new Epochs(fleet.provider, one.plane, fleet.directory.beaconKey);

describe("wraps", () => {
  test("have golden bytes, with and without a new beacon key", () => {
    const rows = [secretsOf(5), secretsOf(6, 1)].map((secrets) => {
      const commitment = commit(secrets);
      const entries = members.map((member) =>
        wrapFor(fleet.provider, wrapKey, { secrets, commitment, member }),
      );
      const { epoch, generation } = secrets;
      const message = encodeWraps({ epoch, generation, commitment, entries });
      expect(decodeWraps(message)).toEqual({ epoch, generation, commitment, entries });
      return {
        name: generation === 0 ? "epoch key" : "epoch key and beacon key",
        wrapKey: "04".repeat(32),
        epoch,
        generation,
        epochKey: toHex(secrets.epochKey),
        beaconKey: toHex(secrets.beaconKey),
        commitment: toHex(commitment),
        hex: toHex(message),
      };
    });
    const request = { epoch: 5, generation: 1 };
    expect(decodeKeyRequest(encodeKeyRequest(request))).toEqual(request);
    rows.push({ ...rows[0]!, name: "key request", hex: toHex(encodeKeyRequest(request)) });
    expectGolden("epoch/wraps.json", rows);
  });

  test("for a cluster of 50 stay within 3.2 kB", () => {
    const entryBytes = 2 + 32 + 16;
    const headerBytes = 1 + 8 + 4 + 32 + 1 + 24;
    const messages = Math.ceil(49 / 19);
    expect(49 * entryBytes + messages * headerBytes).toBeLessThanOrEqual(3200);
    const secrets = secretsOf(1);
    const commitment = commit(secrets);
    const entry = wrapFor(fleet.provider, wrapKey, { secrets, commitment, member: members[0]! });
    expect(entry.sealed.length + 2).toBe(entryBytes);
  });

  test("open for their member, number and commitment alone", () => {
    const secrets = secretsOf(5, 2);
    const commitment = commit(secrets);
    const entry = wrapFor(fleet.provider, wrapKey, { secrets, commitment, member: members[0]! });
    const names = { epoch: 5, generation: 2, commitment };
    const open = (change: object, part: object = {}): unknown =>
      unwrap(fleet.provider, wrapKey, { ...names, ...change }, { ...entry, ...part });
    expect(open({})).toEqual(secrets);
    expect(open({ epoch: 6 })).toBe("unopened");
    expect(open({ generation: 3 })).toBe("unopened");
    expect(open({ generation: 0 })).toBe("unopened");
    expect(open({ commitment: new Uint8Array(32) })).toBe("unopened");
    expect(open({}, { member: members[1] })).toBe("unopened");
    expect(open({}, { sealed: entry.sealed.subarray(1) })).toBe("unopened");
  });

  test("of a key that is not the one committed to are found out", () => {
    const commitment = commit(secretsOf(5));
    const other = { ...secretsOf(5), epochKey: new Uint8Array(32).fill(99) };
    const entry = wrapFor(fleet.provider, wrapKey, {
      secrets: other,
      commitment,
      member: members[0]!,
    });
    const names = { epoch: 5, generation: 0, commitment };
    expect(unwrap(fleet.provider, wrapKey, names, entry)).toBe("mismatch");
  });

  test("malformed are refused at every length", () => {
    const secrets = secretsOf(5);
    const commitment = commit(secrets);
    const entry = wrapFor(fleet.provider, wrapKey, { secrets, commitment, member: members[0]! });
    const whole = encodeWraps({ epoch: 5, generation: 0, commitment, entries: [entry] });
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeWraps(whole.subarray(0, length))).toBeUndefined();
    }
    const many = Array.from({ length: 20 }, () => entry);
    const tooMany = encodeWraps({ epoch: 5, generation: 0, commitment, entries: many });
    expect(decodeWraps(tooMany)).toBeUndefined();
    expect(decodeKeyRequest(whole)).toBeUndefined();
    expect(decodeKeyRequest(new Uint8Array(3))).toBeUndefined();
  });
});

describe("an epoch", () => {
  test("commits to what it draws; a kept beacon key is carried on", () => {
    const { provider } = fleet;
    const drawn = drawEpoch(provider, 3, { generation: 0, kept: undefined });
    expect(drawn.secrets.beaconKey).toHaveLength(0);
    expect(commit(drawn.secrets)).toEqual(drawn.commitment);
    const kept = provider.importSecret(new Uint8Array(32).fill(8));
    const carried = drawEpoch(provider, 4, { generation: 2, kept });
    expect(carried.secrets.beaconKey).toEqual(new Uint8Array(32).fill(8));
    const rolled = drawEpoch(provider, 5, { generation: 3, kept: undefined });
    expect(rolled.secrets.beaconKey).toHaveLength(32);
    expect(rolled.secrets.epochKey).not.toEqual(drawn.secrets.epochKey);
  });

  test("seals once key and agreement are both there, whichever came first", () => {
    const first = secretsOf(1);
    const keyFirst = epochs();
    keyFirst.agree(NOW, 1, commit(first), members);
    expect(keyFirst.sealing.number).toBe(0);
    expect(keyFirst.take(NOW, first, commit(first))).toBe("scheduled");
    expect(keyFirst.take(NOW, first, commit(first))).toBe("known");
    expect([keyFirst.sealing.number, keyFirst.newest.number]).toEqual([0, 1]);
    expect(keyFirst.wakeAt()).toBe(SWITCH_MS);
    expect(keyFirst.wake(at(SWITCH_MS))).toBe(true);
    expect(keyFirst.wake(at(SWITCH_MS))).toBe(false);
    const second = secretsOf(2);
    expect(keyFirst.take(at(SWITCH_MS), second, commit(second))).toBe("waiting");
    expect([keyFirst.sealing.number, keyFirst.newest.number]).toEqual([1, 1]);
    expect(keyFirst.byHint(NOW, 2)?.number).toBe(2);
    expect(keyFirst.agree(at(SWITCH_MS), 2, commit(second), members)).toBe("scheduled");
    expect(keyFirst.agree(NOW, 2, commit(second), members)).toBe("known");
    expect(keyFirst.members(2)).toEqual(members);
    expect(keyFirst.take(NOW, first, commit(first))).toBe("known");
  });

  test("taken while rejoining seals, and is dropped if the log says otherwise", () => {
    const given = secretsOf(7);
    const rejoining = epochs();
    expect(rejoining.take(NOW, given, commit(given))).toBe("scheduled");
    expect(rejoining.wake(at(SWITCH_MS))).toBe(true);
    expect(rejoining.agree(NOW, 6, new Uint8Array(32), members)).toBe("waiting");
    expect(rejoining.sealing.number).toBe(7);
    expect(rejoining.agree(NOW, 7, new Uint8Array(32), members)).toBe("mismatch");
    expect(rejoining.sealing.number).toBe(0);
    expect(rejoining.take(NOW, given, commit(given))).toBe("mismatch");
    const late = epochs();
    late.take(NOW, given, commit(given));
    late.wake(at(SWITCH_MS));
    late.wake(at(SWITCH_MS + GRACE_MS));
    expect(late.find(0)).toBeUndefined();
    late.agree(NOW, 7, new Uint8Array(32), members);
    expect(late.sealing.number).toBe(0);
  });

  test("opens for a grace after a newer one seals; four are kept, eight agreements", () => {
    const ring = epochs();
    for (let number = 1; number <= 9; number += 1) {
      const secrets = secretsOf(number);
      ring.agree(at(number), number, commit(secrets), members);
      expect(ring.take(at(number), secrets, commit(secrets))).toBe("scheduled");
      expect(ring.wake(at(number + SWITCH_MS))).toBe(true);
    }
    expect([5, 6, 7, 8, 9].map((number) => ring.find(number)?.number)).toEqual([
      undefined,
      6,
      7,
      8,
      9,
    ]);
    expect(ring.members(1)).toBeUndefined();
    expect(ring.members(2)).toEqual(members);
    expect(ring.wakeAt()).toBe(7 + SWITCH_MS + GRACE_MS);
    expect(ring.byHint(at(8 + SWITCH_MS + GRACE_MS), 7)).toBeUndefined();
    ring.wake(at(9 + SWITCH_MS + GRACE_MS));
    expect(ring.find(8)).toBeUndefined();
    expect(ring.wakeAt()).toBe(Infinity);
    expect(toHex(ring.secrets(ring.sealing).epochKey)).toBe("09".repeat(32));
  });

  test("saves and loads with counters, windows and agreements", () => {
    const ring = epochs();
    const secrets = secretsOf(3, 1);
    ring.agree(NOW, 3, commit(secrets), members);
    ring.take(NOW, secrets, commit(secrets));
    ring.wake(at(SWITCH_MS));
    ring.sealing.own.counter = 12;
    ring.sealing.keys.key(0, one.plane.id, 1n);
    ring.sealing.keys.windows.accept(0, 9);
    const writer = new ByteWriter();
    ring.save(writer, 1);
    const loaded = epochs();
    const reader = new ByteReader(writer.take());
    loaded.load(reader, 1);
    expect(reader.finish()).toBeUndefined();
    expect(loaded.sealing.number).toBe(3);
    expect(loaded.sealing.own.counter).toBe(12);
    expect(loaded.sealing.keys.windows.isFresh(0, 9)).toBe(false);
    expect(loaded.agreed).toBe(3);
    loaded.forget(0);
    expect(loaded.sealing.keys.windows.isFresh(0, 9)).toBe(true);
  });
});
