/**
 * Bytes of orders. Layout: `docs/protocols/order.md`; golden bytes: `vectors/order`. These bytes
 * are what the operator signs and what the log keeps, so they are fixed from the first release.
 *
 * Lengths in metres travel as centimetres (i32), ratios and parameters as 64-bit floats (never NaN
 * or infinite), times as milliseconds of network time. The decoder takes only what the encoder
 * would have written: no second encoding of one order exists.
 */
import {
  ByteReader,
  ByteWriter,
  CLUSTERS_MAX,
  equalBytes,
  fail,
  networkTimeMs,
  nodeId,
  nodeIndex,
  ok,
  problem,
  segmentId,
  utf8Encode,
  type NodeIndex,
  type Result,
} from "../../base/mod.ts";
import { SIZES } from "../provider.ts";
import { SecurityMessage } from "../types.ts";
import type {
  ArmBinding,
  Order,
  OrderClue,
  OrderCluster,
  OrderCommand,
  OrderKind,
  OrderName,
  OrderTargets,
  OrderVolume,
  SignedOrder,
} from "./order.ts";

const VERSION = 1;
export const ORDER_BODY_MAX_BYTES = 2560;
export const TARGETS_MAX = 64;
export const DEFINITION_MAX_BYTES = 2048;
/** Clusters of one division order, and their bytes: the rest of a body is below 300. */
export const DIVIDED_MAX = 16;
const DIVISION_MAX_BYTES = 2_200;
const PARAMETER_NAME_MAX_BYTES = 64;
const ALL_TARGETS = 0xff;

/** Wire codes; a code once given is never given again. */
const KIND_CODES: Readonly<Record<OrderKind, number>> = Object.freeze({
  hold: 1,
  return: 2,
  land: 3,
  clearAir: 4,
  start: 5,
  arm: 6,
  release: 7,
  plan: 8,
  parameter: 9,
  confirm: 10,
  dismiss: 11,
  lookAgain: 12,
  addClue: 13,
  evict: 14,
  divide: 15,
});
const MANNERS = ["below", "land", "leave"] as const;
const CLUE_KINDS = ["sighting", "signal", "item", "absence"] as const;

export function encodeOrder(order: Order): Uint8Array {
  const to = new ByteWriter({ initialBytes: 96, maxBytes: ORDER_BODY_MAX_BYTES });
  to.u8(VERSION).u8(KIND_CODES[order.command.kind]);
  to.u64(order.operator).u32(order.session).u32(order.sequence);
  to.safe(order.issuedAt).safe(order.validUntil).u32(order.missionRevision);
  to.bool(order.supersedes !== undefined);
  if (order.supersedes !== undefined) writeName(to, order.supersedes);
  writeTargets(to, order.targets);
  writeCommand(to, order.command);
  return to.take();
}

function writeName(to: ByteWriter, name: OrderName): void {
  to.u64(name.operator).u32(name.session).u32(name.sequence);
}

function writeTargets(to: ByteWriter, targets: OrderTargets): void {
  if (targets === "all") {
    to.u8(ALL_TARGETS);
    return;
  }
  to.u8(targets.length);
  for (const target of targets) to.u16(target);
}

function writeCommand(to: ByteWriter, command: OrderCommand): void {
  switch (command.kind) {
    case "hold":
    case "return":
    case "land":
    case "start":
      return;
    case "clearAir":
      to.bool(command.lift).u8(MANNERS.indexOf(command.manner));
      to.i32(centimetres(command.ceilingAglM)).safe(command.byMs);
      to.bool(command.volume !== undefined);
      if (command.volume !== undefined) writeCircle(to, command.volume);
      return;
    case "arm":
      to.i32(centimetres(command.takeoffAltitudeAglM));
      writeBindings(to, command.bindings);
      return;
    case "release":
      writeBindings(to, command.bindings);
      return;
    case "plan":
      to.u32(command.revision).raw(command.digest).blob(command.definition);
      return;
    case "parameter":
      to.text(command.name).f64(command.value);
      return;
    case "confirm":
    case "dismiss":
    case "lookAgain":
      to.u32(command.detectionId);
      return;
    case "addClue":
      to.u8(CLUE_KINDS.indexOf(command.clue.clueKind)).f64(command.clue.likelihoodRatio);
      writeCircle(to, command.clue);
      return;
    case "evict":
      to.u16(command.member);
      return;
    case "divide":
      to.u32(command.revision).u8(command.clusters.length);
      for (const one of command.clusters) writeCluster(to, one);
      return;
    default:
      command satisfies never;
  }
}

