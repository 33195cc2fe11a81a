/**
 * The beacon body: presence, motion, plan, whom this node hears, and what it can reach. Security
 * puts the boot nonce before it, seals and signs it. `docs/protocols/beacon.md` has the table.
 *
 * Numbers are fixed point in the mission's local frame: positions in centimetres, velocities in
 * centimetres a second, plan offsets in half metres and tenths of a second, so that all receivers
 * compute with the same integers. Encoding saturates; a plan point out of the range of its offset
 * ends the plan.
 *
 * Bounds: 4 plan points, 16 links, 16 routes, 4 requests: 46 to 254 bytes. The lists rotate, so a
 * cluster of 50 is told in four beacons.
 */
import { BROADCAST, fail, ok, problem, type NodeIndex, type Result } from "../base/mod.ts";
import type { FlightMode, VehicleSample } from "../hal/mod.ts";
import { clampInteger, readI16, readI32, readU16, readU32, writeU16, writeU32 } from "./octets.ts";
import type { PlanPoint, SelfNotes } from "./types.ts";

const VERSION = 1;
export const BEACON_FIXED_BYTES = 46;
export const PLAN_MAX = 4;
export const LINKS_MAX = 16;
export const ROUTES_MAX = 16;
export const REQUESTS_MAX = 4;
const PLAN_BYTES = 8;
const LINK_BYTES = 4;
export const ROUTE_BYTES = 6;
export const REQUEST_BYTES = 4;

/** Offsets of the fixed part. */
export const At: Readonly<{
  version: 0;
  flags: 1;
  linkSequence: 2;
  originSequence: 4;
  intervalMs: 6;
  bootTag: 8;
  northCm: 10;
  eastCm: 14;
  altitudeCm: 18;
  northCmps: 22;
  eastCmps: 24;
  downCmps: 26;
  errorDm: 28;
  battery: 30;
  mode: 31;
  keyEpochHigh: 32;
  keyEpochLow: 36;
  head: 40;
  planCount: 42;
  linkCount: 43;
  routeCount: 44;
  requestCount: 45;
}> = Object.freeze({
  version: 0,
  flags: 1,
  linkSequence: 2,
  originSequence: 4,
  intervalMs: 6,
  bootTag: 8,
  northCm: 10,
  eastCm: 14,
  altitudeCm: 18,
  northCmps: 22,
  eastCmps: 24,
  downCmps: 26,
  errorDm: 28,
  battery: 30,
  mode: 31,
  keyEpochHigh: 32,
  keyEpochLow: 36,
  head: 40,
  planCount: 42,
  linkCount: 43,
  routeCount: 44,
  requestCount: 45,
});

export const BeaconFlag: Readonly<{
  positionValid: 1;
  inAir: 2;
  armed: 4;
  relay: 8;
  ground: 16;
}> = Object.freeze({ positionValid: 1, inAir: 2, armed: 4, relay: 8, ground: 16 });
const FLAGS_ALL = 31;

export const MODES: readonly FlightMode[] = [
  "idle",
  "takeoff",
  "guided",
  "hold",
  "rtl",
  "land",
  "manual",
];

/** `age` in tenths of a second, 255 for older; `ratio` of 255. */
export interface LinkEntry {
  readonly peer: number;
  readonly ratio: number;
  readonly age: number;
}

/** A route announcement; metric 0xffff retracts. */
export interface RouteEntry {
  readonly destination: number;
  readonly sequence: number;
  readonly metric: number;
}

/** Wanted: a route to `destination` of at least this sequence (RFC 8966, section 3.8.1.2). */
export interface RouteRequest {
  readonly destination: number;
  readonly sequence: number;
}

export interface BeaconParts {
  readonly sample: VehicleSample;
  readonly plan: readonly PlanPoint[];
  readonly notes: SelfNotes;
  readonly linkSequence: number;
  readonly originSequence: number;
  readonly intervalMs: number;
  readonly bootTag: number;
  readonly links: readonly LinkEntry[];
  readonly routes: readonly RouteEntry[];
  readonly requests: readonly RouteRequest[];
}

export function encodeBeacon(parts: BeaconParts): Uint8Array {
  const plan = encodablePlan(parts);
  const { links, routes, requests } = parts;
  const bytes = new Uint8Array(
    BEACON_FIXED_BYTES +
      PLAN_BYTES * plan.length +
      LINK_BYTES * links.length +
      ROUTE_BYTES * routes.length +
      REQUEST_BYTES * requests.length,
  );
  writeFixed(bytes, parts);
  bytes[At.planCount] = plan.length;
  bytes[At.linkCount] = links.length;
  bytes[At.routeCount] = routes.length;
  bytes[At.requestCount] = requests.length;
  let at = BEACON_FIXED_BYTES;
  for (const offsets of plan) {
    offsets.forEach((value, i) => {
      writeU16(bytes, at + 2 * i, value);
    });
    at += PLAN_BYTES;
  }
  for (const link of links) {
    writeU16(bytes, at, link.peer);
    bytes[at + 2] = link.ratio;
    bytes[at + 3] = link.age;
    at += LINK_BYTES;
  }
  writeRouting(bytes, at, routes, requests);
  return bytes;
}

