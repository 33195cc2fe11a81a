/**
 * The vehicles. All are points in one buffer; those that are near enough to show a course are
 * darts besides, at most `NEAR_MAX` of them as instances, and their points rest. Both are carried
 * on by the shaders (`moving.ts`), so that drawing ten thousand costs the processor nothing between
 * two frames of the server.
 *
 * Picking draws the same points into a few pixels around the pointer, each in the colour of its
 * slot, and reads back the one nearest to the middle: no search over the fleet.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DoubleSide,
  DynamicDrawUsage,
  InstancedBufferGeometry,
  InstancedInterleavedBuffer,
  InterleavedBuffer,
  Matrix4,
  Mesh,
  NoBlending,
  Points,
  Scene,
  ShaderMaterial,
  Vector4,
  WebGLRenderTarget,
  type PerspectiveCamera,
  type WebGLRenderer,
} from "three";
import { MOTION_FLOATS, type FleetTable, type Place } from "../fleet-table.ts";
import { HEIGHT_SCALE } from "./heights.ts";
import { bindMotion, MOTION_GLSL, newClock, type Clock } from "./moving.ts";
import { vehicleTone, type Palette } from "./palette.ts";

export const NEAR_MAX = 500;
/** Darts are at least this tall on the screen. */
const DART_PX = 11;
/** Where a pixel spans more than this, darts of a crowd would only cover each other. */
const CROWD_PIXEL_M = 1.6;
const TONES = ["work", "way", "ground", "warn", "lost"] as const;
const RANGES_MAX = 8;
const MARK_SELECTED = 8;
const MARK_HAND = 16;
const MARK_NEAR = 32;
/** A finger's width around the pointer. */
const PICK_PX = 21;

const MARK_GLSL = /* glsl */ `
  bool marked(float mark, float bit) { return mod(floor(mark / bit + 0.01), 2.0) > 0.5; }
`;

const POINT_VERTEX = /* glsl */ `
  ${MOTION_GLSL}
  ${MARK_GLSL}
  uniform vec3 tones[5];
  uniform vec3 chosen, behind;
  uniform float dpr, standsOut;
  varying vec3 vTint;
  varying float vDiamond;
  void main() {
    float mark = course.w;
    float tone = mod(mark, 8.0);
    bool selected = marked(mark, 8.0);
    bool lost = tone > 3.5;
    bool hand = marked(mark, 16.0) || lost;
    vTint = tones[int((hand && !lost ? 3.0 : tone) + 0.01)];
    // The crowd is dimmed, not blended: that would cost each of its pixels twice.
    if (standsOut < 0.5) vTint = mix(behind, vTint, 0.6);
    if (selected) vTint = chosen;
    vDiamond = hand ? 1.0 : 0.0;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(movedPlace(), 1.0);
    gl_PointSize = dpr * (hand ? 11.0 : selected ? 6.0 : 3.0);
    // Drawn in the other pass, or as a dart, or not placed yet: outside of everything.
    bool out_ = (hand || selected) != (standsOut > 0.5);
    if (out_ || marked(mark, 32.0) || placed.w <= 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  }
`;

const POINT_FRAGMENT = /* glsl */ `
  uniform vec3 rim;
  varying vec3 vTint;
  varying float vDiamond;
  void main() {
    vec2 from = abs(gl_PointCoord - 0.5);
    float edge = from.x + from.y;
    if (vDiamond > 0.5 && edge > 0.5) discard;
    gl_FragColor = vec4(vDiamond > 0.5 && edge > 0.34 ? rim : vTint, 1.0);
    #include <colorspace_fragment>
  }
`;

const PICK_VERTEX = /* glsl */ `
  ${MOTION_GLSL}
  attribute float slotName;
  uniform float pickPx;
  varying vec3 vName;
  void main() {
    // One more than the slot: nothing is black.
    float name = slotName + 1.0;
    vName = vec3(mod(name, 256.0), floor(mod(name / 256.0, 256.0)), floor(name / 65536.0)) / 255.0;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(movedPlace(), 1.0);
    gl_PointSize = pickPx;
    if (placed.w <= 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  }
`;

