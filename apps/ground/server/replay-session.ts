/**
 * A recording behind the page, in place of a world: what the operator's page showed at each
 * second, with a clock that can be stopped, set back and hurried. Orders are refused: what
 * happened cannot be changed.
 *
 * Between two recorded views vehicles are drawn on the straight line from one to the other.
 */
import { problem, type Problem } from "../../../src/base/mod.ts";
import { Playback } from "../../replay/playback.ts";
import { lastAtOrBefore, type RecordedRun } from "../../replay/recorded-run.ts";
import { whyLines } from "../../replay/why.ts";
import type {
  EventRow,
  GroundAnswer,
  GroundHello,
  GroundMap,
  GroundReplay,
  GroundTracks,
  GroundView,
  PageRequest,
  ReplayControl,
  VehicleRow,
} from "../report/view.ts";
import { logFile } from "./files.ts";
import { marksOf } from "./replay-marks.ts";
import { eventRowOf, helloOf, viewOf } from "./replay-shapes.ts";
import {
  answerDone,
  answerRefused,
  EVENTS_KEPT,
  TRACK_POINTS_MAX,
  type GroundSession,
  type SessionChange,
} from "./session.ts";
import { encodeFrame } from "./stream.ts";

const TICK_MS = 100;
const VIEW_EVERY_MS = 250;
const LEAP_S = 2;
const STANDING_EVERY_MS = 1000;
const CURVE_EVERY_S = 30;
const CURVE_POINTS_MAX = 500;
export const REPLAY_SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64];

export type OpenedReplay =
  | { readonly ok: true; readonly session: ReplaySession }
  | { readonly ok: false; readonly problem: Problem };

/** Refuses a recording that holds nothing that the page could show. */
export function openReplay(run: RecordedRun, file: string): OpenedReplay {
  const hello = helloOf(run.hello);
  const first = run.viewAt(run.startS);
  if (hello === undefined || first === undefined || viewOf(first.view) === undefined) {
    const remedy = "see what it holds: skein replay FILE --summary";
    return { ok: false, problem: problem("REC006", { remedy, where: file }) };
  }
  return { ok: true, session: new ReplaySession(run, hello, file) };
}

export class ReplaySession implements GroundSession {
  readonly hello: GroundHello;
  readonly #run: RecordedRun;
  readonly #playback: Playback;
  readonly #lines: readonly EventRow[];
  readonly #listeners = new Set<(what: SessionChange) => void>();
  readonly #views = new Map<number, GroundView>();
  readonly #times: readonly { readonly atS: number }[];
  #map: { readonly place: number; readonly map: GroundMap } | undefined;
  #revision = 0;
  #view: GroundView;
  #viewMs = -Infinity;
  #sentLines = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: RecordedRun, hello: GroundHello, file: string) {
    this.#run = run;
    const { startS, endS } = run;
    this.#times = run.viewTimes.map((atS) => ({ atS }));
    // Before its first view a recording has nothing to show.
    const beginS = Math.max(startS, this.#times[0]?.atS ?? startS);
    this.#playback = new Playback({ startS: beginS, endS });
    this.hello = {
      ...hello,
      replay: {
        file,
        startS: beginS,
        endS,
        marks: marksOf(run),
        damages: run.damages.map(({ text, where }) => `${text}: ${where}`),
        speeds: REPLAY_SPEEDS,
      },
    };
    this.#lines = linesOf(run);
    this.#view = this.#compose();
    this.#takeMap();
  }

  /** Lets the clock run; without it the session stands still. */
  start(): void {
    this.#timer ??= setInterval(() => this.tick(performance.now()), TICK_MS);
  }

  /** Goes on to this moment and tells what is new. */
  tick(wallMs: number): void {
    const { playing } = this.#playback.state;
    const back = this.#playback.advance(wallMs);
    if (!playing) {
      this.#stand(wallMs);
      return;
    }
    if (back) this.#jumped(true);
    else this.#moved(wallMs);
  }

  /** A page that hears nothing believes the line to be dead. */
  #stand(wallMs: number): void {
    if (wallMs - this.#viewMs < STANDING_EVERY_MS) return;
    this.#viewMs = wallMs;
    this.#tell("frame");
  }

