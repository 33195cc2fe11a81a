/**
 * Open envelopes: orders for a swarm of several clusters, for which no group's key would do. They
 * travel inside hop packets, which keeps outsiders out; the operator's signature is all the
 * authenticity that they need. `docs/protocols/envelope.md` has the table.
 *
 *   open (4 + n) = type and suite, 0, sender (u16), order message (n)
 */
import type { NodeIndex } from "../../base/mod.ts";
import { SUITE_1 } from "../crypto/suites.ts";
import { WireType } from "../types.ts";

const HEADER_BYTES = 4;
const FIRST_BYTE = (WireType.open << 4) | SUITE_1;

export function encodeOpen(self: NodeIndex, message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + message.length);
  bytes.set([FIRST_BYTE, 0, self >> 8, self & 0xff]);
  bytes.set(message, HEADER_BYTES);
  return bytes;
}

/** The message inside; `undefined` when there is none. The sender is the caller's to compare. */
export function decodeOpen(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[1] !== 0 || bytes.length <= HEADER_BYTES) return undefined;
  return bytes.slice(HEADER_BYTES);
}
