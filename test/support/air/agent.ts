/**
 * The network layer of a vehicle as a process: the real machine over the UDP mesh, without flight,
 * keys and consensus. Frames are as long as sealed and signed ones: what security adds is filled
 * with zeros.
 *
 * Usage: node agent.ts SELF ADDRESS [TO PERIOD_MS]: listens on the mesh of this address; with TO it
 * sends 64 B in the state class to that node, over and over.
 */
import { UdpMesh } from "../../../adapters/udp/mod.ts";
import { nodeIndex, type MonotonicMs } from "../../../src/base/mod.ts";
import type { OutgoingDatagram } from "../../../src/hal/mod.ts";
import { HOP_SEAL_BYTES, Network, TrafficClass, type NetworkIn } from "../../../src/network/mod.ts";
import { sampleAt } from "../../../src/network/mesh.test-support.ts";
import { AGENT_PORT, BEACON_SEAL_BYTES, FrameKind, MESH_GROUP, WRAP_BYTES } from "./wire.ts";

const SELF_PERIOD_MS = 200;
/** Far enough apart that nobody is near: beacons at their slow rate, once a second. */
const APART_M = 300;
const EXPIRY_MS = 1000;

const [self = "0", address = "127.0.0.1", to, periodMs] = process.argv.slice(2);
const clock = (): MonotonicMs => performance.now() as MonotonicMs;
const network = new Network({ self: nodeIndex(Number(self)), seed: 1 + Number(self) });
let timer: NodeJS.Timeout | undefined;

const mesh = await UdpMesh.open({
  listenPort: AGENT_PORT,
  multicastGroup: MESH_GROUP,
  multicastInterface: address,
  clock,
  receive: ({ bytes, rssiDbm, snrDb }) => {
    const from = nodeIndex((bytes[1]! << 8) | bytes[2]!);
    const heard = { from, rssiDbm, snrDb };
    if (bytes[0] === FrameKind.beacon) {
      const body = bytes.subarray(WRAP_BYTES, bytes.length - BEACON_SEAL_BYTES);
      step({ kind: "beacon", ...heard, body, trust: "verified" });
    } else {
      step({ kind: "packet", ...heard, bytes: bytes.slice(WRAP_BYTES, -HOP_SEAL_BYTES) });
    }
  },
  report: (report) => {
    step({ kind: "channel", report });
  },
});

function step(input: NetworkIn): void {
  network.step(clock(), input, (out) => {
    if (out.kind === "beacon") send(FrameKind.beacon, out.body, BEACON_SEAL_BYTES, out);
    else if (out.kind === "transmit") send(FrameKind.packet, out.bytes, HOP_SEAL_BYTES, out);
  });
  clearTimeout(timer);
  const waitMs = network.wakeAt() - clock();
  if (waitMs < Infinity) timer = setTimeout(() => step({ kind: "wake" }), Math.max(0, waitMs));
}

function send(
  kind: number,
  content: Uint8Array,
  sealBytes: number,
  { access, expiresAt }: Pick<OutgoingDatagram, "access" | "expiresAt">,
): void {
  const bytes = new Uint8Array(WRAP_BYTES + content.length + sealBytes);
  bytes.set([kind, Number(self) >> 8, Number(self) & 255]);
  bytes.set(content, WRAP_BYTES);
  mesh.send({ radio: 0, bytes, access, expiresAt });
}

function tellSelf(): void {
  const notes = { relay: true, ground: false, keyEpoch: 0, head: undefined };
  const sample = sampleAt(Number(self) * APART_M, 0);
  step({ kind: "self", sample, plan: [], notes });
}

tellSelf();
setInterval(tellSelf, SELF_PERIOD_MS);
if (to !== undefined) {
  setInterval(() => {
    const expiresAt = (clock() + EXPIRY_MS) as MonotonicMs;
    const message = { to: nodeIndex(Number(to)), payload: new Uint8Array(64), expiresAt };
    step({ kind: "send", trafficClass: TrafficClass.state, ...message });
  }, Number(periodMs));
}
