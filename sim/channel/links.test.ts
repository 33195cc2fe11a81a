import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, SeededStream } from "../../src/base/mod.ts";
import { ACCESS_CLASSES, accessNumber, airTimeUs } from "./air-time.ts";
import { gainMinOf, knifeEdgeLossDb, LinkTable, reachM, type AntennaSlab } from "./links.ts";

function slab(places: readonly (readonly [number, number, number, number])[]): AntennaSlab {
  const of = (k: 0 | 1 | 2 | 3): Float64Array => Float64Array.from(places, (p) => p[k]);
  return {
    northM: of(0),
    eastM: of(1),
    altitudeM: of(2),
    aglM: of(3),
    odometerM: new Float64Array(places.length),
    speedMps: new Float64Array(places.length),
  };
}

const table = (
  antennas: AntennaSlab,
  over: { seed?: number; ground?: number; reachM?: number } = {},
): LinkTable =>
  new LinkTable({
    seed: over.seed ?? 1,
    bandHz: 2.4e9,
    antennaGainDb: 0,
    antennas,
    ...(over.reachM === undefined ? {} : { reachM: over.reachM }),
    groundAmslM: (northM) => (Math.abs(northM - 500) < 60 ? (over.ground ?? -500) : -500),
  });

const db = (ratio: number): number => 10 * Math.log10(ratio);

/** Mean gain in decibels over many seeds, so that shadowing averages out. */
function meanGainDb(antennas: AntennaSlab, ground?: number): number {
  let sum = 0;
  for (let seed = 0; seed < 400; seed += 1) {
    sum += db(table(antennas, { seed, ...(ground === undefined ? {} : { ground }) }).gain(0, 1, 0));
  }
  return sum / 400;
}

describe("mean loss", () => {
  test("air to air: Friis at a metre, exponent 2.05", () => {
    const antennas = slab([
      [0, 0, 100, 100],
      [1000, 0, 100, 100],
    ]);
    // 20 log10(4 pi 2.4e9 / c) = 40.05 dB, and 20.5 dB a decade.
    expect(meanGainDb(antennas)).toBeGreaterThan(-40.05 - 61.5 - 0.4);
    expect(meanGainDb(antennas)).toBeLessThan(-40.05 - 61.5 + 0.4);
  });

  test("air to ground: exponent 2.3", () => {
    const antennas = slab([
      [0, 0, 2, 2],
      [1000, 0, 100, 100],
    ]);
    const lossDb = 40.05 + 23 * Math.log10(Math.sqrt(1e6 + 98 * 98));
    expect(Math.abs(meanGainDb(antennas) + lossDb)).toBeLessThan(0.6);
  });

  test("a ridge in the way costs what a knife edge costs", () => {
    const antennas = slab([
      [0, 0, 100, 100],
      [1000, 0, 100, 100],
    ]);
    const clear = meanGainDb(antennas);
    // 30 m above the ray in the middle: v = 30 sqrt(2 * 1000 / (0.125 * 500 * 500)) = 7.6 -> 30.5
    // dB.
    expect(clear - meanGainDb(antennas, 130)).toBeGreaterThan(29);
    expect(clear - meanGainDb(antennas, 130)).toBeLessThan(32);
  });

  // ITU-R P.526-15, figure 9: J(0) = 6 dB, J(1) = 13.9 dB (about), J(-1) = 0.
  test("the knife edge's published points", () => {
    expect(knifeEdgeLossDb(0)).toBeCloseTo(6.03, 1);
    expect(knifeEdgeLossDb(1)).toBeCloseTo(13.9, 1);
    expect(knifeEdgeLossDb(-1)).toBe(0);
    expect(knifeEdgeLossDb(-0.78)).toBe(0);
  });
});

