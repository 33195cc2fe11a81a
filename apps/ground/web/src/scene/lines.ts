/** Lines of a width in pixels, on the ground or in the air, each batch one draw call. */
import { Color, type Vector3 } from "three";
import { LineMaterial } from "three/examples/jsm/lines/LineMaterial.js";
import { LineSegments2 } from "three/examples/jsm/lines/LineSegments2.js";
import { LineSegmentsGeometry } from "three/examples/jsm/lines/LineSegmentsGeometry.js";
import type { PlanePoint } from "../../../report/view.ts";
import type { Heights } from "./heights.ts";

/** A line on the ground bends with it at least this often. */
const DRAPE_STEP_M = 60;

export class LineBatch {
  readonly object: LineSegments2;
  readonly #material: LineMaterial;
  #positions: number[] = [];
  #colours: number[] = [];

  constructor(options: {
    readonly widthPx: number;
    readonly opacity?: number;
    readonly dashM?: number;
    /** Nothing hides it. */
    readonly overAll?: boolean;
  }) {
    this.#material = new LineMaterial({
      linewidth: options.widthPx,
      vertexColors: true,
      transparent: true,
      opacity: options.opacity ?? 1,
      depthWrite: false,
      depthTest: options.overAll !== true,
      dashed: options.dashM !== undefined,
      dashSize: options.dashM ?? 1,
      gapSize: options.dashM ?? 1,
    });
    this.object = new LineSegments2(new LineSegmentsGeometry(), this.#material);
    this.object.frustumCulled = false;
    this.object.visible = false;
  }

  clear(): this {
    this.#positions = [];
    this.#colours = [];
    return this;
  }

  segment(from: Vector3, to: Vector3, colour: Color, colourTo: Color = colour): void {
    this.#positions.push(from.x, from.y, from.z, to.x, to.y, to.z);
    this.#colours.push(colour.r, colour.g, colour.b, colourTo.r, colourTo.g, colourTo.b);
  }

  path(points: readonly Vector3[], colour: Color): void {
    for (let i = 1; i < points.length; i += 1) {
      const [from, to] = [points[i - 1], points[i]];
      if (from !== undefined && to !== undefined) this.segment(from, to, colour);
    }
  }

  /** Hands what was gathered to the graphics card. */
  commit(): void {
    this.object.visible = this.#positions.length > 0;
    if (!this.object.visible) return;
    this.object.geometry.dispose();
    const geometry = new LineSegmentsGeometry();
    geometry.setPositions(this.#positions);
    geometry.setColors(this.#colours);
    this.object.geometry = geometry;
    if (this.#material.dashed) this.object.computeLineDistances();
  }

  resize(widthPx: number, heightPx: number): void {
    this.#material.resolution.set(widthPx, heightPx);
  }

  dispose(): void {
    this.object.geometry.dispose();
    this.#material.dispose();
  }
}

/** A path on the ground, with a point wherever the ground may bend. */
export function draped(
  heights: Heights,
  points: readonly PlanePoint[],
  options: { readonly liftM: number; readonly closed: boolean },
): Vector3[] {
  const first = points[0];
  if (first === undefined) return [];
  const path = options.closed ? [...points, first] : points;
  const out = [heights.drape(first, options.liftM)];
  for (let i = 1; i < path.length; i += 1) {
    const [from, to] = [path[i - 1], path[i]];
    if (from === undefined || to === undefined) continue;
    const lengthM = Math.hypot(to.northM - from.northM, to.eastM - from.eastM);
    const steps = Math.max(1, Math.ceil(lengthM / DRAPE_STEP_M));
    for (let k = 1; k <= steps; k += 1) {
      const share = k / steps;
      const point = {
        northM: from.northM + (to.northM - from.northM) * share,
        eastM: from.eastM + (to.eastM - from.eastM) * share,
      };
      out.push(heights.drape(point, options.liftM));
    }
  }
  return out;
}

/** A circle on the ground as plane points. */
export function circle(centre: PlanePoint, radiusM: number): PlanePoint[] {
  return Array.from({ length: 32 }, (_, i) => {
    const angle = (i * Math.PI) / 16;
    return {
      northM: centre.northM + radiusM * Math.cos(angle),
      eastM: centre.eastM + radiusM * Math.sin(angle),
    };
  });
}

const colours = new Map<number, Color>();

export function colour(value: number): Color {
  const known = colours.get(value) ?? new Color(value);
  colours.set(value, known);
  return known;
}
