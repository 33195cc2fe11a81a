/**
 * What cryptography costs: handshake, seals, forged fragments, rekeying, and how far the native
 * provider is ahead of the portable one in the same run (ratios carry over between machines better
 * than microseconds do).
 */
import { createNativeProvider } from "../adapters/crypto-native/native.ts";
import { SeededStream, monotonicMs, nodeIndex, type NodeIndex } from "../src/base/mod.ts";
import {
  Security,
  createPortableProvider,
  importNodeKeys,
  memoise,
  type AeadCall,
  type CryptoProvider,
  type KeyHandle,
  type SecurityOut,
} from "../src/security/mod.ts";
import { encodeCredential } from "../src/security/credential/credential.ts";
import { fragment } from "../src/security/handshake/fragments.ts";
import { Handshakes } from "../src/security/handshake/handshakes.ts";
import { MESSAGE_BYTES } from "../src/security/handshake/messages.ts";
import { Air } from "../src/security/testing/air.test-support.ts";
import { seededEntropy } from "../src/security/testing/entropy.test-support.ts";
import { makeFleet, type TestFleet } from "../src/security/testing/fleet.test-support.ts";
import { makePlane } from "../src/security/testing/planes.test-support.ts";
import { median, printTable, type Row } from "./support/table.ts";

const NOW = monotonicMs(0);
const ignore = (): void => undefined;

/** CPU microseconds of one call: the median of seven runs of `count` calls, after one warm-up. */
function microsecondsOf(count: number, work: () => void): number {
  const runs = Array.from({ length: 8 }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < count; i += 1) work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  });
  return median(runs.slice(1));
}

/** How many times as long `slow` takes as `fast`: the median over rounds that take turns. */
function timesAsLong(slow: () => number, fast: () => number): number {
  return median(Array.from({ length: 5 }, () => slow() / fast()));
}

interface Aead {
  readonly provider: CryptoProvider;
  readonly key: KeyHandle;
  readonly seal: AeadCall;
  readonly open: AeadCall;
}

function aeadOf(provider: CryptoProvider, length: number): Aead {
  const key = provider.importSecret(new Uint8Array(32).fill(1));
  const input = new Uint8Array(8 + length);
  const output = new Uint8Array(8 + length + 16);
  const base = { nonce: new Uint8Array(12), aadOffset: 0, aadLength: 8, offset: 8, length };
  const seal = { ...base, input, output, outputOffset: 8 };
  const open = { ...base, input: output, output: new Uint8Array(length), outputOffset: 0 };
  return { provider, key, seal, open };
}

function aeadUs({ provider, key, seal, open }: Aead): number {
  return microsecondsOf(2000, () => {
    provider.aeadSeal(key, seal);
    provider.aeadOpen(key, open);
  });
}

/** Microseconds of the operations of which one is dear. */
function primitivesUs(provider: CryptoProvider, count: number): Record<string, number> {
  const kem = provider.generateKey("mlkem768");
  const quantum = provider.generateKey("mldsa65");
  const classical = provider.generateKey("ed25519");
  const agreement = provider.generateKey("x25519");
  const peer = provider.publicKey(provider.generateKey("x25519"));
  const message = new Uint8Array(100);
  const context = new Uint8Array(4);
  const long = provider.mldsaSign(quantum, message, context);
  const short = provider.ed25519Sign(classical, message);
  const { ciphertext } = provider.mlkemEncapsulate(kem);
  const drop = (key: KeyHandle | undefined): void => {
    if (key !== undefined) provider.destroyKey(key);
  };
  return {
    "ML-KEM-768 encapsulation": microsecondsOf(count, () =>
      drop(provider.mlkemEncapsulate(kem).secret),
    ),
    "ML-KEM-768 decapsulation": microsecondsOf(count, () =>
      drop(provider.mlkemDecapsulate(kem, ciphertext)),
    ),
    "ML-DSA-65 verification": microsecondsOf(
      count,
      () => void provider.mldsaVerify(quantum, message, context, long),
    ),
    "Ed25519 signature": microsecondsOf(count, () => void provider.ed25519Sign(classical, message)),
    "Ed25519 verification": microsecondsOf(
      count,
      () => void provider.ed25519Verify(classical, message, short),
    ),
    "X25519 agreement": microsecondsOf(count, () => drop(provider.x25519(agreement, peer))),
  };
}

