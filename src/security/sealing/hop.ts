/**
 * The hop seal: what keeps outsiders from injecting anything that is routed. Everyone admitted can
 * open it; it says nothing about which of them sent it. Any of them could seal in the name of
 * another, with any counter: the window goes by the counter of the sender's signed beacons.
 */
import type { ProblemCode } from "../../base/mod.ts";
import { WireType } from "../types.ts";
import { NO_KEY } from "../provider.ts";
import type { Generation, Generations } from "./generations.ts";
import {
  HEADER_BYTES,
  SEAL_BYTES,
  counterOf,
  inputFor,
  nextCounter,
  openBytes,
  sealInput,
  senderOf,
  setNonce,
  writeHeader,
  type Plane,
} from "./plane.ts";

/** The datagram, or `undefined` when the key's counters are used up. */
export function sealHop(
  plane: Plane,
  generation: Generation,
  packet: Uint8Array,
): Uint8Array | undefined {
  const own = generation.ownHop;
  const counter = nextCounter(own);
  if (counter === 0) return undefined;
  const input = inputFor(plane, HEADER_BYTES + packet.length);
  const hint = generation.number;
  writeHeader(input, { type: WireType.hop, hint, sender: plane.self, counter });
  input.set(packet, HEADER_BYTES);
  setNonce(plane.call.nonce, own.salt, counter);
  const sizes = { input, aadBytes: HEADER_BYTES, plaintextBytes: packet.length };
  return sealInput(plane, own.key, sizes);
}

/** The packet, which nobody changes, or why there is none. */
export function openHop(
  plane: Plane,
  generations: Generations,
  bytes: Uint8Array,
): Uint8Array | ProblemCode {
  if (bytes.length <= SEAL_BYTES) return "SEC001";
  const sender = senderOf(bytes);
  const credential = plane.directory.credential(sender);
  if (credential === undefined || sender === plane.self) return "SEC003";
  if (plane.peers.isRevoked(sender)) return "SEC004";
  const generation = generations.byHint(bytes[1]!);
  if (generation === undefined) return "SEC005";
  const row = plane.peers.find(sender);
  if (row < 0 || !plane.peers.isHeard(row)) return "SEC006";
  const keys = generation.hop;
  const known = keys.known(row);
  const key = known === NO_KEY ? keys.key(row, credential.id, plane.peers.bootNonce(row)) : known;
  const counter = counterOf(bytes);
  if (!keys.windows.isFreshClaim(row, counter)) return "SEC008";
  keys.nonce(row, counter, plane.call.nonce);
  const packet = openBytes(plane, key, bytes, HEADER_BYTES);
  if (packet === undefined) return "SEC007";
  keys.windows.acceptClaim(row, counter);
  return packet;
}
