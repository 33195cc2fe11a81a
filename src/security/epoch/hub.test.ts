/** The hub between machines is in `../security.test.ts`; here its size, and whom it asks. */
import { expect, test } from "vitest";
import { createNativeProvider } from "../../../adapters/crypto-native/native.ts";
import {
  BROADCAST,
  SeededStream,
  monotonicMs,
  nodeIndex,
  type ProblemCode,
} from "../../base/mod.ts";
import { importNodeKeys } from "../credential/fleet.ts";
import { Handshakes } from "../handshake/handshakes.ts";
import { Air } from "../testing/air.test-support.ts";
import { seededEntropy } from "../testing/entropy.test-support.ts";
import { makeFleet } from "../testing/fleet.test-support.ts";
import { makePlane } from "../testing/planes.test-support.ts";
import type { SecurityOut } from "../types.ts";
import { Epochs } from "./epochs.ts";
import { HubEpoch } from "./hub.ts";

test("a cluster of 20 is rekeyed with one message of 50 bytes a member", () => {
  const fleet = makeFleet(19, 51, createNativeProvider({ entropy: seededEntropy(51) }));
  const air = new Air(fleet, 20);
  air.beacons();
  for (let i = 1; i < 20; i += 1) air.step(i, { kind: "connect", peer: nodeIndex(0) });
  expect(air.at(0).machine.sessionCount).toBeLessThan(19);
  air.pass(1000);
  expect(air.at(0).machine.sessionCount).toBe(19);
  const members = Array.from({ length: 20 }, (_, i) => nodeIndex(i));
  const before = air.controlBytes;
  const [out] = air.step(0, { kind: "openEpoch", epoch: 1, members, rollBeacon: false });
  const { commitment } = out as { commitment: Uint8Array };
  for (let i = 19; i >= 0; i -= 1) {
    air.step(i, { kind: "epochCommitted", epoch: 1, commitment, members });
  }
  expect(air.controlBytes - before).toBe(1 + 8 + 4 + 32 + 1 + 19 * 50 + 24);
  air.pass(600);
  expect(air.stations.every((one) => one.machine.epoch === 1)).toBe(true);
});

test("keys are asked for twice a second at most, of those who may have them", () => {
  const fleet = makeFleet(3, 52);
  const { plane, generations } = makePlane(fleet, 1);
  const { provider, directory, members } = fleet;
  const handshakes = new Handshakes({
    plane,
    keys: importNodeKeys(provider, members[1]!.secrets),
    random: new SeededStream(1),
    isDirect: () => false,
  });
  const refused: ProblemCode[] = [];
  const hub = new HubEpoch({
    plane,
    generations,
    handshakes,
    epochs: new Epochs(provider, plane, directory.beaconKey),
    address: BROADCAST,
    refuse: (code) => void refused.push(code),
  });
  const out: SecurityOut[] = [];
  const emit = (output: SecurityOut): unknown => out.push(output);
  expect(hub.wakeAt()).toBe(Infinity);
  for (const peer of [1, 40]) hub.wantKeys(monotonicMs(0), nodeIndex(peer), true, emit);
  plane.peers.revoke(nodeIndex(3));
  hub.wantKeys(monotonicMs(0), nodeIndex(3), true, emit);
  expect(out).toEqual([]);
  hub.wantKeys(monotonicMs(0), nodeIndex(2), true, emit);
  expect(hub.isDirect(nodeIndex(2))).toBe(true);
  expect(out.map((one) => one.kind)).toEqual(["handshake"]);
  expect(hub.wakeAt()).toBe(500);
  hub.wantKeys(monotonicMs(100), nodeIndex(2), true, emit);
  hub.askForKeys(monotonicMs(499), emit);
  expect(out).toHaveLength(1);
  hub.receiveWraps(monotonicMs(500), nodeIndex(2), Uint8Array.of(0x30), emit);
  expect(refused).toEqual(["SEC032"]);
});
