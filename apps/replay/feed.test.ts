import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openRecording } from "../../adapters/recording/mod.ts";
import { ReplayFeed } from "./feed.ts";
import { openRecordedRun } from "./recorded-run.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-feed-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what lies between two moments is told in its order; after a leap the newest of each", () => {
  const path = join(folder, "run.mcap");
  const opened = openRecording(path, {
    mission: "Tiny",
    seed: 1,
    vehicles: [],
    epochMs: 5000,
    more: {},
  });
  if (!opened.ok) throw new Error(opened.problem.text);
  for (let second = 0; second < 200; second += 1) {
    opened.value.trace(second * 1000, `h${String(second)}`);
    if (second % 50 === 0) opened.value.success(second * 1000, { low: second / 1000, high: 1 });
  }
  opened.value.end({});
  const run = openRecordedRun(path);
  if (!run.ok) throw new Error(run.problem.text);

  const told: string[] = [];
  const feed: ReplayFeed = new ReplayFeed(run.value, {
    message: (channel, atNs, json) => {
      const { hash, low } = JSON.parse(new TextDecoder().decode(json)) as {
        hash?: string;
        low?: number;
      };
      const what = hash ?? (low === undefined ? "report" : `low ${String(low)}`);
      told.push(`${feed.channels[channel]?.topic ?? ""} ${String(atNs / 1_000_000_000n)} ${what}`);
    },
    time: (atNs) => told.push(`time ${String(atNs / 1_000_000_000n)}`),
  });
  const after = (atS: number): string[] => {
    told.length = 0;
    feed.moveTo(atS);
    return [...told];
  };
  expect(after(1)).toEqual(["time 6", "/skein/trace 6 h1", "/skein/success 5 low 0"]);
  expect(after(3.5)).toEqual(["time 8", "/skein/trace 7 h2", "/skein/trace 8 h3"]);
  expect(after(3.5)).toEqual([]);
  expect(after(130)).toEqual(["time 135", "/skein/trace 135 h130", "/skein/success 105 low 0.1"]);
  expect(after(60)).toEqual(["time 65", "/skein/trace 65 h60", "/skein/success 55 low 0.05"]);
  run.value.close();
});