interface Shaken {
  readonly bytes: number;
  readonly datagrams: number;
  readonly cookieBytes: number;
}

/** A driver of handshakes for a slot, with a plane that is made once. */
function shaker(fleet: TestFleet): () => Shaken {
  const parties = [1, 2].map((slot) => ({
    plane: makePlane(fleet, slot).plane,
    keys: importNodeKeys(fleet.provider, fleet.members[slot]!.secrets),
    random: new SeededStream(1, slot),
    isDirect: () => false,
  }));
  return () => {
    const sides = parties.map((party) => new Handshakes(party));
    const shaken = { bytes: 0, datagrams: 0, cookieBytes: 0 };
    const carry = (to: number) => (output: SecurityOut) => {
      if (output.kind !== "handshake") return;
      if (output.bytes[0] === 0x41) shaken.cookieBytes += output.bytes.length;
      else {
        shaken.bytes += output.bytes.length;
        shaken.datagrams += 1;
      }
      sides[to]!.receive(NOW, output.bytes, carry(1 - to));
    };
    sides[0]!.connect(NOW, nodeIndex(2), carry(1));
    if (sides[0]!.sessionCount + sides[1]!.sessionCount !== 2) throw new Error("no session");
    for (const [i, side] of sides.entries()) {
      side.disconnect(nodeIndex(2 - i));
      side.close(NOW, nodeIndex(2 - i), "SEC033", ignore);
    }
    return shaken;
  };
}

/** Microseconds that a fragment under a guessed cookie costs a responder. */
function forgedFragmentUs(fleet: TestFleet): number {
  const { provider } = fleet;
  const responder = new Handshakes({
    plane: makePlane(fleet, 2).plane,
    keys: importNodeKeys(provider, fleet.members[2]!.secrets),
    random: new SeededStream(1),
    isDirect: () => false,
  });
  const other = new Handshakes({
    plane: makePlane(fleet, 1).plane,
    keys: importNodeKeys(provider, fleet.members[1]!.secrets),
    random: new SeededStream(2),
    isDirect: () => false,
  });
  // A real exchange first, so that the responder has cookie secrets.
  other.connect(NOW, nodeIndex(2), (output) => {
    if (output.kind === "handshake") responder.receive(NOW, output.bytes, ignore);
  });
  const guess = provider.importSecret(new Uint8Array(32).fill(3));
  const header = { message: 1, period: 1, sender: nodeIndex(1), receiver: nodeIndex(2) };
  const message = new Uint8Array(MESSAGE_BYTES[0]!);
  const options = { message, parity: false };
  const [part] = fragment(provider, guess, { ...header, handshake: 9 }, options);
  if (responder.receive(NOW, part!, ignore) !== "SEC012") throw new Error("not refused as forged");
  return microsecondsOf(5000, () => void responder.receive(NOW, part!, ignore));
}

function machineFor(fleet: TestFleet, slot: number, provider: CryptoProvider): Security {
  const member = fleet.members[slot]!;
  return new Security({
    provider,
    directory: fleet.directory,
    self: member.index,
    keys: importNodeKeys(provider, member.secrets),
    bootCount: 1,
    seed: 1,
  });
}

/** Microseconds of sealing one thing and opening it, through the machines. */
function throughMachinesUs(fleet: TestFleet, what: "hop" | "beacon", bodyBytes: number): number {
  const [from, to] = [1, 2].map((slot) => machineFor(fleet, slot, fleet.provider));
  const body = new Uint8Array(bodyBytes);
  const deliver = (output: SecurityOut): void => {
    if (output.kind === "datagram")
      to!.step(NOW, { kind: "datagram", bytes: output.bytes }, ignore);
  };
  from!.step(NOW, { kind: "sealBeacon", body, carry: undefined }, deliver);
  return microsecondsOf(what === "hop" ? 3000 : 300, () => {
    if (what === "hop") from!.step(NOW, { kind: "sealHop", packet: body, carry: 0 }, deliver);
    else from!.step(NOW, { kind: "sealBeacon", body, carry: 0 }, deliver);
  });
}

