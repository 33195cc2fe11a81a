/**
 * The ground: a mesh with relief shading and contours, and the probability map draped over it as a
 * texture that fades over a second when the map changes, so that the eye sees ground being
 * cleared.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DataTexture,
  LinearFilter,
  Mesh,
  RedFormat,
  ShaderMaterial,
  Vector4,
} from "three";
import type { GroundMap } from "../../../report/view.ts";
import { fromBase64, type Heights } from "./heights.ts";
import type { Palette } from "./palette.ts";

const FADE_MS = 900;
const CONTOUR_M = 20;
const COARSE_STRIDE = 2;

const VERTEX = /* glsl */ `
  attribute float heightM;
  varying vec3 vNormal3;
  varying vec2 vPlane;
  varying vec2 vPatch;
  varying float vHeight;
  uniform vec4 patchBox;
  void main() {
    vNormal3 = normal;
    vPlane = vec2(position.x, -position.z);
    vPatch = (vPlane - patchBox.xy) / patchBox.zw;
    vHeight = heightM;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  }
`;

const FRAGMENT = /* glsl */ `
  varying vec3 vNormal3;
  varying vec2 vPlane;
  varying vec2 vPatch;
  varying float vHeight;
  uniform sampler2D density;
  uniform vec4 mapBox;
  uniform vec2 heightRange;
  uniform float contourM;
  uniform vec3 background, groundLow, groundHigh, contour, low, middle, high;

  float contourLine(float every, float width) {
    float line = vHeight / every;
    float nearness = abs(fract(line - 0.5) - 0.5) / max(fwidth(line), 1e-4);
    return 1.0 - min(nearness / width, 1.0);
  }

  void main() {
    vec3 sun = normalize(vec3(-0.6, 0.7, -0.5));
    float shade = 0.45 + 0.75 * max(dot(normalize(vNormal3), sun), 0.0);
    float rise = clamp((vHeight - heightRange.x) / (heightRange.y - heightRange.x), 0.0, 1.0);
    vec3 ground = mix(groundLow, groundHigh, rise) * shade;
    ground = mix(ground, contour, 0.16 * contourLine(contourM, 1.0));
    ground = mix(ground, contour, 0.3 * contourLine(contourM * 5.0, 1.2));
    vec2 at = (vPlane - mapBox.xy) / mapBox.zw;
    vec2 inside = step(vec2(0.0), at) * step(at, vec2(1.0));
    float likely = pow(texture2D(density, at).r, 0.7) * inside.x * inside.y;
    vec3 warm = likely < 0.5
      ? mix(low, middle, likely * 2.0)
      : mix(middle, high, likely * 2.0 - 1.0);
    vec3 colour = mix(ground, warm * (0.6 + 0.4 * shade), 0.78 * smoothstep(0.04, 0.5, likely));
    vec2 border = smoothstep(vec2(0.0), vec2(0.09), vPatch)
      * smoothstep(vec2(0.0), vec2(0.09), 1.0 - vPatch);
    gl_FragColor = vec4(mix(background, colour, border.x * border.y), 1.0);
    #include <colorspace_fragment>
  }
`;

export class Terrain {
  readonly mesh: Mesh<BufferGeometry, ShaderMaterial>;
  readonly #material: ShaderMaterial;
  #density = emptyTexture();
  #from: Float32Array = new Float32Array(1);
  #to: Float32Array = new Float32Array(1);
  #fadeStartMs = 0;
  #fading = false;

  /** `coarse` for software, which draws each triangle by hand. */
  constructor(heights: Heights, palette: Palette, coarse: boolean) {
    const { terrain, values } = heights;
    let lowest = Infinity;
    let highest = -Infinity;
    for (const value of values) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    const { southM, westM, rows, cols, cellNorthM, cellEastM } = terrain;
    this.#material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      // Pushes the ground back a little, so that lines on it are not eaten by it.
      polygonOffset: true,
      polygonOffsetFactor: 1,
      polygonOffsetUnits: 4,
      uniforms: {
        density: { value: this.#density },
        mapBox: { value: new Vector4(0, 0, 1, 1) },
        patchBox: {
          value: new Vector4(westM, southM, (cols - 1) * cellEastM, (rows - 1) * cellNorthM),
        },
        heightRange: { value: [lowest, Math.max(lowest + 1, highest)] },
        contourM: { value: CONTOUR_M },
        ...coloursOf(palette),
      },
    });
    this.mesh = new Mesh(patchGeometry(heights, coarse ? COARSE_STRIDE : 1), this.#material);
  }

