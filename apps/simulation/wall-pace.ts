/** A run that others watch from outside is no faster than the wall clock. */
import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the wall clock, from now on, has caught up with a run's time. */
export function wallPace(): (timeS: number) => Promise<void> {
  const startedMs = performance.now();
  return async (timeS) => {
    const aheadMs = timeS * 1000 - (performance.now() - startedMs);
    await sleep(Math.max(0, aheadMs));
  };
}
