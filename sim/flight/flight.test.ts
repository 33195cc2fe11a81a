import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, SeededStream } from "../../src/base/mod.ts";
import type { VehicleCommand, VehicleSample } from "../../src/hal/mod.ts";
import { referenceScenario } from "../scenarios/reference.ts";
import { TrueGround } from "../terrain/true-ground.ts";
import type { Scenario } from "../world/scenario.ts";
import { fly, lose, type AirframeWorld } from "./airframe.ts";
import { command, positionValid, sampleOf } from "./autopilot.ts";
import { flightPowerW, levelPowerRatio, shownRatio } from "./battery.ts";
import { GroundCrew } from "./crew.ts";
import { flightSlab, loadFlight, MODES, saveFlight } from "./slab.ts";

const DT_S = 0.05;

/** One vehicle over level ground of 100 m, released and ready. */
class Flight {
  readonly world: AirframeWorld;
  readonly stream = new SeededStream(1, "flight");
  readonly sampleStream = new SeededStream(1, "sample");
  nowS = 100;

  constructor(overrides: Partial<Scenario> = {}) {
    const scenario = referenceScenario({
      seed: 1,
      vehicles: 1,
      overrides: {
        wind: { northMps: 0, eastMps: 0, gustMps: 0 },
        ground: {
          ground: { heightAmslM: () => 100 },
          coverAt: () => "open",
          errorSigmaM: 0,
          errorMaxM: 0,
          errorLengthM: 100,
          canopyM: 0,
        },
        ...overrides,
      },
    });
    const ground = new TrueGround({
      seed: 1,
      ground: scenario.ground,
      base: scenario.base.position,
      extent: [],
    });
    const slab = flightSlab(1);
    slab.altitudeM[0] = 100;
    slab.batteryWh[0] = scenario.airframe.batteryWh;
    slab.powered[0] = 1;
    slab.released[0] = 1;
    this.world = {
      slab,
      airframe: scenario.airframe,
      failsafe: scenario.failsafe,
      wind: scenario.wind,
      map: scenario.ground.ground,
      ground,
    };
  }

  order(order: VehicleCommand): boolean {
    return command(this.world, 0, order, this.nowS);
  }

  go(northM: number, eastM: number, altitudeAmslM: number, speedMaxMps = 10): boolean {
    return this.order({
      kind: "setpoint",
      setpoint: {
        position: { northM, eastM, altitudeAmslM },
        velocity: { northMps: 0, eastMps: 0, downMps: 0 },
        yawRad: 0.5,
        speedMaxMps,
      },
    });
  }

  run(seconds: number, each: () => void = () => undefined): void {
    for (let i = 0; i < seconds / DT_S; i += 1) {
      each();
      fly(this.world, 0, DT_S, this.stream);
      this.nowS += DT_S;
    }
  }

  climb(): void {
    expect(this.order({ kind: "arm" })).toBe(true);
    expect(this.order({ kind: "takeoff", altitudeAglM: 50 })).toBe(true);
    this.run(30);
    expect(this.mode).toBe("hold");
  }

  get mode(): string {
    return MODES[this.world.slab.mode[0]!]!;
  }

  get sample(): VehicleSample {
    return sampleOf(this.world, 0, { nowS: this.nowS, surfaceM: 100, stream: this.sampleStream });
  }
}

describe("arming", () => {
  test("needs a release, passed checks and a charged battery", () => {
    const flight = new Flight();
    flight.world.slab.released[0] = 0;
    expect(flight.order({ kind: "arm" })).toBe(false);
    flight.world.slab.released[0] = 1;
    flight.nowS = 3;
    expect(flight.sample.ready).toBe(false);
    expect(flight.order({ kind: "arm" })).toBe(false);
    flight.nowS = 100;
    flight.world.slab.batteryWh[0] = 5;
    expect(flight.order({ kind: "arm" })).toBe(false);
    flight.world.slab.batteryWh[0] = 100;
    expect(flight.order({ kind: "arm" })).toBe(true);
    expect(flight.order({ kind: "arm" })).toBe(true);
    expect(flight.sample.armed).toBe(true);
  });

  test("is undone by itself when no take-off follows, and by command", () => {
    const flight = new Flight();
    flight.order({ kind: "arm" });
    flight.run(11);
    expect(flight.sample.armed).toBe(false);
    flight.order({ kind: "arm" });
    expect(flight.order({ kind: "disarm" })).toBe(true);
    expect(flight.sample.armed).toBe(false);
    expect(flight.order({ kind: "takeoff", altitudeAglM: 20 })).toBe(false);
  });
});

