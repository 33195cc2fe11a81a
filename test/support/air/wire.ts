/** What the agents of the lab put on the wire, and how a frame on the air is told apart. */
import { HOP_SEAL_BYTES } from "../../../src/network/mod.ts";

export const AGENT_PORT = 7800;
export const PROBE_PORT = 7700;
export const MESH_GROUP = "239.83.75.1";
/** Kind and sender stand before what the network machine gave; a real hop has them in its seal. */
export const WRAP_BYTES = 3;
/** Boot nonce, seal and signature around a beacon's body, less the wrapping. */
export const BEACON_SEAL_BYTES: number = 104 - WRAP_BYTES;

export const FrameKind: Readonly<{ beacon: 1; packet: 2 }> = Object.freeze({
  beacon: 1,
  packet: 2,
});

const BABEL_PORT = 6696;
const ETHERNET_BYTES = 14;

export type FrameUse = "data" | "control" | "other";

/** What a frame is for: the probe's data, keeping routes, or neither (address resolution, acks). */
export function useOf(frame: Uint8Array): FrameUse {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < ETHERNET_BYTES + 28) return "other";
  const type = view.getUint16(12);
  if (type === 0x86dd) {
    const isUdp = view.getUint8(20) === 17;
    return isUdp && view.getUint16(56) === BABEL_PORT ? "control" : "other";
  }
  if (type !== 0x0800 || view.getUint8(23) !== 17) return "other";
  const port = view.getUint16(36);
  if (port === PROBE_PORT) return "data";
  return port === AGENT_PORT ? useOfAgents(view) : "other";
}

/** IPv4 and UDP headers, then what `agent.ts` sent. */
const AGENT_START = 42;
const ROUTES = 2;
const DATA = 0;

function useOfAgents(view: DataView): FrameUse {
  if (view.getUint8(AGENT_START) === FrameKind.beacon) return "control";
  const kind = view.getUint8(AGENT_START + WRAP_BYTES) & 7;
  if (kind === ROUTES) return "control";
  return kind === DATA ? "data" : "other";
}

/** Bytes of a frame from its network header on: what the radio's own header is, is left out. */
export const bytesOf = (frame: Uint8Array): number => frame.length - ETHERNET_BYTES;

/** Whether a data frame is meant for this node as its next hop and its end. */
export function endsAt(frame: Uint8Array, slot: number): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint16(36) === PROBE_PORT) return frame[33] === slot + 1;
  const packet = AGENT_START + WRAP_BYTES;
  if (frame.length < packet + 18 + HOP_SEAL_BYTES) return false;
  return view.getUint16(packet + 6) === slot && view.getUint16(packet + 8) === slot;
}
