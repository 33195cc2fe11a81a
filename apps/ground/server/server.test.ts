import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { scriptedGround, type ScriptedGround } from "../../../test/support/scripted-ground.ts";
import type { ServerMessage } from "../report/view.ts";
import { openGroundServer, STREAM_PATH, type GroundServer } from "./server.ts";
import type { PageFiles } from "./page-files.ts";

const FILES: PageFiles = new Map([
  ["/", { body: Buffer.from("<p>page</p>"), mediaType: "text/html", immutable: false }],
  ["/assets/a.js", { body: Buffer.from("1"), mediaType: "text/javascript", immutable: true }],
]);

const open: GroundServer[] = [];

async function serve(
  nowMs?: () => number,
): Promise<{ server: GroundServer; ground: ScriptedGround }> {
  const ground = scriptedGround({ startS: 30 });
  const clock = nowMs === undefined ? {} : { nowMs };
  const server = await openGroundServer({ session: ground, files: FILES, port: 0, ...clock });
  if (!server.ok) throw new Error(server.problem.text);
  open.push(server.value);
  return { server: server.value, ground };
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A page without a browser: collects what it is told. */
class Page {
  readonly messages: ServerMessage[] = [];
  readonly frames: Buffer[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #wanted: { done: () => void; when: () => boolean } | undefined;

  constructor(server: GroundServer, headers: Record<string, string> = {}) {
    const own = { Origin: `http://127.0.0.1:${server.port}` };
    this.#socket = new WebSocket(`ws://127.0.0.1:${server.port}${STREAM_PATH}`, {
      headers: { ...own, ...headers },
    });
    this.#socket.on("message", (data: Buffer, binary) => {
      if (binary) this.frames.push(data);
      else this.messages.push(JSON.parse(data.toString("utf8")) as ServerMessage);
      if (this.#wanted?.when() === true) this.#wanted.done();
    });
    this.closed = new Promise((done) => {
      this.#socket.on("close", done);
      this.#socket.on("unexpected-response", (_, response) => done(response.statusCode ?? 0));
      this.#socket.on("error", () => {});
    });
  }

  async connected(): Promise<void> {
    await new Promise((done) => this.#socket.once("open", done));
  }

  async opened(token: string): Promise<void> {
    await this.connected();
    this.say({ kind: "open", schema: 1, token });
    await this.until(() => this.kinds().includes("events"));
  }

  say(value: unknown): void {
    this.#socket.send(typeof value === "string" ? value : JSON.stringify(value));
  }

  leave(): void {
    this.#socket.close();
  }

  kinds(): string[] {
    return this.messages.map(({ kind }) => kind);
  }

  answers(): Extract<ServerMessage, { kind: "answer" }>[] {
    return this.messages.filter((message) => message.kind === "answer");
  }

  until(when: () => boolean): Promise<void> {
    if (when()) return Promise.resolve();
    return new Promise((done) => {
      this.#wanted = { done, when };
    });
  }
}

interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
}

function get(server: GroundServer, path: string, more: { host?: string; method?: string } = {}) {
  return new Promise<Reply>((done, fail) => {
    const asking = httpRequest(
      {
        port: server.port,
        host: "127.0.0.1",
        path,
        method: more.method ?? "GET",
        headers: { Host: more.host ?? `127.0.0.1:${server.port}` },
      },
      (response) => {
        response.resume();
        response.on("end", () => {
          done({ status: response.statusCode ?? 0, headers: response.headers });
        });
      },
    );
    asking.on("error", fail);
    asking.end();
  });
}

describe("who may come in", () => {
  test("the right token is told everything once, in order", async () => {
    const { server } = await serve();
    const page = new Page(server);
    await page.opened(server.token);
    const kinds = ["hello", "map", "tracks", "view", "details", "events", "whatIf"];
    expect(page.kinds()).toEqual(kinds);
  });

  test.each([
    ["a wrong token", { kind: "open", schema: 1, token: "guess" }],
    ["a request before the token", { kind: "export", id: 1, export: { kind: "log" } }],
    ["no JSON at all", "hello?"],
  ])("%s is hung up on, and told nothing", async (_, first) => {
    const { server } = await serve();
    const page = new Page(server);
    await page.connected();
    page.say(first);
    expect(await page.closed).toBe(4401);
    expect(page.messages).toEqual([]);
  });

  test("a page of another origin, or none, gets no socket", async () => {
    const { server } = await serve();
    expect(await new Page(server, { Origin: "http://evil.example" }).closed).toBe(403);
    expect(await new Page(server, { Origin: "null" }).closed).toBe(403);
    const https = { Origin: `https://127.0.0.1:${server.port}` };
    expect(await new Page(server, https).closed).toBe(403);
  });

  test("a name that merely resolves to loopback gets nothing", async () => {
    const { server } = await serve();
    const host = `evil.example:${server.port}`;
    expect((await get(server, "/", { host })).status).toBe(421);
    expect(await new Page(server, { Host: host }).closed).toBe(421);
  });
});

