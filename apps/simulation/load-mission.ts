/** A mission file with its terrain and probability map, ready to plan and to fly; or every problem. */
import { readMissionFile } from "../../adapters/import/mod.ts";
import type { Checked, Problem } from "../../src/base/mod.ts";
import {
  checkOnTerrain,
  computedPrior,
  coverAt,
  decodeTerrain,
  flatGround,
  loadedPrior,
  parseMission,
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
  const prior =
    mission.loadedMap === undefined
      ? computedPrior(search)
      : loadedPrior(search, mission.loadedMap);
  return { ok: true, value: { mission, ground, search, prior } };
}

function placeOnTerrain(mission: Mission, pack: Uint8Array | undefined): Checked<Ground> {
  if (pack === undefined) return { ok: true, value: flatGround(mission.origin.altitudeAmslM) };
  const decoded = decodeTerrain(pack);
  if (!decoded.ok) return { ok: false, problems: [decoded.problem] };
  const grid = terrainGrid(decoded.value, mission.origin);
  const problems: readonly Problem[] = checkOnTerrain(mission, grid);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: grid };
}
