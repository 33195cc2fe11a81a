/**
 * What a run is repeated by: the code that flew it, the mission as it was read, the Node it ran
 * on. Two runs with equal identities, seeds and options have equal trace hashes.
 *
 * The code is known by its content, not by a commit's name: a changed working copy is another
 * code, and an installed package has no commit.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SearchMission } from "../mission/search-mission.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** Everything that can change a run's decisions. */
const FOLDERS = [
  "src",
  "sim",
  "adapters/crypto-native",
  "adapters/import",
  "apps/mission",
  "apps/simulation",
] as const;
const DIGEST_CHARACTERS = 32;

/** A digest of the sources that decide a run. */
export function codeDigest(): string {
  const hash = createHash("sha256");
  for (const folder of FOLDERS) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((file) => file.replaceAll("\\", "/"))
      .filter((file) => /\.[jt]s$/u.test(file) && !/\.test[.-]/u.test(file))
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    for (const file of files) {
      hash.update(`${folder}/${file}\0`).update(readFileSync(join(ROOT, folder, file)));
    }
  }
  return hash.digest("hex").slice(0, DIGEST_CHARACTERS);
}

/** The commit's name for people, empty where there is none. */
export function commitName(): string {
  try {
    const words = ["-C", ROOT, "rev-parse", "--short=12", "HEAD"];
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
    return execFileSync("git", words, { encoding: "utf8", stdio, timeout: 2000 }).trim();
  } catch {
    return "";
  }
}

/** Of the mission as it was read, with its ground as the planner sees it. */
export function missionDigest({ mission, ground, prior }: SearchMission): string {
  const hash = createHash("sha256");
  hash.update(
    JSON.stringify(mission, (_, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    ),
  );
  const { rows, cols, southM, westM, cellM } = prior.grid;
  const heights = new Float64Array(rows * cols);
  for (let cell = 0; cell < heights.length; cell += 1) {
    const northM = southM + (Math.floor(cell / cols) + 0.5) * cellM;
    const eastM = westM + ((cell % cols) + 0.5) * cellM;
    heights[cell] = ground.heightAmslM(northM, eastM);
  }
  hash.update(Buffer.from(heights.buffer));
  hash.update(Buffer.from(prior.mass.buffer, prior.mass.byteOffset, prior.mass.byteLength));
  return hash.digest("hex").slice(0, DIGEST_CHARACTERS);
}

/** Of one file, such as a behaviour's source. */
export const fileDigest = (path: string): string =>
  createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, DIGEST_CHARACTERS);
