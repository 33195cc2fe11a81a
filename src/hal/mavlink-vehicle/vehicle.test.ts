import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, monotonicMs } from "../../base/mod.ts";
import { degFromRad, latLonFromDeg } from "../geodesy/ellipsoid.ts";
import { LocalFrame } from "../geodesy/frame.ts";
import { decodePayload, layoutOfKind, mavlink } from "../mavlink/codec.ts";
import {
  MESSAGES,
  type MavlinkKind,
  type MavlinkMessage,
  type MavlinkMessageOf,
} from "../mavlink/messages.ts";
import { COPTER_MODE, MAV_CMD, MAV_RESULT } from "../mavlink/numbers.ts";
import type { VehicleCommand } from "../vehicle.ts";
import { ToyVehicle } from "./toy-vehicle.test-support.ts";
import { MavlinkVehicle, type MavlinkVehicleOut } from "./vehicle.ts";

const FRAME = new LocalFrame(latLonFromDeg(33.22, -98.16), 270);

/** A vehicle with system id 9, stepped by hand. */
class Rig {
  readonly toy = new ToyVehicle({ northM: 100, eastM: -50, altitudeAmslM: 310 });
  vehicle: MavlinkVehicle;
  readonly sent: MavlinkMessage[] = [];
  readonly commands: VehicleCommand[] = [];
  nowMs = 1000;

  constructor(defaultRateHz = 0) {
    this.vehicle = new MavlinkVehicle({ systemId: 9, frame: FRAME, defaultRateHz });
    this.run(0.1);
  }

