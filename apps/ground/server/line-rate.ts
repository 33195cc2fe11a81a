/**
 * How fast one page takes what it is sent, by its acknowledgements: the socket's own buffer says
 * little, because the kernel takes megabytes before it pushes back, and by then they are old.
 *
 * A frame goes out while fewer than `WINDOW` are on the way and the page answers within
 * `PROMPT_MS`; on a slower line only one is on the way at a time. So the line sets the rate, and
 * what arrives was new when it was sent. While frames are held back the share of vehicles in each
 * shrinks, too (`stride`), and the page is told how often it now gets one.
 *
 * Time is given, so that tests need none. Bounds: `WINDOW` frames on the way.
 */
import { STRIDE_MAX } from "./interest.ts";

const WINDOW = 6;
const PROMPT_MS = 400;
/** Between two frames on a good line. */
export const USUAL_MS = 100;
/** The page says so from here on, and no longer once it is below the other. */
const SLOW_MS = 350;
const WELL_MS = 220;
const TELL_EVERY_MS = 1000;
const NEWS_RATIO = 1.4;
const BLEND = 0.34;
const EVERY_MAX_MS = 60_000;

interface OnTheWay {
  readonly sequence: number;
  readonly atMs: number;
}

export class LineRate {
  readonly #way: OnTheWay[] = [];
  #delayMs = 0;
  #everyMs = USUAL_MS;
  #lastMs: number | undefined;
  #heldBack = false;
  #stride = 1;
  #toldMs = USUAL_MS;
  #toldAtMs = -Infinity;

  /** How many times less often each vehicle comes than on a good line. */
  get stride(): number {
    return this.#stride;
  }

  /** Whether a frame may go now; one that may not counts as held back. */
  mayGo(nowMs: number): boolean {
    const free = this.#isFree(nowMs);
    if (!free) this.#heldBack = true;
    return free;
  }

  /** Whether the line is clear, so that a view may go beside the frames. */
  isPrompt(nowMs: number): boolean {
    const oldest = this.#way[0];
    if (oldest !== undefined && nowMs - oldest.atMs > PROMPT_MS) return false;
    return this.#way.length === 0 || this.#delayMs <= PROMPT_MS;
  }

  /** How often this page gets a frame. */
  get everyMs(): number {
    return this.#everyMs;
  }

  /** Something that is acknowledged, but is no frame of positions. */
  sentBeside(sequence: number, nowMs: number): void {
    this.#way.push({ sequence, atMs: nowMs });
  }

  /** A frame of positions. */
  sent(sequence: number, nowMs: number): void {
    this.#way.push({ sequence, atMs: nowMs });
    if (this.#lastMs !== undefined) this.#took(nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#heldBack = false;
  }

  /** The page has all up to this one. A number that was never sent is ignored. */
  seen(sequence: number, nowMs: number): void {
    const place = this.#way.findIndex((each) => each.sequence === sequence);
    const acknowledged = this.#way[place];
    if (acknowledged === undefined) return;
    this.#way.splice(0, place + 1);
    this.#delayMs += BLEND * (nowMs - acknowledged.atMs - this.#delayMs);
  }

  /** The interval that the page should be told now, once it differs notably from what it knows. */
  news(nowMs: number): number | undefined {
    const sinceMs = this.#lastMs === undefined || !this.#heldBack ? 0 : nowMs - this.#lastMs;
    const everyMs = Math.min(EVERY_MAX_MS, Math.max(this.#everyMs, sinceMs));
    const slow = this.#toldMs > USUAL_MS;
    const now = everyMs >= SLOW_MS || (slow && everyMs > WELL_MS) ? everyMs : USUAL_MS;
    const ratio = now / this.#toldMs;
    if (ratio < NEWS_RATIO && ratio > 1 / NEWS_RATIO) return undefined;
    if (nowMs - this.#toldAtMs < TELL_EVERY_MS) return undefined;
    this.#toldMs = now;
    this.#toldAtMs = nowMs;
    return now;
  }

  #isFree(nowMs: number): boolean {
    const oldest = this.#way[0];
    if (oldest === undefined) return true;
    const prompt = this.#delayMs <= PROMPT_MS && nowMs - oldest.atMs <= PROMPT_MS;
    return prompt && this.#way.length < WINDOW;
  }

  /** A gap without anything held back is the session's own pace, not the line's. */
  #took(gapMs: number): void {
    const sample = this.#heldBack ? Math.max(USUAL_MS, gapMs) : USUAL_MS;
    this.#everyMs += BLEND * (sample - this.#everyMs);
    if (this.#everyMs > SLOW_MS) this.#stride = Math.min(STRIDE_MAX, this.#stride * 2);
    else if (this.#everyMs < WELL_MS) this.#stride = Math.max(1, this.#stride / 2);
  }
}
