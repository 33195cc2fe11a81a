/**
 * Big-endian integers in byte arrays without a DataView. Beacons are read once a receiver: a view
 * object per delivery would cost more than the reading. Offsets are checked by the codecs' length
 * tests before any of these is called.
 */

export const readU16 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 8) | bytes[at + 1]!;

export const readI16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;

export const readI32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

export const readU32 = (bytes: Uint8Array, at: number): number => readI32(bytes, at) >>> 0;

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** RFC 1982 order on 16 bits: whether `a` is newer than `b`; half a turn apart counts as older. */
export const isNewer16 = (a: number, b: number): boolean => {
  const ahead = (a - b) & 0xffff;
  return ahead !== 0 && ahead < 0x8000;
};

/** A number as an integer in [low, high]; not a number becomes 0. */
export const clampInteger = (value: number, low: number, high: number): number =>
  Number.isNaN(value) ? 0 : Math.min(high, Math.max(low, Math.round(value)));