describe("flying", () => {
  test("take-off climbs straight up to its height and holds there", () => {
    const flight = new Flight();
    flight.climb();
    const { slab } = flight.world;
    expect(slab.altitudeM[0]).toBeGreaterThan(145);
    expect(slab.altitudeM[0]).toBeLessThan(155);
    expect(Math.abs(slab.northM[0]!) + Math.abs(slab.eastM[0]!)).toBeLessThan(6);
    expect(flight.sample.inAir).toBe(true);
    expect(flight.order({ kind: "disarm" })).toBe(false);
  });

  test("a setpoint is reached without overshoot beyond a few metres, at its speed", () => {
    const flight = new Flight();
    flight.climb();
    let fastest = 0;
    let farthest = 0;
    flight.run(40, () => {
      flight.go(200, 0, 160, 10);
      fastest = Math.max(fastest, flight.world.slab.speedMps[0]!);
      farthest = Math.max(farthest, flight.world.slab.northM[0]!);
    });
    expect(fastest).toBeGreaterThan(9);
    expect(fastest).toBeLessThan(11.5);
    expect(farthest).toBeLessThan(206);
    expect(flight.world.slab.northM[0]).toBeGreaterThan(194);
    expect(flight.world.slab.altitudeM[0]).toBeCloseTo(160, -1);
  });

  test("accelerations and climb rates stay within the airframe's limits", () => {
    const flight = new Flight();
    flight.climb();
    const { slab, airframe } = flight.world;
    let before = slab.velocityEastMps[0]!;
    flight.run(20, () => {
      flight.go(0, 300, 250, 30);
      const now = slab.velocityEastMps[0]!;
      expect(Math.abs(now - before) / DT_S).toBeLessThanOrEqual(
        airframe.accelerationMaxMps2 + 0.01,
      );
      expect(slab.velocityUpMps[0]).toBeLessThanOrEqual(airframe.climbMaxMps + 0.3);
      expect(slab.speedMps[0]).toBeLessThan(airframe.speedMaxMps + airframe.climbMaxMps);
      before = now;
    });
  });

  test("wind and gusts push it about, yet it holds its place", () => {
    const flight = new Flight({ wind: { northMps: 6, eastMps: 4, gustMps: 2 } });
    flight.climb();
    flight.run(60);
    const { slab } = flight.world;
    expect(Math.abs(slab.northM[0]!)).toBeLessThan(12);
    expect(Math.abs(slab.gustNorthMps[0]!)).toBeGreaterThan(0);
    expect(flight.sample.windNorthMps).toBeGreaterThan(3);
  });

  test("nonsense in a setpoint is refused", () => {
    const flight = new Flight();
    flight.climb();
    expect(flight.go(NaN, 0, 100)).toBe(false);
    expect(flight.go(0, Infinity, 100)).toBe(false);
    expect(flight.mode).toBe("hold");
  });
});

