/**
 * One page on the line: it opens with the token, is told everything once, then what changes, and
 * asks within its rate. Nothing is kept here that a reload would lose: orders, detections and
 * events live in the session.
 *
 * A slow page falls behind in rate, not in time (`line-rate.ts`): frames and views are skipped
 * while it has not acknowledged what was sent, the newest goes when it has, and it is told how
 * often it now gets one. Answers and events are never skipped; a page that does not even take
 * those is hung up on. What it gets of the vehicles is what it looks at (`interest.ts`).
 *
 * A request is done once: one that comes again under the same id (a page that was unsure whether
 * the first had arrived) is answered as the first was. The last `ANSWERS_KEPT` are remembered.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { WebSocket } from "ws";
import { problem, type Problem } from "../../../src/base/mod.ts";
import type {
  CloseCode,
  GroundAnswer,
  GroundEvents,
  GroundPace,
  PageLook,
  PageRequest,
  ServerMessage,
} from "../report/view.ts";
import { cutFrame, HealthDelta, NO_INTEREST, type Interest } from "./interest.ts";
import { LineRate, USUAL_MS } from "./line-rate.ts";
import { detailsOf, type Needing } from "./page-view.ts";
import { parseRanges } from "./ranges.ts";
import { bucket } from "./rate.ts";
import { isLook, parseLook, parseOpening, parseRequest } from "./requests.ts";
import { answerRefused, type GroundSession, type SessionChange } from "./session.ts";

/** Why the server hung up (`CloseCode`). */
export const CLOSE: Readonly<{
  wrongToken: 4401;
  silent: 4408;
  oversize: 4413;
  flooded: 4429;
  stopped: 4503;
}> = Object.freeze({
  wrongToken: 4401,
  silent: 4408,
  oversize: 4413,
  flooded: 4429,
  stopped: 4503,
});

/** A hand on a keyboard asks less; beyond the burst a request is refused, not queued. */
const REQUESTS_PER_SECOND = 20;
const REQUESTS_BURST = 40;
/** An acknowledgement a frame and a health frame, and the camera that turns. */
const LOOKS_PER_SECOND = 60;
const LOOKS_BURST = 120;
/** Beyond this many refusals in a row the page is broken or hostile. */
const REFUSALS_MAX = 200;
const OPENING_WITHIN_MS = 5000;
/** A socket that never showed the token gets no longer than this to take leave. */
const LEAVE_WITHIN_MS = 500;
const ANSWERS_KEPT = 256;
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
const MAP_EVERY_MS = 2000;
/** On a slow line a view comes once in this many frames. */
const VIEW_RESTS = 3;
/** Up to here the ways of all vehicles are told at the opening, beyond those of the selected. */
const TRACKS_WHOLE_MAX = 64;
const TRACKS_SELECTED_MAX = 32;
/** Vehicles that are looked at one by one; more in sight are a crowd. */
const NEAR_MAX = 64;
const NOBODY: ReadonlySet<number> = new Set();

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly session: GroundSession;
  readonly token: string;
  readonly nowMs: () => number;
  /** What is the same for all pages, made once. */
  readonly shared: SharedView;
  /** Whether one more page may be served. */
  readonly mayOpen: () => boolean;
}

