/**
 * What the page's timeline tells: the ground node's events, the orders, and what changed in what
 * each vehicle announced. Also when something was first seen, so that a card and its line agree.
 *
 * Bounds: `EVENTS_KEPT` lines wait to be taken; what is first seen is bounded by the detections and
 * sessions of a mission.
 */
import type { NodeEvent } from "../../../src/node/mod.ts";
import type { WorldEvent } from "../../../sim/mod.ts";
import type { EventRow, GroundView, PlanePoint, VehicleRow } from "../report/view.ts";
import type { AirOrder } from "./drafts.ts";
import { rowOf } from "./event-rows.ts";
import { HeadNews } from "./head-news.ts";
import { OrderWatch } from "./order-news.ts";
import { HOME_M } from "./order-rows.ts";
import type { PlaceNamer } from "./places.ts";
import { EVENTS_KEPT } from "./session.ts";

const MS_PER_S = 1000;

export const ORDER_WORDS: Readonly<Record<AirOrder["kind"], string>> = {
  start: "go",
  resume: "go on",
  hold: "hold",
  return: "return",
  land: "land",
  release: "released",
  clearAir: "clear air",
  liftClearAir: "clear air lifted",
  confirm: "confirm",
  dismiss: "dismiss",
  lookAgain: "look again at",
  clue: "clue",
  evict: "evict",
};

const TELLING: readonly VehicleRow["status"][] = ["returning", "charging", "holding", "landing"];

export class Timeline {
  readonly #namer: PlaceNamer;
  readonly #firstSeen = new Map<string, number>();
  readonly #heads = new HeadNews();
  readonly #orderWatch = new OrderWatch();
  readonly #statuses = new Map<number, VehicleRow["status"]>();
  #events: EventRow[] = [];
  #sequence = 0;
  #handshakes = 0;

  constructor(namer: PlaceNamer) {
    this.#namer = namer;
  }

  get handshakes(): number {
    return this.#handshakes;
  }

  /** Events since the last call. */
  take(): EventRow[] {
    const fresh = this.#events;
    this.#events = [];
    return fresh;
  }

  say(row: Omit<EventRow, "sequence">): void {
    this.#sequence += 1;
    this.#events.push({ ...row, sequence: this.#sequence });
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
  }

  /** When this was first seen; now, if it never was. */
  seenAt(key: string, atS: number): number {
    const seenS = this.#firstSeen.get(key) ?? atS;
    this.#firstSeen.set(key, seenS);
    return seenS;
  }

  /** An event of the ground's own node. */
  hear({ timeMs, event }: WorldEvent): void {
    const atS = timeMs / MS_PER_S;
    const { detail } = event;
    if (detail.kind === "sessionOpened") {
      this.#handshakes += 1;
      this.#firstSeen.set(`session ${detail.peer}`, atS);
    }
    // The card and the line in the timeline tell one time.
    if (detail.kind === "detection") this.seenAt(`detection ${detail.id}`, atS);
    const ofHeads = detail.kind === "leaderElected" || detail.kind === "leaderLost";
    if (ofHeads && this.#heads.hear(detail, atS) === undefined) return;
    this.#sayEvent(event, atS);
  }

  /** A new second of the world: losses that have lasted are told now. */
  everySecond(nowS: number): void {
    const lost = this.#heads.due(nowS);
    if (lost !== undefined) this.#sayEvent({ detail: lost, severity: "warning" }, nowS);
  }

  noteOrders(orders: GroundView["orders"], nowS: number): void {
    for (const { severity, text } of this.#orderWatch.news(orders, {
      ...ORDER_WORDS,
      addClue: ORDER_WORDS.clue,
    })) {
      this.say({ atS: nowS, severity, vehicle: null, text, category: "order" });
    }
  }

  /** What changed in what each vehicle announced: the page's own lines in the timeline. */
  noteStatuses(vehicles: readonly VehicleRow[], base: PlanePoint, nowS: number): void {
    for (const { index, status, position } of vehicles) {
      const before = this.#statuses.get(index);
      this.#statuses.set(index, status);
      if (before === undefined || before === status || !TELLING.includes(status)) continue;
      if (status === "charging" && before === "ready") continue;
      this.say({
        atS: nowS,
        severity: "info",
        vehicle: index,
        text: status === "charging" ? landedText(position, base) : `is ${status}`,
        category: "vehicle",
      });
    }
  }

  #sayEvent(event: Pick<NodeEvent, "detail" | "severity">, atS: number): void {
    const row = rowOf(event, atS, (place) => this.#namer(place).mgrs);
    if (row !== undefined) this.say(row);
  }
}

function landedText(at: PlanePoint, base: PlanePoint): string {
  const awayM = Math.hypot(at.northM - base.northM, at.eastM - base.eastM);
  return awayM > HOME_M ? `has landed ${Math.round(awayM)} m from the base` : "is on its pad";
}
