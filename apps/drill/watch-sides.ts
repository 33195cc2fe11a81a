/**
 * What each side of a partition searches while it lasts. A side's knowledge is the furthest that
 * any of its running nodes has for each segment; nothing comes from the other side meanwhile, so
 * what grows was searched by its own.
 */
import type { Node } from "../../src/node/mod.ts";
import type { FaultBegun, World } from "../../sim/mod.ts";

export interface SideRow {
  readonly fromS: number;
  readonly toS: number;
  readonly slots: readonly number[];
  /** Vehicles of this side that searched when it began. */
  readonly searching: number;
  /** Segments in which lanes were added, and those searched through for the first time. */
  readonly grown: number;
  readonly finished: number;
  /** Segments that this side had not searched once by its end. */
  readonly unsearched: number;
}

type Knowledge = ReadonlyMap<number, number>;

interface Open {
  readonly fromS: number;
  readonly toS: number;
  readonly slots: readonly number[];
  readonly searching: number;
  readonly before: Knowledge;
}

const SIDES_MAX = 1000;
/** More passes count more than any lanes of the next one. */
const PASS = 2 ** 32;

export class SideWatch {
  readonly #world: World<Node>;
  #open: Open[] = [];
  readonly #rows: SideRow[] = [];

  constructor(world: World<Node>) {
    this.#world = world;
    world.onFault((begun) => {
      this.#begun(begun);
    });
  }

  get rows(): readonly SideRow[] {
    return this.#rows;
  }

  /** Once a second; a side is looked at in the last second before it ends. */
  tick(timeS: number): void {
    const due = this.#open.filter(({ toS }) => timeS >= Math.floor(toS - 1));
    if (due.length === 0) return;
    this.#open = this.#open.filter((side) => !due.includes(side));
    for (const side of due) this.#close(side, timeS);
  }

  /** The run ends: what is open is looked at now. */
  end(timeS: number): void {
    for (const side of this.#open) this.#close(side, timeS);
    this.#open = [];
  }

  #begun({ timeMs, action }: FaultBegun): void {
    if (action.kind !== "partition") return;
    const fromS = timeMs / 1000;
    for (const slots of action.groups) {
      if (slots.every((slot) => slot === 0) || this.#rows.length >= SIDES_MAX) continue;
      const searching = slots.filter((slot) => this.#world.node(slot)?.duty === "search").length;
      const before = this.#knownTo(slots);
      this.#open.push({ fromS, toS: fromS + action.lastsS, slots, searching, before });
    }
  }

  #close({ fromS, slots, searching, before }: Open, timeS: number): void {
    const after = this.#knownTo(slots);
    let grown = 0;
    let finished = 0;
    let unsearched = 0;
    for (const [segment, known] of after) {
      const was = before.get(segment) ?? 0;
      if (known > was) grown += 1;
      if (was < PASS && known >= PASS) finished += 1;
      if (known < PASS) unsearched += 1;
    }
    this.#rows.push({ fromS, toS: timeS, slots, searching, grown, finished, unsearched });
  }

  #knownTo(slots: readonly number[]): Knowledge {
    const known = new Map<number, number>();
    for (const slot of slots) {
      for (const { segment, progress } of this.#world.node(slot)?.layers.swarm.segments ?? []) {
        const value = progress.pass * PASS + progress.lanes;
        if (value > (known.get(segment) ?? -1)) known.set(segment, value);
      }
    }
    return known;
  }
}
