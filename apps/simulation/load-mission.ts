/** A mission file with its terrain and probability map, ready to plan and to fly; or every problem. */
import { readMissionFile } from "../../adapters/import/mod.ts";
import type { Checked, Problem } from "../../src/base/mod.ts";
import {
  checkOnTerrain,
  computedPrior,
  coverAt,
  decodeTerrain,
  flatGround,
  gridOver,
  loadedPrior,
  parseMission,
  resampleMap,
  terrainGrid,
  type Ground,
  type Mission,
  type PriorMap,
  type SearchGround,
} from "../../src/swarm/mod.ts";

export interface LoadedMission {
  readonly mission: Mission;
  readonly ground: Ground;
  readonly search: SearchGround;
  readonly prior: PriorMap;
}

export function loadMission(path: string): Checked<LoadedMission> {
  const source = readMissionFile(path);
  if (!source.ok) return source;
  const parsed = parseMission(source.value.value);
  if (!parsed.ok) return parsed;
  const mission = parsed.value;
  const placed = placeOnTerrain(mission, source.value.terrain);
  if (!placed.ok) return placed;
  const ground = placed.value;
  const search: SearchGround = { mission, ground, coverAt: coverAt(mission.cover) };
  return { ok: true, value: { mission, ground, search, prior: priorOf(search) } };
}

/** The map that the mission brings, on its own grid; else the one computed from distances. */
function priorOf(search: SearchGround): PriorMap {
  const { mission } = search;
  if (mission.loadedMap === undefined) return computedPrior(search);
  const mass = resampleMap(mission.loadedMap, gridOver(mission));
  let inside = 0;
  for (const value of mass) inside += value;
  const outside = 1 - inside * (1 - mission.loadedMap.outsideShare);
  return loadedPrior(search, { mass, outside });
}

function placeOnTerrain(mission: Mission, pack: Uint8Array | undefined): Checked<Ground> {
  if (pack === undefined) return { ok: true, value: flatGround(mission.origin.altitudeAmslM) };
  const decoded = decodeTerrain(pack);
  if (!decoded.ok) return { ok: false, problems: [decoded.problem] };
  const grid = terrainGrid(decoded.value, mission.origin);
  const problems: readonly Problem[] = checkOnTerrain(mission, grid);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: grid };
}
