/**
 * From the path of a mission file to a mission on its ground: the one way by which every command,
 * server and test of a whole run loads one.
 */
import { readMissionParts } from "../../adapters/import/mod.ts";
import { type Checked, isRecord } from "../../src/base/mod.ts";
import {
  checkOnTerrain,
  decodeTerrain,
  flatGround,
  type Ground,
  type Mission,
  parseMission,
  type TerrainGrid,
  terrainGrid,
} from "../../src/swarm/mod.ts";

export interface LoadedMission {
  readonly mission: Mission;
  /** The planner's ground: the terrain grid, or level ground at the origin's height. */
  readonly ground: Ground;
  readonly terrain: TerrainGrid | undefined;
  /** The pack's bytes as read, for workers and pages that decode it themselves. */
  readonly terrainPack: Uint8Array | undefined;
}

/** What a command line may set over the file's own figures; parsed with it, so checked with it. */
export interface MissionChanges {
  readonly vehicleCount?: number;
  readonly durationS?: number;
}

export function loadMission(path: string, changes: MissionChanges = {}): Checked<LoadedMission> {
  const source = readMissionParts(path);
  const unreadable = source.problems.length > 0 && source.value === undefined;
  if (unreadable) return { ok: false, problems: source.problems };
  const parsed = parseMission(changedValue(source.value, changes));
  // A broken reference is told once, where it is, not again for the shape that it left missing.
  const told = (where: string): boolean =>
    !source.unresolved.some((holder) => where === holder || where.startsWith(`${holder}.`));
  const others = parsed.ok ? [] : parsed.problems.filter(({ where }) => told(where));
  const all = [...source.problems, ...others];
  if (all.length > 0 || !parsed.ok) return { ok: false, problems: all };
  const mission = parsed.value;
  const terrainPack = source.terrain;
  if (terrainPack === undefined) {
    const ground = flatGround(mission.origin.altitudeAmslM);
    return { ok: true, value: { mission, ground, terrain: undefined, terrainPack } };
  }
  const decoded = decodeTerrain(terrainPack);
  if (!decoded.ok) return { ok: false, problems: [{ ...decoded.problem, where: "terrain" }] };
  const terrain = terrainGrid(decoded.value, mission.origin);
  const problems = checkOnTerrain(mission, terrain);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { mission, ground: terrain, terrain, terrainPack } };
}

function changedValue(value: unknown, { vehicleCount, durationS }: MissionChanges): unknown {
  if (!isRecord(value)) return value;
  const changed: Record<string, unknown> = { ...value };
  const merge = (key: string, fields: Record<string, unknown>): void => {
    const old = changed[key];
    changed[key] = isRecord(old) ? { ...old, ...fields } : (old ?? fields);
  };
  if (vehicleCount !== undefined) merge("vehicles", { count: vehicleCount });
  if (durationS !== undefined) merge("simulation", { durationMinutes: durationS / 60 });
  return changed;
}
