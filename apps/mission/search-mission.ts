/** A mission on its ground with its probability map: what planning and flying start from. Pure. */
import {
  computedPrior,
  coverAt,
  gridOver,
  loadedPrior,
  resampleMap,
  type Ground,
  type Mission,
  type PriorMap,
  type SearchGround,
} from "../../src/swarm/mod.ts";

export interface SearchMission {
  readonly mission: Mission;
  /** The planner's ground. */
  readonly ground: Ground;
  readonly search: SearchGround;
  readonly prior: PriorMap;
}

export function searchMission(mission: Mission, ground: Ground): SearchMission {
  const search: SearchGround = { mission, ground, coverAt: coverAt(mission.cover) };
  return { mission, ground, search, prior: priorOf(search) };
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
