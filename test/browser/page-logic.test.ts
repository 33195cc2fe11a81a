/** The page's pure parts, without a browser: the frame it reads, what is typed and written. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DetectionRow } from "../../apps/ground/report/view.ts";
import { healthFrameOf } from "../../apps/ground/server/page-view.ts";
import {
  encodeFrame,
  STATUS_CODES,
  type FrameMoment,
  type HealthMoment,
} from "../../apps/ground/server/stream.ts";
import {
  age,
  bearing,
  clock,
  countdown,
  distance,
  height,
  roundLengthM,
  sinceStart,
  speed,
} from "../../apps/ground/web/src/format.ts";
import {
  currentOf,
  judgementOf,
  nextPlace,
  settled,
  sightingsOf,
  stillMeant,
} from "../../apps/ground/web/src/detections.ts";
import { FleetTable } from "../../apps/ground/web/src/fleet-table.ts";
import { listed } from "../../apps/ground/web/src/listing.ts";
import {
  entryOf,
  indicesOf,
  parseEntry,
  rangesOf,
  readableOf,
} from "../../apps/ground/web/src/selection.ts";
import { bySeverity } from "../../apps/ground/web/src/severity.ts";
import { fromHex } from "../../src/base/mod.ts";
import { scriptedGround } from "../support/scripted-ground.ts";

interface Vector extends FrameMoment {
  readonly name: string;
  readonly hex: string;
}

interface HealthVector extends HealthMoment {
  readonly name: string;
  readonly hex: string;
}

const FOLDER = join(import.meta.dirname, "..", "..", "vectors", "state-stream");
const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
const vectors = read("frames.json") as readonly Vector[];
const health = read("health.json") as readonly HealthVector[];

const bytesOf = (hex: string): ArrayBuffer => (fromHex(hex) ?? new Uint8Array()).slice().buffer;
const bufferOf = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer;

describe("the state stream as the page reads it", () => {
  test.each(vectors)("$name", ({ hex, sequence, missionTimeS, originAltitudeAmslM, vehicles }) => {
    const table = new FleetTable();
    const taken = table.take(bytesOf(hex), originAltitudeAmslM, 1000);
    expect(taken).toEqual({ kind: "motion", sequence });
    expect(table.missionS).toBe(missionTimeS);
    expect(table.count).toBe(vehicles.length);
    for (const sent of vehicles) {
      const slot = table.slotOf(sent.index);
      expect(table.statusAt(slot)).toBe(sent.status);
      expect(table.northAt(slot)).toBeCloseTo(sent.position.northM, 2);
      expect(table.eastAt(slot)).toBeCloseTo(sent.position.eastM, 2);
      expect(table.altitudeAt(slot)).toBeCloseTo(sent.altitudeAmslM, 1);
      expect(table.headingAt(slot)).toBeCloseTo(sent.headingRad, 1);
      expect(table.needsHandAt(slot)).toBe(sent.needs !== "");
    }
  });

  test.each(health)("$name", ({ hex, sequence, missionTimeS, rows }) => {
    const table = new FleetTable();
    const clock = { sequence: 1, missionTimeS, originAltitudeAmslM: 0, vehicles: [] };
    table.take(bufferOf(encodeFrame(clock)), 0, 1000);
    expect(table.take(bytesOf(hex), 0, 1000)).toEqual({ kind: "health", sequence });
    for (const row of rows) {
      const slot = table.slotOf(row.index);
      expect(table.severityAt(slot)).toBe(row.severity);
      expect(table.batteryAt(slot)).toBeCloseTo(row.batteryRatio, 2);
      expect(table.clusterAt(slot)).toBe(row.cluster);
      const minutes = row.minutesLeft === null ? null : Math.floor(row.minutesLeft);
      expect(table.minutesAt(slot)).toBe(minutes);
      expect(table.staleAt(slot)).toBeCloseTo(row.toldS > 10 ? row.toldS : 0, 0);
      expect(table.placedAt(slot)).toBe(false);
    }
  });

  test("every status has its number on both sides", () => {
    const [, second] = vectors;
    if (second === undefined) throw new Error("there are two vectors");
    STATUS_CODES.forEach((status, code) => {
      const bytes = new Uint8Array(bytesOf(second.hex));
      bytes[16 + 18] = ((bytes[16 + 18] ?? 0) & 0xf0) | code;
      const table = new FleetTable();
      table.take(bytes.buffer, 0, 1000);
      expect(table.statusAt(0)).toBe(status);
    });
  });

  test("any bytes are a frame or none, never a throw", () => {
    const header = fc.constantFrom("534b0101", "534b0102", "534b0201", "");
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 80 }), (start, bytes) => {
        const table = new FleetTable();
        const whole = new Uint8Array([...(fromHex(start) ?? []), ...bytes]);
        const taken = table.take(whole.buffer, 0, 1000);
        expect(taken === undefined || table.count <= 80).toBe(true);
      }),
    );
  });
});

describe("a vehicle between two frames", () => {
  const east = (timeS: number, eastM: number): ArrayBuffer => {
    const [first] = vectors[1]?.vehicles ?? [];
    if (first === undefined) throw new Error("the second vector has a vehicle");
    const vehicle = {
      ...first,
      position: { northM: 0, eastM },
      velocity: { northMps: 0, eastMps: 20, upMps: 0 },
    };
    const moment = { sequence: 1, missionTimeS: timeS, originAltitudeAmslM: 0 };
    return bufferOf(encodeFrame({ ...moment, vehicles: [vehicle] }));
  };
  const eastOf = (table: FleetTable, nowMs: number): number =>
    table.placeAt(0, nowMs, { northM: 0, eastM: 0, altitudeM: 0 }).eastM;

  /** A table that has been told for two seconds, ten times each, at this pace. */
  function told(pace: number): FleetTable {
    const table = new FleetTable();
    for (let i = 1; i <= 20; i += 1) {
      const timeS = (i * pace) / 10;
      table.take(east(timeS, 20 * timeS), 0, 1000 + i * 100);
    }
    return table;
  }

  test.each([1, 5, 20])("goes on by its velocity at the world's pace, %d", (pace) => {
    const table = told(pace);
    expect(table.pace).toBeCloseTo(pace, 3);
    const atEnd = eastOf(table, 3000);
    expect(atEnd).toBeCloseTo(40 * pace, 1);
    expect(eastOf(table, 3050)).toBeCloseTo(atEnd + pace, 1);
  });

  test("stands still with a paused world, and no single jump of the clock is a pace", () => {
    const table = told(1);
    for (let i = 1; i <= 10; i += 1) table.take(east(2, 40), 0, 3000 + i * 100);
    expect(table.pace).toBe(0);
    expect(eastOf(table, 4500)).toBeCloseTo(40, 1);
    table.take(east(60, 1200), 0, 4600);
    expect(table.pace).toBe(0);
  });

  test("is not carried on for ever when nothing more is heard", () => {
    const table = told(1);
    expect(eastOf(table, 60_000)).toBeCloseTo(40 + 3 * 20, 0);
  });

  test("lets a correction go instead of jumping by it", () => {
    const table = told(1);
    const before = eastOf(table, 3100);
    table.take(east(2.1, 52), 0, 3100);
    expect(eastOf(table, 3100)).toBeCloseTo(before, 2);
    expect(eastOf(table, 3400)).toBeCloseTo(52 + 6, 1);
  });
});

