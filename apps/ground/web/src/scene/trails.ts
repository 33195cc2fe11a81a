/** Where each vehicle has been: a fading line of its last `SHOWN_POINTS` places. */
import type { Scene, Vector3 } from "three";
import type { GroundTracks } from "../../../report/view.ts";
import type { Frame } from "../frame.ts";
import type { Heights } from "./heights.ts";
import { colour, LineBatch } from "./lines.ts";
import type { Palette } from "./palette.ts";

const SHOWN_POINTS = 300;
/** A new place is kept once the vehicle has moved this far. */
const STEP_M = 25;
/** Further apart than this two places are not joined: the vehicle was not heard in between. */
const GAP_M = 900;
const REDRAW_MS = 500;

export class Trails {
  readonly #heights: Heights;
  readonly #batch = new LineBatch({ widthPx: 1.6, opacity: 0.6 });
  readonly #paths = new Map<number, Vector3[]>();
  #drawnMs = 0;

  constructor(heights: Heights, scene: Scene) {
    this.#heights = heights;
    scene.add(this.#batch.object);
  }

  /** The server's memory replaces the page's own. */
  start(tracks: GroundTracks, palette: Palette): void {
    this.#paths.clear();
    for (const { vehicle, points } of tracks.tracks) {
      const path: Vector3[] = [];
      for (let i = Math.max(0, points.length - 3 * SHOWN_POINTS); i + 2 < points.length; i += 3) {
        path.push(this.#heights.place(points[i] ?? 0, points[i + 1] ?? 0, points[i + 2] ?? 0));
      }
      this.#paths.set(vehicle, path);
    }
    this.redraw(palette);
  }

  grow(frame: Frame, palette: Palette): void {
    for (const vehicle of frame.vehicles) {
      const path = this.#paths.get(vehicle.index) ?? [];
      const at = this.#heights.place(vehicle.northM, vehicle.eastM, vehicle.altitudeAmslM);
      const last = path.at(-1);
      if (last !== undefined && last.distanceTo(at) < STEP_M) continue;
      path.push(at);
      if (path.length > SHOWN_POINTS) path.shift();
      this.#paths.set(vehicle.index, path);
    }
    if (performance.now() - this.#drawnMs > REDRAW_MS) this.redraw(palette);
  }

  redraw(palette: Palette): void {
    this.#drawnMs = performance.now();
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
