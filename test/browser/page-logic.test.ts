/** The page's pure parts, without a browser: the frame it reads, what is typed and written. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STATUS_CODES, type FrameMoment } from "../../apps/ground/server/stream.ts";
import {
  bearing,
  clock,
  countdown,
  distance,
  height,
  roundLengthM,
  speed,
} from "../../apps/ground/web/src/format.ts";
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
