import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket as TcpSocket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeWith, mavlinkPython } from "../../test/support/requirements.ts";
import {
  openTransport,
  parseTransportAddress,
  type Transport,
  type TransportAddress,
} from "./transport.ts";

function addressOf(text: string): TransportAddress {
  const parsed = parseTransportAddress(text);
  if (!parsed.ok) throw new Error(parsed.problem.text);
  return parsed.value;
}

interface Wire {
  readonly transport: Transport;
  readonly heard: string[];
  readonly troubles: string[];
  readonly until: (text: string) => Promise<void>;
}

async function wireTo(text: string): Promise<Wire> {
  const heard: string[] = [];
  const troubles: string[] = [];
  let check = (): void => undefined;
  const transport = await openTransport(addressOf(text), {
    bytes: (bytes, _whole, adopt) => {
      const text = new TextDecoder().decode(bytes);
      if (text !== "noise") adopt();
      heard.push(text);
      check();
    },
    trouble: (trouble) => troubles.push(trouble),
  });
  const until = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      check = () => {
        if (heard.join("").includes(wanted)) resolve();
      };
      check();
    });
  return { transport, heard, troubles, until };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function udpPeer(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

describe("addresses", () => {
  test.each([
    ["udp://:14540", { kind: "udpListen", host: "127.0.0.1", port: 14540 }],
    ["udp://0.0.0.0:14540", { kind: "udpListen", host: "0.0.0.0", port: 14540 }],
    ["udp://10.1.1.1:14550", { kind: "udp", host: "10.1.1.1", port: 14550 }],
    ["tcp://localhost:5760", { kind: "tcp", host: "localhost", port: 5760 }],
    ["serial:/dev/ttyUSB0", { kind: "serial", path: "/dev/ttyUSB0", baud: 57600 }],
    ["serial:/dev/ttyACM0?baud=115200", { kind: "serial", path: "/dev/ttyACM0", baud: 115200 }],
  ])("%s", (text, address) => {
    expect(addressOf(text)).toEqual(address);
  });

  test.each([
    "",
    "udp://",
    "udp://host",
    "udp://host:0",
    "udp://host:70000",
    "tcp://:5760",
    "tcp://host:0",
    "http://host:80",
    "serial:ttyUSB0",
    "serial:/dev/tty?speed=9600",
    "/dev/ttyUSB0",
    "x".repeat(10_000),
  ])("not %s", (text) => {
    expect(parseTransportAddress(text)).toMatchObject({ ok: false, problem: { code: "HAL010" } });
  });
});

describe("UDP", () => {
  test("a listener is silent until spoken to, then answers whom its owner adopted", async () => {
    const wire = await wireTo("udp://:0");
    wire.transport.send(bytesOf("to nobody"));
    const [one, two] = [await udpPeer(), await udpPeer()];
    for (const [peer, word] of [
      [one, "one"],
      [two, "two"],
    ] as const) {
      peer.send(word, wire.transport.localPort, "127.0.0.1");
      await wire.until(word);
      const answer = once(peer, "message");
      wire.transport.send(bytesOf(`hello ${word}`));
      expect(String((await answer)[0])).toBe(`hello ${word}`);
    }
    one.send("noise", wire.transport.localPort, "127.0.0.1");
    await wire.until("noise");
    const answer = once(two, "message");
    wire.transport.send(bytesOf("still two"));
    expect(String((await answer)[0])).toBe("still two");
    one.close();
    two.close();
    await wire.transport.close();
  });

  test("a caller speaks first", async () => {
    const peer = await udpPeer();
    const wire = await wireTo(`udp://127.0.0.1:${String(peer.address().port)}`);
    const heard = once(peer, "message");
    wire.transport.send(bytesOf("first"));
    expect(String((await heard)[0])).toBe("first");
    peer.close();
    await wire.transport.close();
  });

  test("a port that is taken is a rejection", async () => {
    const peer = await udpPeer();
    const taken = `udp://:${String(peer.address().port)}`;
    await expect(wireTo(taken)).rejects.toThrow("EADDRINUSE");
    peer.close();
  });
});

test("TCP: speaks when connected, and connects again when it was cut", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const nextSocket = async (): Promise<TcpSocket> =>
    (await once(server, "connection"))[0] as TcpSocket;
  const first = nextSocket();
  const wire = await wireTo(`tcp://127.0.0.1:${String(port)}`);
  const socket = await first;
  socket.write("hello");
  await wire.until("hello");
  const second = nextSocket();
  socket.destroy();
  const again = await second;
  again.write("again");
  await wire.until("again");
  const heard = once(again, "data");
  wire.transport.send(bytesOf("answer"));
  expect(String((await heard)[0])).toBe("answer");
  await wire.transport.close();
  again.destroy();
  server.close();
});

test("a serial line that is not there is a rejection", async () => {
  await expect(wireTo("serial:/dev/no-such-line")).rejects.toThrow("no-such-line");
});

describeWith(mavlinkPython(), "a serial line", (python) => {
  test("carries bytes both ways, raw", async () => {
    const script = join(import.meta.dirname, "echo-line.py");
    const echo = spawn(python, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [path] = (await once(echo.stdout, "data")) as [Buffer];
    const wire = await wireTo(`serial:${path.toString().trim()}?baud=115200`);
    // Carriage return, interrupt, end of file, XON and XOFF: a line that is not raw eats them.
    wire.transport.send(Uint8Array.of(0xfd, 13, 3, 4, 17, 19, 10));
    await wire.until("\n");
    expect(bytesOf(wire.heard.join("")).slice(-6)).toEqual(Uint8Array.of(13, 3, 4, 17, 19, 10));
    echo.kill();
    await once(echo, "exit");
    await wire.transport.close();
  });
});
