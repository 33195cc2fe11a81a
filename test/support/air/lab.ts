/**
 * A lab of network namespaces, one a node, whose taps meet on the simulator's channel: the routing
 * daemon `babeld` and Skein's own network layer in the same topology, with the same loss trace and
 * cut, measured at the same place.
 *
 * Needs root, `ip`, Python and, for babeld, the Debian package of that name. All that it makes is
 * removed by `close`: processes by their handles, namespaces by names that hold the process id.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { invariant } from "../../../src/base/mod.ts";
import type { Requirement } from "../requirements.ts";
import { Air, macOf, type Link } from "./medium.ts";
import { bytesOf, endsAt, PROBE_PORT, useOf } from "./wire.ts";

/** Two ways of three hops from node 0 to node 5. */
export const LINKS: readonly Link[] = [
  [0, 1],
  [1, 3],
  [3, 5],
  [0, 2],
  [2, 4],
  [4, 5],
];
const NODES = 6;
const FROM = 0;
const TO = 5;
const PROBE_MS = 20;
const LOSS = 0.05;
const BABELDS = [
  "/usr/sbin/babeld",
  join(import.meta.dirname, "..", "..", "..", ".cache", "babeld", "usr", "sbin", "babeld"),
];
const BABELD = BABELDS.find((path) => existsSync(path));
const PYTHON = "/usr/bin/python3";
/** Of iproute2, procps and util-linux. */
const PROGRAMS = ["/usr/sbin/ip", "/usr/sbin/sysctl", "/usr/bin/setpriv"];

export type Program = "babeld" | "skein";

export interface OutageFigures {
  readonly program: Program;
  /** The longest time without an arrival in each cut; the whole hold when none came. */
  readonly outagesMs: readonly number[];
  /** From the start of the programs to the first arrival. */
  readonly convergedMs: number;
  /** Bytes that keep routes, a node and second, network header included. */
  readonly controlBytesS: number;
  /** Share of the probes that arrived while nothing was cut. */
  readonly arrivedRatio: number;
}

export interface OutagePlan {
  readonly program: Program;
  readonly seed: number;
  readonly cuts: number;
  readonly settleMs: number;
  /** How long a link stays cut, and whole again. */
  readonly holdMs: number;
  readonly restMs: number;
}

/** Root, taps and namespaces, and the daemon. */
export function airLab(): Requirement {
  if (process.getuid?.() !== 0) return { kind: "missing", reason: "network taps need root" };
  for (const path of ["/dev/net/tun", PYTHON, ...PROGRAMS]) {
    if (!existsSync(path)) return { kind: "missing", reason: `no ${path}` };
  }
  if (BABELD === undefined) {
    return { kind: "missing", reason: "no babeld; node scripts/setup.mjs test unpacks it" };
  }
  const name = `skein-${String(process.pid)}-try`;
  if (spawnSync("ip", ["netns", "add", name]).status !== 0) {
    return { kind: "missing", reason: "no network namespaces" };
  }
  spawnSync("ip", ["netns", "delete", name]);
  return { kind: "found", path: BABELD };
}

/** Runs one program through the cuts of a plan. */
export async function measureOutages(plan: OutagePlan): Promise<OutageFigures> {
  const lab = new Lab(plan);
  try {
    await lab.open();
    lab.start();
    const startMs = lab.air.nowMs;
    await sleep(plan.settleMs);
    const outagesMs: number[] = [];
    for (let i = 0; i < plan.cuts; i += 1) {
      outagesMs.push(await lab.cutOnce());
      await sleep(plan.restMs);
    }
    const ranS = (lab.air.nowMs - startMs) / 1000;
    return {
      program: plan.program,
      outagesMs,
      convergedMs: (lab.arrivals[0] ?? Infinity) - startMs,
      controlBytesS: lab.controlBytes / NODES / ranS,
      arrivedRatio: lab.arrivedRatio(plan.settleMs / 2),
    };
  } finally {
    await lab.close();
  }
}

class Lab {
  readonly #plan: OutagePlan;
  readonly #home = mkdtempSync(join(tmpdir(), "skein-air-"));
  readonly #children: ChildProcess[] = [];
  readonly #socket: Socket = createSocket("udp4");
  readonly air: Air;
  readonly arrivals: number[] = [];
  controlBytes = 0;
  #bridgePort = 0;
  #settledMs = Infinity;
  #lastFrom = -1;

  constructor(plan: OutagePlan) {
    this.#plan = plan;
    this.air = new Air({
      nodes: NODES,
      links: LINKS,
      seed: plan.seed,
      loss: LOSS,
      deliver: (to, from, frame) => {
        this.#deliver(to, from, frame);
      },
    });
  }

