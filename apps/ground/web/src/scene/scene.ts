/**
 * The 3D view: terrain with the probability map, the plan, the vehicles, what they saw. Owns the
 * canvas, the camera and the drawing loop; draws only when something moved. Everything it shows is
 * given by the page; nothing here decides.
 */
import { PerspectiveCamera, Plane, Raycaster, Scene, Vector2, Vector3, WebGLRenderer } from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type {
  DetectionRow,
  GroundHello,
  GroundMap,
  GroundTracks,
  LinkRow,
  PageView,
  PlanePoint,
} from "../../../report/view.ts";
import { sightingsOf } from "../detections.ts";
import { MOTION_FLOATS, type FleetTable, type Place } from "../fleet-table.ts";
import { rangesOf } from "../selection.ts";
import type { Theme } from "../store.ts";
import { Backdrop } from "./backdrop.ts";
import { Fleet, type InView } from "./fleet.ts";
import { HEIGHT_SCALE, heightsOf, type Heights } from "./heights.ts";
import { Labels, type Label } from "./labels.ts";
import { circle, colour, draped, LineBatch } from "./lines.ts";
import { MovingLines, type MotionSink } from "./moving.ts";
import { PALETTES, type Palette } from "./palette.ts";
import { Terrain } from "./terrain.ts";
import { Trails } from "./trails.ts";

export interface SceneOptions {
  readonly canvas: HTMLCanvasElement;
  readonly labels: HTMLElement;
  readonly hello: GroundHello;
  readonly fleet: FleetTable;
  readonly theme: Theme;
  readonly calm: boolean;
  /** A click on a vehicle; `add` with shift or control. */
  readonly onSelect: (vehicle: number, add: boolean) => void;
  /** The ground in view (south, west, north, east) and who is near enough to be named. */
  readonly onLook: (box: readonly [number, number, number, number], near: string) => void;
  readonly onDetection: (detection: number) => void;
  /** A double click on the ground. */
  readonly onGround: (place: PlanePoint) => void;
  readonly onCamera: (pose: { readonly azimuthRad: number; readonly pixelM: number }) => void;
  readonly words: { readonly base: string; readonly lastKnown: string };
}

export interface Shown {
  readonly view: PageView;
  readonly selected: readonly number[];
  /** Links between vehicles that are looked at closely. */
  readonly meshLinks: readonly LinkRow[];
  readonly detection: number | undefined;
}

const FIELD_OF_VIEW_DEG = 42;
const LIFT_M = 5;
const ORBIT_STEP_RAD = 0.08;
/** Vehicles with their numbers and drop lines: more words than that hide the map. */
const NAMED_MAX = 60;
const NAMED_SELECTED_MAX = 400;
/** The room that a name takes. */
const NAME_PX = { x: 52, y: 28 } as const;
const CHOOSE_EVERY_MS = 250;
const LOOK_EVERY_MS = 300;
/** The map fades in steps: each draws all the ground anew. */
const FADE_EVERY_MS = 110;
const FADES_BELOW_MS = 22;
const GAP_BLEND = 0.05;
const GAP_MAX_MS = 250;
/** A press that moves further than this turns the map. */
const CLICK_PX = 5;
/** Without a frame for this long nothing moves any more. */
const MOVING_MS = 3000;
const AIR_SEGMENTS_MAX = 2048;
/** A look at the horizon takes in no more than this beyond what it is aimed at. */
const LOOK_FAR = 4;
const LINK_MIN = 0.05;
/** A link that is predicted to break this soon is drawn as weak. */
const BREAKS_SOON_S = 60;
const LOOK_MAX_M = 99_000;
/** Corners, and the middles of the upper and lower edge, in the screen's own coordinates. */
const LOOK_POINTS = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [-1, 1],
  [0, 1],
  [1, 1],
] as const;

export class SwarmScene {
  readonly #options: SceneOptions;
  readonly #renderer: WebGLRenderer;
  /** What stands still, and what moves over it. */
  readonly #scene = new Scene();
  readonly #moving = new Scene();
  readonly #backdrop = new Backdrop();
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
  readonly #air: MovingLines;
  #palette: Palette;
  #shown: Shown | undefined;
  #places: readonly DetectionRow[] = [];
  #planKey = "";
  #sightingsKey = "";
  #loop = 0;
  #dirty = true;
  #hidden = false;
  #named: readonly number[] = [];
  #framedMs = -Infinity;
  #chosenMs = -Infinity;
  #fadedMs = -Infinity;
  #tickedMs = 0;
  /** Between two pictures of late. */
  #gapMs = 16;
  #looked = { ms: -Infinity, key: "" };
  #pressed: { readonly x: number; readonly y: number } | undefined;
  #size = { width: 1, height: 1 };
  readonly #place: Place = { northM: 0, eastM: 0, altitudeM: 0 };
  #resizing: ResizeObserver;

