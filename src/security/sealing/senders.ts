/**
 * Sender keys: from one shared secret (a beacon key of some generation, an epoch key) a key and a
 * salt for each sender and boot, derived when first needed, kept flat by the peer's row.
 *
 *   key || salt = HKDF-SHA-512(secret, salt = none,
 *                              info = label || number (u64) || sender id (u64) || boot nonce (u64))
 *
 * The full 64-bit number is bound in, the byte on the air is only a hint; the boot nonce makes the
 * counters safe that start again at each boot. Nonce = salt (8) || counter (4). No (key, nonce)
 * repeats: one sender, one boot, one counter that never goes back.
 */
import { ByteWriter, utf8Encode, type ByteReader, type NodeId } from "../../base/mod.ts";
import { AEAD_KEY_BYTES, NO_KEY, type CryptoProvider, type KeyHandle } from "../provider.ts";
import { ReplayWindows } from "./window.ts";

export const SALT_BYTES = 8;
const NO_SALT = new Uint8Array(0);

export interface SenderKey {
  readonly key: KeyHandle;
  readonly salt: Uint8Array;
}

/** Splits HKDF output into a key in the arena and a salt, which is no secret. */
export function deriveKeyAndSalt(
  provider: CryptoProvider,
  secret: KeyHandle,
  info: Uint8Array,
): SenderKey {
  const derived = provider.hkdfSha512(secret, NO_SALT, info, AEAD_KEY_BYTES + SALT_BYTES);
  const bytes = provider.exportSecret(derived);
  provider.destroyKey(derived);
  const key = provider.importSecret(bytes.subarray(0, AEAD_KEY_BYTES));
  const salt = bytes.slice(AEAD_KEY_BYTES);
  bytes.fill(0);
  return { key, salt };
}

export class SenderKeys {
  readonly windows: ReplayWindows = new ReplayWindows();
  readonly #provider: CryptoProvider;
  readonly #secret: KeyHandle;
  readonly #label: Uint8Array;
  readonly #number: number;
  #keys: Int32Array = new Int32Array(8);
  #salts: Uint8Array = new Uint8Array(8 * SALT_BYTES);
  #rows = 0;

  /** `secret` stays the caller's. */
  constructor(options: {
    readonly provider: CryptoProvider;
    readonly secret: KeyHandle;
    readonly label: string;
    readonly number: number;
  }) {
    this.#provider = options.provider;
    this.#secret = options.secret;
    this.#label = utf8Encode(options.label);
    this.#number = options.number;
  }

  /** A key that belongs to no row yet; the caller destroys it. */
  derive(sender: NodeId, bootNonce: bigint): SenderKey {
    const info = new ByteWriter({ initialBytes: 64 });
    info.raw(this.#label).safe(this.#number).u64(sender).u64(bootNonce);
    return deriveKeyAndSalt(this.#provider, this.#secret, info.take());
  }

  /** The key of a row, or NO_KEY when it was not derived yet. */
  known(row: number): KeyHandle {
    return (this.#keys[row] ?? 0) as KeyHandle;
  }

  /** The key of a row, derived if it is not there yet. */
  key(row: number, sender: NodeId, bootNonce: bigint): KeyHandle {
    const known = (this.#keys[row] ?? 0) as KeyHandle;
    if (known !== NO_KEY) return known;
    this.#grow(row + 1);
    const { key, salt } = this.derive(sender, bootNonce);
    this.#keys[row] = key;
    this.#salts.set(salt, row * SALT_BYTES);
    return key;
  }

  /** Writes salt and counter of a row whose key is there. */
  nonce(row: number, counter: number, into: Uint8Array): void {
    const base = row * SALT_BYTES;
    for (let i = 0; i < SALT_BYTES; i += 1) into[i] = this.#salts[base + i]!;
    writeCounter(into, counter);
  }

  /** The sender of this row has booted anew: its key and its window go. */
  forget(row: number): void {
    this.windows.reset(row);
    const known = (this.#keys[row] ?? 0) as KeyHandle;
    if (known === NO_KEY) return;
    this.#provider.destroyKey(known);
    this.#keys[row] = 0;
  }

  destroy(): void {
    for (let row = 0; row < this.#rows; row += 1) this.forget(row);
  }

  /**
   * Keys too: deriving them again would cost a loaded node time that the saved one did not need.
   */
  save(to: ByteWriter, rows: number): void {
    this.windows.grow(rows);
    this.windows.save(to, rows);
    to.u32(this.#rows);
    for (let row = 0; row < this.#rows; row += 1) {
      const key = this.#keys[row]! as KeyHandle;
      to.bool(key !== NO_KEY);
      if (key === NO_KEY) continue;
      const base = row * SALT_BYTES;
      to.raw(this.#provider.exportSecret(key)).raw(this.#salts.subarray(base, base + SALT_BYTES));
    }
  }

  load(from: ByteReader, rows: number): void {
    this.destroy();
    this.windows.load(from, rows);
    const count = from.u32();
    for (let row = 0; row < count && !from.failed; row += 1) {
      this.#grow(row + 1);
      if (!from.bool()) continue;
      this.#keys[row] = this.#provider.importSecret(from.raw(AEAD_KEY_BYTES));
      this.#salts.set(from.raw(SALT_BYTES), row * SALT_BYTES);
    }
  }

  #grow(rows: number): void {
    if (rows > this.#rows) this.#rows = rows;
    if (rows <= this.#keys.length) return;
    const capacity = Math.max(rows, this.#keys.length * 2);
    const keys = new Int32Array(capacity);
    keys.set(this.#keys);
    this.#keys = keys;
    const salts = new Uint8Array(capacity * SALT_BYTES);
    salts.set(this.#salts);
    this.#salts = salts;
    this.windows.grow(capacity);
  }
}

/** The counter's four bytes behind the salt. */
export function writeCounter(nonce: Uint8Array, counter: number): void {
  nonce[8] = counter >>> 24;
  nonce[9] = (counter >>> 16) & 0xff;
  nonce[10] = (counter >>> 8) & 0xff;
  nonce[11] = counter & 0xff;
}
