/**
 * The process on a vehicle: the real node between a UDP mesh, an autopilot and a durable store.
 *
 * Order of the start: everything is read and checked before a port is opened; the store is
 * recovered before the node exists; the autopilot comes last, so that nothing can move before the
 * node listens. Nothing arms by itself after a start: the autopilot machine obeys only orders given
 * since then.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { AutopilotLink } from "../../adapters/autopilot/mod.ts";
import { createNativeProvider } from "../../adapters/crypto-native/native.ts";
import { FileStore, type OpenedStore } from "../../adapters/store/mod.ts";
import { UdpMesh } from "../../adapters/udp/mod.ts";
import {
  problem,
  type Checked,
  type NodeIndex,
  type Problem,
  type Result,
} from "../../src/base/mod.ts";
import type { AutopilotEvent, SensorReport, VehicleSample } from "../../src/hal/mod.ts";
import { createNode, type Node, type NodeEvent } from "../../src/node/mod.ts";
import {
  decodePackage,
  decodeSecrets,
  openPackage,
  Role,
  type CryptoProvider,
  type Directory,
  type NodeSecrets,
} from "../../src/security/mod.ts";
import { localFrameOf, plannerNamed } from "../../src/swarm/mod.ts";
import { loadSearch } from "../mission/load-search.ts";
import type { SearchMission } from "../mission/search-mission.ts";
import type { AgentConfig } from "./config.ts";
import { Host, processClock } from "./host.ts";

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly event: (event: NodeEvent) => void;
  readonly autopilotEvent: (event: AutopilotEvent) => void;
  /** One line for the log. */
  readonly note: (text: string) => void;
  /** The node has broken an invariant; everything is closed already. */
  readonly fatal: (error: unknown) => void;
}

export interface Agent {
  readonly self: NodeIndex;
  readonly node: Node;
  readonly autopilot: AutopilotLink;
  readonly mesh: UdpMesh;
  /** The last sample, or undefined before the first. */
  readonly sample: () => VehicleSample | undefined;
  /** What a camera process on this vehicle thinks that it saw. */
  readonly sensor: (report: SensorReport) => void;
  close(): Promise<void>;
}

const PLANNER = "massRate";
const CLOCK_MS = 10_000;
const RELEASE_MS = 500;

/** Starts an agent, or says every reason why not; then nothing has been left open. */
export async function runAgent(options: AgentOptions): Promise<Checked<Agent>> {
  const provider = createNativeProvider();
  const inputs = readInputs(options.config, provider);
  if (!inputs.ok) return inputs;
  const opened = await FileStore.open({ folder: options.config.storeFolder });
  if (!opened.ok) return { ok: false, problems: [opened.problem] };
  for (const text of opened.value.notes) options.note(`store: ${text}`);
  try {
    return { ok: true, value: await start(options, { ...inputs.value, provider }, opened.value) };
  } catch (error) {
    await opened.value.store.close();
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [problem("AGT004", { detail })] };
  }
}

interface Inputs {
  readonly loaded: SearchMission;
  readonly directory: Directory;
  readonly secrets: NodeSecrets;
  readonly self: NodeIndex;
}

/** Every problem of every file at once. */
function readInputs(config: AgentConfig, provider: CryptoProvider): Checked<Inputs> {
  const problems: Problem[] = [];
  const loaded = loadSearch(config.missionPath);
  if (!loaded.ok) problems.push(...loaded.problems);
  const contents = decoded(config.packagePath, decodePackage, problems);
  const secrets = decoded(config.secretsPath, decodeSecrets, problems);
  const directory =
    contents === undefined
      ? undefined
      : openPackage(provider, contents, Math.floor(Date.now() / 1000));
  if (directory?.ok === false) problems.push(...directory.problems);
  if (!loaded.ok || directory?.ok !== true || secrets === undefined) return { ok: false, problems };
  const self = directory.value.indexOf(secrets.id);
  const role = self === undefined ? undefined : directory.value.credential(self)?.role;
  if (self === undefined || role !== Role.vehicle) {
    return { ok: false, problems: [problem("AGT003", { where: config.secretsPath })] };
  }
  return { ok: true, value: { loaded: loaded.value, directory: directory.value, secrets, self } };
}