describe("shadowing and fading", () => {
  test("shadowing has its sigma and forgets over its distance", () => {
    const far = slab([
      [0, 0, 100, 100],
      [1000, 0, 100, 100],
    ]);
    const links = table(far);
    const values: number[] = [];
    for (let i = 0; i < 4000; i += 1) {
      far.odometerM[0]! += 35;
      values.push(db(links.gain(0, 1, i * 4e6)));
    }
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const centred = values.map((v) => v - mean);
    const variance = centred.reduce((a, b) => a + b * b, 0) / values.length;
    const lagged = centred.slice(1).reduce((a, v, i) => a + v * centred[i]!, 0) / values.length;
    expect(Math.sqrt(variance)).toBeGreaterThan(1.8);
    expect(Math.sqrt(variance)).toBeLessThan(2.2);
    // One decorrelation distance: 1 / e.
    expect(lagged / variance).toBeGreaterThan(0.3);
    expect(lagged / variance).toBeLessThan(0.44);
  });

  test("fading is Rician of mean one, constant for its coherence time, the same both ways", () => {
    const antennas = slab([
      [0, 0, 100, 100],
      [1000, 0, 100, 100],
    ]);
    antennas.speedMps.fill(6);
    const links = table(antennas);
    links.gain(0, 1, 0);
    const values = Array.from({ length: 20_000 }, (_, i) => links.fade(0, 1, i * 10_000));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, v) => a + (v - mean) * (v - mean), 0) / values.length;
    expect(mean).toBeCloseTo(1, 1);
    // Rician power: variance / mean^2 = (1 + 2K) / (1 + K)^2, K = 12 dB.
    const k = 10 ** 1.2;
    expect(variance).toBeGreaterThan((0.9 * (1 + 2 * k)) / ((1 + k) * (1 + k)));
    expect(variance).toBeLessThan((1.1 * (1 + 2 * k)) / ((1 + k) * (1 + k)));
    // 0.423 c / (12 m/s x 2.4 GHz) = 4.4 ms.
    expect(links.fade(0, 1, 1000)).toBe(links.fade(1, 0, 4000));
    expect(links.fade(0, 1, 1000)).not.toBe(links.fade(0, 1, 9000));
  });

  test("a value is kept for its age and refreshed after it; a moved node is forgotten", () => {
    const antennas = slab([
      [0, 0, 100, 100],
      [1000, 0, 100, 100],
    ]);
    const links = table(antennas);
    const first = links.gain(0, 1, 0);
    antennas.northM[1] = 3000;
    expect(links.gain(1, 0, 1_600_000)).toBe(first);
    expect(links.gain(1, 0, 1_700_000)).toBeLessThan(first / 4);
    antennas.northM[1] = 1000;
    links.forget(1);
    expect(links.gain(0, 1, 1_710_000)).toBeGreaterThan(first / 10);
  });

  test("a saved table goes on as the original", () => {
    const stream = new SeededStream(1, "x");
    const antennas = slab(
      Array.from({ length: 5 }, () => [stream.between(0, 900), stream.between(0, 900), 100, 100]),
    );
    const links = table(antennas);
    for (let i = 0; i < 5; i += 1) links.gain(i, (i + 1) % 5, i * 1000);
    const writer = new ByteWriter();
    links.save(writer);
    const copy = table(antennas);
    copy.load(new ByteReader(writer.take()));
    antennas.odometerM.fill(70);
    for (let i = 0; i < 25; i += 1) {
      const [a, b] = [i % 5, Math.floor(i / 5)];
      if (a !== b) expect(copy.gain(a, b, 900_000)).toBe(links.gain(a, b, 900_000));
    }
  });

  test("out of reach there is nothing: no neighbour and no gain", () => {
    const antennas = slab([
      [0, 0, 100, 100],
      [0, 900, 100, 100],
      [0, 1100, 100, 100],
      [0, 1900, 100, 100],
    ]);
    const links = table(antennas, { reachM: 1000 });
    const near = links.near(0, 0);
    expect([...near.slots.subarray(0, near.count)]).toEqual([1]);
    expect(links.gainAt(near, 0, 0)).toBe(links.gain(0, 1, 0));
    expect(links.gain(0, 2, 0)).toBe(0);
    // Positions are looked at anew each four seconds.
    antennas.eastM[2] = 950;
    expect(links.near(0, 3_900_000).count).toBe(1);
    expect(links.near(0, 4_000_000).count).toBe(2);
    // A node that was carried is seen at once.
    antennas.eastM[1] = 5000;
    links.forget(1);
    expect(links.near(0, 4_100_000).count).toBe(1);
  });

  test("a list has the gain of the pair, the same from either end", () => {
    const stream = new SeededStream(2, "places");
    const antennas = slab(
      Array.from({ length: 40 }, () => [
        stream.between(-900, 900),
        stream.between(-900, 900),
        stream.between(60, 140),
        stream.chance(0.3) ? 5 : 50,
      ]),
    );
    const links = table(antennas, { reachM: 700 });
    for (let slot = 0; slot < 40; slot += 1) {
      const near = links.near(slot, 0);
      for (let k = 0; k < near.count; k += 1) {
        expect(links.gainAt(near, k, 0)).toBe(links.gain(near.slots[k]!, slot, 0));
        expect(links.fadeAt(near, k, 0)).toBe(links.fade(near.slots[k]!, slot, 0));
      }
    }
  });

  test("a longer link is looked at less often, the terrain only after some flight", () => {
    const antennas = slab([
      [0, 0, 100, 100],
      [1200, 0, 100, 100],
    ]);
    const links = table(antennas, { ground: 130 });
    const first = links.gain(0, 1, 0);
    antennas.northM[0] = -600;
    // 1200 m: four times as long as at 300 m.
    expect(links.gain(0, 1, 1_900_000)).toBe(first);
    expect(links.gain(0, 1, 2_000_000)).toBeLessThan(first);
    // Past the ridge, and it stays in the way until 40 m and a twelfth of 500 m are flown.
    antennas.northM[0] = 700;
    antennas.odometerM[0] = 60;
    const behind = db(links.gain(0, 1, 6_000_000));
    antennas.odometerM[0] = 90;
    expect(db(links.gain(0, 1, 12_000_000)) - behind).toBeGreaterThan(20);
  });

  test("the reference radio reaches 4.7 km: 5 dB under the noise by distance alone", () => {
    const radio = { bandHz: 5.8e9, powerDbm: 14, antennaGainDb: 10, noiseDbm: -94 };
    // 14 + 10 - 47.7 dB of the first metre + 94 + 5 = 75.3 dB at 20.5 dB a decade.
    expect(reachM(radio)).toBeGreaterThan(4650);
    expect(reachM(radio)).toBeLessThan(4750);
    expect(db(gainMinOf(radio))).toBeCloseTo(-113, 6);
  });
});

test("access classes in order; a symbol more for a byte too many", () => {
  expect(ACCESS_CLASSES.map(accessNumber)).toEqual([0, 1, 2, 3]);
  // MCS 7: 260 bits a symbol; (22 + 8 x 62) = 518 -> 2 symbols, 8 x 63 + 22 = 526 -> 3.
  expect(airTimeUs(62, 7)).toBe(36 + 8);
  expect(airTimeUs(63, 7)).toBe(36 + 12);
});
