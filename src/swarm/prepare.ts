/** From a mission and its ground to what every node's swarm layer is built on. */
import { computedPrior, loadedPrior } from "./map/mod.ts";
import type { PriorMap, SearchGround } from "./map/mod.ts";
import type { SearchPlanner } from "./planner/planner.ts";
import type { SearchPlan } from "./planner/segments.ts";

export interface PreparedSearch {
  readonly world: SearchGround;
  readonly prior: PriorMap;
  readonly plan: SearchPlan;
}

/**
 * Pure and the same on every node; nodes of one process may share the result. `loaded` is a team's
 * own map on the mission's grid (`gridOver`), row 0 in the south.
 */
export function prepareSearch(
  world: SearchGround,
  planner: SearchPlanner,
  loaded?: { readonly mass: ArrayLike<number>; readonly outside: number },
): PreparedSearch {
  const prior = loaded === undefined ? computedPrior(world) : loadedPrior(world, loaded);
  return { world, prior, plan: planner.divide(world, prior) };
}
