/**
 * All vehicles as the page knows them, in flat columns by slot: written by the binary frames
 * (`docs/protocols/state-stream.md`), read by the scene each time it draws and by the lists a few
 * times a second. Nothing is allocated per vehicle and frame.
 *
 * Between frames a vehicle goes on by its velocity, at the pace at which the mission's clock runs
 * against the page's; where a frame corrects that, the difference is let go over `SLIP_MS`.
 *
 * Bounds: `INDICES` vehicles; a coast of `COAST_MAX_S` of the mission's time.
 */
import type { VehicleStatus } from "../../report/view.ts";
import type { VehicleSeverity } from "./severity.ts";

const HEADER_BYTES = 16;
const VEHICLE_BYTES = 20;
const HEALTH_BYTES = 16;
const MAGIC_AND_VERSION = 0x534b01;
const KIND_VEHICLES = 1;
const KIND_HEALTH = 2;
const INDICES = 0x10000;
const FIRST_CAPACITY = 256;
const FRESH = 0xffff;
const NO_CLUSTER = 0xffff;
const NO_MINUTES = -0x8000;
const FULL_TURN_RAD = 2 * Math.PI;

/** A correction is let go over this long, so that nothing jumps by it. */
export const SLIP_MS = 240;
/** Further than this nothing flew between two frames: it is put there at once. */
const JUMP_M = 3000;
/** A claim is carried forward for no longer than this, or than the gap between its frames. */
const COAST_S = 3;
const COAST_MAX_S = 40;
const PACE_MAX = 400;
const PACE_EVERY_MS = 250;

/** The place of a status in this list is its number on the wire. */
export const STATUSES: readonly VehicleStatus[] = [
  "waiting",
  "ready",
  "searching",
  "transit",
  "lookingAgain",
  "overhead",
  "returning",
  "charging",
  "holding",
  "landing",
  "outOfRange",
  "lost",
];
const SEVERITIES: readonly VehicleSeverity[] = ["well", "warning", "alarm"];

/** Floats a slot for the graphics card: see `scene/moving.ts`. */
export const MOTION_FLOATS = 12;

/** Where a vehicle is on the screen's clock. */
export interface Place {
  northM: number;
  eastM: number;
  altitudeM: number;
}

export type Taken = { readonly kind: "motion" | "health"; readonly sequence: number };

const grown = <T extends Float32Array | Float64Array | Uint8Array | Uint16Array | Int16Array>(
  from: T,
  into: T,
): T => {
  into.set(from);
  return into;
};

export class FleetTable {
  #count = 0;
  #capacity = 0;
  readonly #slots = new Int32Array(INDICES).fill(-1);
  #ids = new Uint16Array(0);
  #eastM = new Float32Array(0);
  #northM = new Float32Array(0);
  #altitudeM = new Float32Array(0);
  #eastMps = new Float32Array(0);
  #northMps = new Float32Array(0);
  #slipEastM = new Float32Array(0);
  #slipNorthM = new Float32Array(0);
  #slipUpM = new Float32Array(0);
  #headingRad = new Float32Array(0);
  #coastS = new Float32Array(0);
  #atMs = new Float64Array(0);
  #state = new Uint8Array(0);
  #battery = new Uint8Array(0);
  #link = new Uint8Array(0);
  #hops = new Uint8Array(0);
  #grade = new Uint8Array(0);
  #minutes = new Int16Array(0);
  #toldAt = new Uint16Array(0);
  #positionAt = new Uint16Array(0);
  #cluster = new Uint16Array(0);
  #missionMs = 0;
  #pace = 0;
  #paceSample = 0;
  #paceMark: { readonly missionMs: number; readonly wallMs: number } | undefined;
  #touchedFrom = 0;
  #touchedTo = 0;

  constructor() {
    this.#grow(FIRST_CAPACITY);
  }

