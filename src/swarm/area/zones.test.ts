import { describe, expect, test } from "vitest";
import { zoneBandHolds, zoneForbids, type Zone } from "./zones.ts";

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
