/**
 * One page on the line: it opens with the token, is told everything once, then what changes, and
 * asks within its rate. Nothing is kept here that a reload would lose: orders, detections and
 * events live in the session.
 *
 * A slow page falls behind in rate, not in time: frames and views are skipped while its socket
 * still holds more than a bound, and the newest is sent when it has drained. Answers and events
 * are never skipped; a page that does not even take those is hung up on.
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
  PageRequest,
  ServerMessage,
} from "../report/view.ts";
import { bucket } from "./rate.ts";
import { parseOpening, parseRequest } from "./requests.ts";
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
/** Beyond this many refusals in a row the page is broken or hostile. */
const REFUSALS_MAX = 200;
const OPENING_WITHIN_MS = 5000;
/** A socket that never showed the token gets no longer than this to take leave. */
const LEAVE_WITHIN_MS = 500;
const ANSWERS_KEPT = 256;
/** A frame of 50 vehicles is 1 kB, a view 30 kB: half a second of both on a slow line. */
const FRAME_BACKLOG_BYTES = 64 * 1024;
const VIEW_BACKLOG_BYTES = 256 * 1024;
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
const MAP_EVERY_MS = 2000;

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly session: GroundSession;
  readonly token: string;
  readonly nowMs: () => number;
  /** The view as text, made once for all pages. */
  readonly viewText: () => string;
  /** Whether one more page may be served. */
  readonly mayOpen: () => boolean;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #requests = bucket({ perSecond: REQUESTS_PER_SECOND, burst: REQUESTS_BURST });
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

  /** Ends it at once, without a word. */
  terminate(): void {
    clearTimeout(this.#deadline);
    this.#options.socket.terminate();
  }

  /** The session has something new. */
  changed(what: SessionChange): void {
    if (!this.#opened) return;
    const { socket, session } = this.#options;
    const backlog = socket.bufferedAmount;
    if (backlog > BACKLOG_MAX_BYTES) {
      socket.terminate();
      return;
    }
    switch (what) {
      case "frame": {
        const frame = session.frame();
        if (frame !== undefined && backlog <= FRAME_BACKLOG_BYTES) socket.send(frame);
        return;
      }
      case "view":
        if (backlog <= VIEW_BACKLOG_BYTES) socket.send(this.#options.viewText());
        this.#sendMap();
        return;
      case "map":
        this.#sendMap();
        return;
      case "events":
        this.#sendEvents();
        return;
      case "stopped":
        this.#hangUp(CLOSE.stopped);
        return;
      default:
        what satisfies never;
    }
  }

  #take(text: string): void {
    if (this.#opened) void this.#answer(text);
    else this.#open(text);
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
    const { session, socket } = this.#options;
    this.#send(session.hello);
    this.#sendMap();
    this.#send(session.tracks());
    socket.send(this.#options.viewText());
    this.#sendEvents();
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
    const { session, socket, nowMs } = this.#options;
    const map = session.map();
    if (map === undefined || map.revision === this.#mapRevision) return;
    if (nowMs() - this.#mapSentMs < MAP_EVERY_MS) return;
    if (socket.bufferedAmount > VIEW_BACKLOG_BYTES) return;
    this.#mapRevision = map.revision;
    this.#mapSentMs = nowMs();
    this.#send(map);
  }

  #sendEvents(): void {
    const events = this.#options.session.eventsAfter(this.#lastEvent);
    const last = events.at(-1);
    if (last === undefined) return;
    this.#lastEvent = last.sequence;
    const message: GroundEvents = { kind: "events", events };
    this.#send(message);
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
