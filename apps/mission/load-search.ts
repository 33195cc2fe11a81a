/** A mission file as a search, ready to be flown; or every problem of the file. */
import type { Checked } from "../../src/base/mod.ts";
import { loadMission, type MissionChanges } from "./load.ts";
import { searchMission, type SearchMission } from "./search-mission.ts";

export function loadSearch(path: string, changes: MissionChanges = {}): Checked<SearchMission> {
  const loaded = loadMission(path, changes);
  if (!loaded.ok) return loaded;
  const { mission, ground } = loaded.value;
  return { ok: true, value: searchMission(mission, ground) };
}