  async open(): Promise<void> {
    this.#socket.bind(0, "127.0.0.1");
    await once(this.#socket, "listening");
    this.#socket.on("message", (datagram) => {
      const frame = Uint8Array.from(datagram.subarray(1));
      if (useOf(frame) === "control") this.controlBytes += bytesOf(frame);
      this.air.send(datagram[0]!, frame);
    });
    const taps = Array.from({ length: NODES }, (_, slot) => tapOf(slot));
    const { port } = this.#socket.address();
    const bridge = this.#spawn(PYTHON, [here("taps.py"), String(port), ...taps]);
    this.#bridgePort = await portOf(bridge);
    for (let slot = 0; slot < NODES; slot += 1) furnish(slot);
  }

  /** Starts the program on every node, and the probe on the first. */
  start(): void {
    for (let slot = 0; slot < NODES; slot += 1) {
      if (this.#plan.program === "babeld") this.#startBabeld(slot);
      else this.#startAgent(slot);
    }
    if (this.#plan.program === "skein") return;
    const period = String(PROBE_MS / 1000);
    const probe = [PYTHON, here("probe.py"), addressOf(TO), String(PROBE_PORT), period];
    this.#spawn("ip", ["netns", "exec", spaceOf(FROM), ...probe]);
  }

  /** Cuts the middle link of the way in use; the longest time without an arrival while it is. */
  async cutOnce(): Promise<number> {
    const { holdMs } = this.#plan;
    this.#settledMs = Math.min(this.#settledMs, this.air.nowMs);
    const cutMs = this.air.nowMs;
    this.air.cut(this.#lastFrom === 4 ? [2, 4] : [1, 3]);
    await sleep(holdMs);
    const times = [cutMs, ...this.arrivals.filter((ms) => ms > cutMs), cutMs + holdMs];
    this.air.cut(undefined);
    return Math.max(...times.map((ms, i) => ms - (times[i - 1] ?? ms)));
  }

  /** Of the probes of the time before the first cut, and after it had begun to work. */
  arrivedRatio(windowMs: number): number {
    const fromMs = this.#settledMs - windowMs;
    const came = this.arrivals.filter((ms) => ms >= fromMs && ms < this.#settledMs).length;
    return Math.min(1, came / (windowMs / PROBE_MS));
  }

  async close(): Promise<void> {
    this.air.close();
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    this.#socket.close();
    for (let slot = 0; slot < NODES; slot += 1) spawnSync("ip", ["netns", "delete", spaceOf(slot)]);
    rmSync(this.#home, { recursive: true, force: true });
  }

  #deliver(to: number, from: number, frame: Uint8Array): void {
    if (to === TO && useOf(frame) === "data" && endsAt(frame, TO)) {
      this.arrivals.push(this.air.nowMs);
      this.#lastFrom = from;
    }
    this.#socket.send(Buffer.concat([Uint8Array.of(to), frame]), this.#bridgePort, "127.0.0.1");
  }

  #startBabeld(slot: number): void {
    const config = join(this.#home, `babeld-${String(slot)}.conf`);
    writeFileSync(
      config,
      [
        `interface ${tapOf(slot)} type wireless hello-interval 0.5`,
        `redistribute local ip 10.83.0.0/24 allow`,
        "redistribute local deny",
        "",
      ].join("\n"),
    );
    const state = join(this.#home, `babeld-${String(slot)}.state`);
    const options = [
      "-c",
      config,
      "-S",
      state,
      "-I",
      join(this.#home, `${String(slot)}.pid`),
      "-r",
    ];
    invariant(BABELD !== undefined, "the lab opens where the daemon is");
    this.#spawn("ip", ["netns", "exec", spaceOf(slot), BABELD, ...options]);
  }

  #startAgent(slot: number): void {
    const probe = slot === FROM ? [String(TO), String(PROBE_MS)] : [];
    const agent = [process.execPath, here("agent.ts"), String(slot), addressOf(slot), ...probe];
    this.#spawn("ip", ["netns", "exec", spaceOf(slot), ...agent]);
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    // Whatever ends this process, nothing of the lab is left running.
    const tied = ["--pdeathsig", "KILL", "--", program, ...args];
    // The daemon warns of each interface that is no Wi-Fi card, and of each route that goes.
    const stderr = this.#plan.program === "babeld" ? "ignore" : "inherit";
    const child = spawn("setpriv", tied, { stdio: ["pipe", "pipe", stderr] });
    this.#children.push(child);
    return child;
  }
}

/** The port that the bridge of the taps says it listens on. */
async function portOf(bridge: ChildProcess): Promise<number> {
  const lines = createInterface({ input: bridge.stdout! });
  for await (const line of lines) {
    const port = Number(/^ready (\d+)$/.exec(line)?.[1]);
    if (port > 0) return port;
  }
  throw new Error("the bridge of the taps ended before it was ready");
}

const here = (name: string): string => join(import.meta.dirname, name);
const tapOf = (slot: number): string => `sk${String(process.pid % 100_000)}t${String(slot)}`;
const spaceOf = (slot: number): string => `skein-${String(process.pid)}-${String(slot)}`;
const addressOf = (slot: number): string => `10.83.0.${String(slot + 1)}`;

/** A namespace with a tap in it, forwarding on, no filter by return path. */
function furnish(slot: number): void {
  const [tap, space] = [tapOf(slot), spaceOf(slot)];
  const inside = (line: string): void => {
    ip(["netns", "exec", space, ...line.split(" ")]);
  };
  ip(["netns", "add", space]);
  ip(["link", "set", tap, "netns", space]);
  inside(`ip link set lo up`);
  inside(`ip link set ${tap} address ${macOf(slot)}`);
  inside(`ip address add ${addressOf(slot)}/32 dev ${tap}`);
  // No wait for duplicate addresses: a daemon could not speak from its link-local one till then.
  inside(`sysctl -q -w net.ipv6.conf.${tap}.accept_dad=0`);
  inside(`ip link set ${tap} up`);
  inside(`ip route add 224.0.0.0/4 dev ${tap}`);
  inside(`sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0`);
}

function ip(args: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
