/**
 * Where a provider keeps secrets: slots of 64 bytes cut from large pieces, one small integer each.
 *
 * One arena instead of an object a key: a `Uint8Array(32)` costs 500 B of heap and is copied by the
 * collector (so it cannot be erased), and locked memory comes in pages. A secret of more than a
 * slot (an HMAC key of test vectors) gets a piece of its own. Destroying wipes; handles are given
 * again, so a holder forgets a handle when it destroys the key.
 *
 * Bounds: `KEYS_MAX` keys; beside the secret each may have one record (a prepared public key).
 */
import { invariant } from "../../base/mod.ts";
import type { KeyHandle } from "../provider.ts";

export const SLOT_BYTES = 64;
const SLOTS_PER_PIECE = 1024;
const KEYS_MAX = 1 << 20;

export class KeyArena<Entry> {
  readonly #allocate: (sizeBytes: number) => Uint8Array;
  readonly #pieces: Uint8Array[] = [];
  /** By handle: the secret's bytes inside a piece; undefined when free. */
  readonly #views: (Uint8Array | undefined)[] = [undefined];
  readonly #entries: (Entry | undefined)[] = [undefined];
  readonly #free: number[] = [];
  /** The view that a freed handle had: short-lived keys of one length need no new one. */
  readonly #last: (Uint8Array | undefined)[] = [];

  constructor(allocate: (sizeBytes: number) => Uint8Array) {
    this.#allocate = allocate;
  }

  /** Live keys, for tests of leaks. */
  get size(): number {
    return this.#views.length - 1 - this.#free.length;
  }

  /** Copies `secret` (may be empty) into the arena. */
  put(secret: Uint8Array, entry?: Entry): KeyHandle {
    const handle = this.#free.pop() ?? this.#views.length;
    invariant(handle <= KEYS_MAX, "the key arena stays within its bound");
    const view = this.#room(handle, secret.length);
    view.set(secret);
    this.#views[handle] = view;
    this.#entries[handle] = entry;
    return handle as KeyHandle;
  }

  /** The secret itself, not a copy. */
  secret(key: KeyHandle): Uint8Array {
    const view = this.#views[key];
    invariant(view !== undefined, "a key handle names a live key");
    return view;
  }

  entry(key: KeyHandle): Entry {
    const entry = this.#entries[key];
    invariant(entry !== undefined, "a key handle of a key pair has its record");
    return entry;
  }

  /** The record of a key, if it has one. */
  find(key: KeyHandle): Entry | undefined {
    return this.#entries[key];
  }

  drop(key: KeyHandle): Entry | undefined {
    this.secret(key).fill(0);
    const entry = this.#entries[key];
    this.#last[key] = this.#views[key];
    this.#views[key] = undefined;
    this.#entries[key] = undefined;
    this.#free.push(key);
    return entry;
  }

  #room(handle: number, sizeBytes: number): Uint8Array {
    if (sizeBytes > SLOT_BYTES) return this.#allocate(sizeBytes);
    const last = this.#last[handle];
    return last?.length === sizeBytes ? last : this.#slot(handle).subarray(0, sizeBytes);
  }

  #slot(handle: number): Uint8Array {
    const piece = Math.floor((handle - 1) / SLOTS_PER_PIECE);
    while (this.#pieces.length <= piece) {
      this.#pieces.push(this.#allocate(SLOTS_PER_PIECE * SLOT_BYTES));
    }
    const offset = ((handle - 1) % SLOTS_PER_PIECE) * SLOT_BYTES;
    return this.#pieces[piece]!.subarray(offset, offset + SLOT_BYTES);
  }
}
