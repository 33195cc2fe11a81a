import { expect, test } from "vitest";
import { latLonFromDeg } from "../geodesy/ellipsoid.ts";
import { LocalFrame } from "../geodesy/frame.ts";
import { noTelemetry, observe, sampleOf } from "../autopilot/telemetry.ts";
import { decodePayload, encodePayload, layoutOfKind } from "../mavlink/codec.ts";
import type { VehicleSample } from "../vehicle.ts";
import { heartbeat, REPORTABLE, reportOf, type Report } from "./report.ts";

const FRAME = new LocalFrame(latLonFromDeg(46.95, 7.44), 610);

const SAMPLE: VehicleSample = {
  position: { northM: 321.5, eastM: -87.25, altitudeAmslM: 612.345 },
  velocity: { northMps: 3.25, eastMps: -1.5, downMps: 0.75 },
  yawRad: -1.25,
  positionErrorM: 1.234,
  positionValid: true,
  altitudeAglM: 48.76,
  batteryRatio: 0.63,
  batteryFullWh: 130,
  powerW: 240,
  windNorthMps: -2,
  windEastMps: 5,
  mode: "guided",
  armed: true,
  inAir: true,
  released: true,
  ready: true,
};

const REPORT: Report = {
  sample: SAMPLE,
  frame: FRAME,
  home: { northM: 0, eastM: 0, altitudeAmslM: 560 },
  customMode: 4,
  bootMs: 123_456.7,
  systemId: 3,
};

/** All its messages over the wire and into the receiving side's record. */
function told(report: Report): VehicleSample {
  const telemetry = noTelemetry();
  for (const kind of REPORTABLE) {
    const message = reportOf(kind, report)!;
    observe(telemetry, decodePayload(layoutOfKind(kind), encodePayload(message)), 0);
  }
  return sampleOf(telemetry, {
    frame: FRAME,
    dialect: "ardupilot",
    nowMs: 0,
    linkUp: true,
    released: true,
    failsafesSet: true,
    batteryFullWh: 130,
  });
}

test("what is told of a sample is the sample, to the resolution of the messages", () => {
  const sample = told(REPORT);
  expect(sample.position.northM).toBeCloseTo(321.5, 1);
  expect(sample.position.eastM).toBeCloseTo(-87.25, 1);
  expect(sample.position.altitudeAmslM).toBeCloseTo(612.345, 3);
  expect(sample.velocity).toEqual(SAMPLE.velocity);
  expect(sample.yawRad).toBeCloseTo(-1.25, 3);
  expect(sample.positionErrorM).toBeCloseTo(1.234, 3);
  expect(sample.altitudeAglM).toBeCloseTo(48.76, 2);
  expect(sample.batteryRatio).toBe(0.63);
  expect(sample.powerW).toBeCloseTo(240, 0);
  expect(sample.windNorthMps).toBeCloseTo(-2, 4);
  expect(sample.windEastMps).toBeCloseTo(5, 4);
  const { mode, armed, inAir, ready, positionValid } = sample;
  expect({ mode, armed, inAir, ready, positionValid }).toEqual({
    mode: "guided",
    armed: true,
    inAir: true,
    ready: true,
    positionValid: true,
  });
});

test("what is lost is told as lost", () => {
  const lost = { ...SAMPLE, positionValid: false, altitudeAglM: undefined, ready: false };
  const sample = told({ ...REPORT, sample: lost });
  expect(sample).toMatchObject({ positionValid: false, ready: false, altitudeAglM: undefined });
});

test("the landed state follows the vehicle", () => {
  const landed = (change: Partial<VehicleSample>): unknown =>
    reportOf("extendedSysState", { ...REPORT, sample: { ...SAMPLE, ...change } });
  expect(landed({ inAir: false })).toMatchObject({ landedState: 1 });
  expect(landed({})).toMatchObject({ landedState: 2 });
  expect(landed({ mode: "takeoff" })).toMatchObject({ landedState: 3 });
  expect(landed({ mode: "land" })).toMatchObject({ landedState: 4 });
});

test("a heartbeat shows GUIDED and arming in its flags", () => {
  expect(heartbeat(REPORT)).toMatchObject({ baseMode: 1 + 8 + 16 + 128, systemStatus: 4 });
  const idle = heartbeat({ ...REPORT, customMode: 0, sample: { ...SAMPLE, armed: false } });
  expect(idle).toMatchObject({ baseMode: 1 + 16, systemStatus: 3 });
});

test("a kind that it has none of", () => {
  expect(reportOf("paramSet", REPORT)).toBeUndefined();
});
