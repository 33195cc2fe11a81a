import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { monotonicMs } from "../../src/base/mod.ts";
import {
  encodeFrame,
  latLonFromDeg,
  LocalFrame,
  mavlink,
  MavlinkParser,
  type VehicleCommand,
} from "../../src/hal/mod.ts";
import { ToyVehicle } from "../../src/hal/mavlink-vehicle/toy-vehicle.test-support.ts";
import { MavlinkOutward, parseOutwardAddress } from "./mavlink-outward.ts";

const frame = new LocalFrame(latLonFromDeg(33.22, -98.16), 270);
const GCS = { systemId: 255, componentId: 190, sequence: 0 };

async function station(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

/** System ids of the next so many frames. */
async function heard(socket: Socket, count: number): Promise<number[]> {
  const parser = new MavlinkParser();
  const ids: number[] = [];
  while (ids.length < count) {
    const [bytes] = (await once(socket, "message")) as [Buffer];
    parser.pushDatagram(new Uint8Array(bytes), ({ systemId }) => ids.push(systemId));
  }
  return ids;
}

test("vehicles are told to the configured address and to whoever asks", async () => {
  const [main, other] = [await station(), await station()];
  const commands: [number, VehicleCommand][] = [];
  const outward = await MavlinkOutward.open({
    host: "127.0.0.1",
    port: main.address().port,
    frame,
    vehicleCount: 3,
    defaultRateHz: 0,
    command: (vehicle, command) => commands.push([vehicle, command]),
  });
  const toy = new ToyVehicle();
  const sampleAll = (timeMs: number): void => {
    for (let i = 0; i < 4; i += 1) outward.sample(monotonicMs(timeMs), i, toy.sample());
  };
  const first = heard(main, 3);
  sampleAll(0);
  expect(await first).toEqual([1, 2, 3]);
  // The other station asks the second vehicle to arm, and hears all of them from then on.
  const arm = mavlink("commandLong", { targetSystem: 2, command: 400, param1: 1 });
  const answers = heard(other, 4);
  other.send(encodeFrame(GCS, arm), outward.localPort, "127.0.0.1");
  await heard(main, 1);
  expect(commands).toEqual([[1, { kind: "arm" }]]);
  sampleAll(1000);
  expect(await answers).toEqual([2, 1, 2, 3]);
  expect(outward.counts).toMatchObject({ frames: 1 });
  await outward.close();
  await outward.close();
  sampleAll(2000);
  main.close();
  other.close();
});

test("noise makes nobody a listener, and the ninth to ask replaces the first", async () => {
  const main = await station();
  const outward = await MavlinkOutward.open({
    host: "127.0.0.1",
    port: main.address().port,
    frame,
    vehicleCount: 1,
    command: () => undefined,
  });
  outward.sample(monotonicMs(0), 0, new ToyVehicle().sample());
  const stations = await Promise.all(Array.from({ length: 9 }, station));
  const noisy = await station();
  let overheard = 0;
  noisy.on("message", () => (overheard += 1));
  noisy.send(Uint8Array.of(0xfd, 1, 2, 3), outward.localPort, "127.0.0.1");
  for (const socket of stations) {
    const answer = heard(socket, 1);
    const ping = encodeFrame(GCS, mavlink("ping", { seq: 1 }));
    socket.send(ping, outward.localPort, "127.0.0.1");
    await answer;
  }
  let first = 0;
  stations[0]!.on("message", () => (first += 1));
  const last = heard(stations[8]!, 1);
  outward.sample(monotonicMs(5000), 0, new ToyVehicle().sample());
  await last;
  expect([overheard, first]).toEqual([0, 0]);
  await outward.close();
  for (const socket of [main, noisy, ...stations]) socket.close();
});

test("addresses", () => {
  expect(parseOutwardAddress("udp://127.0.0.1:14550")).toEqual({
    ok: true,
    value: { host: "127.0.0.1", port: 14550 },
  });
  for (const text of ["", "udp://:14550", "udp://h:0", "udp://h:99999", "tcp://h:1"]) {
    expect(parseOutwardAddress(text)).toMatchObject({ ok: false, problem: { code: "HAL010" } });
  }
});