describe("failsafes", () => {
  test("silence: guided -> hold -> return -> landed at home", () => {
    const flight = new Flight();
    flight.climb();
    flight.run(15, () => flight.go(100, 50, 150));
    expect(flight.mode).toBe("guided");
    flight.run(2);
    expect(flight.mode).toBe("hold");
    flight.run(60);
    expect(flight.mode).toBe("rtl");
    flight.run(120);
    const { slab } = flight.world;
    expect([slab.inAir[0], slab.armed[0], slab.lost[0], slab.landedEvent[0]]).toEqual([0, 0, 0, 1]);
    expect(Math.abs(slab.northM[0]!) + Math.abs(slab.eastM[0]!)).toBeLessThan(6);
  });

  test("a low battery returns whatever the node wants; a lower one lands", () => {
    const flight = new Flight();
    flight.climb();
    flight.run(30, () => flight.go(300, 0, 150));
    flight.world.slab.batteryWh[0] = 0.14 * flight.world.airframe.batteryWh;
    flight.run(1, () => flight.go(300, 0, 150));
    expect(flight.mode).toBe("rtl");
    expect(flight.go(300, 0, 150)).toBe(false);
    expect(flight.order({ kind: "hold" })).toBe(false);
    flight.world.slab.batteryWh[0] = 0.05 * flight.world.airframe.batteryWh;
    flight.run(1);
    expect(flight.mode).toBe("land");
    expect(flight.order({ kind: "rtl" })).toBe(false);
  });

  test("an empty battery ends the flight", () => {
    const flight = new Flight();
    flight.climb();
    flight.world.slab.batteryWh[0] = 0.001;
    flight.run(20);
    expect(flight.world.slab.lost[0]).toBe(1);
    expect(flight.world.slab.aglM[0]).toBe(0);
  });

  test("without satellites the error grows until the position is invalid, then it lands", () => {
    const flight = new Flight();
    flight.climb();
    flight.world.slab.gnssOut[0] = 1;
    flight.run(20);
    expect(positionValid(flight.world, 0)).toBe(true);
    flight.run(20);
    expect(flight.sample.positionValid).toBe(false);
    expect(flight.mode).toBe("land");
  });

  test("flown into the ground, the airframe is lost", () => {
    const flight = new Flight();
    flight.climb();
    flight.run(40, () => flight.go(0, 0, 60));
    expect(flight.world.slab.lost[0]).toBe(1);
  });

  test("flown into trees at speed, the airframe is lost; landing among them is not the end", () => {
    const forest: Partial<Scenario> = {
      ground: {
        ground: { heightAmslM: () => 100 },
        coverAt: () => "forest",
        errorSigmaM: 0,
        errorMaxM: 0,
        errorLengthM: 100,
        canopyM: 20,
      },
    };
    const crash = new Flight(forest);
    crash.climb();
    crash.run(60, () => crash.go(400, 0, 108));
    expect(crash.world.slab.lost[0]).toBe(1);
    const lands = new Flight(forest);
    lands.climb();
    lands.run(40, () => lands.go(200, 0, 150));
    lands.order({ kind: "land" });
    lands.run(90);
    expect([lands.world.slab.lost[0], lands.world.slab.inAir[0]]).toEqual([0, 0]);
  });

  test("a lost vehicle falls and obeys nothing", () => {
    const flight = new Flight();
    flight.climb();
    lose(flight.world.slab, 0);
    flight.run(10);
    expect(flight.world.slab.aglM[0]).toBe(0);
    for (const kind of ["arm", "hold", "rtl", "land", "disarm"] as const) {
      expect(flight.order({ kind })).toBe(false);
    }
  });
});

describe("a vehicle on its way home", () => {
  test("climbs over what its map shows", () => {
    const ridge = {
      heightAmslM: (n: number) => 100 + 80 * Math.max(0, 1 - Math.abs(n - 150) / 60),
    };
    const flight = new Flight({
      ground: {
        ground: ridge,
        coverAt: () => "open",
        errorSigmaM: 0,
        errorMaxM: 0,
        errorLengthM: 100,
        canopyM: 0,
      },
    });
    flight.climb();
    flight.run(60, () => flight.go(350, 0, 280, 12));
    flight.order({ kind: "rtl" });
    let least = Infinity;
    flight.run(100, () => {
      const { slab } = flight.world;
      if (Math.abs(slab.northM[0]! - 150) < 30) least = Math.min(least, slab.aglM[0]!);
    });
    expect(least).toBeGreaterThan(45);
    expect(flight.world.slab.inAir[0]).toBe(0);
  });
});

