import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChunkWriter } from "./chunk-writer.ts";
import { RUN_METADATA } from "./recording.ts";
import { EVENTS_MAX, summariseRecording, type RecordingSummary } from "./summary.ts";

const SECOND_NS = 1_000_000_000n;
const CHANNELS = [
  { topic: "/z/events", schema: "skein.Event" },
  { topic: "/report", schema: "skein.Report" },
  { topic: "/other", schema: "somebody.Else" },
];
const EVENTS = 0;
const REPORT = 1;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-summary-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** The summary of a file that `write` filled. */
function summaryOf(name: string, write: (writer: ChunkWriter) => void): RecordingSummary {
  const path = join(folder, name);
  const names = CHANNELS.map(({ schema }) => schema);
  const schemas = Object.fromEntries(names.map((schema) => [schema, { type: "object" }]));
  const writer = new ChunkWriter(path, { library: "test", schemas, channels: CHANNELS });
  write(writer);
  writer.end();
  const read = summariseRecording(path);
  if (!read.ok) throw new Error(read.problem.text);
  return read.value;
}

const event = (atS: number, kind = "duty") => ({
  atS,
  vehicle: 1,
  severity: "notice",
  kind,
  text: `at ${String(atS)}`,
});

describe("the summary", () => {
  test("spans from the earliest message to the latest and lists channels by name", () => {
    const told = summaryOf("span.mcap", (writer) => {
      writer.metadata(RUN_METADATA, { seed: "3" });
      writer.metadata("somebody else's", { seed: "4" });
      writer.message(EVENTS, 70n * SECOND_NS, json(event(70)));
      writer.message(EVENTS, 10n * SECOND_NS, json(event(10)));
      writer.message(REPORT, 40n * SECOND_NS, json({ seed: 3 }));
    });
    expect(told.durationS).toBe(60);
    expect(told.run).toEqual({ seed: "3" });
    expect(told.library).toBe("test");
    expect(told.report).toEqual({ seed: 3 });
    expect(told.messages).toBe(3);
    expect(told.channels.map(({ topic, messages }) => [topic, messages])).toEqual([
      ["/other", 0],
      ["/report", 1],
      ["/z/events", 2],
    ]);
  });

  test("the first finding counts, and events beyond the bound are counted but not kept", () => {
    const told = summaryOf("many.mcap", (writer) => {
      for (let i = 0; i < EVENTS_MAX + 5; i += 1) {
        const kind = i === 7 || i === 20 ? "found" : "duty";
        writer.message(EVENTS, BigInt(i) * SECOND_NS, json(event(i, kind)));
      }
    });
    expect(told.foundAtS).toBe(7);
    expect(told.events).toHaveLength(EVENTS_MAX);
    expect(told.eventCount).toBe(EVENTS_MAX + 5);
  });

  test("an event of another shape is passed over, a run without an end has no report", () => {
    const told = summaryOf("odd.mcap", (writer) => {
      for (const odd of [
        null,
        "words",
        [1],
        { ...event(1), severity: "panic" },
        { ...event(1), atS: "1" },
        { ...event(1), vehicle: null },
        { ...event(1), kind: 3 },
        { ...event(1), text: undefined },
      ]) {
        writer.message(EVENTS, SECOND_NS, json(odd));
      }
      writer.message(EVENTS, SECOND_NS, json(event(1)));
    });
    expect(told.events).toEqual([event(1)]);
    expect([told.messages, told.eventCount, told.foundAtS]).toEqual([9, 1, null]);
    expect(told.report).toBeUndefined();
    expect(told.damages).toEqual([]);
  });

  test("a mission file is no recording, rather than a damaged one", () => {
    const path = join(folder, "mission.json5");
    writeFileSync(path, '{ format: "skein-mission/1" }');
    const read = summariseRecording(path);
    expect(read.ok ? "" : read.problem.code).toBe("REC005");
  });

  test("a folder is no recording", () => {
    const read = summariseRecording(folder);
    expect(read.ok ? "" : read.problem.code).toBe("REC001");
  });
});

test.skipIf(process.platform === "win32")("a pipe is told, not waited for", () => {
  const path = join(folder, "pipe.mcap");
  execFileSync("mkfifo", [path]);
  expect(summariseRecording(path)).toMatchObject({ ok: false, problem: { code: "REC001" } });
});
