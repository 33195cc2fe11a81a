/**
 * Agents as they run on vehicles: the real node with real cryptography between a UDP mesh on
 * loopback, a MAVLink vehicle behind a socket, and a store in files; and a ground station's node
 * beside them that gives the operator's orders.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createNativeProvider } from "../../adapters/crypto-native/native.ts";
import { UdpMesh } from "../../adapters/udp/mod.ts";
import { runAgent, type Agent } from "../../apps/agent/agent.ts";
import { parseAgentConfig, readAgentConfig } from "../../apps/agent/config.ts";
import { Host, processClock } from "../../apps/agent/host.ts";
import { loadSearch } from "../../apps/mission/load-search.ts";
import { missionId, nodeIndex, type Checked, type NodeIndex } from "../../src/base/mod.ts";
import { createNode, type Node } from "../../src/node/mod.ts";
import {
  encodePackage,
  encodeSecrets,
  issueFleet,
  openPackage,
  type Fleet,
  type OrderCommand,
} from "../../src/security/mod.ts";
import { localFrameOf, plannerNamed } from "../../src/swarm/mod.ts";
import { ToyFleet, until } from "../support/toy-fleet.ts";

const MISSION = join(import.meta.dirname, "../../missions/tiny.json5");
const folder = mkdtempSync(join(tmpdir(), "skein-agent-"));
afterAll(() => rmSync(folder, { recursive: true }));

function value<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw new Error(
    checked.problems.map(({ code, text, where }) => `${code} ${where} ${text}`).join("\n"),
  );
}

function issued(vehicleCount: number): Fleet {
  const nowS = Math.floor(Date.now() / 1000);
  return issueFleet(createNativeProvider(), {
    missionId: missionId(7),
    fleetNumber: 5,
    vehicleCount,
    notBeforeS: nowS - 60,
    notAfterS: nowS + 86_400,
  });
}

function writeFiles(fleet: Fleet): void {
  writeFileSync(join(folder, "mission.package"), encodePackage(fleet.package));
  for (const { index, secrets } of fleet.vehicles) {
    writeFileSync(join(folder, `vehicle-${String(index)}.secrets`), encodeSecrets(secrets));
  }
}

interface Running {
  readonly agent: Agent;
  readonly events: string[];
  readonly notes: string[];
}

async function agentOf(vehicle: number, extra: Record<string, unknown> = {}): Promise<Running> {
  const written = {
    mission: MISSION,
    package: "mission.package",
    secrets: `vehicle-${String(vehicle)}.secrets`,
    store: `store-${String(vehicle)}`,
    autopilot: "udp://:0",
    batteryFullWh: 100,
    mesh: { listenPort: 0, listenHost: "127.0.0.1" },
    ...extra,
  };
  const path = join(folder, `vehicle-${String(vehicle)}.json5`);
  writeFileSync(path, JSON.stringify(written));
  const events: string[] = [];
  const notes: string[] = [];
  const agent = value(
    await runAgent({
      config: value(readAgentConfig(path)),
      event: ({ detail }) => events.push(detail.kind),
      autopilotEvent: (event) => events.push(event.kind),
      note: (text) => notes.push(text),
      fatal: (error) => notes.push(String(error)),
    }),
  );
  return { agent, events, notes };
}

/** A ground station's node on the mesh. */
class Ground {
  readonly node: Node;
  readonly mesh: UdpMesh;
  readonly #host: Host;

  private constructor(node: Node, mesh: UdpMesh, host: Host) {
    this.node = node;
    this.mesh = mesh;
    this.#host = host;
  }

