/** Segments, and the map of what is left, as the page shows them: what the ground node knows. */
import type { Node } from "../../../src/node/mod.ts";
import { layoutOf, type PriorMap, type SearchPlan } from "../../../src/swarm/mod.ts";
import type { GroundHello, GroundMap, PlanePoint, SegmentRow } from "../report/view.ts";
import { outlineOf } from "./outlines.ts";

/** Segments are summed over all their cells: once a second of the wall clock is enough. */
const SEGMENTS_EVERY_MS = 1000;

export class SegmentRows {
  #rows: { readonly rows: readonly SegmentRow[]; readonly wallMs: number } | undefined;

  at(node: Node, wallMs: number): readonly SegmentRow[] {
    if (this.#rows !== undefined && wallMs - this.#rows.wallMs < SEGMENTS_EVERY_MS) {
      return this.#rows.rows;
    }
    const rows = segmentRowsOf(node);
    this.#rows = { rows, wallMs };
    return rows;
  }
}

export function segmentRowsOf(node: Node): SegmentRow[] {
  const searchers = new Map(
    node.layers.swarm.intents
      .filter(({ intent }) => intent.duty === "search")
      .map(({ from, intent }) => [intent.segments[0], from]),
  );
  return node.layers.swarm.segments.map((each): SegmentRow => {
    const searcher = searchers.get(each.segment);
    const owner = searcher ?? each.owner ?? null;
    const taken = searcher === undefined ? "leased" : "searching";
    const free = each.progress.pass > 0 ? "done" : "open";
    return {
      id: each.segment,
      state: owner === null ? free : taken,
      owner,
      poa: each.mass,
      passes: each.progress.pass,
      podLow: notable(each.podLow),
      podHigh: notable(each.podHigh),
    };
  });
}

/** Ground that was brushed at its edge only counts as not searched. */
const notable = (pod: number): number => (pod < 0.005 ? 0 : pod);

export function segmentOutlines(plan: SearchPlan): GroundHello["segments"] {
  return plan.segments.map(({ id }) => ({ id, outline: outlineOf(layoutOf(plan, id, 0).lanes) }));
}

/** Middle and reach of an outline: whether a vehicle searches it or is on its way. */
export function reachOf(outline: readonly PlanePoint[]): PlanePoint & { readonly reachM: number } {
  const norths = outline.map(({ northM }) => northM);
  const easts = outline.map(({ eastM }) => eastM);
  const [south, north] = [Math.min(...norths), Math.max(...norths)];
  const [west, east] = [Math.min(...easts), Math.max(...easts)];
  return {
    northM: (south + north) / 2,
    eastM: (west + east) / 2,
    reachM: Math.hypot(north - south, east - west) / 2 + 60,
  };
}

export class DensityMaps {
  readonly #grid: PriorMap["grid"];
  readonly #densityMaxPerKm2: number;
  #revision = 0;

  constructor({ grid, mass }: PriorMap) {
    this.#grid = grid;
    this.#densityMaxPerKm2 = peakOf(mass) / cellKm2(grid.cellM);
  }

  next(mass: Float64Array): GroundMap {
    const grid = this.#grid;
    const full = this.#densityMaxPerKm2 * cellKm2(grid.cellM);
    this.#revision += 1;
    return {
      kind: "map",
      revision: this.#revision,
      grid: {
        rows: grid.rows,
        cols: grid.cols,
        southM: grid.southM + grid.cellM / 2,
        westM: grid.westM + grid.cellM / 2,
        cellNorthM: grid.cellM,
        cellEastM: grid.cellM,
      },
      densityBase64: Buffer.from(
        Uint8Array.from(mass, (value) => Math.min(255, Math.round((255 * value) / full))),
      ).toString("base64"),
      densityMaxPerKm2: this.#densityMaxPerKm2,
    };
  }
}

const cellKm2 = (cellM: number): number => (cellM * cellM) / 1e6;

/** The density that few cells exceed: one bright cell would make all others dark. */
function peakOf(mass: Float64Array): number {
  const sorted = Float64Array.from(mass).sort();
  return Math.max(1e-12, sorted[Math.floor(0.995 * (sorted.length - 1))] ?? 1);
}
