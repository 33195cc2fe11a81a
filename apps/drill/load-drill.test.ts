/** The drills that ship with the product can all be flown as they are. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadDrill } from "./load-drill.ts";
import { timelineOf } from "./timeline.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "missions", "drills");
const FILES = readdirSync(FOLDER);

test.each(FILES)("%s is good, and something goes wrong in it", (name) => {
  const loaded = loadDrill(join(FOLDER, name));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  const { drill } = loaded.value;
  expect(timelineOf(drill, drill.seeds[0] ?? 1).length).toBeGreaterThan(0);
});

test("every hard day has its drill", () => {
  for (const name of ["fifth-falls", "best-segment", "every-head", "cut-in-two", "loss-bursts"]) {
    expect(FILES).toContain(`${name}.json5`);
  }
  for (const name of ["valley", "hostile-sender", "wrong-clocks"]) {
    expect(FILES).toContain(`${name}.json5`);
  }
});
