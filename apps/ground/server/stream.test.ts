import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../../src/base/mod.ts";
import {
  encodeFrame,
  encodeHealth,
  FRAME_HEADER_BYTES,
  FRAME_VEHICLE_BYTES,
  type FrameMoment,
  type HealthMoment,
} from "./stream.ts";

interface Vector extends FrameMoment {
  readonly name: string;
  readonly hex: string;
}

interface HealthVector extends HealthMoment {
  readonly name: string;
  readonly hex: string;
}

const FOLDER = join(import.meta.dirname, "../../../vectors/state-stream");
const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
const vectors = read("frames.json") as readonly Vector[];
const health = read("health.json") as readonly HealthVector[];

describe("the health frame of docs/protocols/state-stream.md", () => {
  test.each(health)("$name", (vector) => {
    expect(toHex(encodeHealth(vector))).toBe(vector.hex);
  });

  test("says of an old word when it was told, which stays the same while it grows old", () => {
    const [row] = health[1]?.rows.slice(1) ?? [];
    if (row === undefined) throw new Error("the second vector has three rows");
    const at = (passedS: number): string => {
      const aged = { ...row, toldS: row.toldS + passedS, positionAgeS: row.positionAgeS + passedS };
      const missionTimeS = 600 + passedS;
      return toHex(encodeHealth({ sequence: 1, missionTimeS, rows: [aged] }).subarray(16));
    };
    expect(at(40)).toBe(at(0));
  });
});

describe("the vehicle frame of docs/protocols/state-stream.md", () => {
  test.each(vectors)("$name", (vector) => {
    expect(toHex(encodeFrame(vector))).toBe(vector.hex);
  });

  test("clamps what does not fit and never wraps", () => {
    const number = fc.double({ noDefaultInfinity: false });
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        const [first] = vectors[1]?.vehicles ?? [];
        if (first === undefined) throw new Error("the second vector has a vehicle");
        const vehicle = {
          ...first,
          position: { northM: a, eastM: b },
          altitudeAmslM: c,
          velocity: { northMps: a, eastMps: b, upMps: c },
        };
        const bytes = encodeFrame({
          sequence: 1,
          missionTimeS: 1,
          originAltitudeAmslM: 0,
          vehicles: [vehicle],
        });
        expect(bytes.length).toBe(FRAME_HEADER_BYTES + FRAME_VEHICLE_BYTES);
        const eastCm = new DataView(bytes.buffer).getInt32(20, true);
        const wanted = Number.isNaN(b) ? 0 : b;
        if (wanted !== 0 && Math.abs(wanted) >= 0.01) {
          expect(Math.sign(eastCm)).toBe(Math.sign(wanted));
        }
      }),
    );
  });

  test("golden bytes are whole bytes", () => {
    for (const { hex } of vectors) expect(toHex(fromHex(hex) ?? new Uint8Array())).toBe(hex);
  });
});
