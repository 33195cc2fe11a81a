/**
 * The ground station's door: the page's files over HTTP, its state and requests over a WebSocket.
 *
 * Who may come in: loopback only; a Host header that names this server (else a name on the
 * internet that resolves to 127.0.0.1 could read it: DNS rebinding); for the socket an Origin that
 * is this page (another page in the same browser could connect otherwise); and a token of 128 bits
 * that stands in the printed link's fragment, which browsers send to nobody.
 *
 * Bounds: `PAGES_MAX` pages that showed the token, `UNOPENED_MAX` sockets that have not (the oldest
 * goes, so that whoever holds sockets without a token keeps nobody out), `REQUEST_BYTES_MAX` a
 * message, requests by rate (`connection.ts`).
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { fail, ok, problem, type Result } from "../../../src/base/mod.ts";
import { Connection, type SharedView } from "./connection.ts";
import { healthFrameOf, needingOf, pageViewOf } from "./page-view.ts";
import { refuse, servePageFile, type PageFiles } from "./page-files.ts";
import { REQUEST_BYTES_MAX } from "./requests.ts";
import type { GroundSession } from "./session.ts";

export const STREAM_PATH = "/stream";

const LOOPBACK = "127.0.0.1";
const PAGES_MAX = 16;
/** A page shows its token within milliseconds; more that have not are somebody else's. */
const UNOPENED_MAX = 16;
const TOKEN_BYTES = 16;

export interface GroundServerOptions {
  readonly session: GroundSession;
  readonly files: PageFiles;
  /** 0 takes any free one. */
  readonly port: number;
  readonly nowMs?: () => number;
}

export interface GroundServer {
  /** With the token in its fragment: whoever has this link is the operator. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

export async function openGroundServer(
  options: GroundServerOptions,
): Promise<Result<GroundServer>> {
  const http = createServer({ requestTimeout: 10_000, headersTimeout: 5000 });
  const listening = await listen(http, options.port);
  if (!listening.ok) return listening;
  const port = listening.value;
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const closePages = attach(http, { ...options, port, token });
  return ok({
    url: `http://${LOOPBACK}:${port}/#token=${token}`,
    port,
    token,
    close: async () => {
      closePages();
      http.closeAllConnections();
      await new Promise<void>((done) => http.close(() => done()));
    },
  });
}

function listen(http: Server, port: number): Promise<Result<number>> {
  return new Promise((done) => {
    http.once("error", (error: NodeJS.ErrnoException) => done(fail(portProblem(error, port))));
    http.listen(port, LOOPBACK, () => done(ok((http.address() as AddressInfo).port)));
  });
}

function portProblem(error: NodeJS.ErrnoException, port: number): ReturnType<typeof problem> {
  const where = `port ${port}`;
  if (error.code === "EADDRINUSE") {
    const remedy = "end the other program, or choose another port: --port 0 takes a free one";
    return problem("GND007", { detail: `another program listens on ${port}`, remedy, where });
  }
  const detail = error.code ?? error.message;
  return problem("GND011", { detail, remedy: "choose a port above 1023 with --port", where });
}

interface Attached extends GroundServerOptions {
  readonly token: string;
}

/** Wires requests, sockets and the session together; returns what undoes it. */
function attach(http: Server, options: Attached): () => void {
  const { session, files, port, token } = options;
  const names = new Set([`${LOOPBACK}:${port}`, `localhost:${port}`]);
  const nowMs = options.nowMs ?? ((): number => performance.now());
  const pages = new Set<Connection>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: REQUEST_BYTES_MAX,
    perMessageDeflate: false,
  });
  const shared = sharedView(session);
  const watch = watchers(session, pages);
  http.on("request", (request, response) => {
    if (names.has(request.headers.host ?? "")) servePageFile(files, request, response);
    else refuse(response, 421);
  });
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = whyRefused(request, names, openedOf(pages));
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (page) => {
      const mayOpen = (): boolean => openedOf(pages) < PAGES_MAX;
      const connection = new Connection({ socket: page, session, token, nowMs, shared, mayOpen });
      dropOldestUnopened(pages);
      pages.add(connection);
      page.on("close", () => pages.delete(connection));
    });
  });
  const unsubscribe = session.onChange((what) => {
    for (const page of pages) page.changed(what);
    if (what === "view") watch();
  });
  return () => {
    unsubscribe();
    for (const page of sockets.clients) page.terminate();
    sockets.close();
  };
}

/**
 * Node hands over the bare socket and listens to it no longer: an error that nobody listens to (a
 * peer that resets instead of reading the refusal) would end the process.
 */
function refuseUpgrade(socket: Duplex, refusal: string): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function openedOf(pages: ReadonlySet<Connection>): number {
  let opened = 0;
  for (const page of pages) if (page.opened) opened += 1;
  return opened;
}

/** Makes room for one more; a set keeps the order in which they came. */
function dropOldestUnopened(pages: Set<Connection>): void {
  const unopened = [...pages].filter((page) => !page.opened);
  for (const page of unopened.slice(0, Math.max(0, unopened.length - UNOPENED_MAX + 1))) {
    pages.delete(page);
    page.terminate();
  }
}

function whyRefused(
  request: IncomingMessage,
  names: ReadonlySet<string>,
  opened: number,
): string | undefined {
  const origin = request.headers.origin ?? "";
  const own = origin.startsWith("http://") && names.has(origin.slice("http://".length));
  if (!names.has(request.headers.host ?? "")) return "421 Misdirected Request";
  if (!own) return "403 Forbidden";
  if (request.url !== STREAM_PATH) return "404 Not Found";
  return opened >= PAGES_MAX ? "503 Service Unavailable" : undefined;
}

/** Of the newest view, made once however many pages want it. */
function sharedView(session: GroundSession): SharedView {
  const once = <T>(make: () => T): (() => T) => {
    let of: unknown;
    let made: { readonly value: T } | undefined;
    return () => {
      const view = session.view();
      if (made === undefined || view !== of) made = { value: make() };
      of = view;
      return made.value;
    };
  };
  return {
    text: once(() => JSON.stringify(pageViewOf(session.view()))),
    health: once(() => healthFrameOf(session.view())),
    needing: once(() => needingOf(session.view())),
  };
}

const WATCHED_MAX = 128;

/** Tells the session what the pages look at closely, when that has changed. */
function watchers(session: GroundSession, pages: ReadonlySet<Connection>): () => void {
  let told = "";
  return () => {
    const watched = [...new Set([...pages].flatMap((page) => page.watched))].slice(0, WATCHED_MAX);
    const now = watched.join();
    if (now === told) return;
    told = now;
    session.watch?.(watched);
  };
}
