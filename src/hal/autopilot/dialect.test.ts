import { describe, expect, test } from "vitest";
import {
  customModeOf,
  flightModeOf,
  parameterValue,
  setModeCommand,
  takeoffAltitudeM,
} from "./dialect.ts";

describe("ArduPilot", () => {
  test("modes by ArduCopter's numbers", () => {
    expect(
      ["guided", "hold", "rtl", "land"].map((mode) => customModeOf("ardupilot", mode as "land")),
    ).toEqual([4, 17, 6, 9]);
    expect([4, 5, 17, 6, 21, 9, 0, 3].map((mode) => flightModeOf("ardupilot", mode))).toEqual([
      "guided",
      "hold",
      "hold",
      "rtl",
      "rtl",
      "land",
      "manual",
      "manual",
    ]);
    expect(setModeCommand("ardupilot", "rtl")).toMatchObject({
      command: 176,
      param1: 1,
      param2: 6,
    });
  });

  test("take-off altitude above home, integers as values", () => {
    expect(takeoffAltitudeM("ardupilot", 20, 300)).toBe(20);
    const value = parameterValue("ardupilot", { name: "X", value: 3, integer: true });
    expect(value).toEqual({ paramValue: 3, paramType: 6 });
    const real = parameterValue("ardupilot", { name: "X", value: 0.1, integer: false });
    expect(real).toEqual({ paramValue: Math.fround(0.1), paramType: 9 });
  });
});

describe("PX4", () => {
  test("main mode and sub mode, as px4_custom_mode.h packs them", () => {
    expect(customModeOf("px4", "guided")).toBe(6 << 16);
    expect(customModeOf("px4", "rtl")).toBe((4 << 16) | (5 << 24));
    expect(setModeCommand("px4", "land")).toMatchObject({ param2: 4, param3: 6 });
    expect(setModeCommand("px4", "guided")).toMatchObject({ param2: 6, param3: 0 });
    expect(flightModeOf("px4", (4 << 16) | (2 << 24))).toBe("takeoff");
    expect(flightModeOf("px4", 3 << 16)).toBe("manual");
  });

  test("take-off altitude above the sea, integers by their bits", () => {
    expect(takeoffAltitudeM("px4", 20, 300)).toBe(320);
    const { paramValue } = parameterValue("px4", { name: "X", value: 2, integer: true });
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, paramValue);
    expect(view.getInt32(0)).toBe(2);
  });
});
