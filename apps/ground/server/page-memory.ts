/**
 * What only the page wants to remember of a world, outside its trace: where each vehicle was heard,
 * and how the band of success rose. Bounds: `TRACK_POINTS_MAX` places a vehicle, `FRESH_MAX`
 * numbers that wait to be taken, `CURVE_POINTS_MAX` points, thinned by half when full.
 */
import type { Node } from "../../../src/node/mod.ts";
import type { NodeIndex } from "../../../src/base/mod.ts";
import type { GroundView } from "../report/view.ts";
import { TRACK_POINTS_MAX } from "./session.ts";

/** Numbers that wait to be taken; a page that is not there does not make them pile up. */
const FRESH_MAX = 200_000;
const CURVE_EVERY_S = 30;
const CURVE_POINTS_MAX = 500;

export class PageMemory {
  readonly tracks: Map<number, number[]> = new Map();
  readonly trackTimes: Map<number, number[]> = new Map();
  #fresh: number[] = [];
  #curve: GroundView["pos"]["curve"] = [];
  #curveEveryS = CURVE_EVERY_S;

  get curve(): GroundView["pos"]["curve"] {
    return this.#curve;
  }

  /** Flat vehicle, north, east, altitude: the places that came since the last call. */
  takePlaces(): number[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Where the ground hears each vehicle now. */
  remember(ground: Node, vehicles: readonly NodeIndex[], nowS: number): void {
    const { network } = ground.layers;
    for (const vehicle of vehicles) {
      const peer = network.peer(vehicle);
      if (peer === undefined || !peer.positionValid || !peer.inAir) continue;
      const { northM, eastM, altitudeAmslM } = peer.position;
      this.#extend(vehicle, [northM, eastM, altitudeAmslM].map(Math.round), nowS);
    }
  }

  /** A new second of the world. */
  everySecond(ground: Node, nowS: number): void {
    if (nowS % this.#curveEveryS !== 0) return;
    const { low, high } = ground.layers.swarm.success;
    this.#curve = [...this.#curve, [nowS, low, high] as const];
    if (this.#curve.length < CURVE_POINTS_MAX) return;
    this.#curve = this.#curve.filter((_, i) => i % 2 === 1);
    this.#curveEveryS *= 2;
  }

  #extend(vehicle: NodeIndex, place: readonly number[], nowS: number): void {
    const track = this.tracks.get(vehicle) ?? [];
    const times = this.trackTimes.get(vehicle) ?? [];
    track.push(...place);
    if (this.#fresh.length < FRESH_MAX) this.#fresh.push(vehicle, ...place);
    times.push(nowS);
    if (times.length > TRACK_POINTS_MAX) {
      track.splice(0, 3);
      times.shift();
    }
    this.tracks.set(vehicle, track);
    this.trackTimes.set(vehicle, times);
  }
}