function writeBindings(to: ByteWriter, bindings: readonly ArmBinding[]): void {
  to.u8(bindings.length);
  for (const { vehicle, bootNonce } of bindings) to.u16(vehicle).u64(bootNonce);
}

function writeCluster(to: ByteWriter, one: OrderCluster): void {
  const { cluster, since, channel, members, segments } = one;
  to.u16(cluster).u32(since).u8(channel).u8(members.length);
  for (const member of members) to.u16(member);
  to.u16(segments.length);
  for (const segment of segments) to.u16(segment);
}

function writeCircle(to: ByteWriter, circle: OrderVolume): void {
  to.i32(centimetres(circle.northM)).i32(centimetres(circle.eastM));
  to.i32(centimetres(circle.radiusM));
}

const centimetres = (metres: number): number => Math.round(metres * 100);

/** Every rule of the format is checked: ranges, counts, ascending targets, canonical form. */
export function decodeOrder(bytes: Uint8Array): Result<Order> {
  const from = new ByteReader(bytes);
  if (bytes.length > ORDER_BODY_MAX_BYTES || from.u8() !== VERSION) return malformed("version");
  const code = from.u8();
  const name = readName(from);
  const issuedAt = networkTimeMs(from.safe());
  const validUntil = networkTimeMs(from.safe());
  const missionRevision = from.u32();
  const supersedes = from.bool() ? readName(from) : undefined;
  const targets = readTargets(from);
  const command = readCommand(from, code);
  if (command === undefined) return malformed("kind or arguments");
  if (from.finish() !== undefined) return malformed("length");
  if (validUntil < issuedAt) return malformed("validity");
  const order = { ...name, issuedAt, validUntil, targets, missionRevision, supersedes, command };
  const canonical = equalBytes(encodeOrder(order), bytes);
  return canonical ? ok(order) : malformed("not in canonical form");
}

function malformed(detail: string): Result<never> {
  return fail(problem("SEC022", { detail }));
}

function readName(from: ByteReader): OrderName {
  return { operator: nodeId(from.u64()), session: from.u32(), sequence: from.u32() };
}

function readTargets(from: ByteReader): OrderTargets {
  const count = from.u8();
  if (count === ALL_TARGETS) return "all";
  if (count > TARGETS_MAX) from.refuse();
  const targets: NodeIndex[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    const target = nodeIndex(from.u16());
    if (i > 0 && target <= targets[i - 1]!) from.refuse();
    targets.push(target);
  }
  return targets;
}

function readCommand(from: ByteReader, code: number): OrderCommand | undefined {
  const kind = (Object.keys(KIND_CODES) as OrderKind[]).find((one) => KIND_CODES[one] === code);
  switch (kind) {
    case undefined:
      return undefined;
    case "hold":
    case "return":
    case "land":
    case "start":
      return { kind };
    case "clearAir":
      return readClearAir(from);
    case "arm": {
      const takeoffAltitudeAglM = from.i32() / 100;
      if (takeoffAltitudeAglM <= 0) return undefined;
      return { kind, takeoffAltitudeAglM, bindings: readBindings(from) };
    }
    case "release":
      return { kind, bindings: readBindings(from) };
    case "plan": {
      const revision = from.u32();
      const digest = from.raw(32);
      return { kind, revision, digest, definition: from.blob(DEFINITION_MAX_BYTES) };
    }
    case "parameter": {
      const parameter = from.text(PARAMETER_NAME_MAX_BYTES);
      return { kind, name: parameter, value: readFinite(from) };
    }
    case "confirm":
    case "dismiss":
    case "lookAgain":
      return { kind, detectionId: from.u32() };
    case "addClue":
      return readClue(from);
    case "evict":
      return { kind, member: nodeIndex(from.u16()) };
    case "divide":
      return { kind, revision: from.u32(), clusters: readClusters(from) };
    default:
      return kind satisfies never;
  }
}

