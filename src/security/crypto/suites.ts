/**
 * The registry of cipher suites. One suite byte travels with every sealed thing; adding a suite
 * touches this table and its vectors, nothing else. There is no plaintext fallback, and the list
 * of suites is hashed into each handshake, so that nobody can strip the better ones unseen.
 */
import { utf8Encode } from "../../base/mod.ts";

export interface Suite {
  readonly code: number;
  readonly kem: string;
  readonly signature: string;
  readonly aead: string;
  readonly hash: string;
}

/** The suite that this release speaks. */
export const SUITE_1 = 0x01;

export const SUITES: readonly Suite[] = Object.freeze([
  Object.freeze({
    code: SUITE_1,
    kem: "ML-KEM-768+X25519",
    signature: "Ed25519+ML-DSA-65",
    aead: "ChaCha20-Poly1305",
    hash: "SHA-512",
  }),
]);

/** The list of suites as bytes, for the transcript of a handshake. */
export function suiteListBytes(): Uint8Array {
  const lines = SUITES.map((s) => `${String(s.code)} ${s.kem} ${s.signature} ${s.aead} ${s.hash}`);
  return utf8Encode(lines.join("\n"));
}
