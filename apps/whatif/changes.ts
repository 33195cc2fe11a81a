/** What a change does to a fork, and what it is called. */
import { cos, problem, SeededStream, sin, type Problem } from "../../src/base/mod.ts";
import type { FaultAction, Scenario, VehicleView } from "../../sim/mod.ts";
import { faultOf, noVehicle } from "../ground/server/drafts.ts";
import type { PlanOrder, WhatIfChange } from "../ground/report/what-if.ts";

const GROUND_SLOT = 0;
/** Longer than any fork runs. */
const LASTS_S = 1_000_000;

/** A plan can be committed; what the world does to the vehicles cannot. */
export const isPlan = (change: WhatIfChange): change is { kind: "order"; order: PlanOrder } =>
  change.kind === "order";

/** The faults of a change at the moment of the fork. */
export function faultsOf(
  change: WhatIfChange,
  world: { readonly vehicles: readonly VehicleView[]; readonly seed: number },
): readonly FaultAction[] {
  const slots = [GROUND_SLOT, ...world.vehicles.map(({ slot }) => slot)];
  switch (change.kind) {
    case "kill":
    case "loseGnss":
      return change.vehicles.map((vehicle) => faultOf({ kind: change.kind, vehicle }, slots));
    case "killSome":
      return drawn(world, change.count).map((slot) => ({ kind: "kill", slot }));
    case "lowBattery":
      return change.vehicles.map((slot) => ({ kind: "lowBattery", slot, ratio: change.ratio }));
    case "cut":
      return [{ kind: "linkCut", a: change.a, b: change.b, lastsS: LASTS_S }];
    case "partition":
      return [faultOf({ kind: "partition", group: change.group }, slots)];
    case "wind":
    case "planner":
    case "order":
      return [];
    default:
      return change satisfies never;
  }
}

/** Of those in the air first, then of the others; whoever is lost already is lost once. */
function drawn(
  world: { readonly vehicles: readonly VehicleView[]; readonly seed: number },
  count: number,
): readonly number[] {
  const stream = new SeededStream(world.seed, "whatIf");
  const rest = world.vehicles
    .filter(({ state }) => state !== "lost" && state !== "absent")
    .map(({ slot, state }) => ({ slot, grounded: state === "flying" ? 0 : 1, lot: stream.u32() }));
  rest.sort((a, b) => a.grounded - b.grounded || a.lot - b.lot || a.slot - b.slot);
  return rest
    .slice(0, count)
    .map(({ slot }) => slot)
    .sort((a, b) => a - b);
}

/**
 * The fork's scenario: other wind if that is a change, and cameras that see no person where what
 * is true must not show (`hidesSubject`): the station knows no more than the live one does.
 */
export function amendment(
  changes: readonly WhatIfChange[],
  hidesSubject: boolean,
): (scenario: Scenario) => Scenario {
  const wind = changes.findLast((change) => change.kind === "wind");
  return (scenario) => ({
    ...scenario,
    ...(wind === undefined ? {} : { wind: windOf(wind) }),
    ...(hidesSubject
      ? { camera: { ...scenario.camera, chance: { open: 0, scrub: 0, forest: 0 } } }
      : {}),
  });
}

/** A scenario's wind says where it blows to, people say where it comes from. */
function windOf(wind: Extract<WhatIfChange, { readonly kind: "wind" }>): Scenario["wind"] {
  const toRad = ((wind.fromDeg + 180) * Math.PI) / 180;
  return {
    northMps: wind.speedMps * cos(toRad),
    eastMps: wind.speedMps * sin(toRad),
    gustMps: wind.gustMps,
  };
}

/** Vehicles and nodes that a change names must exist. */
export function problemsOf(
  changes: readonly WhatIfChange[],
  vehicles: readonly number[],
): readonly Problem[] {
  const known = new Set(vehicles);
  return changes.flatMap((change, i) => {
    const unknown = named(change).filter((index) => !known.has(index));
    const where = `changes[${i}]`;
    if (unknown.length > 0) return unknown.map((index) => ({ ...noVehicle(index), where }));
    if (change.kind === "cut" && change.a === change.b) {
      const remedy = "name two different nodes";
      return [problem("GND022", { detail: "a node has no link to itself", remedy, where })];
    }
    return [];
  });
}

function named(change: WhatIfChange): readonly number[] {
  switch (change.kind) {
    case "kill":
    case "loseGnss":
    case "lowBattery":
      return change.vehicles;
    case "cut":
      return [change.a, change.b].filter((slot) => slot !== GROUND_SLOT);
    case "partition":
      return change.group.filter((slot) => slot !== GROUND_SLOT);
    case "order":
      return targetsOf(change.order);
    case "killSome":
    case "wind":
    case "planner":
      return [];
    default:
      return change satisfies never;
  }
}

/** The vehicles that an order names; none when it is for all. */
export function targetsOf(order: PlanOrder): readonly number[] {
  return "targets" in order && order.targets !== "all" ? order.targets : [];
}

const nodeName = (slot: number): string =>
  slot === GROUND_SLOT ? "the ground" : `vehicle ${slot}`;
const names = (vehicles: readonly number[]): string =>
  `${vehicles.length === 1 ? "vehicle" : "vehicles"} ${vehicles.join(", ")}`;
const toWhom = (targets: "all" | readonly number[]): string =>
  targets === "all" ? "all" : names(targets);

/** A change in words. */
export function changeText(change: WhatIfChange): string {
  switch (change.kind) {
    case "kill":
      return `${names(change.vehicles)} lost`;
    case "killSome":
      return change.count === 1 ? "one vehicle lost" : `${change.count} vehicles lost`;
    case "loseGnss":
      return `${names(change.vehicles)} without GNSS`;
    case "lowBattery":
      return `battery of ${names(change.vehicles)} at ${Math.round(change.ratio * 100)}%`;
    case "cut":
      return `no frame between ${nodeName(change.a)} and ${nodeName(change.b)}`;
    case "partition":
      return `${change.group.map(nodeName).join(", ")} cut off from the rest`;
    case "wind":
      return (
        `wind ${change.speedMps} m/s from ${change.fromDeg}°` +
        (change.gustMps > 0 ? `, gusts ${change.gustMps} m/s` : "")
      );
    case "planner":
      return `next segments by ${change.planner}`;
    case "order":
      return orderText(change.order);
    default:
      return change satisfies never;
  }
}

function orderText(order: PlanOrder): string {
  switch (order.kind) {
    case "hold":
    case "return":
    case "land":
      return `${order.kind}: ${toWhom(order.targets)}`;
    case "resume":
      return `go on: ${toWhom(order.targets)}`;
    case "clearAir":
      return order.ceilingAglM > 0 ? `clear air above ${order.ceilingAglM} m` : "clear air: land";
    case "liftClearAir":
      return "clear air lifted";
    case "clue": {
      const { northM, eastM } = order.position;
      const what = order.finding === "absence" ? "nobody" : "a sign of the person";
      const place = `${Math.round(northM)} m north, ${Math.round(eastM)} m east`;
      return `${what} within ${Math.round(order.errorM)} m of ${place}`;
    }
    default:
      return order satisfies never;
  }
}
