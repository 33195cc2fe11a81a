import { expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex } from "../../base/mod.ts";
import { createPortableProvider } from "../crypto-portable/portable.ts";
import { seededEntropy } from "../testing/entropy.test-support.ts";
import { PEERS_MAX, PeerTable } from "./peers.ts";

const provider = createPortableProvider({ entropy: seededEntropy(8) });

test("indices find their rows again through growth, and beyond the bound there are none", () => {
  const table = new PeerTable(10_000);
  for (let i = 0; i < PEERS_MAX; i += 1) {
    const index = nodeIndex((i * 7919) % 65_521);
    expect(table.rowOf(index)).toBe(i);
    table.setClaimedBoot(i, BigInt(i));
  }
  for (let i = 0; i < PEERS_MAX; i += 1) {
    const index = nodeIndex((i * 7919) % 65_521);
    expect(table.find(index)).toBe(i);
    expect(table.index(i)).toBe(index);
    expect(table.bootNonce(i)).toBe(BigInt(i));
  }
  expect(table.rowOf(nodeIndex(65_530))).toBe(-1);
  expect(table.rows).toBe(PEERS_MAX);
});

test("an expelled index stays expelled, one outside the directory has no bit", () => {
  const table = new PeerTable(20);
  table.revoke(nodeIndex(9));
  table.revoke(nodeIndex(5000));
  expect(table.isRevoked(nodeIndex(9))).toBe(true);
  expect(table.isRevoked(nodeIndex(8))).toBe(false);
  expect(table.isRevoked(nodeIndex(5000))).toBe(false);
});

test("what is known of boots survives saving", () => {
  const table = new PeerTable(20);
  table.revoke(nodeIndex(3));
  const row = table.rowOf(nodeIndex(7));
  const key = provider.generateKey("ed25519");
  table.setEndorsedBoot(row, { nonce: 55n, count: 4, key });
  table.setClaimedBoot(table.rowOf(nodeIndex(8)), 66n);
  const writer = new ByteWriter();
  table.save(writer, provider);
  const loaded = new PeerTable(20);
  const reader = new ByteReader(writer.take());
  loaded.load(reader, provider);
  expect(reader.finish()).toBeUndefined();
  expect(loaded.isRevoked(nodeIndex(3))).toBe(true);
  expect(loaded.bootNonce(0)).toBe(55n);
  expect(loaded.bootCount(0)).toBe(4);
  expect(provider.publicKey(loaded.bootKey(0))).toEqual(provider.publicKey(key));
  expect(loaded.bootNonce(1)).toBe(66n);
  expect(loaded.isHeard(1)).toBe(true);
  expect(loaded.bootKey(1)).toBe(0);
});
