/**
 * Announcements: how a boot becomes known to those who do not hear its beacons. They travel inside
 * hop packets; the endorsement's own signature is all the authenticity that they need.
 *
 *   announce (112) = type and suite, 0, sender (u16), endorsement (108)
 *   request (4)    = type and suite, 1, sender (u16): "I do not know your boot"
 */
import type { NodeIndex } from "../../base/mod.ts";
import { SUITE_1 } from "../crypto/suites.ts";
import { WireType } from "../types.ts";
import { endorsementAt } from "./beacon.ts";
import { ENDORSEMENT_BYTES, type Endorsement } from "./boot.ts";

const HEADER_BYTES = 4;
const ANNOUNCE = 0;
const REQUEST = 1;
const FIRST_BYTE = (WireType.announce << 4) | SUITE_1;

export function encodeAnnounce(self: NodeIndex, endorsement: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + ENDORSEMENT_BYTES);
  bytes.set([FIRST_BYTE, ANNOUNCE, self >> 8, self & 0xff]);
  bytes.set(endorsement, HEADER_BYTES);
  return bytes;
}

export function encodeAnnounceRequest(self: NodeIndex): Uint8Array {
  return Uint8Array.of(FIRST_BYTE, REQUEST, self >> 8, self & 0xff);
}

/** `undefined` when it is neither. The sender is the caller's to compare. */
export function decodeAnnounce(bytes: Uint8Array): Endorsement | "request" | undefined {
  if (bytes[1] === REQUEST && bytes.length === HEADER_BYTES) return "request";
  if (bytes[1] !== ANNOUNCE || bytes.length !== HEADER_BYTES + ENDORSEMENT_BYTES) return undefined;
  return endorsementAt(bytes, HEADER_BYTES);
}
