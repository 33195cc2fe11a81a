import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { aimed, isAimed, type AimView } from "./aim.ts";
import { ActiveFaults, ACTIVE_FAULTS_MAX, isWindow } from "./active.ts";
import { drawFaults, NO_RATES } from "./draw.ts";
import { parseFaults } from "./parse.ts";
import type { FaultRates } from "./types.ts";

const SPACE = { seed: 5, nodeCount: 7, vehicles: [1, 2, 3, 4, 5, 6], reachM: 1000 };
const RATES: FaultRates = {
  ...NO_RATES,
  killPerHour: 1,
  rebootPerHour: 30,
  linkCutPerHour: 30,
  partitionPerHour: 30,
  lossBurstPerHour: 30,
  stuckSensorPerHour: 30,
  gnssLossPerHour: 30,
  lowBatteryPerHour: 30,
  hostilePerHour: 30,
  slowCpuPerHour: 30,
  clockErrorPerHour: 30,
  splitPerHour: 30,
  headRebootPerHour: 30,
  fromS: 100,
  toS: 7300,
};

describe("faults drawn from rates", () => {
  test("stand in their window, end in it, and number about as the rates say", () => {
    const drawn = drawFaults(RATES, SPACE);
    for (const { atS, action } of drawn) {
      expect(atS).toBeGreaterThanOrEqual(100);
      expect(atS).toBeLessThan(7300);
      if ("lastsS" in action) expect(atS + action.lastsS).toBeLessThanOrEqual(7300.001);
    }
    const partitions = drawn.filter(({ action }) => action.kind === "partition");
    expect(partitions.length).toBeGreaterThan(35);
    expect(partitions.length).toBeLessThan(90);
    expect(new Set(drawn.map(({ action }) => action.kind)).size).toBe(13);
  });

  test("one kind's rate shifts no other kind", () => {
    const reboots = (rates: FaultRates): unknown =>
      drawFaults(rates, SPACE).filter(({ action }) => action.kind === "reboot");
    expect(reboots({ ...RATES, partitionPerHour: 0 })).toEqual(reboots(RATES));
  });

  test("no rate, no fault; the ground station is never killed", () => {
    expect(drawFaults({ ...NO_RATES, toS: 1e5 }, SPACE)).toEqual([]);
    const kills = drawFaults({ ...RATES, killPerHour: 100 }, SPACE).flatMap(({ action }) =>
      action.kind === "kill" ? [action.slot] : [],
    );
    expect(kills).not.toContain(0);
    expect(kills.length).toBeGreaterThan(100);
  });
});

describe("a share of the vehicles that falls", () => {
  test("is as large as asked, nobody falls twice, at times of their own within the window", () => {
    const rates = { ...NO_RATES, killShare: 0.5, fromS: 100, toS: 200 };
    const drawn = drawFaults(rates, SPACE);
    const slots = drawn.flatMap(({ action }) => (action.kind === "kill" ? [action.slot] : []));
    expect(new Set(slots).size).toBe(3);
    expect(SPACE.vehicles).toEqual(expect.arrayContaining(slots));
    const times = drawn.map(({ atS }) => atS);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((atS) => atS >= 100 && atS < 200)).toBe(true);
    expect(drawFaults(rates, { ...SPACE, seed: 6 })).not.toEqual(drawn);
  });

  test("is everybody at most", () => {
    const rates = { ...NO_RATES, killShare: 1, toS: 10 };
    expect(drawFaults(rates, SPACE)).toHaveLength(6);
    expect(drawFaults(rates, { ...SPACE, vehicles: [] })).toEqual([]);
  });
});

describe("faults that aim", () => {
  const at = (slot: number, northM: number, eastM: number) => ({ slot, northM, eastM });
  const view: AimView = {
    vehicles: [at(1, 0, 30), at(2, 0, 10), at(3, 5, 20), at(4, 9, 40)],
    others: [at(0, 0, 15)],
    struck: (target) => (target === "heads" ? [0, 3] : [2]),
  };

  test("a strike names whom it hits, and only vehicles can fall", () => {
    const strike = { kind: "strike", target: "heads", downS: 4 } as const;
    expect(aimed({ ...strike, how: "kill" }, view)).toEqual([{ kind: "kill", slot: 3 }]);
    expect(aimed({ ...strike, how: "reboot" }, view)).toEqual([
      { kind: "reboot", slot: 0, downS: 4 },
      { kind: "reboot", slot: 3, downS: 4 },
    ]);
    expect(isAimed({ kind: "kill", slot: 1 })).toBe(false);
  });

  test("a split halves the vehicles by where they are, the ground goes with its side", () => {
    expect(aimed({ kind: "split", along: "east", lastsS: 60 }, view)).toEqual([
      {
        kind: "partition",
        groups: [
          [0, 2, 3],
          [1, 4],
        ],
        lastsS: 60,
      },
    ]);
    const [north] = aimed({ kind: "split", along: "north", lastsS: 1 }, view);
    expect(north).toMatchObject({
      groups: [
        [0, 1, 2],
        [3, 4],
      ],
    });
  });
});

