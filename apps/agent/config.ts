/**
 * The configuration of an agent: a JSON5 file beside the vehicle's package and secrets. Every
 * problem of the file is told at once. Paths are relative to the file.
 *
 * `release` names a file by whose existence the crew releases the vehicle for arming (a switch on
 * the airframe creates and removes it). Without it the airframe has no switch that could hold it,
 * and every take-off needs the release of a person at the page, bound to this very boot.
 */
import { dirname, resolve } from "node:path";
import { parseTransportAddress, type TransportAddress } from "../../adapters/autopilot/mod.ts";
import { readJson5File } from "../../adapters/import/mod.ts";
import { parseEndpoint, PEERS_MAX, type UdpEndpoint } from "../../adapters/udp/mod.ts";
import { Checker, type Checked, type Fields, type Result } from "../../src/base/mod.ts";

export interface AgentConfig {
  readonly missionPath: string;
  readonly packagePath: string;
  readonly secretsPath: string;
  readonly storeFolder: string;
  readonly releasePath: string | undefined;
  readonly autopilot: TransportAddress;
  /** System id of the vehicle; without it the first autopilot that is heard. */
  readonly autopilotSystemId: number | undefined;
  readonly batteryFullWh: number;
  readonly mesh: {
    readonly listenPort: number;
    readonly listenHost: string | undefined;
    readonly multicastGroup: string | undefined;
    readonly multicastInterface: string | undefined;
    readonly peers: readonly UdpEndpoint[];
  };
  /** How far this computer's civil time may be off; GNSS through the autopilot knows better. */
  readonly clockErrorMs: number;
}

const KEYS = [
  "mission",
  "package",
  "secrets",
  "store",
  "release",
  "autopilot",
  "autopilotSystemId",
  "batteryFullWh",
  "mesh",
  "clockErrorMs",
] as const;
const MESH_KEYS = [
  "listenPort",
  "listenHost",
  "multicastGroup",
  "multicastInterface",
  "peers",
] as const;

const PATH = { max: 4096 };
const HOST = { max: 255, fallback: "" };
/** Named where it is documented: docs/guides and the example of `skein agent --help`. */
export const MESH_PORT_DEFAULT = 14_600;

export function readAgentConfig(path: string): Checked<AgentConfig> {
  const file = readJson5File(path);
  if (!file.ok) return { ok: false, problems: [file.problem] };
  return parseAgentConfig(file.value, dirname(path));
}

export function parseAgentConfig(value: unknown, folder: string): Checked<AgentConfig> {
  const checker = new Checker();
  const fields = checker.object(value, "", KEYS);
  const pathOf = (key: string): string => resolve(folder, fields.text(key, PATH));
  const config: AgentConfig = {
    missionPath: pathOf("mission"),
    packagePath: pathOf("package"),
    secretsPath: pathOf("secrets"),
    storeFolder: pathOf("store"),
    releasePath: fields.has("release") ? pathOf("release") : undefined,
    autopilot: addressOf(checker, fields),
    autopilotSystemId: fields.has("autopilotSystemId")
      ? fields.integer("autopilotSystemId", { min: 1, max: 254 })
      : undefined,
    batteryFullWh: fields.number("batteryFullWh", { min: 1, max: 5000, unit: "Wh" }),
    mesh: meshOf(checker, fields),
    clockErrorMs: fields.number("clockErrorMs", { min: 1, max: 60_000, unit: "ms", fallback: 500 }),
  };
  return checker.finish(config);
}

/** Loopback, where a companion's own autopilot speaks to. */
const NO_ADDRESS: TransportAddress = { kind: "udpListen", host: "127.0.0.1", port: 0 };

function addressOf(checker: Checker, fields: Fields): TransportAddress {
  const text = fields.text("autopilot", { max: 200 });
  if (!fields.has("autopilot")) return NO_ADDRESS;
  return adopted(checker, fields.at("autopilot"), parseTransportAddress(text)) ?? NO_ADDRESS;
}

/** The value, or undefined with its problem reported at that place. */
function adopted<T>(checker: Checker, where: string, result: Result<T>): T | undefined {
  if (result.ok) return result.value;
  checker.adopt([{ ...result.problem, where }]);
  return undefined;
}

function meshOf(checker: Checker, fields: Fields): AgentConfig["mesh"] {
  const mesh = fields.object("mesh", MESH_KEYS);
  const text = (key: string): string | undefined => mesh.text(key, HOST) || undefined;
  const peers = mesh.list("peers", { max: PEERS_MAX }, (item, where) => {
    if (typeof item !== "string") {
      checker.wrongType(where, { wanted: "a text like 10.0.0.7:14600", found: item });
      return undefined;
    }
    return adopted(checker, where, parseEndpoint(item));
  });
  return {
    listenPort: mesh.integer("listenPort", { min: 0, max: 65_535, fallback: MESH_PORT_DEFAULT }),
    listenHost: text("listenHost"),
    multicastGroup: text("multicastGroup"),
    multicastInterface: text("multicastInterface"),
    peers: peers.filter((peer) => peer !== undefined),
  };
}
