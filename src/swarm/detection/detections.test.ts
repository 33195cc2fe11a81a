import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../base/mod.ts";
import type { SensorReport } from "../../hal/mod.ts";
import {
  cluesOf,
  detectionOf,
  DETECTIONS_MAX,
  finderOf,
  foundOf,
  isNews,
  noteDetection,
  wantsLook,
  WEIGHT_MAX,
} from "./detections.ts";
import type { Sighting } from "./detections.ts";

const report = (northM: number, confidence = 0.7, sequence = 1): SensorReport => ({
  sequence,
  position: { northM, eastM: 0, altitudeAmslM: 400 },
  errorM: 8,
  confidence,
  imageRef: "frame-1",
});

const seen = (one: SensorReport, verdict?: Sighting["verdict"]): Sighting => ({
  detection: detectionOf(nodeIndex(3), one, { networkTimeMs: 5, known: [] }),
  verdict,
  sinceMs: 0,
  looked: false,
});

describe("sightings", () => {
  test("an id names the finder and counts on, whatever its sensor counts after a restart", () => {
    const of = (finder: number, known: readonly Sighting[]) =>
      detectionOf(nodeIndex(finder), report(0, 0.5, 1), { networkTimeMs: 9, known });
    const first = of(7, []);
    expect(first.id).toBe(7 * 65_536);
    expect(finderOf(first.id)).toBe(7);
    const known = noteDetection([], first, 0);
    expect(of(7, known).id).toBe(7 * 65_536 + 1);
    expect(of(8, known).id).toBe(8 * 65_536);
  });

  test("the same stone is not asked about on every pass", () => {
    expect(isNews([], report(0))).toBe(true);
    expect(isNews([seen(report(0))], report(10))).toBe(false);
    expect(isNews([seen(report(0))], report(10, 0.9))).toBe(true);
    expect(isNews([seen(report(0), "dismissed")], report(5))).toBe(false);
    expect(isNews([seen(report(0), "confirmed")], report(5, 1))).toBe(false);
    expect(isNews([seen(report(0), "lookAgain")], report(5, 0.3))).toBe(true);
    expect(isNews([seen(report(0))], report(200))).toBe(true);
  });

  test("undecided ones weigh on the map, decided ones do not", () => {
    const clues = cluesOf(
      [seen(report(0)), seen(report(500), "dismissed"), seen(report(900), "lookAgain")],
      0.25,
    );
    expect(clues.map((clue) => clue.northM)).toEqual([0, 900]);
    expect(clues[0]!.weight).toBe(WEIGHT_MAX);
    expect(cluesOf([seen(report(0, 0.01))], 1000)[0]!.weight).toBeLessThan(WEIGHT_MAX);
  });

  test("looks of one place are one piece of evidence, and none beside a dismissed one", () => {
    const looks = [
      seen(report(0, 0.6, 1)),
      seen(report(9, 0.8, 2)),
      seen(report(-14, 0.7, 3), "lookAgain"),
      seen(report(500, 0.5, 4), "dismissed"),
      seen(report(515, 0.9, 5)),
      seen(report(900, 0.5, 6)),
    ];
    expect(cluesOf(looks, 0.25).map((clue) => clue.northM)).toEqual([9, 900]);
    expect(cluesOf(looks.toReversed(), 0.25).map((clue) => clue.northM)).toEqual([900, 9]);
    const vague = [seen({ ...report(0, 0.9, 1), errorM: 500 }), seen(report(120, 0.5, 2))];
    expect(cluesOf(vague, 0.25)).toHaveLength(2);
  });

  test("the table is bounded: dismissed ones make room first, a confirmed one never", () => {
    let table: readonly Sighting[] = [
      seen(report(0, 0.9, 1), "confirmed"),
      seen(report(50, 0.9, 2), "dismissed"),
    ];
    for (let i = 3; i < DETECTIONS_MAX + 10; i += 1) {
      table = noteDetection(
        table,
        detectionOf(nodeIndex(3), report(i * 100, 0.5, i), { networkTimeMs: 0, known: table }),
        i,
      );
    }
    expect(table.length).toBe(DETECTIONS_MAX);
    expect(table.some((one) => one.verdict === "confirmed")).toBe(true);
    expect(table.some((one) => one.verdict === "dismissed")).toBe(false);
  });

  test("told twice it is one, and keeps its verdict", () => {
    const first = detectionOf(nodeIndex(3), report(0), { networkTimeMs: 0, known: [] });
    const [one] = noteDetection([], first, 4);
    one!.verdict = "lookAgain";
    const again = noteDetection([one!], { ...first, confidence: 0.9 }, 9);
    expect(again).toHaveLength(1);
    expect(again[0]).toMatchObject({ verdict: "lookAgain", sinceMs: 4 });
  });

  test("found is the confirmed one, of several the lowest id; who waits longest is next", () => {
    const a = seen(report(0, 0.5, 9), "confirmed");
    const b = seen(report(90, 0.5, 4), "confirmed");
    expect(foundOf([a, b])!.id).toBe(b.detection.id);
    expect(foundOf([seen(report(0))])).toBeUndefined();
    const late = { ...seen(report(0, 0.5, 1), "lookAgain"), sinceMs: 50 };
    const early = { ...seen(report(300, 0.5, 2), "lookAgain"), sinceMs: 10 };
    expect(wantsLook([late, early])).toBe(early);
    expect(wantsLook([{ ...early, looked: true }])).toBeUndefined();
  });
});
