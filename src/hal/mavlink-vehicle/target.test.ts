import * as fc from "fast-check";
import { expect, test } from "vitest";
import { degFromRad, latLonFromDeg } from "../geodesy/ellipsoid.ts";
import { LocalFrame } from "../geodesy/frame.ts";
import { mavlink } from "../mavlink/codec.ts";
import { setpointOfReposition, setpointOfTarget, type TargetContext } from "./target.ts";
import { ToyVehicle } from "./toy-vehicle.test-support.ts";

const CONTEXT: TargetContext = {
  sample: new ToyVehicle().sample(),
  home: { northM: 5, eastM: 6, altitudeAmslM: 290 },
  frame: new LocalFrame(latLonFromDeg(33.22, -98.16), 270),
  speedMaxMps: 9,
};

test("a global target comes back to where it was meant, to the resolution of degE7", () => {
  const offset = fc.double({ min: -20_000, max: 20_000, noNaN: true });
  fc.assert(
    fc.property(offset, offset, (northM, eastM) => {
      const place = CONTEXT.frame.latLonFromPlane(northM, eastM);
      const message = mavlink("setPositionTargetGlobalInt", {
        coordinateFrame: 6,
        typeMask: 0xdf8,
        latInt: Math.round(degFromRad(place.latRad) * 1e7),
        lonInt: Math.round(degFromRad(place.lonRad) * 1e7),
        alt: 40,
      });
      const setpoint = setpointOfTarget(message, CONTEXT);
      expect(setpoint?.position.altitudeAmslM).toBe(330);
      expect(Math.abs(setpoint!.position.northM - northM)).toBeLessThan(0.01);
      expect(Math.abs(setpoint!.position.eastM - eastM)).toBeLessThan(0.01);
    }),
  );
});

test("a local target is meant from home, or from where the vehicle is", () => {
  const target = { typeMask: 0xdf8, x: 1, y: 2, z: -3 };
  const at = (coordinateFrame: number): unknown =>
    setpointOfTarget(mavlink("setPositionTargetLocalNed", { ...target, coordinateFrame }), CONTEXT)
      ?.position;
  expect(at(1)).toEqual({ northM: 6, eastM: 8, altitudeAmslM: 293 });
  expect(at(7)).toEqual({ northM: 1, eastM: 2, altitudeAmslM: 303 });
  expect(at(12)).toBeUndefined();
});

test("a reposition keeps yaw and speed limit, and is refused out of reach", () => {
  const click = { frame: 5, x: 332_200_000, y: -981_600_000, z: 350 };
  expect(setpointOfReposition(mavlink("commandInt", click), CONTEXT)).toMatchObject({
    yawRad: 0.5,
    speedMaxMps: 9,
    velocity: { northMps: 0, eastMps: 0, downMps: 0 },
  });
  const far = mavlink("commandInt", { ...click, x: -332_200_000 });
  expect(setpointOfReposition(far, CONTEXT)).toBeUndefined();
  expect(
    setpointOfReposition(mavlink("commandInt", { ...click, z: 1e5 }), CONTEXT),
  ).toBeUndefined();
});