/** Bytes and milliseconds for the head of 50 to hand out an epoch. */
function rekey(): { readonly bytes: number; readonly ms: number } {
  const fleet = makeFleet(49, 3, createNativeProvider());
  const air = new Air(fleet, 50);
  air.beacons();
  const members: NodeIndex[] = [];
  for (let i = 0; i < 50; i += 1) members.push(nodeIndex(i));
  for (let i = 1; i < 50; i += 1) air.step(i, { kind: "connect", peer: nodeIndex(0) });
  air.pass(2000);
  const head = air.at(0).machine;
  let bytes = 0;
  let epoch = 0;
  const once = (): void => {
    epoch += 1;
    bytes = 0;
    const count = (output: SecurityOut): void => {
      if (output.kind === "control") bytes += output.bytes.length;
      if (output.kind !== "epochProposed") return;
      const { commitment } = output;
      head.step(air.now, { kind: "epochCommitted", epoch, commitment, members }, count);
    };
    head.step(air.now, { kind: "openEpoch", epoch, members, rollBeacon: false }, (output) => {
      proposed = output;
    });
    if (proposed !== undefined) count(proposed);
  };
  let proposed: SecurityOut | undefined;
  const ms = microsecondsOf(20, once) / 1000;
  return { bytes, ms };
}

const atMost = (what: string, value: number, limit: number, unit: string): Row => ({
  what,
  measured: `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`,
  promised: `<= ${String(limit)} ${unit}`,
  kept: value <= limit,
});
const atLeast = (what: string, value: number, limit: number): Row => ({
  what,
  measured: `${value.toFixed(1)}x`,
  promised: `>= ${String(limit)}x`,
  kept: value >= limit,
});
const shown = (what: string, measured: string): Row => ({
  what,
  measured,
  promised: "",
  kept: true,
});
const us = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} us`;

export function run(): void {
  const native = createNativeProvider();
  const portable = createPortableProvider({ entropy: seededEntropy(1) });
  const fleet = makeFleet(2, 1, native);
  const shake = shaker(fleet);
  const { bytes, datagrams, cookieBytes } = shake();
  const handshakeMs = microsecondsOf(30, () => void shake()) / 1000;
  const [fast, slow] = [primitivesUs(native, 50), primitivesUs(portable, 5)];
  const [native64, portable64] = [aeadOf(native, 64), aeadOf(portable, 64)];
  const shared = aeadOf(memoise(native), 200);
  shared.provider.aeadSeal(shared.key, shared.seal);
  const again = microsecondsOf(3000, () => void shared.provider.aeadOpen(shared.key, shared.open));
  const { bytes: rekeyBytes, ms: rekeyMs } = rekey();
  const credential = encodeCredential(fleet.members[1]!.credential).length + 14 * 32 + 8;
  const ratio = (name: string): number => slow[name]! / fast[name]!;
  printTable([
    atMost("handshake, directory preloaded", bytes, 4800, "B"),
    atMost("its datagrams", datagrams, 6, ""),
    shown("its cookie exchange, beside that", `${String(cookieBytes)} B in 2 datagrams`),
    shown("with it", `${String(bytes + cookieBytes)} B in ${String(datagrams + 2)} datagrams`),
    atMost("its CPU time, both sides and cookies", handshakeMs, 1.5, "ms"),
    atMost("a forged fragment", forgedFragmentUs(fleet), 2, "us"),
    atMost("seal and open 64 B (AEAD)", aeadUs(native64), 2, "us"),
    shown("seal and open a hop packet of 64 B", us(throughMachinesUs(fleet, "hop", 64))),
    shown("sign, seal, open and verify a beacon", us(throughMachinesUs(fleet, "beacon", 120))),
    shown("open once more what was opened (simulator), 200 B", us(again)),
    ...Object.entries(fast).map(([name, value]) =>
      shown(name, `${us(value)}, portable ${us(slow[name]!)}`),
    ),
    atLeast("native over portable: ML-KEM encapsulation", ratio("ML-KEM-768 encapsulation"), 10),
    atLeast("native over portable: ML-DSA verification", ratio("ML-DSA-65 verification"), 8),
    atLeast(
      "native over portable: AEAD at 64 B",
      timesAsLong(
        () => aeadUs(portable64),
        () => aeadUs(native64),
      ),
      8,
    ),
    atMost("credential on the air, proof among 10,000", credential, 2300, "B"),
    atMost("rekeying a cluster of 50", rekeyBytes, 3200, "B"),
    atMost("rekeying a cluster of 50, at the head", rekeyMs, 1, "ms"),
  ]);
}

if (import.meta.main) run();
