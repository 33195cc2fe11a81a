/** A mission on its ground with its probability map: what planning and flying start from. */
import type { Checked } from "../../src/base/mod.ts";
import {
  computedPrior,
  coverAt,
  gridOver,
  loadedPrior,
  resampleMap,
  type PriorMap,
  type SearchGround,
} from "../../src/swarm/mod.ts";
import { loadMission, type LoadedMission, type MissionChanges } from "../mission/load.ts";

export interface SearchMission extends LoadedMission {
  readonly search: SearchGround;
  readonly prior: PriorMap;
}

export function loadSearch(path: string, changes: MissionChanges = {}): Checked<SearchMission> {
  const loaded = loadMission(path, changes);
  if (!loaded.ok) return loaded;
  const { mission, ground } = loaded.value;
  const search: SearchGround = { mission, ground, coverAt: coverAt(mission.cover) };
  return { ok: true, value: { ...loaded.value, search, prior: priorOf(search) } };
}

/** The map that the mission brings, on the mission's grid; else the one computed from distances. */
function priorOf(search: SearchGround): PriorMap {
  const { mission } = search;
  if (mission.loadedMap === undefined) return computedPrior(search);
  const mass = resampleMap(mission.loadedMap, gridOver(mission));
  let inside = 0;
  for (const value of mass) inside += value;
  const outside = 1 - inside * (1 - mission.loadedMap.outsideShare);
  return loadedPrior(search, { mass, outside });
}