describe("what keys act on", () => {
  const look = (id: number, northM: number, more: Partial<DetectionRow> = {}): DetectionRow => ({
    id,
    name: `${id}`,
    finder: 1,
    atS: id,
    position: { northM, eastM: 0 },
    errorM: 8,
    confidence: 0.5,
    imageRef: "",
    state: "waiting",
    place: { latLon: "", utm: "", mgrs: "" },
    ...more,
  });

  test("is what stands first, until it is chosen; then it stays whatever arrives", () => {
    const before = [look(1, 0), look(2, 100)];
    expect(currentOf(before, undefined)?.best.id).toBe(2);
    expect(settled([...before, look(3, 200)], before, 2)).toBe(2);
    const dismissed = [look(1, 0), look(2, 100, { state: "dismissed" })];
    expect(settled(dismissed, before, 2)).toBe(1);
    expect(nextPlace(before, 2)).toBe(1);
    expect(nextPlace(before, 1)).toBe(2);
  });

  test("a place in one state is one card; what was dismissed takes in nothing", () => {
    const rows = [
      look(1, 0),
      look(2, 20, { confidence: 0.9 }),
      look(3, 10, { state: "dismissed" }),
      look(4, 60),
    ];
    const groups = sightingsOf(rows).map(({ best, all }) => [best.id, all.length]);
    expect(groups).toEqual([
      [4, 1],
      [2, 2],
      [3, 1],
    ]);
  });

  test("a verdict whose detection changed during the hold is not meant any more", () => {
    const [first] = sightingsOf([look(1, 0)]);
    if (first === undefined) throw new Error("there is one");
    const judgement = judgementOf("confirm", first);
    expect(stillMeant(judgement, [look(1, 0), look(2, 5)])).toBe(true);
    expect(stillMeant(judgement, [look(1, 0, { state: "lookingAgain" })])).toBe(false);
    expect(stillMeant(judgement, [])).toBe(false);
  });
});

