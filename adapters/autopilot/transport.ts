/**
 * The wire to an autopilot: bytes both ways over UDP, TCP or a serial line, named by an address.
 *
 * | address | does |
 * |---|---|
 * | `udp://:14540` | listens there, answers where the vehicle spoke last (ports vary) |
 * | `udp://host:port` | speaks first, to that address, and follows the vehicle to another |
 * | `tcp://host:port` | connects, and again every second when the connection fails |
 * | `serial:/dev/ttyUSB0?baud=57600` | opens the line raw at that speed (with `stty`) |
 *
 * Whether a datagram is the vehicle's, the owner says (`adopt`): noise from elsewhere must not draw
 * the commands to itself. MAVLink is not authenticated: a listener binds to loopback unless the
 * address names another local address (`udp://0.0.0.0:14540`). Nothing that arrives can throw;
 * nothing is queued while a peer is unknown or away, since a command that is an hour old is worse
 * than none.
 */
import { execFile } from "node:child_process";
import { createSocket, type RemoteInfo } from "node:dgram";
import { createReadStream, createWriteStream } from "node:fs";
import { connect, type Socket } from "node:net";
import { fail, ok, problem, type Result } from "../../src/base/mod.ts";

export interface Transport {
  /** Drops the bytes when there is nobody to send them to. */
  send(bytes: Uint8Array): void;
  close(): Promise<void>;
  /** The local port of a listener; 0 where there is none. */
  readonly localPort: number;
}

export interface TransportEvents {
  /**
   * `whole`: these bytes are a datagram, which holds whole frames. `adopt` is to be called when
   * they are the vehicle's: what is sent from then on goes to where they came from.
   */
  readonly bytes: (bytes: Uint8Array, whole: boolean, adopt: () => void) => void;
  /** One line for the log; the transport goes on by itself. */
  readonly trouble: (text: string) => void;
}

export type TransportAddress =
  | { readonly kind: "udpListen"; readonly host: string; readonly port: number }
  | { readonly kind: "udp"; readonly host: string; readonly port: number }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "serial"; readonly path: string; readonly baud: number };

const LOOPBACK = "127.0.0.1";
const REMEDY =
  "write udp://:14540, udp://host:port, tcp://host:port or serial:/dev/ttyUSB0?baud=57600";

function portOf(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined;
}

/** Reads an address; every way to write it wrong is a problem with the remedy. */
export function parseTransportAddress(text: string): Result<TransportAddress> {
  const refusal = fail(problem("HAL010", { detail: text.slice(0, 80), remedy: REMEDY }));
  const serial = /^serial:(\/[^?]+)(?:\?baud=(\d{3,7}))?$/.exec(text);
  if (serial !== null) {
    return ok({ kind: "serial", path: serial[1] ?? "", baud: Number(serial[2] ?? 57_600) });
  }
  const net = /^(udp|tcp):\/\/([^/:?#]*):(\d+)\/?$/.exec(text);
  const port = portOf(net?.[3] ?? "");
  if (net === null || port === undefined) return refusal;
  const host = net[2] ?? "";
  if (net[1] === "tcp")
    return host === "" || port === 0 ? refusal : ok({ kind: "tcp", host, port });
  if (host === "") return ok({ kind: "udpListen", host: LOOPBACK, port });
  if (host === "0.0.0.0") return ok({ kind: "udpListen", host, port });
  return port === 0 ? refusal : ok({ kind: "udp", host, port });
}

/** Opens the wire; rejects only when a local port or device cannot be had. */
export function openTransport(
  address: TransportAddress,
  events: TransportEvents,
): Promise<Transport> {
  switch (address.kind) {
    case "udpListen":
    case "udp":
      return openUdp(address, events);
    case "tcp":
      return Promise.resolve(openTcp(address, events));
    case "serial":
      return openSerial(address, events);
    default:
      return address satisfies never;
  }
}

function openUdp(
  address: Extract<TransportAddress, { kind: "udp" | "udpListen" }>,
  events: TransportEvents,
): Promise<Transport> {
  const listens = address.kind === "udpListen";
  const socket = createSocket("udp4");
  let peer: { readonly host: string; readonly port: number } | undefined = listens
    ? undefined
    : address;
  socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
    events.bytes(new Uint8Array(bytes), true, () => {
      peer = { host: from.address, port: from.port };
    });
  });
  const transport: Transport = {
    get localPort() {
      return socket.address().port;
    },
    send(bytes) {
      if (peer === undefined) return;
      socket.send(bytes, peer.port, peer.host, (error) => {
        if (error !== null) events.trouble(error.message);
      });
    },
    close: () => new Promise((resolve) => socket.close(resolve)),
  };
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(listens ? address.port : 0, listens ? address.host : undefined, () => {
      socket.off("error", reject);
      // A closed port at the other end comes back as an error; it is no reason to stop.
      socket.on("error", (error) => events.trouble(error.message));
      resolve(transport);
    });
  });
}

/** A connection or a line has one end only. */
const SAME_PEER = (): void => undefined;

const RECONNECT_MS = 1000;
/** More unsent than this means that the peer does not read: what is older is worthless. */
const UNSENT_MAX_BYTES = 16_384;

function openTcp(
  address: { readonly host: string; readonly port: number },
  events: TransportEvents,
): Transport {
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const start = (): void => {
    socket = connect(address.port, address.host);
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      events.bytes(new Uint8Array(bytes), false, SAME_PEER);
    });
    socket.on("error", (error) => events.trouble(error.message));
    socket.on("close", () => {
      socket = undefined;
      if (!closed) timer = setTimeout(start, RECONNECT_MS);
    });
  };
  start();
  return {
    localPort: 0,
    send(bytes) {
      if (socket?.readyState === "open" && socket.writableLength < UNSENT_MAX_BYTES) {
        socket.write(bytes);
      }
    },
    close() {
      closed = true;
      clearTimeout(timer);
      return new Promise((resolve) => {
        if (socket === undefined) resolve();
        else socket.once("close", () => resolve()).destroy();
      });
    },
  };
}

/** Raw: no echo, no line editing, eight bits, and reads return what has come. */
const STTY_RAW = ["raw", "-echo", "-ixon", "-ixoff", "cs8", "-cstopb", "-parenb", "clocal"];

async function openSerial(
  { path, baud }: Extract<TransportAddress, { kind: "serial" }>,
  events: TransportEvents,
): Promise<Transport> {
  await new Promise<void>((resolve, reject) => {
    execFile("stty", ["-F", path, String(baud), ...STTY_RAW], (error) => {
      if (error === null) resolve();
      else reject(new Error(error.message));
    });
  });
  const reading = createReadStream(path, { highWaterMark: 512 });
  const writing = createWriteStream(path, { flags: "r+" });
  reading.on("data", (bytes) => {
    if (typeof bytes !== "string") events.bytes(new Uint8Array(bytes), false, SAME_PEER);
  });
  reading.on("error", (error) => events.trouble(error.message));
  writing.on("error", (error) => events.trouble(error.message));
  return {
    localPort: 0,
    send(bytes) {
      if (writing.writable && writing.writableLength < UNSENT_MAX_BYTES) writing.write(bytes);
    },
    close() {
      reading.destroy();
      return new Promise((resolve) => writing.destroy().once("close", resolve));
    },
  };
}
