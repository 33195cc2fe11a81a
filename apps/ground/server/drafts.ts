/** What the page asks for, as the order that the operator's key signs or the fault that is made. */
import {
  networkTimeMs,
  nodeIndex,
  problem,
  type NodeIndex,
  type Problem,
} from "../../../src/base/mod.ts";
import type {
  ArmBinding,
  OrderCommand,
  OrderDraft,
  OrderTargets,
} from "../../../src/security/mod.ts";
import type { FaultAction } from "../../../sim/mod.ts";
import type { PageOrder, SimulationControl, Targets } from "../report/view.ts";

const ORDER_VALID_MS = 30_000;
/** A clue counts this much where it is, against ground elsewhere; `search-map` bounds it again. */
const CLUE_LIKELIHOOD_RATIO = 10;
/** Ground that people searched on foot and found empty; the same weight the other way. */
const ABSENCE_LIKELIHOOD_RATIO = 1 / CLUE_LIKELIHOOD_RATIO;

/** Longer than any mission: until the operator restores it. */
const UNTIL_RESTORED_S = 1_000_000;
const REBOOT_DOWN_S = 8;
const DRAINED_RATIO = 0.22;

/** An order that goes on the air; a hand-over is the station's own affair. */
export type AirOrder = Exclude<PageOrder, { readonly kind: "handOver" }>;

/** What the station knows that goes into an order. */
export interface DraftFacts {
  readonly nowMs: number;
  /** The boots that it hears, of the vehicles that the order names. */
  readonly boots: readonly ArmBinding[];
}

export function draftOf(order: AirOrder, facts: DraftFacts): OrderDraft {
  return {
    command: commandOf(order, facts),
    targets: "targets" in order ? targetsOf(order.targets) : "all",
    validForMs: ORDER_VALID_MS,
    supersedes: undefined,
  };
}

function targetsOf(targets: Targets): OrderTargets {
  return targets === "all" ? "all" : targets.map((target) => nodeIndex(target));
}

function commandOf(order: AirOrder, { nowMs, boots }: DraftFacts): OrderCommand {
  switch (order.kind) {
    case "start":
    case "resume":
      return { kind: "start" };
    case "hold":
    case "return":
    case "land":
      return { kind: order.kind };
    case "release":
      return { kind: "release", bindings: boots };
    case "clearAir":
      return clearAir(false, order.ceilingAglM, nowMs + order.withinS * 1000);
    case "liftClearAir":
      return clearAir(true, 0, nowMs);
    case "confirm":
    case "dismiss":
    case "lookAgain":
      return { kind: order.kind, detectionId: order.detection };
    case "clue": {
      const absent = order.finding === "absence";
      return {
        kind: "addClue",
        clue: {
          clueKind: absent ? "absence" : "sighting",
          ...order.position,
          radiusM: order.errorM,
          likelihoodRatio: absent ? ABSENCE_LIKELIHOOD_RATIO : CLUE_LIKELIHOOD_RATIO,
        },
      };
    }
    case "evict":
      return { kind: "evict", member: nodeIndex(order.vehicle) };
    default:
      return order satisfies never;
  }
}

function clearAir(lift: boolean, ceilingAglM: number, byMs: number): OrderCommand {
  return {
    kind: "clearAir",
    lift,
    manner: ceilingAglM > 0 ? "below" : "land",
    ceilingAglM,
    byMs: networkTimeMs(Math.round(byMs)),
    volume: undefined,
  };
}

type PageFault = Extract<SimulationControl, { readonly kind: "fault" }>["fault"];

/** `slots` are all nodes, the ground's 0 included: who is not in the group stays with the rest. */
export function faultOf(fault: PageFault, slots: readonly number[]): FaultAction {
  const lastsS = UNTIL_RESTORED_S;
  switch (fault.kind) {
    case "kill":
      return { kind: "kill", slot: fault.vehicle };
    case "reboot":
      return { kind: "reboot", slot: fault.vehicle, downS: REBOOT_DOWN_S };
    case "loseGnss":
      return { kind: "gnssLoss", slot: fault.vehicle, lastsS };
    case "lowBattery":
      return { kind: "lowBattery", slot: fault.vehicle, ratio: DRAINED_RATIO };
    case "cut":
      return { kind: "linkCut", a: fault.a, b: fault.b, lastsS };
    case "partition": {
      const rest = slots.filter((slot) => !fault.group.includes(slot));
      return { kind: "partition", groups: [fault.group, rest], lastsS };
    }
    default:
      return fault satisfies never;
  }
}

const nameOf = (slot: number): string => (slot === 0 ? "the ground" : `vehicle ${slot}`);

/** Lost vehicles stand in the list of faults under these: what acts is numbered from 1 up. */
const LOST_FROM = 1_000_000;
export const lostFault = (slot: number): number => LOST_FROM + slot;
export const lostSlot = (fault: number): number | undefined =>
  fault >= LOST_FROM ? fault - LOST_FROM : undefined;

export const lostText = (slot: number): string =>
  `vehicle ${slot} is down; restore mends it and carries it to its pad`;

/** A fault in words, for the list of active ones. */
export function faultText(action: FaultAction): string {
  switch (action.kind) {
    case "kill":
      return `${nameOf(action.slot)} killed`;
    case "reboot":
      return `computer of ${nameOf(action.slot)} restarts`;
    case "gnssLoss":
      return `${nameOf(action.slot)} without GNSS`;
    case "lowBattery":
      return `battery of ${nameOf(action.slot)} drained`;
    case "linkCut":
      return `no frame between ${nameOf(action.a)} and ${nameOf(action.b)}`;
    case "partition":
      return `split: ${action.groups.map((group) => group.map(nameOf).join(", ")).join(" | ")}`;
    case "lossBurst":
      return `frames lost, ${Math.round(action.lossRatio * 100)}%`;
    case "jam":
      return `jammer, ${action.powerDbm} dBm`;
    case "stuckSensor":
      return `${action.sensor} of ${nameOf(action.slot)} stuck`;
    default:
      return action.kind;
  }
}

/** The node that each index addresses, or the first that does not exist. */
export function unknownVehicle(
  indices: readonly number[],
  vehicles: readonly NodeIndex[],
): number | undefined {
  return indices.find((index) => !vehicles.some((vehicle) => vehicle === index));
}

export const noVehicle = (index: number): Problem =>
  problem("GND003", { detail: `${index}`, remedy: "choose one from the list" });