const PICK_FRAGMENT = /* glsl */ `
  varying vec3 vName;
  void main() { gl_FragColor = vec4(vName, 1.0); }
`;

const DART_VERTEX = /* glsl */ `
  ${MOTION_GLSL}
  ${MARK_GLSL}
  uniform vec3 tones[5];
  uniform vec3 rim;
  uniform float rimmed, dartPixels;
  attribute vec2 inside;
  varying vec3 vTint;
  varying vec2 vInside;
  void main() {
    vInside = inside;
    vTint = rimmed > 0.5 ? rim : tones[int(mod(course.w, 8.0) + 0.01)];
    vec3 at = movedPlace();
    vec4 seen = projectionMatrix * modelViewMatrix * vec4(at, 1.0);
    float turnC = cos(course.z);
    float turnS = sin(course.z);
    vec3 turned = vec3(
      turnC * position.x - turnS * position.z, 0.0, turnS * position.x + turnC * position.z);
    vec3 corner = at + turned * dartPixels * seen.w;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(corner, 1.0);
  }
`;

/** Its edges are smoothed here, because the canvas is not. */
const DART_FRAGMENT = /* glsl */ `
  varying vec3 vTint;
  varying vec2 vInside;
  void main() {
    vec2 pixels = vInside / max(fwidth(vInside), vec2(1e-5));
    gl_FragColor = vec4(vTint, clamp(min(pixels.x, pixels.y), 0.0, 1.0));
    #include <colorspace_fragment>
  }
`;

/** What the scene wants to know of vehicles in view. */
export interface InView {
  /** Slots shown as darts, nearest first. */
  readonly near: readonly number[];
  readonly count: number;
}

export class Fleet {
  readonly clock: Clock = newClock();
  readonly #table: FleetTable;
  readonly #zeroM: number;
  /** The crowd, and over it whoever is selected, lost or needs a hand. */
  readonly #points: Points<BufferGeometry, ShaderMaterial>;
  readonly #marked: Points<BufferGeometry, ShaderMaterial>;
  readonly #darts: Mesh<InstancedBufferGeometry, ShaderMaterial>;
  readonly #rims: Mesh<InstancedBufferGeometry, ShaderMaterial>;
  readonly #pickScene = new Scene();
  readonly #pickPoints: Points<BufferGeometry, ShaderMaterial>;
  readonly #pickTarget = new WebGLRenderTarget(PICK_PX, PICK_PX);
  readonly #pickPixels = new Uint8Array(PICK_PX * PICK_PX * 4);
  readonly #dartFloats = new Float32Array(NEAR_MAX * MOTION_FLOATS);
  readonly #dartBuffer: InstancedInterleavedBuffer;
  #floats = new Float32Array(0);
  #buffer = new InterleavedBuffer(this.#floats, MOTION_FLOATS);
  #near: number[] = [];
  #isNear = new Uint8Array(0);
  #distances = new Float32Array(0);
  #chosen: ReadonlySet<number> = new Set();
  readonly #place: Place = { northM: 0, eastM: 0, altitudeM: 0 };

