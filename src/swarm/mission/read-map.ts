/**
 * Reading the probability map that a mission brings: a grid of numbers (from `.npy` or GeoTIFF, put
 * into the value by the importer) or weighted polygons (from GeoJSON).
 */
import { isRecord } from "../../base/mod.ts";
import type { Fields } from "../../base/mod.ts";
import { areaBounds } from "../area/mod.ts";
import type { GroundPoint, Polygon } from "../area/mod.ts";
import { LOADED_CELLS_MAX, rasterize } from "./loaded-map.ts";
import type { LoadedMap } from "./loaded-map.ts";
import { readPlace, readPolygon, type AreaContext } from "./read-places.ts";

const KEYS = ["file", "source", "cellM", "rowsFrom", "center", "outsideShare", "grid", "weighted"];
const WEIGHTED_MAX = 2000;

interface NumberGrid {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float64Array;
}

/** The map of `map: { ... }`; undefined with a problem when it is not usable. */
export function readMap(context: AreaContext, top: Fields): LoadedMap | undefined {
  const { checker } = context;
  const before = checker.count;
  const fields = top.object("map", KEYS);
  const source = fields.text("source", { max: 300 });
  const traps = [{ unit: "km", factor: 1000 }];
  const cellM = fields.number("cellM", { min: 1, max: 5000, unit: "m", fallback: 50, traps });
  const outsideShare = fields.number("outsideShare", {
    min: 0,
    max: 0.99,
    fallback: 0,
    traps: [{ unit: "percent", factor: 0.01 }],
  });
  const shape = fields.has("weighted")
    ? readWeighted(context, fields, cellM)
    : readGrid(context, fields, cellM);
  if (shape === undefined || checker.count > before) return undefined;
  let total = 0;
  for (const value of shape.mass) total += value;
  if (!(total > 0)) {
    checker.report("MIS005", {
      where: "map",
      detail: "it holds no probability",
      remedy: "check the weights of the map",
    });
    return undefined;
  }
  return { ...shape, source, cellM, outsideShare, mass: shape.mass.map((value) => value / total) };
}

type Shape = Pick<LoadedMap, "southM" | "westM" | "rows" | "cols" | "mass">;

function readGrid(context: AreaContext, fields: Fields, cellM: number): Shape | undefined {
  const { checker } = context;
  const grid = fields.raw("grid");
  if (!isNumberGrid(grid)) {
    checker.report(fields.has("file") ? "MIS007" : "CHK001", {
      where: fields.at("file"),
      remedy: "name a .npy or weighted .geojson file and load the mission through its file",
    });
    return undefined;
  }
  const fromSouth = fields.oneOf("rowsFrom", ["south", "north"]) === "south";
  const center: GroundPoint = fields.has("center")
    ? readPlace(checker, context.frame, { value: fields.raw("center"), where: fields.at("center") })
    : context.center;
  const { rows, cols } = grid;
  const mass = new Float64Array(rows * cols);
  for (let row = 0; row < rows; row += 1) {
    const from = fromSouth ? row : rows - 1 - row;
    mass.set(grid.values.subarray(from * cols, (from + 1) * cols), row * cols);
  }
  const southM = center.northM - (rows * cellM) / 2;
  return { rows, cols, mass, southM, westM: center.eastM - (cols * cellM) / 2 };
}

function isNumberGrid(value: unknown): value is NumberGrid {
  if (!isRecord(value)) return false;
  const { rows, cols, values } = value;
  return (
    typeof rows === "number" &&
    typeof cols === "number" &&
    values instanceof Float64Array &&
    values.length === rows * cols &&
    values.length <= LOADED_CELLS_MAX &&
    values.every((each) => each >= 0 && each < Infinity)
  );
}

function readWeighted(context: AreaContext, fields: Fields, cellM: number): Shape | undefined {
  const { checker } = context;
  const weighted = fields.list("weighted", { min: 1, max: WEIGHTED_MAX }, (item, where) => {
    const part = checker.object(item, where, ["polygon", "weight"]);
    const polygon: Polygon = readPolygon(context, part.raw("polygon"), part.at("polygon"));
    return { polygon, weight: part.number("weight", { min: 0, max: 1e12 }) };
  });
  const usable = weighted.filter(({ polygon }) => polygon.outer.length > 0);
  const box = areaBounds(usable.map(({ polygon }) => polygon));
  const rows = Math.ceil((box.northM - box.southM) / cellM);
  const cols = Math.ceil((box.eastM - box.westM) / cellM);
  if (!(rows * cols > 0 && rows * cols <= LOADED_CELLS_MAX)) {
    if (usable.length > 0) {
      checker.report("CHK005", {
        where: fields.at("cellM"),
        detail: `${String(rows)} x ${String(cols)} cells`,
        remedy: "use larger cells",
      });
    }
    return undefined;
  }
  const grid = { southM: box.southM, westM: box.westM, cellM, rows, cols };
  return { ...grid, mass: rasterize(usable, grid) };
}
