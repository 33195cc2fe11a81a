/** How long the server has said nothing: a line can be open and dead. */
import { useEffect, useState } from "react";

/** A paused world still sends frames; nothing for this long is not usual. */
const SILENT_MS = 5000;
const LOOK_EVERY_MS = 1000;

let heardMs = performance.now();

export function heardServer(): void {
  heardMs = performance.now();
}

/** Whole seconds, 0 while it is heard. */
export function useSilence(): number {
  const [silentS, setSilentS] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => {
      const ms = performance.now() - heardMs;
      setSilentS(ms < SILENT_MS ? 0 : Math.floor(ms / 1000));
    }, LOOK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, []);
  return silentS;
}
