import { expect, test } from "vitest";
import { KeyArena } from "./arena.ts";

const make = (): { arena: KeyArena<string>; pieces: Uint8Array[] } => {
  const pieces: Uint8Array[] = [];
  const allocate = (sizeBytes: number): Uint8Array => {
    const piece = new Uint8Array(sizeBytes);
    pieces.push(piece);
    return piece;
  };
  return { arena: new KeyArena<string>(allocate), pieces };
};

test("secrets stand in shared pieces, long ones in their own, and dropping wipes them", () => {
  const { arena, pieces } = make();
  const keys = Array.from({ length: 1500 }, (_, i) => arena.put(Uint8Array.of(1 + (i & 127), 9)));
  expect(pieces).toHaveLength(2);
  const long = arena.put(new Uint8Array(200).fill(5), "long");
  expect(pieces).toHaveLength(3);
  expect(arena.entry(long)).toBe("long");
  expect(arena.find(keys[0]!)).toBeUndefined();
  expect(arena.size).toBe(1501);
  expect(arena.drop(long)).toBe("long");
  for (const key of keys) arena.drop(key);
  expect(arena.size).toBe(0);
  for (const piece of pieces) expect(piece.every((byte) => byte === 0)).toBe(true);
});

test("a freed handle is given again and holds the new secret alone", () => {
  const { arena } = make();
  const first = arena.put(new Uint8Array(64).fill(7), "pair");
  arena.drop(first);
  const second = arena.put(Uint8Array.of(1));
  expect(second).toBe(first);
  expect(arena.secret(second)).toEqual(Uint8Array.of(1));
  expect(() => arena.entry(second)).toThrow("has its record");
  arena.drop(second);
  expect(() => arena.drop(second)).toThrow("names a live key");
});
