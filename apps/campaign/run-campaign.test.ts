import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FlightPlan } from "./flight.ts";
import { runCampaign } from "./run-campaign.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const plan: FlightPlan = {
  missionFile: join(ROOT, "missions", "tiny.json5"),
  vehicleCount: 0,
  planner: "massRate",
  durationS: 12,
  untilFound: false,
  signatures: "modelled",
  faultFile: undefined,
};

describe("a campaign", () => {
  test("decides the same with one worker and with two", async () => {
    const seeds = [4, 2, 3];
    const done: number[] = [];
    const onRow = (_row: unknown, count: number): void => void done.push(count);
    const alone = await runCampaign({ plan, seeds, workers: 1, onRow });
    const shared = await runCampaign({ plan, seeds, workers: 2 });
    expect(done).toEqual([1, 2, 3]);
    expect(alone.rows.map(({ seed }) => seed)).toEqual([2, 3, 4]);
    expect(shared.hash).toBe(alone.hash);
    expect(new Set(alone.rows.map(({ traceHash }) => traceHash)).size).toBe(3);
    expect([alone.givenUp, shared.givenUp]).toEqual([[], []]);
  });

  test("goes on when a worker dies over a seed, and names what ends them all", async () => {
    const worker = new URL("./dying-worker.test-support.ts", import.meta.url);
    const outcome = await runCampaign({ plan, seeds: [1, 2, 3], workers: 2, worker });
    expect(outcome.rows.map(({ seed }) => seed)).toEqual([1, 3]);
    expect(outcome.givenUp).toEqual([{ seed: 2, why: "this seed ends the thread" }]);
  });
});
