/** Names of the warrants that the agreed state keeps (`warrants.ts` says what they are for). */
import type { EntryBody } from "./bodies.ts";

/** Under which name the state keeps the entry behind a body; `undefined`: it keeps none. */
export function warrantKey(body: EntryBody): string | undefined {
  switch (body.kind) {
    case "evict":
      return `evict ${String(body.node)}`;
    case "latch":
      return `latch ${String(body.latch)}`;
    case "mission":
    case "plan":
      return body.kind;
    default:
      return undefined;
  }
}
