/**
 * The faults of one seed as a list: the script, and what the seed draws from the rates within the
 * blast radius. A list is what shrinking can cut.
 */
import { drawFaults, type FaultAction, type ScriptedFault } from "../../sim/mod.ts";
import type { Drill } from "./drill.ts";

/** Hostile radios of drawn faults stand within this of the origin. */
const REACH_M = 2_000;

export function timelineOf(drill: Drill, seed: number): readonly ScriptedFault[] {
  const { vehicleCount, faults, blast } = drill;
  const allowed = (slot: number): boolean => blast.nodes.length === 0 || blast.nodes.includes(slot);
  const all = Array.from({ length: vehicleCount }, (_, i) => i + 1);
  const vehicles = all.filter(allowed);
  const space = { seed, nodeCount: vehicleCount + 1, vehicles, reachM: REACH_M };
  const drawn = drawFaults(faults.rates, space)
    .filter(({ action }) => touched(action).every(allowed))
    .sort(byTime)
    .slice(0, blast.faultsMax);
  return [...faults.script, ...drawn].sort(byTime);
}

const byTime = (a: ScriptedFault, b: ScriptedFault): number => a.atS - b.atS;

/** Nodes that an action names one by one. */
export function touched(action: FaultAction): readonly number[] {
  if ("slot" in action) return [action.slot];
  if (action.kind === "linkCut") return [action.a, action.b];
  return action.kind === "lossBurst" ? action.slots : [];
}
