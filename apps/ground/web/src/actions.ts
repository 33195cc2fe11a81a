/** What the page can do, by hand or by key. What commands a vehicle is held, not clicked. */
import type {
  GroundAnswer,
  PageExport,
  PageOrder,
  ReplayControl,
  SimulationControl,
  Targets,
} from "../../report/view.ts";
import {
  currentOf,
  judgementOf,
  nextPlace,
  stillMeant,
  type Sighting,
  type Verdict,
} from "./detections.ts";
import { fleet } from "./frames.ts";
import type { GroundLink } from "./link.ts";
import type { SortKey } from "./looks.ts";
import type { SwarmScene } from "./scene/scene.ts";
import { rangesOf } from "./selection.ts";
import { page, toast, toastAnswer, update, type Tab } from "./store.ts";
import { ORDER, TEXT } from "./strings.ts";

export const HOLD_MS = 600;
/** How long a button that was let go too early says so. */
const TAPPED_MS = 2500;

export const SPEEDS: readonly number[] = [1, 2, 5, 10, 20, 60, 120, 300];

const THEMES = ["dark", "red", "day"] as const;
const PLACES = ["mgrs", "utm", "latLon"] as const;

let link: GroundLink | undefined;
let scene: SwarmScene | undefined;
let holdTimer = 0;
let tapTimer = 0;

export function bindLink(to: GroundLink): void {
  link = to;
}

export function bindScene(to: SwarmScene | undefined): void {
  scene = to;
}

export function theScene(): SwarmScene | undefined {
  return scene;
}

/**
 * Begins to hold a command; it runs after `HOLD_MS` unless `endHold` comes first. What the command
 * is about is fixed by the caller now, not when it runs.
 */
export function beginHold(id: string, run: () => void): void {
  if (page().holding !== undefined) return;
  window.clearTimeout(tapTimer);
  update({ holding: id, tapped: undefined });
  holdTimer = window.setTimeout(() => {
    update({ holding: undefined });
    run();
  }, HOLD_MS);
}

/** Let go too early: nothing was sent, and the page says so. */
export function endHold(): void {
  const { holding } = page();
  if (holding === undefined) return;
  cancelHold();
  update({ tapped: holding });
  tapTimer = window.setTimeout(() => update({ tapped: undefined }), TAPPED_MS);
}

/** The hand or the page went away: nothing is sent, nothing is said. */
export function cancelHold(): void {
  window.clearTimeout(holdTimer);
  if (page().holding !== undefined) update({ holding: undefined });
}

/** The selected vehicles, or all when none is selected, or when all are. */
export function targets(): Targets {
  const { selected } = page();
  return selected.length === 0 || selected.length === fleet.count ? "all" : selected;
}

/** As many as one order can name on the air. */
const TARGETS_AN_ORDER = 64;
/** More would be refused for their rate; whoever means so many means all. */
const ORDERS_AT_ONCE = 16;

/** To more vehicles than one order names it goes as several, each signed. */
export function order(wish: PageOrder): void {
  const name = ORDER[wish.kind] ?? wish.kind;
  const parts = partsOf(wish);
  if (parts.length > ORDERS_AT_ONCE) {
    toast(false, TEXT.tooManyTargets(TARGETS_AN_ORDER * ORDERS_AT_ONCE), TEXT.tooManyRemedy);
    return;
  }
  for (const part of parts) {
    void link
      ?.ask({ kind: "order", order: part })
      .then((answer) => toastAnswer(answer, TEXT.sentOrder(name)));
  }
}

function partsOf(wish: PageOrder): PageOrder[] {
  if (!("targets" in wish) || wish.targets === "all") return [wish];
  const { targets: named } = wish;
  return Array.from({ length: Math.ceil(named.length / TARGETS_AN_ORDER) }, (_, i) => ({
    ...wish,
    targets: named.slice(i * TARGETS_AN_ORDER, (i + 1) * TARGETS_AN_ORDER),
  }));
}

/** Longer selections are told in full by no page: what is far from view comes thinned. */
const SELECTED_TOLD_MAX = 8192;
let toldSelected = "";

/** Says what is selected; without `force` only when it has changed. */
export function tellLook(force = true): void {
  const ranges = rangesOf(page().selected);
  const selected = ranges.length > SELECTED_TOLD_MAX ? "" : ranges;
  if (!force && selected === toldSelected) return;
  toldSelected = selected;
  link?.look({ selected });
}

/** The ground in view, and the vehicles near enough to be looked at one by one. */
export function tellView(box: readonly [number, number, number, number], near: string): void {
  link?.look({ box, near });
}

