/**
 * Branded quantities and their only constructors. A brand costs nothing at run time; it keeps
 * local elapsed time, agreed network time and civil time from being mixed.
 */

/** Local elapsed milliseconds since this node's boot; may carry a fraction. */
export type MonotonicMs = number & { readonly __unit: "monotonicMs" };
/** Milliseconds agreed by the swarm, always carried beside an error bound. */
export type NetworkTimeMs = number & { readonly __unit: "networkTimeMs" };
/** Civil time, Unix milliseconds; for display and certificates only. */
export type WallTimeMs = number & { readonly __unit: "wallTimeMs" };

/** A machine that is idle wakes never. */
export const NEVER: MonotonicMs = Infinity as MonotonicMs;

export const monotonicMs = (value: number): MonotonicMs => value as MonotonicMs;
export const networkTimeMs = (value: number): NetworkTimeMs => value as NetworkTimeMs;
export const wallTimeMs = (value: number): WallTimeMs => value as WallTimeMs;

/** `now` moved by `deltaMs` (may be negative). */
export const after = (now: MonotonicMs, deltaMs: number): MonotonicMs =>
  (now + deltaMs) as MonotonicMs;