  constructor(table: FleetTable, zeroM: number, scene: Scene) {
    this.#table = table;
    this.#zeroM = zeroM;
    const colours = {
      tones: { value: TONES.map(() => new Color()) },
      chosen: { value: new Color() },
      rim: { value: new Color() },
      behind: { value: new Color() },
    };
    const shared = { ...this.clock, ...colours, dartPixels: { value: 0 } };
    const dpr = { value: 1 };
    this.#points = crowd({ ...shared, dpr, standsOut: { value: 0 } });
    this.#marked = crowd({ ...shared, dpr, standsOut: { value: 1 } });
    this.#pickPoints = unculled(
      new Points(
        new BufferGeometry(),
        new ShaderMaterial({
          vertexShader: PICK_VERTEX,
          fragmentShader: PICK_FRAGMENT,
          uniforms: { ...this.clock, pickPx: { value: 9 } },
          depthTest: false,
          blending: NoBlending,
        }),
      ),
    );
    this.#pickScene.add(this.#pickPoints);
    this.#dartBuffer = new InstancedInterleavedBuffer(this.#dartFloats, MOTION_FLOATS);
    this.#dartBuffer.setUsage(DynamicDrawUsage);
    this.#rims = this.#dartMesh(1.5, { ...shared, rimmed: { value: 1 } });
    this.#darts = this.#dartMesh(1, { ...shared, rimmed: { value: 0 } });
    this.#points.renderOrder = 0;
    this.#marked.renderOrder = 1;
    this.#rims.renderOrder = 2;
    this.#darts.renderOrder = 3;
    scene.add(this.#points, this.#marked, this.#rims, this.#darts);
    this.#makeRoom();
  }

