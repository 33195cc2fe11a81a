/**
 * The terrain pack: a grid of elevations in the project's own compact form (`docs/protocols/
 * terrain-pack.md`), small enough to ship and simple enough to decode anywhere.
 *
 * Heights are predicted from their neighbours by the median edge detector of JPEG-LS (Weinberger,
 * Seroussi and Sapiro, 2000: the median of left, above and left + above - upper left) and the
 * residuals, folded to unsigned, are written in Rice codes (Rice and Plaunt, 1971) whose parameter
 * each row chooses for itself. Departure from JPEG-LS: no contexts and no runs; they would save a
 * tenth and double the decoder. Bounds: `GRID_SIDE_MAX` rows and columns; a residual has at most
 * `QUOTIENT_MAX` unary bits, then its 17 bits follow plainly.
 */
import {
  ByteReader,
  ByteWriter,
  fail,
  invariant,
  ok,
  problem,
  type Result,
} from "../../base/mod.ts";
import type { ElevationGrid } from "./terrain.ts";

export const TERRAIN_PACK_VERSION = 1;
/** Rows and columns beyond this are refused: 8192 x 8192 heights are 128 MiB. */
export const GRID_SIDE_MAX = 8192;

const MAGIC = 0x534b5447; // "SKTG"
const QUOTIENT_MAX = 24;
const PLAIN_BITS = 17;
const RICE_MAX = 15;
const TEXT_MAX_BYTES = 2000;

/** The grid as bytes. */
export function encodeTerrain(grid: ElevationGrid): Uint8Array {
  const { rows, cols, elevationsM } = grid;
  invariant(rows >= 2 && rows <= GRID_SIDE_MAX, "a packed grid has 2 to 8192 rows");
  invariant(cols >= 2 && cols <= GRID_SIDE_MAX, "a packed grid has 2 to 8192 columns");
  invariant(elevationsM.length === rows * cols, "a grid holds rows x cols elevations");
  const bits = new BitWriter();
  const residuals = new Int32Array(cols);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < cols; c += 1) {
      const residual = elevationsM[r * cols + c]! - predict(grid, r, c);
      residuals[c] = residual >= 0 ? 2 * residual : -2 * residual - 1;
    }
    const k = cheapestRice(residuals);
    bits.write(k, 4);
    for (const folded of residuals) writeRice(bits, folded, k);
  }
  const body = bits.take();
  const out = new ByteWriter({ initialBytes: body.length + 4096 });
  out.u32(MAGIC).u8(TERRAIN_PACK_VERSION);
  out.text(grid.name).text(grid.source).text(grid.licence);
  out.u16(rows).u16(cols).f64(grid.northDeg).f64(grid.westDeg).f64(grid.spacingDeg);
  out.u32(crc32(elevationBytes(elevationsM))).blob(body);
  return out.take();
}

/** The grid of a pack, or what is wrong with the bytes. */
export function decodeTerrain(bytes: Uint8Array): Result<ElevationGrid> {
  const from = new ByteReader(bytes);
  const damaged = (detail: string): Result<ElevationGrid> =>
    fail(problem("MIS008", { detail, remedy: "fetch or build the terrain pack again" }));
  if (from.u32() !== MAGIC) return damaged("no terrain pack");
  const version = from.u8();
  if (version !== TERRAIN_PACK_VERSION) return damaged(`version ${String(version)}`);
  const name = from.text(TEXT_MAX_BYTES);
  const source = from.text(TEXT_MAX_BYTES);
  const licence = from.text(TEXT_MAX_BYTES);
  const [rows, cols] = [from.u16(), from.u16()];
  const [northDeg, westDeg, spacingDeg] = [from.f64(), from.f64(), from.f64()];
  const checksum = from.u32();
  const body = from.blob(rows * cols * 8);
  if (from.finish() !== undefined) return damaged("the bytes end early or too late");
  const sized = rows >= 2 && cols >= 2 && rows <= GRID_SIDE_MAX && cols <= GRID_SIDE_MAX;
  const placed = Math.abs(northDeg) <= 90 && Math.abs(westDeg) <= 180 && spacingDeg > 1e-7;
  if (!sized || !placed || spacingDeg > 1) return damaged("size or place is out of range");
  // A grid needs at least one bit a height: a short body cannot claim a large allocation.
  if (body.length * 8 < rows * cols) return damaged("the body is too short for its grid");
  const elevationsM = new Int16Array(rows * cols);
  const grid = {
    name,
    source,
    licence,
    rows,
    cols,
    northDeg,
    westDeg,
    spacingDeg,
    elevationsM,
  };
  if (!readHeights(grid, new BitReader(body))) return damaged("the heights are cut short");
  if (crc32(elevationBytes(elevationsM)) !== checksum) return damaged("the checksum differs");
  return ok(grid);
}

