/**
 * A path over tiles that visits none twice, with the local moves that change it.
 *
 * The state is a graph on tiles in which every visited tile has one or two neighbours: one path
 * (two ends) and, while the search goes on, rings beside it that must merge with the path or
 * vanish before the end. Kept undirected, every move touches a handful of tiles:
 *
 * - bump: an edge a-b swells to a-a'-b'-b over two free tiles beside it, or shrinks back;
 * - corner: a turn p-t-q moves to the free tile on the other side, p-t'-q;
 * - end: the path grows or shrinks by a tile at an end, or bites into itself or a ring (backbite:
 *   the end joins a visited neighbour, which lets go of one of its own);
 * - flip: two parallel edges of a 2 x 2 block become the two crossing ones; parts merge or split;
 * - ring: four free tiles become a ring of their own, or such a ring vanishes.
 *
 * The bump moves on lattice paths are those of self-avoiding-walk samplers (Madras and Slade, "The
 * Self-Avoiding Walk", 1993, ch. 9); flips and backbites those used for Hamiltonian paths
 * (Oberdorf, Ferguson, Jacobsen and Kondev, 2006).
 */
import { invariant } from "../../base/mod.ts";
import type { Lattice } from "./lattice.ts";

/** No tile. */
const NONE = -1;

export class Tour {
  readonly #lattice: Lattice;
  readonly #side: number;
  /** Two neighbours a tile; both NONE when it is not visited. */
  readonly #links: Int32Array;
  /** Visited tiles in no order, and where each stands in that list. */
  readonly #visited: Int32Array;
  readonly #slot: Int32Array;
  #count = 0;
  #parts = 0;

