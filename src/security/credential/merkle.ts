/**
 * Merkle trees over credentials: RFC 9162 section 2.1 (leaf hash = H(0 || entry), node hash =
 * H(1 || left || right), unbalanced to the right), with SHA-512 cut to its first 32 bytes as H.
 *
 * One signature of the authority covers a whole batch, and a credential proves its place with at
 * most 14 hashes among 10,000. Bound: `LEAVES_MAX`.
 */
import { equalBytes } from "../../base/mod.ts";
import { joinBytes } from "../crypto/composite.ts";
import type { CryptoProvider } from "../provider.ts";

export const HASH_BYTES = 32;
export const LEAVES_MAX = 65_536;
const PROOF_MAX = 16;

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/** SHA-512 cut to 32 bytes. */
export function shortHash(provider: CryptoProvider, ...parts: readonly Uint8Array[]): Uint8Array {
  return provider.sha512(joinBytes(...parts)).slice(0, HASH_BYTES);
}

export function leafHash(provider: CryptoProvider, entry: Uint8Array): Uint8Array {
  return shortHash(provider, LEAF, entry);
}

/** Root over at least one leaf hash. */
export function merkleRoot(provider: CryptoProvider, leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  const split = splitOf(leaves.length);
  const left = merkleRoot(provider, leaves.slice(0, split));
  return shortHash(provider, INNER, left, merkleRoot(provider, leaves.slice(split)));
}

/** Sibling hashes from the leaf up to the root. */
export function merkleProof(
  provider: CryptoProvider,
  leaves: readonly Uint8Array[],
  index: number,
): Uint8Array[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...merkleProof(provider, left, index), merkleRoot(provider, right)]
    : [...merkleProof(provider, right, index - split), merkleRoot(provider, left)];
}

/**
 * Whether `entry` is leaf `index` of the `count` leaves under `root` (RFC 9162 section 2.1.3.2).
 */
export function verifyMerkleProof(
  provider: CryptoProvider,
  claim: {
    readonly entry: Uint8Array;
    readonly index: number;
    readonly count: number;
    readonly proof: readonly Uint8Array[];
    readonly root: Uint8Array;
  },
): boolean {
  if (claim.index >= claim.count || claim.proof.length > PROOF_MAX) return false;
  let node = claim.index;
  let last = claim.count - 1;
  let hash = leafHash(provider, claim.entry);
  for (const sibling of claim.proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = shortHash(provider, INNER, sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = shortHash(provider, INNER, hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last === 0 && equalBytes(hash, claim.root);
}

/** The largest power of two smaller than `count`. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}
