/**
 * MAVLink over real sockets on loopback: the agent's own path to a vehicle, and ground stations
 * that nobody here wrote. Vehicles run five times as fast as the clock to keep the tests short.
 */
import { execFile, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import {
  common,
  MavLinkPacketParser,
  MavLinkPacketSplitter,
  MavLinkProtocolV2,
  minimal,
  type MavLinkData,
  type MavLinkPacket,
} from "node-mavlink";
import { describe, expect, test } from "vitest";
import { AutopilotLink, parseTransportAddress } from "../../adapters/autopilot/mod.ts";
import { monotonicMs } from "../../src/base/mod.ts";
import type { AutopilotEvent, VehicleSample } from "../../src/hal/mod.ts";
import { describeWith, mavlinkPython } from "../support/requirements.ts";
import { ToyFleet, until } from "../support/toy-fleet.ts";

const clock = (): ReturnType<typeof monotonicMs> => monotonicMs(performance.now());

function addressOf(text: string): Parameters<typeof AutopilotLink.open>[0]["address"] {
  const address = parseTransportAddress(text);
  if (!address.ok) throw new Error(address.problem.text);
  return address.value;
}

describe("the agent's path to a vehicle", () => {
  test("one whole flight over UDP, from an ephemeral port to a listening one", async () => {
    let sample: VehicleSample | undefined;
    const events: AutopilotEvent[] = [];
    const fleetFrame = await ToyFleet.open({ port: 1, count: 1, speed: 1 });
    await fleetFrame.close();
    const link = await AutopilotLink.open({
      address: addressOf("udp://:0"),
      clock,
      frame: fleetFrame.frame,
      batteryFullWh: 100,
      sample: (next) => (sample = next),
      event: (event) => events.push(event),
    });
    const fleet = await ToyFleet.open({ port: link.localPort, count: 1, speed: 5 });
    try {
      const toy = fleet.toys[0]!;
      link.release(true);
      await until("ready", 15_000, () => sample?.ready === true);
      link.command({ kind: "arm" });
      link.command({ kind: "takeoff", altitudeAglM: 20 });
      await until("taken off", 15_000, () => toy.position.altitudeAmslM > 319);
      const position = { northM: 60, eastM: -30, altitudeAmslM: 330 };
      const velocity = { northMps: 0, eastMps: 0, downMps: 0 };
      const setpoint = { position, velocity, yawRad: 0, speedMaxMps: 15 };
      link.command({ kind: "setpoint", setpoint });
      await until(
        "there",
        8000,
        () => Math.hypot(toy.position.northM - 60, toy.position.eastM + 30) < 1,
      );
      link.command({ kind: "hold" });
      await until("holding", 15_000, () => sample?.mode === "hold");
      link.command({ kind: "rtl" });
      await until("home and disarmed", 15_000, () => sample?.armed === false);
      expect(events.filter((event) => event.kind === "refused")).toEqual([]);
      expect(link.counts).toMatchObject({ checksumWrong: 0, idUnknown: 0, bytesSkipped: 0 });
      expect(fleet.outward.counts).toMatchObject({ checksumWrong: 0, bytesSkipped: 0 });
    } finally {
      await link.close();
      await fleet.close();
    }
  });

  test("over TCP, which may be refused at first and cut in between", async () => {
    const bytes: number[] = [];
    const server = createServer((socket) => {
      socket.on("data", (data: Buffer) => bytes.push(...data));
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const troubles: string[] = [];
    const { frame } = await closedFleet();
    const link = await AutopilotLink.open({
      address: addressOf(`tcp://127.0.0.1:${String(port)}`),
      clock,
      frame,
      batteryFullWh: 1,
      sample: () => undefined,
      trouble: (text) => troubles.push(text),
    });
    await until("heartbeats at the server", 15_000, () => bytes.length > 60);
    expect(bytes[0]).toBe(0xfd);
    await link.close();
    await new Promise((resolve) => server.close(resolve));
    const refused = await AutopilotLink.open({
      address: addressOf(`tcp://127.0.0.1:${String(port)}`),
      clock,
      frame,
      batteryFullWh: 1,
      sample: () => undefined,
      trouble: (text) => troubles.push(text),
    });
    await until("told of the refusal", 15_000, () =>
      troubles.some((text) => text.includes("REFUSED")),
    );
    await refused.close();
  });
});

async function closedFleet(): Promise<ToyFleet> {
  const fleet = await ToyFleet.open({ port: 1, count: 1, speed: 1 });
  await fleet.close();
  return fleet;
}

/** A ground station out of node-mavlink's parts. */
class Station {
  readonly #socket: Socket = createSocket("udp4");
  readonly #protocol = new MavLinkProtocolV2(254, 190);
  #sequence = 0;
  #vehiclePort = 0;
  readonly packets: MavLinkPacket[] = [];
  readonly port: Promise<number>;

  constructor() {
    const input = new PassThrough();
    const parser = input.pipe(new MavLinkPacketSplitter()).pipe(new MavLinkPacketParser());
    parser.on("data", (packet: MavLinkPacket) => this.packets.push(packet));
    this.#socket.on("message", (bytes, from) => {
      this.#vehiclePort = from.port;
      input.write(bytes);
    });
    this.port = new Promise((resolve) => {
      this.#socket.bind(0, "127.0.0.1", () => {
        resolve(this.#socket.address().port);
      });
    });
  }

  send(message: MavLinkData): void {
    const bytes = this.#protocol.serialize(message, (this.#sequence += 1) & 255);
    this.#socket.send(bytes, this.#vehiclePort, "127.0.0.1");
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#vehiclePort, "127.0.0.1");
  }

  last<T extends MavLinkData>(
    Kind: { readonly MSG_ID: number } & (new () => T),
    systemId: number,
  ): T | undefined {
    const packet = this.packets.findLast(
      ({ header }) => header.sysid === systemId && header.msgid === Kind.MSG_ID,
    );
    return packet?.protocol.data(packet.payload, Kind as never);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

function commandLong(target: number, command: number, ...params: readonly number[]): MavLinkData {
  const message = new common.CommandLong();
  message.targetSystem = target;
  message.targetComponent = 1;
  Object.assign(message, { command });
  message._param1 = params[0] ?? 0;
  message._param2 = params[1] ?? 0;
  message._param3 = params[2] ?? 0;
  message._param4 = params[3] ?? 0;
  message._param5 = params[4] ?? 0;
  message._param6 = params[5] ?? 0;
  message._param7 = params[6] ?? 0;
  return message;
}

test("a ground station of node-mavlink sees two vehicles and flies the second", async () => {
  const station = new Station();
  const fleet = await ToyFleet.open({ port: await station.port, count: 2, speed: 5 });
  try {
    await until("both heard", 15_000, () =>
      [1, 2].every((id) => station.last(minimal.Heartbeat, id) !== undefined),
    );
    expect(station.last(minimal.Heartbeat, 2)).toMatchObject({ type: 2, autopilot: 3 });
    // ArduPilot is silent but for its heartbeat until asked.
    expect(station.last(common.GlobalPositionInt, 2)).toBeUndefined();
    station.send(commandLong(2, common.MavCmd.SET_MESSAGE_INTERVAL, 33, 100_000));
    await until("position", 15_000, () => station.last(common.GlobalPositionInt, 2) !== undefined);
    expect(station.last(common.GlobalPositionInt, 1)).toBeUndefined();
    const start = station.last(common.GlobalPositionInt, 2);
    expect(start?.lat).toBeCloseTo(332_200_000, -2);
    expect(start?.alt).toBe(300_000);
    station.send(commandLong(2, common.MavCmd.DO_SET_MODE, 1, 4));
    station.send(commandLong(2, common.MavCmd.COMPONENT_ARM_DISARM, 1));
    await until("armed", 15_000, () => fleet.toys[1]!.armed);
    station.send(commandLong(2, common.MavCmd.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 30));
    await until("up", 15_000, () => fleet.toys[1]!.position.altitudeAmslM > 329);
    const target = new common.SetPositionTargetLocalNed();
    Object.assign(target, { targetSystem: 2, targetComponent: 1, coordinateFrame: 1 });
    Object.assign(target, { typeMask: 0b110111111000, x: 40, y: 10, z: -35 });
    station.send(target);
    await until("there", 15_000, () => fleet.toys[1]!.position.northM > 39);
    expect(fleet.toys[1]!.position.eastM).toBeCloseTo(30, 0);
    station.send(commandLong(2, common.MavCmd.NAV_RETURN_TO_LAUNCH));
    await until("home", 15_000, () => !fleet.toys[1]!.armed);
    expect(fleet.toys[0]!.commands).toEqual([]);
    const ack = station.last(common.CommandAck, 2);
    expect(ack).toMatchObject({ command: common.MavCmd.NAV_RETURN_TO_LAUNCH, result: 0 });
  } finally {
    await station.close();
    await fleet.close();
  }
});

test("noise on the port is counted and moves nothing", async () => {
  const station = new Station();
  const fleet = await ToyFleet.open({ port: await station.port, count: 1, speed: 1 });
  try {
    await until("heard", 15_000, () => station.last(minimal.Heartbeat, 1) !== undefined);
    for (let i = 0; i < 50; i += 1) {
      station.sendBytes(
        Uint8Array.from({ length: 1 + ((i * 37) % 300) }, (_, k) => (k * i * 131) & 255),
      );
      station.sendBytes(
        Uint8Array.from({ length: 40 }, (_, k) => (k === 0 ? 0xfd : (k * i) & 255)),
      );
    }
    await until("all counted", 15_000, () => fleet.outward.counts.bytesSkipped > 5000);
    expect(fleet.outward.counts.frames).toBe(0);
    expect(fleet.toys[0]!.commands).toEqual([]);
  } finally {
    await station.close();
    await fleet.close();
  }
});

/** For a program that must be told its port. */
async function freePort(): Promise<number> {
  const probe = createSocket("udp4");
  await new Promise<void>((resolve) => probe.bind(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

describeWith(mavlinkPython(), "MAVProxy", (python) => {
  test("flies a vehicle from its command line", async () => {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "skein-mavproxy-"));
    const fleet = await ToyFleet.open({ port, count: 1, speed: 2 });
    const toy = fleet.toys[0]!;
    const program = join(dirname(python), "mavproxy.py");
    const master = `--master=udpin:127.0.0.1:${String(port)}`;
    const station = spawn(python, [program, master, "--nowait", `--state-basedir=${folder}`]);
    let said = "";
    station.stdout.on("data", (text: Buffer) => (said += text.toString()));
    const order = (line: string): boolean => station.stdin.write(`${line}\n`);
    try {
      await until("MAVProxy sees the vehicle", 30_000, () => said.includes("online system 1"));
      // As a pilot does: said again when nothing came of it. On a busy machine the vehicle may have
      // disarmed itself between the two words, because it waits for a take-off only so long.
      const insist = async (words: readonly string[], what: string, done: () => boolean) => {
        for (let tries = 0; tries < 8 && !done(); tries += 1) {
          for (const word of words) order(word);
          await until(what, 5_000, done).catch(() => undefined);
        }
        expect(done(), what).toBe(true);
      };
      await insist(["mode guided"], "GUIDED", () => said.includes("Mode GUIDED"));
      const up = (): boolean => toy.armed && toy.position.altitudeAmslM > 319;
      for (let tries = 0; tries < 6 && !up(); tries += 1) {
        await insist(["mode guided", "arm throttle"], "armed", () => toy.armed);
        order("takeoff 20");
        await until("up", 15_000, () => up() || !toy.armed).catch(() => undefined);
      }
      expect(up(), "up").toBe(true);
      await insist(["rtl"], "down again", () => !toy.armed);
      await until("MAVProxy knows it", 20_000, () => said.includes("DISARMED"));
      expect(fleet.outward.counts).toMatchObject({ checksumWrong: 0, bytesSkipped: 0 });
    } finally {
      const ended = new Promise((resolve) => station.once("exit", resolve));
      station.kill("SIGKILL");
      await ended;
      await fleet.close();
      rmSync(folder, { recursive: true });
    }
  }, 150_000);
});

describeWith(mavlinkPython(), "pymavlink", (python) => {
  test("arms, takes off, flies, reads and writes parameters, and returns by mavutil", async () => {
    const port = await freePort();
    const fleet = await ToyFleet.open({ port, count: 3, speed: 5, defaultRateHz: 2 });
    try {
      const script = join(import.meta.dirname, "fly.py");
      const { stdout } = await promisify(execFile)(python, [script, String(port), "3"], {
        timeout: 50_000,
      });
      const seen = JSON.parse(stdout) as Record<string, unknown>;
      expect(seen).toMatchObject({
        systems: [1, 2, 3],
        mode: "GUIDED",
        armed: true,
        missionCount: 0,
        parameter: ["FS_GCS_ENABLE", 1],
        finalMode: "RTL",
        version: "4.6.2",
      });
      expect(seen["reachedM"]).toBeLessThan(2);
      expect(seen["parameters"]).toContain("FS_GCS_TIMEOUT");
    } finally {
      await fleet.close();
    }
  });
});
