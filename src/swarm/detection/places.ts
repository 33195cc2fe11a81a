/**
 * Who goes where a person is needed to look: eyes over a found person, a closer look otherwise.
 *
 * Everyone reckons the same: the vehicle that can be there soonest and stay for a while goes. The
 * first that takes it says so in its intent, with its cost; a better one that has also taken it
 * wins, lower index on a tie. When nobody has taken a place for some seconds, positions known to
 * be old do not hold anyone back any longer. A vehicle that must leave stops saying so, and the
 * next one goes. Places that lie close together are looked at by one vehicle after another.
 */
import type { Core } from "../core.ts";
import { distanceM } from "../planner/planner.ts";
import { freshIntents } from "../search/tasks.ts";
import type { Duty } from "../types.ts";
import { foundOf, wantsLook } from "./detections.ts";
import type { Sighting } from "./detections.ts";

export interface Wanted {
  readonly kind: "eyes" | "look";
  readonly sighting: Sighting;
}

/** The place that wants a vehicle now. */
export function wantedPlace(core: Core): Wanted | undefined {
  const { sightings } = core.state;
  const found = foundOf(sightings);
  if (found !== undefined) {
    const sighting = sightings.find((one) => one.detection.id === found.id)!;
    return { kind: "eyes", sighting };
  }
  const sighting = wantsLook(sightings);
  return sighting === undefined ? undefined : { kind: "look", sighting };
}

/** Launching takes about this long. */
const LAUNCH_S = 60;
/** A vehicle that takes a place must be able to stay there this long. */
const STAY_S = 120;
const NOBODY_MS = 8_000;

/** Takes, keeps or gives up the place; changes `state.place` and says whether it is ours. */
export function servePlace(
  core: Core,
  nowMs: number,
  fit: { readonly mayLaunch: boolean },
): Wanted | undefined {
  const wanted = wantedPlace(core);
  const { state, config } = core;
  const costS = wanted === undefined ? undefined : ownCostS(core, wanted, fit);
  if (wanted === undefined || costS === undefined) {
    state.place = undefined;
    return undefined;
  }
  const { id } = wanted.sighting.detection;
  const rivals = freshIntents(state.tasks, nowMs).filter(
    ({ intent }) => intent.place !== undefined && isSpokenFor(core, wanted, intent.place.id),
  );
  if (state.place?.id === id) {
    const mine = state.place.costS;
    const beaten = rivals.some(({ from, intent }) => {
      const theirs = intent.place!.costS;
      return theirs < mine || (theirs === mine && from < config.self);
    });
    if (beaten) state.place = undefined;
  } else {
    const waited = nowMs - wanted.sighting.sinceMs > NOBODY_MS;
    const free = rivals.length === 0;
    const take = free && (waited || isNearest(core, wanted, { costS, nowMs }));
    state.place = take ? { id, costS: Math.round(costS) } : undefined;
  }
  return state.place === undefined ? undefined : wanted;
}

/** Two who circle places nearer than this to each other would fly in each other's way. */
const LOOKS_APART_M = 100;

/** Whether a vehicle that has taken the place `id` serves the wanted one, or looks beside it. */
function isSpokenFor(core: Core, { kind, sighting }: Wanted, id: number): boolean {
  const { detection } = sighting;
  if (id === detection.id) return true;
  const taken = core.state.sightings.find((one) => one.detection.id === id);
  if (kind === "eyes" || taken === undefined) return false;
  return distanceM(taken.detection.position, detection.position) < LOOKS_APART_M;
}

/** Seconds until this vehicle could be there; undefined when it cannot serve. */
function ownCostS(
  core: Core,
  wanted: Wanted,
  fit: { readonly mayLaunch: boolean },
): number | undefined {
  const { sample, flight, place } = core.state;
  if (sample === undefined || core.config.passive) return undefined;
  const wayS = distanceM(sample.position, wanted.sighting.detection.position);
  const costS = wayS / core.config.world.mission.vehicles.cruiseMps;
  if (!sample.inAir) return fit.mayLaunch ? costS + LAUNCH_S : undefined;
  if (flight.mustGoHome || flight.touchingDown) return undefined;
  const spareS = flight.usableS - flight.homeS;
  // Once there, it stays until the battery calls it home.
  const serving = place?.id === wanted.sighting.detection.id;
  return serving || spareS > 2 * costS + STAY_S ? costS : undefined;
}

const BUSY: readonly Duty[] = ["return", "land", "eyes", "look", "manual", "grounded"];

function isNearest(
  core: Core,
  wanted: Wanted,
  own: { readonly costS: number; readonly nowMs: number },
): boolean {
  const { tracks, tasks } = core.state;
  const { cruiseMps } = core.config.world.mission.vehicles;
  for (const { from, intent } of freshIntents(tasks, own.nowMs)) {
    const track = tracks.find((one) => one.index === from);
    if (track === undefined || !track.inAir || BUSY.includes(intent.duty)) continue;
    const costS = distanceM(track.position, wanted.sighting.detection.position) / cruiseMps;
    if (intent.spareS < 2 * costS + STAY_S) continue;
    if (costS < own.costS || (costS === own.costS && from < core.config.self)) return false;
  }
  return true;
}
