import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import type { SensorReport } from "../../src/hal/mod.ts";
import { REFERENCE_CAMERA, referenceScenario } from "../scenarios/reference.ts";
import { TrueGround } from "../terrain/true-ground.ts";
import type { CameraSpec } from "../world/scenario.ts";
import { Cameras, chanceOfSweepWidth, CURVE_AREA, lateralRange, passChance } from "./camera.ts";
import { drawPlace, Subject } from "./subject.ts";

const ground = new TrueGround({
  seed: 1,
  ground: {
    ...referenceScenario({ seed: 1, vehicles: 1 }).ground,
    coverAt: (_, eastM) => (eastM > 5000 ? "forest" : "open"),
  },
  base: { northM: 0, eastM: 0 },
  extent: [
    { northM: 3000, eastM: 8000 },
    { northM: -3000, eastM: -3000 },
  ],
});

const QUIET: CameraSpec = { ...REFERENCE_CAMERA, falseAlarmsPerKm2: 0 };

interface Line {
  readonly eastM: number;
  readonly aglM?: number;
  readonly lengthM?: number;
  readonly responsive?: boolean;
}

/** Flies north along a line at 12 m/s past a subject at the middle; what was reported. */
function flyPast(cameras: Cameras, subjectEastM: number, line: Line): SensorReport[] {
  const seen: SensorReport[] = [];
  const lengthM = line.lengthM ?? 300;
  const subject = {
    position: { northM: 0, eastM: subjectEastM, altitudeAmslM: 0 },
    responsive: line.responsive ?? false,
  };
  for (let northM = -lengthM / 2; northM <= lengthM / 2; northM += 2.4) {
    cameras.look(
      { slot: 0, northM, eastM: line.eastM, aglM: line.aglM ?? 60, nowS: northM / 12 },
      subject,
      (report) => seen.push(report),
    );
  }
  return seen;
}

const camerasOf = (camera: CameraSpec): Cameras =>
  new Cameras({ camera, ground, seed: 3, count: 2 });

describe("the lateral-range curve", () => {
  test("its area times footprint times chance is the sweep width", () => {
    let area = 0;
    for (let i = 0; i < 1000; i += 1) area += lateralRange((i + 0.5) / 1000) / 1000;
    expect(area).toBeCloseTo(CURVE_AREA, 4);
    expect(chanceOfSweepWidth(34, 80)).toBeCloseTo(0.5, 9);
    expect(chanceOfSweepWidth(500, 80)).toBe(0.99);
  });

  test("many passes at all lateral ranges measure the sweep width it was built for", () => {
    const chance = chanceOfSweepWidth(40, QUIET.footprintM);
    const cameras = camerasOf({ ...QUIET, chance: { ...QUIET.chance, open: chance } });
    const passes = 3000;
    const reachM = 60;
    let seen = 0;
    for (let i = 0; i < passes; i += 1) {
      const lateralM = -reachM + ((i + 0.5) * 2 * reachM) / passes;
      seen += flyPast(cameras, lateralM, { eastM: 0 }).length;
    }
    expect((seen / passes) * 2 * reachM).toBeGreaterThan(37);
    expect((seen / passes) * 2 * reachM).toBeLessThan(43);
  });

  test("leaves hide, lower looks see more, higher ones less", () => {
    const at = (aglM: number, cover: "open" | "forest"): number =>
      passChance(QUIET, { aglM, cover });
    expect(at(60, "forest")).toBeCloseTo(0.2, 9);
    expect(at(30, "forest")).toBeCloseTo(1 - 0.8 * 0.8, 9);
    expect(at(120, "open")).toBeLessThan(at(60, "open"));
  });
});

describe("a pass", () => {
  test("is decided once, tells a place near the truth, and its image shows the subject", () => {
    const cameras = camerasOf({ ...QUIET, chance: { ...QUIET.chance, open: 0.999 } });
    const seen = flyPast(cameras, 10, { eastM: 0 });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ sequence: 0, errorM: 8, imageRef: "v0-0-0" });
    const dn = seen[0]!.position.northM;
    const de = seen[0]!.position.eastM - 10;
    expect(Math.sqrt(dn * dn + de * de)).toBeLessThan(40);
    expect(cameras.image("v0-0-0")).toEqual({ shows: "subject", aglM: 60 });
    expect(cameras.image("v9-0-0")).toBeUndefined();
    expect(cameras.firstSeenS).not.toBeNull();
  });

  test("beyond the footprint, too high or on the ground nothing is seen", () => {
    const cameras = camerasOf({ ...QUIET, chance: { ...QUIET.chance, open: 0.999 } });
    expect(flyPast(cameras, 45, { eastM: 0 })).toEqual([]);
    expect(flyPast(cameras, 0, { eastM: 0, aglM: 200 })).toEqual([]);
    expect(flyPast(cameras, 0, { eastM: 0, aglM: 2 })).toEqual([]);
  });

  test("hovering over the subject is a new look every few seconds", () => {
    const cameras = camerasOf({ ...QUIET, chance: { ...QUIET.chance, open: 0.999 } });
    const seen: SensorReport[] = [];
    const subject = { position: { northM: 0, eastM: 0, altitudeAmslM: 0 }, responsive: true };
    for (let nowS = 0; nowS < 40; nowS += 0.2) {
      cameras.look({ slot: 1, northM: 0, eastM: 0, aglM: 60, nowS }, subject, (r) => seen.push(r));
    }
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect(seen.length).toBeLessThanOrEqual(5);
    cameras.booted(1, 3);
    expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, i) => i));
  });
});

