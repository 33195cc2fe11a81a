/**
 * A server for Foxglove and Lichtblick: whoever connects sees the channels and gets the messages
 * of those that it subscribes to. It only tells; nothing that a client sends changes anything.
 *
 * Who may come in: loopback only, under a name of loopback (a name on the internet that resolves to
 * 127.0.0.1 is refused), and of web pages only those of this machine and Foxglove's own.
 *
 * Bounds: `CLIENTS_MAX` clients, `REQUEST_BYTES_MAX` a request, `SUBSCRIPTIONS_MAX` each; a client
 * that has not read `BACKLOG_MAX_BYTES` misses messages until it has, and is told so; one that
 * sends `NONSENSE_MAX` things that cannot be read is hung up on.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { fail, ok, problem, type Result } from "../../src/base/mod.ts";
import {
  advertise,
  messageFrame,
  parseWish,
  serverInfo,
  status,
  SUBPROTOCOLS,
  SUBSCRIPTIONS_MAX,
  timeFrame,
  type FoxgloveChannel,
} from "./protocol.ts";

const LOOPBACK = "127.0.0.1";
const CLIENTS_MAX = 8;
const REQUEST_BYTES_MAX = 64 * 1024;
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
const NONSENSE_MAX = 50;
const POLICY_VIOLATION = 1008;
const FOXGLOVE_ORIGIN = "https://app.foxglove.dev";

export interface FoxgloveOptions {
  /** On loopback; 0 takes any free one. */
  readonly port: number;
  readonly name: string;
  readonly channels: readonly FoxgloveChannel[];
}

export interface FoxgloveServer {
  readonly port: number;
  readonly url: string;
  /** `channel` is the place in the list of channels. */
  message(channel: number, atNs: bigint, json: Uint8Array): void;
  /** The time that the messages go by; it may go back. */
  time(atNs: bigint): void;
  close(): Promise<void>;
}

export async function openFoxgloveServer(
  options: FoxgloveOptions,
): Promise<Result<FoxgloveServer>> {
  const http = createServer((_, response) => {
    response.writeHead(426, { Connection: "close" });
    response.end("this speaks the Foxglove WebSocket protocol\n");
  });
  const listening = await listen(http, options.port);
  if (!listening.ok) return listening;
  return ok(serve(http, listening.value, options));
}

function listen(http: Server, port: number): Promise<Result<number>> {
  return new Promise((done) => {
    http.once("error", (error: NodeJS.ErrnoException) => {
      const detail = error.code ?? error.message;
      const remedy = "choose another port: --foxglove 0 takes a free one";
      done(fail(problem("REC015", { detail, remedy, where: `port ${String(port)}` })));
    });
    http.listen(port, LOOPBACK, () => done(ok((http.address() as AddressInfo).port)));
  });
}

function serve(http: Server, port: number, { name, channels }: FoxgloveOptions): FoxgloveServer {
  const clients = new Set<Client>();
  const last = new Map<number, Told>();
  const sessionId = String(Date.now());
  const greeting = [serverInfo(name, sessionId), advertise(channels)];
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: REQUEST_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => SUBPROTOCOLS.find((each) => offered.has(each)) ?? false,
  });
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = whyRefused(request, port, clients.size);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const client = new Client(opened, { channels: channels.length, last });
      clients.add(client);
      opened.on("close", () => clients.delete(client));
      for (const text of greeting) opened.send(text);
    });
  });
  return {
    port,
    url: `ws://${LOOPBACK}:${String(port)}`,
    message: (channel, atNs, json) => {
      last.set(channel, { atNs, json });
      for (const client of clients) client.tell(channel, atNs, json);
    },
    time: (atNs) => {
      const frame = timeFrame(atNs);
      for (const client of clients) client.send(frame);
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      http.closeAllConnections();
      await new Promise<void>((done) => http.close(() => done()));
    },
  };
}