  /** Starts as the given path: tiles in order, neighbours adjacent, none twice. */
  constructor(lattice: Lattice, path: readonly number[]) {
    this.#lattice = lattice;
    this.#side = lattice.side;
    const tiles = lattice.side * lattice.side;
    this.#links = new Int32Array(2 * tiles).fill(NONE);
    this.#visited = new Int32Array(tiles);
    this.#slot = new Int32Array(tiles).fill(NONE);
    invariant(path.length >= 2, "a tour starts with at least two tiles");
    path.forEach((tile, i) => {
      invariant(this.#slot[tile] === NONE, "a tour visits no tile twice");
      this.#visit(tile);
      if (i > 0) this.#join(path[i - 1]!, tile);
    });
    this.#parts = 1;
  }

  /** Tiles visited, rings included. */
  get count(): number {
    return this.#count;
  }

  /** The path and the rings beside it. */
  get parts(): number {
    return this.#parts;
  }

  isFree(tile: number): boolean {
    return this.#slot[tile] === NONE && this.#inside(tile);
  }

  /** A visited tile by its place in an arbitrary list, for drawing at random. */
  visitedAt(index: number): number {
    return this.#visited[index]!;
  }

  neighbours(tile: number): readonly [number, number] {
    return [this.#links[2 * tile]!, this.#links[2 * tile + 1]!];
  }

  /** Mass of all tiles minus what turns and ends leave out. */
  mass(): number {
    let sum = 0;
    for (let i = 0; i < this.#count; i += 1) {
      const tile = this.#visited[i]!;
      sum += this.#worth(tile, this.#links[2 * tile]!, this.#links[2 * tile + 1]!);
    }
    return sum;
  }

  /** Tiles of the path from end to end. */
  path(): number[] {
    const start = this.#visited.subarray(0, this.#count).find((tile) => this.#isEnd(tile));
    invariant(start !== undefined, "a tour has a path with two ends");
    const path = [start];
    let before = NONE;
    for (let at = start; ;) {
      const next = this.#other(at, before);
      if (next === NONE) return path;
      path.push(next);
      before = at;
      at = next;
      invariant(path.length <= this.#count, "a path ends");
    }
  }

  /** Gain of swelling the edge a-b over a+step, b+step; -Infinity when they are not free. */
  bumpGain(a: number, b: number, step: number): number {
    const [a2, b2] = [a + step, b + step];
    if (!this.isFree(a2) || !this.isFree(b2)) return -Infinity;
    const beforeA = this.#other(a, b);
    const beforeB = this.#other(b, a);
    return (
      this.#worth(a, beforeA, a2) +
      this.#worth(a2, a, b2) +
      this.#worth(b2, a2, b) +
      this.#worth(b, b2, beforeB) -
      this.#worth(a, beforeA, b) -
      this.#worth(b, a, beforeB)
    );
  }

  bump(a: number, b: number, step: number): void {
    this.#part(a, b);
    this.#visit(a + step);
    this.#visit(b + step);
    this.#join(a, a + step);
    this.#join(a + step, b + step);
    this.#join(b + step, b);
  }

  /** The feet of the bump whose top is c-d, when there is one there. */
  bumpFoot(c: number, d: number): readonly [number, number] | undefined {
    const a = this.#other(c, d);
    const b = this.#other(d, c);
    if (a === NONE || b === NONE || a - c !== b - d || this.#linked(a, b)) return undefined;
    return [a, b];
  }

  /** Gain of shrinking the bump c-d onto its feet a-b (a negative mass, usually). */
  shrinkGain(c: number, d: number, [a, b]: readonly [number, number]): number {
    const beforeA = this.#other(a, c);
    const beforeB = this.#other(b, d);
    return (
      this.#worth(a, beforeA, b) +
      this.#worth(b, a, beforeB) -
      this.#worth(a, beforeA, c) -
      this.#worth(c, a, d) -
      this.#worth(d, c, b) -
      this.#worth(b, d, beforeB)
    );
  }

  shrink(c: number, d: number, [a, b]: readonly [number, number]): void {
    this.#part(a, c);
    this.#part(c, d);
    this.#part(d, b);
    this.#leave(c);
    this.#leave(d);
    this.#join(a, b);
  }

  /** The tile to which the turn at `tile` may move, or none. */
  cornerTarget(tile: number): number {
    const p = this.#links[2 * tile]!;
    const q = this.#links[2 * tile + 1]!;
    if (p === NONE || q === NONE || p + q === 2 * tile) return NONE;
    const target = p + q - tile;
    return this.isFree(target) ? target : NONE;
  }

  cornerGain(tile: number, target: number): number {
    const p = this.#links[2 * tile]!;
    const q = this.#links[2 * tile + 1]!;
    const beforeP = this.#other(p, tile);
    const beforeQ = this.#other(q, tile);
    return (
      this.#worth(target, p, q) +
      this.#worth(p, beforeP, target) +
      this.#worth(q, beforeQ, target) -
      this.#worth(tile, p, q) -
      this.#worth(p, beforeP, tile) -
      this.#worth(q, beforeQ, tile)
    );
  }

  moveCorner(tile: number, target: number): void {
    const p = this.#links[2 * tile]!;
    const q = this.#links[2 * tile + 1]!;
    this.#part(p, tile);
    this.#part(q, tile);
    this.#leave(tile);
    this.#visit(target);
    this.#join(p, target);
    this.#join(q, target);
  }

  isEnd(tile: number): boolean {
    return this.#isEnd(tile);
  }

  growGain(end: number, to: number): number {
    const before = this.#other(end, NONE);
    return (
      this.#worth(end, before, to) + this.#worth(to, end, NONE) - this.#worth(end, before, NONE)
    );
  }

  grow(end: number, to: number): void {
    this.#visit(to);
    this.#join(end, to);
  }

  /** Gain of taking the end tile off; -Infinity when too little would be left. */
  cutGain(end: number): number {
    const next = this.#other(end, NONE);
    const after = this.#other(next, end);
    if (after === NONE) return -Infinity;
    return (
      this.#worth(next, after, NONE) - this.#worth(end, next, NONE) - this.#worth(next, after, end)
    );
  }

  cut(end: number): void {
    this.#part(end, this.#other(end, NONE));
    this.#leave(end);
  }

  /**
   * The end joins the visited tile `to`, which lets go of one neighbour: on the path the one
   * towards the end, on a ring the first. Undefined when nothing is to be gained in form.
   */
  bite(
    end: number,
    to: number,
  ): { readonly gain: number; readonly drop: number; readonly merges: boolean } | undefined {
    if (this.isFree(to) || !this.#inside(to) || this.#linked(end, to) || this.#isEnd(to))
      return undefined;
    const toward = this.#towards(to, end);
    const drop = toward === NONE ? this.#links[2 * to]! : toward;
    const beforeEnd = this.#other(end, NONE);
    const keep = this.#other(to, drop);
    const afterDrop = this.#other(drop, to);
    const gain =
      this.#worth(end, beforeEnd, to) +
      this.#worth(to, end, keep) +
      this.#worth(drop, afterDrop, NONE) -
      this.#worth(end, beforeEnd, NONE) -
      this.#worth(to, drop, keep) -
      this.#worth(drop, afterDrop, to);
    // An end next to the tile it bites into the neighbour of would be counted twice.
    if (drop === end || afterDrop === end || beforeEnd === drop) return undefined;
    return { gain, drop, merges: toward === NONE };
  }

  applyBite(
    end: number,
    to: number,
    bite: { readonly drop: number; readonly merges: boolean },
  ): void {
    this.#part(to, bite.drop);
    this.#join(end, to);
    if (bite.merges) this.#parts -= 1;
  }

  /** Gain of flipping the block with this low corner; -Infinity without two parallel edges. */
  flipGain(tile: number): number {
    const block = this.#block(tile);
    if (block === undefined) return -Infinity;
    const { a, b, c, d } = block;
    return (
      this.#swapped(a, b, d) +
      this.#swapped(b, a, c) +
      this.#swapped(c, d, b) +
      this.#swapped(d, c, a)
    );
  }

  /** Parts more (1), as many (0) or fewer (-1) after the flip. A walk, unlike the gain. */
  flipParts(tile: number): number {
    const block = this.#block(tile);
    if (block === undefined) return 0;
    const { a, b, c, d } = block;
    // Walk away from the block at b, the edge a-b behind us: where do we come back to it?
    let before = a;
    let at = b;
    for (let steps = 0; steps <= this.#count; steps += 1) {
      const next = this.#other(at, before);
      if (next === NONE) return this.#flipPartsFromEnd(block);
      before = at;
      at = next;
      // Back over the edge c-d: met at c first the parts stay one ring or path turned round.
      if (at === c && this.#other(at, before) === d) return 1;
      if (at === d && this.#other(at, before) === c) return 0;
      if (at === a) return -1;
    }
    return 0;
  }

  flip(tile: number, partsChange: number): void {
    const block = this.#block(tile);
    invariant(block !== undefined, "a block is flipped where it has two parallel edges");
    const { a, b, c, d } = block;
    this.#part(a, b);
    this.#part(c, d);
    this.#join(a, d);
    this.#join(b, c);
    this.#parts += partsChange;
  }

  /** Gain of a new ring on four free tiles, or of removing such a ring; undefined when neither. */
  ringGain(tile: number): number | undefined {
    const [a, b, d, c] = this.#corners(tile);
    if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
    const gain =
      this.#worth(a, b, d) + this.#worth(b, a, c) + this.#worth(c, b, d) + this.#worth(d, c, a);
    if ([a, b, c, d].every((each) => this.isFree(each))) return gain;
    const ring =
      this.#linked(a, b) && this.#linked(b, c) && this.#linked(c, d) && this.#linked(d, a);
    return ring ? -gain : undefined;
  }

  toggleRing(tile: number): void {
    const [a, b, d, c] = this.#corners(tile);
    invariant(
      a !== undefined && b !== undefined && c !== undefined && d !== undefined,
      "a ring lies on the lattice",
    );
    const edges = [
      [a, b],
      [b, c],
      [c, d],
      [d, a],
    ] as const;
    if (this.isFree(a)) {
      for (const each of [a, b, c, d]) this.#visit(each);
      for (const [from, to] of edges) this.#join(from, to);
      this.#parts += 1;
    } else {
      for (const [from, to] of edges) this.#part(from, to);
      for (const each of [a, b, c, d]) this.#leave(each);
      this.#parts -= 1;
    }
  }

  /** Drops every ring that is left; the path alone stays. */
  dropRings(): void {
    const keep = new Set(this.path());
    for (let i = this.#count - 1; i >= 0; i -= 1) {
      const tile = this.#visited[i]!;
      if (keep.has(tile)) continue;
      this.#links[2 * tile] = NONE;
      this.#links[2 * tile + 1] = NONE;
      this.#leave(tile);
    }
    this.#parts = 1;
  }

  /** A copy of the state. */
  clone(): Tour {
    return new Tour(this.#lattice, this.path());
  }

  /** When the walk from b met an end: the path runs through a-b; c-d is on it or on a ring. */
  #flipPartsFromEnd({ a, b, c, d }: Block): number {
    let before = b;
    let at = a;
    for (let steps = 0; steps <= this.#count; steps += 1) {
      const next = this.#other(at, before);
      if (next === NONE) return -1;
      before = at;
      at = next;
      if (at === d && this.#other(at, before) === c) return 1;
      if (at === c && this.#other(at, before) === d) return 0;
    }
    return 0;
  }

  /** The neighbour of `from` towards the path's end `end`; NONE when `from` is on a ring. */
  #towards(from: number, end: number): number {
    let before = end;
    let at = this.#other(end, NONE);
    for (let steps = 0; steps <= this.#count && at !== NONE; steps += 1) {
      if (at === from) return before;
      const next = this.#other(at, before);
      before = at;
      at = next;
    }
    return NONE;
  }

  /** The block's corners with edges a-b and c-d, a opposite d. */
  #block(tile: number): Block | undefined {
    const [low, right, up, both] = this.#corners(tile);
    if (low === undefined || right === undefined || up === undefined || both === undefined) {
      return undefined;
    }
    const south = this.#linked(low, right);
    const north = this.#linked(up, both);
    const west = this.#linked(low, up);
    const east = this.#linked(right, both);
    // A third edge would come twice after the flip.
    if (south !== north || west !== east || south === west) return undefined;
    return south ? { a: low, b: right, c: both, d: up } : { a: low, b: up, c: both, d: right };
  }

  /** Low, right, up and both of the 2 x 2 block; empty when it leaves the lattice. */
  #corners(tile: number): readonly number[] {
    const both = tile + 1 + this.#side;
    if (!this.#inside(tile) || !this.#inside(both)) return [];
    return [tile, tile + 1, tile + this.#side, both];
  }

  /** Gain at one tile when its link to `old` becomes one to `now`. */
  #swapped(tile: number, old: number, now: number): number {
    const stays = this.#other(tile, old);
    return this.#worth(tile, stays, now) - this.#worth(tile, stays, old);
  }

  /** Mass that the path sweeps in a tile entered from p and left to q. */
  #worth(tile: number, p: number, q: number): number {
    const { mass, cornerMass } = this.#lattice;
    const whole = mass[tile]!;
    if (p === NONE || q === NONE) {
      const to = p === NONE ? q : p;
      return to === NONE ? whole : whole - this.#farCorners(tile, to - tile);
    }
    if (p + q === 2 * tile) return whole;
    // The corner away from both neighbours stays unseen.
    const high = p - tile === 1 || q - tile === 1 ? 0 : 1;
    const up = p - tile === this.#side || q - tile === this.#side ? 0 : 2;
    return whole - cornerMass[4 * tile + high + up]!;
  }

  /** The two corners beyond an end whose only neighbour lies in direction `step`. */
  #farCorners(tile: number, step: number): number {
    const corner = this.#lattice.cornerMass.subarray(4 * tile, 4 * tile + 4);
    if (step === 1) return corner[0]! + corner[2]!;
    if (step === -1) return corner[1]! + corner[3]!;
    return step === this.#side ? corner[0]! + corner[1]! : corner[2]! + corner[3]!;
  }

  #inside(tile: number): boolean {
    const row = Math.floor(tile / this.#side);
    const col = tile - row * this.#side;
    return row > 0 && col > 0 && row < this.#side - 1 && col < this.#side - 1;
  }

  #isEnd(tile: number): boolean {
    return this.#links[2 * tile] === NONE || this.#links[2 * tile + 1] === NONE;
  }

  #linked(a: number, b: number): boolean {
    return this.#links[2 * a] === b || this.#links[2 * a + 1] === b;
  }

  /** The neighbour that is not `known`; with NONE as known, the only neighbour of an end. */
  #other(tile: number, known: number): number {
    const first = this.#links[2 * tile]!;
    return first === known ? this.#links[2 * tile + 1]! : first;
  }

  #join(a: number, b: number): void {
    this.#links[this.#links[2 * a] === NONE ? 2 * a : 2 * a + 1] = b;
    this.#links[this.#links[2 * b] === NONE ? 2 * b : 2 * b + 1] = a;
  }

  #part(a: number, b: number): void {
    this.#links[this.#links[2 * a] === b ? 2 * a : 2 * a + 1] = NONE;
    this.#links[this.#links[2 * b] === a ? 2 * b : 2 * b + 1] = NONE;
  }

  #visit(tile: number): void {
    this.#slot[tile] = this.#count;
    this.#visited[this.#count] = tile;
    this.#count += 1;
  }

  #leave(tile: number): void {
    this.#count -= 1;
    const last = this.#visited[this.#count]!;
    const slot = this.#slot[tile]!;
    this.#visited[slot] = last;
    this.#slot[last] = slot;
    this.#slot[tile] = NONE;
  }
}

interface Block {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}
