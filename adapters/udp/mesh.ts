/**
 * The mesh over UDP: one datagram of the air is one UDP datagram, to a multicast group or to a list
 * of peers (or both), so that an agent runs over any IP radio, and twenty of them on one machine.
 *
 * An agent sends from a socket of its own and hears on a shared port: what comes back from its own
 * address and port is its own echo. Nothing is repeated, ordered or acknowledged here: the network
 * layer knows how. An IP radio does not tell signal strength; a wire has none. `WIRE_RSSI_DBM` and
 * `WIRE_SNR_DB` say "strong" to a link estimator that then goes by what is lost.
 *
 * Bounds: datagrams of 1 to `DATAGRAM_MAX_BYTES`; `PEERS_MAX` peers.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import { fail, ok, problem, type MonotonicMs, type Result } from "../../src/base/mod.ts";
import type { ChannelReport, OutgoingDatagram, ReceivedDatagram } from "../../src/hal/mod.ts";

export const DATAGRAM_MAX_BYTES = 1200;
export const PEERS_MAX = 64;
const WIRE_RSSI_DBM = -50;
const WIRE_SNR_DB = 40;
const REPORT_MS = 1000;

export interface UdpEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface UdpSource {
  readonly address: string;
  readonly port: number;
}

export interface UdpMeshOptions {
  /** Hears here; 0 takes a free port (then only peers that were told of it reach it). */
  readonly listenPort: number;
  /** The local address to hear on: all when absent. */
  readonly listenHost?: string;
  /** Joined and sent to, for example 239.83.75.1. Its port is `listenPort`. */
  readonly multicastGroup?: string;
  /** The local address of the interface for multicast. */
  readonly multicastInterface?: string;
  readonly peers?: readonly UdpEndpoint[];
  /** What the radio carries in all, for the busy share; 6 Mbit/s when absent. */
  readonly capacityBps?: number;
  readonly clock: () => MonotonicMs;
  readonly receive: (datagram: ReceivedDatagram) => void;
  /** About once a second. */
  readonly report: (report: ChannelReport) => void;
  readonly trouble?: (text: string) => void;
}

/** Reads `host:port`. */
export function parseEndpoint(text: string): Result<UdpEndpoint> {
  const match = /^([A-Za-z0-9.-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] !== undefined && port >= 1 && port <= 65_535) return ok({ host: match[1], port });
  return fail(problem("AGT002", { detail: text.slice(0, 80), remedy: "write host:port" }));
}

export class UdpMesh {
  readonly #options: UdpMeshOptions;
  readonly #hearing: Socket;
  readonly #speaking: Socket;
  readonly #targets: UdpEndpoint[];
  #timer: NodeJS.Timeout | undefined;
  #bytesOnAir = 0;
  #expiredCount = 0;
  #refusedCount = 0;
  #closed = false;
  #ownAddresses = hostAddresses();

  private constructor(options: UdpMeshOptions) {
    this.#options = options;
    this.#hearing = createSocket({ type: "udp4", reuseAddr: options.multicastGroup !== undefined });
    this.#speaking = createSocket("udp4");
    this.#targets = (options.peers ?? []).slice(0, PEERS_MAX);
  }

  /** Rejects when the port cannot be had or the group not be joined. */
  static async open(options: UdpMeshOptions): Promise<UdpMesh> {
    const mesh = new UdpMesh(options);
    try {
      await bind(mesh.#hearing, options.listenPort, options.listenHost);
      await bind(mesh.#speaking, 0, options.listenHost);
      mesh.#joinGroup();
    } catch (error) {
      mesh.#hearing.close();
      mesh.#speaking.close();
      throw error;
    }
    for (const socket of [mesh.#hearing, mesh.#speaking]) {
      socket.on("error", (error) => options.trouble?.(error.message));
      socket.on("message", (bytes, from) => {
        mesh.#receive(bytes, from);
      });
    }
    mesh.#timer = setInterval(() => {
      mesh.#report();
    }, REPORT_MS);
    return mesh;
  }

  get localPort(): number {
    return this.#hearing.address().port;
  }

  /** Datagrams of a size that no node sends. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  addPeer(peer: UdpEndpoint): void {
    if (this.#targets.length < PEERS_MAX) this.#targets.push(peer);
  }

  send({ bytes, expiresAt }: OutgoingDatagram): void {
    if (this.#closed) return;
    if (expiresAt < this.#options.clock()) {
      this.#expiredCount += 1;
      return;
    }
    this.#bytesOnAir += bytes.length;
    for (const { host, port } of this.#targets) {
      this.#speaking.send(bytes, port, host, (error) => {
        if (error !== null) this.#options.trouble?.(error.message);
      });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    for (const socket of [this.#hearing, this.#speaking]) {
      await new Promise<void>((resolve) => socket.close(resolve));
    }
  }

  #joinGroup(): void {
    const { multicastGroup, multicastInterface } = this.#options;
    if (multicastGroup === undefined) return;
    this.#hearing.addMembership(multicastGroup, multicastInterface);
    this.#speaking.setMulticastTTL(1);
    // Other agents on this machine are to hear it too.
    this.#speaking.setMulticastLoopback(true);
    if (multicastInterface !== undefined) this.#speaking.setMulticastInterface(multicastInterface);
    this.#targets.unshift({ host: multicastGroup, port: this.localPort });
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    if (this.#closed || this.#isEcho(from)) return;
    if (bytes.length === 0 || bytes.length > DATAGRAM_MAX_BYTES) {
      this.#refusedCount += 1;
      return;
    }
    this.#bytesOnAir += bytes.length;
    this.#options.receive({
      radio: 0,
      bytes: Uint8Array.from(bytes),
      rssiDbm: WIRE_RSSI_DBM,
      snrDb: WIRE_SNR_DB,
    });
  }

  /** A multicast datagram of our own comes back from our own speaking port on an own address. */
  #isEcho(from: RemoteInfo): boolean {
    return isEcho(from, this.#speaking.address().port, this.#ownAddresses);
  }

  #report(): void {
    const { report, capacityBps = 6_000_000 } = this.#options;
    this.#ownAddresses = hostAddresses();
    const busyRatio = Math.min(1, (this.#bytesOnAir * 8) / ((capacityBps * REPORT_MS) / 1000));
    report({ radio: 0, busyRatio, expiredCount: this.#expiredCount });
    this.#bytesOnAir = 0;
    this.#expiredCount = 0;
  }
}

/** Another host may well have been given the same port. */
export function isEcho(
  from: UdpSource,
  ownPort: number,
  ownAddresses: ReadonlySet<string>,
): boolean {
  return from.port === ownPort && ownAddresses.has(from.address);
}

/** The addresses of this host; a radio that comes up later brings a new one. */
function hostAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return new Set(all.map(({ address }) => address));
}

function bind(socket: Socket, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, host, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}