function whyRefused(request: IncomingMessage, port: number, clients: number): string | undefined {
  const { host = "", origin } = request.headers;
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",");
  const known = offered.some((each) => SUBPROTOCOLS.includes(each.trim()));
  if (host !== `${LOOPBACK}:${String(port)}` && host !== `localhost:${String(port)}`) {
    return "421 Misdirected Request";
  }
  if (origin !== undefined && !isWelcome(origin)) return "403 Forbidden";
  if (!known) return "400 Bad Request";
  return clients >= CLIENTS_MAX ? "503 Service Unavailable" : undefined;
}

/** Programs send no origin; Lichtblick is served from this machine. */
function isWelcome(origin: string): boolean {
  if (origin === FOXGLOVE_ORIGIN || origin === "file://") return true;
  return /^https?:\/\/(?:localhost|127\.0\.0\.1)(?::\d{1,5})?$/u.test(origin);
}

/** Node listens to the bare socket no longer: an error that nobody hears would end the process. */
function refuse(socket: Duplex, refusal: string): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

interface Told {
  readonly atNs: bigint;
  readonly json: Uint8Array;
}

interface Shared {
  readonly channels: number;
  /** The newest message of each channel, for those who come later. */
  readonly last: ReadonlyMap<number, Told>;
}

class Client {
  readonly #socket: WebSocket;
  readonly #shared: Shared;
  /** Channel of each subscription, and the other way. */
  readonly #channels = new Map<number, number>();
  readonly #subscriptions = new Map<number, number>();
  #missed = 0;
  #nonsense = 0;

  constructor(socket: WebSocket, shared: Shared) {
    this.#socket = socket;
    this.#shared = shared;
    socket.on("message", (data, binary) => {
      this.#take(binary ? "" : rawText(data));
    });
    // The socket closes itself after an error, an oversize message included.
    socket.on("error", () => undefined);
  }

  tell(channel: number, atNs: bigint, json: Uint8Array): void {
    const subscription = this.#subscriptions.get(channel);
    if (subscription === undefined) return;
    if (this.#socket.bufferedAmount > BACKLOG_MAX_BYTES) {
      this.#missed += 1;
      return;
    }
    if (this.#missed > 0) {
      const count = String(this.#missed);
      this.#missed = 0;
      this.#socket.send(status("warning", `${count} messages left out: read too slowly`));
    }
    this.#socket.send(messageFrame(subscription, atNs, json));
  }

  send(frame: Uint8Array): void {
    if (this.#socket.bufferedAmount <= BACKLOG_MAX_BYTES) this.#socket.send(frame);
  }

  #take(text: string): void {
    const wish = parseWish(text);
    if (!wish.ok) {
      this.#refuse("this cannot be read");
      return;
    }
    switch (wish.value.kind) {
      case "subscribe":
        for (const { id, channel } of wish.value.subscriptions) this.#subscribe(id, channel);
        return;
      case "unsubscribe":
        for (const id of wish.value.ids) this.#unsubscribe(id);
        return;
      case "other":
        this.#refuse(`this server does not do ${wish.value.op}`);
        return;
      default:
        wish.value satisfies never;
    }
  }

  #subscribe(id: number, channel: number): void {
    if (channel >= this.#shared.channels || this.#channels.has(id)) {
      this.#refuse("there is no such channel, or the subscription's number is taken");
      return;
    }
    if (this.#subscriptions.has(channel) || this.#channels.size >= SUBSCRIPTIONS_MAX) {
      this.#refuse("this channel has been subscribed to, or there are too many subscriptions");
      return;
    }
    this.#channels.set(id, channel);
    this.#subscriptions.set(channel, id);
    const last = this.#shared.last.get(channel);
    if (last !== undefined) this.tell(channel, last.atNs, last.json);
  }

  #unsubscribe(id: number): void {
    const channel = this.#channels.get(id);
    if (channel === undefined) return;
    this.#channels.delete(id);
    this.#subscriptions.delete(channel);
  }

  #refuse(why: string): void {
    this.#nonsense += 1;
    if (this.#nonsense > NONSENSE_MAX) this.#socket.close(POLICY_VIOLATION);
    else this.#socket.send(status("error", why));
  }
}

function rawText(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.isBuffer(data) ? data.toString("utf8") : Buffer.from(data).toString("utf8");
}
