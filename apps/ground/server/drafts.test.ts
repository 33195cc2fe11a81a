import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../../src/base/mod.ts";
import { draftOf, faultOf, faultText, unknownVehicle, type DraftFacts } from "./drafts.ts";

const at = (nowMs: number): DraftFacts => ({ nowMs, boots: [] });

describe("orders of the page", () => {
  test("clear-air lands everything by its time; below a ceiling it does not land", () => {
    const now = draftOf({ kind: "clearAir", ceilingAglM: 0, withinS: 60 }, at(1000));
    expect(now.command).toMatchObject({
      kind: "clearAir",
      lift: false,
      manner: "land",
      byMs: 61_000,
    });
    expect(now.targets).toBe("all");
    const low = draftOf({ kind: "clearAir", ceilingAglM: 30, withinS: 60 }, at(1000));
    expect(low.command).toMatchObject({ manner: "below", ceilingAglM: 30 });
    expect(draftOf({ kind: "liftClearAir" }, at(0)).command).toMatchObject({ lift: true });
  });

  test("go on and start are one order; others keep their name and targets", () => {
    expect(draftOf({ kind: "resume", targets: [2] }, at(0))).toMatchObject({
      command: { kind: "start" },
      targets: [2],
    });
    expect(draftOf({ kind: "land", targets: "all" }, at(0)).command).toEqual({ kind: "land" });
    expect(draftOf({ kind: "confirm", detection: 9 }, at(0)).command).toEqual({
      kind: "confirm",
      detectionId: 9,
    });
    const boots = [{ vehicle: nodeIndex(2), bootNonce: 7n }];
    const release = draftOf({ kind: "release", targets: [2] }, { nowMs: 0, boots });
    expect(release.command).toEqual({ kind: "release", bindings: boots });
    expect(draftOf({ kind: "evict", vehicle: 3 }, at(0)).command).toEqual({
      kind: "evict",
      member: 3,
    });
  });
});

describe("faults of the page", () => {
  test("a split keeps everyone else, the ground included, on one side", () => {
    const action = faultOf({ kind: "partition", group: [1, 3] }, [0, 1, 2, 3]);
    expect(action).toMatchObject({
      kind: "partition",
      groups: [
        [1, 3],
        [0, 2],
      ],
    });
    expect(faultText(action)).toBe("split: vehicle 1, vehicle 3 | the ground, vehicle 2");
  });

  test.each([
    [{ kind: "kill", vehicle: 2 } as const, "vehicle 2 killed"],
    [{ kind: "reboot", vehicle: 2 } as const, "computer of vehicle 2 restarts"],
    [{ kind: "loseGnss", vehicle: 2 } as const, "vehicle 2 without GNSS"],
    [{ kind: "lowBattery", vehicle: 2 } as const, "battery of vehicle 2 drained"],
    [{ kind: "cut", a: 0, b: 2 } as const, "no frame between the ground and vehicle 2"],
  ])("%j in words", (fault, words) => {
    expect(faultText(faultOf(fault, [0, 1, 2]))).toBe(words);
  });
});

test("the first index that is no vehicle is named", () => {
  const vehicles = [1, 2].map((index) => nodeIndex(index));
  expect(unknownVehicle([1, 2], vehicles)).toBeUndefined();
  expect(unknownVehicle([1, 7, 8], vehicles)).toBe(7);
});
