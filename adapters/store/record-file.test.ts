import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRecords, fileHeader, readRecords } from "./record-file.ts";

const records = fc.array(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
  {
    maxLength: 8,
  },
);

function fileOf(contents: readonly Uint8Array[]): Uint8Array {
  const body = encodeRecords(contents, 0);
  const bytes = new Uint8Array(fileHeader().length + body.length);
  bytes.set(fileHeader());
  bytes.set(body, fileHeader().length);
  return bytes;
}

test("what was written is read, in one piece or appended", () => {
  fc.assert(
    fc.property(records, records, (first, second) => {
      const whole = readRecords(fileOf([...first, ...second]));
      expect(whole).toMatchObject({ state: "whole", records: [...first, ...second] });
      const appended = Buffer.concat([fileOf(first), encodeRecords(second, first.length)]);
      expect(readRecords(new Uint8Array(appended))).toEqual(whole);
    }),
  );
});

test("cut at any byte: the whole records before it, and never damage", () => {
  fc.assert(
    fc.property(records, fc.nat(), (contents, cut) => {
      const bytes = fileOf(contents);
      const found = readRecords(bytes.subarray(0, cut % (bytes.length + 1)));
      expect(found.state).not.toBe("damaged");
      expect(found.records).toEqual(contents.slice(0, found.records.length));
      expect(found.ends).toHaveLength(found.records.length);
    }),
  );
});

test("a flipped bit in any record but the last is damage; in the last it is a torn tail", () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.integer({ min: 0, max: 7 }), (contents, at, bit) => {
      fc.pre(contents.length > 0);
      const bytes = fileOf(contents);
      const { ends } = readRecords(bytes);
      const place = 8 + (at % (bytes.length - 8));
      bytes[place]! ^= 1 << bit;
      const found = readRecords(bytes);
      const last = place >= (ends.at(-2) ?? 8);
      expect(found.state).toBe(last ? "torn" : "damaged");
      expect(found.records).toEqual(contents.slice(0, found.records.length));
      expect(found.records.length).toBeLessThan(contents.length);
    }),
  );
});

test("any bytes are taken, and a file of something else is damaged", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const found = readRecords(Uint8Array.from(bytes));
      expect(["whole", "torn", "damaged"]).toContain(found.state);
    }),
  );
  expect(readRecords(new TextEncoder().encode("#!/bin/sh\nexit"))).toMatchObject({
    state: "damaged",
  });
  expect(readRecords(new Uint8Array(0))).toMatchObject({ state: "torn", goodBytes: 0 });
});

test("records moved to another place do not match", () => {
  const a = Uint8Array.of(1, 1, 1);
  const b = Uint8Array.of(2, 2, 2);
  const swapped = Buffer.concat([fileHeader(), encodeRecords([b], 1), encodeRecords([a], 0)]);
  expect(readRecords(new Uint8Array(swapped)).records).toEqual([]);
});

/** Computed by a program of its own (Python's zlib and struct). */
test("golden files", () => {
  const url = new URL("../../vectors/store/files.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(url, "utf8")) as readonly {
    readonly records: readonly string[];
    readonly hex: string;
  }[];
  expect(vectors.length).toBeGreaterThan(2);
  for (const { records: texts, hex } of vectors) {
    const contents = texts.map((text) => new TextEncoder().encode(text));
    expect(Buffer.from(fileOf(contents)).toString("hex")).toBe(hex);
    expect(readRecords(Uint8Array.from(Buffer.from(hex, "hex"))).records).toEqual(contents);
  }
});
