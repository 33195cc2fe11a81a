/**
 * What stands before the first event of a world: the ground, who stands where, what will go wrong.
 */
import { invariant, SeededStream } from "../../src/base/mod.ts";
import { PlaneGrid } from "../core/mod.ts";
import { drawFaults, type AimedVehicle, type AimView } from "../faults/mod.ts";
import type { ScriptedFault } from "../faults/types.ts";
import { CAUSE, MODE, type FlightSlab } from "../flight/mod.ts";
import { TrueGround } from "../terrain/mod.ts";
import type { Place, Scenario } from "./scenario.ts";

/** Hostile radios of drawn faults stand within this of the origin. */
const HOSTILE_REACH_M = 2_000;

export function streamsOf(seed: number, name: string, count: number): readonly SeededStream[] {
  return Array.from({ length: count }, (_, i) => new SeededStream(seed, name, i));
}

/** The script, then what the seed draws; the event queue orders them by time. */
export function timelineOf(
  scenario: Scenario,
  vehicles: readonly number[],
): readonly ScriptedFault[] {
  const { script, rates } = scenario.faults;
  const drawn = drawFaults(rates, {
    seed: scenario.seed,
    nodeCount: scenario.nodes.length,
    vehicles,
    reachM: HOSTILE_REACH_M,
  });
  return [...script, ...drawn];
}

/** Vehicles that are not lost, and what stands still, where they are now. */
export function aimViewOf(
  { nodes }: Scenario,
  slab: FlightSlab,
  struck: AimView["struck"],
): AimView {
  const vehicles: AimedVehicle[] = [];
  const others: AimedVehicle[] = [];
  nodes.forEach(({ role }, slot) => {
    const place = { slot, northM: slab.northM[slot]!, eastM: slab.eastM[slot]! };
    if (role !== "vehicle") others.push(place);
    else if (slab.lost[slot] === 0) vehicles.push(place);
  });
  return { vehicles, others, struck };
}

/** Sampled over the fence and the subject's place. */
export function groundOf(scenario: Scenario): TrueGround {
  const corners: Place[] = scenario.limits.fence.flatMap((area) => [...area.outer]);
  if (scenario.subject !== undefined) corners.push(scenario.subject.position);
  return new TrueGround({
    seed: scenario.seed,
    ground: scenario.ground,
    base: scenario.base.position,
    extent: corners,
  });
}

/** A vehicle that stands within this of a pad stands on it. */
export const PAD_M = 8;

/** To find the pad that somebody stands on among thousands. */
export function padGrid(pads: readonly Place[]): PlaneGrid {
  const northM = Float64Array.from(pads, (pad) => pad.northM);
  const eastM = Float64Array.from(pads, (pad) => pad.eastM);
  const grid = new PlaneGrid();
  grid.fill(Uint32Array.from(pads.keys()), { northM, eastM, cellM: PAD_M });
  return grid;
}

/** Vehicles on their pads with full batteries, the station's antenna on its mast. */
export function placeNodes(scenario: Scenario, slab: FlightSlab, ground: TrueGround): void {
  const { nodes, releasedAtStart } = scenario;
  nodes.forEach((node, slot) => {
    placeNode(scenario, slab, ground, slot);
    slab.released[slot] = node.role === "vehicle" && releasedAtStart ? 1 : 0;
  });
}

/** At rest where it begins, with a full battery. */
function placeNode(scenario: Scenario, slab: FlightSlab, ground: TrueGround, slot: number): void {
  const { nodes, base, airframe } = scenario;
  const node = nodes[slot];
  const place = node?.role === "vehicle" ? base.pads[node.pad] : base.position;
  invariant(place !== undefined, "a vehicle has a pad");
  slab.northM[slot] = place.northM;
  slab.eastM[slot] = place.eastM;
  const groundM = ground.groundAmslM(place.northM, place.eastM);
  const upM = node?.role === "ground" ? base.antennaM : 0;
  slab.altitudeM[slot] = groundM + upM;
  slab.aglM[slot] = upM;
  slab.homeNorthM[slot] = place.northM;
  slab.homeEastM[slot] = place.eastM;
  slab.homeAltitudeM[slot] = groundM;
  slab.batteryWh[slot] = airframe.batteryWh;
  slab.touchdownRatio[slot] = 1;
}

/** A lost vehicle is carried to its pad: whole, at rest, powered off, for the crew to see to. */
export function mendVehicle(
  scenario: Scenario,
  slab: FlightSlab,
  ground: TrueGround,
  slot: number,
): void {
  placeNode(scenario, slab, ground, slot);
  for (const field of MOTION) slab[field][slot] = 0;
  for (const field of ["lost", "armed", "inAir", "powered", "landedEvent"] as const) {
    slab[field][slot] = 0;
  }
  // As at a landing: the crew takes it back, looks, and throws it anew.
  slab.released[slot] = 1;
  slab.mode[slot] = MODE.idle;
  slab.cause[slot] = CAUSE.command;
}

const MOTION = [
  "velocityNorthMps",
  "velocityEastMps",
  "velocityUpMps",
  "pushNorthMps2",
  "pushEastMps2",
  "pushUpMps2",
  "speedMps",
  "powerW",
] as const;
