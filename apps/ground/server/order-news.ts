/**
 * What of the orders is told aloud, once each: that something which acts by agreement alone has
 * been agreed on, or has not been in time.
 */
import type { OrderRow } from "../report/view.ts";

/** More than are ever shown at one time. */
const TOLD_MAX = 256;

export interface OrderNews {
  readonly severity: "notice" | "alarm";
  readonly text: string;
}

export class OrderWatch {
  readonly #told = new Map<string, OrderRow["agreement"]>();

  /** Asked with every view. */
  news(orders: readonly OrderRow[], words: Readonly<Record<string, string>>): OrderNews[] {
    const found: OrderNews[] = [];
    for (const { id, kind, about, agreement } of orders) {
      if (agreement === "none" || agreement === "open" || this.#told.get(id) === agreement)
        continue;
      this.#told.set(id, agreement);
      if (this.#told.size > TOLD_MAX) this.#forgetOldest();
      const what = `${words[kind] ?? kind} ${about}`.trim();
      found.push(
        agreement === "agreed"
          ? { severity: "notice", text: `agreed: ${what}` }
          : { severity: "alarm", text: `not agreed on in time, not in force: ${what}` },
      );
    }
    return found;
  }

  #forgetOldest(): void {
    for (const id of this.#told.keys()) {
      this.#told.delete(id);
      return;
    }
  }
}
