/**
 * The 3D view: terrain with the probability map, the plan, the vehicles, what they saw. Owns the
 * canvas, the camera and the drawing loop; draws only when something moved. Everything it shows is
 * given by the page; nothing here decides.
 */
import { PerspectiveCamera, Raycaster, Scene, Vector2, Vector3, WebGLRenderer } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type {
  DetectionRow,
  GroundHello,
  GroundMap,
  GroundTracks,
  GroundView,
  PlanePoint,
} from "../../../report/view.ts";
import { sightingsOf } from "../detections.ts";
import type { Frame } from "../frame.ts";
import type { Theme } from "../store.ts";
import { Fleet, type Flying } from "./fleet.ts";
import { heightsOf, type Heights } from "./heights.ts";
import { Labels, type Label } from "./labels.ts";
import { circle, colour, draped, LineBatch } from "./lines.ts";
import { PALETTES, type Palette } from "./palette.ts";
import { Terrain } from "./terrain.ts";
import { Trails } from "./trails.ts";

export interface SceneOptions {
  readonly canvas: HTMLCanvasElement;
  readonly labels: HTMLElement;
  readonly hello: GroundHello;
  readonly theme: Theme;
  readonly calm: boolean;
  readonly onSelect: (vehicle: number) => void;
  readonly onDetection: (detection: number) => void;
  /** A double click on the ground. */
  readonly onGround: (place: PlanePoint) => void;
  readonly onCamera: (pose: { readonly azimuthRad: number; readonly pixelM: number }) => void;
  readonly words: { readonly base: string; readonly lastKnown: string };
}

export interface Shown {
  readonly view: GroundView;
  readonly selected: readonly number[];
  readonly detection: number | undefined;
}

const FIELD_OF_VIEW_DEG = 42;
const LIFT_M = 5;
const ORBIT_STEP_RAD = 0.08;

export class SwarmScene {
  readonly #options: SceneOptions;
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(FIELD_OF_VIEW_DEG, 1, 20, 60_000);
  readonly #controls: OrbitControls;
  readonly #heights: Heights;
  readonly #terrain: Terrain;
  readonly #fleet: Fleet;
  readonly #trails: Trails;
  readonly #labels: Labels;
  readonly #plan = new LineBatch({ widthPx: 1, opacity: 0.5 });
  readonly #active = new LineBatch({ widthPx: 2 });
  readonly #outline = new LineBatch({ widthPx: 1.5, opacity: 0.8 });
  readonly #features = new LineBatch({ widthPx: 1.2, opacity: 0.55 });
  readonly #zones = new LineBatch({ widthPx: 2, dashM: 45 });
  readonly #sightings = new LineBatch({ widthPx: 2 });
  readonly #air = new LineBatch({ widthPx: 1.2, opacity: 0.75 });
  #palette: Palette;
  #shown: Shown | undefined;
  #places: readonly DetectionRow[] = [];
  #planKey = "";
  #loop = 0;
  #dirty = true;
  #hidden = false;
  #resizing: ResizeObserver;

