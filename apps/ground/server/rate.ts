/**
 * A token bucket: `perSecond` on average, `burst` at once. Time is given, so that tests need none.
 */
export interface Bucket {
  /** Takes one token; false when there is none. */
  take(nowMs: number): boolean;
}

export function bucket(limits: { readonly perSecond: number; readonly burst: number }): Bucket {
  let tokens = limits.burst;
  let filledMs = 0;
  return {
    take(nowMs) {
      const gained = (Math.max(0, nowMs - filledMs) * limits.perSecond) / 1000;
      tokens = Math.min(limits.burst, tokens + gained);
      filledMs = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
