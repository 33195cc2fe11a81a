/**
 * What a campaign on several machines says of itself, so that a worker flies the same or nothing:
 * the sources, the mission and the faults by their digests, how to fly, and the seeds. Its id is a
 * digest of all that: the same campaign started again is the same campaign, a changed one another.
 *
 * A worker opens the files that its own command line names, never a path that came over the wire.
 */
import { createHash } from "node:crypto";
import {
  Checker,
  fail,
  isRecord,
  ok,
  problem,
  type Problem,
  type Result,
} from "../../src/base/mod.ts";
import { PLANNER_NAMES, VEHICLES_MAX } from "../../src/swarm/mod.ts";
import { loadSearch } from "../mission/load-search.ts";
import { codeDigest, commitName, fileDigest, missionDigest } from "../simulation/run-identity.ts";
import type { FlightPlan } from "./flight.ts";
import { parseSeeds, seedsText } from "./seeds.ts";

const SCHEMA = "skein-campaign/1";
const DIGEST = /^[0-9a-f]{32}$/u;
const DURATION_MAX_S = 1e7;

/** What is flown with: what must be the same wherever a seed is flown. */
export interface Identity {
  /** For people: the commit; empty where there is no repository. */
  readonly commit: string;
  /** The sources that decide a flight, by their content. */
  readonly code: string;
  /** Engines differ in what they promise of a sum's last bit. */
  readonly node: string;
  readonly mission: string;
  /** Empty without faults. */
  readonly faults: string;
}

export type FlightFiles = Pick<FlightPlan, "missionFile" | "faultFile">;

/** How to fly, without the names of files, which differ between machines. */
export type FlightChoice = Omit<FlightPlan, "missionFile" | "faultFile">;

export interface Announcement extends Identity {
  readonly plan: FlightChoice;
  readonly seeds: readonly number[];
}

/** Of files that were checked: they are there and sound. */
export function identityOf({ missionFile, faultFile }: FlightFiles): Identity {
  const loaded = loadSearch(missionFile);
  return {
    commit: commitName(),
    code: codeDigest(),
    node: process.version,
    mission: loaded.ok ? missionDigest(loaded.value) : "",
    faults: faultFile === undefined ? "" : fileDigest(faultFile),
  };
}

export function announcementOf(
  plan: FlightPlan,
  seeds: readonly number[],
  identity: Identity = identityOf(plan),
): Announcement {
  const { vehicleCount, planner, durationS, untilFound, signatures } = plan;
  const choice = { vehicleCount, planner, durationS, untilFound, signatures };
  return { ...identity, plan: choice, seeds };
}

export function textOfAnnouncement(announcement: Announcement): string {
  const { seeds, ...rest } = announcement;
  return JSON.stringify({ schema: SCHEMA, ...rest, seeds: seedsText(seeds) });
}

/** 96 bits: nobody draws two campaigns alike by chance. */
export const campaignIdOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 24);

/** An announcement as it came over the wire, whose id must be that of its text. */
export function parseAnnouncement(campaign: string, text: string): Result<Announcement> {
  const refuse = (detail: string): Result<Announcement> =>
    fail(problem("CAM006", { where: campaign, detail }));
  if (campaignIdOf(text) !== campaign) return refuse("its id is not that of its text");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("no JSON");
  }
  if (!isRecord(value) || value["schema"] !== SCHEMA) return refuse(`no ${SCHEMA}`);
  const checker = new Checker();
  const fields = ["schema", "commit", "code", "node", "mission", "faults", "plan", "seeds"];
  const all = checker.object(value, "", fields);
  const plan = all.object("plan", [
    "vehicleCount",
    "planner",
    "durationS",
    "untilFound",
    "signatures",
  ]);
  const seeds = parseSeeds(all.text("seeds", { max: text.length }));
  const planner = PLANNER_NAMES.find((name) => name === plan.raw("planner"));
  const announcement: Announcement = {
    commit: all.text("commit", { max: 80 }),
    code: all.text("code", { max: 64 }),
    node: all.text("node", { max: 40 }),
    mission: all.text("mission", { max: 64 }),
    faults: all.text("faults", { max: 64 }),
    plan: {
      vehicleCount: plan.integer("vehicleCount", { min: 0, max: VEHICLES_MAX }),
      planner: planner ?? "massRate",
      durationS: plan.number("durationS", { min: 0.001, max: DURATION_MAX_S }),
      untilFound: plan.bool("untilFound", false),
      signatures: plan.oneOf("signatures", ["real", "modelled"]),
    },
    seeds: seeds ?? [],
  };
  const checked = checker.finish(announcement);
  if (!checked.ok) return refuse(checked.problems[0]?.text ?? "");
  const { code, mission, faults } = announcement;
  const sound = [code, mission, ...(faults === "" ? [] : [faults])].every((x) => DIGEST.test(x));
  if (planner === undefined) return refuse("an unknown planner");
  return sound && seeds !== undefined ? ok(announcement) : refuse("no digests, or no seeds");
}

/** Why a worker with these files and sources may not fly for a campaign; undefined: it may. */
export function misfitOf(
  own: Identity,
  campaign: string,
  theirs: Announcement,
): Problem | undefined {
  if (own.code !== theirs.code || own.node !== theirs.node) {
    const nameOf = ({ commit, node }: Identity): string => `${commit || "no commit"}, ${node}`;
    const detail = `it is of ${nameOf(theirs)}; this machine has ${nameOf(own)}`;
    const remedy = "bring both to the same commit, with nothing changed in it";
    return problem("CAM008", { where: campaign, detail, remedy });
  }
  if (own.mission === theirs.mission && own.faults === theirs.faults) return undefined;
  const detail = own.mission === theirs.mission ? "the faults differ" : "the mission differs";
  const remedy = "name the mission file, and --faults, that the campaign was started with";
  return problem("CAM009", { where: campaign, detail, remedy });
}