function readHeights(grid: ElevationGrid, bits: BitReader): boolean {
  for (let r = 0; r < grid.rows; r += 1) {
    const k = bits.read(4);
    for (let c = 0; c < grid.cols; c += 1) {
      const folded = readRice(bits, k);
      const residual = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
      grid.elevationsM[r * grid.cols + c] = predict(grid, r, c) + residual;
    }
    if (bits.failed) return false;
  }
  return true;
}

/** Median of left, above and the plane through the three neighbours. */
function predict({ elevationsM, cols }: ElevationGrid, r: number, c: number): number {
  const i = r * cols + c;
  if (r === 0) return c === 0 ? 0 : elevationsM[i - 1]!;
  if (c === 0) return elevationsM[i - cols]!;
  const left = elevationsM[i - 1]!;
  const above = elevationsM[i - cols]!;
  const corner = elevationsM[i - cols - 1]!;
  if (corner >= Math.max(left, above)) return Math.min(left, above);
  if (corner <= Math.min(left, above)) return Math.max(left, above);
  return left + above - corner;
}

function cheapestRice(folded: Int32Array): number {
  let best = 0;
  let least = Infinity;
  for (let k = 0; k <= RICE_MAX; k += 1) {
    let bits = 0;
    for (const value of folded) {
      const quotient = value >>> k;
      bits += quotient >= QUOTIENT_MAX ? QUOTIENT_MAX + PLAIN_BITS : quotient + 1 + k;
    }
    if (bits >= least) continue;
    least = bits;
    best = k;
  }
  return best;
}

function writeRice(bits: BitWriter, folded: number, k: number): void {
  const quotient = Math.min(QUOTIENT_MAX, folded >>> k);
  for (let i = 0; i < quotient; i += 1) bits.write(1, 1);
  if (quotient === QUOTIENT_MAX) bits.write(folded, PLAIN_BITS);
  else {
    bits.write(0, 1);
    bits.write(folded & ((1 << k) - 1), k);
  }
}

function readRice(bits: BitReader, k: number): number {
  let quotient = 0;
  while (quotient < QUOTIENT_MAX && bits.read(1) === 1) quotient += 1;
  return quotient === QUOTIENT_MAX ? bits.read(PLAIN_BITS) : (quotient << k) | bits.read(k);
}

/** Most significant bit first. */
class BitWriter {
  readonly #out = new ByteWriter({ initialBytes: 1 << 16 });
  #held = 0;
  #count = 0;

  write(value: number, bits: number): void {
    for (let i = bits - 1; i >= 0; i -= 1) {
      this.#held = (this.#held << 1) | ((value >>> i) & 1);
      this.#count += 1;
      if (this.#count === 8) this.#flush();
    }
  }

  take(): Uint8Array {
    if (this.#count > 0) {
      this.#held <<= 8 - this.#count;
      this.#flush();
    }
    return this.#out.take();
  }

  #flush(): void {
    this.#out.u8(this.#held & 0xff);
    this.#held = 0;
    this.#count = 0;
  }
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** True once a read went past the end; those reads gave zeros. */
  get failed(): boolean {
    return this.#failed;
  }

  read(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i += 1) {
      const byte = this.#bytes[this.#at >>> 3];
      if (byte === undefined) {
        this.#failed = true;
        return 0;
      }
      value = (value << 1) | ((byte >>> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }
}

/** Heights as big-endian 16-bit integers, row by row: what a checksum of a grid is taken over. */
export function elevationBytes(elevationsM: Int16Array): Uint8Array {
  const bytes = new Uint8Array(2 * elevationsM.length);
  const view = new DataView(bytes.buffer);
  elevationsM.forEach((height, i) => {
    view.setInt16(2 * i, height);
  });
  return bytes;
}

/** CRC-32 of ISO 3309 (reflected polynomial 0xEDB88320); finds damage, not attackers. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
