/** How often a world's thread tells what, by the size of the swarm. */

export const FRAME_EVERY_MS = 100;
export const MAP_EVERY_MS = 2000;
const VIEW_EVERY_MS = 250;
/** Rows of more take longer to hand over than an eye takes to read them. */
const QUICK_MAX = 1000;
const LARGE_VIEW_EVERY_MS = 1000;

export function viewEveryMs(vehicleCount: number): number {
  return vehicleCount <= QUICK_MAX ? VIEW_EVERY_MS : LARGE_VIEW_EVERY_MS;
}
