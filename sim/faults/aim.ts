/**
 * What a fault that aims becomes when its time has come: faults that name nodes.
 *
 * Who leads and who searches where only the nodes know: the world is given a `FaultAim` that asks
 * them. Where vehicles are the world knows itself.
 */
import type { FaultAction, StrikeTarget } from "./types.ts";

/** Where a vehicle is that could be struck. */
export interface AimedVehicle {
  readonly slot: number;
  readonly northM: number;
  readonly eastM: number;
}

/** What it needs to know of the moment. */
export interface AimView {
  /** Ascending by slot; those that are lost not among them. */
  readonly vehicles: readonly AimedVehicle[];
  /** Slots that are no vehicle, with where they stand. */
  readonly others: readonly AimedVehicle[];
  readonly struck: (target: StrikeTarget) => readonly number[];
}

export type AimedFault = Extract<FaultAction, { readonly kind: "strike" | "split" }>;

export const isAimed = (action: FaultAction): action is AimedFault =>
  action.kind === "strike" || action.kind === "split";

/** Only vehicles fall; whoever leads may restart. */
export function aimed(action: AimedFault, view: AimView): readonly FaultAction[] {
  if (action.kind === "strike") {
    const { how, downS } = action;
    const flies = (slot: number): boolean => view.vehicles.some((one) => one.slot === slot);
    return view
      .struck(action.target)
      .filter((slot) => how === "reboot" || flies(slot))
      .map((slot) => (how === "kill" ? { kind: "kill", slot } : { kind: "reboot", slot, downS }));
  }
  const groups = halves(view, action.along === "north" ? "northM" : "eastM");
  return [{ kind: "partition", groups, lastsS: action.lastsS }];
}

/** As many on one side as on the other, or one more; who is no vehicle goes with its side. */
function halves(view: AimView, axis: "northM" | "eastM"): readonly (readonly number[])[] {
  const sorted = [...view.vehicles].sort((a, b) => a[axis] - b[axis] || a.slot - b.slot);
  const half = Math.floor(sorted.length / 2);
  const edgeM = sorted[half]?.[axis] ?? 0;
  const low = sorted.slice(0, half).map(({ slot }) => slot);
  const high = sorted.slice(half).map(({ slot }) => slot);
  for (const other of view.others) (other[axis] < edgeM ? low : high).push(other.slot);
  const ascending = (a: number, b: number): number => a - b;
  return [low.sort(ascending), high.sort(ascending)];
}