  constructor(options: SceneOptions) {
    this.#options = options;
    this.#palette = PALETTES[options.theme];
    // Software spends a third of each picture on smoothing; a graphics card does it in passing.
    const software = drawsInSoftware();
    this.#renderer = new WebGLRenderer({ canvas: options.canvas, antialias: !software });
    this.#renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
    this.#heights = heightsOf(options.hello);
    this.#terrain = new Terrain(this.#heights, this.#palette, software);
    this.#scene.add(this.#terrain.mesh, ...this.#batches().map(({ object }) => object));
    this.#renderer.autoClear = false;
    const { fleet, hello } = options;
    this.#trails = new Trails(this.#heights, fleet, this.#moving);
    this.#fleet = new Fleet(fleet, hello.mission.originAltitudeAmslM, this.#moving);
    this.#fleet.setPalette(this.#palette);
    this.#air = new MovingLines({ segmentsMax: AIR_SEGMENTS_MAX, clock: this.#fleet.clock });
    this.#moving.add(this.#air.object);
    this.#labels = new Labels(options.labels);
    this.#controls = this.#control();
    this.#drawFixed();
    options.canvas.addEventListener("dblclick", this.#onDoubleClick);
    options.canvas.addEventListener("pointerdown", this.#onPress);
    options.canvas.addEventListener("pointerup", this.#onRelease);
    this.#resizing = new ResizeObserver(() => this.#resize());
    this.#resizing.observe(options.labels);
    this.#resize();
    this.overview();
    this.#loop = window.requestAnimationFrame((ms) => this.#tick(ms));
  }

  setTheme(theme: Theme): void {
    this.#palette = PALETTES[theme];
    this.#terrain.setPalette(this.#palette);
    this.#fleet.setPalette(this.#palette);
    this.#planKey = "";
    this.#sightingsKey = "";
    this.#drawFixed();
    this.#trails.redraw(this.#palette);
    if (this.#shown !== undefined) this.show(this.#shown);
  }

  /** Nothing is drawn while another tab covers the map. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#changed();
  }

  setMap(map: GroundMap): void {
    // Each step of a fade draws all the ground anew: only where pictures come easily.
    const fades = !this.#options.calm && this.#gapMs < FADES_BELOW_MS;
    this.#terrain.setMap(map, performance.now(), fades);
    this.#changed();
  }

  setTracks(tracks: GroundTracks): void {
    this.#trails.start(tracks, this.#palette);
    this.#changed();
  }

  /** The fleet's table has taken a frame. */
  pushFrame(): void {
    const [from, to] = this.#options.fleet.touched;
    if (to <= from) return;
    this.#framedMs = performance.now();
    this.#fleet.push();
    this.#trails.follow(this.#shown?.selected ?? [], this.#palette);
    this.#trails.grow(this.#palette);
    this.#drawAir();
    this.#dirty = true;
  }

  show(shown: Shown): void {
    const before = this.#shown;
    this.#shown = shown;
    this.#drawPlan(shown);
    this.#drawSightings(shown);
    if (before?.selected !== shown.selected) {
      this.#fleet.setChosen(new Set(shown.selected));
      this.#trails.follow(shown.selected, this.#palette);
      this.#chosenMs = -Infinity;
    }
    this.#drawAir();
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
    const { fleet } = this.#options;
    const nowMs = performance.now();
    const chosen = selected
      .map((index) => fleet.slotOf(index))
      .filter((slot) => slot >= 0)
      .map((slot) => fleet.placeAt(slot, nowMs, { northM: 0, eastM: 0, altitudeM: 0 }));
    const sighting = view?.detections.find(({ id }) => id === detection);
    if (chosen.length > 0) {
      const sum = chosen.reduce((total, { altitudeM }) => total + altitudeM, 0);
      this.#lookAt(chosen, 500, sum / chosen.length);
    } else if (sighting !== undefined) this.#lookAt([sighting.position], 400);
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
    this.#changed();
  }

  dispose(): void {
    window.cancelAnimationFrame(this.#loop);
    const { canvas } = this.#options;
    canvas.removeEventListener("dblclick", this.#onDoubleClick);
    canvas.removeEventListener("pointerdown", this.#onPress);
    canvas.removeEventListener("pointerup", this.#onRelease);
    this.#air.dispose();
    this.#backdrop.dispose();
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

  readonly #onPress = (event: PointerEvent): void => {
    this.#pressed = { x: event.clientX, y: event.clientY };
  };

  readonly #onRelease = (event: PointerEvent): void => {
    const pressed = this.#pressed;
    this.#pressed = undefined;
    if (pressed === undefined || event.button !== 0) return;
    if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > CLICK_PX) return;
    const box = this.#options.canvas.getBoundingClientRect();
    const at = { x: event.clientX - box.left, y: event.clientY - box.top, ...this.#size };
    this.#fleet.tick(performance.now(), this.#camera, this.#size.height, this.#ratio());
    const vehicle = this.#fleet.pick(this.#renderer, this.#camera, at);
    if (vehicle !== undefined) {
      this.#options.onSelect(vehicle, event.shiftKey || event.ctrlKey || event.metaKey);
    }
  };

  /** What stands still is drawn anew. */
  #changed(): void {
    this.#backdrop.forget();
    this.#chosenMs = -Infinity;
    this.#dirty = true;
  }

  readonly #ratio = (): number => this.#renderer.getPixelRatio();

  #batches(): LineBatch[] {
    return [this.#plan, this.#features, this.#outline, this.#zones, this.#active, this.#sightings];
  }

  #control(): OrbitControls {
    const controls = new OrbitControls(this.#camera, this.#options.canvas);
    controls.maxPolarAngle = 1.45;
    controls.minDistance = 150;
    controls.maxDistance = 30_000;
    controls.enableDamping = false;
    controls.addEventListener("change", () => this.#changed());
    return controls;
  }

  /** At the ground in the middle of them, or at this height above the sea. */
  #lookAt(points: readonly PlanePoint[], leastM: number, altitudeM?: number): void {
    const norths = points.map(({ northM }) => northM);
    const easts = points.map(({ eastM }) => eastM);
    const [south, north] = [Math.min(...norths), Math.max(...norths)];
    const [west, east] = [Math.min(...easts), Math.max(...easts)];
    const middle = { northM: (south + north) / 2, eastM: (west + east) / 2 };
    const target =
      altitudeM === undefined
        ? this.#heights.drape(middle, 0)
        : this.#heights.place(middle.northM, middle.eastM, altitudeM);
    const { aspect } = this.#camera;
    const tan = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
    // Seen at a slant the north-south extent looks shorter; a quarter is kept as a margin.
    const needM = Math.max(leastM, (north - south) * 0.88, (east - west) / aspect);
    const distanceM = (needM * 1.1) / (2 * tan);
    this.#controls.target.copy(target);
    this.#camera.position.set(target.x, target.y + distanceM * 0.83, target.z + distanceM * 0.72);
    this.#controls.update();
    this.#changed();
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
    this.#changed();
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
    this.#backdrop.forget();
  }

  #drawSightings({ view }: Shown): void {
    const key = JSON.stringify(view.detections);
    if (key === this.#sightingsKey) return;
    this.#sightingsKey = key;
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
    this.#backdrop.forget();
  }

  /** Drop lines to the ground, and radio links, of those that are named. */
  #drawAir(): void {
    const { hello, fleet } = this.#options;
    const { selected = [], view, meshLinks = [] } = this.#shown ?? {};
    const named = new Set(this.#named);
    const chosen = new Set(selected);
    this.#air.begin();
    for (const index of named) {
      const slot = fleet.slotOf(index);
      if (slot < 0) continue;
      const tint = chosen.has(index) ? this.#palette.area : this.#palette.contour;
      this.#air.segment([this.#end(slot), this.#foot(slot)], colour(tint), 0.75);
    }
    const base = this.#heights.drape(hello.mission.base, 8);
    const still = (into: MotionSink): void => writeStill(into, base);
    const end = (index: number): ((into: MotionSink) => void) =>
      fleet.has(index) ? this.#end(fleet.slotOf(index)) : still;
    for (const { a, b, quality, lifetimeS } of [...(view?.links ?? []), ...meshLinks]) {
      if (quality <= LINK_MIN || !(named.has(a) || named.has(b))) continue;
      const weak = quality <= 0.4 || lifetimeS < BREAKS_SOON_S;
      const tint = weak ? this.#palette.vehicle.warn : this.#palette.link;
      this.#air.segment([end(a), end(b)], colour(tint), 0.2 + 0.5 * quality);
    }
    this.#air.end();
  }

  #end(slot: number): (into: MotionSink) => void {
    const zeroM = this.#options.hello.mission.originAltitudeAmslM;
    const scene = { zeroM, heightScale: HEIGHT_SCALE, mark: 0 };
    return (into) => this.#options.fleet.writeMotion(slot, into, scene);
  }

  /** Below the vehicle on the ground, going along with it. */
  #foot(slot: number): (into: MotionSink) => void {
    const { fleet } = this.#options;
    const place = { northM: fleet.northAt(slot), eastM: fleet.eastAt(slot) };
    const { y } = this.#heights.drape(place, 0);
    const write = this.#end(slot);
    return (into) => {
      write(into);
      into.floats[into.at + 1] = y;
      into.floats[into.at + 9] = 0;
    };
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#options.labels;
    const [width, height] = [Math.max(1, clientWidth), Math.max(1, clientHeight)];
    this.#size = { width, height };
    this.#labels.resize(width, height);
    this.#renderer.setSize(width, height, false);
    this.#camera.aspect = width / height;
    this.#camera.updateProjectionMatrix();
    for (const batch of this.#batches()) batch.resize(width, height);
    this.#trails.resize(width, height);
    this.#changed();
  }

  #tick(nowMs: number): void {
    this.#loop = window.requestAnimationFrame((ms) => this.#tick(ms));
    if (this.#hidden) return;
    const wallMs = performance.now();
    this.#gapMs += GAP_BLEND * (Math.min(GAP_MAX_MS, nowMs - this.#tickedMs) - this.#gapMs);
    this.#tickedMs = nowMs;
    if (wallMs - this.#fadedMs >= FADE_EVERY_MS && this.#terrain.animate(nowMs)) {
      this.#fadedMs = wallMs;
      this.#backdrop.forget();
      this.#dirty = true;
    }
    const moving = wallMs - this.#framedMs < MOVING_MS;
    if (!this.#dirty && !moving) return;
    this.#dirty = false;
    this.#camera.updateMatrixWorld();
    if (wallMs - this.#chosenMs >= CHOOSE_EVERY_MS) this.#choose(wallMs);
    this.#fleet.tick(wallMs, this.#camera, this.#size.height, this.#ratio());
    this.#backdrop.draw(this.#renderer, this.#scene, this.#camera);
    this.#renderer.render(this.#moving, this.#camera);
    this.#labels.draw(this.#words(wallMs), this.#camera);
    const offset = this.#camera.position.clone().sub(this.#controls.target);
    const pixelM = this.#pixelM(this.#controls.target);
    this.#options.onCamera({ azimuthRad: Math.atan2(offset.x, offset.z), pixelM });
  }

  /** Who is near, who is named, and what of it the server should know. */
  #choose(nowMs: number): void {
    this.#chosenMs = nowMs;
    const { fleet, onLook } = this.#options;
    const inView = this.#fleet.choose(this.#camera, this.#size.height, nowMs);
    this.#named = this.#namedOf(inView);
    this.#drawAir();
    if (nowMs - this.#looked.ms < LOOK_EVERY_MS) return;
    const box = this.#groundInView();
    const near = rangesOf(inView.near.slice(0, NAMED_MAX).map((slot) => fleet.idAt(slot)));
    const key = `${box.join()} ${near}`;
    if (key === this.#looked.key) return;
    this.#looked = { ms: nowMs, key };
    onLook(box, near);
  }

  /** All in view while they are few; else the selected and those that need a hand. */
  #namedOf({ near, count }: InView): number[] {
    const { fleet } = this.#options;
    if (count <= NAMED_MAX) return near.map((slot) => fleet.idAt(slot));
    const chosen = new Set(this.#shown?.selected);
    const selected = [...chosen].filter((index) => fleet.has(index)).slice(0, NAMED_SELECTED_MAX);
    const hand = near
      .filter((slot) => fleet.needsHandAt(slot) && !chosen.has(fleet.idAt(slot)))
      .map((slot) => fleet.idAt(slot));
    return this.#apart([...selected, ...hand]).slice(0, NAMED_MAX);
  }

  /** Those whose names would not cover the names before them. */
  #apart(indices: readonly number[]): number[] {
    const { fleet } = this.#options;
    const { width, height } = this.#size;
    const nowMs = performance.now();
    const kept: { readonly index: number; readonly x: number; readonly y: number }[] = [];
    for (const index of indices) {
      const place = fleet.placeAt(fleet.slotOf(index), nowMs, this.#place);
      const at = this.#heights.place(place.northM, place.eastM, place.altitudeM);
      at.project(this.#camera);
      const [x, y] = [(at.x * width) / 2, (at.y * height) / 2];
      const covers = kept.some((other) => {
        return Math.abs(other.x - x) < NAME_PX.x && Math.abs(other.y - y) < NAME_PX.y;
      });
      if (!covers) kept.push({ index, x, y });
    }
    return kept.map(({ index }) => index);
  }

  /** A box around what the screen's corners and edges show of the plane that is looked at. */
  #groundInView(): [number, number, number, number] {
    const { target } = this.#controls;
    const farM = LOOK_FAR * this.#camera.position.distanceTo(target);
    const plane = new Plane(new Vector3(0, 1, 0), -target.y);
    const ray = new Raycaster();
    const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [x, y] of LOOK_POINTS) {
      ray.setFromCamera(new Vector2(x, y), this.#camera);
      const hit = ray.ray.intersectPlane(plane, new Vector3());
      const far = hit === null || hit.distanceTo(target) > farM;
      const at = far ? ray.ray.at(farM, new Vector3()) : hit;
      box[0] = Math.min(box[0], Math.floor(-at.z / 50) * 50 - 50);
      box[1] = Math.min(box[1], Math.floor(at.x / 50) * 50 - 50);
      box[2] = Math.max(box[2], Math.ceil(-at.z / 50) * 50 + 50);
      box[3] = Math.max(box[3], Math.ceil(at.x / 50) * 50 + 50);
    }
    return box.map((metres) => Math.max(-LOOK_MAX_M, Math.min(LOOK_MAX_M, metres))) as typeof box;
  }

  /** Metres that one pixel spans there. */
  #pixelM(at: Vector3): number {
    const distanceM = this.#camera.position.distanceTo(at);
    const tan = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
    return (2 * distanceM * tan) / Math.max(1, this.#options.labels.clientHeight);
  }

  #words(nowMs: number): Label[] {
    const { hello, words, onSelect, onDetection } = this.#options;
    const { selected = [], detection } = this.#shown ?? {};
    const fixed = (key: string, text: string, point: PlanePoint): Label => ({
      key,
      className: `mark mark-${key}`,
      text,
      title: text,
      at: this.#heights.drape(point, 0),
    });
    const { fleet } = this.#options;
    const chosenOnes = new Set(selected);
    const vehicles = this.#named.map((index): Label => {
      const slot = fleet.slotOf(index);
      const { northM, eastM, altitudeM } = fleet.placeAt(slot, nowMs, this.#place);
      const status = fleet.statusAt(slot);
      const chosen = chosenOnes.has(index) ? " chosen" : "";
      const hand = fleet.needsHandAt(slot) || status === "lost" ? " hand" : "";
      const onClick = (event: MouseEvent): void =>
        onSelect(index, event.shiftKey || event.ctrlKey || event.metaKey);
      const className = `mark mark-vehicle${chosen}${hand}`;
      const at = this.#heights.place(northM, eastM, altitudeM);
      return { key: `v${index}`, className, text: `${index}`, title: status, at, onClick };
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

/** An end of a line that does not move. */
function writeStill({ floats, at }: MotionSink, place: Vector3): void {
  floats.fill(0, at, at + MOTION_FLOATS);
  place.toArray(floats, at);
}

/** By the name that the drawing library gives itself; an unknown one is taken for hardware. */
function drawsInSoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  const named = gl?.getExtension("WEBGL_debug_renderer_info");
  if (gl === null || named === null || named === undefined) return false;
  const name = String(gl.getParameter(named.UNMASKED_RENDERER_WEBGL));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/iu.test(name);
}
