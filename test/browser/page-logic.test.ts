/** The page's pure parts, without a browser: the frame it reads, what is typed and written. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DetectionRow } from "../../apps/ground/report/view.ts";
import { STATUS_CODES, type FrameMoment } from "../../apps/ground/server/stream.ts";
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
import { decodeFrame } from "../../apps/ground/web/src/frame.ts";
import { entryOf, parseEntry } from "../../apps/ground/web/src/selection.ts";
import { severityOf } from "../../apps/ground/web/src/severity.ts";
import { fromHex } from "../../src/base/mod.ts";
import { scriptedGround } from "../support/scripted-ground.ts";

interface Vector extends FrameMoment {
  readonly name: string;
  readonly hex: string;
}

const FILE = join(import.meta.dirname, "..", "..", "vectors", "ground-stream", "frames.json");
const vectors = JSON.parse(readFileSync(FILE, "utf8")) as readonly Vector[];

const bytesOf = (hex: string): ArrayBuffer => (fromHex(hex) ?? new Uint8Array()).slice().buffer;

describe("the vehicle frame as the page reads it", () => {
  test.each(vectors)("$name", ({ hex, sequence, missionTimeS, originAltitudeAmslM, vehicles }) => {
    const frame = decodeFrame(bytesOf(hex), originAltitudeAmslM);
    expect(frame?.sequence).toBe(sequence);
    expect(frame?.missionTimeMs).toBe(missionTimeS * 1000);
    expect(frame?.vehicles.map(({ index, status }) => [index, status])).toEqual(
      vehicles.map(({ index, status }) => [index, status]),
    );
    frame?.vehicles.forEach((read, i) => {
      const sent = vehicles[i];
      expect(read.northM).toBeCloseTo(sent?.position.northM ?? 0, 2);
      expect(read.eastM).toBeCloseTo(sent?.position.eastM ?? 0, 2);
      expect(read.altitudeAmslM).toBeCloseTo(sent?.altitudeAmslM ?? 0, 1);
      expect(read.headingRad).toBeCloseTo(sent?.headingRad ?? 0, 1);
      expect(read.needsHand).toBe(sent?.needs !== "");
    });
  });

  test("every status has its number on both sides", () => {
    const [, second] = vectors;
    if (second === undefined) throw new Error("there are two vectors");
    STATUS_CODES.forEach((status, code) => {
      const bytes = new Uint8Array(bytesOf(second.hex));
      bytes[16 + 18] = ((bytes[16 + 18] ?? 0) & 0xf0) | code;
      expect(decodeFrame(bytes.buffer, 0)?.vehicles[0]?.status).toBe(status);
    });
  });

  test("any bytes are a frame or none, never a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const frame = decodeFrame(bytes.slice().buffer, 0);
        expect(frame === undefined || frame.vehicles.length >= 0).toBe(true);
      }),
    );
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

test("a lost vehicle is an alarm, one that needs a hand a warning, the rest are well", () => {
  const [first, , , needy] = scriptedGround({ startS: 3300 }).view().vehicles;
  if (first === undefined || needy === undefined) throw new Error("there are six vehicles");
  expect(severityOf(first)).toBe("well");
  expect(severityOf(needy)).toBe("warning");
  expect(severityOf({ ...needy, minutesLeft: 0.5 })).toBe("alarm");
  expect(severityOf({ ...first, status: "lost" })).toBe("alarm");
  expect(severityOf({ ...first, status: "outOfRange" })).toBe("warning");
});
