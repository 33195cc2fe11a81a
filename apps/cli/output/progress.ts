/**
 * How far a long job is, on standard error: a bar where a person watches, elsewhere (a log, a pipe)
 * a line every ten seconds of wall time.
 */

const WIDTH = 28;
const BAR_PERIOD_MS = 200;
const LINE_PERIOD_MS = 10_000;

export interface Progress {
  /** `share` in [0, 1]; `note` is made only for what is shown. */
  readonly show: (share: number, note: () => string) => void;
  readonly end: () => void;
}

export interface ProgressOptions {
  readonly quiet: boolean;
  /** Where it goes; standard error by default. */
  readonly to?: { readonly isTTY: boolean; readonly write: (text: string) => unknown };
  readonly nowMs?: () => number;
}

export function startProgress(options: ProgressOptions): Progress {
  if (options.quiet) return { show: ignore, end: ignore };
  const { to = process.stderr, nowMs = () => performance.now() } = options;
  const periodMs = to.isTTY ? BAR_PERIOD_MS : LINE_PERIOD_MS;
  let shownAtMs = nowMs();
  return {
    show: (share, note) => {
      const atMs = nowMs();
      if (atMs - shownAtMs < periodMs) return;
      shownAtMs = atMs;
      if (to.isTTY) to.write(`\r${bar(share)} ${note()}\u001b[K`);
      else to.write(`${percentOf(share)} ${note()}\n`);
    },
    end: () => {
      if (to.isTTY) to.write("\r\u001b[K");
    },
  };
}

const ignore = (): void => undefined;

/** A bar of fixed width with the percentage. */
export function bar(share: number): string {
  const full = Math.round(clamped(share) * WIDTH);
  return `[${"#".repeat(full)}${".".repeat(WIDTH - full)}] ${percentOf(share)}`;
}

const percentOf = (share: number): string =>
  `${String(Math.floor(clamped(share) * 100)).padStart(3)}%`;

const clamped = (share: number): number => Math.min(1, Math.max(0, share));
