/** The keyboard: every key of the help page, in one table each for taps and for holds. */
import {
  beginHold,
  changeSpeed,
  confirmedDetection,
  control,
  currentDetection,
  cyclePlace,
  cycleTheme,
  cycleUnits,
  endHold,
  nextDetection,
  order,
  select,
  showTab,
  stepSelection,
  targets,
  theScene,
  toggleClearAir,
  togglePause,
} from "./actions.ts";
import { isEntryKey, parseEntry } from "./selection.ts";
import { page, update } from "./store.ts";

/** Held for `HOLD_MS`; the id is that of the button that shows the progress. */
const HOLDS: Readonly<Record<string, { readonly id: string; readonly run: () => void }>> = {
  x: { id: "clearAir", run: toggleClearAir },
  g: { id: "start", run: () => order({ kind: "start", targets: targets() }) },
  h: { id: "hold", run: () => order({ kind: "hold", targets: targets() }) },
  r: { id: "return", run: () => order({ kind: "return", targets: targets() }) },
  t: { id: "land", run: () => order({ kind: "land", targets: targets() }) },
  y: { id: "release", run: () => order({ kind: "release", targets: targets() }) },
  c: { id: "confirm", run: () => judge("confirm") },
  d: { id: "dismiss", run: () => judge("dismiss") },
  l: { id: "lookAgain", run: () => judge("lookAgain") },
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
  a: () => select((page().view?.vehicles ?? []).map(({ index }) => index)),
  j: () => stepSelection(1),
  k: () => stepSelection(-1),
  n: nextDetection,
  i: () => update({ dialog: "handOver", detection: confirmedDetection() ?? page().detection }),
  b: cycleTheme,
  u: cycleUnits,
  v: cyclePlace,
  p: () => window.print(),
  z: () => theScene()?.goToSelected(),
  Home: () => theScene()?.overview(),
  Escape: () => select([]),
};

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function judge(kind: "confirm" | "dismiss" | "lookAgain"): void {
  const detection = currentDetection();
  if (detection !== undefined) order({ kind, detection });
}

export function listenToKeys(): void {
  window.addEventListener("keydown", pressed);
  window.addEventListener("keyup", endHold);
  window.addEventListener("blur", endHold);
}

function pressed(event: KeyboardEvent): void {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (page().dialog !== undefined) {
    // The dialog closes itself a moment later; the next key must not fall into that moment.
    if (event.key === "Escape") update({ dialog: undefined });
    return;
  }
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
  // A focused button takes these two itself.
  const onButton = target instanceof HTMLButtonElement;
  if (onButton && (event.key === " " || event.key === "Enter") && page().entry === "") return;
  if (act(event)) event.preventDefault();
}

function act(event: KeyboardEvent): boolean {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (typeEntry(key)) return true;
  const hold = HOLDS[key];
  if (hold !== undefined && !event.shiftKey) {
    if (!event.repeat) beginHold(hold.id, hold.run);
    return true;
  }
  const arrow = ARROWS[key];
  if (arrow !== undefined) {
    if (page().tab !== "map") return false;
    theScene()?.nudge(arrow[0], arrow[1], event.shiftKey);
    return true;
  }
  const tap = TAPS[key];
  if (tap !== undefined && !event.repeat) tap();
  return tap !== undefined;
}

/** Digits gather into an entry; Enter selects it. */
function typeEntry(key: string): boolean {
  const { entry, view } = page();
  const starts = /^[0-9]$/u.test(key);
  if (starts || (entry !== "" && isEntryKey(key))) {
    update({ entry: `${entry}${key}`.slice(0, 24) });
    return true;
  }
  if (entry === "") return false;
  if (key === "Backspace") update({ entry: entry.slice(0, -1) });
  else if (key === "Enter") {
    const known = (view?.vehicles ?? []).map(({ index }) => index);
    select(parseEntry(entry, known) ?? page().selected);
  } else if (key === "Escape") update({ entry: "" });
  else return false;
  return true;
}
