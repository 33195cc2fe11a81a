/**
 * Things that move between frames without the processor: their last place, velocity and the moment
 * of both go to the graphics card once a frame from the server, and the shaders carry them on. The
 * formula is `FleetTable.placeAt`'s.
 *
 * Layout of a vertex or instance, `MOTION_FLOATS` floats: place (3) and its moment in seconds;
 * velocity east and south, course, mark; slip (3) and the longest coast in seconds.
 */
import type { Color } from "three";
import {
  BufferGeometry,
  DynamicDrawUsage,
  InterleavedBuffer,
  InterleavedBufferAttribute,
  LineSegments,
  ShaderMaterial,
  type IUniform,
} from "three";
import { MOTION_FLOATS, SLIP_MS } from "../fleet-table.ts";

export const MOTION_GLSL: string = /* glsl */ `
  attribute vec4 placed;
  attribute vec4 course;
  attribute vec4 slip;
  uniform float nowS, pace;
  vec3 movedPlace() {
    float sinceS = max(0.0, nowS - placed.w);
    float coastS = min(sinceS * pace, slip.w);
    float left = max(0.0, 1.0 - sinceS * ${(1000 / SLIP_MS).toFixed(4)});
    vec3 gone = vec3(course.x * coastS, 0.0, course.y * coastS);
    return placed.xyz + gone + slip.xyz * left;
  }
`;

/** One clock for all that moves: change the values, not the object. */
export interface Clock {
  readonly nowS: IUniform<number>;
  readonly pace: IUniform<number>;
}

export function newClock(): Clock {
  return { nowS: { value: 0 }, pace: { value: 0 } };
}

/** Names the parts of an interleaved buffer as the shaders know them. */
export function bindMotion(geometry: BufferGeometry, buffer: InterleavedBuffer): void {
  geometry.setAttribute("placed", new InterleavedBufferAttribute(buffer, 4, 0));
  geometry.setAttribute("course", new InterleavedBufferAttribute(buffer, 4, 4));
  geometry.setAttribute("slip", new InterleavedBufferAttribute(buffer, 4, 8));
}

const LINE_FLOATS = MOTION_FLOATS + 4;

/** Lines whose ends each move by themselves, one pixel wide: drop lines and links. */
export class MovingLines {
  readonly object: LineSegments<BufferGeometry, ShaderMaterial>;
  readonly #floats: Float32Array;
  readonly #buffer: InterleavedBuffer;
  readonly #segmentsMax: number;
  #vertices = 0;

  constructor(options: { readonly segmentsMax: number; readonly clock: Clock }) {
    this.#segmentsMax = options.segmentsMax;
    this.#floats = new Float32Array(options.segmentsMax * 2 * LINE_FLOATS);
    this.#buffer = new InterleavedBuffer(this.#floats, LINE_FLOATS);
    this.#buffer.setUsage(DynamicDrawUsage);
    const geometry = new BufferGeometry();
    bindMotion(geometry, this.#buffer);
    geometry.setAttribute("tint", new InterleavedBufferAttribute(this.#buffer, 4, MOTION_FLOATS));
    geometry.setDrawRange(0, 0);
    const material = new ShaderMaterial({
      vertexShader: /* glsl */ `
        ${MOTION_GLSL}
        attribute vec4 tint;
        varying vec4 vTint;
        void main() {
          vTint = tint;
          gl_Position = projectionMatrix * modelViewMatrix * vec4(movedPlace(), 1.0);
        }
      `,
      fragmentShader: /* glsl */ `
        varying vec4 vTint;
        void main() {
          gl_FragColor = vTint;
          #include <colorspace_fragment>
        }
      `,
      uniforms: { ...options.clock },
      transparent: true,
      depthTest: false,
    });
    this.object = new LineSegments(geometry, material);
    this.object.frustumCulled = false;
  }

  begin(): void {
    this.#vertices = 0;
  }

  /** Each end writes its motion; false when there is no room for more. */
  segment(
    ends: readonly [(into: MotionSink) => void, (into: MotionSink) => void],
    tint: Color,
    opacity: number,
  ): boolean {
    if (this.#vertices + 2 > this.#segmentsMax * 2) return false;
    for (const write of ends) {
      const at = this.#vertices * LINE_FLOATS;
      write({ floats: this.#floats, at });
      this.#floats[at + MOTION_FLOATS] = tint.r;
      this.#floats[at + MOTION_FLOATS + 1] = tint.g;
      this.#floats[at + MOTION_FLOATS + 2] = tint.b;
      this.#floats[at + MOTION_FLOATS + 3] = opacity;
      this.#vertices += 1;
    }
    return true;
  }

  /** Hands what was written to the graphics card. */
  end(): void {
    this.object.visible = this.#vertices > 0;
    this.object.geometry.setDrawRange(0, this.#vertices);
    if (this.#vertices === 0) return;
    this.#buffer.clearUpdateRanges();
    this.#buffer.addUpdateRange(0, this.#vertices * LINE_FLOATS);
    this.#buffer.needsUpdate = true;
  }

  dispose(): void {
    this.object.geometry.dispose();
    this.object.material.dispose();
  }
}

export interface MotionSink {
  readonly floats: Float32Array;
  readonly at: number;
}
