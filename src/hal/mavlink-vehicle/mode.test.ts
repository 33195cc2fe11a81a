import { expect, test } from "vitest";
import { COPTER_MODE } from "../mavlink/numbers.ts";
import { choiceOf, copterMode } from "./mode.ts";

test("a choice stands while the vehicle's doing agrees with it", () => {
  expect(copterMode(COPTER_MODE.GUIDED, "hold")).toBe(COPTER_MODE.GUIDED);
  expect(copterMode(COPTER_MODE.BRAKE, "hold")).toBe(COPTER_MODE.BRAKE);
  expect(copterMode(COPTER_MODE.RTL, "land")).toBe(COPTER_MODE.RTL);
  expect(copterMode(COPTER_MODE.LAND, "idle")).toBe(COPTER_MODE.LAND);
});

test("otherwise the vehicle's own doing decides", () => {
  expect(copterMode(COPTER_MODE.LOITER, "guided")).toBe(COPTER_MODE.GUIDED);
  expect(copterMode(COPTER_MODE.GUIDED, "rtl")).toBe(COPTER_MODE.RTL);
  expect(copterMode(COPTER_MODE.AUTO, "takeoff")).toBe(COPTER_MODE.GUIDED);
  expect(copterMode(COPTER_MODE.GUIDED, "manual")).toBe(COPTER_MODE.STABILIZE);
});

test("what a ground station may choose", () => {
  expect([4, 5, 16, 17, 6, 9, 0, 3, 99].map(choiceOf)).toEqual([
    "guided",
    "hold",
    "hold",
    "hold",
    "rtl",
    "land",
    undefined,
    undefined,
    undefined,
  ]);
});
