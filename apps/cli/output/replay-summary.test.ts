import { expect, test } from "vitest";
import type { RecordingSummary } from "../../../adapters/recording/mod.ts";
import { summaryText } from "./replay-summary.ts";

const SUMMARY: RecordingSummary = {
  bytes: 1_234_567,
  library: "skein",
  run: { mission: "missions/tiny.json5", seed: "7" },
  durationS: 3725,
  messages: 12,
  channels: [{ topic: "/log", schema: "foxglove.Log", messages: 12 }],
  events: [
    { atS: 1, vehicle: 0, severity: "info", kind: "committed", text: "entry 1 agreed" },
    { atS: 65, vehicle: 3, severity: "notice", kind: "detection", text: "sees a person" },
    { atS: 95, vehicle: 0, severity: "notice", kind: "found", text: "found" },
  ],
  eventCount: 3,
  foundAtS: 95,
  report: undefined,
  damages: [],
};

test("a summary tells the run, its channels and what was worth a notice", () => {
  expect(summaryText("run.mcap", SUMMARY, { most: 1, all: false })).toBe(
    [
      "run.mcap: 1:02:05, 1.2 MB, found after 0:01:35",
      "  mission missions/tiny.json5, seed 7",
      "",
      "channels",
      "  /log         12  foxglove.Log",
      "",
      "events: 3, 2 worth a notice",
      "  0:01:05  notice   vehicle 3   sees a person",
      "  … 1 more",
    ].join("\n"),
  );
});

test("with --all information is shown, too", () => {
  const text = summaryText("run.mcap", { ...SUMMARY, foundAtS: null }, { most: 9, all: true });
  expect(text).toContain("nobody found");
  expect(text).toContain("0:00:01  info     ground      entry 1 agreed");
});

test("what many nodes tell of many vehicles is one line, and again after half a minute", () => {
  const acting = [0, 1, 2, 3].flatMap((vehicle) =>
    [1, 2].map((slot) => ({
      atS: 2 + vehicle,
      vehicle,
      severity: "notice" as const,
      kind: "order",
      text: `order 9 at vehicle ${slot}: acting`,
    })),
  );
  const again = { ...acting[0]!, atS: 60 };
  const summary = { ...SUMMARY, events: [...acting, again], eventCount: 9 };
  const text = summaryText("run.mcap", summary, { most: 9, all: false });
  expect(text.split("\n").slice(-3)).toEqual([
    "events: 9",
    "  0:00:02  notice   ground      order 9 at vehicle 1: acting (and 7 alike until 0:00:05)",
    "  0:01:00  notice   ground      order 9 at vehicle 1: acting",
  ]);
  const all = summaryText("run.mcap", summary, { most: 20, all: true });
  expect(all.match(/acting/gu)).toHaveLength(9);
});