  setPalette(palette: Palette): void {
    for (const [name, uniform] of Object.entries(coloursOf(palette))) {
      const known = this.#material.uniforms[name];
      if (known !== undefined) known.value = uniform.value;
    }
  }

  setMap(map: GroundMap, nowMs: number, fade: boolean): void {
    const { rows, cols, southM, westM, cellNorthM, cellEastM } = map.grid;
    const bytes = fromBase64(map.densityBase64);
    if (this.#to.length !== rows * cols) {
      this.#density.dispose();
      this.#density = new DataTexture(new Uint8Array(rows * cols), cols, rows, RedFormat);
      this.#density.magFilter = LinearFilter;
      this.#density.minFilter = LinearFilter;
      this.#density.unpackAlignment = 1;
      this.#from = Float32Array.from(bytes);
      this.#set("density", this.#density);
    } else this.#from = this.#mixed(nowMs);
    this.#to = Float32Array.from(bytes);
    const half = { north: cellNorthM / 2, east: cellEastM / 2 };
    // Grid points are cell centres: the texture reaches half a cell beyond the outer ones.
    this.#set(
      "mapBox",
      new Vector4(westM - half.east, southM - half.north, cols * cellEastM, rows * cellNorthM),
    );
    this.#fadeStartMs = fade ? nowMs : nowMs - FADE_MS;
    this.#fading = true;
  }

  /** Goes on fading; true while there is more to draw. */
  animate(nowMs: number): boolean {
    if (!this.#fading) return false;
    const mixed = this.#mixed(nowMs);
    const { data } = this.#density.image as unknown as { data: Uint8Array };
    for (let i = 0; i < data.length; i += 1) data[i] = mixed[i] ?? 0;
    this.#density.needsUpdate = true;
    this.#fading = nowMs - this.#fadeStartMs < FADE_MS;
    return true;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.#material.dispose();
    this.#density.dispose();
  }

  #mixed(nowMs: number): Float32Array {
    const share = Math.max(0, Math.min(1, (nowMs - this.#fadeStartMs) / FADE_MS));
    return this.#to.map((to, i) => (this.#from[i] ?? to) * (1 - share) + to * share);
  }

  #set(name: string, value: unknown): void {
    const uniform = this.#material.uniforms[name];
    if (uniform !== undefined) uniform.value = value;
  }
}

function coloursOf(palette: Palette): Record<string, { value: Color }> {
  const [low, middle, high] = palette.density;
  const of = (value: number): { value: Color } => ({ value: new Color(value) });
  return {
    background: of(palette.background),
    groundLow: of(palette.groundLow),
    groundHigh: of(palette.groundHigh),
    contour: of(palette.contour),
    low: of(low),
    middle: of(middle),
    high: of(high),
  };
}

function emptyTexture(): DataTexture {
  const texture = new DataTexture(new Uint8Array(4), 1, 1);
  texture.needsUpdate = true;
  return texture;
}

/** One vertex in `stride` samples along each side. */
function patchGeometry({ terrain, values, place }: Heights, stride: number): BufferGeometry {
  const { southM, westM, cellNorthM, cellEastM } = terrain;
  const rows = Math.floor((terrain.rows - 1) / stride) + 1;
  const cols = Math.floor((terrain.cols - 1) / stride) + 1;
  const positions = new Float32Array(rows * cols * 3);
  const heightsM = new Float32Array(rows * cols);
  const indices = new Uint32Array((rows - 1) * (cols - 1) * 6);
  let k = 0;
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < cols; c += 1) {
      const i = r * cols + c;
      const heightM = values[r * stride * terrain.cols + c * stride] ?? 0;
      const northM = southM + r * stride * cellNorthM;
      place(northM, westM + c * stride * cellEastM, heightM).toArray(positions, i * 3);
      heightsM[i] = heightM;
      if (r + 1 === rows || c + 1 === cols) continue;
      indices.set([i, i + 1, i + cols, i + 1, i + cols + 1, i + cols], k);
      k += 6;
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  geometry.setAttribute("heightM", new BufferAttribute(heightsM, 1));
  geometry.setIndex(new BufferAttribute(indices, 1));
  geometry.computeVertexNormals();
  return geometry;
}
