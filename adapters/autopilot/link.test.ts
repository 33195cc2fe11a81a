import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { monotonicMs } from "../../src/base/mod.ts";
import {
  encodeFrame,
  latLonFromDeg,
  LocalFrame,
  mavlink,
  MavlinkParser,
  type AutopilotEvent,
  type MavlinkMessage,
} from "../../src/hal/mod.ts";
import { AutopilotLink } from "./link.ts";

/** Whole flights over this link are in test/process/mavlink.test.ts. */
test("hears a vehicle, answers as a ground station, and tells its time and words", async () => {
  const vehicle = createSocket("udp4");
  vehicle.bind(0, "127.0.0.1");
  await once(vehicle, "listening");
  const events: AutopilotEvent[] = [];
  const times: number[] = [];
  const link = await AutopilotLink.open({
    address: { kind: "udpListen", host: "127.0.0.1", port: 0 },
    clock: () => monotonicMs(performance.now()),
    frame: new LocalFrame(latLonFromDeg(33.22, -98.16), 270),
    batteryFullWh: 100,
    sample: () => undefined,
    event: (event) => events.push(event),
    gnssTime: (timeMs) => times.push(timeMs),
  });
  const say = (message: MavlinkMessage): void => {
    const header = { systemId: 4, componentId: 1, sequence: 0 };
    vehicle.send(encodeFrame(header, message), link.localPort, "127.0.0.1");
  };
  const parser = new MavlinkParser();
  const answered = new Promise<void>((resolve) => {
    vehicle.on("message", (bytes) => {
      parser.pushDatagram(new Uint8Array(bytes), ({ systemId, componentId, message }) => {
        expect([systemId, componentId]).toEqual([255, 190]);
        if (message.kind === "paramSet" && message.targetSystem === 4) resolve();
      });
    });
  });
  say(mavlink("heartbeat", { type: 2, autopilot: 3 }));
  await answered;
  expect(link.linkUp).toBe(true);
  expect(events).toEqual([{ kind: "linkUp", systemId: 4, dialect: "ardupilot" }]);
  say(mavlink("systemTime", { timeUnixUsec: 1_800_000_000_000_000n }));
  say(mavlink("statustext", { severity: 6, text: "hello" }));
  // Noise, another system's frame and a ground station's heartbeat from elsewhere.
  const stranger = createSocket("udp4");
  const drawn: unknown[] = [];
  stranger.on("message", (bytes) => drawn.push(bytes));
  const strange = (systemId: number, message: MavlinkMessage): void => {
    const bytes = encodeFrame({ systemId, componentId: 1, sequence: 0 }, message);
    stranger.send(bytes, link.localPort, "127.0.0.1");
  };
  strange(9, mavlink("heartbeat", { type: 2, autopilot: 3 }));
  strange(9, mavlink("statustext", { severity: 6, text: "not ours" }));
  stranger.send(Uint8Array.of(0xfd, 9, 9), link.localPort, "127.0.0.1");
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (link.counts.bytesSkipped < 3) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
  expect(times).toEqual([1_800_000_000_000]);
  expect(events.at(-1)).toEqual({ kind: "text", severity: 6, text: "hello" });
  const commanded = once(vehicle, "message");
  link.command({ kind: "hold" });
  await commanded;
  expect(drawn).toEqual([]);
  stranger.close();
  await link.close();
  link.command({ kind: "hold" });
  await link.close();
  vehicle.close();
});
