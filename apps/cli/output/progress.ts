/** A progress line on standard error, only where a person watches. */

const WIDTH = 28;
const PERIOD_MS = 200;

export interface Progress {
  /** `share` in [0, 1]; `note` stands behind the bar. */
  readonly show: (share: number, note: string) => void;
  readonly end: () => void;
}

export function startProgress(options: { readonly quiet: boolean }): Progress {
  if (options.quiet || !process.stderr.isTTY) return { show: ignore, end: ignore };
  let shownAtMs = 0;
  return {
    show: (share, note) => {
      const nowMs = performance.now();
      if (nowMs - shownAtMs < PERIOD_MS && share < 1) return;
      shownAtMs = nowMs;
      process.stderr.write(`\r${bar(share)} ${note}\u001b[K`);
    },
    end: () => {
      process.stderr.write("\r\u001b[K");
    },
  };
}

const ignore = (): void => undefined;

/** A bar of fixed width with the percentage. */
export function bar(share: number): string {
  const clamped = Math.min(1, Math.max(0, share));
  const full = Math.round(clamped * WIDTH);
  const percent = String(Math.floor(clamped * 100)).padStart(3);
  return `[${"#".repeat(full)}${".".repeat(WIDTH - full)}] ${percent}%`;
}
