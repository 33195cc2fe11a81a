import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeId, toHex } from "../../base/mod.ts";
import { createPortableProvider } from "../crypto-portable/portable.ts";
import { seededEntropy } from "../testing/entropy.test-support.ts";
import { SenderKeys } from "./senders.ts";

const provider = createPortableProvider({ entropy: seededEntropy(9) });
const secret = provider.importSecret(new Uint8Array(32).fill(3));
const make = (number = 1, label = "skein group 1"): SenderKeys =>
  new SenderKeys({ provider, secret, label, number });

/** Key and nonce of one use, as text. */
function use(keys: SenderKeys, row: number, boot: bigint, counter: number): string {
  const key = keys.key(row, nodeId(BigInt(row)), boot);
  const nonce = new Uint8Array(12);
  keys.nonce(row, counter, nonce);
  return toHex(provider.exportSecret(key)) + toHex(nonce);
}

describe("sender keys", () => {
  test("differ by label, by the full 64-bit number, by sender and by boot", () => {
    const seen = new Set<string>();
    for (const label of ["skein group 1", "skein hop 1"]) {
      for (const number of [1, 257, 0x100000001]) {
        for (const row of [0, 1]) {
          for (const boot of [5n, 6n]) {
            const keys = make(number, label);
            seen.add(use(keys, row, boot, 1).slice(0, 64));
          }
        }
      }
    }
    expect(seen.size).toBe(24);
  });

  test("no key meets a nonce twice, reboots included", () => {
    const seen = new Set<string>();
    const rowArb = fc.nat(3);
    fc.assert(
      fc.property(fc.array(fc.tuple(rowArb, fc.boolean()), { maxLength: 60 }), (events) => {
        seen.clear();
        const keys = make();
        const boots = [1n, 1n, 1n, 1n];
        const counters = [0, 0, 0, 0];
        for (const [row, reboots] of events) {
          if (reboots) {
            boots[row]! += 1n;
            counters[row] = 0;
            keys.forget(row);
          }
          counters[row]! += 1;
          const used = use(keys, row, boots[row]!, counters[row]!);
          expect(seen.has(used)).toBe(false);
          seen.add(used);
        }
        keys.destroy();
      }),
      { numRuns: 20 },
    );
  });

  test("a forgotten sender starts with a new window, the others keep theirs", () => {
    const keys = make();
    for (const row of [0, 20]) {
      keys.key(row, nodeId(BigInt(row)), 1n);
      keys.windows.accept(row, 5);
    }
    keys.forget(20);
    expect(keys.windows.isFresh(20, 5)).toBe(true);
    expect(keys.windows.isFresh(0, 5)).toBe(false);
    const writer = new ByteWriter();
    keys.save(writer, 21);
    const loaded = make();
    loaded.load(new ByteReader(writer.take()), 21);
    expect(loaded.windows.isFresh(0, 5)).toBe(false);
    expect(use(loaded, 0, 1n, 1)).toBe(use(keys, 0, 1n, 1));
    keys.destroy();
    expect(use(keys, 0, 1n, 1)).toBe(use(loaded, 0, 1n, 1));
  });
});
