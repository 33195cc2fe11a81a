/** A drill as its file says it, read and checked. */
import type { FaultPlan } from "../../sim/mod.ts";
import type { Check } from "./hypothesis.ts";

/** What random faults may touch; a scripted fault is meant as it stands. */
export interface BlastRadius {
  /** Only these nodes; all when empty. */
  readonly nodes: readonly number[];
  /** The earliest of a run; no more. */
  readonly faultsMax: number;
}

export interface Drill {
  readonly name: string;
  /** As written: relative to the drill's folder. */
  readonly mission: string;
  readonly vehicleCount: number;
  readonly seeds: readonly number[];
  readonly durationS: number;
  readonly signatures: "real" | "modelled";
  readonly faults: FaultPlan;
  readonly blast: BlastRadius;
  /** False plants the fault that a hypothesis about leases must see. */
  readonly handOver: boolean;
  readonly hypothesis: readonly Check[];
}
