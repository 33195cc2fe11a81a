import { describe, expect, test } from "vitest";
import type { Drill } from "./drill.ts";
import { parseDrill } from "./drill-file.ts";
import { timelineOf } from "./timeline.ts";

function drill(changes: object): Drill {
  const parsed = parseDrill(
    {
      format: "skein-drill/1",
      mission: "tiny.json5",
      durationMinutes: 10,
      hypothesis: [{ check: "nothingViolated" }],
      ...changes,
    },
    8,
  );
  if (!parsed.ok) throw new Error(parsed.problems.map(({ text }) => text).join("; "));
  return parsed.value;
}

const MANY = { rebootPerHour: 600, linkCutPerHour: 600, killShare: 0.5 };

describe("the faults of a seed", () => {
  test("are the script and what the seed draws, in the order of time, the same each time", () => {
    const one = drill({ faults: [{ atS: 300, kind: "kill", node: 1 }], rates: MANY });
    const faults = timelineOf(one, 3);
    expect(faults).toEqual(timelineOf(one, 3));
    expect(faults).not.toEqual(timelineOf(one, 4));
    const times = faults.map(({ atS }) => atS);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(faults).toContainEqual({ atS: 300, action: { kind: "kill", slot: 1 } });
    expect(faults.every(({ atS }) => atS < 600)).toBe(true);
  });

  test("stay within the blast radius; the script is meant as it stands", () => {
    const script = [{ atS: 300, kind: "kill", node: 8 }];
    const bounded = { nodes: [1, 2], faultsMax: 5 };
    const faults = timelineOf(drill({ faults: script, rates: MANY, blast: bounded }), 3);
    expect(faults).toHaveLength(6);
    const slots = faults.flatMap(({ action }) => ("slot" in action ? [action.slot] : []));
    expect(new Set(slots.filter((slot) => slot !== 8))).toEqual(new Set([1, 2]));
    for (const { action } of faults) {
      if (action.kind === "linkCut") expect([action.a, action.b].toSorted()).toEqual([1, 2]);
    }
  });
});
