/**
 * Binary frames on their way to the fleet's table, past the page's state: the scene hears of each,
 * the lists a few times a second. Each is acknowledged, which is what paces the server.
 */
import { FleetTable } from "./fleet-table.ts";
import { page, update } from "./store.ts";

/** Lists of a few follow at once; sorting thousands more than once a second would only flicker. */
const LIST_EVERY_MS = 240;
const LARGE_LIST_EVERY_MS = 900;
const LARGE = 1000;

const listeners = new Set<() => void>();
let listedMs = -Infinity;
let listTimer: number | undefined;

export const fleet: FleetTable = new FleetTable();

/** Its sequence, to be acknowledged; undefined when it was no frame. */
export function takeFrame(bytes: ArrayBuffer): number | undefined {
  const { hello } = page();
  if (hello === undefined) return undefined;
  const zeroM = hello.mission.originAltitudeAmslM;
  const taken = fleet.take(bytes, zeroM, performance.now());
  if (taken === undefined) return undefined;
  if (taken.kind === "motion") for (const listener of listeners) listener();
  listSoon();
  return taken.sequence;
}

/** Another mission, or the line came back: what was known is told again. */
export function forgetFleet(): void {
  fleet.clear();
  listNow();
}

/** Called after each frame of positions. */
export function onFrame(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function listSoon(): void {
  if (listTimer !== undefined) return;
  const everyMs = fleet.count > LARGE ? LARGE_LIST_EVERY_MS : LIST_EVERY_MS;
  const waitMs = Math.max(0, listedMs + everyMs - performance.now());
  if (waitMs === 0) listNow();
  else listTimer = window.setTimeout(listNow, waitMs);
}

function listNow(): void {
  window.clearTimeout(listTimer);
  listTimer = undefined;
  listedMs = performance.now();
  update({ fleetVersion: page().fleetVersion + 1 });
}
