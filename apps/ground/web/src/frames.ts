/** Vehicle frames on their way to the 3D view, past the page's state. */
import { decodeFrame, type Frame } from "./frame.ts";
import { page } from "./store.ts";

const listeners = new Set<(frame: Frame) => void>();
let last: Frame | undefined;

export function takeFrame(bytes: ArrayBuffer): void {
  const { hello } = page();
  if (hello === undefined) return;
  const frame = decodeFrame(bytes, hello.mission.originAltitudeAmslM);
  if (frame === undefined) return;
  last = frame;
  for (const listener of listeners) listener(frame);
}

/** Calls at once with the newest frame, if there is one. */
export function onFrame(listener: (frame: Frame) => void): () => void {
  listeners.add(listener);
  if (last !== undefined) listener(last);
  return () => listeners.delete(listener);
}