describe("power", () => {
  test("is least near 10 m/s and at hover what the airframe says", () => {
    expect(levelPowerRatio(0)).toBeCloseTo(1, 6);
    expect(levelPowerRatio(10)).toBeCloseTo(0.84, 2);
    expect(levelPowerRatio(10)).toBeLessThan(levelPowerRatio(5));
    expect(levelPowerRatio(10)).toBeLessThan(levelPowerRatio(15));
  });

  test("climbing costs, descending saves a little and never all", () => {
    const at = (climbMps: number): number =>
      flightPowerW({ hoverPowerW: 260, massKg: 2.2, airSpeedMps: 5, climbMps });
    expect(at(4)).toBeGreaterThan(at(0) + 100);
    expect(at(-3)).toBeLessThan(at(0));
    expect(at(-30)).toBe(130);
  });

  test("the gauge sags under load", () => {
    expect(shownRatio(0.5, 1)).toBe(0.5);
    expect(shownRatio(0.5, 2)).toBeLessThan(0.5);
    expect(shownRatio(0.001, 3)).toBe(0);
  });
});

describe("the crew", () => {
  const base = {
    ...referenceScenario({ seed: 1, vehicles: 3 }).base,
    spareCount: 1,
    chargerCount: 1,
  };

  test("one swap at a time, no swap without a battery, the charger brings one back", () => {
    const ratios = [0.2, 0.4, 0.99];
    const swapped: string[] = [];
    const unreleased: number[] = [];
    const hooks = {
      ratio: (slot: number) => ratios[slot] ?? 0,
      unrelease: (slot: number) => unreleased.push(slot),
      swapped: (slot: number, changed: boolean) => swapped.push(`${slot} ${changed}`),
    };
    const crew = new GroundCrew(base);
    for (const slot of [0, 1, 2, 0]) crew.landed(slot, hooks);
    expect(unreleased).toEqual([0, 1, 2]);
    crew.step(1, hooks);
    expect(swapped).toEqual([]);
    crew.step(1, hooks);
    expect(swapped).toEqual(["2 false"]);
    expect(crew.busy).toBe(1);
    expect(crew.batteries).toEqual({ ready: 0, charging: 0, waiting: 0 });
    for (let i = 0; i < base.swapS; i += 1) crew.step(1, hooks);
    expect(swapped).toEqual(["2 false", "0 true"]);
    for (let i = 0; i < 0.8 * base.chargeS - 2; i += 1) crew.step(1, hooks);
    expect(crew.batteries).toEqual({ ready: 0, charging: 1, waiting: 0 });
    const writer = new ByteWriter();
    crew.save(writer);
    const copy = new GroundCrew(base);
    copy.load(new ByteReader(writer.take()));
    for (let i = 0; i < base.swapS + 5; i += 1) copy.step(1, hooks);
    expect(swapped).toEqual(["2 false", "0 true", "1 true"]);
    expect(copy.swapCount).toBe(2);
  });

  test("nobody works on a vehicle that is gone", () => {
    const crew = new GroundCrew(base);
    const swapped: number[] = [];
    const hooks = {
      ratio: () => 0.1,
      unrelease: () => undefined,
      swapped: (slot: number) => swapped.push(slot),
    };
    crew.landed(1, hooks);
    crew.forget(1);
    for (let i = 0; i < 500; i += 1) crew.step(1, hooks);
    expect(swapped).toEqual([]);
  });
});

test("a saved slab comes back, another size is refused", () => {
  const slab = flightSlab(3);
  slab.northM[2] = 7;
  slab.mode[1] = 4;
  const writer = new ByteWriter();
  saveFlight(slab, writer);
  const copy = flightSlab(3);
  loadFlight(copy, new ByteReader(writer.take()));
  expect(copy).toEqual(slab);
  const reader = new ByteReader(writer.take());
  loadFlight(flightSlab(4), reader);
  expect(reader.failed).toBe(true);
});
