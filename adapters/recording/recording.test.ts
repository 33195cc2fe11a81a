import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { McapIndexedReader } from "@mcap/core";
import foxglove from "@foxglove/schemas/jsonschema.js";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  openRecording,
  summariseRecording,
  type RecordedVehicle,
  type RunIdentity,
} from "./mod.ts";
import { SCHEMAS } from "./schemas.ts";

const RUN: RunIdentity = {
  mission: "missions/tiny.json5",
  seed: 7,
  vehicles: [1, 2],
  epochMs: 1_800_000_000_000,
  more: { planner: "skein" },
};

const vehicle = (index: number, timeS: number): RecordedVehicle => ({
  index,
  state: "flying",
  northM: 10 * index,
  eastM: 13 * timeS,
  altitudeAmslM: 600,
  latDeg: 36.36,
  lonDeg: -84.21,
  yawRad: Math.PI / 2,
  batteryRatio: 0.8,
  positionErrorM: 1.5,
});

let folder = "";
let path = "";

/** Ten minutes of two vehicles at 2 Hz; a finding in the ninth. */
function record(to: string): void {
  const opened = openRecording(to, RUN);
  if (!opened.ok) throw new Error(opened.problem.text);
  const recording = opened.value;
  for (let timeMs = 0; timeMs <= 600_000; timeMs += 500) {
    recording.vehicles(timeMs, [vehicle(1, timeMs / 1000), vehicle(2, timeMs / 1000)]);
    if (timeMs % 60_000 !== 0) continue;
    recording.event({
      timeMs,
      vehicle: 1,
      severity: "notice",
      kind: timeMs === 540_000 ? "found" : "segmentSearched",
      text: `minute ${String(timeMs / 60_000)}`,
      detail: { id: 1n << 60n },
    });
  }
  const ended = recording.end({ schema: "skein-run-report/1", seed: 7 });
  expect(ended).toEqual({ ok: true, value: to });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-recording-"));
  path = join(folder, "run.mcap");
  record(path);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("a recording, read by the MCAP library's own indexed reader", () => {
  test("has its index, its run and Foxglove's schema names", async () => {
    const file = await open(path);
    const size = BigInt((await file.stat()).size);
    const reader = await McapIndexedReader.Initialize({
      readable: {
        size: async () => Promise.resolve(size),
        read: async (offset, length) => {
          const bytes = new Uint8Array(Number(length));
          await file.read(bytes, 0, bytes.length, Number(offset));
          return bytes;
        },
      },
      decompressHandlers: { zstd: (bytes) => zstdDecompressSync(bytes) },
    });
    const topics = [...reader.channelsById.values()].map(({ topic, schemaId }) => [
      topic,
      reader.schemasById.get(schemaId)?.name,
    ]);
    expect(topics).toContainEqual(["/swarm", "foxglove.SceneUpdate"]);
    expect(topics).toContainEqual(["/vehicle/2/fix", "foxglove.LocationFix"]);
    expect(reader.chunkIndexes.length).toBeGreaterThan(1);
    const fixes = [];
    for await (const message of reader.readMessages({ topics: ["/vehicle/2/fix"] })) {
      fixes.push(message.logTime);
    }
    expect(fixes).toHaveLength(1201);
    expect(fixes[2]).toBe(BigInt(RUN.epochMs + 1000) * 1_000_000n);
    await file.close();
  });

  test.each(["SceneUpdate", "PosesInFrame", "LocationFix", "Log"] as const)(
    "its foxglove.%s says nothing that the published schema does not have",
    (name) => {
      const published = foxglove[name] as unknown as Node;
      expect(unknownKeys(SCHEMAS[`foxglove.${name}`] as unknown as Node, published)).toEqual([]);
    },
  );

  test("its messages hold to the published schemas", async () => {
    const ajv = new Ajv({ strict: false });
    const wanted: ReadonlyMap<string, unknown> = new Map<string, unknown>([
      ["/swarm", foxglove.SceneUpdate],
      ["/swarm/poses", foxglove.PosesInFrame],
      ["/log", foxglove.Log],
      ["/vehicle/1/fix", foxglove.LocationFix],
    ]);
    for (const [topic, value] of await firstMessages([...wanted.keys()])) {
      const valid = ajv.validate(withoutRequired(wanted.get(topic)), value);
      expect([topic, valid, ajv.errors]).toEqual([topic, true, null]);
    }
  });
});

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

function unknownKeys(ours: Node, theirs: Node | undefined): string[] {
  if (ours.items !== undefined) return unknownKeys(ours.items, theirs?.items);
  return Object.entries(ours.properties ?? {}).flatMap(([key, value]) => {
    const match = theirs?.properties?.[key];
    return match === undefined ? [key] : unknownKeys(value, match);
  });
}

/** An entity may leave out the primitives that it has none of, as Foxglove's own writers do. */
function withoutRequired(schema: unknown): object {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (key === "required" ? undefined : value)),
  ) as object;
}

