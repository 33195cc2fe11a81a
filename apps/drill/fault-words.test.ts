import { expect, test } from "vitest";
import { parseFaults, type ScriptedFault } from "../../sim/mod.ts";
import { entryOf, wordsOf } from "./fault-words.ts";

const EVERY = {
  faults: [
    { atS: 1, kind: "kill", node: 1 },
    { atS: 2, kind: "reboot", node: 0, downS: 4 },
    { atS: 3, kind: "linkCut", a: 0, b: 1, lastsS: 1 },
    { atS: 4, kind: "partition", groups: [[0, 1], [2]], lastsS: 1 },
    { atS: 5, kind: "lossBurst", nodes: [1], lossRatio: 0.5, lastsS: 1 },
    { atS: 6, kind: "jam", northM: 1, eastM: 2, powerDbm: 30, lastsS: 1 },
    { atS: 7, kind: "stuckSensor", node: 1, sensor: "camera", lastsS: 1 },
    { atS: 8, kind: "gnssLoss", node: 1, lastsS: 1 },
    { atS: 8.5, kind: "gnssLossArea", northM: 1, eastM: 2, radiusM: 3, lastsS: 1 },
    { atS: 9, kind: "lowBattery", node: 1, ratio: 0.2 },
    { atS: 10, kind: "hostile", northM: 1, eastM: 2, lastsS: 1 },
    { atS: 11, kind: "clockOffset", node: 1, offsetS: 30 },
    { atS: 11.5, kind: "clockError", node: 1, offsetS: -30, lastsS: 2 },
    { atS: 11.6, kind: "clockDrift", node: 1, ppm: 200, lastsS: 2 },
    { atS: 12, kind: "slowCpu", node: 1, factor: 10, lastsS: 1 },
    { atS: 13, kind: "store", node: 1, outcome: "full", lastsS: 1 },
    { atS: 14, kind: "strike", target: "heads", how: "reboot", downS: 4 },
    { atS: 15, kind: "split", along: "north", lastsS: 60 },
    { atS: 16, kind: "restore", kinds: ["jam"] },
  ],
};

const read = (faults: readonly unknown[]): readonly ScriptedFault[] => {
  const parsed = parseFaults({ faults }, { nodeCount: 4 });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ text }) => text).join("; "));
  return parsed.value.script;
};

test("every kind of fault is written as it is read", () => {
  const faults = read(EVERY.faults);
  expect(read(faults.map(entryOf))).toEqual(faults);
  expect(new Set(faults.map(({ action }) => action.kind)).size).toBe(EVERY.faults.length);
});

test("every kind has words of its own", () => {
  const words = read(EVERY.faults).map(({ action }) => wordsOf(action));
  expect(new Set(words).size).toBe(words.length);
  expect(words[0]).toBe("vehicle 1 falls");
  expect(words[1]).toBe("the ground restarts");
  expect(words[3]).toBe("partition in groups of 2 and 1 for 1 s");
});
