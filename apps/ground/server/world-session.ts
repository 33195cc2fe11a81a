/**
 * A world in a worker thread as a session: keeps the newest of everything that the worker told, so
 * that a page which opens later is served at once and the world never waits for a page.
 */
import { Worker } from "node:worker_threads";
import { problem, type Problem } from "../../../src/base/mod.ts";
import type {
  EventRow,
  GroundAnswer,
  GroundHello,
  GroundMap,
  GroundTracks,
  GroundView,
  PageRequest,
} from "../report/view.ts";
import type { WhatIfHorizon, WhatIfView } from "../report/what-if.ts";
import {
  answerRefused,
  EVENTS_KEPT,
  TRACK_POINTS_MAX,
  type GroundSession,
  type SessionChange,
} from "./session.ts";
import { WhatIfDesk, type ForkedWorld } from "./what-if-desk.ts";
import type { FromWorld, ToWorld, WorldOrder, WorldRequest } from "./world-messages.ts";

export type OpenedWorld =
  | { readonly ok: true; readonly session: WorldSession }
  | { readonly ok: false; readonly file: string; readonly problems: readonly Problem[] };

/** Starts the world; refuses with every problem of its files. */
export function openWorld(order: WorldOrder): Promise<OpenedWorld> {
  const worker = new Worker(new URL("./world-worker.ts", import.meta.url), { workerData: order });
  return openWorldThread(worker, order.missionFile);
}

/** A session over a thread that speaks as a world's does; `file` is what it was made of. */
export function openWorldThread(worker: Worker, file: string): Promise<OpenedWorld> {
  return new Promise((done) => {
    const failed = (detail: string): void => {
      const problems = [problem("GND009", { detail })];
      done({ ok: false, file, problems });
    };
    let hello: GroundHello | undefined;
    const opening = (message: FromWorld): void => {
      if (message.kind === "refused") {
        void worker.terminate();
        done({ ok: false, file: message.file, problems: message.problems });
      } else if (message.kind === "ready") hello = message.hello;
      else if (message.kind === "view" && hello !== undefined) {
        worker.off("message", opening);
        worker.off("error", onError);
        done({ ok: true, session: new WorldSession(worker, hello, message.view) });
      } else if (message.kind === "broken") failed(message.detail);
    };
    const onError = (error: Error): void => failed(error.message);
    worker.on("message", opening);
    worker.on("error", onError);
  });
}

interface Waiting {
  /** As the page numbers its requests. */
  readonly id: number;
  readonly done: (answer: GroundAnswer) => void;
}

export class WorldSession implements GroundSession {
  readonly hello: GroundHello;
  readonly #worker: Worker;
  readonly #listeners = new Set<(what: SessionChange) => void>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #tracks = new Map<number, number[]>();
  #events: EventRow[] = [];
  #view: GroundView;
  #map: GroundMap | undefined;
  #frame: Uint8Array | undefined;
  readonly #forking = new Map<number, (forked: ForkedWorld | Problem) => void>();
  readonly #whatIf: WhatIfDesk;
  #nextTicket = 1;
  #stopped: Problem | undefined;