describe("the page's files", () => {
  test("come with a policy that lets the browser ask nobody else", async () => {
    const { server } = await serve();
    const { status, headers } = await get(server, "/");
    expect(status).toBe(200);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["cache-control"]).toBe("no-store");
    expect((await get(server, "/assets/a.js")).headers["cache-control"]).toContain("immutable");
  });

  test("are all there is", async () => {
    const { server } = await serve();
    expect((await get(server, "/../package.json")).status).toBe(404);
    expect((await get(server, "/..%2fpackage.json")).status).toBe(404);
    expect((await get(server, "/", { method: "POST" })).status).toBe(405);
    expect((await get(server, "/", { method: "HEAD" })).status).toBe(200);
  });
});

describe("a page that is in", () => {
  test("sees what changes: frames as bytes, views and new events as JSON", async () => {
    const { server, ground } = await serve();
    const page = new Page(server);
    await page.opened(server.token);
    const before = page.messages.length;
    ground.advance(40);
    await page.until(() => page.kinds().slice(before).includes("events"));
    const kinds = page.frames.map((frame) => frame.subarray(0, 4).toString("latin1"));
    // How all fare and where all are at the opening, then again what has changed of both.
    expect(kinds.slice(0, 3)).toEqual(["SK\u0001\u0002", "SK\u0001\u0001", "SK\u0001\u0001"]);
    expect(page.kinds().slice(before)).toEqual(["view", "details", "events"]);
  });

  test("that takes nothing in is sent a few frames, and goes on where it is", async () => {
    let nowMs = 0;
    const { server, ground } = await serve(() => nowMs);
    const page = new Page(server);
    await page.opened(server.token);
    for (let i = 0; i < 100; i += 1) {
      nowMs += 100;
      ground.advance(0.1);
    }
    await page.until(() => page.kinds().includes("pace"));
    expect(page.frames.length).toBeLessThan(8);
    const sequence = page.frames.at(-1)?.readUInt32LE(4);
    const before = page.frames.length;
    page.say({ kind: "look", seen: sequence });
    await page.until(() => page.frames.length > before);
    const told = page.messages.find((message) => message.kind === "pace");
    expect(told).toMatchObject({ slow: true });
  });

  test("selects, and is told the whole row and the way of whom it selected", async () => {
    const { server } = await serve();
    const page = new Page(server);
    await page.opened(server.token);
    const before = page.messages.length;
    page.say({ kind: "look", selected: "2" });
    await page.until(() => page.messages.length > before);
    const details = page.messages.at(-1);
    expect(details?.kind === "details" && details.rows.map(({ index }) => index)).toEqual([2, 4]);
  });

  test("looks where there is nothing and is not hung up on at once", async () => {
    const { server, ground } = await serve();
    const page = new Page(server);
    await page.opened(server.token);
    page.say({ kind: "look", box: [0, 0] });
    page.say({ kind: "look", selected: "1-99999" });
    page.say({ kind: "look", seen: 4_000_000_000 });
    page.say({ kind: "order", id: 1, order: { kind: "hold", targets: "all" } });
    await page.until(() => page.answers().length === 1);
    expect(ground.asked).toHaveLength(1);
  });

  test("asks, and is answered by the request's id", async () => {
    const { server, ground } = await serve();
    const page = new Page(server);
    await page.opened(server.token);
    page.say({ kind: "order", id: 77, order: { kind: "return", targets: [2] } });
    page.say({ kind: "order", id: 78, order: { kind: "return", targets: [40] } });
    page.say({ kind: "order", id: 79, order: { kind: "explode", targets: [2] } });
    await page.until(() => page.answers().length === 3);
    const byId = new Map(page.answers().map((answer) => [answer.id, answer]));
    expect(byId.get(77)?.ok).toBe(true);
    expect(byId.get(78)).toMatchObject({ ok: false, code: "GND003" });
    expect(byId.get(79)).toMatchObject({ ok: false, code: "CHK006" });
    expect(byId.get(79)?.text).toContain("order.kind");
    expect(ground.asked).toHaveLength(2);
  });

  test("reloads in the middle of an order and finds it where it stood", async () => {
    const { server } = await serve();
    const page = new Page(server);
    await page.opened(server.token);
    page.say({ kind: "order", id: 1, order: { kind: "hold", targets: "all" } });
    await page.until(() => page.answers().length === 1);
    const again = new Page(server);
    await again.opened(server.token);
    const view = again.messages.find((message) => message.kind === "view");
    expect(view?.orders.map(({ kind }) => kind)).toEqual(["hold"]);
  });

  test("asks too fast and is refused, not obeyed late", async () => {
    const { server, ground } = await serve(() => 0);
    const page = new Page(server);
    await page.opened(server.token);
    for (let id = 1; id <= 50; id += 1) {
      page.say({ kind: "simulation", id, control: { kind: "pause" } });
    }
    await page.until(() => page.answers().length === 50);
    const refused = page.answers().filter(({ code }) => code === "GND002");
    expect(refused.map(({ id }) => id)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
    expect(ground.asked).toHaveLength(40);
  });

  test("goes on refusing to behave and is hung up on", async () => {
    const { server } = await serve(() => 0);
    const page = new Page(server);
    await page.opened(server.token);
    for (let i = 0; i < 300; i += 1) page.say("{");
    expect(await page.closed).toBe(4429);
  });

  test("sends more than a frame may hold and is cut off", async () => {
    const { server } = await serve();
    const page = new Page(server);
    await page.opened(server.token);
    page.say("x".repeat(20_000));
    expect(await page.closed).toBe(1009);
  });

  test("is told when the world behind the station has stopped", async () => {
    const { server, ground } = await serve();
    const page = new Page(server);
    await page.opened(server.token);
    ground.stop();
    expect(await page.closed).toBe(4503);
  });
});

test("a taken port is a problem with its remedy, not a crash", async () => {
  const { server, ground } = await serve();
  const second = await openGroundServer({ session: ground, files: FILES, port: server.port });
  expect(second.ok ? "" : second.problem.code).toBe("GND007");
  expect(second.ok ? "" : second.problem.remedy).toContain("--port 0");
});

describe("sockets without the token", () => {
  /** An upgrade by hand, since a browser or `ws` would behave. */
  const upgrade = (port: number, origin: string): string =>
    `GET ${STREAM_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${origin}\r\n` +
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

  test("that are refused and reset do not end the server", async () => {
    const { server } = await serve();
    for (let i = 0; i < 50; i += 1) {
      await new Promise<void>((done) => {
        const socket = connect(server.port, "127.0.0.1", () => {
          socket.write(upgrade(server.port, "http://evil.example"), () => socket.resetAndDestroy());
        });
        socket.on("error", () => {});
        socket.on("close", () => done());
      });
    }
    // An error without a listener would have failed this file.
    await new Page(server).opened(server.token);
  });

  test("keep no operator out, however many are held open and silent", async () => {
    const { server } = await serve();
    const ways: Promise<unknown>[] = [];
    const held = Array.from({ length: 40 }, () => {
      const socket = connect(server.port, "127.0.0.1", () => {
        socket.write(upgrade(server.port, `http://127.0.0.1:${server.port}`));
      });
      socket.on("error", () => {});
      ways.push(new Promise((done) => socket.once("data", done)));
      return socket;
    });
    await Promise.all(ways);
    await new Page(server).opened(server.token);
    for (const socket of held) socket.destroy();
  });
});

test("pages beyond the bound are refused, and one that leaves makes room", async () => {
  const { server } = await serve();
  const pages: Page[] = [];
  for (let i = 0; i < 16; i += 1) {
    const page = new Page(server);
    await page.opened(server.token);
    pages.push(page);
  }
  expect(await new Page(server).closed).toBe(503);
  pages[0]?.leave();
  await pages[0]?.closed;
  await new Page(server).opened(server.token);
});

test("a request that comes twice under one id is done once and answered twice", async () => {
  const { server, ground } = await serve();
  const page = new Page(server);
  await page.opened(server.token);
  const order = { kind: "order", id: 5, order: { kind: "clearAir", ceilingAglM: 30, withinS: 60 } };
  page.say(order);
  page.say(order);
  page.say({ ...order, id: 6 });
  await page.until(() => page.answers().length === 3);
  expect(page.answers().map(({ id }) => id)).toEqual([5, 5, 6]);
  expect(ground.asked).toHaveLength(2);
});
