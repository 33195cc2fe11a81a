/** A fault as a drill file has it, and in words for a person. */
import type { FaultAction, ScriptedFault } from "../../sim/mod.ts";

export type FaultEntry = Readonly<Record<string, unknown>>;

/** What `parseFaults` reads back as the same fault. */
export function entryOf({ atS, action }: ScriptedFault): FaultEntry {
  const { kind } = action;
  const at = { atS: rounded(atS), kind };
  if (kind === "strike") {
    const { target, how, downS } = action;
    return { ...at, target, how, downS };
  }
  const entry: Record<string, unknown> = { ...at };
  for (const [key, value] of Object.entries(action)) {
    if (key === "slot") entry["node"] = value;
    else if (key === "slots") entry["nodes"] = value;
    else if (key !== "kind") entry[key] = typeof value === "number" ? rounded(value) : value;
  }
  return entry;
}

/** Microseconds and micrometres: as fine as the world's own clock. */
export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

const nameOf = (slot: number): string => (slot === 0 ? "the ground" : `vehicle ${String(slot)}`);
const lasting = ({ lastsS }: { readonly lastsS: number }): string =>
  `for ${String(Math.round(lastsS * 10) / 10)} s`;
const place = (at: { readonly northM: number; readonly eastM: number }): string =>
  `${String(Math.round(at.northM))} m north, ${String(Math.round(at.eastM))} m east`;

export function wordsOf(action: FaultAction): string {
  switch (action.kind) {
    case "kill":
      return `${nameOf(action.slot)} falls`;
    case "reboot":
      return `${nameOf(action.slot)} restarts`;
    case "linkCut":
      return `link cut between ${nameOf(action.a)} and ${nameOf(action.b)} ${lasting(action)}`;
    case "partition": {
      const sides = action.groups.map(({ length }) => String(length)).join(" and ");
      return `partition in groups of ${sides} ${lasting(action)}`;
    }
    case "lossBurst": {
      const who = action.slots.length === 0 ? "all" : `${String(action.slots.length)} nodes`;
      return `${String(Math.round(action.lossRatio * 100))}% loss at ${who} ${lasting(action)}`;
    }
    case "jam":
      return `a jammer at ${place(action)} ${lasting(action)}`;
    case "stuckSensor":
      return `${action.sensor} of ${nameOf(action.slot)} stuck ${lasting(action)}`;
    case "gnssLoss":
      return `${nameOf(action.slot)} without satellites ${lasting(action)}`;
    case "gnssLossArea": {
      const radius = String(Math.round(action.radiusM));
      return `no satellites within ${radius} m of ${place(action)} ${lasting(action)}`;
    }
    case "lowBattery":
      return `battery of ${nameOf(action.slot)} at ${String(Math.round(action.ratio * 100))}%`;
    case "hostile":
      return `a hostile radio (${action.mode}) at ${place(action)} ${lasting(action)}`;
    default:
      return otherWords(action);
  }
}

type Other = Extract<
  FaultAction,
  {
    readonly kind:
      | "clockOffset"
      | "clockError"
      | "clockDrift"
      | "slowCpu"
      | "store"
      | "strike"
      | "split"
      | "restore";
  }
>;

function otherWords(action: Other): string {
  switch (action.kind) {
    case "clockOffset":
      return `clock of ${nameOf(action.slot)} jumps by ${String(action.offsetS)} s`;
    case "clockError":
      return (
        `${nameOf(action.slot)} is told a time ` +
        `${String(action.offsetS)} s off ${lasting(action)}`
      );
    case "clockDrift":
      return `clock of ${nameOf(action.slot)} off by ${String(action.ppm)} ppm ${lasting(action)}`;
    case "slowCpu": {
      const factor = String(Math.round(action.factor * 10) / 10);
      return `${nameOf(action.slot)} computes ${factor} times slower ${lasting(action)}`;
    }
    case "store":
      return `store of ${nameOf(action.slot)} ${action.outcome} ${lasting(action)}`;
    case "strike":
      return action.target === "heads"
        ? `${action.how} of the heads`
        : `${action.how} of all over the best segment`;
    case "split":
      return `split along ${action.along} ${lasting(action)}`;
    case "restore":
      return "everything restored";
    default:
      return action satisfies never;
  }
}
