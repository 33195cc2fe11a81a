/**
 * Erasure code for fragments: systematic Reed-Solomon over GF(2^8) with a Cauchy matrix (Blömer et
 * al., "An XOR-based erasure-resilient coding scheme", 1995; the field polynomial 0x11d and the
 * matrix form are those of RFC 5510's family). Any k of the k + m shards restore the k data shards.
 *
 * Bounds: k + m <= 255; shards of one length; encoding costs k*m and decoding e*k + e^3 products of
 * a byte with a shard, e being the missing data shards.
 */
import { invariant } from "../base/mod.ts";

const POLYNOMIAL = 0x11d;

const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = value;
  EXP[power + 255] = value;
  LOG[value] = power;
  value = value & 0x80 ? ((value << 1) ^ POLYNOMIAL) & 0xff : value << 1;
}

export const gfMultiply = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!;

/** The inverse of a nonzero element. */
export const gfInverse = (a: number): number => EXP[255 - LOG[a]!]!;

/** Cauchy element of parity row `row` and data column `column`: 1 / (x + y), x and y disjoint. */
const cauchy = (row: number, column: number): number => gfInverse((255 - row) ^ column);

/** into += factor * from; `from` may be shorter, its missing tail counts as zeros. */
function addScaled(into: Uint8Array, from: Uint8Array, factor: number): void {
  if (factor === 0) return;
  const logFactor = LOG[factor]!;
  for (let i = 0; i < from.length; i += 1) {
    const value = from[i]!;
    if (value !== 0) into[i]! ^= EXP[LOG[value]! + logFactor]!;
  }
}

/**
 * The parity shards of `data`; all of `shardBytes`, to which shorter data shards are zero-filled.
 */
export function encodeParity(
  data: readonly Uint8Array[],
  options: { readonly parityCount: number; readonly shardBytes: number },
): Uint8Array[] {
  invariant(data.length + options.parityCount <= 255, "k + m shards fit the field");
  return Array.from({ length: options.parityCount }, (_, row) => {
    const shard = new Uint8Array(options.shardBytes);
    data.forEach((from, column) => {
      addScaled(shard, from, cauchy(row, column));
    });
    return shard;
  });
}

/**
 * Fills the holes of `data` (undefined entries) from `parity` (undefined where lost). False when
 * fewer than k shards are there. Restored shards have `shardBytes`.
 */
export function restoreData(
  data: (Uint8Array | undefined)[],
  parity: readonly (Uint8Array | undefined)[],
  shardBytes: number,
): boolean {
  const holes = indexesWhere(data, (shard) => shard === undefined);
  const rows = indexesWhere(parity, (shard) => shard !== undefined).slice(0, holes.length);
  if (rows.length < holes.length) return false;
  const right = rows.map((row) => {
    const sum = new Uint8Array(shardBytes);
    addScaled(sum, parity[row]!, 1);
    data.forEach((shard, column) => {
      if (shard !== undefined) addScaled(sum, shard, cauchy(row, column));
    });
    return sum;
  });
  const matrix = rows.map((row) => Uint8Array.from(holes, (column) => cauchy(row, column)));
  solve(matrix, right);
  holes.forEach((column, i) => (data[column] = right[i]!));
  return true;
}

/** Gauss-Jordan in place. Every square submatrix of a Cauchy matrix is regular, so pivots exist. */
function solve(matrix: Uint8Array[], right: Uint8Array[]): void {
  for (let i = 0; i < matrix.length; i += 1) {
    const pivot = matrix[i]![i]!;
    invariant(pivot !== 0, "leading minors of a Cauchy matrix are regular");
    const scale = gfInverse(pivot);
    scaleInPlace(matrix[i]!, scale);
    scaleInPlace(right[i]!, scale);
    for (let other = 0; other < matrix.length; other += 1) {
      const factor = other === i ? 0 : matrix[other]![i]!;
      addScaled(matrix[other]!, matrix[i]!, factor);
      addScaled(right[other]!, right[i]!, factor);
    }
  }
}

function scaleInPlace(shard: Uint8Array, factor: number): void {
  for (let i = 0; i < shard.length; i += 1) shard[i] = gfMultiply(shard[i]!, factor);
}

function indexesWhere<T>(items: readonly T[], holds: (item: T) => boolean): number[] {
  return items.map((item, i) => (holds(item) ? i : -1)).filter((i) => i >= 0);
}

/** Chance that of `sent` independent shards more than `spare` are lost. */
export function lossTail(sent: number, spare: number, lossRatio: number): number {
  let term = 1;
  for (let i = 0; i < sent; i += 1) term *= 1 - lossRatio;
  let within = term;
  for (let lost = 1; lost <= spare; lost += 1) {
    term *= ((sent - lost + 1) / lost) * (lossRatio / (1 - lossRatio));
    within += term;
  }
  return Math.max(0, 1 - within);
}

/** A message of several fragments is lost at most this often under the assumed loss. */
const MESSAGE_LOSS_MAX = 0.01;
/** Above this loss the link is no link; below, more parity is cheaper than asking again. */
const LOSS_ASSUMED_MAX = 0.4;

/**
 * Parity shards for `dataCount` fragments at a measured loss: the fewest that keep the message's
 * loss within 1%, at most as many as the data.
 */
export function parityCountFor(dataCount: number, lossRatio: number): number {
  const loss = Math.min(LOSS_ASSUMED_MAX, Math.max(0, lossRatio));
  let count = 0;
  while (count < dataCount && lossTail(dataCount + count, count, loss) > MESSAGE_LOSS_MAX) {
    count += 1;
  }
  return count;
}
