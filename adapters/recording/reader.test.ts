/** Recordings that were cut or changed: read at every damage, with its place, and never a throw. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRecording } from "./mod.ts";
import { openReader, type RecordingReader } from "./reader.ts";

let folder = "";
let whole: Buffer;
let wholeMessages = 0;

/** Five minutes of one vehicle: chunks of a minute, a small file. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-reader-"));
  const path = join(folder, "whole.mcap");
  const run = { mission: "Tiny", seed: 1, vehicles: [1], epochMs: 0, more: { commit: "abc" } };
  const opened = openRecording(path, run);
  if (!opened.ok) throw new Error(opened.problem.text);
  for (let timeMs = 0; timeMs <= 300_000; timeMs += 10_000) {
    opened.value.trace(timeMs, `hash ${timeMs}`);
    opened.value.success(timeMs, { low: 0.1, high: timeMs / 1e6 });
  }
  opened.value.end({ seed: 1 });
  whole = readFileSync(path);
  wholeMessages = reading(whole, (reader) => [...reader.messages()].length);
});

afterAll(() => rmSync(folder, { recursive: true }));

function reading<T>(bytes: Uint8Array, work: (reader: RecordingReader) => T): T {
  const path = join(folder, "read.mcap");
  writeFileSync(path, bytes);
  const opened = openReader(path);
  if (!opened.ok) throw new Error(`${opened.problem.code} ${opened.problem.text}`);
  const result = work(opened.value);
  opened.value.close();
  return result;
}

test("a whole recording has no damage; run, channels and messages are those written", () => {
  reading(whole, (reader) => {
    expect(reader.damages).toEqual([]);
    expect(reader.run).toMatchObject({ mission: "Tiny", seed: "1", commit: "abc" });
    const traces = [...reader.messages()].filter(({ channel }) => channel.topic === "/skein/trace");
    expect(traces).toHaveLength(31);
    expect(new TextDecoder().decode(traces[1]?.data)).toBe('{"atS":10,"hash":"hash 10000"}');
    expect(reader.chunks.length).toBeGreaterThan(3);
  });
});

describe("cut short", () => {
  test("at any byte: what stands before the cut is read, and the cut has its place", () => {
    let before = 0;
    for (let at = 8; at < whole.length; at += 211) {
      reading(whole.subarray(0, at), (reader) => {
        const [damage] = reader.damages;
        expect([at, damage?.why.code]).toEqual([at, "REC003"]);
        expect(damage?.toByte).toBe(at);
        const messages = [...reader.messages()].length;
        expect(messages).toBeGreaterThanOrEqual(before);
        before = messages;
      });
    }
    expect(before).toBe(wholeMessages);
  });
});

describe("bits flipped", () => {
  test("a single one anywhere is found; at most one chunk is lost", () => {
    const largest = reading(whole, (reader) =>
      Math.max(...reader.chunks.map((_, i) => [...reader.messagesOf(i)].length)),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: whole.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        (at, bit) => {
          const hurt = Buffer.from(whole);
          hurt[at] = (hurt[at] ?? 0) ^ (1 << bit);
          reading(hurt, (reader) => {
            expect(reader.damages.length).toBeGreaterThan(0);
            const [{ fromByte, toByte } = { fromByte: 0, toByte: 0 }] = reader.damages;
            expect(fromByte <= at && at < toByte).toBe(true);
            expect([...reader.messages()].length).toBeGreaterThanOrEqual(wholeMessages - largest);
          });
        },
      ),
      { numRuns: 250 },
    );
  });

  test("many at once: nothing throws, and what is read was written", () => {
    const known = reading(whole, (reader) => new Set([...reader.messages()].map(textOf)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 8, max: whole.length - 1 })), (places) => {
        const hurt = Buffer.from(whole);
        for (const at of places) hurt[at] = (hurt[at] ?? 0) ^ 0x55;
        reading(hurt, (reader) => {
          for (const message of reader.messages()) expect(known.has(textOf(message))).toBe(true);
        });
      }),
      { numRuns: 100 },
    );
  });

  const textOf = ({ data }: { readonly data: Uint8Array }): string =>
    new TextDecoder().decode(data);

  test("any bytes after the magic are read without a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (noise) => {
        const bytes = Buffer.concat([whole.subarray(0, 8), noise]);
        reading(bytes, (reader) => expect(reader.damages.length).toBeGreaterThan(0));
      }),
      { numRuns: 100 },
    );
  });
});

test("the middle of the damaged chunk's time is told", () => {
  const hurt = Buffer.from(whole);
  const at = reading(whole, (reader) => (reader.chunks[2]?.offset ?? 0) + 100);
  hurt[at] = (hurt[at] ?? 0) ^ 1;
  reading(hurt, (reader) => {
    expect(reader.damages).toHaveLength(1);
    expect(reader.damages[0]?.why.where).toMatch(/between 1\d0\.0 s and \d+\.0 s$/u);
  });
});

test("a name that a bit has changed is read from the index, which has it too", () => {
  const hurt = Buffer.from(whole);
  const at = hurt.indexOf("/skein/trace");
  hurt[at + 8] = "x".charCodeAt(0);
  reading(hurt, (reader) => {
    expect(reader.damages[0]?.why.code).toBe("REC002");
    expect(reader.channels.map(({ topic }) => topic)).toContain("/skein/trace");
    expect([...reader.messages()]).toHaveLength(wholeMessages);
  });
});