  run(seconds: number): void {
    for (const until = this.nowMs + seconds * 1000; this.nowMs < until;) {
      this.nowMs += 20;
      this.toy.tick(0.02);
      const sample = this.toy.sample();
      this.vehicle.step(monotonicMs(this.nowMs), { kind: "sample", sample }, this.#take);
      if (this.vehicle.wakeAt() <= this.nowMs) {
        this.vehicle.step(monotonicMs(this.nowMs), { kind: "wake" }, this.#take);
      }
    }
  }

  say(message: MavlinkMessage): void {
    const frame = {
      version: 2,
      signed: false,
      systemId: 255,
      componentId: 190,
      sequence: 0,
      message,
    };
    this.vehicle.step(
      monotonicMs(this.nowMs),
      { kind: "frame", frame: { ...frame, version: 2 } },
      this.#take,
    );
  }

  /** Sends a command and returns the result of its acknowledgement. */
  ask(command: number, ...params: readonly number[]): number {
    const [param1 = 0, param2 = 0, param3 = 0, param4 = 0, param5 = 0, param6 = 0, param7 = 0] =
      params;
    const values = { param1, param2, param3, param4, param5, param6, param7 };
    this.say(mavlink("commandLong", { targetSystem: 9, command, ...values }));
    const ack = this.last("commandAck");
    expect(ack).toMatchObject({ command, targetSystem: 255, targetComponent: 190 });
    return ack?.result ?? -1;
  }

  last<K extends MavlinkKind>(kind: K): MavlinkMessageOf<K> | undefined {
    return this.sent.findLast((message) => message.kind === kind) as
      MavlinkMessageOf<K> | undefined;
  }

  count(kind: MavlinkKind): number {
    return this.sent.filter((message) => message.kind === kind).length;
  }

  takeOff(): void {
    expect(this.ask(MAV_CMD.DO_SET_MODE, 1, COPTER_MODE.GUIDED)).toBe(MAV_RESULT.ACCEPTED);
    expect(this.ask(MAV_CMD.COMPONENT_ARM_DISARM, 1)).toBe(MAV_RESULT.ACCEPTED);
    this.run(0.1);
    expect(this.ask(MAV_CMD.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 20)).toBe(MAV_RESULT.ACCEPTED);
    this.run(10);
  }

  readonly #take = (output: MavlinkVehicleOut): void => {
    if (output.kind === "send") this.sent.push(output.message);
    else {
      this.commands.push(output.command);
      this.toy.command(output.command);
    }
  };
}

describe("telemetry", () => {
  test("silent but for one heartbeat a second, until asked", () => {
    const rig = new Rig();
    rig.run(5);
    expect(new Set(rig.sent.map((message) => message.kind))).toEqual(new Set(["heartbeat"]));
    expect(rig.count("heartbeat")).toBeGreaterThanOrEqual(5);
    expect(rig.last("heartbeat")).toMatchObject({ type: 2, autopilot: 3, baseMode: 0x11 });
    rig.ask(MAV_CMD.SET_MESSAGE_INTERVAL, 33, 100_000);
    const before = rig.count("globalPositionInt");
    rig.run(2);
    expect(rig.count("globalPositionInt") - before).toBeGreaterThanOrEqual(19);
    rig.ask(MAV_CMD.SET_MESSAGE_INTERVAL, 33, -1);
    const stopped = rig.count("globalPositionInt");
    rig.run(2);
    expect(rig.count("globalPositionInt")).toBe(stopped);
  });

  test("the old request for streams starts and stops the usual ones", () => {
    const rig = new Rig();
    const request = { targetSystem: 9, reqStreamId: 0, reqMessageRate: 4, startStop: 1 };
    rig.say(mavlink("requestDataStream", request));
    rig.run(3);
    expect(rig.count("attitude")).toBeGreaterThan(10);
    expect(rig.count("vfrHud")).toBeGreaterThan(10);
    rig.say(mavlink("requestDataStream", { ...request, startStop: 0 }));
    const before = rig.sent.length;
    rig.run(3);
    expect(rig.sent.slice(before).every((message) => message.kind === "heartbeat")).toBe(true);
  });

  test("a host may have it talk without being asked", () => {
    const rig = new Rig(2);
    rig.run(2);
    expect(rig.count("globalPositionInt")).toBeGreaterThanOrEqual(4);
  });

  test("says where it is in MAVLink's units and datums", () => {
    const rig = new Rig(10);
    rig.takeOff();
    const place = FRAME.latLonFromPlane(100, -50);
    expect(rig.last("globalPositionInt")).toMatchObject({
      lat: Math.round(degFromRad(place.latRad) * 1e7),
      lon: Math.round(degFromRad(place.lonRad) * 1e7),
      hdg: 2865,
    });
    expect(rig.last("globalPositionInt")?.alt).toBeCloseTo(330_000, -2);
    expect(rig.last("globalPositionInt")?.relativeAlt).toBeCloseTo(20_000, -2);
    expect(rig.last("localPositionNed")?.z).toBeCloseTo(-20, 1);
    expect(rig.last("homePosition")).toMatchObject({ altitude: 310_000 });
    expect(rig.last("extendedSysState")).toMatchObject({ landedState: 2 });
    expect(rig.last("sysStatus")?.batteryRemaining).toBeGreaterThan(98);
    expect(rig.last("gpsRawInt")).toMatchObject({ fixType: 3, hAcc: 800 });
    rig.toy.positionValid = false;
    rig.run(0.5);
    expect(rig.last("gpsRawInt")).toMatchObject({ fixType: 1, satellitesVisible: 0 });
    expect(rig.last("ekfStatusReport")!.flags & 0x210).toBe(0);
  });

  test("any message can be asked for once; what it has not, it says", () => {
    const rig = new Rig();
    for (const kind of [
      "autopilotVersion",
      "homePosition",
      "gpsGlobalOrigin",
      "wind",
      "distanceSensor",
      "systemTime",
      "missionCurrent",
      "rcChannels",
      "batteryStatus",
    ] as const) {
      expect(rig.ask(MAV_CMD.REQUEST_MESSAGE, MESSAGES[kind].id)).toBe(MAV_RESULT.ACCEPTED);
      expect(rig.count(kind), kind).toBe(1);
    }
    expect(rig.last("wind")?.speed).toBeCloseTo(5, 5);
    expect(rig.last("wind")?.direction).toBeCloseTo(126.87, 1);
    expect(rig.ask(MAV_CMD.REQUEST_AUTOPILOT_CAPABILITIES)).toBe(MAV_RESULT.ACCEPTED);
    expect(rig.last("autopilotVersion")).toMatchObject({ uid: 9n, flightSwVersion: 0x040602ff });
    expect(rig.ask(MAV_CMD.REQUEST_MESSAGE, 65_000)).toBe(MAV_RESULT.UNSUPPORTED);
    expect(rig.ask(MAV_CMD.REQUEST_MESSAGE, 11)).toBe(MAV_RESULT.UNSUPPORTED);
    expect(rig.ask(MAV_CMD.SET_MESSAGE_INTERVAL, 11, 1000)).toBe(MAV_RESULT.UNSUPPORTED);
    expect(rig.ask(246)).toBe(MAV_RESULT.UNSUPPORTED);
  });

  test("before the first sample it says nothing and hears nothing", () => {
    const vehicle = new MavlinkVehicle({ systemId: 1, frame: FRAME });
    expect(vehicle.wakeAt()).toBe(Infinity);
    vehicle.step(monotonicMs(0), { kind: "wake" }, () => expect.unreachable());
    const message = mavlink("paramRequestList", {});
    const frame = {
      version: 2,
      signed: false,
      systemId: 255,
      componentId: 1,
      sequence: 0,
      message,
    } as const;
    vehicle.step(monotonicMs(0), { kind: "frame", frame }, () => expect.unreachable());
  });
});

describe("arming and flying", () => {
  test("arms when its checks are passed, and disarms on the ground only", () => {
    const rig = new Rig();
    rig.toy.ready = false;
    rig.run(0.1);
    expect(rig.ask(MAV_CMD.COMPONENT_ARM_DISARM, 1)).toBe(MAV_RESULT.FAILED);
    expect(rig.last("statustext")?.text).toContain("Arm:");
    rig.toy.ready = true;
    rig.run(0.1);
    rig.takeOff();
    expect(rig.ask(MAV_CMD.COMPONENT_ARM_DISARM, 0)).toBe(MAV_RESULT.FAILED);
    expect(rig.last("heartbeat")!.baseMode & 0x80).toBe(0x80);
    expect(rig.ask(MAV_CMD.NAV_LAND)).toBe(MAV_RESULT.ACCEPTED);
    rig.run(10);
    expect(rig.toy.armed).toBe(false);
    expect(rig.ask(MAV_CMD.COMPONENT_ARM_DISARM, 0)).toBe(MAV_RESULT.ACCEPTED);
  });

  test("take-off needs GUIDED, arming and a sane altitude", () => {
    const rig = new Rig();
    const takeOff = (altitude: number): number =>
      rig.ask(MAV_CMD.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, altitude);
    expect(takeOff(20)).toBe(MAV_RESULT.FAILED);
    rig.ask(MAV_CMD.DO_SET_MODE, 1, COPTER_MODE.GUIDED);
    expect(takeOff(20)).toBe(MAV_RESULT.FAILED);
    rig.ask(MAV_CMD.COMPONENT_ARM_DISARM, 1);
    rig.run(0.1);
    for (const wrong of [0, -5, NaN, 5000]) expect(takeOff(wrong)).toBe(MAV_RESULT.FAILED);
    expect(takeOff(20)).toBe(MAV_RESULT.ACCEPTED);
    rig.run(10);
    expect(takeOff(20)).toBe(MAV_RESULT.FAILED);
  });

  test("armed and left alone on the ground it disarms itself after ten seconds", () => {
    const rig = new Rig();
    rig.ask(MAV_CMD.COMPONENT_ARM_DISARM, 1);
    rig.run(9.5);
    expect(rig.toy.armed).toBe(true);
    rig.run(1.5);
    expect(rig.toy.armed).toBe(false);
  });

  test("modes: chosen by either message, refused without a position or when unknown", () => {
    const rig = new Rig();
    rig.takeOff();
    for (const [mode, word] of [
      [COPTER_MODE.LOITER, "hold"],
      [COPTER_MODE.BRAKE, "hold"],
      [COPTER_MODE.POSHOLD, "hold"],
      [COPTER_MODE.RTL, "rtl"],
      [COPTER_MODE.GUIDED, "hold"],
    ] as const) {
      rig.say(mavlink("setMode", { targetSystem: 9, baseMode: 1, customMode: mode }));
      rig.run(1.1);
      expect(rig.commands.at(-1)).toEqual({ kind: word });
      expect(rig.last("heartbeat")?.customMode).toBe(mode);
    }
    expect(rig.ask(MAV_CMD.NAV_LOITER_UNLIM)).toBe(MAV_RESULT.ACCEPTED);
    expect(rig.ask(MAV_CMD.NAV_RETURN_TO_LAUNCH)).toBe(MAV_RESULT.ACCEPTED);
    expect(rig.ask(MAV_CMD.DO_SET_MODE, 1, COPTER_MODE.AUTO)).toBe(MAV_RESULT.UNSUPPORTED);
    rig.toy.positionValid = false;
    rig.run(0.1);
    expect(rig.ask(MAV_CMD.DO_SET_MODE, 1, COPTER_MODE.GUIDED)).toBe(MAV_RESULT.FAILED);
    expect(rig.last("statustext")?.text).toContain("position estimate");
    expect(rig.ask(MAV_CMD.NAV_LAND)).toBe(MAV_RESULT.ACCEPTED);
  });

  test("what the vehicle does by itself shows in its mode", () => {
    const rig = new Rig();
    rig.takeOff();
    const shown = (mode: ToyVehicle["mode"]): number | undefined => {
      rig.toy.mode = mode;
      rig.run(1.1);
      return rig.last("heartbeat")?.customMode;
    };
    expect(shown("manual")).toBe(COPTER_MODE.STABILIZE);
    expect(shown("hold")).toBe(COPTER_MODE.LOITER);
    expect(shown("guided")).toBe(COPTER_MODE.GUIDED);
    expect(shown("rtl")).toBe(COPTER_MODE.RTL);
    // The last part of a return is a landing, and ArduCopter calls it RTL still.
    expect(shown("land")).toBe(COPTER_MODE.RTL);
    shown("hold");
    expect(shown("land")).toBe(COPTER_MODE.LAND);
  });
});

describe("targets", () => {
  const lastSetpoint = (rig: Rig): Extract<VehicleCommand, { kind: "setpoint" }>["setpoint"] => {
    const command = rig.commands.at(-1);
    if (command?.kind !== "setpoint") throw new Error("no setpoint");
    return command.setpoint;
  };

  test("in the air and in GUIDED only", () => {
    const rig = new Rig();
    const target = { targetSystem: 9, coordinateFrame: 1, typeMask: 0xdf8, x: 10, z: -20 };
    rig.say(mavlink("setPositionTargetLocalNed", target));
    expect(rig.commands).toEqual([]);
    rig.takeOff();
    rig.ask(MAV_CMD.NAV_LOITER_UNLIM);
    const count = rig.commands.length;
    rig.say(mavlink("setPositionTargetLocalNed", target));
    expect(rig.commands).toHaveLength(count);
  });

  test.each([
    [1, [10, 20, -30], [110, -30, 340]],
    [7, [10, 20, -5], [110, -30, 335]],
    [8, [10, 0, 0], [100 + 10 * Math.cos(0.5), -50 + 10 * Math.sin(0.5), 330]],
    [9, [0, 10, 0], [100 - 10 * Math.sin(0.5), -50 + 10 * Math.cos(0.5), 330]],
  ] as const)("local frame %d", (coordinateFrame, [x, y, z], [north, east, altitude]) => {
    const rig = new Rig();
    rig.takeOff();
    const target = { targetSystem: 9, coordinateFrame, typeMask: 0xdf8, x, y, z };
    rig.say(mavlink("setPositionTargetLocalNed", target));
    const { position, yawRad } = lastSetpoint(rig);
    expect(position.northM).toBeCloseTo(north, 6);
    expect(position.eastM).toBeCloseTo(east, 6);
    expect(position.altitudeAmslM).toBeCloseTo(altitude, 0);
    expect(yawRad).toBe(0.5);
  });

  test("global, above home and above the sea, with yaw and speed", () => {
    const rig = new Rig();
    rig.takeOff();
    const place = FRAME.latLonFromPlane(300, 200);
    const latInt = Math.round(degFromRad(place.latRad) * 1e7);
    const lonInt = Math.round(degFromRad(place.lonRad) * 1e7);
    const target = { targetSystem: 9, typeMask: 0x9f8, latInt, lonInt, alt: 40, yaw: 1.5 };
    expect(rig.ask(MAV_CMD.DO_CHANGE_SPEED, 1, 7)).toBe(MAV_RESULT.ACCEPTED);
    expect(rig.ask(MAV_CMD.DO_CHANGE_SPEED, 1, 700)).toBe(MAV_RESULT.DENIED);
    rig.say(mavlink("paramSet", { targetSystem: 9, paramId: "WPNAV_SPEED", paramValue: 450 }));
    rig.say(mavlink("setPositionTargetGlobalInt", { ...target, coordinateFrame: 6 }));
    expect(lastSetpoint(rig).speedMaxMps).toBe(4.5);
    rig.ask(MAV_CMD.DO_CHANGE_SPEED, 1, 7);
    rig.say(mavlink("setPositionTargetGlobalInt", { ...target, coordinateFrame: 6 }));
    expect(lastSetpoint(rig)).toMatchObject({ yawRad: 1.5, speedMaxMps: 7 });
    expect(lastSetpoint(rig).position.northM).toBeCloseTo(300, 1);
    expect(lastSetpoint(rig).position.altitudeAmslM).toBeCloseTo(350, 6);
    rig.say(mavlink("setPositionTargetGlobalInt", { ...target, coordinateFrame: 5, alt: 400 }));
    expect(lastSetpoint(rig).position.altitudeAmslM).toBe(400);
  });

  test("a velocity alone is flown as a point ahead", () => {
    const rig = new Rig();
    rig.takeOff();
    const target = { targetSystem: 9, coordinateFrame: 1, typeMask: 0xdc7, vx: 3, vy: -1, vz: 0 };
    rig.say(mavlink("setPositionTargetLocalNed", target));
    expect(lastSetpoint(rig).velocity).toEqual({ northMps: 3, eastMps: -1, downMps: 0 });
    expect(lastSetpoint(rig).position).toMatchObject({ northM: 106, eastM: -52 });
  });

  test("what cannot be meant moves nothing", () => {
    const rig = new Rig();
    rig.takeOff();
    const count = rig.commands.length;
    const local = { targetSystem: 9, coordinateFrame: 1, typeMask: 0xdf8 };
    const global = { targetSystem: 9, coordinateFrame: 6, typeMask: 0xdf8, alt: 30 };
    rig.say(mavlink("setPositionTargetLocalNed", { ...local, x: NaN }));
    rig.say(mavlink("setPositionTargetLocalNed", { ...local, x: 1e9 }));
    rig.say(mavlink("setPositionTargetLocalNed", { ...local, z: -1e6 }));
    rig.say(mavlink("setPositionTargetLocalNed", { ...local, coordinateFrame: 99 }));
    rig.say(mavlink("setPositionTargetLocalNed", { ...local, typeMask: 0xfff }));
    rig.say(mavlink("setPositionTargetLocalNed", { ...local, typeMask: 0xdc7, vx: NaN }));
    rig.say(mavlink("setPositionTargetGlobalInt", { ...global, latInt: 2e9 }));
    rig.say(mavlink("setPositionTargetGlobalInt", { ...global, latInt: -4e8, lonInt: 1e9 }));
    rig.say(mavlink("setPositionTargetGlobalInt", { ...global, coordinateFrame: 99 }));
    rig.say(mavlink("setPositionTargetGlobalInt", { ...global, alt: Infinity }));
    expect(rig.commands).toHaveLength(count);
  });

  test("reposition, as a click on a map sends it", () => {
    const rig = new Rig();
    rig.takeOff();
    rig.ask(MAV_CMD.NAV_LOITER_UNLIM);
    const place = FRAME.latLonFromPlane(150, 0);
    const x = Math.round(degFromRad(place.latRad) * 1e7);
    const y = Math.round(degFromRad(place.lonRad) * 1e7);
    const click = { targetSystem: 9, command: MAV_CMD.DO_REPOSITION, frame: 6, x, y, z: 25 };
    const result = (fields: object): number | undefined => {
      rig.say(mavlink("commandInt", { ...click, ...fields }));
      return rig.last("commandAck")?.result;
    };
    expect(result({})).toBe(MAV_RESULT.DENIED);
    expect(result({ param1: 6, param2: 1 })).toBe(MAV_RESULT.ACCEPTED);
    expect(lastSetpoint(rig)).toMatchObject({ speedMaxMps: 6 });
    expect(lastSetpoint(rig).position.northM).toBeCloseTo(150, 1);
    expect(result({ frame: 77 })).toBe(MAV_RESULT.DENIED);
    rig.say(mavlink("commandInt", { targetSystem: 9, command: MAV_CMD.NAV_RETURN_TO_LAUNCH }));
    expect(rig.commands.at(-1)).toEqual({ kind: "rtl" });
  });
});

describe("parameters, missions and clocks", () => {
  test("listed, read by name and index, set within their range; unknown names get silence", () => {
    const rig = new Rig();
    rig.say(mavlink("paramRequestList", { targetSystem: 9 }));
    expect(rig.count("paramValue")).toBe(6);
    rig.say(mavlink("paramRequestRead", { targetSystem: 9, paramIndex: 2 }));
    expect(rig.last("paramValue")).toMatchObject({ paramId: "FS_GCS_ENABLE", paramValue: 0 });
    rig.say(
      mavlink("paramRequestRead", { targetSystem: 9, paramIndex: -1, paramId: "SYSID_THISMAV" }),
    );
    expect(rig.last("paramValue")).toMatchObject({ paramValue: 9, paramCount: 6, paramIndex: 4 });
    const set = (paramId: string, paramValue: number): number | undefined => {
      rig.say(mavlink("paramSet", { targetSystem: 9, paramId, paramValue }));
      return rig.last("paramValue")?.paramValue;
    };
    expect(set("FS_GCS_ENABLE", 7.4)).toBe(1);
    expect(set("FS_GCS_TIMEOUT", NaN)).toBe(2);
    expect(set("SYSID_THISMAV", 77)).toBe(9);
    const count = rig.count("paramValue");
    set("NO_SUCH", 1);
    rig.say(mavlink("paramRequestRead", { targetSystem: 9, paramIndex: 99 }));
    expect(rig.count("paramValue")).toBe(count);
  });

  test("no mission is held and none is taken", () => {
    const rig = new Rig();
    rig.say(mavlink("missionRequestList", { targetSystem: 9, missionType: 1 }));
    expect(rig.last("missionCount")).toMatchObject({ count: 0, missionType: 1, targetSystem: 255 });
    const ackOf = (message: MavlinkMessage): number | undefined => {
      rig.say(message);
      return rig.last("missionAck")?.type;
    };
    expect(ackOf(mavlink("missionCount", { targetSystem: 9, count: 5 }))).toBe(3);
    expect(ackOf(mavlink("missionCount", { targetSystem: 9 }))).toBe(0);
    expect(ackOf(mavlink("missionRequestInt", { targetSystem: 9 }))).toBe(13);
    expect(ackOf(mavlink("missionRequest", { targetSystem: 9 }))).toBe(13);
    expect(ackOf(mavlink("missionItemInt", { targetSystem: 9 }))).toBe(13);
    expect(ackOf(mavlink("missionClearAll", { targetSystem: 9 }))).toBe(0);
  });

  test("time and ping are answered, answers are not", () => {
    const rig = new Rig();
    rig.say(mavlink("timesync", { ts1: 123n }));
    expect(rig.last("timesync")).toMatchObject({ ts1: 123n, tc1: 80_000_000n });
    rig.say(mavlink("ping", { seq: 4, timeUsec: 5n }));
    expect(rig.last("ping")).toMatchObject({ seq: 4, timeUsec: 5n, targetSystem: 255 });
    const count = rig.sent.length;
    rig.say(mavlink("timesync", { ts1: 1n, tc1: 2n }));
    rig.say(mavlink("ping", { targetSystem: 9 }));
    rig.say(mavlink("commandLong", { targetSystem: 8, command: 400, param1: 1 }));
    expect(rig.sent).toHaveLength(count);
  });
});

describe("failsafes, once someone has set them", () => {
  const flying = (name: string, value: number): Rig => {
    const rig = new Rig();
    rig.say(mavlink("paramSet", { targetSystem: 9, paramId: name, paramValue: value }));
    rig.takeOff();
    rig.commands.length = 0;
    return rig;
  };

  test("a ground station that falls silent brings it home, one that never spoke does not", () => {
    const rig = flying("FS_GCS_ENABLE", 1);
    rig.run(10);
    expect(rig.commands).toEqual([]);
    rig.say(mavlink("heartbeat", { type: 6, autopilot: 8 }));
    rig.run(4.5);
    expect(rig.commands).toEqual([]);
    rig.run(1);
    expect(rig.commands).toEqual([{ kind: "rtl" }]);
    expect(rig.last("statustext")?.text).toBe("GCS Failsafe");
    rig.run(2);
    expect(rig.commands).toHaveLength(1);
  });

  test("a low battery returns or lands, as set", () => {
    for (const [value, kind] of [
      [1, "land"],
      [2, "rtl"],
    ] as const) {
      const rig = flying("BATT_FS_LOW_ACT", value);
      rig.toy.batteryRatio = 0.19;
      rig.run(0.1);
      expect(rig.commands).toEqual([{ kind }]);
    }
  });

  test("without a position it lands", () => {
    const rig = flying("FS_EKF_ACTION", 1);
    rig.toy.positionValid = false;
    rig.run(0.1);
    expect(rig.commands).toEqual([{ kind: "land" }]);
  });

  test("unset, none acts", () => {
    const rig = new Rig();
    rig.takeOff();
    rig.commands.length = 0;
    rig.say(mavlink("heartbeat", { type: 6, autopilot: 8 }));
    rig.toy.positionValid = false;
    rig.toy.batteryRatio = 0.1;
    rig.run(10);
    expect(rig.commands).toEqual([]);
  });
});

test("any message of any content is answered or ignored, never thrown at", () => {
  const rig = new Rig();
  rig.takeOff();
  const message = fc
    .constantFrom(...(Object.keys(MESSAGES) as MavlinkKind[]))
    .chain((kind) =>
      fc
        .uint8Array({ minLength: 0, maxLength: layoutOfKind(kind).fullBytes })
        .map((payload) => decodePayload(layoutOfKind(kind), Uint8Array.from(payload))),
    );
  const command = fc
    .record({
      command: fc.constantFrom(...Object.values(MAV_CMD)),
      param1: fc.float(),
      param2: fc.float(),
      param7: fc.float(),
    })
    .map((fields) => mavlink("commandLong", { targetSystem: 9, ...fields }));
  fc.assert(
    fc.property(fc.oneof(message, command), (any) => {
      rig.say(any);
      rig.run(0.02);
    }),
    { numRuns: 1500 },
  );
  for (const { kind, ...rest } of rig.commands) {
    if (kind !== "setpoint" || !("setpoint" in rest)) continue;
    expect(Object.values(rest.setpoint.position).every(Number.isFinite)).toBe(true);
  }
});

describe("saved and loaded", () => {
  test("it goes on with its rates, parameters and mode", () => {
    const rig = new Rig();
    rig.ask(MAV_CMD.SET_MESSAGE_INTERVAL, 33, 200_000);
    rig.takeOff();
    const writer = new ByteWriter();
    rig.vehicle.save(writer);
    const copy = new MavlinkVehicle({ systemId: 9, frame: FRAME });
    const reader = new ByteReader(writer.take());
    copy.load(reader);
    expect(reader.finish()).toBeUndefined();
    const again = new ByteWriter();
    copy.save(again);
    expect(again.take()).toEqual(writer.take());
    rig.vehicle = copy;
    const before = rig.count("globalPositionInt");
    rig.run(2);
    expect(rig.count("globalPositionInt") - before).toBeGreaterThanOrEqual(9);
    expect(rig.last("heartbeat")?.customMode).toBe(COPTER_MODE.GUIDED);
  });

  test("before the first sample too; what is no snapshot is refused", () => {
    const fresh = new MavlinkVehicle({ systemId: 9, frame: FRAME });
    const writer = new ByteWriter();
    fresh.save(writer);
    const copy = new MavlinkVehicle({ systemId: 9, frame: FRAME });
    copy.load(new ByteReader(writer.take()));
    expect(copy.wakeAt()).toBe(Infinity);
    const broken = new ByteReader(new ByteWriter().f64(0).f64(0).u32(1).u8(255).take());
    copy.load(broken);
    expect(broken.failed).toBe(true);
  });
});
