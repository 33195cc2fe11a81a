import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPortableProvider } from "../../src/security/mod.ts";
import { loadSearch } from "../mission/load-search.ts";
import { modelSignatures } from "./modelled-signatures.ts";
import { openSimulation } from "./open-simulation.ts";
import { runMission } from "./run-mission.ts";
import { seededEntropy } from "./seeded-entropy.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("a modelled signature", () => {
  const provider = modelSignatures(createPortableProvider({ entropy: seededEntropy(1) }));
  const [signer, other] = [provider.generateKey("ed25519"), provider.generateKey("ed25519")];
  const signature = provider.ed25519Sign(signer, text("a message"));

  test("holds for its signer and message and for no other", () => {
    const verifies = (key: typeof signer, message: string, bytes = signature): boolean =>
      provider.ed25519Verify(key, text(message), bytes);
    expect(signature).toHaveLength(64);
    expect(verifies(signer, "a message")).toBe(true);
    expect(verifies(other, "a message")).toBe(false);
    expect(verifies(signer, "a massage")).toBe(false);
    expect(verifies(signer, "a message", signature.slice(1))).toBe(false);
    for (let i = 0; i < 64; i += 1) {
      const damaged = signature.slice();
      damaged[i]! ^= 1;
      expect(verifies(signer, "a message", damaged)).toBe(false);
    }
  });

  test("belongs to the key and not to its handle", () => {
    const first = provider.generateKey("ed25519");
    const before = provider.ed25519Sign(first, text("x"));
    provider.destroyKey(first);
    const again = provider.generateKey("ed25519");
    expect(again).toBe(first);
    expect(provider.ed25519Sign(again, text("x"))).not.toEqual(before);
  });
});

test("a mission decides the same with modelled signatures as with real ones", async () => {
  const loaded = loadSearch(join(import.meta.dirname, "..", "..", "missions", "tiny.json5"));
  if (!loaded.ok) throw new Error("the mission loads");
  const fly = async (signatures: "real" | "modelled") =>
    runMission(openSimulation({ loaded: loaded.value, seed: 3, signatures }), {
      durationS: 90,
      missionFile: "missions/tiny.json5",
    });
  const [real, modelled] = [await fly("real"), await fly("modelled")];
  expect(modelled.traceHash).toBe(real.traceHash);
  expect(modelled.search.posCurve).toEqual(real.search.posCurve);
  expect([real.crypto, modelled.crypto].map((name) => name.includes("modelled"))).toEqual([
    false,
    true,
  ]);
});