describe("faults that act", () => {
  const active = (lossRatio = 0): ActiveFaults =>
    new ActiveFaults({ count: 4, seed: 1, lossRatio });

  test("a cut link is cut both ways and no other, until its end", () => {
    const faults = active();
    faults.begin({ kind: "linkCut", a: 1, b: 3, lastsS: 2 }, 1_000_000);
    expect(faults.cuts(1, 3, 0)).toBe(true);
    expect(faults.cuts(3, 1, 0)).toBe(true);
    expect(faults.cuts(1, 2, 0)).toBe(false);
    expect(faults.expire(2_999_999)).toEqual([]);
    expect(faults.expire(3_000_000)).toHaveLength(1);
    expect(faults.cuts(1, 3, 0)).toBe(false);
  });

  test("a partition leaves out who is in no group", () => {
    const faults = active();
    const id = faults.begin({ kind: "partition", groups: [[0, 1], [2]], lastsS: 9 }, 0);
    expect(faults.cuts(0, 1, 0)).toBe(false);
    expect(faults.cuts(1, 2, 0)).toBe(true);
    expect(faults.cuts(3, 3, 0)).toBe(true);
    expect(faults.lift(id)).toHaveLength(1);
    expect(faults.cuts(1, 2, 0)).toBe(false);
  });

  test("losses add up as chances do", () => {
    const faults = active(0.5);
    faults.begin({ kind: "lossBurst", slots: [2], lossRatio: 0.5, lastsS: 9 }, 0);
    const share = (to: number): number => {
      let lost = 0;
      for (let i = 0; i < 4000; i += 1) if (faults.cuts(0, to, i * 31)) lost += 1;
      return lost / 4000;
    };
    expect(share(1)).toBeCloseTo(0.5, 1);
    expect(share(2)).toBeCloseTo(0.75, 1);
  });

  test("slow processors multiply, stores answer what they are told", () => {
    const faults = active();
    faults.begin({ kind: "slowCpu", slot: 1, factor: 3, lastsS: 9 }, 0);
    faults.begin({ kind: "slowCpu", slot: 1, factor: 2, lastsS: 9 }, 0);
    faults.begin({ kind: "store", slot: 2, outcome: "full", lastsS: 9 }, 0);
    expect([faults.cpuFactor(0), faults.cpuFactor(1)]).toEqual([1, 6]);
    expect([faults.storeOutcome(1), faults.storeOutcome(2)]).toEqual(["done", "full"]);
    expect(faults.liftKinds(["slowCpu"])).toHaveLength(2);
    expect(faults.cpuFactor(1)).toBe(1);
    expect(faults.liftKinds([])).toHaveLength(1);
  });

  test("frames of hostile radios pass cuts: they are no node", () => {
    const faults = active();
    faults.begin({ kind: "partition", groups: [[0], [1]], lastsS: 9 }, 0);
    expect(faults.cuts(5, 1, 0)).toBe(false);
  });

  test("clocks: errors of civil time add up, rates of oscillators multiply", () => {
    const faults = active();
    faults.begin({ kind: "clockError", slot: 1, offsetS: 30, lastsS: 9 }, 0);
    faults.begin({ kind: "clockError", slot: 1, offsetS: -10, lastsS: 2 }, 0);
    faults.begin({ kind: "clockDrift", slot: 2, ppm: 1000, lastsS: 9 }, 0);
    expect([faults.clockErrorS(0), faults.clockErrorS(1)]).toEqual([0, 20]);
    expect([faults.clockRate(1), faults.clockRate(2)]).toEqual([1, 1.001]);
    faults.expire(3e6);
    expect(faults.clockErrorS(1)).toBe(30);
  });

  test("the oldest leaves beyond the bound; a saved state goes on", () => {
    const faults = active();
    for (let i = 0; i < ACTIVE_FAULTS_MAX + 3; i += 1) {
      faults.begin({ kind: "linkCut", a: 0, b: 1, lastsS: 9 }, 0);
    }
    expect(faults.windows).toHaveLength(ACTIVE_FAULTS_MAX);
    const writer = new ByteWriter();
    faults.save(writer);
    const copy = active();
    copy.load(new ByteReader(writer.take()));
    expect(copy.windows).toEqual(faults.windows);
    expect(copy.cuts(0, 1, 0)).toBe(true);
    expect(copy.begin({ kind: "kill", slot: 1 }, 0)).toBe(ACTIVE_FAULTS_MAX + 4);
    expect(isWindow({ kind: "kill", slot: 1 })).toBe(false);
    expect(copy.windows).toHaveLength(ACTIVE_FAULTS_MAX);
  });
});

