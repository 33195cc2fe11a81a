/**
 * The page's state: one immutable value, replaced at each change, read through `usePage`. What
 * moves ten times a second (frames) goes past it to the 3D scene and never makes React work.
 */
import { useSyncExternalStore } from "react";
import type {
  EventRow,
  GroundAnswer,
  GroundDetails,
  GroundHello,
  GroundMap,
  GroundReplay,
  GroundTracks,
  PageOrderRow,
  PageView,
  PlanePoint,
  VehicleRow,
} from "../../report/view.ts";
import type { WhatIfView } from "../../report/what-if.ts";
import { settled } from "./detections.ts";
import { sinceStart, type PlaceFormat, type Units } from "./format.ts";
import type { LinkState } from "./link.ts";
import type { SortKey, Tab, Theme } from "./looks.ts";
import { ORDER, TEXT } from "./strings.ts";

export type { SortKey, Tab, Theme };
export type DialogName = "help" | "handOver" | "clue" | undefined;

export interface Toast {
  readonly id: number;
  readonly ok: boolean;
  readonly text: string;
  readonly detail: string;
}

export interface PageState {
  readonly link: LinkState;
  readonly hello: GroundHello | undefined;
  readonly map: GroundMap | undefined;
  readonly tracks: GroundTracks | undefined;
  readonly view: PageView | undefined;
  /** Rises when lists of vehicles should read the fleet's table again. */
  readonly fleetVersion: number;
  readonly details: GroundDetails | undefined;
  /** Milliseconds between two frames where the line is slow; 0 where it keeps up. */
  readonly slowMs: number;
  readonly events: readonly EventRow[];
  readonly selected: readonly number[];
  readonly detection: number | undefined;
  /** What is being typed for `1-6⏎`. */
  readonly entry: string;
  readonly filter: string;
  readonly sort: SortKey;
  readonly tab: Tab;
  readonly theme: Theme;
  readonly units: Units;
  readonly placeFormat: PlaceFormat;
  readonly dialog: DialogName;
  /** Where the clue that is being written lies. */
  readonly cluePlace: PlanePoint | undefined;
  /** The command whose key or button is held down now. */
  readonly holding: string | undefined;
  /** The command that was let go before its time. */
  readonly tapped: string | undefined;
  readonly toasts: readonly Toast[];
  /** Where the recording stands, when this is one. */
  readonly replay: GroundReplay | undefined;
  /** What led to something, as the recording tells it. */
  readonly why: { readonly text: string; readonly lines: readonly string[] } | undefined;
  /** The what-if that is open on the server, whichever page forked it. */
  readonly whatIf: WhatIfView | null;
}

const EVENTS_KEPT = 2000;
const TOASTS_MAX = 4;
const TOAST_MS = 6000;
const PREFERENCES_KEY = "skein.preferences";

type Preferences = Pick<PageState, "theme" | "units" | "placeFormat">;

const listeners = new Set<() => void>();
let nextToast = 1;
let state: PageState = {
  link: "connecting",
  hello: undefined,
  map: undefined,
  tracks: undefined,
  view: undefined,
  fleetVersion: 0,
  details: undefined,
  slowMs: 0,
  events: [],
  selected: [],
  detection: undefined,
  entry: "",
  filter: "",
  sort: "number",
  tab: "map",
  dialog: undefined,
  cluePlace: undefined,
  holding: undefined,
  tapped: undefined,
  toasts: [],
  replay: undefined,
  why: undefined,
  whatIf: null,
  ...preferences(),
};

export function page(): PageState {
  return state;
}

export function update(change: Partial<PageState>): void {
  state = { ...state, ...change };
  if (
    change.theme !== undefined ||
    change.units !== undefined ||
    change.placeFormat !== undefined
  ) {
    remember(state);
  }
  for (const listener of listeners) listener();
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A part of the state; the component renders again when that part is another value. */
export function usePage<T>(select: (state: PageState) => T): T {
  return useSyncExternalStore(subscribe, () => select(state));
}

/** What is highlighted stays highlighted until it has been judged. */
export function takeView(view: PageView): void {
  for (const { kind, about } of newlyFailed(state.view?.orders ?? [], view.orders)) {
    const what = `${ORDER[kind] ?? kind} ${about}`.trim();
    toast(false, TEXT.agreementFailed(what), TEXT.agreementRemedy);
  }
  const before = state.view?.detections ?? [];
  update({ view, detection: settled(view.detections, before, state.detection) });
}

/** The whole row of a vehicle that is selected or needs a hand. */
export function detailOf(index: number): VehicleRow | undefined {
  return state.details?.rows.find((row) => row.index === index);
}

/** How this page writes a moment: everywhere as time since Go. */
export function useMoment(): (atS: number) => string {
  const startedAtS = usePage((now) => now.view?.startedAtS ?? null);
  const nowS = usePage((now) => (startedAtS === null ? (now.view?.missionTimeS ?? 0) : 0));
  // Before Go nobody knows how long before: as it stands now.
  return (atS) => (startedAtS === null ? sinceStart(atS, nowS) : sinceStart(atS, startedAtS));
}

/** Orders seen open before that will not come into force: nobody may believe otherwise. */
export function newlyFailed(
  before: readonly PageOrderRow[],
  now: readonly PageOrderRow[],
): PageOrderRow[] {
  const open = new Set(before.filter(({ agreement }) => agreement === "open").map(({ id }) => id));
  return now.filter(({ id, agreement }) => agreement === "failed" && open.has(id));
}

/** The server sends all events again after a break in the line. */
export function addEvents(fresh: readonly EventRow[]): void {
  const last = state.events.at(-1)?.sequence ?? 0;
  const unseen = fresh.filter((event) => event.sequence > last);
  if (unseen.length > 0) update({ events: [...state.events, ...unseen].slice(-EVENTS_KEPT) });
}

export function toast(ok: boolean, text: string, detail = ""): void {
  const id = nextToast;
  nextToast += 1;
  update({ toasts: [...state.toasts, { id, ok, text, detail }].slice(-TOASTS_MAX) });
  window.setTimeout(() => {
    update({ toasts: state.toasts.filter((each) => each.id !== id) });
  }, TOAST_MS);
}

export function toastAnswer(answer: GroundAnswer, done: string): void {
  if (answer.ok) toast(true, done);
  else toast(false, `${answer.code} ${answer.text}`.trim(), answer.remedy);
}

function preferences(): Preferences {
  const fallback: Preferences = { theme: "dark", units: "metric", placeFormat: "mgrs" };
  const text = window.localStorage.getItem(PREFERENCES_KEY) ?? "{}";
  try {
    const kept = JSON.parse(text) as Partial<Preferences>;
    return {
      theme: kept.theme === "red" || kept.theme === "day" ? kept.theme : fallback.theme,
      units: kept.units === "imperial" ? "imperial" : fallback.units,
      placeFormat:
        kept.placeFormat === "utm" || kept.placeFormat === "latLon"
          ? kept.placeFormat
          : fallback.placeFormat,
    };
  } catch {
    return fallback;
  }
}

function remember({ theme, units, placeFormat }: PageState): void {
  window.localStorage.setItem(PREFERENCES_KEY, JSON.stringify({ theme, units, placeFormat }));
}
