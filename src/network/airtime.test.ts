import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../base/mod.ts";
import { AirTimeMeter, BEACON_METER, frameAirTimeUs, KNEE_FRAMES_HZ } from "./airtime.ts";

describe("the air time of a frame", () => {
  test("preamble, symbols of 26 bits at 6.5 Mb/s, arbitration", () => {
    // 256 B: (256 + 38) * 8 + 22 = 2374 bits, 92 symbols of 4 us.
    expect(frameAirTimeUs(256, 6.5)).toBe(36 + 4 * 92 + 110);
    expect(frameAirTimeUs(1200, 6.5)).toBe(36 + 4 * 382 + 110);
    expect(frameAirTimeUs(1200, 65)).toBe(36 + 4 * 39 + 110);
  });
});

describe("the meter", () => {
  test("a second's window by class; what is older is forgotten", () => {
    const meter = new AirTimeMeter();
    for (let ms = 0; ms < 1000; ms += 10) meter.sent(ms, 3, 500);
    meter.sent(999, BEACON_METER, 1000);
    expect(meter.ownRatio(999, 3)).toBeCloseTo(0.05, 9);
    expect(meter.ownRatioTotal(999)).toBeCloseTo(0.051, 9);
    expect(meter.framesHz(999)).toBe(101);
    expect(meter.otherFramesHz(999)).toBe(100);
    expect(meter.ownRatio(1500, 3)).toBeCloseTo(0.02, 2);
    expect(meter.ownRatioTotal(2100)).toBe(0);
    expect(meter.framesHz(60_000)).toBe(0);
  });

  test("saved and loaded, it reads the same", () => {
    const meter = new AirTimeMeter();
    for (let ms = 0; ms < 1500; ms += 7) {
      meter.heard(ms, ms % 2 === 0);
      meter.sent(ms, ms % 5, 100);
    }
    meter.reported(0.9);
    const writer = new ByteWriter();
    meter.save(writer);
    const loaded = new AirTimeMeter();
    loaded.load(new ByteReader(writer.take()));
    for (const read of [meter, loaded]) {
      expect(read.busyRatio).toBe(0.9);
      expect(read.framesHz(1700)).toBe(meter.framesHz(1700));
      expect(read.beaconIntervalMs(1700, 10, 200)).toBe(meter.beaconIntervalMs(1700, 10, 200));
    }
  });
});

describe("beacons slow down before the channel collapses", () => {
  test("few nodes beacon as often as they want, many share what is below the knee", () => {
    const rateHz = (wantedHz: number, neighbors: number): number =>
      1000 / new AirTimeMeter().beaconIntervalMs(0, wantedHz, neighbors);
    expect(rateHz(1, 5)).toBeCloseTo(1, 9);
    expect(rateHz(10, 5)).toBeCloseTo(10, 9);
    expect(rateHz(10, 199)).toBeCloseTo(6, 9);
    expect(rateHz(0.1, 5)).toBeCloseTo(0.5, 9);
    expect(rateHz(100, 0)).toBeCloseTo(10, 9);
  });

  test("a cell of any size that can be kept under the knee is kept under it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2400 }),
        fc.double({ min: 0.5, max: 10, noNaN: true }),
        (nodes, wantedHz) => {
          const intervalMs = new AirTimeMeter().beaconIntervalMs(0, wantedHz, nodes - 1);
          expect((nodes * 1000) / intervalMs).toBeLessThanOrEqual(0.8 * KNEE_FRAMES_HZ + 1e-6);
        },
      ),
    );
  });

  test("packets of others take from the beacons' share", () => {
    const meter = new AirTimeMeter();
    for (let i = 0; i < 900; i += 1) meter.heard(i, false);
    expect(1000 / meter.beaconIntervalMs(900, 10, 99)).toBeCloseTo(3, 9);
  });

  test("a driver that reports a crowded channel slows them, a quiet one lets them recover", () => {
    const meter = new AirTimeMeter();
    const rateHz = (): number => 1000 / meter.beaconIntervalMs(0, 10, 119);
    expect(rateHz()).toBeCloseTo(10, 9);
    meter.reported(0.95);
    expect(rateHz()).toBeCloseTo(7, 9);
    for (let i = 0; i < 20; i += 1) meter.reported(1.5);
    expect(meter.busyRatio).toBe(1);
    expect(rateHz()).toBeCloseTo(1, 9);
    for (let i = 0; i < 9; i += 1) meter.reported(-1);
    expect(rateHz()).toBeCloseTo(10, 9);
  });
});
