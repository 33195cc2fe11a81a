import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadFaults } from "./load-faults.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const HARD_DAY = join(ROOT, "missions", "faults", "hard-day.json5");

function hardDay(vehicles: number) {
  const loaded = loadFaults(HARD_DAY, vehicles);
  return loaded.ok ? { ...loaded.value, problems: [] } : { ...loaded, script: [], rates: {} };
}

test("the example holds for the reference search and shows each kind that the guide lists", () => {
  const { script, rates, problems } = hardDay(6);
  expect(problems).toEqual([]);
  const guide = readFileSync(join(ROOT, "docs", "guides", "faults.md"), "utf8");
  const listed = [...guide.matchAll(/^\| `(\w+)` \| `/gmu)].map(([, kind]) => kind);
  const timeline = listed.filter((name) => name !== "fromS");
  const used = new Set(script.map(({ action }) => action.kind));
  expect([...used].sort((a, b) => (a < b ? -1 : 1))).toEqual(timeline.toSorted());
  for (const rate of Object.keys(rates)) expect(guide).toContain(`\`${rate}\``);
});

test("for a smaller swarm it names what the numbers of nodes mean", () => {
  const { problems } = hardDay(2);
  expect(problems.length).toBeGreaterThan(3);
  expect(problems[0]?.where).toBe("faults[1].node");
  expect(problems[0]?.remedy).toContain("0 is the ground station, 1 to 2 the vehicles");
});

test("an unknown key is told with the keys of its own kind", () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-faults-"));
  try {
    const file = join(folder, "faults.json5");
    writeFileSync(file, '{ faults: [{ atS: 1, kind: "kill", node: 1, vehicleNumber: 2 }] }');
    const loaded = loadFaults(file, 3);
    const remedies = loaded.ok ? [] : loaded.problems.map(({ remedy }) => remedy);
    expect(remedies).toEqual(["remove it; known here are: atS, kind, node"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