function writeFixed(bytes: Uint8Array, parts: BeaconParts): void {
  const { sample, notes } = parts;
  bytes[At.version] = VERSION;
  bytes[At.flags] =
    (sample.positionValid ? BeaconFlag.positionValid : 0) |
    (sample.inAir ? BeaconFlag.inAir : 0) |
    (sample.armed ? BeaconFlag.armed : 0) |
    (notes.relay ? BeaconFlag.relay : 0) |
    (notes.ground ? BeaconFlag.ground : 0);
  writeU16(bytes, At.linkSequence, parts.linkSequence);
  writeU16(bytes, At.originSequence, parts.originSequence);
  writeU16(bytes, At.intervalMs, clampInteger(parts.intervalMs, 1, 0xffff));
  writeU16(bytes, At.bootTag, parts.bootTag);
  writeU32(bytes, At.northCm, centi32(sample.position.northM));
  writeU32(bytes, At.eastCm, centi32(sample.position.eastM));
  writeU32(bytes, At.altitudeCm, centi32(sample.position.altitudeAmslM));
  writeU16(bytes, At.northCmps, centi16(sample.velocity.northMps));
  writeU16(bytes, At.eastCmps, centi16(sample.velocity.eastMps));
  writeU16(bytes, At.downCmps, centi16(sample.velocity.downMps));
  writeU16(bytes, At.errorDm, clampInteger(sample.positionErrorM * 10, 0, 0xffff));
  bytes[At.battery] = clampInteger(sample.batteryRatio * 255, 0, 255);
  bytes[At.mode] = MODES.indexOf(sample.mode);
  writeU32(bytes, At.keyEpochHigh, Math.floor(notes.keyEpoch / 0x100000000));
  writeU32(bytes, At.keyEpochLow, notes.keyEpoch >>> 0);
  writeU16(bytes, At.head, notes.head ?? BROADCAST);
}

const centi32 = (value: number): number => clampInteger(value * 100, -0x80000000, 0x7fffffff);
const centi16 = (value: number): number => clampInteger(value * 100, -0x8000, 0x7fff);

/** Plan points as offsets from the own position, ended by the first that does not fit. */
function encodablePlan(parts: BeaconParts): number[][] {
  const { position, positionValid } = parts.sample;
  const rows: number[][] = [];
  for (const point of positionValid ? parts.plan.slice(0, PLAN_MAX) : []) {
    const offsets = [
      Math.round((point.position.northM - position.northM) * 2),
      Math.round((point.position.eastM - position.eastM) * 2),
      Math.round((point.position.altitudeAmslM - position.altitudeAmslM) * 2),
    ];
    const after = Math.round(point.afterS * 10);
    const fits = offsets.every((it) => it >= -0x8000 && it <= 0x7fff) && after >= 0;
    if (!fits || after > 0xffff) break;
    rows.push([...offsets, after]);
  }
  return rows;
}

/** Routes, then requests; the same bytes end a beacon and fill a routes packet. */
export function writeRouting(
  bytes: Uint8Array,
  start: number,
  routes: readonly RouteEntry[],
  requests: readonly RouteRequest[],
): void {
  let at = start;
  for (const route of routes) {
    writeU16(bytes, at, route.destination);
    writeU16(bytes, at + 2, route.sequence);
    writeU16(bytes, at + 4, route.metric);
    at += ROUTE_BYTES;
  }
  for (const request of requests) {
    writeU16(bytes, at, request.destination);
    writeU16(bytes, at + 2, request.sequence);
    at += REQUEST_BYTES;
  }
}

/** Where the lists of an accepted beacon begin. */
export const planStart = (): number => BEACON_FIXED_BYTES;
export const linkStart = (body: Uint8Array): number =>
  BEACON_FIXED_BYTES + PLAN_BYTES * body[At.planCount]!;
export const routeStart = (body: Uint8Array): number =>
  linkStart(body) + LINK_BYTES * body[At.linkCount]!;

/**
 * Whether every rule of the format holds. After this the offsets above may be read without another
 * check; nothing was allocated.
 */
