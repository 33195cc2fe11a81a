/**
 * Assertions that are always on. A broken assumption discards the machine; the host reports it
 * and the autopilot's own failsafe holds the vehicle.
 */

/** Thrown by `invariant`; nothing else in `src` throws on purpose. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** States one fact in positive form; throws `InvariantError` when it does not hold. */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(sentence);
}
