/**
 * A drill, as a person writes it (JSON5): which mission, what goes wrong, and what must hold all
 * the same. Read into a value, or all its problems at once.
 *
 * ```json5
 * {
 *   format: "skein-drill/1",
 *   name: "A vehicle falls",
 *   mission: "../tiny.json5",
 *   vehicles: 4,
 *   seeds: "1-3",
 *   durationMinutes: 5,
 *   faults: [{ atS: 60, kind: "kill", node: 2 }],
 *   hypothesis: [{ check: "nothingViolated" }, { check: "leasesMoveOn", withinS: 10 }],
 * }
 * ```
 * `faults` and `rates` are those of a fault file (`docs/guides/faults.md`). Bounds: `SEEDS_MAX`
 * seeds, `DURATION_MAX_MINUTES`, one check of a name.
 */
import { Checker, type Checked, type Fields } from "../../src/base/mod.ts";
import { VEHICLES_MAX } from "../../src/swarm/mod.ts";
import { parseFaults, type FaultPlan } from "../../sim/mod.ts";
import { SIGNATURES } from "../simulation/modelled-signatures.ts";
import { parseSeeds } from "../campaign/seeds.ts";
import { readHypothesis } from "./hypothesis.ts";
import { contradictions } from "./contradictions.ts";
import type { BlastRadius, Drill } from "./drill.ts";

export const SEEDS_MAX = 1000;
const DURATION_MAX_MINUTES = 24 * 60;
const NAME_MAX = 200;

const KEYS = [
  "format",
  "name",
  "mission",
  "vehicles",
  "seeds",
  "durationMinutes",
  "signatures",
  "faults",
  "rates",
  "blast",
  "handOver",
  "hypothesis",
];

/** The file it flies, asked first: how many nodes there are decides what faults may name. */
export interface DrillHead {
  readonly mission: string;
  /** 0 for the mission's own. */
  readonly vehicleCount: number;
}

/** Only what is needed to load the mission; the rest is read against it. */
export function readHead(input: unknown): Checked<DrillHead> {
  const checker = new Checker();
  const file = checker.object(input, "", KEYS);
  file.oneOf("format", ["skein-drill/1"]);
  const mission = file.text("mission", { max: 4096 });
  if (mission === "" && file.has("mission") && checker.count === 0) {
    checker.report("CHK005", { where: "mission", remedy: "name a mission file" });
  }
  const vehicleCount = readVehicles(file);
  return checker.finish({ mission, vehicleCount });
}

const readVehicles = (file: Fields): number =>
  file.has("vehicles") ? file.integer("vehicles", { min: 1, max: VEHICLES_MAX }) : 0;

export function parseDrill(input: unknown, vehicleCount: number): Checked<Drill> {
  const checker = new Checker();
  const file = checker.object(input, "", KEYS);
  file.oneOf("format", ["skein-drill/1"]);
  const name = file.text("name", { max: NAME_MAX, fallback: "unnamed" });
  const mission = file.text("mission", { max: 4096 });
  readVehicles(file);
  const minutes = { min: 0.1, max: DURATION_MAX_MINUTES, unit: "minutes" };
  const traps = [{ unit: "seconds", factor: 1 / 60 }];
  const durationS = file.number("durationMinutes", { ...minutes, traps }) * 60;
  const drill: Drill = {
    name,
    mission,
    vehicleCount,
    seeds: readSeeds(checker, file),
    durationS,
    signatures: file.oneOf("signatures", SIGNATURES, "modelled"),
    faults: readFaults(checker, file, { vehicleCount, durationS }),
    blast: readBlast(checker, file, vehicleCount),
    handOver: file.bool("handOver", true),
    hypothesis: readHypothesis(checker, file),
  };
  if (checker.count === 0) contradictions(checker, drill, file);
  return checker.finish(Object.freeze(drill));
}

function readSeeds(checker: Checker, file: Fields): readonly number[] {
  const text = file.text("seeds", { max: 1000, fallback: "1" });
  const seeds = parseSeeds(text);
  if (seeds !== undefined && seeds.length <= SEEDS_MAX) return seeds;
  const remedy = `write at most ${String(SEEDS_MAX)} seeds, like "1-3" or "1,5,7"`;
  checker.report("CHK003", { where: "seeds", detail: JSON.stringify(text), remedy });
  return [1];
}

/** Random faults end with the run, whatever `toS` is left at. */
function readFaults(
  checker: Checker,
  file: Fields,
  run: { readonly vehicleCount: number; readonly durationS: number },
): FaultPlan {
  const given: Record<string, unknown> = {};
  for (const key of ["faults", "rates"]) if (file.has(key)) given[key] = file.raw(key);
  const parsed = parseFaults(given, { nodeCount: run.vehicleCount + 1 });
  if (parsed.ok) {
    const { script, rates } = parsed.value;
    return { script, rates: { ...rates, toS: Math.min(rates.toS, run.durationS) } };
  }
  checker.adopt(parsed.problems);
  const nothing = parseFaults({}, { nodeCount: 1 });
  return nothing.ok ? nothing.value : readNothing();
}

function readNothing(): never {
  throw new Error("a fault file with nothing in it is read");
}

function readBlast(checker: Checker, file: Fields, vehicleCount: number): BlastRadius {
  const blast = file.object("blast", ["nodes", "faultsMax"], { optional: true });
  const rule = { min: 0, max: vehicleCount, integer: true };
  return {
    nodes: blast.list("nodes", { max: vehicleCount + 1 }, (item, where) =>
      checker.number(item, where, rule),
    ),
    faultsMax: blast.integer("faultsMax", { min: 1, max: 10_000, fallback: 10_000 }),
  };
}
