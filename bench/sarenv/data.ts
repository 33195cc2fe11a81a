/**
 * The four SAREnv maps cut to their medium window, as the published evaluation cuts them: cells
 * whose index lies more than 60 cells from the centre index are 0, nothing is scaled.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readNpy } from "../../adapters/import/mod.ts";
import type { DensityMap } from "../../src/swarm/sweep/mod.ts";

interface DataSet {
  readonly id: number;
  readonly center_cell_xy: readonly [number, number];
  readonly medium_window_rows: readonly [number, number];
  readonly medium_window_cols: readonly [number, number];
  readonly medium_mask_center_offset_cells_xy: readonly [number, number];
}

/** The corpus at SKEIN_CORPUS, by default `../shared/data`; undefined when absent. */
export function sarenvFolder(): string | undefined {
  const beside = join(import.meta.dirname, "..", "..", "..", "shared", "data");
  const folder = join(process.env["SKEIN_CORPUS"] ?? beside, "sarenv");
  return existsSync(folder) ? folder : undefined;
}

/** Altitude 80 m, field of view 45 degrees. */
export const RADIUS_M: number = 80 * Math.tan(Math.PI / 8);
/** Radius of the searched disc. */
export const DISC_M = 1800;
const CELL_M = 30;
const MASK_CELLS = 60;

export const SETS = [1, 2, 3, 4] as const;

/** The map with its window's middle at the origin: rows go north, columns east. */
export function loadMap(folder: string, id: number): DensityMap {
  const { datasets } = JSON.parse(readFileSync(join(folder, "datasets.json"), "utf8")) as {
    readonly datasets: readonly DataSet[];
  };
  const set = datasets.find((each) => each.id === id);
  const bytes = gunzipSync(readFileSync(join(folder, String(id), "heatmap.npy.gz")));
  const grid = readNpy(new Uint8Array(bytes), `set ${String(id)}`);
  if (set === undefined || !grid.ok) throw new Error(`no readable map of set ${String(id)}`);
  const [row0, row1] = set.medium_window_rows;
  const [col0, col1] = set.medium_window_cols;
  const rows = row1 - row0;
  const cols = col1 - col0;
  const mass = new Float64Array(rows * cols);
  const middleX = set.center_cell_xy[0] + set.medium_mask_center_offset_cells_xy[0];
  const middleY = set.center_cell_xy[1] + set.medium_mask_center_offset_cells_xy[1];
  for (let row = row0; row < row1; row += 1) {
    for (let col = col0; col < col1; col += 1) {
      const away = Math.sqrt((col - middleX) ** 2 + (row - middleY) ** 2);
      if (away > MASK_CELLS) continue;
      mass[(row - row0) * cols + col - col0] = grid.value.values[row * grid.value.cols + col]!;
    }
  }
  return { rows, cols, cellM: CELL_M, southM: -DISC_M, westM: -DISC_M, mass };
}

export interface PublishedRow {
  readonly set: number;
  readonly planner: string;
  readonly score: number;
  readonly lengthKm: number;
}

/** Rows of sets 1 to 4 of one published table. */
export function publishedRows(folder: string, vehicles: number, budgetM: number): PublishedRow[] {
  const name = `comparative_metrics_results_n${String(vehicles)}_budget${String(budgetM)}.csv`;
  const lines = readFileSync(join(folder, "results", name), "utf8")
    .trim()
    .split(/\r?\n/u)
    .slice(1);
  return lines
    .map((line) => line.split(","))
    .map((cells) => ({
      set: Number(cells[0]),
      planner: cells[1] ?? "",
      score: Number(cells[7]),
      lengthKm: Number(cells[11]),
    }))
    .filter(({ set }) => set >= 1 && set <= 4);
}