function decoded<T>(
  path: string,
  decode: (bytes: Uint8Array) => Result<T>,
  problems: Problem[],
): T | undefined {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    problems.push(problem("AGT001", { where: path, detail }));
    return undefined;
  }
  const result = decode(bytes);
  if (result.ok) return result.value;
  problems.push({ ...result.problem, where: `${path} ${result.problem.where}`.trim() });
  return undefined;
}

function nodeOf(
  { loaded, directory, secrets, self, provider }: Inputs & { readonly provider: CryptoProvider },
  { recovered }: OpenedStore,
): Node {
  const of = (role: Role): NodeIndex[] =>
    Array.from({ length: directory.size }, (_, i) => i as NodeIndex).filter(
      (index) => directory.credential(index)?.role === role,
    );
  const plan = plannerNamed(PLANNER).divide(loaded.search, loaded.prior);
  return createNode({
    self,
    role: "vehicle",
    vehicles: of(Role.vehicle),
    grounds: of(Role.ground),
    search: { world: loaded.search, prior: loaded.prior, plan },
    planner: PLANNER,
    provider,
    directory,
    secrets,
    seed: randomBytes(6).readUIntBE(0, 6),
    recovered,
    civilS: Date.now() / 1000,
  });
}

async function start(
  options: AgentOptions,
  inputs: Inputs & { readonly provider: CryptoProvider },
  opened: OpenedStore,
): Promise<Agent> {
  const { config } = options;
  const node = nodeOf(inputs, opened);
  let sample: VehicleSample | undefined;
  // The host performs effects from its first step on: what they go to must be there before it.
  const parts: { host?: Host; mesh?: UdpMesh; autopilot?: AutopilotLink } = {};
  const timers: NodeJS.Timeout[] = [];
  const close = async (): Promise<void> => {
    parts.host?.close();
    for (const timer of timers) clearInterval(timer);
    await parts.mesh?.close();
    await parts.autopilot?.close();
    await opened.store.close();
  };
  try {
    const mesh = await UdpMesh.open({
      ...definedOnly(config.mesh),
      listenPort: config.mesh.listenPort,
      clock: processClock,
      receive: (datagram) => parts.host?.push({ kind: "datagram", datagram }),
      report: (report) => parts.host?.push({ kind: "channel", report }),
      trouble: (text) => options.note(`mesh: ${text}`),
    });
    parts.mesh = mesh;
    const autopilot = await AutopilotLink.open({
      address: config.autopilot,
      clock: processClock,
      frame: localFrameOf(inputs.loaded.mission.origin),
      batteryFullWh: config.batteryFullWh,
      ...(config.autopilotSystemId === undefined
        ? {}
        : { targetSystemId: config.autopilotSystemId }),
      sample: (next) => {
        sample = next;
        parts.host?.push({ kind: "vehicle", sample: next });
      },
      event: options.autopilotEvent,
      gnssTime: (timeMs, errorMs) =>
        parts.host?.push({ kind: "clock", source: "gnss", timeMs, errorMs }),
      trouble: (text) => options.note(`autopilot: ${text}`),
    });
    parts.autopilot = autopilot;
    const host = new Host({
      machine: node,
      transmit: (datagram) => mesh.send(datagram),
      command: (command) => autopilot.command(command),
      ask: (ticket, request) => opened.store.request(ticket, request),
      report: options.event,
      fatal: (error) => {
        void close().then(() => options.fatal(error));
      },
    });
    parts.host = host;
    tellTime(host, config, timers);
    watchRelease(config, autopilot, timers);
    const sensor = (report: SensorReport): void => host.push({ kind: "sensor", report });
    return { self: inputs.self, node, autopilot, mesh, sample: () => sample, sensor, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** `exactOptionalPropertyTypes`: a key that is undefined is not a key that is absent. */
function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function tellTime(host: Host, { clockErrorMs }: AgentConfig, timers: NodeJS.Timeout[]): void {
  const tell = (): void =>
    host.push({ kind: "clock", source: "host", timeMs: Date.now(), errorMs: clockErrorMs });
  tell();
  timers.push(setInterval(tell, CLOCK_MS));
}

function watchRelease(
  { releasePath }: AgentConfig,
  autopilot: AutopilotLink,
  timers: NodeJS.Timeout[],
): void {
  if (releasePath === undefined) {
    autopilot.release(true);
    return;
  }
  const look = (): void => autopilot.release(existsSync(releasePath));
  look();
  timers.push(setInterval(look, RELEASE_MS));
}
