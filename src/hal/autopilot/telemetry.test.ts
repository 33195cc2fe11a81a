import { describe, expect, test } from "vitest";
import { latLonFromDeg } from "../geodesy/ellipsoid.ts";
import { LocalFrame } from "../geodesy/frame.ts";
import { mavlink } from "../mavlink/codec.ts";
import type { MavlinkMessage } from "../mavlink/messages.ts";
import {
  altitudeHomeM,
  autopilotReady,
  noTelemetry,
  observe,
  positionValid,
  sampleOf,
  type SampleContext,
  type Telemetry,
} from "./telemetry.ts";

const FRAME = new LocalFrame(latLonFromDeg(33.22, -98.16), 270);
const CONTEXT: SampleContext = {
  frame: FRAME,
  dialect: "ardupilot",
  nowMs: 500,
  linkUp: true,
  released: true,
  failsafesSet: true,
  batteryFullWh: 90,
};
const PLACE = mavlink("globalPositionInt", {
  lat: 332_200_000,
  lon: -981_600_000,
  alt: 312_500,
  hdg: 9000,
});

function after(...messages: readonly MavlinkMessage[]): Telemetry {
  const telemetry = noTelemetry();
  for (const message of messages) observe(telemetry, message, 0);
  return telemetry;
}

test("a position in MAVLink's units is one in the mission's frame", () => {
  const sample = sampleOf(after({ ...PLACE, vx: 150, vy: -250, vz: -30 }), CONTEXT);
  expect(sample.position.northM).toBeCloseTo(0, 6);
  expect(sample.position.altitudeAmslM).toBe(312.5);
  expect(sample.velocity).toEqual({ northMps: 1.5, eastMps: -2.5, downMps: -0.3 });
  expect(sample.yawRad).toBeCloseTo(Math.PI / 2, 9);
});

test("an unknown heading leaves the attitude's", () => {
  const telemetry = after(mavlink("attitude", { yaw: 0.3 }), { ...PLACE, hdg: 0xffff });
  expect(telemetry.yawRad).toBeCloseTo(0.3, 12);
});

test("a vehicle on another continent has no valid position here", () => {
  const flags = mavlink("ekfStatusReport", { flags: 0x3ff & ~0x80 });
  const prearm = mavlink("sysStatus", { onboardControlSensorsHealth: 0x10000000 });
  const here = sampleOf(after(PLACE, flags, prearm), CONTEXT);
  expect(here).toMatchObject({ positionValid: true, ready: true });
  const far = sampleOf(after({ ...PLACE, lat: -353_000_000 }, flags, prearm), CONTEXT);
  expect(far).toMatchObject({ positionValid: false, ready: false, position: { northM: 0 } });
});

describe("the estimator's word", () => {
  test("ArduPilot: absolute position, not constant-position mode, and fresh", () => {
    const valid = (flags: number, nowMs = 500): boolean =>
      positionValid(after(PLACE, mavlink("ekfStatusReport", { flags })), "ardupilot", nowMs);
    expect(valid(0x10)).toBe(true);
    expect(valid(0x10, 1001)).toBe(false);
    expect(valid(0x90)).toBe(false);
    expect(valid(0)).toBe(false);
  });

  test("ready needs both position flags and the pre-arm flag; PX4 sends no flags", () => {
    const prearm = mavlink("sysStatus", { onboardControlSensorsHealth: 0x10000000 });
    const ready = (flags: number, ...more: MavlinkMessage[]): boolean =>
      autopilotReady(after(PLACE, mavlink("ekfStatusReport", { flags }), ...more), "ardupilot", 0);
    expect(ready(0x10, prearm)).toBe(false);
    expect(ready(0x210)).toBe(false);
    expect(ready(0x210, prearm)).toBe(true);
    expect(autopilotReady(after(PLACE, prearm), "px4", 0)).toBe(true);
    expect(autopilotReady(after(prearm), "px4", 0)).toBe(false);
  });
});

test("accuracy: what the receiver reports, else its dilution, else a plain receiver's", () => {
  const error = (fields: object): number =>
    after(mavlink("gpsRawInt", { eph: 0xffff, ...fields })).positionErrorM;
  expect(error({ hAcc: 900 })).toBe(0.9);
  expect(error({ eph: 120 })).toBeCloseTo(1.8, 9);
  expect(error({})).toBe(2.5);
  expect(error({ hAcc: 0xffffffff })).toBe(2.5);
});

test("battery: unknown values change nothing", () => {
  const telemetry = after(
    mavlink("sysStatus", { voltageBattery: 15_000, currentBattery: 1200, batteryRemaining: 80 }),
    mavlink("sysStatus", { voltageBattery: 0xffff, currentBattery: -1, batteryRemaining: -1 }),
    mavlink("batteryStatus", { batteryRemaining: -1 }),
  );
  expect(telemetry).toMatchObject({ batteryV: 15, currentA: 12, batteryRatio: 0.8 });
  observe(telemetry, mavlink("batteryStatus", { batteryRemaining: 79 }), 0);
  expect(sampleOf(telemetry, CONTEXT)).toMatchObject({ batteryRatio: 0.79, powerW: 180 });
});

test("height above ground: downward, within its reach, and fresh", () => {
  const sensor = { orientation: 25, minDistance: 10, maxDistance: 5000 };
  const height = (fields: object, nowMs = 500): number | undefined => {
    const telemetry = after(PLACE, mavlink("distanceSensor", { ...sensor, ...fields }));
    return sampleOf(telemetry, { ...CONTEXT, nowMs }).altitudeAglM;
  };
  expect(height({ currentDistance: 1234 })).toBe(12.34);
  expect(height({ currentDistance: 1234 }, 1500)).toBeUndefined();
  expect(height({ currentDistance: 6000 })).toBeUndefined();
  expect(height({ currentDistance: 5 })).toBeUndefined();
  expect(height({ currentDistance: 1234, orientation: 0 })).toBeUndefined();
});

test("wind: one dialect says where it comes from, the other where it blows to", () => {
  const ardupilot = after(mavlink("wind", { direction: 270, speed: 4 }));
  expect(ardupilot.windNorthMps).toBeCloseTo(0, 9);
  expect(ardupilot.windEastMps).toBeCloseTo(4, 9);
  const px4 = after(mavlink("windCov", { windX: 1, windY: -2 }));
  expect(px4).toMatchObject({ windNorthMps: 1, windEastMps: -2 });
  expect(after(mavlink("windCov", { windX: NaN, windY: NaN }))).toMatchObject({ windNorthMps: 0 });
});

test("modes: idle until armed; climbing in GUIDED is a take-off", () => {
  const mode = (baseMode: number, landedState: number): string => {
    const heartbeat = mavlink("heartbeat", { baseMode, customMode: 4 });
    return sampleOf(after(heartbeat, mavlink("extendedSysState", { landedState })), CONTEXT).mode;
  };
  expect(mode(1, 1)).toBe("idle");
  expect(mode(129, 3)).toBe("takeoff");
  expect(mode(129, 2)).toBe("guided");
});

test("height above home is nought while home is unknown", () => {
  expect(altitudeHomeM(after(PLACE))).toBe(0);
  expect(altitudeHomeM(after(PLACE, mavlink("homePosition", { altitude: 300_000 })))).toBe(12.5);
});

test("messages that say nothing about the vehicle change nothing", () => {
  expect(after(mavlink("ping", {}), mavlink("radioStatus", { rssi: 3 }))).toEqual(noTelemetry());
});
