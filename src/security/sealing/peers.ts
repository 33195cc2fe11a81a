/**
 * What is known of other nodes, in flat columns by a local row: boot nonce, boot count, boot key,
 * whether the boot is endorsed. Directory indices (u16) map to rows through an open-addressed
 * table, so that a node of a large swarm pays for those it hears, not for all.
 *
 * Bound: `PEERS_MAX` rows; a stranger beyond it is refused (`SEC035`). Expulsion is kept apart,
 * one bit for each index of the directory.
 */
import type { ByteReader, ByteWriter, NodeIndex } from "../../base/mod.ts";
import { NO_KEY, type CryptoProvider, type KeyHandle } from "../provider.ts";

export const PEERS_MAX = 16_384;
const NONE = -1;
const NONCE_BYTES = 8;

export class PeerTable {
  readonly #revoked: Uint8Array;
  #table: Int32Array = new Int32Array(32).fill(NONE);
  #indices: Uint16Array = new Uint16Array(16);
  #bootNonces: BigUint64Array = new BigUint64Array(16);
  /** The same big-endian, as it stands on the air. */
  #nonceBytes: Uint8Array = new Uint8Array(16 * NONCE_BYTES);
  #bootCounts: Uint32Array = new Uint32Array(16);
  #bootKeys: Int32Array = new Int32Array(16);
  #heard: Uint8Array = new Uint8Array(16);
  #rows = 0;

  constructor(directorySize: number) {
    this.#revoked = new Uint8Array((directorySize + 7) >> 3);
  }

  get rows(): number {
    return this.#rows;
  }

  /** The row of an index, or -1. */
  find(index: NodeIndex): number {
    const mask = this.#table.length - 1;
    for (let at = hash(index) & mask; ; at = (at + 1) & mask) {
      const row = this.#table[at]!;
      if (row === NONE || this.#indices[row] === index) return row;
    }
  }

  /** The row of an index, made if need be; -1 when the table is full. */
  rowOf(index: NodeIndex): number {
    const known = this.find(index);
    if (known !== NONE) return known;
    if (this.#rows >= PEERS_MAX) return NONE;
    if (this.#rows === this.#indices.length) this.#grow();
    const row = this.#rows++;
    this.#indices[row] = index;
    this.#enter(row);
    return row;
  }

  index(row: number): NodeIndex {
    return this.#indices[row]! as NodeIndex;
  }

  /** Whether any boot of this peer is known, endorsed or not. */
  isHeard(row: number): boolean {
    return this.#heard[row] === 1;
  }

  bootNonce(row: number): bigint {
    return this.#bootNonces[row]!;
  }

  /** Whether the eight bytes at `at` are this peer's boot nonce; makes no bigint. */
  hasBootNonce(row: number, bytes: Uint8Array, at: number): boolean {
    if (this.#heard[row] !== 1) return false;
    const base = row * NONCE_BYTES;
    for (let i = 0; i < NONCE_BYTES; i += 1) {
      if (this.#nonceBytes[base + i] !== bytes[at + i]) return false;
    }
    return true;
  }

  #setNonce(row: number, nonce: bigint): void {
    this.#bootNonces[row] = nonce;
    new DataView(this.#nonceBytes.buffer).setBigUint64(row * NONCE_BYTES, nonce);
  }

  /** 0 until an endorsement was seen. */
  bootCount(row: number): number {
    return this.#bootCounts[row]!;
  }

  /** The endorsed key that this peer signs with since its boot, or NO_KEY. */
  bootKey(row: number): KeyHandle {
    return this.#bootKeys[row]! as KeyHandle;
  }

  /** A boot that opened under the shared key and is not endorsed: may be replaced by any other. */
  setClaimedBoot(row: number, bootNonce: bigint): void {
    this.#heard[row] = 1;
    this.#setNonce(row, bootNonce);
  }

  setEndorsedBoot(
    row: number,
    boot: { readonly nonce: bigint; readonly count: number; readonly key: KeyHandle },
  ): void {
    this.#heard[row] = 1;
    this.#setNonce(row, boot.nonce);
    this.#bootCounts[row] = boot.count;
    this.#bootKeys[row] = boot.key;
  }

  isRevoked(index: NodeIndex): boolean {
    return ((this.#revoked[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  revoke(index: NodeIndex): void {
    if (index >> 3 >= this.#revoked.length) return;
    this.#revoked[index >> 3] = this.#revoked[index >> 3]! | (1 << (index & 7));
  }

  save(to: ByteWriter, provider: CryptoProvider): void {
    to.blob(this.#revoked).u16(this.#rows);
    for (let row = 0; row < this.#rows; row += 1) {
      to.u16(this.#indices[row]!).u8(this.#heard[row]!).u64(this.#bootNonces[row]!);
      to.u32(this.#bootCounts[row]!);
      const key = this.bootKey(row);
      to.blob(key === NO_KEY ? new Uint8Array(0) : provider.publicKey(key));
    }
  }

  /** Into a fresh table. */
  load(from: ByteReader, provider: CryptoProvider): void {
    this.#revoked.set(from.blob(this.#revoked.length));
    const rows = from.u16();
    for (let i = 0; i < rows && !from.failed; i += 1) {
      const row = this.rowOf(from.u16() as NodeIndex);
      this.#heard[row] = from.u8();
      this.#setNonce(row, from.u64());
      this.#bootCounts[row] = from.u32();
      const bytes = from.blob(32);
      this.#bootKeys[row] = provider.importPublic("ed25519", bytes) ?? NO_KEY;
    }
  }

  #enter(row: number): void {
    const mask = this.#table.length - 1;
    let at = hash(this.#indices[row]!) & mask;
    while (this.#table[at] !== NONE) at = (at + 1) & mask;
    this.#table[at] = row;
  }

  #grow(): void {
    const capacity = this.#indices.length * 2;
    this.#indices = copyInto(new Uint16Array(capacity), this.#indices);
    this.#bootCounts = copyInto(new Uint32Array(capacity), this.#bootCounts);
    this.#bootKeys = copyInto(new Int32Array(capacity), this.#bootKeys);
    this.#heard = copyInto(new Uint8Array(capacity), this.#heard);
    this.#nonceBytes = copyInto(new Uint8Array(capacity * NONCE_BYTES), this.#nonceBytes);
    const nonces = new BigUint64Array(capacity);
    nonces.set(this.#bootNonces);
    this.#bootNonces = nonces;
    this.#table = new Int32Array(capacity * 2).fill(NONE);
    for (let row = 0; row < this.#rows; row += 1) this.#enter(row);
  }
}

function copyInto<T extends { set(from: ArrayLike<number>): void }>(
  to: T,
  from: ArrayLike<number>,
): T {
  to.set(from);
  return to;
}

function hash(index: number): number {
  return Math.imul(index, 0x9e3779b1) >>> 16;
}
