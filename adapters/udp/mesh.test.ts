import { createSocket } from "node:dgram";
import { describe, expect, test } from "vitest";
import { monotonicMs } from "../../src/base/mod.ts";
import type { ChannelReport, OutgoingDatagram } from "../../src/hal/mod.ts";
import { isEcho, parseEndpoint, UdpMesh, type UdpMeshOptions } from "./mesh.ts";

const clock = (): ReturnType<typeof monotonicMs> => monotonicMs(performance.now());

function datagram(text: string, inMs = 1000): OutgoingDatagram {
  const bytes = new TextEncoder().encode(text);
  return { radio: 0, bytes, access: "video", expiresAt: monotonicMs(clock() + inMs) };
}

interface Ear {
  readonly mesh: UdpMesh;
  readonly heard: string[];
  readonly reports: ChannelReport[];
  /** Resolves once so much was heard. */
  readonly until: (count: number) => Promise<void>;
}

async function ear(options: Partial<UdpMeshOptions> = {}): Promise<Ear> {
  const heard: string[] = [];
  const reports: ChannelReport[] = [];
  let check = (): void => undefined;
  const mesh = await UdpMesh.open({
    listenPort: 0,
    listenHost: "127.0.0.1",
    clock,
    receive: ({ bytes }) => {
      heard.push(new TextDecoder().decode(bytes));
      check();
    },
    report: (report) => reports.push(report),
    ...options,
  });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      check = () => {
        if (heard.length >= count) resolve();
      };
      check();
    });
  return { mesh, heard, reports, until };
}

test("a datagram reaches every peer and not its sender; an expired one nobody", async () => {
  const [a, b, c] = [await ear(), await ear(), await ear()];
  for (const { mesh } of [b, c]) a.mesh.addPeer({ host: "127.0.0.1", port: mesh.localPort });
  a.mesh.send(datagram("late", -1));
  a.mesh.send(datagram("hello"));
  await Promise.all([b.until(1), c.until(1)]);
  expect([a.heard, b.heard, c.heard]).toEqual([[], ["hello"], ["hello"]]);
  await Promise.all([a, b, c].map(({ mesh }) => mesh.close()));
  a.mesh.send(datagram("after closing"));
});

test("an echo has the own port and an own address; another host may have the same port", () => {
  const own = new Set(["127.0.0.1", "10.0.0.7"]);
  expect(isEcho({ address: "10.0.0.7", port: 40_001 }, 40_001, own)).toBe(true);
  expect(isEcho({ address: "10.0.0.8", port: 40_001 }, 40_001, own)).toBe(false);
  expect(isEcho({ address: "10.0.0.7", port: 40_002 }, 40_001, own)).toBe(false);
});

test("empty and oversized datagrams are refused and counted", async () => {
  const b = await ear();
  const socket = createSocket("udp4");
  const send = (bytes: Uint8Array): void => socket.send(bytes, b.mesh.localPort, "127.0.0.1");
  send(new Uint8Array(0));
  send(new Uint8Array(1201));
  send(new TextEncoder().encode("good"));
  await b.until(1);
  expect(b.mesh.refusedCount).toBe(2);
  await new Promise<void>((resolve) => socket.close(resolve));
  await b.mesh.close();
});

test("agents on one machine hear one another by multicast, and not themselves", async () => {
  const multicast = { multicastGroup: "239.83.75.77", multicastInterface: "127.0.0.1" };
  const { listenHost, ...shared } = { listenHost: undefined, ...multicast };
  expect(listenHost).toBeUndefined();
  const probe = await ear();
  const listenPort = probe.mesh.localPort;
  await probe.mesh.close();
  const ears = [];
  for (let i = 0; i < 3; i += 1) {
    ears.push(await ear({ ...shared, listenPort, listenHost: "0.0.0.0" }));
  }
  ears[0]!.mesh.send(datagram("one"));
  ears[1]!.mesh.send(datagram("two"));
  await Promise.all([ears[0]!.until(1), ears[1]!.until(1), ears[2]!.until(2)]);
  expect(ears.map(({ heard }) => [...heard].sort())).toEqual([["two"], ["one"], ["one", "two"]]);
  await Promise.all(ears.map(({ mesh }) => mesh.close()));
});

test("a taken port is a rejection, and nothing stays open", async () => {
  const first = await ear();
  await expect(ear({ listenPort: first.mesh.localPort })).rejects.toThrow("EADDRINUSE");
  await first.mesh.close();
});

test("the channel is reported once a second with its busy share", async () => {
  const b = await ear({ capacityBps: 8000 });
  b.mesh.addPeer({ host: "127.0.0.1", port: 9 });
  b.mesh.send(datagram("x".repeat(500)));
  b.mesh.send(datagram("late", -1));
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (b.reports.length === 0) return;
      clearInterval(timer);
      resolve();
    }, 20);
  });
  expect(b.reports[0]).toEqual({ radio: 0, busyRatio: 0.5, expiredCount: 1 });
  await b.mesh.close();
});

describe("an endpoint", () => {
  test("is read", () => {
    expect(parseEndpoint("10.0.0.7:14600")).toEqual({
      ok: true,
      value: { host: "10.0.0.7", port: 14600 },
    });
  });

  test.each(["", "10.0.0.7", "host:0", "host:65536", "host:port", "a b:1"])(
    "or refused: %s",
    (text) => {
      expect(parseEndpoint(text)).toMatchObject({ ok: false, problem: { code: "AGT002" } });
    },
  );
});
