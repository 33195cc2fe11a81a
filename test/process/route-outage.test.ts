/**
 * Real frames over the simulator's channel: the routing daemon `babeld` and Skein's network layer
 * in the same lab. The bench `route-outage` has the figures; here both must find the way, lose it,
 * and find the other.
 */
import { expect, test } from "vitest";
import { airLab, measureOutages } from "../support/air/lab.ts";
import { describeWith } from "../support/requirements.ts";

const PLAN = { seed: 3, cuts: 1, restMs: 0 } as const;
/** Nothing came: a hold this long is no outage any more but a route that was never found again. */
const SKEIN_HOLD_MS = 6000;
const BABELD_HOLD_MS = 16_000;

describeWith(airLab(), "six nodes on the air, two ways between the ends", () => {
  test("Skein goes the other way when the link it uses is cut", { timeout: 60_000 }, async () => {
    const plan = { ...PLAN, settleMs: 12_000, holdMs: SKEIN_HOLD_MS };
    const figures = await measureOutages({ ...plan, program: "skein" });
    expect(figures.arrivedRatio).toBeGreaterThan(0.8);
    expect(figures.outagesMs[0]).toBeLessThan(SKEIN_HOLD_MS / 2);
    expect(figures.controlBytesS).toBeGreaterThan(50);
  });

  test("so does babeld, over the same taps", { timeout: 60_000 }, async () => {
    const plan = { ...PLAN, settleMs: 10_000, holdMs: BABELD_HOLD_MS };
    const figures = await measureOutages({ ...plan, program: "babeld" });
    expect(figures.arrivedRatio).toBeGreaterThan(0.8);
    // It cannot be quicker than to miss two hellos of half a second.
    expect(figures.outagesMs[0]).toBeGreaterThan(500);
    expect(figures.outagesMs[0]).toBeLessThan(BABELD_HOLD_MS);
    expect(figures.controlBytesS).toBeGreaterThan(50);
  });
});
