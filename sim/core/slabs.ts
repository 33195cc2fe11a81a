/**
 * Typed arrays into a saved world as their raw bytes, in this machine's byte order: a saved world
 * is for the same process or machine, and a thousand vehicles must be cloned in a tenth of a
 * second.
 */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";

export type Slab =
  Float64Array | Float32Array | Int32Array | Uint32Array | Int8Array | Uint8Array | Int16Array;

export function saveSlabs(slabs: readonly Slab[], to: ByteWriter): void {
  for (const slab of slabs) {
    to.blob(new Uint8Array(slab.buffer, slab.byteOffset, slab.byteLength));
  }
}

/** Refuses the input when a slab of another size was saved. */
export function loadSlabs(slabs: readonly Slab[], from: ByteReader): void {
  for (const slab of slabs) {
    const bytes = from.blob();
    if (bytes.length !== slab.byteLength) from.refuse();
    else new Uint8Array(slab.buffer, slab.byteOffset, slab.byteLength).set(bytes);
  }
}
