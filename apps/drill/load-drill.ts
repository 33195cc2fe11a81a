/** A drill file with the mission that it names; or every problem of both. */
import { dirname, resolve } from "node:path";
import { readJson5File } from "../../adapters/import/mod.ts";
import type { Checked } from "../../src/base/mod.ts";
import { loadSearch } from "../mission/load-search.ts";
import type { Drill } from "./drill.ts";
import { parseDrill, readHead } from "./drill-file.ts";

export interface LoadedDrill {
  readonly file: string;
  readonly drill: Drill;
  /** Where the mission is, from the folder of the caller. */
  readonly missionFile: string;
}

export function loadDrill(file: string): Checked<LoadedDrill> {
  const read = readJson5File(file);
  if (!read.ok) return { ok: false, problems: [read.problem] };
  return drillOf(read.value, file);
}

/** Of what a file holds; the mission is looked for from that file's folder. */
export function drillOf(input: unknown, file: string): Checked<LoadedDrill> {
  const head = readHead(input);
  if (!head.ok) {
    // The rest is read against some number of vehicles, so that its problems are told as well.
    const rest = parseDrill(input, 1);
    const known = new Set(head.problems.map(({ where }) => where));
    const more = rest.ok ? [] : rest.problems.filter(({ where }) => isOfItself(where, known));
    return { ok: false, problems: [...head.problems, ...more] };
  }
  const { mission, vehicleCount } = head.value;
  const missionFile = resolve(dirname(file), mission);
  const search = loadSearch(missionFile, vehicleCount === 0 ? {} : { vehicleCount });
  if (!search.ok) return search;
  const drill = parseDrill(input, search.value.mission.vehicles.count);
  if (!drill.ok) return drill;
  return { ok: true, value: { file, drill: drill.value, missionFile } };
}

/** Not told already, and not a matter of how many vehicles there are. */
const isOfItself = (where: string, known: ReadonlySet<string>): boolean =>
  !known.has(where) && !/^(?:faults|blast)/u.test(where);
