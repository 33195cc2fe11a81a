/** A file of faults against the nodes of a run; or every problem of it. */
import { readJson5File } from "../../adapters/import/mod.ts";
import type { Checked } from "../../src/base/mod.ts";
import { parseFaults, type FaultPlan } from "../../sim/mod.ts";

export function loadFaults(path: string, vehicleCount: number): Checked<FaultPlan> {
  const read = readJson5File(path);
  if (!read.ok) return { ok: false, problems: [read.problem] };
  return parseFaults(read.value, { nodeCount: vehicleCount + 1 });
}
