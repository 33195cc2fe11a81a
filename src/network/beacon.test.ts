import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../base/mod.ts";
import {
  BEACON_FIXED_BYTES,
  BeaconFlag,
  decodeBeacon,
  encodeBeacon,
  isBeacon,
  type BeaconFields,
  type BeaconParts,
} from "./beacon.ts";

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly parts: BeaconParts;
}

/** JSON has no undefined: a missing head is none. */
const vectors = (
  JSON.parse(
    readFileSync(new URL("../../vectors/beacon/body.json", import.meta.url), "utf8"),
  ) as readonly Vector[]
).map(({ parts, ...rest }) => ({
  ...rest,
  parts: { ...parts, notes: { ...parts.notes, head: parts.notes.head as never } },
}));

const decoded = (parts: BeaconParts): BeaconFields => {
  const read = decodeBeacon(encodeBeacon(parts));
  if (!read.ok) throw new Error(read.problem.text);
  return read.value;
};

const base = vectors[0]!.parts;

describe("golden beacons", () => {
  test.each(vectors)("$name", ({ hex, parts }) => {
    expect(toHex(encodeBeacon(parts))).toBe(hex);
    const read = decodeBeacon(fromHex(hex)!);
    expect(read.ok && read.value).toMatchObject({
      northM: parts.sample.position.northM,
      eastM: parts.sample.position.eastM,
      altitudeAmslM: parts.sample.position.altitudeAmslM,
      northMps: parts.sample.velocity.northMps,
      intervalMs: parts.intervalMs,
      mode: parts.sample.mode,
      keyEpoch: parts.notes.keyEpoch,
      links: parts.links,
      routes: parts.routes,
      requests: parts.requests,
    });
  });

  test("flags, plan and head come through", () => {
    const fields = decoded(vectors[1]!.parts);
    expect(fields.flags).toBe(
      BeaconFlag.positionValid | BeaconFlag.inAir | BeaconFlag.armed | BeaconFlag.relay,
    );
    expect(fields.head).toBe(5);
    expect(fields.plan).toHaveLength(2);
    expect(fields.plan[0]!.afterS).toBe(12.5);
    expect(fields.plan[0]!.position.northM).toBeCloseTo(200, 0);
    expect(decoded(base).head).toBeUndefined();
    expect(decoded(vectors[2]!.parts).flags).toBe(BeaconFlag.relay | BeaconFlag.ground);
  });
});

describe("encoding saturates", () => {
  test("every number stays in the range of its field", () => {
    const fields = decoded({
      ...base,
      intervalMs: 0,
      sample: {
        ...base.sample,
        position: { northM: 1e9, eastM: -1e9, altitudeAmslM: NaN },
        velocity: { northMps: 1e6, eastMps: -1e6, downMps: NaN },
        positionErrorM: 1e9,
        batteryRatio: 2,
      },
    });
    expect(fields).toMatchObject({
      northM: 21_474_836.47,
      eastM: -21_474_836.48,
      altitudeAmslM: 0,
      northMps: 327.67,
      eastMps: -327.68,
      positionErrorM: 6553.5,
      batteryRatio: 1,
      intervalMs: 1,
    });
  });

  test("a plan ends at the first point that its offsets cannot reach, and after four", () => {
    const point = (northM: number, afterS: number): BeaconParts["plan"][number] => ({
      position: { northM, eastM: 0, altitudeAmslM: 0 },
      afterS,
    });
    const count = (plan: BeaconParts["plan"]): number => decoded({ ...base, plan }).plan.length;
    expect(count([point(0, 1), point(30_000, 2), point(0, 3)])).toBe(1);
    expect(count([point(0, 1), point(1, 7000)])).toBe(1);
    expect(count([point(0, -1)])).toBe(0);
    expect(count(Array.from({ length: 6 }, (_, i) => point(i, i)))).toBe(4);
    const sample = { ...base.sample, positionValid: false };
    expect(decoded({ ...base, sample, plan: [point(0, 1)] }).plan).toEqual([]);
  });
});

describe("what is not a beacon", () => {
  test("another version, unknown flags or modes, counts beyond the bounds, wrong lengths", () => {
    const good = fromHex(vectors[1]!.hex)!;
    const changed = (at: number, value: number): Uint8Array => {
      const bytes = good.slice();
      bytes[at] = value;
      return bytes;
    };
    const noInterval = good.slice();
    noInterval.fill(0, 6, 8);
    const bad = [
      changed(0, 2),
      changed(1, 0x20),
      changed(31, 7),
      changed(32, 0x20),
      changed(42, 5),
      changed(43, 17),
      changed(44, 17),
      changed(45, 5),
      noInterval,
      good.subarray(0, good.length - 1),
      Uint8Array.of(...good, 0),
      good.subarray(0, BEACON_FIXED_BYTES - 1),
    ];
    for (const bytes of bad) {
      expect(decodeBeacon(bytes)).toMatchObject({ problem: { code: "NET002" } });
    }
    // Counts beyond the bounds, with a length that agrees with them.
    const long = new Uint8Array(BEACON_FIXED_BYTES + 5 * 8);
    long.set(good.subarray(0, BEACON_FIXED_BYTES));
    long.set([5, 0, 0, 0], 42);
    expect(isBeacon(long)).toBe(false);
  });

  test("any bytes are judged without a throw; most of what looks like one decodes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 90 }),
        fc.constantFrom(...vectors.map((it) => it.hex)),
        fc.nat(45),
        fc.nat(255),
        (noise, hex, at, value) => {
          expect(decodeBeacon(noise).ok).toBe(isBeacon(noise));
          const bytes = fromHex(hex)!;
          bytes[at] = value;
          expect(decodeBeacon(bytes).ok).toBe(isBeacon(bytes));
        },
      ),
    );
  });
});
