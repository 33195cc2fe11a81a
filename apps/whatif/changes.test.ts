/** What changes do to a fork's world, what they are called, and what they may name. */
import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../src/base/mod.ts";
import type { Scenario, VehicleView } from "../../sim/mod.ts";
import type { WhatIfChange } from "../ground/report/what-if.ts";
import { amendment, changeText, faultsOf, problemsOf } from "./changes.ts";

const state = (slot: number, name: VehicleView["state"]): VehicleView =>
  ({ slot, state: name }) as VehicleView;

const VEHICLES = [state(1, "onPad"), state(2, "flying"), state(3, "lost"), state(4, "flying")];

describe("faults", () => {
  const faults = (change: WhatIfChange, seed = 1): readonly unknown[] =>
    faultsOf(change, { vehicles: VEHICLES, seed });

  test("drawn vehicles are those in the air first, nobody who is lost, the same for a seed", () => {
    const slots = (count: number): unknown[] =>
      faults({ kind: "killSome", count }).map((fault) => (fault as { slot: number }).slot);
    expect(slots(1)).toEqual(slots(1));
    expect(slots(2)).toEqual([2, 4]);
    expect(slots(9)).toEqual([1, 2, 4]);
    const firsts = Array.from({ length: 20 }, (_, seed) =>
      JSON.stringify(faults({ kind: "killSome", count: 1 }, seed)),
    );
    expect(new Set(firsts).size).toBe(2);
  });

  test("a partition has everybody else on the other side, the station included", () => {
    const lastsS = 1_000_000;
    expect(faults({ kind: "partition", group: [2, 4] })).toEqual([
      {
        kind: "partition",
        groups: [
          [2, 4],
          [0, 1, 3],
        ],
        lastsS,
      },
    ]);
    expect(faults({ kind: "cut", a: 0, b: 2 })).toEqual([{ kind: "linkCut", a: 0, b: 2, lastsS }]);
  });

  test("an order is none", () => {
    expect(faults({ kind: "order", order: { kind: "hold", targets: "all" } })).toEqual([]);
  });
});

describe("the fork's scenario", () => {
  const scenario = {
    wind: { northMps: 1, eastMps: 2, gustMps: 3 },
    camera: { chance: { open: 0.9, scrub: 0.5, forest: 0.1 } },
  } as Scenario;

  test("wind from the west blows to the east", () => {
    const wind: WhatIfChange = { kind: "wind", speedMps: 8, fromDeg: 270, gustMps: 1 };
    const changed = amendment([wind], false)(scenario);
    expect(changed.wind.eastMps).toBeCloseTo(8, 9);
    expect(changed.wind.northMps).toBeCloseTo(0, 9);
    expect(changed.wind.gustMps).toBe(1);
    expect(changed.camera).toBe(scenario.camera);
  });

  test("cameras see no person where the truth must not show; the rest stays", () => {
    const changed = amendment([], true)(scenario);
    expect(changed.camera.chance).toEqual({ open: 0, scrub: 0, forest: 0 });
    expect(changed.wind).toBe(scenario.wind);
  });
});

test("whoever is named must exist, and a link has two ends", () => {
  const vehicles = [1, 2].map(nodeIndex);
  const codes = (...changes: WhatIfChange[]): string[] =>
    problemsOf(changes, vehicles).map(({ code, where }) => `${code} ${where}`);
  expect(codes({ kind: "kill", vehicles: [1, 2] }, { kind: "cut", a: 0, b: 2 })).toEqual([]);
  expect(codes({ kind: "lowBattery", vehicles: [2, 7], ratio: 0.2 })).toEqual([
    "GND003 changes[0]",
  ]);
  expect(codes({ kind: "cut", a: 2, b: 2 })).toEqual(["GND022 changes[0]"]);
  const hold = { kind: "order", order: { kind: "hold", targets: [9] } } as const;
  expect(codes({ kind: "partition", group: [0] }, hold)).toEqual(["GND003 changes[1]"]);
});

test.each<[WhatIfChange, string]>([
  [{ kind: "kill", vehicles: [3, 4] }, "vehicles 3, 4 lost"],
  [{ kind: "killSome", count: 2 }, "2 vehicles lost"],
  [{ kind: "lowBattery", vehicles: [1], ratio: 0.2 }, "battery of vehicle 1 at 20%"],
  [{ kind: "cut", a: 0, b: 3 }, "no frame between the ground and vehicle 3"],
  [{ kind: "wind", speedMps: 9, fromDeg: 90, gustMps: 0 }, "wind 9 m/s from 90°"],
  [{ kind: "order", order: { kind: "return", targets: [2] } }, "return: vehicle 2"],
  [{ kind: "order", order: { kind: "resume", targets: "all" } }, "go on: all"],
])("%j is told as %s", (change, text) => {
  expect(changeText(change)).toBe(text);
});
