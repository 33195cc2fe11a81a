/**
 * A small search that runs in any JavaScript engine: a ground station and two vehicles, every one
 * the real node with the portable cryptography, in the simulated world. It is bundled into one
 * script; what it tells must be the same everywhere.
 */
import { buildSimulation } from "../../apps/simulation/build-simulation.ts";
import { ScriptedOperator } from "../../apps/simulation/scripted-operator.ts";
import { searchMission } from "../../apps/mission/search-mission.ts";
import { seededEntropy } from "../../apps/simulation/seeded-entropy.ts";
import { createPortableProvider, memoise } from "../../src/security/mod.ts";
import { flatGround, parseMission } from "../../src/swarm/mod.ts";

const SEED = 11;
const DURATION_S = 14;

export interface Story {
  readonly traceHash: string;
  readonly leader: number;
  readonly epoch: number;
  readonly sessions: number;
  readonly committed: number;
  readonly flying: number;
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
  for (let timeS = 1; timeS <= DURATION_S; timeS += 1) {
    world.runUntil(timeS * 1000);
    operator.tick(timeS);
  }
  const ground = world.node(0)?.layers;
  const view = world.view();
  return {
    traceHash: world.traceHash(),
    leader: ground?.consensus.leader ?? -1,
    epoch: ground?.security.epoch ?? 0,
    sessions: ground?.security.sessionCount ?? 0,
    committed: ground?.consensus.commitIndex ?? 0,
    flying: view.vehicles.filter(({ state }) => state === "flying").length,
    violated: view.violations.length,
  };
}
