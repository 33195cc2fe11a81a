import { expect, test } from "vitest";
import { loadSearch } from "../mission/load-search.ts";
import { codeDigest, missionDigest } from "./run-identity.ts";

function tiny(changes: { readonly vehicleCount?: number } = {}): string {
  const loaded = loadSearch("missions/tiny.json5", changes);
  if (!loaded.ok) throw new Error("the tiny mission is good");
  return missionDigest(loaded.value);
}

test("one mission has one digest, and one more vehicle is another mission", () => {
  expect(tiny()).toMatch(/^[0-9a-f]{32}$/u);
  expect(tiny()).toBe(tiny());
  expect(tiny({ vehicleCount: 3 })).not.toBe(tiny());
});

test("the code has a digest, the same each time", () => {
  expect(codeDigest()).toMatch(/^[0-9a-f]{32}$/u);
  expect(codeDigest()).toBe(codeDigest());
});
