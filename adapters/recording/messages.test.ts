import { expect, test } from "vitest";
import { entityOf, fixOf, poseOf, stamp, type RecordedVehicle } from "./messages.ts";

const VEHICLE: RecordedVehicle = {
  index: 4,
  state: "flying",
  northM: 100.004,
  eastM: -20,
  altitudeAmslM: 600,
  latDeg: 36.36,
  lonDeg: -84.21,
  yawRad: 0,
  batteryRatio: 0.8,
  positionErrorM: 2,
};

test("a pose is east, north, up, and turns to the left from east: north is a quarter turn", () => {
  const { position, orientation } = poseOf(VEHICLE);
  expect(position).toEqual({ x: -20, y: 100, z: 600 });
  expect(orientation.z).toBeCloseTo(Math.SQRT1_2);
  expect(orientation.w).toBeCloseTo(Math.SQRT1_2);
  const east = poseOf({ ...VEHICLE, yawRad: Math.PI / 2 });
  expect([east.orientation.z, east.orientation.w]).toEqual([0, 1]);
});

test("a fix says how sure it is: one sigma of 2 m is 4 m2, up four times that", () => {
  const timestamp = stamp(1_500_000_001n);
  expect(timestamp).toEqual({ sec: 1, nsec: 500_000_001 });
  expect(fixOf(VEHICLE, timestamp)).toMatchObject({
    latitude: 36.36,
    position_covariance: [4, 0, 0, 0, 4, 0, 0, 0, 16],
  });
});

test("a lost vehicle is drawn in another colour, with its number", () => {
  const colourOf = (state: string): string =>
    JSON.stringify(entityOf({ ...VEHICLE, state }, stamp(0n)));
  expect(colourOf("lost")).not.toBe(colourOf("flying").replace("flying", "lost"));
  expect(colourOf("flying")).toContain('"text":"4"');
});
