import { expect, test } from "vitest";
import { scriptedGround } from "../../../test/support/scripted-ground.ts";

test("the greeting carries the planner's terrain under the whole fence, true heights", () => {
  const { mission, terrain, segments, simulated } = scriptedGround().hello;
  expect(mission.name).toContain("Jacksboro");
  expect(simulated).toBe(true);
  expect(segments.length).toBeGreaterThan(50);
  const heights = Buffer.from(terrain.heightsBase64, "base64");
  expect(heights.length).toBe(terrain.rows * terrain.cols * 2);
  const northEdge = terrain.southM + (terrain.rows - 1) * terrain.cellNorthM;
  for (const corner of mission.fence.flat()) {
    expect(corner.northM).toBeGreaterThan(terrain.southM);
    expect(corner.northM).toBeLessThan(northEdge);
  }
  // The ground at the origin, which the mission states as 529 m.
  const row = Math.round(-terrain.southM / terrain.cellNorthM);
  const col = Math.round(-terrain.westM / terrain.cellEastM);
  const there = heights.readInt16LE((row * terrain.cols + col) * 2);
  expect(Math.abs(there - mission.originAltitudeAmslM)).toBeLessThan(25);
});
