/**
 * MAVLink frames out of a stream of bytes. It never throws: noise is skipped and counted, and the
 * next frame is found wherever it starts.
 *
 * A frame counts only when its checksum is right. A standard message that Skein does not read is
 * checked and skipped whole, so that its payload is never searched for frames. A frame that is
 * signed is read like any other: the signature's bytes are skipped and trusted for nothing, since
 * no key is shared with the autopilot. Any other incompatibility flag refuses the frame, as the
 * protocol demands. Bound: less than one frame is kept between calls.
 */
import {
  CHECKSUM_BYTES,
  decodePayload,
  HEADER_V1_BYTES,
  HEADER_V2_BYTES,
  layoutOfId,
  MAGIC_V1,
  MAGIC_V2,
  SIGNATURE_BYTES,
  type FrameHeader,
} from "./codec.ts";
import { crcOver, crcWith, otherCrcExtra } from "./crc.ts";
import type { MavlinkMessage } from "./messages.ts";

export interface MavlinkFrame extends FrameHeader {
  readonly version: 1 | 2;
  readonly signed: boolean;
  readonly message: MavlinkMessage;
}

/** What became of the bytes; every counter only grows. */
export interface MavlinkCounts {
  readonly frames: number;
  /** Frames of standard messages that Skein does not read. */
  readonly ignored: number;
  /** Frames whose checksum did not match. */
  readonly checksumWrong: number;
  /** Frames of an id that no standard dialect has, so that nothing can be checked. */
  readonly idUnknown: number;
  /** Frames with an incompatibility flag other than that of a signature. */
  readonly flagsRefused: number;
  /** Bytes between frames, those of refused frames included. */
  readonly bytesSkipped: number;
}

const SIGNED = 1;

/** Where the parts of a frame lie, from its first bytes. */
interface Outline {
  readonly version: 1 | 2;
  readonly headerBytes: number;
  readonly payloadBytes: number;
  readonly totalBytes: number;
  readonly id: number;
  readonly flags: number;
}

/** The outline of the frame that starts at `at`, or `undefined` while its header is incomplete. */
function outlineAt(bytes: Uint8Array, at: number): Outline | undefined {
  const left = bytes.length - at;
  const payloadBytes = bytes[at + 1] ?? 0;
  if (bytes[at] === MAGIC_V1) {
    if (left < HEADER_V1_BYTES) return undefined;
    const totalBytes = HEADER_V1_BYTES + payloadBytes + CHECKSUM_BYTES;
    const id = bytes[at + 5]!;
    return { version: 1, headerBytes: HEADER_V1_BYTES, payloadBytes, totalBytes, id, flags: 0 };
  }
  if (left < HEADER_V2_BYTES) return undefined;
  const flags = bytes[at + 2]!;
  const signature = (flags & SIGNED) === 0 ? 0 : SIGNATURE_BYTES;
  const totalBytes = HEADER_V2_BYTES + payloadBytes + CHECKSUM_BYTES + signature;
  const id = bytes[at + 7]! | (bytes[at + 8]! << 8) | (bytes[at + 9]! << 16);
  return { version: 2, headerBytes: HEADER_V2_BYTES, payloadBytes, totalBytes, id, flags };
}

export class MavlinkParser {
  /** The start of a frame whose end has not come yet. */
  #rest: Uint8Array = new Uint8Array(0);
  readonly #counts = {
    frames: 0,
    ignored: 0,
    checksumWrong: 0,
    idUnknown: 0,
    flagsRefused: 0,
    bytesSkipped: 0,
  };

  get counts(): MavlinkCounts {
    return { ...this.#counts };
  }

  /** The next bytes of a stream (serial line, TCP); a frame may end in a later call. */
  push(chunk: Uint8Array, deliver: (frame: MavlinkFrame) => void): void {
    const bytes = this.#joined(chunk);
    this.#rest = bytes.slice(this.#scan(bytes, false, deliver));
  }

  /** A datagram: it holds whole frames, so a frame that is cut short is noise. */
  pushDatagram(bytes: Uint8Array, deliver: (frame: MavlinkFrame) => void): void {
    this.#scan(bytes, true, deliver);
  }

  /** Delivers the frames and returns where the bytes end that need no second look. */
  #scan(bytes: Uint8Array, whole: boolean, deliver: (frame: MavlinkFrame) => void): number {
    let at = 0;
    while (at < bytes.length) {
      if (bytes[at] !== MAGIC_V1 && bytes[at] !== MAGIC_V2) {
        this.#counts.bytesSkipped += 1;
        at += 1;
        continue;
      }
      const outline = outlineAt(bytes, at);
      const short = outline === undefined || at + outline.totalBytes > bytes.length;
      if (short && !whole) break;
      const used = short ? 1 : this.#take(bytes, at, outline, deliver);
      if (used === 1) this.#counts.bytesSkipped += 1;
      at += used;
    }
    return at;
  }

  #joined(chunk: Uint8Array): Uint8Array {
    if (this.#rest.length === 0) return chunk;
    const bytes = new Uint8Array(this.#rest.length + chunk.length);
    bytes.set(this.#rest);
    bytes.set(chunk, this.#rest.length);
    return bytes;
  }

  /** Handles a frame that is all there; returns how many bytes it took: one when it was refused. */
  #take(
    bytes: Uint8Array,
    at: number,
    outline: Outline,
    deliver: (frame: MavlinkFrame) => void,
  ): number {
    const layout = layoutOfId(outline.id);
    const extra = layout?.crcExtra ?? otherCrcExtra(outline.id);
    if (extra === undefined) {
      this.#counts.idUnknown += 1;
      return 1;
    }
    const end = at + outline.headerBytes + outline.payloadBytes;
    const crc = crcWith(extra, crcOver(bytes, at + 1, end));
    if (bytes[end] !== (crc & 255) || bytes[end + 1] !== crc >> 8) {
      this.#counts.checksumWrong += 1;
      return 1;
    }
    if ((outline.flags & ~SIGNED) !== 0) {
      this.#counts.flagsRefused += 1;
      this.#counts.bytesSkipped += outline.totalBytes;
      return outline.totalBytes;
    }
    if (layout === undefined) this.#counts.ignored += 1;
    else {
      this.#counts.frames += 1;
      const sender = outline.version === 1 ? at + 3 : at + 5;
      const payload = bytes.subarray(at + outline.headerBytes, end);
      deliver({
        version: outline.version,
        signed: (outline.flags & SIGNED) !== 0,
        sequence: bytes[outline.version === 1 ? at + 2 : at + 4]!,
        systemId: bytes[sender]!,
        componentId: bytes[sender + 1]!,
        message: decodePayload(layout, payload),
      });
    }
    return outline.totalBytes;
  }
}
