/**
 * What detectors say to each other, kinds 0x40 to 0x4f. `docs/protocols/suspicion.md` has the
 * tables.
 *
 * The indirect probe of SWIM (Das, Gupta and Motivala, 2002) turned round: all members hear
 * everyone's beacons anyway, so nobody needs to be sent to probe; it is enough to ask who heard the
 * peer last.
 */
import {
  ByteReader,
  ByteWriter,
  fail,
  ok,
  problem,
  type NodeIndex,
  type Result,
} from "../base/mod.ts";

export const FaultKind: Readonly<{ ask: 0x40; heard: 0x41 }> = Object.freeze({
  ask: 0x40,
  heard: 0x41,
});

/** An age that means: never heard. */
export const NEVER_HEARD = 0xffffffff;

export interface FaultMessage {
  /** `ask`: I have not heard `peer` for `ageMs`; who has? `heard`: I heard it `ageMs` ago. */
  readonly kind: "ask" | "heard";
  readonly peer: NodeIndex;
  readonly ageMs: number;
  /** The sender expected its link to the peer to end: silence has a reason. */
  readonly leaving: boolean;
}

const FLAG_LEAVING = 1;

export function encodeFaultMessage(message: FaultMessage): Uint8Array {
  const ageMs = Math.min(NEVER_HEARD, Math.max(0, Math.round(message.ageMs)));
  return new ByteWriter({ initialBytes: 8 })
    .u8(FaultKind[message.kind])
    .u8(message.leaving ? FLAG_LEAVING : 0)
    .u16(message.peer)
    .u32(ageMs)
    .take();
}

export function decodeFaultMessage(bytes: Uint8Array): Result<FaultMessage> {
  const reader = new ByteReader(bytes);
  const code = reader.u8();
  const flags = reader.u8();
  const message = { peer: reader.u16() as NodeIndex, ageMs: reader.u32() };
  const isKnown = code === FaultKind.ask || code === FaultKind.heard;
  if (reader.finish() !== undefined || !isKnown || flags > FLAG_LEAVING) {
    return fail(problem("FLT001"));
  }
  const kind = code === FaultKind.ask ? "ask" : "heard";
  return ok({ kind, ...message, leaving: flags === FLAG_LEAVING });
}
