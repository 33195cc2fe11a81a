/**
 * The vehicles between two frames: positions glide over the time between frames, so that ten
 * frames a second look smooth at any simulation speed. Near ones are darts that show their course,
 * drawn as instances; beyond `NEAR_MAX` all are points, which software graphics still draws at
 * speed for thousands.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DoubleSide,
  DynamicDrawUsage,
  InstancedMesh,
  Matrix4,
  MeshBasicMaterial,
  Points,
  PointsMaterial,
  Quaternion,
  Vector3,
  type Camera,
  type Scene,
} from "three";
import type { Frame, FrameVehicle } from "../frame.ts";
import type { Heights } from "./heights.ts";
import { vehicleTone, type Palette } from "./palette.ts";

const NEAR_MAX = 500;
const FLEET_MAX = 16_384;
/** A vehicle that moved further than this between frames was not flying: no glide. */
const JUMP_M = 3000;
const FRAME_GAP_MIN_MS = 60;
const FRAME_GAP_MAX_MS = 400;
/** Darts are at least this tall on the screen. */
const DART_PX = 11;
const UP = new Vector3(0, 1, 0);

export interface Flying {
  readonly index: number;
  readonly vehicle: FrameVehicle;
  readonly at: Vector3;
  readonly northM: number;
  readonly eastM: number;
}

export class Fleet {
  readonly #heights: Heights;
  readonly #darts: InstancedMesh<BufferGeometry, MeshBasicMaterial>;
  readonly #shadows: InstancedMesh<BufferGeometry, MeshBasicMaterial>;
  readonly #points: Points<BufferGeometry, PointsMaterial>;
  #from = new Map<number, FrameVehicle>();
  #frame: Frame | undefined;
  #arrivedMs = 0;
  #gapMs = 100;

  constructor(heights: Heights, scene: Scene) {
    this.#heights = heights;
    this.#shadows = darts(1.5);
    this.#darts = darts(1);
    this.#darts.renderOrder = 3;
    this.#shadows.renderOrder = 2;
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(new Float32Array(FLEET_MAX * 3), 3));
    geometry.setAttribute("color", new BufferAttribute(new Float32Array(FLEET_MAX * 3), 3));
    const material = new PointsMaterial({ size: 5, sizeAttenuation: false, vertexColors: true });
    this.#points = new Points(geometry, material);
    this.#points.frustumCulled = false;
    scene.add(this.#shadows, this.#darts, this.#points);
  }

  push(frame: Frame, nowMs: number): void {
    const gap = nowMs - this.#arrivedMs;
    this.#gapMs = Math.max(FRAME_GAP_MIN_MS, Math.min(FRAME_GAP_MAX_MS, gap));
    this.#from = new Map((this.#frame?.vehicles ?? []).map((each) => [each.index, each]));
    this.#frame = frame;
    this.#arrivedMs = nowMs;
  }

  /** Where all are now, between the last two frames. */
  now(nowMs: number): Flying[] {
    const share = Math.min(1, (nowMs - this.#arrivedMs) / this.#gapMs);
    return (this.#frame?.vehicles ?? []).slice(0, FLEET_MAX).map((vehicle) => {
      const from = this.#from.get(vehicle.index) ?? vehicle;
      const jump = Math.hypot(vehicle.northM - from.northM, vehicle.eastM - from.eastM) > JUMP_M;
      const t = jump ? 1 : share;
      const mix = (a: number, b: number): number => a + (b - a) * t;
      const northM = mix(from.northM, vehicle.northM);
      const eastM = mix(from.eastM, vehicle.eastM);
      const altitudeM = mix(from.altitudeAmslM, vehicle.altitudeAmslM);
      const at = this.#heights.place(northM, eastM, altitudeM);
      return { index: vehicle.index, vehicle, at, northM, eastM };
    });
  }

  /** True while the glide to the last frame goes on. */
  moving(nowMs: number): boolean {
    return nowMs - this.#arrivedMs <= this.#gapMs + 20;
  }

  draw(
    flying: readonly Flying[],
    camera: Camera,
    pixelM: (at: Vector3) => number,
    palette: Palette,
  ): void {
    const near = flying.length <= NEAR_MAX;
    this.#points.visible = !near;
    this.#darts.count = near ? flying.length : 0;
    this.#shadows.count = this.#darts.count;
    if (near) this.#drawDarts(flying, pixelM, palette);
    else this.#drawPoints(flying, palette);
  }

  dispose(): void {
    for (const mesh of [this.#darts, this.#shadows, this.#points]) {
      mesh.geometry.dispose();
      mesh.material.dispose();
    }
  }

  #drawDarts(flying: readonly Flying[], pixelM: (at: Vector3) => number, palette: Palette): void {
    const turn = new Quaternion();
    const matrix = new Matrix4();
    const size = new Vector3();
    const tint = new Color();
    flying.forEach(({ vehicle, at }, i) => {
      const scale = DART_PX * pixelM(at);
      matrix.compose(at, turn.setFromAxisAngle(UP, -vehicle.headingRad), size.setScalar(scale));
      this.#darts.setMatrixAt(i, matrix);
      this.#darts.setColorAt(i, tint.set(palette.vehicle[vehicleTone(vehicle.status)]));
      this.#shadows.setMatrixAt(i, matrix);
      this.#shadows.setColorAt(i, tint.set(palette.outline));
    });
    for (const mesh of [this.#darts, this.#shadows]) {
      mesh.instanceMatrix.needsUpdate = true;
      if (mesh.instanceColor !== null) mesh.instanceColor.needsUpdate = true;
    }
  }

  #drawPoints(flying: readonly Flying[], palette: Palette): void {
    const { position, color } = this.#points.geometry.attributes;
    if (position === undefined || color === undefined) return;
    const tint = new Color();
    flying.forEach(({ vehicle, at }, i) => {
      position.setXYZ(i, at.x, at.y, at.z);
      tint.set(palette.vehicle[vehicleTone(vehicle.status)]);
      color.setXYZ(i, tint.r, tint.g, tint.b);
    });
    position.needsUpdate = true;
    color.needsUpdate = true;
    this.#points.geometry.setDrawRange(0, flying.length);
  }
}

/** A flat arrow that points north, about two units long; `grow` makes the dark rim under it. */
function darts(grow: number): InstancedMesh<BufferGeometry, MeshBasicMaterial> {
  const corner = (x: number, z: number): number[] => [x * grow, 0, (z + 0.1) * grow - 0.1];
  const positions = [
    ...corner(0, -1.1),
    ...corner(-0.75, 0.85),
    ...corner(0, 0.4),
    ...corner(0, -1.1),
    ...corner(0, 0.4),
    ...corner(0.75, 0.85),
  ];
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(positions), 3));
  const material = new MeshBasicMaterial({ side: DoubleSide, depthTest: false, transparent: true });
  const mesh = new InstancedMesh(geometry, material, NEAR_MAX);
  mesh.instanceMatrix.setUsage(DynamicDrawUsage);
  mesh.frustumCulled = false;
  return mesh;
}