describe("false alarms", () => {
  test("come about as often as stated, at the same places again, less sure from below", () => {
    const cameras = camerasOf({ ...QUIET, falseAlarmsPerKm2: 20 });
    const line = { lengthM: 5600, responsive: false };
    const alarms: SensorReport[] = [];
    for (let eastM = -2800; eastM < 2800; eastM += 80) {
      alarms.push(...flyPast(cameras, 99_999, { ...line, eastM }));
    }
    // 5.6 km x 5.6 km at 20 a square kilometre: 627.
    expect(alarms.length).toBeGreaterThan(500);
    expect(alarms.length).toBeLessThan(760);
    expect(cameras.falseAlarms).toBe(alarms.length);
    expect(cameras.sweptKm2).toBeGreaterThan(25);
    const again = flyPast(cameras, 99_999, { ...line, eastM: 0 });
    const near = (a: SensorReport): boolean =>
      alarms.some(({ position }) => {
        const dn = position.northM - a.position.northM;
        const de = position.eastM - a.position.eastM;
        return dn * dn + de * de < 60 * 60;
      });
    expect(again.length).toBeGreaterThan(3);
    expect(again.filter(near).length / again.length).toBeGreaterThan(0.5);
    const mean = (reports: SensorReport[]): number =>
      reports.reduce((sum, { confidence }) => sum + confidence, 0) / reports.length;
    const low: SensorReport[] = [];
    for (let eastM = -2800; eastM < 2800; eastM += 40) {
      low.push(...flyPast(cameras, 99_999, { ...line, eastM, aglM: 30 }));
    }
    expect(mean(low)).toBeLessThan(mean(alarms) - 0.1);
  });
});

test("saved cameras go on as the originals do", () => {
  const camera = { ...REFERENCE_CAMERA, falseAlarmsPerKm2: 30 };
  const original = camerasOf(camera);
  flyPast(original, 10, { eastM: 0, lengthM: 1000 });
  const writer = new ByteWriter();
  original.save(writer);
  const copy = camerasOf(camera);
  copy.load(new ByteReader(writer.take()));
  expect(flyPast(copy, 5, { eastM: 0, lengthM: 1500 })).toEqual(
    flyPast(original, 5, { eastM: 0, lengthM: 1500 }),
  );
  expect(copy.sweptKm2).toBe(original.sweptKm2);
});

describe("the hidden person", () => {
  const at = { northM: 100, eastM: 200 };

  test("stands still, or walks at its speed and not for ever away", () => {
    const still = new Subject(
      { position: at, moving: false, speedMps: 1, responsive: true },
      ground,
      1,
    );
    const walker = new Subject(
      { position: at, moving: true, speedMps: 1, responsive: false },
      ground,
      1,
    );
    let farthest = 0;
    let rested = 0;
    let before = walker.position;
    for (let s = 0; s < 7200; s += 1) {
      still.step(1);
      walker.step(1);
      const now = walker.position;
      const step = Math.hypot(now.northM - before.northM, now.eastM - before.eastM);
      if (step === 0) rested += 1;
      expect(step).toBeLessThan(1.001);
      farthest = Math.max(farthest, Math.hypot(now.northM - at.northM, now.eastM - at.eastM));
      before = now;
    }
    expect(still.position).toMatchObject(at);
    expect(still.responsive).toBe(true);
    expect(farthest).toBeGreaterThan(100);
    expect(farthest).toBeLessThan(8100);
    expect(rested).toBeGreaterThan(1000);
    const writer = new ByteWriter();
    walker.save(writer);
    const copy = new Subject(
      { position: at, moving: true, speedMps: 1, responsive: false },
      ground,
      9,
    );
    copy.load(new ByteReader(writer.take()));
    for (let s = 0; s < 1000; s += 1) {
      walker.step(1);
      copy.step(1);
    }
    expect(copy.position).toEqual(walker.position);
  });

  test("is drawn from the map as its weights say", () => {
    const grid = { southM: 0, westM: -100, cellM: 100, rows: 1, cols: 3, weights: [1, 0, 3] };
    let first = 0;
    for (let seed = 0; seed < 2000; seed += 1) {
      const place = drawPlace(grid, seed);
      expect(place.northM).toBeGreaterThanOrEqual(0);
      expect(place.northM).toBeLessThan(100);
      if (place.eastM < 0) first += 1;
      else expect(place.eastM).toBeGreaterThanOrEqual(100);
    }
    expect(first / 2000).toBeGreaterThan(0.21);
    expect(first / 2000).toBeLessThan(0.29);
  });
});
