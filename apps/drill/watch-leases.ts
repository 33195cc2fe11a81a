/**
 * What becomes of the segments that a vehicle held when it died: who has them next, and after how
 * long. "Held" is what the furthest of its cluster's logs says just before the death; "has" is the
 * first agreed claim by somebody else, or the segment searched through by somebody else. A log
 * goes further only where a quorum is, so a side without one can answer for nothing.
 */
import type { Node } from "../../src/node/mod.ts";
import type { FaultBegun, World, WorldEvent } from "../../sim/mod.ts";

export interface OrphanRow {
  readonly segment: number;
  readonly owner: number;
  readonly diedAtS: number;
  /** Null while nobody has taken it. */
  readonly takenAtS: number | null;
  readonly by: number | null;
}

interface Open {
  readonly segment: number;
  readonly owner: number;
  readonly diedAtS: number;
  takenAtS: number | null;
  by: number | null;
}

const ORPHANS_MAX = 10_000;
const NOBODY = 0xffff;

export class LeaseWatch {
  readonly #world: World<Node>;
  readonly #slots: readonly number[];
  readonly #rows: Open[] = [];
  readonly #dead = new Set<number>();

  constructor(world: World<Node>, slots: readonly number[]) {
    this.#world = world;
    this.#slots = slots;
    world.onFault((begun) => {
      this.#begun(begun);
    });
    world.onEvent((event) => {
      this.#heard(event);
    });
  }

  get rows(): readonly OrphanRow[] {
    return this.#rows;
  }

  /** Vehicles whose death is counted, each once. */
  get dead(): ReadonlySet<number> {
    return this.#dead;
  }

  /** Once a second: whoever was lost without a fault that kills, by then. */
  tick(): void {
    const { vehicles, timeMs } = this.#world.view();
    for (const { slot, state } of vehicles) if (state === "lost") this.#died(slot, timeMs);
  }

  #begun({ timeMs, action }: FaultBegun): void {
    if (action.kind === "kill") this.#died(action.slot, timeMs);
  }

  #died(slot: number, timeMs: number): void {
    if (this.#dead.has(slot)) return;
    this.#dead.add(slot);
    const log = this.#furthestLogOf(slot);
    for (const [segment, { owner }] of log?.state.segments.entries() ?? []) {
      if (owner !== slot || this.#rows.length >= ORPHANS_MAX) continue;
      const diedAtS = timeMs / 1000;
      this.#rows.push({ segment, owner, diedAtS, takenAtS: null, by: null });
    }
  }

  /** Of the nodes that have this one among their members, itself too. */
  #furthestLogOf(slot: number): Node["layers"]["consensus"] | undefined {
    let best: Node["layers"]["consensus"] | undefined;
    for (const one of this.#slots) {
      const consensus = this.#world.node(one)?.layers.consensus;
      if (consensus === undefined) continue;
      if (!consensus.members.some((member) => (member as number) === slot)) continue;
      if (best === undefined || consensus.commitIndex > best.commitIndex) best = consensus;
    }
    return best;
  }

  #heard({ timeMs, event: { detail } }: WorldEvent): void {
    if (detail.kind !== "segmentClaimed" && detail.kind !== "segmentSearched") return;
    const { segment, owner } = detail;
    for (const row of this.#rows) {
      if (row.takenAtS !== null || row.segment !== segment) continue;
      if (row.owner === owner || owner === NOBODY || this.#dead.has(owner)) continue;
      row.takenAtS = timeMs / 1000;
      row.by = owner;
    }
  }
}