  static async open(fleet: Fleet): Promise<Ground> {
    const provider = createNativeProvider();
    const loaded = value(loadSearch(MISSION));
    const plan = plannerNamed("massRate").divide(loaded.search, loaded.prior);
    const node = createNode({
      self: nodeIndex(0),
      role: "ground",
      vehicles: fleet.vehicles.map(({ index }) => index),
      grounds: [nodeIndex(0)],
      search: { world: loaded.search, prior: loaded.prior, plan },
      provider,
      directory: value(openPackage(provider, fleet.package)),
      secrets: fleet.ground.secrets,
      operatorSecrets: fleet.operator.secrets,
      station: { northM: -320, eastM: 40, altitudeAmslM: 565 },
      seed: 1,
      recovered: [],
    });
    const parts: { host?: Host } = {};
    const mesh = await UdpMesh.open({
      listenPort: 0,
      listenHost: "127.0.0.1",
      clock: processClock,
      receive: (datagram) => parts.host?.push({ kind: "datagram", datagram }),
      report: (report) => parts.host?.push({ kind: "channel", report }),
    });
    const host = new Host({
      machine: node,
      transmit: (datagram) => mesh.send(datagram),
      command: () => undefined,
      ask: (ticket) => Promise.resolve({ ticket, outcome: "done" }),
      report: () => undefined,
      fatal: (error) => {
        throw error;
      },
    });
    parts.host = host;
    return new Ground(node, mesh, host);
  }

  tellTime(): void {
    this.#host.push({ kind: "clock", source: "host", timeMs: Date.now(), errorMs: 100 });
  }

  order(command: OrderCommand, targets: readonly NodeIndex[] | "all"): void {
    const draft = { command, targets, validForMs: 30_000, supersedes: undefined };
    this.#host.push({ kind: "operator", draft });
  }

  async close(): Promise<void> {
    this.#host.close();
    await this.mesh.close();
  }
}

function join2(meshes: readonly UdpMesh[]): void {
  for (const mesh of meshes) {
    for (const other of meshes) {
      if (other !== mesh) mesh.addPeer({ host: "127.0.0.1", port: other.localPort });
    }
  }
}

test("two agents and a ground station agree, arm on order, fly, land; one restarts", async () => {
  const fleet = issued(2);
  writeFiles(fleet);
  const mission = value(loadSearch(MISSION)).mission;
  const first = await agentOf(1);
  const second = await agentOf(2);
  const ground = await Ground.open(fleet);
  ground.tellTime();
  const toys: ToyFleet[] = [];
  try {
    join2([first.agent.mesh, second.agent.mesh, ground.mesh]);
    for (const [i, { agent }] of [first, second].entries()) {
      const home = {
        northM: -320,
        eastM: 40 + 15 * i,
        altitudeAmslM: mission.origin.altitudeAmslM,
      };
      const frame = localFrameOf(mission.origin);
      toys.push(
        await ToyFleet.open({ port: agent.autopilot.localPort, count: 1, speed: 2, frame, home }),
      );
    }
    await until("a leader", 20_000, () => ground.node.layers.consensus.leader !== undefined);
    await until("ready", 20_000, () =>
      [first, second].every(({ agent }) => agent.sample()?.ready === true),
    );
    await until("boot nonces", 10_000, () => ground.node.bootNonces.size >= 2);
    ground.order({ kind: "start" }, "all");
    const vehicles = [nodeIndex(1), nodeIndex(2)];
    const bindings = vehicles.map((vehicle) => ({
      vehicle,
      bootNonce: ground.node.bootNonces.get(vehicle)!,
    }));
    ground.order({ kind: "arm", bindings, takeoffAltitudeAglM: 20 }, vehicles);
    // These airframes have no switch: somebody at the page says that the crew has stepped back.
    ground.order({ kind: "release", bindings }, vehicles);
    await until("both in the air", 30_000, () => toys.every((toy) => toy.toys[0]!.inAir));
    await until("setpoints", 20_000, () =>
      toys.every((toy) => toy.toys[0]!.commands.some(({ kind }) => kind === "setpoint")),
    );
    ground.order({ kind: "land" }, "all");
    await until("landed", 30_000, () => toys.every((toy) => !toy.toys[0]!.armed));
    // A restart remembers its log and its boots, and arms nothing.
    const firstBoot = first.agent.node.identity.bootCount;
    const meshPort = first.agent.mesh.localPort;
    const autopilotPort = first.agent.autopilot.localPort;
    await first.agent.close();
    const commandsBefore = toys[0]!.toys[0]!.commands.length;
    const nonceBefore = ground.node.bootNonces.get(nodeIndex(1));
    // At the address that its autopilot and its peers know it by.
    const again = await agentOf(1, {
      autopilot: `udp://:${String(autopilotPort)}`,
      mesh: { listenPort: meshPort, listenHost: "127.0.0.1" },
    });
    join2([again.agent.mesh, second.agent.mesh, ground.mesh]);
    expect(again.agent.node.identity.bootCount).toBeGreaterThan(firstBoot);
    await until("the new boot is heard", 30_000, () => {
      const known = ground.node.bootNonces.get(nodeIndex(1)) !== nonceBefore;
      return known && again.agent.sample() !== undefined;
    });
    const since = toys[0]!.toys[0]!.commands.slice(commandsBefore);
    expect(since.filter(({ kind }) => kind === "arm" || kind === "takeoff")).toEqual([]);
    expect(toys[0]!.toys[0]!.armed).toBe(false);
    expect(again.notes).toEqual([]);
    await again.agent.close();
    expect([...first.notes, ...second.notes]).toEqual([]);
  } finally {
    for (const toy of toys) await toy.close();
    await first.agent.close();
    await second.agent.close();
    await ground.close();
  }
}, 120_000);

