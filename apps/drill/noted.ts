/** Events of a flight that a person wants on its timeline; each told once, by whom it is first. */
import type { WorldEvent } from "../../sim/mod.ts";

export interface NotedEvent {
  readonly atS: number;
  readonly slot: number;
  readonly text: string;
}

export function noteOf({ timeMs, slot, event }: WorldEvent): NotedEvent | undefined {
  const text = textOf(slot, event.detail);
  return text === undefined ? undefined : { atS: Math.round(timeMs / 100) / 10, slot, text };
}

const nameOf = (slot: number): string => (slot === 0 ? "ground" : `vehicle ${String(slot)}`);

function textOf(slot: number, detail: WorldEvent["event"]["detail"]): string | undefined {
  switch (detail.kind) {
    case "leaderElected":
      if ((detail.leader as number) !== slot) return undefined;
      return `${nameOf(slot)} leads, term ${String(detail.term)}`;
    case "dead":
      return slot === 0 ? `ground calls ${nameOf(detail.peer)} dead` : undefined;
    case "back":
      return slot === 0 ? `ground hears ${nameOf(detail.peer)} again` : undefined;
    case "lost":
      return detail.what === "position" || detail.what === "battery"
        ? `${nameOf(slot)} has lost its ${detail.what}`
        : undefined;
    case "found":
      return slot === 0 ? "the person is found" : undefined;
    case "evicted":
      return slot === 0 ? `${nameOf(detail.member)} is expelled` : undefined;
    default:
      return undefined;
  }
}
