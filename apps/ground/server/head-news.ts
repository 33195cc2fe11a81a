/**
 * What of the coming and going of heads is news. A station at the edge of the cell misses the
 * head's word for a second or two and hears it again: that tells nothing of the swarm. A loss is
 * told when it has lasted, and the same head in the same term again only after a loss was told.
 */
import type { NodeEventDetail } from "../../../src/node/mod.ts";

type HeadEvent = Extract<NodeEventDetail, { readonly kind: "leaderElected" | "leaderLost" }>;

/** Some elections long: whoever is followed by then by nobody is really gone. */
export const LOSS_TOLD_AFTER_S = 10;

export class HeadNews {
  #told: { readonly leader: number | undefined; readonly term: number } | undefined;
  #lost: { readonly event: HeadEvent; readonly atS: number } | undefined;

  /** The event if it is news now. */
  hear(event: HeadEvent, atS: number): HeadEvent | undefined {
    if (event.kind === "leaderLost") {
      this.#lost ??= { event, atS };
      return undefined;
    }
    this.#lost = undefined;
    const same = this.#told?.leader === event.leader && this.#told.term === event.term;
    this.#told = { leader: event.leader, term: event.term };
    return same ? undefined : event;
  }

  /** A loss that has lasted; once. */
  due(atS: number): HeadEvent | undefined {
    if (this.#lost === undefined || atS - this.#lost.atS < LOSS_TOLD_AFTER_S) return undefined;
    const { event } = this.#lost;
    if (this.#told?.leader === undefined && this.#told !== undefined) return undefined;
    this.#told = { leader: undefined, term: event.term };
    return event;
  }
}