  /** A frame has come: the slots that it wrote go to the graphics card. */
  push(): void {
    if (this.#isNear.length < this.#table.capacity) this.#makeRoom();
    const [from, to] = this.#table.touched;
    this.#write(from, to);
    this.#writeDarts();
  }

  setChosen(indices: ReadonlySet<number>): void {
    this.#chosen = indices;
    this.#write(0, this.#table.count);
    this.#writeDarts();
  }

  setPalette(palette: Palette): void {
    const { tones, chosen, rim, behind } = this.#points.material.uniforms;
    TONES.forEach((tone, i) => (tones?.value as Color[])[i]?.set(palette.vehicle[tone]));
    (chosen?.value as Color).set(palette.chosen);
    (rim?.value as Color).set(palette.outline);
    (behind?.value as Color).set(palette.background);
  }

  /** Before each drawing. */
  tick(nowMs: number, camera: PerspectiveCamera, heightPx: number, dpr: number): void {
    this.clock.nowS.value = nowMs / 1000;
    this.clock.pace.value = this.#table.pace;
    const pixel = (2 * Math.tan((camera.fov * Math.PI) / 360)) / Math.max(1, heightPx);
    const { dartPixels, dpr: ratio } = this.#points.material.uniforms;
    if (dartPixels !== undefined) dartPixels.value = DART_PX * pixel;
    if (ratio !== undefined) ratio.value = dpr;
  }

  /**
   * Chooses anew which vehicles are near enough for darts: all in view when they are few, else the
   * nearest where they do not cover each other.
   */
  choose(camera: PerspectiveCamera, heightPx: number, nowMs: number): InView {
    const clip = new Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    const point = new Vector4();
    const inView: number[] = [];
    for (let slot = 0; slot < this.#table.count; slot += 1) {
      if (!this.#table.placedAt(slot)) continue;
      const { northM, eastM, altitudeM } = this.#table.placeAt(slot, nowMs, this.#place);
      point.set(eastM, (altitudeM - this.#zeroM) * HEIGHT_SCALE, -northM, 1).applyMatrix4(clip);
      const within = point.w > 0 && Math.abs(point.x) < point.w && Math.abs(point.y) < point.w;
      if (!within) continue;
      this.#distances[slot] = point.w;
      inView.push(slot);
    }
    const pixel = (2 * Math.tan((camera.fov * Math.PI) / 360)) / Math.max(1, heightPx);
    const crowded = inView.length > NEAR_MAX;
    const farM = crowded ? CROWD_PIXEL_M / pixel : Infinity;
    const near = inView
      .filter((slot) => (this.#distances[slot] ?? 0) <= farM)
      .sort((a, b) => (this.#distances[a] ?? 0) - (this.#distances[b] ?? 0) || a - b)
      .slice(0, NEAR_MAX);
    this.#setNear(near);
    return { near, count: inView.length };
  }

  /** The vehicle under a point of the canvas, in its own pixels; undefined for none. */
  pick(
    renderer: WebGLRenderer,
    camera: PerspectiveCamera,
    at: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  ): number | undefined {
    const half = Math.floor(PICK_PX / 2);
    const [x, y] = [Math.floor(at.x) - half, Math.floor(at.y) - half];
    camera.setViewOffset(at.width, at.height, x, y, PICK_PX, PICK_PX);
    const before = renderer.getRenderTarget();
    const cleared = renderer.getClearColor(new Color());
    const alpha = renderer.getClearAlpha();
    renderer.setRenderTarget(this.#pickTarget);
    renderer.setClearColor(0x000000, 0);
    renderer.clear();
    renderer.render(this.#pickScene, camera);
    renderer.readRenderTargetPixels(this.#pickTarget, 0, 0, PICK_PX, PICK_PX, this.#pickPixels);
    renderer.setRenderTarget(before);
    renderer.setClearColor(cleared, alpha);
    camera.clearViewOffset();
    const slot = this.#nearestPicked(half);
    return slot === undefined ? undefined : this.#table.idAt(slot);
  }

  dispose(): void {
    for (const mesh of [this.#darts, this.#rims, ...this.#clouds()]) {
      mesh.geometry.dispose();
      mesh.material.dispose();
    }
    this.#pickTarget.dispose();
  }

  #nearestPicked(middle: number): number | undefined {
    let best: number | undefined;
    let bestAway = Infinity;
    for (let i = 0; i < PICK_PX * PICK_PX; i += 1) {
      const [r = 0, g = 0, b = 0] = this.#pickPixels.subarray(i * 4, i * 4 + 3);
      const name = r + 256 * g + 65_536 * b;
      const away = Math.hypot((i % PICK_PX) - middle, Math.floor(i / PICK_PX) - middle);
      if (name === 0 || away >= bestAway) continue;
      best = name - 1;
      bestAway = away;
    }
    return best;
  }

  #clouds(): Points<BufferGeometry, ShaderMaterial>[] {
    return [this.#points, this.#marked, this.#pickPoints];
  }

  #makeRoom(): void {
    const { capacity } = this.#table;
    this.#floats = new Float32Array(capacity * MOTION_FLOATS);
    this.#buffer = new InterleavedBuffer(this.#floats, MOTION_FLOATS);
    this.#buffer.setUsage(DynamicDrawUsage);
    this.#distances = new Float32Array(capacity);
    const near = new Uint8Array(capacity);
    near.set(this.#isNear.subarray(0, Math.min(capacity, this.#isNear.length)));
    this.#isNear = near;
    const names = Float32Array.from({ length: capacity }, (_, slot) => slot);
    for (const points of this.#clouds()) {
      points.geometry.dispose();
      points.geometry = new BufferGeometry();
      bindMotion(points.geometry, this.#buffer);
      points.geometry.setAttribute("slotName", new BufferAttribute(names, 1));
    }
    this.#write(0, this.#table.count);
  }

  #markAt(slot: number): number {
    const tone = TONES.indexOf(vehicleTone(this.#table.statusAt(slot)));
    return (
      tone +
      (this.#chosen.has(this.#table.idAt(slot)) ? MARK_SELECTED : 0) +
      (this.#table.needsHandAt(slot) ? MARK_HAND : 0) +
      (this.#isNear[slot] === 1 ? MARK_NEAR : 0)
    );
  }

  #writeSlot(slot: number, floats: Float32Array, at: number): void {
    const sink = { floats, at: at * MOTION_FLOATS };
    const mark = this.#markAt(slot);
    this.#table.writeMotion(slot, sink, { zeroM: this.#zeroM, heightScale: HEIGHT_SCALE, mark });
  }

  #write(from: number, to: number): void {
    const { count } = this.#table;
    for (let slot = from; slot < to; slot += 1) this.#writeSlot(slot, this.#floats, slot);
    for (const points of this.#clouds()) {
      points.geometry.setDrawRange(0, count);
      points.visible = count > 0;
    }
    this.#upload(from, to);
  }

  /** A page that is not drawn gathers ranges: they become one. */
  #upload(from: number, to: number): void {
    if (to <= from) return;
    const many = this.#buffer.updateRanges.length >= RANGES_MAX;
    if (many) this.#buffer.clearUpdateRanges();
    const [first, last] = many ? [0, this.#table.count] : [from, to];
    this.#buffer.addUpdateRange(first * MOTION_FLOATS, (last - first) * MOTION_FLOATS);
    this.#buffer.needsUpdate = true;
  }

  #setNear(near: number[]): void {
    for (const slot of this.#near) this.#isNear[slot] = 0;
    for (const slot of near) this.#isNear[slot] = 1;
    // Whoever came or went has its point woken or put to rest.
    for (const slot of [...this.#near, ...near]) {
      this.#floats[slot * MOTION_FLOATS + 7] = this.#markAt(slot);
    }
    const touched = [...this.#near, ...near];
    const from = touched.reduce((least, slot) => Math.min(least, slot), Infinity);
    const to = touched.reduce((most, slot) => Math.max(most, slot + 1), 0);
    this.#upload(from, to);
    this.#near = near;
    this.#writeDarts();
  }

  #writeDarts(): void {
    this.#near.forEach((slot, i) => this.#writeSlot(slot, this.#dartFloats, i));
    for (const mesh of [this.#darts, this.#rims]) {
      mesh.geometry.instanceCount = this.#near.length;
      mesh.visible = this.#near.length > 0;
    }
    if (this.#near.length === 0) return;
    this.#dartBuffer.clearUpdateRanges();
    this.#dartBuffer.addUpdateRange(0, this.#near.length * MOTION_FLOATS);
    this.#dartBuffer.needsUpdate = true;
  }

  #dartMesh(
    grow: number,
    uniforms: ShaderMaterial["uniforms"],
  ): Mesh<InstancedBufferGeometry, ShaderMaterial> {
    const geometry = new InstancedBufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(dartCorners(grow), 3));
    geometry.setAttribute("inside", new BufferAttribute(dartEdges(), 2));
    bindMotion(geometry, this.#dartBuffer);
    geometry.instanceCount = 0;
    const material = new ShaderMaterial({
      vertexShader: DART_VERTEX,
      fragmentShader: DART_FRAGMENT,
      uniforms,
      side: DoubleSide,
      depthTest: false,
      transparent: true,
    });
    return unculled(new Mesh(geometry, material));
  }
}

function crowd(uniforms: ShaderMaterial["uniforms"]): Points<BufferGeometry, ShaderMaterial> {
  const material = new ShaderMaterial({
    vertexShader: POINT_VERTEX,
    fragmentShader: POINT_FRAGMENT,
    uniforms,
    depthTest: false,
    depthWrite: false,
  });
  return unculled(new Points(new BufferGeometry(), material));
}

function unculled<T extends { frustumCulled: boolean }>(object: T): T {
  object.frustumCulled = false;
  return object;
}

/** A flat arrow that points north, about two units long; `grow` makes the dark rim under it. */
function dartCorners(grow: number): Float32Array {
  const corner = (x: number, z: number): number[] => [x * grow, 0, (z + 0.1) * grow - 0.1];
  return new Float32Array([
    ...corner(0, -1.1),
    ...corner(-0.75, 0.85),
    ...corner(0, 0.4),
    ...corner(0, -1.1),
    ...corner(0, 0.4),
    ...corner(0.75, 0.85),
  ]);
}

/** Of each corner of the two halves: how far in from the outer edge before and behind the wing. */
function dartEdges(): Float32Array {
  const [nose, notch, wing] = [
    [0, 1],
    [1, 0],
    [0, 0],
  ] as const;
  return new Float32Array([nose, wing, notch, nose, notch, wing].flat());
}
