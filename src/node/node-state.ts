/** The node's own share of its saved state; the layers and small machines save themselves. */
import {
  nodeIndex,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import type { FlightMode, LocalPosition, VehicleSample } from "../hal/mod.ts";
import type { PlanPoint } from "../network/mod.ts";
import type { Duty } from "../swarm/mod.ts";

export interface NodeState {
  readonly now: MonotonicMs;
  readonly started: boolean;
  readonly sample: VehicleSample | undefined;
  readonly plan: readonly PlanPoint[];
  readonly duty: Duty;
  readonly ownTicket: number;
  readonly bootKept: boolean;
  readonly bootNonces: ReadonlyMap<NodeIndex, bigint>;
  readonly refusals: ReadonlyMap<string, number>;
}

export function writeNodeState(to: ByteWriter, state: NodeState): void {
  to.f64(state.now)
    .bool(state.started)
    .bool(state.sample !== undefined);
  if (state.sample !== undefined) writeSample(to, state.sample);
  to.u8(state.plan.length);
  for (const { position, afterS } of state.plan) {
    to.f64(position.northM).f64(position.eastM).f64(position.altitudeAmslM).f64(afterS);
  }
  to.text(state.duty).u32(state.ownTicket).bool(state.bootKept);
  to.u16(state.bootNonces.size);
  for (const [peer, bootNonce] of state.bootNonces) to.u16(peer).u64(bootNonce);
  to.u16(state.refusals.size);
  for (const [reason, count] of state.refusals) to.text(reason).safe(count);
}

export function readNodeState(from: ByteReader): NodeState {
  const now = from.f64() as MonotonicMs;
  const started = from.bool();
  const sample = from.bool() ? readSample(from) : undefined;
  const plan = many(from.u8(), () => {
    const position = { northM: from.f64(), eastM: from.f64(), altitudeAmslM: from.f64() };
    return { position, afterS: from.f64() };
  });
  const duty = from.text(32) as Duty;
  const ownTicket = from.u32();
  const bootKept = from.bool();
  const bootNonces = many(from.u16(), () => [nodeIndex(from.u16()), from.u64()] as const);
  const refusals = many(from.u16(), () => [from.text(128), from.safe()] as const);
  return {
    now,
    started,
    sample,
    plan,
    duty,
    ownTicket,
    bootKept,
    bootNonces: new Map(bootNonces),
    refusals: new Map(refusals),
  };
}

function many<T>(count: number, read: () => T): T[] {
  const out: T[] = [];
  for (let i = 0; i < count; i += 1) out.push(read());
  return out;
}

function writeSample(to: ByteWriter, sample: VehicleSample): void {
  const { position, velocity } = sample;
  to.f64(position.northM).f64(position.eastM).f64(position.altitudeAmslM);
  to.f64(velocity.northMps).f64(velocity.eastMps).f64(velocity.downMps);
  to.f64(sample.yawRad).f64(sample.positionErrorM).bool(sample.positionValid);
  to.f64(sample.altitudeAglM ?? NaN);
  to.f64(sample.batteryRatio).f64(sample.batteryFullWh).f64(sample.powerW);
  to.f64(sample.windNorthMps).f64(sample.windEastMps).text(sample.mode);
  to.bool(sample.armed).bool(sample.inAir).bool(sample.released).bool(sample.ready);
}

function readSample(from: ByteReader): VehicleSample {
  const position = { northM: from.f64(), eastM: from.f64(), altitudeAmslM: from.f64() };
  const velocity = { northMps: from.f64(), eastMps: from.f64(), downMps: from.f64() };
  const yawRad = from.f64();
  const positionErrorM = from.f64();
  const positionValid = from.bool();
  const altitudeAglM = from.f64();
  return {
    position,
    velocity,
    yawRad,
    positionErrorM,
    positionValid,
    altitudeAglM: Number.isNaN(altitudeAglM) ? undefined : altitudeAglM,
    batteryRatio: from.f64(),
    batteryFullWh: from.f64(),
    powerW: from.f64(),
    windNorthMps: from.f64(),
    windEastMps: from.f64(),
    mode: from.text(16) as FlightMode,
    armed: from.bool(),
    inAir: from.bool(),
    released: from.bool(),
    ready: from.bool(),
  };
}

/** The sample of a ground station: it stands, and nothing about it flies. */
export const standingAt = (position: LocalPosition): VehicleSample => ({
  position,
  velocity: { northMps: 0, eastMps: 0, downMps: 0 },
  yawRad: 0,
  positionErrorM: 1,
  positionValid: true,
  altitudeAglM: undefined,
  batteryRatio: 1,
  batteryFullWh: 0,
  powerW: 0,
  windNorthMps: 0,
  windEastMps: 0,
  mode: "idle",
  armed: false,
  inAir: false,
  released: false,
  ready: false,
});