  map(): GroundMap | undefined {
    return this.#map?.map;
  }

  tracks(): GroundTracks {
    const { atS } = this.#playback.state;
    const tracks = new Map<number, number[]>();
    const last = lastAtOrBefore(this.#run.places, atS);
    for (const { places } of this.#run.places.slice(0, last + 1)) {
      for (let i = 0; i + 3 < places.length; i += 4) {
        const track = tracks.get(places[i] ?? 0) ?? [];
        track.push(...places.slice(i + 1, i + 4));
        tracks.set(places[i] ?? 0, track);
      }
    }
    return {
      kind: "tracks",
      tracks: [...tracks].map(([vehicle, points]) => {
        return { vehicle, points: points.slice(-3 * TRACK_POINTS_MAX) };
      }),
    };
  }

  view(): GroundView {
    return this.#view;
  }

  frame(): Uint8Array {
    const { atS } = this.#playback.state;
    return encodeFrame({
      sequence: this.#view.sequence,
      missionTimeS: atS,
      originAltitudeAmslM: this.hello.mission.originAltitudeAmslM,
      vehicles: this.#vehiclesAt(atS),
    });
  }

  eventsAfter(sequence: number): readonly EventRow[] {
    const count = lastAtOrBefore(this.#lines, this.#playback.state.atS) + 1;
    return this.#lines
      .slice(0, count)
      .slice(-EVENTS_KEPT)
      .filter((line) => line.sequence > sequence);
  }

  replay(): GroundReplay {
    return { kind: "replay", ...this.#playback.state };
  }

  ask(request: PageRequest): Promise<GroundAnswer> {
    return Promise.resolve(this.answer(request, performance.now()));
  }

  answer(request: PageRequest, wallMs: number): GroundAnswer {
    const { id } = request;
    if (request.kind === "replay") return this.#control(id, request.control, wallMs);
    if (request.kind === "export" && request.export.kind === "log") {
      const file = logFile(this.#view, this.hello);
      return { ...answerDone(id, file.name), file };
    }
    const remedy = "to give orders: skein ground MISSION";
    return answerRefused(id, problem("GND013", { remedy }));
  }

  onChange(listener: (what: SessionChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    this.#listeners.clear();
    this.#run.close();
    return Promise.resolve();
  }

  #control(id: number, control: ReplayControl, wallMs: number): GroundAnswer {
    const playback = this.#playback;
    switch (control.kind) {
      case "play":
        if (playback.play(wallMs)) this.#jumped(true);
        break;
      case "pause":
        playback.pause(wallMs);
        break;
      case "speed":
        playback.setSpeed(control.speed, wallMs);
        break;
      case "loop":
        playback.setLoop(control.on);
        break;
      case "seek":
        this.#seek(control.atS, wallMs);
        break;
      case "why":
        return this.#why(id, control.cause);
      default:
        control satisfies never;
    }
    this.#tell("replay");
    return answerDone(id, "");
  }

  /** A leap ahead, too, gives the ways anew: nobody flew straight from there to here. */
  #seek(atS: number, wallMs: number): void {
    const beforeS = this.#playback.state.atS;
    const back = this.#playback.seek(atS, wallMs);
    this.#jumped(back || this.#playback.state.atS - beforeS > LEAP_S);
  }

  #why(id: number, cause: number): GroundAnswer {
    const lines = whyLines(this.#run, cause);
    if (lines !== undefined) return answerDone(id, lines.join("\n"));
    return answerRefused(id, problem("REC013", { remedy: "record the run anew" }));
  }

  /** Time has gone on a little. */
  #moved(wallMs: number): void {
    this.#tell("frame");
    if (wallMs - this.#viewMs < VIEW_EVERY_MS && this.#playback.state.playing) return;
    this.#viewMs = wallMs;
    this.#refresh();
  }

  /** Time has been set: everything is shown anew. */
  #jumped(afresh: boolean): void {
    if (afresh) this.#tell("rewound");
    this.#tell("frame");
    this.#refresh();
  }

  #refresh(): void {
    this.#view = this.#compose();
    if (this.#takeMap()) this.#tell("map");
    this.#tell("view");
    const lines = lastAtOrBefore(this.#lines, this.#playback.state.atS) + 1;
    if (lines > this.#sentLines) this.#tell("events");
    this.#sentLines = lines;
    this.#tell("replay");
  }

  /** True when another map than before is to be shown. */
  #takeMap(): boolean {
    const found = this.#run.mapAt(this.#playback.state.atS);
    if (found === undefined || found.place === this.#map?.place) return false;
    this.#revision += 1;
    const map = { ...found.map, revision: this.#revision } as unknown as GroundMap;
    this.#map = { place: found.place, map };
    return true;
  }

  #compose(): GroundView {
    const { atS } = this.#playback.state;
    const recorded = this.#viewAt(Math.max(0, lastAtOrBefore(this.#times, atS)));
    const plan = this.#run.plan as GroundView["pos"]["plan"];
    const predictedAtEnd = plan.at(-1)?.[1] ?? recorded.pos.predictedAtEnd;
    return {
      ...recorded,
      missionTimeS: atS,
      pos: { ...recorded.pos, plan, predictedAtEnd, curve: curveUntil(this.#run.success, atS) },
    };
  }

  #viewAt(place: number): GroundView {
    const kept = this.#views.get(place);
    if (kept !== undefined) return kept;
    // A view that cannot be read was whole when the file was opened: the file has changed.
    const view = viewOf(this.#run.view(place)) ?? this.#view;
    this.#views.set(place, view);
    for (const old of this.#views.keys()) {
      if (this.#views.size <= 4) break;
      this.#views.delete(old);
    }
    return view;
  }

  #vehiclesAt(atS: number): readonly VehicleRow[] {
    const place = Math.max(0, lastAtOrBefore(this.#times, atS));
    const now = this.#viewAt(place);
    const [fromS, untilS] = [this.#times[place]?.atS ?? atS, this.#times[place + 1]?.atS];
    if (untilS === undefined || untilS <= fromS) return now.vehicles;
    const share = Math.min(1, Math.max(0, (atS - fromS) / (untilS - fromS)));
    const next = new Map(this.#viewAt(place + 1).vehicles.map((each) => [each.index, each]));
    return now.vehicles.map((vehicle) => between(vehicle, next.get(vehicle.index), share));
  }

  #tell(what: SessionChange): void {
    for (const listener of this.#listeners) listener(what);
  }
}

function between(from: VehicleRow, to: VehicleRow | undefined, share: number): VehicleRow {
  if (to === undefined) return from;
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return {
    ...from,
    position: {
      northM: mix(from.position.northM, to.position.northM),
      eastM: mix(from.position.eastM, to.position.eastM),
    },
    altitudeAmslM: mix(from.altitudeAmslM, to.altitudeAmslM),
  };
}

/** The page's lines in order, numbered anew, each with the step that told it. */
function linesOf(run: RecordedRun): readonly EventRow[] {
  const causes = new Map(
    run.events
      .filter(({ vehicle, cause }) => vehicle === 0 && cause !== undefined)
      .map(({ atS, cause }) => [atS, cause]),
  );
  return run.lines
    .flatMap((line) => eventRowOf(line) ?? [])
    .sort((a, b) => a.atS - b.atS || a.sequence - b.sequence)
    .map((row, i) => {
      const cause = causes.get(row.atS);
      return { ...row, sequence: i + 1, ...(cause === undefined ? {} : { cause }) };
    });
}

function curveUntil(
  success: RecordedRun["success"],
  atS: number,
): readonly (readonly [number, number, number])[] {
  const points: (readonly [number, number, number])[] = [];
  let dueS = 0;
  for (const point of success) {
    if (point[0] > atS) break;
    if (point[0] < dueS) continue;
    points.push(point);
    dueS = point[0] + CURVE_EVERY_S;
  }
  const every = Math.ceil(points.length / CURVE_POINTS_MAX);
  return every <= 1 ? points : points.filter((_, i) => i % every === 0);
}
