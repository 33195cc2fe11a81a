/** What the page does with a recording: play, seek, step from mark to mark, ask why. */
import type { GroundReplay, ReplayControl, ReplayMark } from "../../report/view.ts";
import { askReplay } from "./actions.ts";
import { page, toast, update } from "./store.ts";
import { TEXT } from "./strings.ts";

/** The server takes twenty requests a second; a hand on the slider makes more. */
const SEEK_EVERY_MS = 120;
const STEP_S = 1;

export function replaying(): boolean {
  return page().hello?.replay !== undefined;
}

export function replayControl(control: ReplayControl): void {
  askReplay(control, (answer) => {
    if (!answer.ok) toast(false, `${answer.code} ${answer.text}`.trim(), answer.remedy);
  });
}

export function togglePlay(): void {
  replayControl({ kind: page().replay?.playing === true ? "pause" : "play" });
}

export function toggleLoop(): void {
  replayControl({ kind: "loop", on: page().replay?.loop !== true });
}

/** What was asked last counts until the server has said it, so that taps add up. */
let asked: { readonly speed: number; readonly atMs: number } = { speed: 1, atMs: -Infinity };

export function changeReplaySpeed(by: 1 | -1): void {
  const fresh = performance.now() - asked.atMs < 1000;
  const now = fresh ? asked.speed : (page().replay?.speed ?? 1);
  const next = nextSpeed(page().hello?.replay?.speeds ?? [], now, by);
  if (next === undefined) return;
  asked = { speed: next, atMs: performance.now() };
  replayControl({ kind: "speed", speed: next });
}

export function nextSpeed(speeds: readonly number[], now: number, by: 1 | -1): number | undefined {
  return by > 0 ? speeds.find((each) => each > now) : speeds.findLast((each) => each < now);
}

let seekTimer = 0;
let wanted = 0;

/** The last place counts; in between no more than one each `SEEK_EVERY_MS`. */
export function seek(atS: number): void {
  wanted = atS;
  const { replay } = page();
  if (replay !== undefined) update({ replay: { ...replay, atS } });
  if (seekTimer !== 0) return;
  replayControl({ kind: "seek", atS });
  seekTimer = window.setTimeout(() => {
    seekTimer = 0;
    if (wanted !== atS) seek(wanted);
  }, SEEK_EVERY_MS);
}

export function stepBy(by: 1 | -1): void {
  const { replay } = page();
  if (replay === undefined) return;
  if (replay.playing) replayControl({ kind: "pause" });
  seek(Math.max(0, Math.round((replay.atS + by * STEP_S) * 10) / 10));
}

/** A touch before or behind the moment itself, so that the same mark is not found again. */
const BESIDE_S = 0.05;

export function seekMark(by: 1 | -1): void {
  const { replay, hello } = page();
  const mark = markBeside(hello?.replay?.marks ?? [], replay?.atS ?? 0, by);
  if (mark !== undefined) seek(mark.atS);
}

export function markBeside(
  marks: readonly ReplayMark[],
  atS: number,
  by: 1 | -1,
): ReplayMark | undefined {
  return by > 0
    ? marks.find((mark) => mark.atS > atS + BESIDE_S)
    : marks.findLast((mark) => mark.atS < atS - BESIDE_S);
}

/** The newest mark at this moment. */
export function markAt(marks: readonly ReplayMark[], atS: number): ReplayMark | undefined {
  return marks.findLast((mark) => mark.atS <= atS + BESIDE_S);
}

export function askWhy(cause: number, text: string): void {
  askReplay({ kind: "why", cause }, (answer) => {
    if (answer.ok) update({ why: { text, lines: answer.text.split("\n") } });
    else toast(false, `${answer.code} ${answer.text}`.trim(), answer.remedy);
  });
}

export function takeReplay(replay: GroundReplay): void {
  update({ replay });
}

/** What commands a vehicle does nothing here, and says so. */
export function refuseOrder(): void {
  toast(false, TEXT.replayNoOrders);
}
