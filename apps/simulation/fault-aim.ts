/**
 * Who is hit by a fault that aims: the nodes say who leads, the ground's map says where most is
 * left to find. Heads are those that can still commit, one a log.
 */
import type { Node } from "../../src/node/mod.ts";
import type { SearchPlan } from "../../src/swarm/mod.ts";
import type { FaultAim, VehicleView } from "../../sim/mod.ts";

type SeenWorld = Parameters<FaultAim<Node>>[1];

export function faultAim(slots: readonly number[], plan: SearchPlan): FaultAim<Node> {
  return (target, world) =>
    target === "heads" ? headsOf(slots, world) : overBestOf(slots, plan, world);
}

export function headsOf(slots: readonly number[], world: SeenWorld): readonly number[] {
  return slots.filter((slot) => world.node(slot)?.layers.consensus.role === "leader");
}

/** Around the lanes of a segment, so that turns at their ends count. */
const EDGE_M = 25;

/** Of the segments over which somebody flies, the one with the most left; the lower id on a tie. */
function overBestOf(
  slots: readonly number[],
  plan: SearchPlan,
  world: SeenWorld,
): readonly number[] {
  const seer = slots.map((slot) => world.node(slot)).find((node) => node !== undefined);
  const rows = [...(seer?.layers.swarm.segments ?? [])];
  rows.sort((a, b) => b.mass - a.mass || a.segment - b.segment);
  const flying = world.view().vehicles.filter(({ state }) => state === "flying");
  for (const { segment } of rows) {
    const over = flying.filter((vehicle) => isOver(plan, segment, vehicle));
    if (over.length > 0) return over.map(({ slot }) => slot);
  }
  return [];
}

function isOver(plan: SearchPlan, segment: number, { position }: VehicleView): boolean {
  const ends = plan.segments[segment]?.even.lanes.flatMap(({ a, b }) => [a, b]) ?? [];
  const within = (axis: "northM" | "eastM"): boolean => {
    const values = ends.map((end) => end[axis]);
    return (
      position[axis] >= Math.min(...values) - EDGE_M &&
      position[axis] <= Math.max(...values) + EDGE_M
    );
  };
  return ends.length > 0 && within("northM") && within("eastM");
}