export interface SharedView {
  /** The view as text. */
  text(): string;
  /** How each vehicle fares. */
  health(): Uint8Array;
  needing(): Needing;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #requests = bucket({ perSecond: REQUESTS_PER_SECOND, burst: REQUESTS_BURST });
  readonly #looks = bucket({ perSecond: LOOKS_PER_SECOND, burst: LOOKS_BURST });
  readonly #rate = new LineRate();
  readonly #health = new HealthDelta();
  readonly #tracked = new Set<number>();
  #interest: Interest = NO_INTEREST;
  #near = NOBODY;
  #sequence = 0;
  #turn = 0;
  #frameWaits = false;
  #whatIfWaits = false;
  #viewWaits = false;
  #viewSentMs = -Infinity;
  #deadline: NodeJS.Timeout;
  readonly #answers = new Map<number, Promise<GroundAnswer>>();
  #opened = false;
  #refusals = 0;
  #lastEvent = 0;
  #mapRevision = -1;
  #mapSentMs = -Infinity;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket } = options;
    this.#deadline = setTimeout(() => this.#hangUp(CLOSE.silent), OPENING_WITHIN_MS);
    socket.on("message", (data, binary) => {
      this.#take(binary ? "" : rawText(data));
    });
    socket.on("close", () => clearTimeout(this.#deadline));
    // The socket closes itself after an error, an oversize message included; `close` follows.
    socket.on("error", () => clearTimeout(this.#deadline));
  }

  get opened(): boolean {
    return this.#opened;
  }

  /** What this page looks at closely, at most as many as it may. */
  get watched(): readonly number[] {
    const { selected } = this.#interest;
    return [...new Set([...[...selected].slice(0, NEAR_MAX), ...this.#near])].slice(0, NEAR_MAX);
  }

  /** Ends it at once, without a word. */
  terminate(): void {
    clearTimeout(this.#deadline);
    this.#options.socket.terminate();
  }

  /** The session has something new. */
  changed(what: SessionChange): void {
    if (!this.#opened) return;
    const { socket } = this.#options;
    if (socket.bufferedAmount > BACKLOG_MAX_BYTES) {
      socket.terminate();
      return;
    }
    switch (what) {
      case "frame":
        this.#frameWaits = true;
        this.#go();
        return;
      case "view":
        this.#viewWaits = true;
        this.#go();
        return;
      case "map":
        this.#sendMap();
        return;
      case "events":
        this.#sendEvents();
        return;
      case "replay":
        this.#sendReplay();
        return;
      case "rewound":
        this.#lastEvent = 0;
        this.#mapRevision = -1;
        this.#mapSentMs = -Infinity;
        this.#sendTracksAfresh();
        this.#sendEvents(true);
        return;
      case "whatIf":
        this.#whatIfWaits = true;
        this.#go();
        return;
      case "stopped":
        this.#hangUp(CLOSE.stopped);
        return;
      default:
        what satisfies never;
    }
  }

  #take(text: string): void {
    if (!this.#opened) this.#open(text);
    else if (isLook(text)) this.#look(text);
    else void this.#answer(text);
  }

  #look(text: string): void {
    const nowMs = this.#options.nowMs();
    const look = parseLook(text);
    if (!look.ok || !this.#looks.take(nowMs)) {
      this.#refusals += 1;
      if (this.#refusals > REFUSALS_MAX) this.#hangUp(CLOSE.flooded);
      return;
    }
    const { seen, box } = look.value;
    this.#aim(look.value);
    if (box !== undefined) {
      const [southM, westM, northM, eastM] = box;
      this.#interest = { ...this.#interest, box: { southM, westM, northM, eastM } };
    }
    if (seen !== undefined) {
      this.#rate.seen(seen, nowMs);
      this.#go();
    }
  }

  #aim({ selected, near }: PageLook): void {
    const chosen = selected === undefined ? undefined : parseRanges(selected);
    if (chosen !== undefined) {
      this.#interest = { ...this.#interest, selected: chosen };
      this.#sendTracks([...chosen].slice(0, TRACKS_SELECTED_MAX));
      this.#sendDetails();
    }
    this.#near = near === undefined ? this.#near : (parseRanges(near) ?? this.#near);
  }

  #open(text: string): void {
    const opening = parseOpening(text);
    if (!opening.ok || !sameToken(opening.value.token, this.#options.token)) {
      this.#hangUp(CLOSE.wrongToken);
      return;
    }
    if (!this.#options.mayOpen()) {
      this.terminate();
      return;
    }
    clearTimeout(this.#deadline);
    this.#opened = true;
    const { session } = this.#options;
    this.#send(session.hello);
    this.#sendMap();
    const all = session.view().vehicles.map(({ index }) => index);
    this.#sendTracks(all.length <= TRACKS_WHOLE_MAX ? all : []);
    this.#sendView();
    this.#sendEvents();
    this.#sendReplay();
    this.#sendWhatIf();
    this.#frameWaits = session.frame() !== undefined;
    this.#go();
  }

  /** Sends what waits, as far as the line takes it now. */
  #go(): void {
    const { nowMs } = this.#options;
    const free = this.#frameWaits && this.#rate.mayGo(nowMs());
    const view = this.#viewWaits && this.#mayView(nowMs());
    if (free) this.#sendFrame();
    if (this.#whatIfWaits && this.#rate.isPrompt(nowMs())) this.#sendWhatIf();
    if (view) {
      this.#sendView();
      this.#sendMap();
    }
    const everyMs = this.#rate.news(nowMs());
    if (everyMs === undefined) return;
    const pace: GroundPace = { kind: "pace", everyMs, slow: everyMs > USUAL_MS };
    this.#send(pace);
  }

  /** On a slow line views, which are large, leave most of it to the frames. */
  #mayView(nowMs: number): boolean {
    const { everyMs } = this.#rate;
    const rests = everyMs > 2 * USUAL_MS && nowMs - this.#viewSentMs < VIEW_RESTS * everyMs;
    return !rests && this.#rate.isPrompt(nowMs);
  }

  #sendFrame(): void {
    this.#frameWaits = false;
    const whole = this.#options.session.frame();
    if (whole === undefined) return;
    this.#turn += 1;
    this.#sequence += 1;
    // The first one brings every vehicle.
    const interest = this.#turn === 1 ? NO_INTEREST : this.#interest;
    const { stride } = this.#rate;
    const cut = { interest, turn: this.#turn, stride, sequence: this.#sequence };
    this.#rate.sent(this.#sequence, this.#options.nowMs());
    this.#options.socket.send(cutFrame(whole, cut));
  }

  #sendView(): void {
    const { socket, shared, nowMs } = this.#options;
    this.#viewWaits = false;
    this.#viewSentMs = nowMs();
    socket.send(shared.text());
    this.#sendDetails();
    const health = this.#health.take(shared.health(), this.#sequence + 1);
    if (health === undefined) return;
    this.#sequence += 1;
    this.#rate.sentBeside(this.#sequence, nowMs());
    socket.send(health);
  }

  #sendDetails(): void {
    const { session, shared } = this.#options;
    const { selected } = this.#interest;
    this.#send(detailsOf(session.view(), shared.needing(), { selected, near: this.#near }));
  }

  /** Of each vehicle once: the page goes on from the frames. */
  #sendTracks(wanted: readonly number[]): void {
    const fresh = new Set(wanted.filter((vehicle) => !this.#tracked.has(vehicle)));
    if (fresh.size === 0) return;
    for (const vehicle of fresh) this.#tracked.add(vehicle);
    const { tracks } = this.#options.session.tracks();
    this.#send({ kind: "tracks", tracks: tracks.filter(({ vehicle }) => fresh.has(vehicle)) });
  }

  /** Time went back: the ways that were told are other ones now, some of them empty. */
  #sendTracksAfresh(): void {
    const told = new Map<number, readonly number[]>([...this.#tracked].map((each) => [each, []]));
    for (const { vehicle, points } of this.#options.session.tracks().tracks) {
      if (told.has(vehicle)) told.set(vehicle, points);
    }
    const tracks = [...told].map(([vehicle, points]) => ({ vehicle, points }));
    this.#send({ kind: "tracks", tracks });
  }

  async #answer(text: string): Promise<void> {
    if (!this.#requests.take(this.#options.nowMs())) {
      this.#refuse(text, problem("GND002", { remedy: "wait a second, then try again" }));
      return;
    }
    const request = parseRequest(text);
    if (!request.ok) {
      const [first] = request.problems;
      if (first !== undefined) this.#refuse(text, first);
      return;
    }
    this.#refusals = 0;
    this.#send(await this.#once(request.value));
  }

  #once(request: PageRequest): Promise<GroundAnswer> {
    const known = this.#answers.get(request.id);
    if (known !== undefined) return known;
    const answer = this.#options.session.ask(request);
    this.#answers.set(request.id, answer);
    for (const id of this.#answers.keys()) {
      if (this.#answers.size <= ANSWERS_KEPT) break;
      this.#answers.delete(id);
    }
    return answer;
  }

  #refuse(text: string, why: Problem): void {
    this.#refusals += 1;
    if (this.#refusals > REFUSALS_MAX) {
      this.#hangUp(CLOSE.flooded);
      return;
    }
    const where = why.where === "" ? "" : ` (${why.where})`;
    this.#send(answerRefused(idOf(text), { ...why, text: `${why.text}${where}` }));
  }

  #sendMap(): void {
    const { session, nowMs } = this.#options;
    const map = session.map();
    if (map === undefined || map.revision === this.#mapRevision) return;
    if (nowMs() - this.#mapSentMs < MAP_EVERY_MS) return;
    if (!this.#rate.isPrompt(nowMs())) return;
    this.#mapRevision = map.revision;
    this.#mapSentMs = nowMs();
    this.#send(map);
  }

  #sendEvents(afresh = false): void {
    const events = this.#options.session.eventsAfter(this.#lastEvent);
    const last = events.at(-1);
    if (last === undefined && !afresh) return;
    this.#lastEvent = last?.sequence ?? 0;
    const message: GroundEvents = { kind: "events", events, ...(afresh ? { afresh } : {}) };
    this.#send(message);
  }

  #sendReplay(): void {
    const replay = this.#options.session.replay?.();
    if (replay !== undefined) this.#send(replay);
  }

  #sendWhatIf(): void {
    this.#whatIfWaits = false;
    this.#send({ kind: "whatIf", whatIf: this.#options.session.whatIf?.() ?? null });
  }

  #send(message: ServerMessage): void {
    this.#options.socket.send(JSON.stringify(message));
  }

  #hangUp(code: CloseCode): void {
    clearTimeout(this.#deadline);
    const { socket } = this.#options;
    socket.close(code);
    if (!this.#opened) this.#deadline = setTimeout(() => socket.terminate(), LEAVE_WITHIN_MS);
  }
}

/** Hashes first, so that neither length nor content shows in the time taken. */
function sameToken(given: string, token: string): boolean {
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** The id of a refused request where one can be made out, so that the page can match it. */
function idOf(text: string): number {
  const id = /"id":(\d{1,10})\b/u.exec(text.slice(0, 200))?.[1];
  return id === undefined ? 0 : Number(id);
}

function rawText(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.isBuffer(data) ? data.toString("utf8") : Buffer.from(data).toString("utf8");
}
