import { describe, expect, test } from "vitest";
import { zoneBandHolds, zoneClearanceM, zoneForbids, zoneOnLeg, type Zone } from "./zones.ts";

const outer = [
  { northM: 0, eastM: 0 },
  { northM: 100, eastM: 0 },
  { northM: 100, eastM: 100 },
  { northM: 0, eastM: 100 },
];
const zone = (limits: Partial<Zone>): Zone => ({
  name: "z",
  polygon: { outer, holes: [] },
  floor: undefined,
  ceiling: undefined,
  ...limits,
});
const inside = { northM: 50, eastM: 50, groundAmslM: 500 };

describe("altitude bands", () => {
  test("without limits every altitude is forbidden", () => {
    expect(zoneForbids(zone({}), { ...inside, altitudeAmslM: 9000 })).toBe(true);
    expect(zoneForbids(zone({}), { ...inside, northM: -1, altitudeAmslM: 9000 })).toBe(false);
  });

  test("heights above ground follow the ground, heights above sea do not", () => {
    const agl = zone({ floor: { reference: "agl", altitudeM: 60 } });
    expect(zoneBandHolds(agl, 559, 500)).toBe(false);
    expect(zoneBandHolds(agl, 561, 500)).toBe(true);
    const amsl = zone({ ceiling: { reference: "amsl", altitudeM: 550 } });
    expect(zoneBandHolds(amsl, 549, 500)).toBe(true);
    expect(zoneBandHolds(amsl, 551, 500)).toBe(false);
  });
});

test("clearance is the way left to the edge", () => {
  expect(zoneClearanceM(zone({}), { northM: 50, eastM: 130 })).toBe(30);
  expect(zoneClearanceM(zone({}), { northM: 50, eastM: 90 })).toBe(-10);
});

test("a leg across a zone names it", () => {
  const leg = { a: { northM: 50, eastM: -10 }, b: { northM: 50, eastM: 110 } };
  expect(zoneOnLeg([zone({ name: "pond" })], leg)?.name).toBe("pond");
  expect(zoneOnLeg([zone({})], { a: leg.a, b: { northM: 60, eastM: -10 } })).toBeUndefined();
});