  constructor(options: SceneOptions) {
    this.#options = options;
    this.#palette = PALETTES[options.theme];
    this.#renderer = new WebGLRenderer({ canvas: options.canvas, antialias: true });
    this.#renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
    this.#heights = heightsOf(options.hello);
    this.#terrain = new Terrain(this.#heights, this.#palette);
    this.#scene.add(this.#terrain.mesh, ...this.#batches().map(({ object }) => object));
    this.#trails = new Trails(this.#heights, this.#scene);
    this.#fleet = new Fleet(this.#heights, this.#scene);
    this.#labels = new Labels(options.labels);
    this.#controls = this.#control();
    this.#drawFixed();
    options.canvas.addEventListener("dblclick", this.#onDoubleClick);
    this.#resizing = new ResizeObserver(() => this.#resize());
    this.#resizing.observe(options.labels);
    this.#resize();
    this.overview();
    this.#loop = window.requestAnimationFrame((ms) => this.#tick(ms));
  }

  setTheme(theme: Theme): void {
    this.#palette = PALETTES[theme];
    this.#terrain.setPalette(this.#palette);
    this.#planKey = "";
    this.#drawFixed();
    this.#trails.redraw(this.#palette);
    if (this.#shown !== undefined) this.show(this.#shown);
  }

  /** Nothing is drawn while another tab covers the map. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#dirty = true;
  }

  setMap(map: GroundMap): void {
    this.#terrain.setMap(map, performance.now(), !this.#options.calm);
    this.#dirty = true;
  }

  setTracks(tracks: GroundTracks): void {
    this.#trails.start(tracks, this.#palette);
    this.#dirty = true;
  }

  pushFrame(frame: Frame): void {
    this.#fleet.push(frame, performance.now());
    this.#trails.grow(frame, this.#palette);
    this.#dirty = true;
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#drawPlan(shown);
    this.#drawSightings(shown);
    this.#dirty = true;
  }

  /** The whole area, seen from the south. */
  overview(): void {
    const { area, base } = this.#options.hello.mission;
    this.#lookAt([...area.flat(), base], 600);
  }

  /** The selected vehicles, or else the selected detection. */
  goToSelected(): void {
    const { selected = [], detection, view } = this.#shown ?? {};
    const chosen = this.#fleet
      .now(performance.now())
      .filter(({ index }) => selected.includes(index));
    const sighting = view?.detections.find(({ id }) => id === detection);
    if (chosen.length > 0) this.#lookAt(chosen, 500);
    else if (sighting !== undefined) this.#lookAt([sighting.position], 400);
  }

  /** The ground in the middle of the view. */
  middle(): PlanePoint {
    const { x, z } = this.#controls.target;
    return { northM: -z, eastM: x };
  }

  /** Turns by steps of the arrow keys; `shift` moves instead. */
  nudge(right: number, up: number, shift: boolean): void {
    const { target } = this.#controls;
    const offset = this.#camera.position.clone().sub(target);
    if (shift) {
      const stepM = offset.length() * 0.06;
      const forward = offset
        .clone()
        .setY(0)
        .normalize()
        .multiplyScalar(-up * stepM);
      const side = new Vector3(0, 1, 0).cross(offset).setY(0).normalize();
      const move = forward.add(side.multiplyScalar(right * stepM));
      target.add(move);
      this.#camera.position.add(move);
    } else {
      const flat = Math.hypot(offset.x, offset.z);
      const azimuth = Math.atan2(offset.x, offset.z) - right * ORBIT_STEP_RAD;
      const tilt = Math.atan2(offset.y, flat) + up * ORBIT_STEP_RAD;
      const safe = Math.max(0.1, Math.min(1.5, tilt));
      const length = offset.length();
      offset.set(
        Math.sin(azimuth) * Math.cos(safe) * length,
        Math.sin(safe) * length,
        Math.cos(azimuth) * Math.cos(safe) * length,
      );
      this.#camera.position.copy(target).add(offset);
    }
    this.#controls.update();
    this.#dirty = true;
  }

  dispose(): void {
    window.cancelAnimationFrame(this.#loop);
    this.#options.canvas.removeEventListener("dblclick", this.#onDoubleClick);
    this.#resizing.disconnect();
    this.#controls.dispose();
    this.#labels.dispose();
    this.#fleet.dispose();
    this.#trails.dispose();
    this.#terrain.dispose();
    for (const batch of this.#batches()) batch.dispose();
    this.#renderer.dispose();
  }

  readonly #onDoubleClick = (event: MouseEvent): void => {
    const { canvas, onGround } = this.#options;
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 2 - 1;
    const y = 1 - ((event.clientY - box.top) / box.height) * 2;
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2(x, y), this.#camera);
    const [hit] = ray.intersectObject(this.#terrain.mesh);
    if (hit !== undefined) onGround({ northM: -hit.point.z, eastM: hit.point.x });
  };

  #batches(): LineBatch[] {
    return [
      this.#plan,
      this.#features,
      this.#outline,
      this.#zones,
      this.#active,
      this.#sightings,
      this.#air,
    ];
  }

  #control(): OrbitControls {
    const controls = new OrbitControls(this.#camera, this.#options.canvas);
    controls.maxPolarAngle = 1.45;
    controls.minDistance = 150;
    controls.maxDistance = 30_000;
    controls.enableDamping = false;
    controls.addEventListener("change", () => {
      this.#dirty = true;
    });
    return controls;
  }

  #lookAt(points: readonly PlanePoint[], leastM: number): void {
    const norths = points.map(({ northM }) => northM);
    const easts = points.map(({ eastM }) => eastM);
    const [south, north] = [Math.min(...norths), Math.max(...norths)];
    const [west, east] = [Math.min(...easts), Math.max(...easts)];
    const middle = { northM: (south + north) / 2, eastM: (west + east) / 2 };
    const target = this.#heights.drape(middle, 0);
    const { aspect } = this.#camera;
    const tan = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
    // Seen at a slant the north-south extent looks shorter; a quarter is kept as a margin.
    const needM = Math.max(leastM, (north - south) * 0.88, (east - west) / aspect);
    const distanceM = (needM * 1.1) / (2 * tan);
    this.#controls.target.copy(target);
    this.#camera.position.set(target.x, target.y + distanceM * 0.83, target.z + distanceM * 0.72);
    this.#controls.update();
    this.#dirty = true;
  }

  /** Area, fence, zones, streams and paths: drawn once a theme. */
  #drawFixed(): void {
    const { mission } = this.#options.hello;
    const ring = { liftM: LIFT_M, closed: true };
    this.#outline.clear();
    for (const outline of mission.area) {
      this.#outline.path(draped(this.#heights, outline, ring), colour(this.#palette.area));
    }
    this.#outline.commit();
    this.#zones.clear();
    for (const { points } of mission.zones) {
      this.#zones.path(draped(this.#heights, points, ring), colour(this.#palette.zone));
    }
    this.#zones.commit();
    this.#features.clear();
    for (const { points } of mission.features) {
      const line = draped(this.#heights, points, { liftM: LIFT_M, closed: false });
      this.#features.path(line, colour(this.#palette.feature));
    }
    this.#features.commit();
    this.#renderer.setClearColor(this.#palette.background);
    this.#dirty = true;
  }

  #drawPlan({ view }: Shown): void {
    const key = view.segments.map(({ state }) => state[0]).join("");
    if (key === this.#planKey) return;
    this.#planKey = key;
    const states = new Map(view.segments.map(({ id, state }) => [id, state]));
    this.#plan.clear();
    this.#active.clear();
    for (const { id, outline } of this.#options.hello.segments) {
      const state = states.get(id) ?? "open";
      const batch = state === "searching" || state === "leased" ? this.#active : this.#plan;
      const path = draped(this.#heights, outline, { liftM: LIFT_M, closed: true });
      batch.path(path, colour(this.#palette.segment[state]));
    }
    this.#plan.commit();
    this.#active.commit();
  }

  #drawSightings({ view }: Shown): void {
    this.#sightings.clear();
    this.#places = sightingsOf(view.detections)
      .map(({ best }) => best)
      .filter(({ state }) => state !== "dismissed");
    for (const { position, errorM, state } of this.#places) {
      const ring = circle(position, Math.max(40, 2 * errorM));
      const path = draped(this.#heights, ring, { liftM: LIFT_M, closed: true });
      const tone = state === "confirmed" ? "work" : "warn";
      this.#sightings.path(path, colour(this.#palette.vehicle[tone]));
    }
    this.#sightings.commit();
  }

  /** Drop lines to the ground and radio links. */
  #drawAir(flying: readonly Flying[]): void {
    const { hello } = this.#options;
    const places = new Map(flying.map((each) => [each.index, each.at]));
    const base = this.#heights.drape(hello.mission.base, 8);
    this.#air.clear();
    for (const { northM, eastM, at, vehicle } of flying) {
      const foot = this.#heights.drape({ northM, eastM }, 0);
      const selected = this.#shown?.selected.includes(vehicle.index) === true;
      const tint = selected ? this.#palette.area : this.#palette.contour;
      this.#air.segment(foot, at, colour(tint));
    }
    for (const { a, b, quality } of this.#shown?.view.links ?? []) {
      if (quality <= 0.05) continue;
      const tint = quality > 0.4 ? this.#palette.link : this.#palette.vehicle.warn;
      const faint = colour(tint)
        .clone()
        .lerp(colour(this.#palette.background), 0.75 - 0.5 * quality);
      this.#air.segment(places.get(a) ?? base, places.get(b) ?? base, faint);
    }
    this.#air.commit();
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#options.labels;
    const [width, height] = [Math.max(1, clientWidth), Math.max(1, clientHeight)];
    this.#renderer.setSize(width, height, false);
    this.#camera.aspect = width / height;
    this.#camera.updateProjectionMatrix();
    for (const batch of this.#batches()) batch.resize(width, height);
    this.#trails.resize(width, height);
    this.#dirty = true;
  }

  #tick(nowMs: number): void {
    this.#loop = window.requestAnimationFrame((ms) => this.#tick(ms));
    if (this.#hidden) return;
    const fading = this.#terrain.animate(nowMs);
    if (!this.#dirty && !fading && !this.#fleet.moving(performance.now())) return;
    this.#dirty = false;
    const flying = this.#fleet.now(performance.now());
    this.#drawAir(flying);
    this.#fleet.draw(flying, this.#camera, (at) => this.#pixelM(at), this.#palette);
    this.#renderer.render(this.#scene, this.#camera);
    this.#labels.draw(this.#words(flying), this.#camera);
    const offset = this.#camera.position.clone().sub(this.#controls.target);
    const pixelM = this.#pixelM(this.#controls.target);
    this.#options.onCamera({ azimuthRad: Math.atan2(offset.x, offset.z), pixelM });
  }

  /** Metres that one pixel spans there. */
  #pixelM(at: Vector3): number {
    const distanceM = this.#camera.position.distanceTo(at);
    const tan = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
    return (2 * distanceM * tan) / Math.max(1, this.#options.labels.clientHeight);
  }

  #words(flying: readonly Flying[]): Label[] {
    const { hello, words, onSelect, onDetection } = this.#options;
    const { selected = [], detection, view } = this.#shown ?? {};
    const fixed = (key: string, text: string, point: PlanePoint): Label => ({
      key,
      className: `mark mark-${key}`,
      text,
      title: text,
      at: this.#heights.drape(point, 0),
    });
    const needing = new Set(
      view?.vehicles.filter(({ needs }) => needs !== "").map(({ index }) => index),
    );
    const vehicles = flying.map(({ index, at, vehicle }): Label => {
      const chosen = selected.includes(index) ? " chosen" : "";
      const hand = needing.has(index) || vehicle.status === "lost" ? " hand" : "";
      const onClick = (): void => onSelect(index);
      const className = `mark mark-vehicle${chosen}${hand}`;
      return { key: `v${index}`, className, text: `${index}`, title: vehicle.status, at, onClick };
    });
    const sightings = this.#places.map(({ id, position, state }): Label => {
      const chosen = id === detection ? " chosen" : "";
      const text = state === "confirmed" ? "✓" : "?";
      const className = `mark mark-detection ${state}${chosen}`;
      const onClick = (): void => onDetection(id);
      const at = this.#heights.drape(position, 0);
      return { key: `d${id}`, className, text, title: state, at, onClick };
    });
    return [
      fixed("base", words.base, hello.mission.base),
      fixed("known", words.lastKnown, hello.mission.lastKnown),
      ...sightings,
      ...vehicles,
    ];
  }
}
