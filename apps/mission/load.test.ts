import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadMission } from "./load.ts";

const MISSIONS = join(import.meta.dirname, "..", "..", "missions");
const folder = mkdtempSync(join(tmpdir(), "skein-load-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("loading", () => {
  test.each(["jacksboro-search", "fleet-50", "tiny"])("%s ships and loads", (name) => {
    const loaded = loadMission(join(MISSIONS, `${name}.json5`));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { mission, ground } = loaded.value;
    expect(Math.abs(ground.heightAmslM(0, 0) - mission.origin.altitudeAmslM)).toBeLessThan(50);
  });

  test("a command line's figures are checked with the file's", () => {
    const path = join(MISSIONS, "jacksboro-search.json5");
    const loaded = loadMission(path, { vehicleCount: 3, durationS: 600 });
    expect(loaded.ok && loaded.value.mission.vehicles.count).toBe(3);
    expect(loaded.ok && loaded.value.mission.simulation.durationS).toBe(600);
    const wrong = loadMission(path, { vehicleCount: 0, durationS: 1e9 });
    expect(wrong.ok ? [] : wrong.problems.map((p) => p.where)).toEqual([
      "vehicles.count",
      "simulation.durationMinutes",
    ]);
  });

  test("problems of references and of the value come together, each once", () => {
    const path = join(folder, "both.json5");
    writeFileSync(
      path,
      '{ format: "skein-mission/1", name: 5, vehicles: { count: 60000, cruiseMps: 13 }, ' +
        'area: { file: "../x.kml" } }',
    );
    const loaded = loadMission(path);
    const where = loaded.ok ? [] : loaded.problems.map((p) => p.where);
    expect(where.slice(0, 1)).toEqual(["area.file"]);
    expect(where).toEqual(expect.arrayContaining(["name", "vehicles.count", "sensor"]));
    expect(where.filter((each) => each.startsWith("area"))).toHaveLength(1);
  });

  test("a mission off its terrain, of a broken form, or no object is told", () => {
    const write = (text: string): string => {
      const path = join(folder, "m.json5");
      writeFileSync(path, text);
      return path;
    };
    expect(loadMission(write("[]"), { vehicleCount: 2 }).ok).toBe(false);
    expect(loadMission(write("{ format: ")).ok).toBe(false);
    expect(loadMission(write("{ vehicles: 5 }"), { vehicleCount: 2 }).ok).toBe(false);
  });
});
