/**
 * Where vehicles have been: a fading line of the last `SHOWN_POINTS` places of those that are
 * followed. A swarm of up to `FOLLOWED_MAX` is followed whole, of a larger one the selected ones:
 * ten thousand trails would show nothing and cost everything. They are drawn over the ground, with
 * what moves, because the ground is kept as a picture.
 */
import type { Scene, Vector3 } from "three";
import type { GroundTracks } from "../../../report/view.ts";
import type { FleetTable } from "../fleet-table.ts";
import type { Heights } from "./heights.ts";
import { colour, LineBatch } from "./lines.ts";
import type { Palette } from "./palette.ts";

export const FOLLOWED_MAX = 64;
const SHOWN_POINTS = 300;
/** A new place is kept once the vehicle has moved this far. */
const STEP_M = 25;
/** Further apart than this two places are not joined: the vehicle was not heard in between. */
const GAP_M = 900;
const REDRAW_MS = 500;

export class Trails {
  readonly #heights: Heights;
  readonly #table: FleetTable;
  readonly #batch = new LineBatch({ widthPx: 1.6, opacity: 0.6, overAll: true });
  readonly #paths = new Map<number, Vector3[]>();
  #followed: readonly number[] = [];
  #drawnMs = 0;
  #stale = false;

  constructor(heights: Heights, table: FleetTable, scene: Scene) {
    this.#heights = heights;
    this.#table = table;
    scene.add(this.#batch.object);
  }

  /** The server's memory replaces the page's own, vehicle by vehicle. */
  start(tracks: GroundTracks, palette: Palette): void {
    for (const { vehicle, points } of tracks.tracks) {
      const path: Vector3[] = [];
      for (let i = Math.max(0, points.length - 3 * SHOWN_POINTS); i + 2 < points.length; i += 3) {
        path.push(this.#heights.place(points[i] ?? 0, points[i + 1] ?? 0, points[i + 2] ?? 0));
      }
      this.#paths.set(vehicle, path);
    }
    this.redraw(palette);
  }

  /** Follows the selected ones, or all of a few; the ways of others are let go. */
  follow(selected: readonly number[], palette: Palette): void {
    const whole = this.#table.count <= FOLLOWED_MAX;
    const next = whole ? this.#table.indices() : selected.slice(0, FOLLOWED_MAX);
    if (next.join() === this.#followed.join()) return;
    this.#followed = next;
    // What the server told of a small swarm may come before its first frame.
    const kept = new Set(next);
    if (!whole) {
      for (const vehicle of this.#paths.keys()) if (!kept.has(vehicle)) this.#paths.delete(vehicle);
    }
    this.redraw(palette);
  }

  grow(palette: Palette): void {
    let grew = false;
    for (const vehicle of this.#followed) {
      const slot = this.#table.slotOf(vehicle);
      if (slot < 0) continue;
      const path = this.#paths.get(vehicle) ?? [];
      const at = this.#heights.place(
        this.#table.northAt(slot),
        this.#table.eastAt(slot),
        this.#table.altitudeAt(slot),
      );
      const last = path.at(-1);
      if (last !== undefined && last.distanceTo(at) < STEP_M) continue;
      path.push(at);
      grew = true;
      if (path.length > SHOWN_POINTS) path.shift();
      this.#paths.set(vehicle, path);
    }
    this.#stale ||= grew;
    if (this.#stale && performance.now() - this.#drawnMs > REDRAW_MS) this.redraw(palette);
  }

  redraw(palette: Palette): void {
    this.#drawnMs = performance.now();
    this.#stale = false;
    const far = colour(palette.contour);
    const near = colour(palette.vehicle.work);
    this.#batch.clear();
    for (const path of this.#paths.values()) {
      for (let i = 1; i < path.length; i += 1) {
        const [from, to] = [path[i - 1], path[i]];
        if (from === undefined || to === undefined || from.distanceTo(to) > GAP_M) continue;
        const tint = far.clone().lerp(near, 0.75 * (i / path.length) ** 2);
        this.#batch.segment(from, to, tint);
      }
    }
    this.#batch.commit();
  }

  resize(widthPx: number, heightPx: number): void {
    this.#batch.resize(widthPx, heightPx);
  }

  dispose(): void {
    this.#batch.dispose();
  }
}