export function control(wish: SimulationControl): void {
  void link?.ask({ kind: "simulation", control: wish }).then((answer) => {
    if (!answer.ok || wish.kind === "fault" || wish.kind === "restore") {
      toastAnswer(answer, TEXT.done(TEXT.simulation));
    }
  });
}

export function askReplay(wish: ReplayControl, then: (answer: GroundAnswer) => void): void {
  void link?.ask({ kind: "replay", control: wish }).then(then);
}

/** Asks the server for a file and lets the browser keep it. */
export function save(wish: PageExport): void {
  void link?.ask({ kind: "export", export: wish }).then((answer) => {
    if (answer.file === undefined) {
      toastAnswer(answer, TEXT.done(TEXT.download));
      return;
    }
    const { name, mediaType, text } = answer.file;
    const address = URL.createObjectURL(new Blob([text], { type: mediaType }));
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = name;
    anchor.click();
    window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
  });
}

/** By what the operator sees when the key goes down: never lifts what was not yet given then. */
export function clearAirOrder(): PageOrder {
  const active = page().view?.clearAir.active === true;
  return active ? { kind: "liftClearAir" } : { kind: "clearAir", ceilingAglM: 0, withinS: 60 };
}

/** The place that keys act on: the same one that is highlighted. */
export function currentSighting(): Sighting | undefined {
  const { detection, view } = page();
  return currentOf(view?.detections ?? [], detection);
}

/** Fixes now what a verdict is about; what it gives back judges that, or says that it changed. */
export function judging(verdict: Verdict, sighting: Sighting | undefined): () => void {
  if (sighting === undefined) return () => toast(false, TEXT.nothingToJudge);
  const judgement = judgementOf(verdict, sighting);
  update({ detection: sighting.best.id });
  return () => {
    if (!stillMeant(judgement, page().view?.detections ?? [])) {
      toast(false, TEXT.changedMeanwhile);
      return;
    }
    for (const { id } of judgement.meant) order({ kind: verdict, detection: id });
  };
}

export function select(indices: readonly number[]): void {
  update({ selected: [...new Set(indices)].sort((a, b) => a - b), entry: "" });
  tellLook(false);
}

export function selectAll(): void {
  select(fleet.indices());
}

export function toggleSelected(index: number): void {
  const { selected } = page();
  const without = selected.filter((each) => each !== index);
  select(without.length === selected.length ? [...selected, index] : without);
}

/** The next vehicle after the selected one, round and round. */
export function stepSelection(by: 1 | -1): void {
  const all = fleet.indices();
  if (all.length === 0) return;
  const at = all.indexOf(page().selected[0] ?? -1);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
  select([all[next] ?? 0]);
}

export function nextDetection(): void {
  const { view, detection } = page();
  const next = nextPlace(view?.detections ?? [], detection);
  if (next !== undefined) update({ detection: next, tab: "map" });
}

/** A clue at the middle of the map; distance and bearing can be typed. */
export function clueHere(): void {
  const cluePlace = scene?.middle() ?? page().hello?.mission.lastKnown;
  if (cluePlace !== undefined) update({ cluePlace, dialog: "clue" });
}

export function confirmedDetection(): number | undefined {
  return page().view?.detections.find(({ state }) => state === "confirmed")?.id;
}

/** What was asked last counts until the view has had time to say it, so that taps add up. */
let askedSpeed = { speed: 1, atMs: -Infinity };

export function changeSpeed(by: 1 | -1): void {
  const fresh = performance.now() - askedSpeed.atMs < 1500;
  const speed = fresh ? askedSpeed.speed : (page().view?.simulation?.speed ?? 1);
  const next =
    by > 0 ? SPEEDS.find((each) => each > speed) : SPEEDS.findLast((each) => each < speed);
  if (next === undefined) return;
  askedSpeed = { speed: next, atMs: performance.now() };
  control({ kind: "speed", speed: next });
}

export function togglePause(): void {
  const paused = page().view?.simulation?.paused === true;
  control({ kind: paused ? "resume" : "pause" });
}

export function showTab(tab: Tab): void {
  update({ tab });
}

export const SORTS: readonly [SortKey, ...SortKey[]] = [
  "number",
  "urgency",
  "minutes",
  "battery",
  "link",
  "cluster",
  "status",
];

export function cycleSort(): void {
  update({ sort: nextOf(SORTS, page().sort) });
}

export function cycleTheme(): void {
  update({ theme: nextOf(THEMES, page().theme) });
}

export function cycleUnits(): void {
  update({ units: page().units === "metric" ? "imperial" : "metric" });
}

export function cyclePlace(): void {
  update({ placeFormat: nextOf(PLACES, page().placeFormat) });
}

function nextOf<T>(all: readonly [T, ...T[]], now: T): T {
  return all[(all.indexOf(now) + 1) % all.length] ?? all[0];
}
