/** Checkers over the world's truth. Uses: base. */
export {
  INVARIANTS,
  LimitChecks,
  VIOLATIONS_MAX,
  type LimitsOptions,
  type OrderWish,
} from "./limits.ts";
export type { Violation } from "./violation.ts";
