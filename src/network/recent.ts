/**
 * Duplicate suppression for packets of origins that have no row in the peer table: those of other
 * clusters, of which there may be thousands.
 *
 * A table addressed by a hash of (origin, sequence); a newcomer takes the place of what was there.
 * What is forgotten too early is forwarded once more and ends by its time to live. Bound: 512.
 */
import type { ByteReader, ByteWriter } from "../base/mod.ts";

const PLACES = 512;
const NOBODY = 0xffff;

export class RecentPackets {
  readonly #origins: Uint16Array = new Uint16Array(PLACES).fill(NOBODY);
  readonly #sequences: Uint32Array = new Uint32Array(PLACES);

  /** Marks a packet as seen; true when it is new. */
  mark(origin: number, sequence: number): boolean {
    const place = (Math.imul(sequence ^ (origin << 16), 0x9e3779b1) >>> 16) % PLACES;
    if (this.#origins[place] === origin && this.#sequences[place] === sequence) return false;
    this.#origins[place] = origin;
    this.#sequences[place] = sequence;
    return true;
  }

  save(to: ByteWriter): void {
    const used = [...this.#origins.keys()].filter((place) => this.#origins[place] !== NOBODY);
    to.u16(used.length);
    for (const place of used) {
      to.u16(place).u16(this.#origins[place]!).u32(this.#sequences[place]!);
    }
  }

  load(from: ByteReader): void {
    this.#origins.fill(NOBODY);
    for (let left = from.u16(); left > 0 && !from.failed; left -= 1) {
      const place = from.u16() % PLACES;
      this.#origins[place] = from.u16();
      this.#sequences[place] = from.u32();
    }
  }
}