  get count(): number {
    return this.#count;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Seconds of the mission a second of the page, as the frames show it. */
  get pace(): number {
    return this.#pace;
  }

  get missionS(): number {
    return this.#missionMs / 1000;
  }

  /** The slots that the last frame may have written, from and up to. */
  get touched(): readonly [number, number] {
    return [this.#touchedFrom, this.#touchedTo];
  }

  clear(): void {
    this.#slots.fill(-1);
    this.#count = 0;
    this.#pace = 0;
    this.#paceSample = 0;
    this.#paceMark = undefined;
  }

  /** Undefined when the bytes are no frame of this version. */
  take(bytes: ArrayBuffer, zeroM: number, nowMs: number): Taken | undefined {
    if (bytes.byteLength < HEADER_BYTES) return undefined;
    const view = new DataView(bytes);
    if (view.getUint32(0) >>> 8 !== MAGIC_AND_VERSION) return undefined;
    const kind = view.getUint8(3);
    const body = bytes.byteLength - HEADER_BYTES;
    const sequence = view.getUint32(4, true);
    if (kind === KIND_VEHICLES && body % VEHICLE_BYTES === 0) {
      this.#clock(Number(view.getBigUint64(8, true)), nowMs);
      this.#takeMotion(view, zeroM, nowMs);
      return { kind: "motion", sequence };
    }
    if (kind === KIND_HEALTH && body % HEALTH_BYTES === 0) {
      this.#takeHealth(view);
      return { kind: "health", sequence };
    }
    return undefined;
  }

  /** The slot of a vehicle, -1 while nobody told of it. */
  slotOf(index: number): number {
    return this.#slots[index] ?? -1;
  }

  has(index: number): boolean {
    return this.slotOf(index) >= 0;
  }

  /** Whether its place has come; how it fares may come first. */
  placedAt(slot: number): boolean {
    return (this.#atMs[slot] ?? 0) > 0;
  }

  idAt(slot: number): number {
    return this.#ids[slot] ?? 0;
  }

  /** Ascending. */
  indices(): number[] {
    return Array.from(this.#ids.slice(0, this.#count).sort());
  }

  statusAt(slot: number): VehicleStatus {
    return STATUSES[(this.#state[slot] ?? 0) & 0xf] ?? "lost";
  }

  statusCodeAt(slot: number): number {
    return (this.#state[slot] ?? 0) & 0xf;
  }

  armedAt(slot: number): boolean {
    return ((this.#state[slot] ?? 0) & 0x10) !== 0;
  }

  leaderAt(slot: number): boolean {
    return ((this.#state[slot] ?? 0) & 0x20) !== 0;
  }

  needsHandAt(slot: number): boolean {
    return ((this.#state[slot] ?? 0) & 0x40) !== 0;
  }

  headingAt(slot: number): number {
    return this.#headingRad[slot] ?? 0;
  }

  /** Share of a full battery. */
  batteryAt(slot: number): number {
    return (this.#battery[slot] ?? 0) / 100;
  }

  /** Link quality in sixteenths; 0 when not heard of late. */
  linkAt(slot: number): number {
    return this.#link[slot] ?? 0;
  }

  hopsAt(slot: number): number {
    return this.#hops[slot] ?? 0;
  }

  severityAt(slot: number): VehicleSeverity {
    return SEVERITIES[(this.#grade[slot] ?? 0) & 3] ?? "well";
  }

  minutesAt(slot: number): number | null {
    const minutes = this.#minutes[slot] ?? NO_MINUTES;
    return minutes === NO_MINUTES ? null : minutes;
  }

  /** Age of its last word where that is old; 0 while it is fresh. */
  staleAt(slot: number): number {
    return this.#ageOf(this.#toldAt[slot] ?? FRESH);
  }

  /** The same of its position and battery. */
  positionStaleAt(slot: number): number {
    return this.#ageOf(this.#positionAt[slot] ?? FRESH);
  }

  clusterAt(slot: number): number | null {
    const cluster = this.#cluster[slot] ?? NO_CLUSTER;
    return cluster === NO_CLUSTER ? null : cluster;
  }

  /** As it was last told; enough for lists. */
  northAt(slot: number): number {
    return this.#northM[slot] ?? 0;
  }

  eastAt(slot: number): number {
    return this.#eastM[slot] ?? 0;
  }

  altitudeAt(slot: number): number {
    return this.#altitudeM[slot] ?? 0;
  }

  /** Where it is drawn at this moment: the shader's formula. */
  placeAt(slot: number, nowMs: number, out: Place): Place {
    const sinceMs = nowMs - (this.#atMs[slot] ?? nowMs);
    const coastS = Math.min((sinceMs / 1000) * this.#pace, this.#coastS[slot] ?? 0);
    const left = Math.max(0, 1 - sinceMs / SLIP_MS);
    out.northM = this.northAt(slot) + this.#of(this.#northMps, slot) * coastS;
    out.eastM = this.eastAt(slot) + this.#of(this.#eastMps, slot) * coastS;
    out.northM += this.#of(this.#slipNorthM, slot) * left;
    out.eastM += this.#of(this.#slipEastM, slot) * left;
    out.altitudeM = this.#of(this.#altitudeM, slot) + this.#of(this.#slipUpM, slot) * left;
    return out;
  }

  /** Writes a slot's motion for the shaders; `upM` is height as the scene draws it. */
  writeMotion(
    slot: number,
    into: { readonly floats: Float32Array; readonly at: number },
    scene: { readonly zeroM: number; readonly heightScale: number; readonly mark: number },
  ): void {
    const { floats, at } = into;
    floats[at] = this.eastAt(slot);
    floats[at + 1] = (this.#of(this.#altitudeM, slot) - scene.zeroM) * scene.heightScale;
    floats[at + 2] = -this.northAt(slot);
    floats[at + 3] = (this.#atMs[slot] ?? 0) / 1000;
    floats[at + 4] = this.#of(this.#eastMps, slot);
    floats[at + 5] = -this.#of(this.#northMps, slot);
    floats[at + 6] = this.headingAt(slot);
    floats[at + 7] = scene.mark;
    floats[at + 8] = this.#of(this.#slipEastM, slot);
    floats[at + 9] = this.#of(this.#slipUpM, slot) * scene.heightScale;
    floats[at + 10] = -this.#of(this.#slipNorthM, slot);
    floats[at + 11] = this.#coastS[slot] ?? 0;
  }

  #of(column: Float32Array, slot: number): number {
    return column[slot] ?? 0;
  }

  #ageOf(moment: number): number {
    return moment === FRESH ? 0 : Math.max(1, this.missionS - moment);
  }

  /** Two samples must agree: one jump of the clock is no pace. */
  #clock(missionMs: number, wallMs: number): void {
    this.#missionMs = missionMs;
    const mark = this.#paceMark;
    if (mark === undefined) {
      this.#paceMark = { missionMs, wallMs };
      return;
    }
    const passedMs = wallMs - mark.wallMs;
    if (passedMs < PACE_EVERY_MS) return;
    const sample = Math.max(0, Math.min(PACE_MAX, (missionMs - mark.missionMs) / passedMs));
    this.#pace = Math.min(sample, this.#paceSample);
    this.#paceSample = sample;
    this.#paceMark = { missionMs, wallMs };
  }

  #takeMotion(view: DataView, zeroM: number, nowMs: number): void {
    const was: Place = { northM: 0, eastM: 0, altitudeM: 0 };
    let [from, to] = [INDICES, 0];
    for (let at = HEADER_BYTES; at < view.byteLength; at += VEHICLE_BYTES) {
      const index = view.getUint32(at, true);
      if (index >= INDICES) continue;
      const known = this.#slots[index] ?? -1;
      const slot = known < 0 ? this.#add(index) : known;
      const drawn = known >= 0 && this.placedAt(slot);
      if (drawn && this.#rests(view, at, slot, zeroM)) continue;
      if (drawn) this.placeAt(slot, nowMs, was);
      const state = view.getUint16(at + 18, true);
      const gapS = ((nowMs - (this.#atMs[slot] ?? nowMs)) / 1000) * this.#pace;
      this.#eastM[slot] = view.getInt32(at + 4, true) / 100;
      this.#northM[slot] = view.getInt32(at + 8, true) / 100;
      this.#altitudeM[slot] = zeroM + view.getInt16(at + 12, true) / 10;
      this.#eastMps[slot] = view.getInt16(at + 14, true) / 100;
      this.#northMps[slot] = view.getInt16(at + 16, true) / 100;
      this.#headingRad[slot] = ((state >> 8) * FULL_TURN_RAD) / 256;
      this.#state[slot] = state & 0xff;
      this.#atMs[slot] = nowMs;
      this.#coastS[slot] = Math.min(COAST_MAX_S, Math.max(COAST_S, 1.3 * gapS));
      this.#slip(slot, drawn ? was : undefined);
      from = Math.min(from, slot);
      to = Math.max(to, slot + 1);
    }
    this.#touchedFrom = Math.min(from, to);
    this.#touchedTo = to;
  }

  /** Nothing about it is new and it stands still: whoever waits on a pad costs no picture. */
  #rests(view: DataView, at: number, slot: number, zeroM: number): boolean {
    const state = view.getUint16(at + 18, true);
    const still = view.getInt16(at + 14, true) === 0 && view.getInt16(at + 16, true) === 0;
    return (
      (still || this.#pace === 0) &&
      this.eastAt(slot) === Math.fround(view.getInt32(at + 4, true) / 100) &&
      this.northAt(slot) === Math.fround(view.getInt32(at + 8, true) / 100) &&
      this.altitudeAt(slot) === Math.fround(zeroM + view.getInt16(at + 12, true) / 10) &&
      this.#state[slot] === (state & 0xff) &&
      this.#of(this.#headingRad, slot) === Math.fround(((state >> 8) * FULL_TURN_RAD) / 256)
    );
  }

  #slip(slot: number, was: Place | undefined): void {
    const north = was === undefined ? 0 : was.northM - this.northAt(slot);
    const east = was === undefined ? 0 : was.eastM - this.eastAt(slot);
    const up = was === undefined ? 0 : was.altitudeM - this.#of(this.#altitudeM, slot);
    const jumped = Math.abs(north) + Math.abs(east) > JUMP_M;
    this.#slipNorthM[slot] = jumped ? 0 : north;
    this.#slipEastM[slot] = jumped ? 0 : east;
    this.#slipUpM[slot] = jumped ? 0 : up;
  }

  #takeHealth(view: DataView): void {
    for (let at = HEADER_BYTES; at < view.byteLength; at += HEALTH_BYTES) {
      const index = view.getUint32(at, true);
      if (index >= INDICES) continue;
      const known = this.#slots[index] ?? -1;
      const slot = known < 0 ? this.#add(index) : known;
      this.#battery[slot] = view.getUint8(at + 4);
      this.#link[slot] = view.getUint8(at + 5);
      this.#hops[slot] = view.getUint8(at + 6);
      this.#grade[slot] = view.getUint8(at + 7);
      this.#minutes[slot] = view.getInt16(at + 8, true);
      this.#toldAt[slot] = view.getUint16(at + 10, true);
      this.#positionAt[slot] = view.getUint16(at + 12, true);
      this.#cluster[slot] = view.getUint16(at + 14, true);
    }
  }

  #add(index: number): number {
    if (this.#count === this.#capacity) this.#grow(this.#capacity * 2);
    const slot = this.#count;
    this.#count += 1;
    this.#slots[index] = slot;
    this.#ids[slot] = index;
    this.#atMs[slot] = 0;
    this.#state[slot] = 0;
    this.#grade[slot] = 0;
    this.#toldAt[slot] = FRESH;
    this.#positionAt[slot] = FRESH;
    this.#cluster[slot] = NO_CLUSTER;
    this.#minutes[slot] = NO_MINUTES;
    return slot;
  }

  #grow(capacity: number): void {
    this.#capacity = capacity;
    this.#ids = grown(this.#ids, new Uint16Array(capacity));
    this.#eastM = grown(this.#eastM, new Float32Array(capacity));
    this.#northM = grown(this.#northM, new Float32Array(capacity));
    this.#altitudeM = grown(this.#altitudeM, new Float32Array(capacity));
    this.#eastMps = grown(this.#eastMps, new Float32Array(capacity));
    this.#northMps = grown(this.#northMps, new Float32Array(capacity));
    this.#slipEastM = grown(this.#slipEastM, new Float32Array(capacity));
    this.#slipNorthM = grown(this.#slipNorthM, new Float32Array(capacity));
    this.#slipUpM = grown(this.#slipUpM, new Float32Array(capacity));
    this.#headingRad = grown(this.#headingRad, new Float32Array(capacity));
    this.#coastS = grown(this.#coastS, new Float32Array(capacity));
    this.#atMs = grown(this.#atMs, new Float64Array(capacity));
    this.#state = grown(this.#state, new Uint8Array(capacity));
    this.#battery = grown(this.#battery, new Uint8Array(capacity));
    this.#link = grown(this.#link, new Uint8Array(capacity));
    this.#hops = grown(this.#hops, new Uint8Array(capacity));
    this.#grade = grown(this.#grade, new Uint8Array(capacity));
    this.#minutes = grown(this.#minutes, new Int16Array(capacity));
    this.#toldAt = grown(this.#toldAt, new Uint16Array(capacity));
    this.#positionAt = grown(this.#positionAt, new Uint16Array(capacity));
    this.#cluster = grown(this.#cluster, new Uint16Array(capacity));
  }
}