function readClearAir(from: ByteReader): OrderCommand | undefined {
  const lift = from.bool();
  const manner = MANNERS[from.u8()];
  const ceilingAglM = from.i32() / 100;
  const byMs = networkTimeMs(from.safe());
  const volume = from.bool() ? readCircle(from) : undefined;
  if (manner === undefined || ceilingAglM < 0) return undefined;
  return { kind: "clearAir", lift, manner, ceilingAglM, byMs, volume };
}

function readBindings(from: ByteReader): readonly ArmBinding[] {
  const count = from.u8();
  if (count > TARGETS_MAX) from.refuse();
  const bindings: ArmBinding[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    bindings.push({ vehicle: nodeIndex(from.u16()), bootNonce: from.u64() });
  }
  return bindings;
}

function readClue(from: ByteReader): OrderCommand | undefined {
  const clueKind = CLUE_KINDS[from.u8()];
  const likelihoodRatio = readFinite(from);
  const circle = readCircle(from);
  if (clueKind === undefined || likelihoodRatio <= 0) return undefined;
  const clue: OrderClue = { clueKind, ...circle, likelihoodRatio };
  return { kind: "addClue", clue };
}

function readClusters(from: ByteReader): readonly OrderCluster[] {
  const count = from.u8();
  if (count === 0 || count > DIVIDED_MAX) from.refuse();
  const clusters: OrderCluster[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    const cluster = from.u16();
    const since = from.u32();
    const channel = from.u8();
    const membersCount = from.u8();
    if (membersCount > TARGETS_MAX) from.refuse();
    const members = readAscending(from, membersCount).map(nodeIndex);
    const segments = readAscending(from, from.u16()).map(segmentId);
    const isNext = cluster > (clusters.at(-1)?.cluster ?? 0) && cluster <= CLUSTERS_MAX;
    if (!isNext || channel === 0) from.refuse();
    clusters.push({ cluster, since, channel, members, segments });
  }
  return clusters;
}

function readAscending(from: ByteReader, count: number): readonly number[] {
  const values: number[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    const value = from.u16();
    if (value <= (values.at(-1) ?? -1)) from.refuse();
    values.push(value);
  }
  return values;
}

function readCircle(from: ByteReader): OrderVolume {
  const northM = from.i32() / 100;
  const eastM = from.i32() / 100;
  const radiusM = from.i32() / 100;
  if (radiusM <= 0) from.refuse();
  return { northM, eastM, radiusM };
}

function readFinite(from: ByteReader): number {
  const value = from.f64();
  if (!Number.isFinite(value)) from.refuse();
  return value;
}

const METRES_MAX = 20_000_000;

/**
 * Whether a wish can be written as an order: counts, lengths, and numbers that fit their fields.
 */
export function checkDraft(command: OrderCommand, targets: OrderTargets): Result<true> {
  if (targets !== "all" && targets.length > TARGETS_MAX) return malformed("too many targets");
  const sound = (holds: boolean): Result<true> => (holds ? ok(true) : malformed(command.kind));
  switch (command.kind) {
    case "clearAir": {
      const byMs: number = command.byMs;
      const timed = Number.isSafeInteger(byMs) && byMs >= 0;
      return sound(timed && fits(command.ceilingAglM) && fitsCircle(command.volume));
    }
    case "arm":
      return sound(command.bindings.length <= TARGETS_MAX && fits(command.takeoffAltitudeAglM));
    case "release":
      return sound(command.bindings.length <= TARGETS_MAX);
    case "plan": {
      const short = command.definition.length <= DEFINITION_MAX_BYTES;
      return sound(short && command.digest.length === 32);
    }
    case "parameter":
      return sound(utf8Encode(command.name).length <= PARAMETER_NAME_MAX_BYTES);
    case "addClue":
      return sound(fitsCircle(command.clue));
    case "divide":
      return sound(isDivision(command.clusters));
    case "hold":
    case "return":
    case "land":
    case "start":
    case "confirm":
    case "dismiss":
    case "lookAgain":
    case "evict":
      return ok(true);
    default:
      return command satisfies never;
  }
}