  constructor(worker: Worker, hello: GroundHello, view: GroundView) {
    this.#worker = worker;
    this.hello = hello;
    this.#view = view;
    this.#whatIf = new WhatIfDesk({
      world: {
        view: () => this.#view,
        fork: (horizonS) => this.#fork(horizonS),
        order: (order) => this.#askWorld({ kind: "order", id: 0, order }),
      },
      onChange: () => this.#tell("whatIf"),
    });
    worker.on("message", (message: FromWorld) => this.#take(message));
    worker.on("error", (error) => this.#stop(error instanceof Error ? error.message : "unknown"));
    worker.on("exit", () => this.#stop("its thread has ended"));
  }

  /** Why the world stands still, once it does. */
  get stopped(): Problem | undefined {
    return this.#stopped;
  }

  map(): GroundMap | undefined {
    return this.#map;
  }

  tracks(): GroundTracks {
    const tracks = [...this.#tracks].map(([vehicle, points]) => ({ vehicle, points }));
    return { kind: "tracks", tracks };
  }

  view(): GroundView {
    return this.#view;
  }

  frame(): Uint8Array | undefined {
    return this.#frame;
  }

  eventsAfter(sequence: number): readonly EventRow[] {
    return this.#events.filter((event) => event.sequence > sequence);
  }

  whatIf(): WhatIfView | null {
    return this.#whatIf.view();
  }

  watch(vehicles: readonly number[]): void {
    this.#say({ kind: "watch", vehicles });
  }

  ask(request: PageRequest): Promise<GroundAnswer> {
    if (this.#stopped !== undefined) {
      return Promise.resolve(answerRefused(request.id, this.#stopped));
    }
    if (request.kind === "whatIf") return this.#whatIf.ask(request.id, request.whatIf);
    return this.#askWorld(request);
  }

  #askWorld(request: WorldRequest): Promise<GroundAnswer> {
    const ticket = this.#nextTicket;
    this.#nextTicket += 1;
    this.#say({ kind: "ask", ticket, request });
    return new Promise((done) => {
      this.#waiting.set(ticket, { id: request.id, done });
    });
  }

  #fork(horizonS: WhatIfHorizon): Promise<ForkedWorld | Problem> {
    if (this.#stopped !== undefined) return Promise.resolve(this.#stopped);
    const ticket = this.#nextTicket;
    this.#nextTicket += 1;
    this.#say({ kind: "fork", ticket, horizonS });
    return new Promise((done) => {
      this.#forking.set(ticket, done);
    });
  }

  onChange(listener: (what: SessionChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.end();
  }

  /** Ends the world's thread; whoever listens is told that it has stopped. */
  async end(): Promise<void> {
    await this.#whatIf.close();
    this.#say({ kind: "end" });
    await this.#worker.terminate();
  }

  #say(message: ToWorld): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromWorld): void {
    switch (message.kind) {
      case "view":
        this.#view = message.view;
        this.#tell("view");
        return;
      case "frame":
        this.#frame = message.bytes;
        this.#tell("frame");
        return;
      case "map":
        this.#map = message.map;
        this.#tell("map");
        return;
      case "events":
        this.#events = [...this.#events, ...message.events].slice(-EVENTS_KEPT);
        this.#tell("events");
        return;
      case "places":
        this.#extendTracks(message.places);
        return;
      case "answer":
        this.#waiting.get(message.ticket)?.done(message.answer);
        this.#waiting.delete(message.ticket);
        return;
      case "forked":
        this.#forking.get(message.ticket)?.(message.forked);
        this.#forking.delete(message.ticket);
        return;
      case "broken":
        this.#stop(message.detail);
        return;
      case "ready":
      case "refused":
        return;
      default:
        message satisfies never;
    }
  }

  #extendTracks(places: readonly number[]): void {
    for (let i = 0; i + 3 < places.length; i += 4) {
      const vehicle = places[i] ?? 0;
      const track = this.#tracks.get(vehicle) ?? [];
      track.push(...places.slice(i + 1, i + 4));
      if (track.length > 3 * TRACK_POINTS_MAX) track.splice(0, 3);
      this.#tracks.set(vehicle, track);
    }
  }

  #stop(detail: string): void {
    if (this.#stopped !== undefined) return;
    const remedy = "start it again; the recording and the vehicles' own logs are not touched";
    const why = problem("GND009", { detail, remedy });
    this.#stopped = why;
    for (const { id, done } of this.#waiting.values()) done(answerRefused(id, why));
    this.#waiting.clear();
    for (const done of this.#forking.values()) done(why);
    this.#forking.clear();
    void this.#whatIf.close();
    this.#tell("stopped");
  }

  #tell(what: SessionChange): void {
    for (const listener of this.#listeners) listener(what);
  }
}