export function isBeacon(body: Uint8Array): boolean {
  if (body.length < BEACON_FIXED_BYTES || body[At.version] !== VERSION) return false;
  const countsFit =
    body[At.planCount]! <= PLAN_MAX &&
    body[At.linkCount]! <= LINKS_MAX &&
    body[At.routeCount]! <= ROUTES_MAX &&
    body[At.requestCount]! <= REQUESTS_MAX;
  const length =
    routeStart(body) + ROUTE_BYTES * body[At.routeCount]! + REQUEST_BYTES * body[At.requestCount]!;
  return (
    countsFit &&
    body.length === length &&
    body[At.flags]! <= FLAGS_ALL &&
    body[At.mode]! < MODES.length &&
    readU16(body, At.intervalMs) > 0 &&
    readU32(body, At.keyEpochHigh) < 0x200000
  );
}

/** Where a sender says that it is and goes: what those who fly beside it need. */
export interface BeaconClaims {
  readonly flags: number;
  readonly northM: number;
  readonly eastM: number;
  readonly altitudeAmslM: number;
  readonly northMps: number;
  readonly eastMps: number;
  readonly downMps: number;
  readonly positionErrorM: number;
  readonly plan: readonly PlanPoint[];
}

/** A beacon as values, for pages, tests and tools; the node itself reads columns (`peers.ts`). */
export interface BeaconFields extends BeaconClaims {
  readonly linkSequence: number;
  readonly originSequence: number;
  readonly intervalMs: number;
  readonly bootTag: number;
  readonly batteryRatio: number;
  readonly mode: FlightMode;
  readonly keyEpoch: number;
  readonly head: NodeIndex | undefined;
  readonly links: readonly LinkEntry[];
  readonly routes: readonly RouteEntry[];
  readonly requests: readonly RouteRequest[];
}

export function decodeBeacon(body: Uint8Array): Result<BeaconFields> {
  if (!isBeacon(body)) return fail(problem("NET002"));
  const head = readU16(body, At.head);
  return ok({
    ...readClaims(body),
    linkSequence: readU16(body, At.linkSequence),
    originSequence: readU16(body, At.originSequence),
    intervalMs: readU16(body, At.intervalMs),
    bootTag: readU16(body, At.bootTag),
    batteryRatio: body[At.battery]! / 255,
    mode: MODES[body[At.mode]!]!,
    keyEpoch: keyEpochOf(body),
    head: head === BROADCAST ? undefined : (head as NodeIndex),
    ...readLists(body),
  });
}

/** The claims alone, undefined for what is no beacon: each delivery asks for these. */
export function claimsOf(body: Uint8Array): BeaconClaims | undefined {
  return isBeacon(body) ? readClaims(body) : undefined;
}

const readClaims = (body: Uint8Array): BeaconClaims => ({
  flags: body[At.flags]!,
  northM: readI32(body, At.northCm) / 100,
  eastM: readI32(body, At.eastCm) / 100,
  altitudeAmslM: readI32(body, At.altitudeCm) / 100,
  northMps: readI16(body, At.northCmps) / 100,
  eastMps: readI16(body, At.eastCmps) / 100,
  downMps: readI16(body, At.downCmps) / 100,
  positionErrorM: readU16(body, At.errorDm) / 10,
  plan: readPlan(body),
});

export const keyEpochOf = (body: Uint8Array): number =>
  readU32(body, At.keyEpochHigh) * 0x100000000 + readU32(body, At.keyEpochLow);

function readPlan(body: Uint8Array): PlanPoint[] {
  const plan: PlanPoint[] = [];
  for (let at = planStart(); at < linkStart(body); at += PLAN_BYTES) {
    plan.push({
      position: {
        northM: readI32(body, At.northCm) / 100 + readI16(body, at) / 2,
        eastM: readI32(body, At.eastCm) / 100 + readI16(body, at + 2) / 2,
        altitudeAmslM: readI32(body, At.altitudeCm) / 100 + readI16(body, at + 4) / 2,
      },
      afterS: readU16(body, at + 6) / 10,
    });
  }
  return plan;
}

function readLists(body: Uint8Array): Pick<BeaconFields, "links" | "routes" | "requests"> {
  const links: LinkEntry[] = [];
  for (let at = linkStart(body); at < routeStart(body); at += LINK_BYTES) {
    links.push({ peer: readU16(body, at), ratio: body[at + 2]!, age: body[at + 3]! });
  }
  const routes: RouteEntry[] = [];
  const requestStart = routeStart(body) + ROUTE_BYTES * body[At.routeCount]!;
  for (let at = routeStart(body); at < requestStart; at += ROUTE_BYTES) {
    routes.push({
      destination: readU16(body, at),
      sequence: readU16(body, at + 2),
      metric: readU16(body, at + 4),
    });
  }
  const requests: RouteRequest[] = [];
  for (let at = requestStart; at < body.length; at += REQUEST_BYTES) {
    requests.push({ destination: readU16(body, at), sequence: readU16(body, at + 2) });
  }
  return { links, routes, requests };
}
