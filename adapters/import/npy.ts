/**
 * NumPy's `.npy` (format 1.0 to 3.0, numpy/lib/format.py): a two-dimensional array of numbers as a
 * probability map. The header is a Python literal; only its three known keys are read, by pattern,
 * nothing is evaluated. Object arrays (pickles) are refused.
 */
import { fail, ok, problem, type ProblemCode, type Result } from "../../src/base/mod.ts";

/** Rows as the file has them; what row 0 means the file does not say. */
export interface NumberGrid {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float64Array;
}

export const GRID_CELLS_MAX = 4_000_000;
const HEADER_MAX_BYTES = 4096;

type ReadNumber = (view: DataView, at: number, little: boolean) => number;

/** dtype without byte order -> size and reader. */
const TYPES: Readonly<Record<string, readonly [number, ReadNumber]>> = {
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
};

export function readNpy(bytes: Uint8Array, where: string): Result<NumberGrid> {
  const refuse = (code: ProblemCode, detail: string, remedy: string): Result<NumberGrid> =>
    fail(problem(code, { where, detail, remedy }));
  const resave = "save it again with numpy.save";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length >= 12 && bytes[0] === 0x93 && latin(bytes, 1, 6) === "NUMPY";
  if (!magic) return refuse("IMP004", "no .npy file", "give a file written by numpy.save");
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) return refuse("IMP004", `version ${String(major)}`, resave);
  const [start, headerBytes] =
    major === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const dataAt = start + headerBytes;
  if (headerBytes > HEADER_MAX_BYTES || dataAt > bytes.length) {
    return refuse("IMP003", "the header is cut short", resave);
  }
  const header = latin(bytes, start, dataAt);
  const shape = /'shape':\s*\((\d{1,9}),\s*(\d{1,9}),?\s*\)/u.exec(header);
  const type = /'descr':\s*'([<>|=])([a-z]\d+)'/u.exec(header);
  const [size, read] = TYPES[type?.[2] ?? ""] ?? [];
  if (shape === null) return refuse("IMP004", "not two-dimensional", "save a 2-d array");
  if (type === null || size === undefined || read === undefined) {
    return refuse("IMP004", "its numbers are of an unknown type", "save it as float64");
  }
  const [rows, cols] = [Number(shape[1]), Number(shape[2])];
  if (rows < 1 || cols < 1 || rows * cols > GRID_CELLS_MAX) {
    const remedy = `1 to ${String(GRID_CELLS_MAX)} cells are read: use larger cells`;
    return refuse("IMP009", `${String(rows)} x ${String(cols)}`, remedy);
  }
  if (bytes.length - dataAt !== rows * cols * size) {
    return refuse("IMP003", "its data is cut short or too long", resave);
  }
  const columnsFirst = header.includes("'fortran_order': True");
  const values = new Float64Array(rows * cols);
  for (let i = 0; i < values.length; i += 1) {
    const value = read(view, dataAt + i * size, type[1] !== ">");
    values[columnsFirst ? (i % rows) * cols + Math.floor(i / rows) : i] = value;
  }
  return checkMap({ rows, cols, values }, where);
}

/** A probability map has finite values of at least 0, not all of them 0. */
export function checkMap(grid: NumberGrid, where: string): Result<NumberGrid> {
  let sum = 0;
  for (const [i, value] of grid.values.entries()) {
    if (!(value >= 0 && value < Infinity)) {
      const cell = `row ${String(Math.floor(i / grid.cols))} column ${String(i % grid.cols)}`;
      const remedy = "every cell holds a finite number of at least 0";
      return fail(problem("IMP012", { where: `${where} ${cell}`, detail: String(value), remedy }));
    }
    sum += value;
  }
  if (sum > 0) return ok(grid);
  return fail(problem("IMP012", { where, detail: "all cells are 0", remedy: "check the file" }));
}

function latin(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
