import { describe, expect, test } from "vitest";
import { nextStep, type FlightStep, type FlightView, type WaitReason } from "./flight.ts";

const GROUND: FlightView = {
  goal: "none",
  dialect: "ardupilot",
  customMode: 0,
  armed: false,
  inAir: false,
  ready: true,
  released: true,
  armWanted: true,
  altitudeHomeM: 0,
  takeoffAltitudeM: 20,
  hasSetpoint: false,
  askedMode: -1,
  replacedMode: -1,
  asked: false,
};
const AIR: FlightView = {
  ...GROUND,
  armed: true,
  inAir: true,
  customMode: 4,
  askedMode: 4,
  replacedMode: 4,
  altitudeHomeM: 30,
};

const wait = (reason: WaitReason): FlightStep => ({ kind: "wait", reason });

describe("on the ground", () => {
  const cases: readonly [string, Partial<FlightView>, FlightStep][] = [
    ["nothing wanted", {}, { kind: "done" }],
    ["GUIDED before arming", { goal: "arm" }, { kind: "mode", mode: "guided" }],
    ["then arm", { goal: "arm", customMode: 4 }, { kind: "arm" }],
    ["armed is done", { goal: "arm", customMode: 4, armed: true }, { kind: "done" }],
    ["not released", { goal: "arm", released: false }, wait("notReleased")],
    ["not ready", { goal: "arm", ready: false }, wait("notReady")],
    ["take-off arms", { goal: "takeoff", customMode: 4 }, { kind: "arm" }],
    ["but not unordered", { goal: "takeoff", armWanted: false }, wait("armNotOrdered")],
    ["armed: take off", { goal: "takeoff", customMode: 4, armed: true }, { kind: "takeoff" }],
    [
      "armed by a pilot in his mode",
      { goal: "takeoff", customMode: 2, armed: true },
      wait("controlTaken"),
    ],
    [
      "armed in a mode of ours",
      { goal: "takeoff", customMode: 17, askedMode: 17, armed: true },
      { kind: "mode", mode: "guided" },
    ],
    ["a setpoint means nothing", { goal: "setpoint", hasSetpoint: true }, wait("onGround")],
    ["hold is done", { goal: "hold" }, { kind: "done" }],
    ["armed: landing waits", { goal: "land", armed: true }, wait("onGround")],
    ["disarm is asked for once", { goal: "disarm" }, { kind: "disarm" }],
    ["and then done", { goal: "disarm", asked: true }, { kind: "done" }],
  ];
  test.each(cases)("%s", (_, change, step) => {
    expect(nextStep({ ...GROUND, ...change })).toEqual(step);
  });
});

describe("in the air", () => {
  const cases: readonly [string, Partial<FlightView>, FlightStep][] = [
    ["take-off ends at its altitude", { goal: "takeoff" }, { kind: "done" }],
    ["and waits below it", { goal: "takeoff", altitudeHomeM: 10 }, wait("climbing")],
    [
      "unless someone took over",
      { goal: "takeoff", altitudeHomeM: 10, customMode: 5 },
      wait("controlTaken"),
    ],
    ["leads", { goal: "setpoint", hasSetpoint: true }, { kind: "setpoint" }],
    ["has nothing to lead with", { goal: "setpoint" }, { kind: "done" }],
    [
      "goes back to GUIDED from its own hold",
      { goal: "setpoint", customMode: 17, askedMode: 17 },
      { kind: "mode", mode: "guided" },
    ],
    [
      "and while that change is under way",
      { goal: "setpoint", customMode: 17, askedMode: 4, replacedMode: 17 },
      { kind: "mode", mode: "guided" },
    ],
    ["but not from a failsafe's return", { goal: "setpoint", customMode: 6 }, wait("controlTaken")],
    ["lands", { goal: "land" }, { kind: "mode", mode: "land" }],
    ["is landing", { goal: "land", customMode: 9 }, { kind: "done" }],
    [
      "turns a failsafe's return into a landing",
      { goal: "land", customMode: 6 },
      { kind: "mode", mode: "land" },
    ],
    ["leaves the pilot his sticks", { goal: "rtl", customMode: 2 }, wait("controlTaken")],
    ["does not disarm", { goal: "disarm" }, wait("inAir")],
  ];
  test.each(cases)("%s", (_, change, step) => {
    expect(nextStep({ ...AIR, ...change })).toEqual(step);
  });
});

describe("PX4", () => {
  const px4 = { dialect: "px4" } as const;

  test("arms and takes off in whatever mode it is in", () => {
    expect(nextStep({ ...GROUND, ...px4, goal: "arm" })).toEqual({ kind: "arm" });
    const armed = { ...GROUND, ...px4, goal: "takeoff", armed: true } as const;
    expect(nextStep(armed)).toEqual({ kind: "takeoff" });
  });

  test("its own take-off and hold modes are not somebody else's", () => {
    for (const sub of [2, 3]) {
      const view = {
        ...AIR,
        ...px4,
        goal: "setpoint",
        customMode: (4 << 16) | (sub << 24),
      } as const;
      expect(nextStep(view)).toEqual({ kind: "mode", mode: "guided" });
    }
    const returning = {
      ...AIR,
      ...px4,
      goal: "setpoint",
      customMode: (4 << 16) | (5 << 24),
    } as const;
    expect(nextStep(returning)).toEqual(wait("controlTaken"));
  });
});