describe("an entry as it is typed", () => {
  const KNOWN = [1, 2, 3, 4, 6, 10];

  test.each([
    ["1-6", [1, 2, 3, 4, 6]],
    ["6-1", [1, 2, 3, 4, 6]],
    ["10,2", [2, 10]],
    ["5", undefined],
    ["1-", undefined],
    ["", undefined],
    ["2-3-4", undefined],
  ])("%j means %j", (entry, meant) => {
    expect(parseEntry(entry, KNOWN)).toEqual(meant);
  });

  test("a long selection is shortened for people, not for messages", () => {
    const odd = Array.from({ length: 60 }, (_, i) => 2 * i + 1);
    expect(readableOf(odd)).toMatch(/^1, 3, .* … \(60\)$/u);
    expect(indicesOf(rangesOf(odd))).toEqual(odd);
    expect(indicesOf("x")).toEqual([]);
  });

  test("what is written from a selection reads as that selection", () => {
    const some = fc.uniqueArray(fc.constantFrom(...KNOWN), { minLength: 1 });
    fc.assert(
      fc.property(some, (chosen) => {
        const sorted = [...chosen].sort((a, b) => a - b);
        expect(parseEntry(entryOf(chosen).replaceAll(" ", ""), KNOWN)).toEqual(sorted);
      }),
    );
  });
});

test("numbers are written as they are read aloud", () => {
  expect([clock(59), clock(3849), clock(-1)]).toEqual(["00:59", "1:04:09", "00:00"]);
  expect([sinceStart(90, 30), sinceStart(20, 60), sinceStart(29.8, 30)]).toEqual([
    "01:00",
    "−00:40",
    "00:00",
  ]);
  expect([age(41), age(240), age(9000)]).toEqual(["41 s", "4 min", "3 h"]);
  expect([countdown(40.4), countdown(185)]).toEqual(["40 s", "3 min 05 s"]);
  expect([height(70.4, "metric"), height(100, "imperial"), height(null, "metric")]).toEqual([
    "70 m",
    "328 ft",
    "–",
  ]);
  expect([speed(13, "metric"), speed(13, "imperial")]).toEqual(["13.0 m/s", "25.3 kt"]);
  expect([distance(999, "metric"), distance(1500, "metric"), distance(60, "imperial")]).toEqual([
    "999 m",
    "1.5 km",
    "197 ft",
  ]);
  expect([bearing(0.12), bearing(-Math.PI / 2)]).toEqual(["007°", "270°"]);
  expect([roundLengthM(740), roundLengthM(199), roundLengthM(1200)]).toEqual([500, 100, 1000]);
});

describe("the list", () => {
  const view = scriptedGround({ startS: 3300 }).view();
  const bent = {
    ...view,
    vehicles: view.vehicles.map((row) => ({
      ...row,
      ...(row.index === 2 ? { status: "lost" as const, toldS: 300 } : {}),
      ...(row.index === 6 ? { batteryRatio: 0.01 } : {}),
    })),
  };
  const table = new FleetTable();
  const zeroM = 529;
  const moment = { sequence: 1, missionTimeS: view.missionTimeS, originAltitudeAmslM: zeroM };
  table.take(bufferOf(encodeFrame({ ...moment, vehicles: bent.vehicles })), zeroM, 1000);
  table.take(bufferOf(healthFrameOf(bent)), zeroM, 1000);
  const numbers = (wish: { filter?: string; sort?: Parameters<typeof listed>[1]["sort"] }) =>
    listed(table, { filter: "", sort: "number", details: bent.vehicles, ...wish }).map((slot) =>
      table.idAt(slot),
    );

  test("counts by grade, and selects those", () => {
    expect(bySeverity(table)).toEqual({ alarm: [2], warning: [4], well: [1, 3, 5, 6] });
  });

  test("sorts what most wants to be seen first, equals by number", () => {
    expect(numbers({})).toEqual([1, 2, 3, 4, 5, 6]);
    expect(numbers({ sort: "urgency" }).slice(0, 2)).toEqual([2, 4]);
    expect(numbers({ sort: "battery" })[0]).toBe(6);
    expect(numbers({ sort: "cluster" })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test.each([
    ["2-4", [2, 3, 4]],
    ["lost", [2]],
    ["warning", [4]],
    ["reach base", [4]],
    ["vehicle 5 ", [5]],
    ["cluster 0;", [1, 2, 3, 4, 5, 6]],
    ["nonsense", []],
  ])("is filtered by %j", (filter, meant) => {
    expect(numbers({ filter })).toEqual(meant);
  });
});
