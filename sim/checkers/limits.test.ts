import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { flightSlab, MODE, type FlightSlab } from "../flight/mod.ts";
import { referenceScenario } from "../scenarios/reference.ts";
import { TrueGround } from "../terrain/mod.ts";
import type { LimitsScenario } from "../world/scenario.ts";
import { LimitChecks, VIOLATIONS_MAX } from "./limits.ts";

const scenario = referenceScenario({ seed: 1, vehicles: 3 });
const ground = new TrueGround({
  seed: 1,
  ground: {
    ...scenario.ground,
    ground: { heightAmslM: () => 100 },
    errorSigmaM: 0,
    coverAt: (northM) => (northM > 1500 ? "forest" : "open"),
    canopyM: 20,
  },
  base: { northM: 0, eastM: 0 },
  extent: [{ northM: 2500, eastM: 2500 }],
});

/** Three vehicles in the air, a kilometre from each other, 60 m over level ground. */
function setUp(limits: Partial<LimitsScenario> = {}): { slab: FlightSlab; checks: LimitChecks } {
  const slab = flightSlab(4);
  for (const i of [1, 2, 3]) {
    slab.northM[i] = 400 * i;
    slab.eastM[i] = 300;
    slab.altitudeM[i] = 160;
    slab.inAir[i] = 1;
    slab.mode[i] = MODE.guided;
  }
  const checks = new LimitChecks({
    limits: { ...scenario.limits, ...limits },
    slab,
    ground,
    base: scenario.base.position,
    vehicles: [1, 2, 3],
  });
  return { slab, checks };
}

const names = (checks: LimitChecks): string[] =>
  checks.violations.map((v) => `${v.invariant} ${v.slots.join(",")}`);

describe("planted violations are caught", () => {
  test("nothing planted, nothing told", () => {
    const { checks } = setUp();
    checks.check(1);
    expect(checks.violations).toEqual([]);
    expect(checks.minClearanceM).toBeCloseTo(60, 3);
  });

  test("two vehicles too near on the map and in height", () => {
    const { slab, checks } = setUp();
    slab.northM[2] = slab.northM[1]! + 9;
    slab.altitudeM[2] = 164;
    checks.check(1);
    expect(names(checks)).toEqual(["separation 1,2"]);
    expect(checks.minSeparationM).toBeCloseTo(9, 6);
  });

  test("one above the other by the vertical rule is no violation, nor is one on the ground", () => {
    const { slab, checks } = setUp();
    slab.northM[2] = slab.northM[1]!;
    slab.altitudeM[2] = 165.5;
    slab.northM[3] = slab.northM[1]!;
    slab.inAir[3] = 0;
    checks.check(1);
    expect(checks.violations).toEqual([]);
    expect(checks.minSeparationM).toBe(Infinity);
  });

  test("too low over ground or tree tops, except in take-off, landing and near the base", () => {
    const { slab, checks } = setUp();
    slab.altitudeM[1] = 110;
    slab.northM[2] = 1700;
    slab.altitudeM[2] = 130;
    checks.check(1);
    expect(names(checks)).toEqual(["clearance 1", "clearance 2"]);
    const exempt = setUp();
    exempt.slab.altitudeM[1] = 110;
    exempt.slab.mode[1] = MODE.takeoff;
    exempt.slab.altitudeM[2] = 110;
    exempt.slab.mode[2] = MODE.land;
    exempt.slab.northM[3] = 30;
    exempt.slab.eastM[3] = 30;
    exempt.slab.altitudeM[3] = 110;
    exempt.checks.check(1);
    expect(exempt.checks.violations).toEqual([]);
  });

  test("outside of the fence, inside a zone's band", () => {
    const square = (northM: number, halfM: number): { northM: number; eastM: number }[] => [
      { northM: northM - halfM, eastM: 300 - halfM },
      { northM: northM - halfM, eastM: 300 + halfM },
      { northM: northM + halfM, eastM: 300 + halfM },
      { northM: northM + halfM, eastM: 300 - halfM },
    ];
    const { slab, checks } = setUp({
      zones: [
        {
          name: "helipad",
          polygon: { outer: square(800, 100), holes: [square(800, 10)] },
          floor: { reference: "agl", altitudeM: 50 },
          ceiling: { reference: "amsl", altitudeM: 200 },
        },
      ],
    });
    slab.northM[1] = 2600;
    slab.northM[2] = 850;
    checks.check(1);
    expect(names(checks)).toEqual(["geofence 1", "zone 2"]);
    const above = setUp({
      zones: [
        {
          name: "low",
          polygon: { outer: square(800, 100), holes: [] },
          floor: undefined,
          ceiling: { reference: "agl", altitudeM: 50 },
        },
      ],
    });
    above.checks.check(1);
    expect(above.checks.violations).toEqual([]);
  });

  test("less than the reserve at touch-down", () => {
    const { checks } = setUp();
    checks.landed(1, 0.12, 5);
    checks.landed(2, 0.08, 6);
    expect(names(checks)).toEqual(["reserve 2"]);
    expect(checks.minReserveRatio).toBe(0.08);
  });

  test("acting on an order that no operator gave", () => {
    const { checks } = setUp();
    checks.given();
    checks.acted(1, "a1", 1);
    checks.acted(2, "a1", 1);
    checks.acted(2, "b2", 2);
    expect(names(checks)).toEqual(["unverifiedOrder 2"]);
  });
});

describe("telling", () => {
  test("what lasts is told once in a while, and the list is bounded", () => {
    const { slab, checks } = setUp();
    slab.northM[1] = 2600;
    for (let s = 0; s < 61; s += 0.1) checks.check(s);
    expect(names(checks)).toEqual(["geofence 1", "geofence 1", "geofence 1"]);
    for (let i = 0; i < 2 * VIOLATIONS_MAX; i += 1) {
      checks.report({ invariant: `x${i}`, atS: 1, slots: [], detail: "" });
    }
    expect(checks.violations).toHaveLength(VIOLATIONS_MAX);
  });

  test("a saved state goes on", () => {
    const { slab, checks } = setUp();
    slab.northM[1] = 2600;
    checks.check(1);
    checks.given();
    checks.acted(1, "a1", 2);
    const writer = new ByteWriter();
    checks.save(writer);
    const copy = setUp().checks;
    copy.load(new ByteReader(writer.take()));
    copy.acted(1, "a1", 3);
    expect(copy.violations).toEqual(checks.violations);
    expect(copy.minClearanceM).toBe(checks.minClearanceM);
  });
});