async function firstMessages(topics: readonly string[]): Promise<Map<string, unknown>> {
  const bytes = readFileSync(path);
  const reader = await McapIndexedReader.Initialize({
    readable: {
      size: async () => Promise.resolve(BigInt(bytes.length)),
      read: async (offset, length) =>
        Promise.resolve(new Uint8Array(bytes.subarray(Number(offset), Number(offset + length)))),
    },
    decompressHandlers: { zstd: (chunk) => zstdDecompressSync(chunk) },
  });
  const found = new Map<string, unknown>();
  for await (const { channelId, data } of reader.readMessages({ topics: [...topics] })) {
    const topic = reader.channelsById.get(channelId)?.topic ?? "";
    if (!found.has(topic)) found.set(topic, JSON.parse(new TextDecoder().decode(data)) as unknown);
  }
  expect(found.size).toBe(topics.length);
  return found;
}

describe("the summary of a recording", () => {
  test("tells duration, channels, events and whether someone was found", () => {
    const read = summariseRecording(path);
    if (!read.ok) throw new Error(read.problem.text);
    const { run, durationS, eventCount, events, foundAtS, damages, channels, report } = read.value;
    expect(damages).toEqual([]);
    expect(run).toMatchObject({ mission: RUN.mission, seed: "7", planner: "skein" });
    expect([durationS, eventCount, foundAtS]).toEqual([600, 11, 540]);
    expect(events[1]).toMatchObject({ atS: 60, severity: "notice", text: "minute 1" });
    expect(channels.find(({ topic }) => topic === "/swarm")?.messages).toBe(1201);
    expect(report).toMatchObject({ seed: 7 });
  });

  test("one run gives one file, byte for byte", () => {
    const again = join(folder, "again.mcap");
    record(again);
    expect(readFileSync(again).equals(readFileSync(path))).toBe(true);
  });

  test.each([0.5, 0.9, 0.999])("a file cut at %d of its length tells what is left", (share) => {
    const whole = readFileSync(path);
    const cut = join(folder, "cut.mcap");
    writeFileSync(cut, whole.subarray(0, Math.floor(whole.length * share)));
    const read = summariseRecording(cut);
    if (!read.ok) throw new Error(read.problem.text);
    expect(read.value.damages.map(({ code }) => code)).toEqual(["REC003"]);
    expect(read.value.damages[0]?.where).toMatch(/^byte \d+ of \d+, after .*$/u);
    expect(read.value.messages).toBeGreaterThan(0);
  });

  test("a flipped byte in a chunk is found and placed; what is around it is told", () => {
    const bytes = readFileSync(path);
    const at = Math.floor(bytes.length * 0.6);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    const hurt = join(folder, "hurt.mcap");
    writeFileSync(hurt, bytes);
    const read = summariseRecording(hurt);
    if (!read.ok) throw new Error(read.problem.text);
    expect(read.value.damages.map(({ code }) => code)).toEqual(["REC002"]);
    expect(read.value.damages[0]?.where).toMatch(/^bytes \d+ to \d+, between \d.* s and \d.* s$/u);
    expect(read.value.durationS).toBe(600);
  });

  test("what is no recording, and what is not there, are problems", () => {
    const other = join(folder, "other.mcap");
    writeFileSync(other, "not a recording at all, just words");
    const read = summariseRecording(other);
    expect(read.ok ? "" : read.problem.code).toBe("REC005");
    const missing = summariseRecording(join(folder, "none.mcap"));
    expect(missing.ok ? "" : missing.problem.code).toBe("REC001");
  });

  test("a record that claims to be endless is not waited for", () => {
    const bytes = Buffer.concat([
      readFileSync(path).subarray(0, 8),
      Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]),
      Buffer.alloc(1000),
    ]);
    const bomb = join(folder, "bomb.mcap");
    writeFileSync(bomb, bytes);
    const read = summariseRecording(bomb);
    expect(read.ok && read.value.damages.length > 0).toBe(true);
  });
});

test("a place where nothing can be written is a problem, and no throw", () => {
  const opened = openRecording(join(folder, "no", "such", "folder.mcap"), RUN);
  expect(opened.ok ? "" : opened.problem.code).toBe("REC004");
});
