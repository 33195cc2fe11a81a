/**
 * The line to the ground server: opens with the token, takes what comes, asks and waits for the
 * answer, and comes back by itself after a break. Orders live on the server; nothing is lost here.
 */
import type { GroundAnswer, PageLook, PageRequest, ServerMessage } from "../../report/view.ts";

import { heardServer } from "./silence.ts";

export type LinkState =
  | "connecting"
  | "live"
  /** The line broke; trying again. */
  | "broken"
  /** The token is not the one of this server: reloading will not help. */
  | "refused"
  /** The world behind the server has stopped. */
  | "stopped";

export interface LinkListener {
  state(state: LinkState): void;
  message(message: ServerMessage): void;
  /** Gives the sequence to acknowledge, once the page has taken it. */
  frame(bytes: ArrayBuffer): number | undefined;
}

type Ask = PageRequest extends infer R ? (R extends PageRequest ? Omit<R, "id"> : never) : never;

const RETRY_MS = 1000;
const RETRY_MAX_MS = 8000;
const ANSWER_WITHIN_MS = 10_000;
const WRONG_TOKEN = 4401;
const STOPPED = 4503;
const TOKEN_KEY = "skein.token";

interface Waiting {
  readonly done: (answer: GroundAnswer) => void;
  readonly timer: number;
}

export class GroundLink {
  readonly #listener: LinkListener;
  readonly #token: string;
  readonly #waiting = new Map<number, Waiting>();
  #socket: WebSocket | undefined;
  #retryMs = RETRY_MS;
  #nextId = 1;

  constructor(listener: LinkListener) {
    this.#listener = listener;
    this.#token = takeToken();
    this.#connect();
  }

  /** Never rejects: a broken line is an answer, too. */
  ask(request: Ask): Promise<GroundAnswer> {
    const id = this.#nextId;
    this.#nextId += 1;
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.resolve(noLine(id));
    this.#socket.send(JSON.stringify({ ...request, id }));
    return new Promise((done) => {
      const timer = window.setTimeout(() => this.#settle(noLine(id)), ANSWER_WITHIN_MS);
      this.#waiting.set(id, { done, timer });
    });
  }

  /** What the page looks at or has got; needs no answer. */
  look(look: Omit<PageLook, "kind">): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ kind: "look", ...look }));
  }

  #connect(): void {
    this.#listener.state("connecting");
    const socket = new WebSocket(`ws://${window.location.host}/stream`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ kind: "open", schema: 1, token: this.#token }));
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.#take(event.data);
    socket.onclose = (event) => this.#closed(event.code);
  }

  #take(data: string | ArrayBuffer): void {
    heardServer();
    if (typeof data !== "string") {
      const seen = this.#listener.frame(data);
      if (seen !== undefined) this.look({ seen });
      return;
    }
    const message = JSON.parse(data) as ServerMessage;
    if (message.kind === "hello") {
      this.#retryMs = RETRY_MS;
      this.#listener.state("live");
    }
    if (message.kind === "answer") this.#settle(message);
    else this.#listener.message(message);
  }

  #settle(answer: GroundAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    window.clearTimeout(waiting.timer);
    this.#waiting.delete(answer.id);
    waiting.done(answer);
  }

  #closed(code: number): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(noLine(id));
    if (code === WRONG_TOKEN) {
      this.#listener.state("refused");
      return;
    }
    this.#listener.state(code === STOPPED ? "stopped" : "broken");
    window.setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
  }
}

function noLine(id: number): GroundAnswer {
  return {
    kind: "answer",
    id,
    ok: false,
    code: "",
    text: "no line to the ground station: whether it was taken is not known",
    remedy: "wait for the line, then look at the orders",
  };
}

/** From the link's fragment once, then from this tab's storage, so that a reload stays in. */
function takeToken(): string {
  const given = /[#&]token=([\w-]{1,128})/u.exec(window.location.hash)?.[1];
  if (given !== undefined) {
    window.sessionStorage.setItem(TOKEN_KEY, given);
    window.history.replaceState(null, "", window.location.pathname);
  }
  return given ?? window.sessionStorage.getItem(TOKEN_KEY) ?? "";
}
