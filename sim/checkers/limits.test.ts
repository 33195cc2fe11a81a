import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, SeededStream } from "../../src/base/mod.ts";
import { flightSlab, MODE, type FlightSlab } from "../flight/mod.ts";
import { referenceScenario } from "../scenarios/reference.ts";
import { TrueGround } from "../terrain/mod.ts";
import type { LimitsScenario } from "../world/scenario.ts";
import { LimitChecks, VIOLATIONS_MAX, type OrderActed, type OrderWish } from "./limits.ts";

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

  test("among many, exactly the pairs that a look at all pairs finds", () => {
    const stream = new SeededStream(9, "crowd");
    const count = 400;
    const slab = flightSlab(count);
    for (let i = 0; i < count; i += 1) {
      slab.northM[i] = stream.between(-900, 900);
      slab.eastM[i] = stream.between(-900, 900);
      slab.altitudeM[i] = stream.between(158, 162);
      slab.inAir[i] = 1;
      slab.mode[i] = MODE.guided;
    }
    const { minSeparationM } = scenario.limits;
    const vehicles = Array.from({ length: count }, (_, i) => i);
    const checks = new LimitChecks({ limits: scenario.limits, slab, ground, vehicles });
    checks.check(1);
    const awayM = (i: number, j: number): number =>
      Math.hypot(slab.northM[i]! - slab.northM[j]!, slab.eastM[i]! - slab.eastM[j]!);
    const pairs = vehicles.flatMap((i) => vehicles.slice(i + 1).map((j) => [i, j] as const));
    const close = pairs.filter(([i, j]) => awayM(i, j) < minSeparationM);
    expect(close.length).toBeGreaterThan(3);
    expect(names(checks)).toEqual(close.map(([i, j]) => `separation ${i},${j}`));
    expect(checks.minSeparationM).toBeCloseTo(Math.min(...pairs.map(([i, j]) => awayM(i, j))), 9);
  });

  test("too low over ground or tree tops", () => {
    const { slab, checks } = setUp();
    slab.altitudeM[1] = 110;
    slab.northM[2] = 1700;
    slab.altitudeM[2] = 130;
    checks.check(1);
    expect(names(checks)).toEqual(["clearance 1", "clearance 2"]);
  });

  test("low in take-off, in landing, and in a return over its own pad is meant", () => {
    const { slab, checks } = setUp();
    for (const i of [1, 2, 3]) slab.altitudeM[i] = 110;
    slab.mode[1] = MODE.takeoff;
    slab.mode[2] = MODE.land;
    slab.mode[3] = MODE.rtl;
    slab.homeNorthM[3] = slab.northM[3]! + 20;
    slab.homeEastM[3] = slab.eastM[3]!;
    checks.check(1);
    expect(checks.violations).toEqual([]);
  });

  test("a node may fly its vehicle down the column over its pad, and not beside it", () => {
    const { slab, checks } = setUp();
    for (const i of [1, 2]) {
      slab.altitudeM[i] = 110;
      slab.homeEastM[i] = slab.eastM[i]!;
    }
    slab.homeNorthM[1] = slab.northM[1]! + 10;
    slab.homeNorthM[2] = slab.northM[2]! + 20;
    checks.check(1);
    expect(names(checks)).toEqual(["clearance 2"]);
  });

  test("a low leg beside the base is too low, and so is a low return far from the pad", () => {
    const { slab, checks } = setUp();
    slab.northM[1] = 30;
    slab.eastM[1] = 30;
    slab.altitudeM[1] = 110;
    slab.altitudeM[2] = 110;
    slab.mode[2] = MODE.rtl;
    checks.check(1);
    expect(names(checks)).toEqual(["clearance 1", "clearance 2"]);
    expect(checks.minClearanceM).toBeCloseTo(10, 3);
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

  test("a battery flown empty", () => {
    const { checks } = setUp();
    checks.landed(1, 0.3, 5);
    checks.drained(2, 6);
    expect(names(checks)).toEqual(["reserve 2"]);
    expect(checks.minReserveRatio).toBe(0);
  });
});

describe("orders", () => {
  const hold = { kind: "hold", targets: "all" } as const;
  const arm = { kind: "arm", targets: [1, 2] } as const;
  const act = (slot: number, orderId: string, proven: OrderWish | undefined): OrderActed => ({
    slot,
    boot: 0,
    orderId,
    proven,
  });

  test("what the operator asked for, signed, is acted on by all it names", () => {
    const { checks } = setUp();
    checks.given(hold);
    checks.given(arm);
    for (const slot of [1, 2, 3]) checks.acted(act(slot, "a-1-1", hold), 1);
    for (const slot of [1, 2]) checks.acted(act(slot, "a-1-2", arm), 2);
    expect(checks.violations).toEqual([]);
  });

  test.each([
    ["bytes that nobody signed", 1, "a-1-1", undefined, "which nobody signed"],
    ["an order for others", 3, "a-1-2", arm, "which is for others"],
    [
      "a signed order of another content",
      1,
      "a-1-1",
      { ...hold, kind: "land" },
      "which no operator",
    ],
    ["a second order of one wish", 1, "a-1-9", hold, "which no operator gave"],
  ] as const)("%s is told", (_what, slot, id, proven, told) => {
    const { checks } = setUp();
    checks.given(hold);
    checks.given(arm);
    checks.acted(act(2, "a-1-1", hold), 1);
    checks.acted(act(slot, id, proven), 2);
    expect(names(checks)).toEqual([`unverifiedOrder ${String(slot)}`]);
    expect(checks.violations[0]!.detail).toContain(told);
  });

  test("motors start by an order of this boot only", () => {
    const { checks } = setUp();
    checks.given(arm);
    checks.armed(1, 0);
    checks.acted(act(1, "a-1-2", arm), 1);
    checks.check(1);
    expect(checks.violations).toEqual([]);
    checks.armed(1, 1);
    checks.armed(2, 0);
    checks.check(2);
    expect(names(checks)).toEqual(["unverifiedOrder 1", "unverifiedOrder 2"]);
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
    const wish = { kind: "hold", targets: "all" } as const;
    const acted = { slot: 1, boot: 0, orderId: "a-1-1", proven: wish };
    checks.given(wish);
    checks.acted(acted, 2);
    const writer = new ByteWriter();
    checks.save(writer);
    const copy = setUp().checks;
    copy.load(new ByteReader(writer.take()));
    copy.acted(acted, 3);
    expect(copy.violations).toEqual(checks.violations);
    expect(copy.minClearanceM).toBe(checks.minClearanceM);
  });
});
