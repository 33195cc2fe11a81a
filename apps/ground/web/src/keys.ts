/** The keyboard: every key of the help page, in one table each for taps and for holds. */
import {
  beginHold,
  cancelHold,
  clueHere,
  changeSpeed,
  clearAirOrder,
  confirmedDetection,
  control,
  currentSighting,
  cyclePlace,
  cycleSort,
  cycleTheme,
  cycleUnits,
  endHold,
  judging,
  nextDetection,
  order,
  select,
  selectAll,
  showTab,
  stepSelection,
  targets,
  theScene,
  togglePause,
} from "./actions.ts";
import type { PageOrder } from "../../report/view.ts";
import type { Verdict } from "./detections.ts";
import { fleet } from "./frames.ts";
import {
  changeReplaySpeed,
  refuseOrder,
  replaying,
  seekMark,
  stepBy,
  toggleLoop,
  togglePlay,
} from "./replay.ts";
import { isEntryKey, parseEntry } from "./selection.ts";
import { page, update } from "./store.ts";

interface Hold {
  /** Of the button that shows the progress, when the key goes down. */
  readonly id: () => string;
  /** Called when the key goes down: fixes what the command is about. */
  readonly begin: () => () => void;
}

const ordering = (wish: () => PageOrder) => () => {
  const meant = wish();
  return () => order(meant);
};

const toTargets = (kind: "start" | "hold" | "return" | "land" | "release"): Hold => ({
  id: () => kind,
  begin: ordering(() => ({ kind, targets: targets() })),
});

const verdict = (kind: Verdict): Hold => ({
  id: () => `${kind}-${currentSighting()?.key ?? ""}`,
  begin: () => judging(kind, currentSighting()),
});

/** Held for `HOLD_MS`. */
const HOLDS: Readonly<Record<string, Hold>> = {
  x: { id: () => "clearAir", begin: ordering(clearAirOrder) },
  g: toTargets("start"),
  h: toTargets("hold"),
  r: toTargets("return"),
  t: toTargets("land"),
  y: toTargets("release"),
  c: verdict("confirm"),
  d: verdict("dismiss"),
  l: verdict("lookAgain"),
};

const TAPS: Readonly<Record<string, () => void>> = {
  "?": () => update({ dialog: "help" }),
  "/": () => document.getElementById("filter")?.focus(),
  " ": togglePause,
  ".": () => control({ kind: "step" }),
  "[": () => changeSpeed(-1),
  "]": () => changeSpeed(1),
  m: () => showTab("map"),
  w: () => showTab("swarm"),
  s: () => showTab("security"),
  f: () => showTab("faults"),
  a: selectAll,
  o: cycleSort,
  j: () => stepSelection(1),
  k: () => stepSelection(-1),
  n: nextDetection,
  i: () => update({ dialog: "handOver", detection: confirmedDetection() ?? page().detection }),
  e: clueHere,
  b: cycleTheme,
  u: cycleUnits,
  v: cyclePlace,
  p: () => window.print(),
  z: () => theScene()?.goToSelected(),
  Home: () => theScene()?.overview(),
  Escape: () => select([]),
};

/** In a replay these take the place of the taps of the same name. */
const REPLAY_TAPS: Readonly<Record<string, () => void>> = {
  " ": togglePlay,
  ".": () => stepBy(1),
  ",": () => stepBy(-1),
  ">": () => seekMark(1),
  "<": () => seekMark(-1),
  "[": () => changeReplaySpeed(-1),
  "]": () => changeReplaySpeed(1),
  o: toggleLoop,
  e: refuseOrder,
};

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export function listenToKeys(): void {
  window.addEventListener("keydown", pressed);
  window.addEventListener("keyup", endHold);
  window.addEventListener("blur", cancelHold);
}

function pressed(event: KeyboardEvent): void {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (page().dialog !== undefined) {
    // The dialog closes itself a moment later; the next key must not fall into that moment.
    if (event.key === "Escape") update({ dialog: undefined });
    return;
  }
  if (target instanceof HTMLSelectElement) return;
  if (target instanceof HTMLInputElement && (target.type !== "range" || isOfSlider(event))) return;
  // A focused button takes these two itself.
  const onButton = target instanceof HTMLButtonElement;
  if (onButton && (event.key === " " || event.key === "Enter") && page().entry === "") return;
  if (act(event)) event.preventDefault();
}

/** A slider takes these itself and leaves the others to the page. */
const isOfSlider = ({ key }: KeyboardEvent): boolean =>
  ARROWS[key] !== undefined || ["Home", "End", "PageUp", "PageDown"].includes(key);

function act(event: KeyboardEvent): boolean {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (typeEntry(key)) return true;
  const hold = HOLDS[key];
  if (hold !== undefined && !event.shiftKey) {
    if (replaying()) {
      if (!event.repeat) refuseOrder();
      return true;
    }
    if (!event.repeat) beginHold(hold.id(), hold.begin());
    return true;
  }
  const arrow = ARROWS[key];
  if (arrow !== undefined) {
    if (page().tab !== "map") return false;
    theScene()?.nudge(arrow[0], arrow[1], event.shiftKey);
    return true;
  }
  const tap = (replaying() ? REPLAY_TAPS[key] : undefined) ?? TAPS[key];
  if (tap !== undefined && !event.repeat) tap();
  return tap !== undefined;
}

/** Digits gather into an entry; Enter selects it. */
function typeEntry(key: string): boolean {
  const { entry } = page();
  const starts = /^[0-9]$/u.test(key);
  if (starts || (entry !== "" && isEntryKey(key))) {
    update({ entry: `${entry}${key}`.slice(0, 24) });
    return true;
  }
  if (entry === "") return false;
  if (key === "Backspace") update({ entry: entry.slice(0, -1) });
  else if (key === "Enter") {
    select(parseEntry(entry, fleet.indices()) ?? page().selected);
  } else if (key === "Escape") update({ entry: "" });
  else return false;
  return true;
}