describe("a fault file", () => {
  const codes = (input: unknown): string[] => {
    const result = parseFaults(input, { nodeCount: 4 });
    return result.ok ? [] : result.problems.map(({ code, where }) => `${code} ${where}`);
  };

  test("every kind is read", () => {
    const result = parseFaults(
      {
        faults: [
          { atS: 1, kind: "kill", node: 1 },
          { atS: 2, kind: "reboot", node: 0 },
          { atS: 3, kind: "linkCut", a: 0, b: 1, lastsS: 1 },
          { atS: 4, kind: "partition", groups: [[0, 1], [2]], lastsS: 1 },
          { atS: 5, kind: "lossBurst", lossRatio: 0.5, lastsS: 1 },
          { atS: 6, kind: "jam", northM: 1, eastM: 2, powerDbm: 30, lastsS: 1 },
          { atS: 7, kind: "stuckSensor", node: 1, sensor: "camera", lastsS: 1 },
          { atS: 8, kind: "gnssLoss", node: 1, lastsS: 1 },
          { atS: 9, kind: "lowBattery", node: 1, ratio: 0.2 },
          { atS: 10, kind: "hostile", northM: 1, eastM: 2, lastsS: 1 },
          { atS: 11, kind: "clockOffset", node: 1, offsetS: 30 },
          { atS: 12, kind: "slowCpu", node: 1, factor: 10, lastsS: 1 },
          { atS: 13, kind: "store", node: 1, outcome: "full", lastsS: 1 },
          { atS: 14, kind: "restore", kinds: ["jam"] },
          { atS: 15, kind: "strike", target: "heads" },
          { atS: 16, kind: "split", lastsS: 60 },
          { atS: 17, kind: "gnssLossArea", northM: 1, eastM: 2, radiusM: 300, lastsS: 1 },
          { atS: 18, kind: "clockError", node: 1, offsetS: -30, lastsS: 1 },
          { atS: 19, kind: "clockDrift", node: 1, ppm: 200, lastsS: 1 },
        ],
        rates: { rebootPerHour: 2, toS: 3600 },
      },
      { nodeCount: 4 },
    );
    expect(result).toMatchObject({ ok: true });
    if (!result.ok) return;
    expect(result.value.script).toHaveLength(19);
    expect(result.value.script[9]?.action).toEqual({
      kind: "hostile",
      northM: 1,
      eastM: 2,
      mode: "garbage",
      rateHz: 20,
      lastsS: 1,
    });
    expect(result.value.rates).toEqual({ ...NO_RATES, rebootPerHour: 2, toS: 3600 });
  });

  test("an empty file is a plan without faults", () => {
    expect(parseFaults({}, { nodeCount: 4 })).toMatchObject({ ok: true, value: { script: [] } });
  });

  test("all problems at once, each with its place", () => {
    expect(
      codes({
        faults: [
          { atS: -1, kind: "kill", node: 9 },
          { atS: 1, kind: "explode" },
          { atS: 1, kind: "kill", node: 1, lastsS: 4 },
          { atS: 1, kind: "linkCut", a: 2, b: 2, lastsS: 1 },
          { atS: 1, kind: "partition", groups: [[0, 1], [1]], lastsS: 1 },
          { atS: 1, kind: "restore", kinds: ["boredom"] },
          { atS: 1, kind: "strike", target: "everybody", how: "gently" },
          { atS: 1, kind: "gnssLossArea", northM: 1, eastM: 2, radiusM: 0, lastsS: 0 },
          7,
        ],
        rates: { killPerHour: "often", killShare: 20, fromS: 100, toS: 50 },
        extra: 1,
      }),
    ).toEqual([
      "CHK004 extra",
      "CHK003 faults[0].atS",
      "CHK003 faults[0].node",
      "CHK006 faults[1].kind",
      "CHK001 faults[1].node",
      "CHK004 faults[2].lastsS",
      "CHK003 faults[3].b",
      "CHK003 faults[4].groups[1][0]",
      "CHK006 faults[5].kinds[0].kind",
      "CHK006 faults[6].target",
      "CHK006 faults[6].how",
      "CHK003 faults[7].lastsS",
      "CHK003 faults[7].radiusM",
      "CHK002 faults[8]",
      "CHK002 rates.killPerHour",
      "CHK003 rates.killShare",
      "CHK003 rates.toS",
    ]);
  });

  test("anything is answered, nothing throws", () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 4 }), (value) => {
        parseFaults(value, { nodeCount: 3 });
        parseFaults({ faults: [value], rates: value }, { nodeCount: 3 });
        parseFaults({ faults: [{ atS: 1, kind: "partition", groups: value }] }, { nodeCount: 3 });
      }),
    );
  });
});