/** Whether it fits an order, and nobody and nothing is in two clusters. */
function isDivision(clusters: readonly OrderCluster[]): boolean {
  const isRising = (values: readonly number[]): boolean =>
    values.every((value, i) => i === 0 || value > values[i - 1]!);
  const members = clusters.flatMap((one) => one.members);
  const segments = clusters.flatMap((one) => one.segments);
  const bytes = 10 * clusters.length + 2 * (members.length + segments.length);
  return (
    clusters.length > 0 &&
    clusters.length <= DIVIDED_MAX &&
    bytes <= DIVISION_MAX_BYTES &&
    isRising(clusters.map(({ cluster }) => cluster)) &&
    clusters.every((one) => one.members.length <= TARGETS_MAX && one.channel > 0) &&
    clusters.every((one) => isRising(one.members) && isRising(one.segments)) &&
    new Set(members).size === members.length &&
    new Set(segments).size === segments.length
  );
}

const fits = (metres: number): boolean => metres >= -METRES_MAX && metres <= METRES_MAX;

function fitsCircle(circle: OrderVolume | undefined): boolean {
  if (circle === undefined) return true;
  return fits(circle.northM) && fits(circle.eastM) && fits(circle.radiusM);
}

/** The message that carries a signed order: kind, flags, body, signatures. */
export function encodeSignedOrder(signed: SignedOrder): Uint8Array {
  const to = new ByteWriter({ initialBytes: 256 });
  to.u8(SecurityMessage.order).bool(signed.mldsa !== undefined);
  to.u16(signed.body.length).raw(signed.body).raw(signed.ed25519);
  if (signed.mldsa !== undefined) to.raw(signed.mldsa);
  return to.take();
}

/** Parses; signatures are not checked here. */
export function decodeSignedOrder(bytes: Uint8Array): Result<SignedOrder> {
  const from = new ByteReader(bytes);
  if (from.u8() !== SecurityMessage.order) return malformed("not an order's message");
  const composite = from.bool();
  const length = from.u16();
  if (length > ORDER_BODY_MAX_BYTES) return malformed("length");
  const body = from.raw(length);
  const ed25519 = from.raw(SIZES.ed25519.signature);
  const mldsa = composite ? from.raw(SIZES.mldsa65.signature) : undefined;
  if (from.finish() !== undefined) return malformed("length");
  const order = decodeOrder(body);
  return order.ok ? ok({ order: order.value, body, ed25519, mldsa }) : order;
}

/** What a vehicle says of an order it has received. */
export type OrderProgress = "received" | "agreed" | "acting" | "done" | "refused";
const PROGRESS = ["received", "agreed", "acting", "done", "refused"] as const;

export interface OrderState {
  readonly name: OrderName;
  readonly vehicle: NodeIndex;
  readonly progress: OrderProgress;
  /** A problem code when refused, else empty; at most 16 characters. */
  readonly reason: string;
}

export function encodeOrderState(state: OrderState): Uint8Array {
  const to = new ByteWriter({ initialBytes: 48 });
  to.u8(SecurityMessage.orderState);
  writeName(to, state.name);
  to.u16(state.vehicle).u8(PROGRESS.indexOf(state.progress)).text(state.reason.slice(0, 16));
  return to.take();
}

export function decodeOrderState(bytes: Uint8Array): Result<OrderState> {
  const from = new ByteReader(bytes);
  const kind = from.u8();
  const name = readName(from);
  const vehicle = nodeIndex(from.u16());
  const progress = PROGRESS[from.u8()];
  const reason = from.text(16);
  const whole = from.finish() === undefined && kind === SecurityMessage.orderState;
  if (!whole || progress === undefined) return malformed("order state");
  return ok({ name, vehicle, progress, reason });
}
