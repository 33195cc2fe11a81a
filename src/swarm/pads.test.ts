import { expect, test } from "vitest";
import { testMission } from "./mission.test-support.ts";
import { padCountOf, padPosition } from "./pads.ts";

test("pads lie in rows, a spacing apart, off the antenna", () => {
  const { base } = testMission();
  const count = padCountOf(base, 8);
  expect(count).toBe(8);
  expect(padCountOf(base, 2)).toBe(6);
  const pads = Array.from({ length: count }, (_, pad) => padPosition(base, pad, count));
  pads.forEach((a, i) => {
    const antenna = Math.hypot(a.northM - base.position.northM, a.eastM - base.position.eastM);
    expect(antenna).toBeGreaterThan(base.padSpacingM);
    for (const b of pads.slice(0, i)) {
      const apart = Math.hypot(a.northM - b.northM, a.eastM - b.eastM);
      expect(apart).toBeGreaterThanOrEqual(base.padSpacingM - 1e-9);
    }
  });
});