describe("what keeps an agent from starting is told at once, and nothing stays open", () => {
  const good = {
    mission: "m",
    package: "p",
    secrets: "s",
    store: "st",
    autopilot: "udp://:14540",
    batteryFullWh: 100,
    mesh: {},
  };
  const wheres = (config: unknown): string[] => {
    const parsed = parseAgentConfig(config, "/v");
    return parsed.ok ? [] : parsed.problems.map(({ code, where }) => `${code} ${where}`);
  };

  test("a configuration with every kind of mistake", () => {
    expect(wheres(good)).toEqual([]);
    expect(
      wheres({ ...good, mesh: { peers: ["10.0.0.7", 5, "10.0.0.7:14600"], listenPort: -1 } }),
    ).toEqual(["AGT002 mesh.peers[0]", "CHK002 mesh.peers[1]", "CHK003 mesh.listenPort"]);
    expect(
      wheres({ ...good, autopilot: "http://x", batteryFullWh: 0, autopilotSystemId: 300 }),
    ).toEqual(["HAL010 autopilot", "CHK003 autopilotSystemId", "CHK003 batteryFullWh"]);
    expect(wheres({ mesh: {} }).length).toBe(6);
    expect(wheres(null)).toHaveLength(1);
  });

  test("files that are missing, cut short, or another fleet's", async () => {
    const fleet = issued(1);
    writeFiles(fleet);
    const stranger = issued(1);
    writeFileSync(join(folder, "stranger.secrets"), encodeSecrets({ ...stranger.ground.secrets }));
    writeFileSync(join(folder, "cut.package"), encodePackage(fleet.package).subarray(0, 500));
    const problemsOf = async (extra: Record<string, unknown>): Promise<string[]> => {
      const parsed = value(parseAgentConfig({ ...good, ...extra }, folder));
      const ignore = (): void => undefined;
      const result = await runAgent({
        config: parsed,
        event: ignore,
        autopilotEvent: ignore,
        note: ignore,
        fatal: ignore,
      });
      if (result.ok) await result.value.close();
      return result.ok ? [] : result.problems.map(({ code }) => code);
    };
    const files = { mission: MISSION, package: "mission.package", secrets: "vehicle-1.secrets" };
    expect(await problemsOf({ ...files, package: "none", secrets: "none" })).toEqual([
      "AGT001",
      "AGT001",
    ]);
    expect(await problemsOf({ ...files, package: "cut.package" })).toHaveLength(1);
    expect(await problemsOf({ ...files, secrets: "stranger.secrets" })).toEqual(["AGT003"]);
    expect(await problemsOf({ ...files, autopilot: "serial:/dev/none" })).toEqual(["AGT004"]);
    // The store was given free again.
    expect(
      await problemsOf({ ...files, store: "st", autopilot: "udp://:0", mesh: { listenPort: 0 } }),
    ).toEqual([]);
  });
});
