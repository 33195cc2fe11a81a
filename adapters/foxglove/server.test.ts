/** The server met by the protocol's own client, and by things that are no client. */
import { FoxgloveClient, type Channel, type MessageData } from "@foxglove/ws-protocol";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket as Socket } from "ws";
import { openFoxgloveServer, type FoxgloveServer } from "./mod.ts";

const CHANNELS = [
  { topic: "/log", schema: "foxglove.Log", schemaText: '{"type":"object"}' },
  { topic: "/skein/success", schema: "skein.Success", schemaText: '{"type":"object"}' },
];
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const open: { server: FoxgloveServer; sockets: { terminate(): void }[] }[] = [];
afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.terminate();
    await server.close();
  }
});

async function serve(): Promise<{ server: FoxgloveServer; sockets: { terminate(): void }[] }> {
  const opened = await openFoxgloveServer({ port: 0, name: "Tiny", channels: CHANNELS });
  if (!opened.ok) throw new Error(opened.problem.text);
  const running = { server: opened.value, sockets: [] };
  open.push(running);
  return running;
}

interface Connected {
  readonly client: FoxgloveClient;
  readonly channels: readonly Channel[];
  readonly messages: MessageData[];
  readonly times: bigint[];
  readonly name: string;
}

async function connect(
  { server, sockets }: Awaited<ReturnType<typeof serve>>,
  protocol = FoxgloveClient.SUPPORTED_SUBPROTOCOL,
): Promise<Connected> {
  const socket = new WebSocket(server.url, [protocol]);
  sockets.push({ terminate: () => socket.close() });
  const client = new FoxgloveClient({ ws: socket });
  const messages: MessageData[] = [];
  const times: bigint[] = [];
  client.on("message", (message) => messages.push(message));
  client.on("time", ({ timestamp }) => times.push(timestamp));
  const named = new Promise<string>((done) => client.on("serverInfo", (info) => done(info.name)));
  const channels = await new Promise<readonly Channel[]>((done) => client.on("advertise", done));
  return { client, channels, messages, times, name: await named };
}

const valueOf = ({ data }: MessageData): unknown =>
  JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as unknown;

describe("the protocol's own client", () => {
  test.each(["foxglove.websocket.v1", "foxglove.sdk.v1"])(
    "learns by %s who serves, which channels there are, and what is in them",
    async (protocol) => {
      const { name, channels } = await connect(await serve(), protocol);
      expect(name).toBe("Tiny");
      expect(
        channels.map(({ topic, schemaName, encoding }) => [topic, schemaName, encoding]),
      ).toEqual([
        ["/log", "foxglove.Log", "json"],
        ["/skein/success", "skein.Success", "json"],
      ]);
      expect(channels[0]).toMatchObject({
        schemaEncoding: "jsonschema",
        schema: '{"type":"object"}',
      });
    },
  );

  test("gets the messages of what it subscribes to, the newest at once, and the time", async () => {
    const running = await serve();
    const { server } = running;
    server.message(1, 5_000_000_000n, json({ low: 0.1 }));
    const { client, channels, messages, times } = await connect(running);
    const wanted = channels.find(({ topic }) => topic === "/skein/success")?.id ?? -1;
    const subscription = client.subscribe(wanted);
    await expect.poll(() => messages.length).toBe(1);
    server.message(0, 6_000_000_000n, json({ message: "not asked for" }));
    server.message(1, 7_000_000_000n, json({ low: 0.2 }));
    server.time(7_000_000_000n);
    await expect.poll(() => times).toEqual([7_000_000_000n]);
    expect(messages.map((each) => [each.subscriptionId, each.timestamp, valueOf(each)])).toEqual([
      [subscription, 5_000_000_000n, { low: 0.1 }],
      [subscription, 7_000_000_000n, { low: 0.2 }],
    ]);
    client.unsubscribe(subscription);
    client.subscribe(0);
    await expect.poll(() => messages.length).toBe(3);
    server.message(1, 8_000_000_000n, json({ low: 0.3 }));
    server.time(8_000_000_000n);
    await expect.poll(() => times.length).toBe(2);
    expect(messages).toHaveLength(3);
  });
});

/** How the server answers a handshake with these headers: `open` or the status code. */
function outcome(
  url: string,
  protocols: readonly string[],
  headers: Record<string, string>,
): Promise<string> {
  const socket = new Socket(url, [...protocols], { headers });
  return new Promise((done) => {
    socket.on("open", () => {
      socket.terminate();
      done("open");
    });
    socket.on("unexpected-response", (request, response) => {
      request.destroy();
      done(String(response.statusCode));
    });
    socket.on("error", () => done("error"));
  });
}

describe("at the door", () => {
  const FOXGLOVE = ["foxglove.websocket.v1"];

  test.each([
    [FOXGLOVE, {}, "open"],
    [FOXGLOVE, { Origin: "https://app.foxglove.dev" }, "open"],
    [FOXGLOVE, { Origin: "http://localhost:8080" }, "open"],
    [FOXGLOVE, { Origin: "https://evil.example" }, "403"],
    [FOXGLOVE, { Origin: "http://localhost.evil.example" }, "403"],
    [FOXGLOVE, { Host: "evil.example:80" }, "421"],
    [["something.else"], {}, "400"],
  ])("%j with %j: %s", async (protocols, headers, expected) => {
    const { server } = await serve();
    expect(await outcome(server.url, protocols, headers as Record<string, string>)).toBe(expected);
  });

  test("a taken port is a problem", async () => {
    const { server } = await serve();
    const second = await openFoxgloveServer({ port: server.port, name: "x", channels: [] });
    expect(second.ok ? "" : second.problem.code).toBe("REC015");
  });
});

describe("what is no request", () => {
  test("is answered as such; a flood of it, or one too large, ends the line", async () => {
    const { server, sockets } = await serve();
    const socket = new Socket(server.url, ["foxglove.websocket.v1"]);
    sockets.push(socket);
    const told: string[] = [];
    socket.on("message", (data, binary) => {
      if (!binary) told.push((data as Buffer).toString("utf8"));
    });
    const closed = new Promise<number>((done) => socket.on("close", done));
    await new Promise<void>((done) => socket.on("open", () => done()));
    for (const text of [
      "{",
      '{"op":"advertise"}',
      '{"op":"subscribe","subscriptions":[{"id":-1}]}',
    ]) {
      socket.send(text);
    }
    await expect.poll(() => told.filter((text) => text.includes('"op":"status"')).length).toBe(3);
    for (let i = 0; i < 60; i += 1) socket.send("nonsense");
    expect(await closed).toBe(1008);

    const large = new Socket(server.url, ["foxglove.websocket.v1"]);
    sockets.push(large);
    const ended = new Promise<number>((done) => large.on("close", done));
    large.on("error", () => undefined);
    large.on("open", () => large.send("x".repeat(100_000)));
    expect(await ended).toBe(1009);
  });
});
