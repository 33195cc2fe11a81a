/** Changes by words and by files: every kind once, limits, and what is no change. */
import { describe, expect, test } from "vitest";
import { Checker } from "../../src/base/mod.ts";
import { changeOfWords, readChanges, readWhatIf } from "./read-changes.ts";

describe("in words", () => {
  test.each([
    ["kill:3,4", { kind: "kill", vehicles: [3, 4] }],
    ["kill:4,3,4", { kind: "kill", vehicles: [3, 4] }],
    ["kill-some:2", { kind: "killSome", count: 2 }],
    ["gnss:3", { kind: "loseGnss", vehicles: [3] }],
    ["battery:3,4=20%", { kind: "lowBattery", vehicles: [3, 4], ratio: 0.2 }],
    ["cut:0-3", { kind: "cut", a: 0, b: 3 }],
    ["partition:0,3", { kind: "partition", group: [0, 3] }],
    ["wind:12@270", { kind: "wind", speedMps: 12, fromDeg: 270, gustMps: 0 }],
    ["wind:12@270+3", { kind: "wind", speedMps: 12, fromDeg: 270, gustMps: 3 }],
    ["planner:parallelTrack", { kind: "planner", planner: "parallelTrack" }],
    ["hold:all", { kind: "order", order: { kind: "hold", targets: "all" } }],
    ["return:3", { kind: "order", order: { kind: "return", targets: [3] } }],
    ["lift-clear-air", { kind: "order", order: { kind: "liftClearAir" } }],
    ["clear-air:0", { kind: "order", order: { kind: "clearAir", ceilingAglM: 0, withinS: 60 } }],
  ])("%s", (words, change) => {
    expect(changeOfWords(words)).toEqual(change);
  });

  test("a place where somebody was seen, and one where nobody is", () => {
    const position = { northM: 400, eastM: -120 };
    const clue = { kind: "clue", position, errorM: 80 };
    expect(changeOfWords("clue:400,-120,80")).toEqual({
      kind: "order",
      order: { ...clue, finding: "sighting" },
    });
    expect(changeOfWords("absence:400,-120,80")).toEqual({
      kind: "order",
      order: { ...clue, finding: "absence" },
    });
  });

  test.each([
    "",
    "kill",
    "kill:",
    "kill:x",
    "kill:0",
    "kill:1.5",
    "kill-some:0",
    "battery:3=120%",
    "battery:3",
    "cut:3",
    "wind:12",
    "wind:99@0",
    "planner:best",
    "clue:1,2",
    "lift-clear-air:3",
    "fly:3",
  ])("%j is none", (words) => {
    expect(changeOfWords(words)).toBeUndefined();
  });
});

describe("as values", () => {
  test("every problem at once, each with its place", () => {
    const read = readChanges([{ kind: "kill" }, { kind: "wind", speedMps: 99, fromDeg: 0 }, 7]);
    expect(read.ok ? [] : read.problems.map(({ where }) => where)).toEqual([
      "changes[0].vehicles",
      "changes[1].speedMps",
      "changes[2]",
    ]);
  });

  test("none, and more than eight, are refused", () => {
    const kill = { kind: "kill", vehicles: [1] };
    expect(readChanges([]).ok).toBe(false);
    expect(readChanges(Array(8).fill(kill)).ok).toBe(true);
    expect(readChanges(Array(9).fill(kill)).ok).toBe(false);
  });

  test.each([
    [{ kind: "fork", horizonS: 600, changes: [{ kind: "killSome", count: 1 }] }, true],
    [{ kind: "fork", horizonS: "reserves", changes: [{ kind: "killSome", count: 1 }] }, true],
    [{ kind: "fork", horizonS: 30, changes: [{ kind: "killSome", count: 1 }] }, false],
    [{ kind: "fork", horizonS: 90_000, changes: [{ kind: "killSome", count: 1 }] }, false],
    [{ kind: "commit", whatIf: 3 }, true],
    [{ kind: "drop" }, false],
  ])("%j", (value, good) => {
    const checker = new Checker();
    readWhatIf(checker, value, "whatIf");
    expect(checker.count === 0).toBe(good);
  });
});
