/**
 * A minute of a small search that runs in any JavaScript engine: a ground station and vehicles,
 * every one the real node with the portable cryptography, in the simulated world, with an order
 * that holds them, a stranger's noise and a node that reboots. It is bundled into one script; what
 * it tells must be the same everywhere.
 */
import { buildSimulation } from "../../apps/simulation/build-simulation.ts";
import { ScriptedOperator } from "../../apps/simulation/scripted-operator.ts";
import { searchMission } from "../../apps/mission/search-mission.ts";
import { seededEntropy } from "../../apps/simulation/seeded-entropy.ts";
import type { FaultAction } from "../../sim/mod.ts";
import type { Node } from "../../src/node/mod.ts";
import { createPortableProvider, memoise, type OrderDraft } from "../../src/security/mod.ts";
import { flatGround, parseMission } from "../../src/swarm/mod.ts";

const SEED = 11;
const DURATION_S = 60;
const HOLD_AT_S = 34;
const GO_AT_S = 40;
/** Garbage from nobody's radio, near the base. */
const NOISE_AT_S = 20;
const REBOOT_AT_S = 46;

export interface Story {
  readonly traceHash: string;
  readonly leader: number;
  readonly epoch: number;
  readonly sessions: number;
  readonly committed: number;
  readonly flying: number;
  /** Duties of the vehicles while the hold stood. */
  readonly heldBy: readonly string[];
  readonly segments: number;
  readonly sweptM2: number;
  /** What nodes refused of what came in. */
  readonly refused: number;
  readonly boots: number;
  readonly violated: number;
}

/** `file` is the plain value of a mission file. */
export function tell(file: unknown): Story {
  const parsed = parseMission(file);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ text }) => text).join("; "));
  const mission = parsed.value;
  const loaded = searchMission(mission, flatGround(mission.origin.altitudeAmslM));
  const provider = memoise(createPortableProvider({ entropy: seededEntropy(SEED) }));
  const { world, vehicles } = buildSimulation({ loaded, seed: SEED }, provider);
  const script = mission.operator;
  const operator = new ScriptedOperator({ world, script, seed: SEED, vehicles });
  const duties = (): string[] => vehicles.map((slot) => world.node(slot)?.duty ?? "off");
  let heldBy: string[] = [];
  for (let timeS = 1; timeS <= DURATION_S; timeS += 1) {
    world.runUntil(timeS * 1000);
    operator.tick(timeS);
    if (timeS === NOISE_AT_S) world.applyFault(NOISE);
    if (timeS === HOLD_AT_S) world.operator(draftOf("hold"));
    if (timeS === GO_AT_S) heldBy = duties();
    if (timeS === GO_AT_S) world.operator(draftOf("start"));
    if (timeS === REBOOT_AT_S) world.applyFault({ kind: "reboot", slot: 2, downS: 3 });
  }
  const ground = world.node(0)?.layers;
  const view = world.view();
  return {
    traceHash: world.traceHash(),
    leader: ground?.consensus.leader ?? -1,
    epoch: ground?.security.epoch ?? 0,
    sessions: ground?.security.sessionCount ?? 0,
    committed: ground?.consensus.commitIndex ?? 0,
    heldBy,
    segments: ground?.consensus.state.segments.entries().length ?? 0,
    sweptM2: Math.round(1e6 * world.report().search.areaSweptKm2),
    refused: vehicles.reduce((sum, slot) => sum + refusedBy(world.node(slot)), 0),
    boots: vehicles.reduce((sum, slot) => sum + (world.node(slot)?.identity.bootCount ?? 0), 0),
    flying: view.vehicles.filter(({ state }) => state === "flying").length,
    violated: view.violations.length,
  };
}

const NOISE: FaultAction = {
  kind: "hostile",
  ...{ northM: 20, eastM: 20, mode: "bitflip", rateHz: 10, lastsS: 10 },
};

const draftOf = (kind: "hold" | "start"): OrderDraft => ({
  command: { kind },
  targets: "all",
  validForMs: 30_000,
  supersedes: undefined,
});

/** By security, of datagrams and envelopes. */
function refusedBy(node: Node | undefined): number {
  let sum = 0;
  for (const count of node?.layers.security.refused.values() ?? []) sum += count;
  return sum;
}
