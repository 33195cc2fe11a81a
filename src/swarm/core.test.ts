import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, segmentId } from "../base/mod.ts";
import { polygonContains } from "./area/mod.ts";
import { hold } from "./behaviours/duties.ts";
import { defineBehaviour } from "./behaviours/define.ts";
import {
  homeOf,
  loadCore,
  newCore,
  ownerOf,
  refreshClues,
  runnerOf,
  saveCore,
  zonesNow,
  type Core,
} from "./core.ts";
import { sight, SMALL, stepAt, testCore } from "./core.test-support.ts";
import { testGround } from "./mission.test-support.ts";
import { padCountOf, padPosition } from "./pads.ts";
import { cellAt, posterior } from "./map/mod.ts";
import { learn } from "./search/searching.ts";

const saved = (core: Core): Uint8Array => {
  const to = new ByteWriter();
  saveCore(core, to);
  return to.take();
};

describe("transit layers", () => {
  const layers = (slots: number, aglMaxM = 120): number[] => {
    const { mission } = SMALL;
    const world = testGround({ ...mission, limits: { ...mission.limits, aglMaxM } });
    const one = testCore({ world });
    return Array.from(
      { length: slots },
      (_, slot) => newCore({ ...one.config, slot, slots }).layerAglM,
    );
  };

  test("lie apart by more than the vertical minimum, between the trees and the ceiling", () => {
    const six = layers(6);
    for (const layer of six) {
      expect(layer).toBeGreaterThan(SMALL.mission.limits.clearanceM);
      expect(layer).toBeLessThan(SMALL.mission.limits.aglMaxM);
    }
    const distinct = [...new Set(six)].toSorted((x, y) => x - y);
    expect(distinct.length).toBeGreaterThan(3);
    for (let i = 1; i < distinct.length; i += 1) {
      expect(distinct[i]! - distinct[i - 1]!).toBeGreaterThanOrEqual(8.5 - 1e-9);
    }
  });

  test("under a low ceiling all share what there is", () => {
    expect(new Set(layers(6, 45)).size).toBe(1);
  });
});

describe("home", () => {
  test("is the pad of the slot until the vehicle has seen where it stands", () => {
    const core = testCore({ slot: 3 });
    const { base } = SMALL.mission;
    expect(homeOf(core)).toEqual(padPosition(base, 3, padCountOf(base, 6)));
    core.state.flight.home = { northM: 5, eastM: 6, altitudeAmslM: 400 };
    expect(homeOf(core)).toMatchObject({ northM: 5, eastM: 6 });
  });
});

describe("clear air", () => {
  test("a volume is a zone above its ceiling around the whole circle; everywhere is none", () => {
    const core = testCore();
    core.state.orders.ceilings = [
      { ceilingAglM: 30, volume: undefined, leave: false },
      { ceilingAglM: 40, volume: { northM: 100, eastM: -50, radiusM: 80 }, leave: false },
    ];
    const zones = zonesNow(core);
    expect(zones).toHaveLength(1);
    expect(zones[0]!.floor).toEqual({ reference: "agl", altitudeM: 40 });
    for (let deg = 0; deg < 360; deg += 5) {
      const turn = (deg * Math.PI) / 180;
      const at = (radiusM: number) => [
        100 + radiusM * Math.cos(turn),
        -50 + radiusM * Math.sin(turn),
      ];
      const [n, e] = at(79.9);
      expect(polygonContains(zones[0]!.polygon, n!, e!)).toBe(true);
      const [farN, farE] = at(87);
      expect(polygonContains(zones[0]!.polygon, farN!, farE!)).toBe(false);
    }
    core.state.orders.ceilings = [];
    expect(zonesNow(core)).toBe(SMALL.mission.zones);
  });
});

describe("clues", () => {
  test("of undecided sightings draw the map to them until they are dismissed", () => {
    const core = testCore();
    const before = posterior(core.map);
    const there = cellAt(core.map.prior.grid, 300, 0);
    sight(core, 1, 300, "lookAgain");
    refreshClues(core);
    const drawn = posterior(core.map);
    expect(drawn[there]! / before[there]!).toBeGreaterThan(3);
    expect(drawn.reduce((sum, mass) => sum + mass, 0)).toBeLessThan(1);
    core.state.sightings[0]!.verdict = "dismissed";
    refreshClues(core);
    expect(posterior(core.map)).toEqual(before);
  });
});

describe("saving", () => {
  const counts = defineBehaviour({
    name: "counts",
    memory: () => ({ n: 0 }),
    step: (_view, memory) => {
      memory.n += 1;
    },
  });

  test("one that is loaded goes on as if nothing had happened, and saves the same bytes", () => {
    const behaviour = { behaviour: counts };
    const core = testCore({ behaviour });
    learn(core, stepAt(0), { segment: segmentId(1), pass: 0, lanes: 1 });
    core.owners[1] = 9;
    core.state.orders.started = true;
    core.random.uniform();
    sight(core, 1, 300, "lookAgain");
    refreshClues(core);
    runnerOf(core, hold);
    runnerOf(core, counts);
    core.state.flight.homeS = -0;
    core.state.flight.usableS = NaN;
    core.state.flight.planMs = -Infinity;
    const bytes = saved(core);
    const again = testCore({ behaviour });
    loadCore(again, new ByteReader(bytes), [hold]);
    expect(saved(again)).toEqual(bytes);
    expect(again.state).toEqual(core.state);
    expect(ownerOf(again, segmentId(1))).toBe(9);
    expect(ownerOf(again, segmentId(0))).toBeUndefined();
    expect(posterior(again.map)).toEqual(posterior(core.map));
    expect(again.random.uniform()).toBe(core.random.uniform());
    expect([...again.runners.keys()].toSorted()).toEqual(["hold", "own counts"]);
    expect(Object.is(again.state.flight.homeS, -0)).toBe(true);
  });

  test("a user's behaviour that is called like a built-in one flies in nobody's place", () => {
    const mine = defineBehaviour({ name: "hold", step: () => undefined });
    const core = testCore({ behaviour: { behaviour: mine } });
    expect(runnerOf(core, mine).behaviour).toBe(mine);
    expect(runnerOf(core, hold).behaviour).toBe(hold);
    const again = testCore({ behaviour: { behaviour: mine } });
    loadCore(again, new ByteReader(saved(core)), [hold]);
    expect(runnerOf(again, hold).behaviour).toBe(hold);
    expect(runnerOf(again, mine).behaviour).toBe(mine);
  });

  test("a behaviour that this build does not have is a broken assumption", () => {
    const core = testCore();
    runnerOf(core, counts);
    const bytes = saved(core);
    expect(() => loadCore(testCore(), new ByteReader(bytes), [hold])).toThrow("behaviour");
  });
});
