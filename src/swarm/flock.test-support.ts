/**
 * A small world for stories: vehicles with real `Swarm` machines, point masses with batteries, a
 * crew that swaps them, a log that agrees after 100 ms, and beacons five times a second. No radio,
 * no cryptography; the simulator has those.
 */
import { monotonicMs, nodeIndex } from "../base/mod.ts";
import type { NodeIndex, SegmentId } from "../base/mod.ts";
import type {
  FlightMode,
  SensorReport,
  Setpoint,
  VehicleCommand,
  VehicleSample,
} from "../hal/mod.ts";
import type { SwarmConfig } from "./core.ts";
import {
  AIRFRAME,
  body,
  fly,
  positionOf,
  sampleOf,
  velocityOf,
} from "./envelope/fly.test-support.ts";
import type { Body } from "./envelope/fly.test-support.ts";
import { computedPrior } from "./map/mod.ts";
import type { SearchGround } from "./map/mod.ts";
import { skeinPlanner } from "./planner/baselines.ts";
import type { SearchPlanner } from "./planner/planner.ts";
import { Swarm } from "./swarm.ts";
import type { AgreedChange, PlanPoint, Proposal, SwarmEvent, SwarmOut } from "./types.ts";

export interface Craft {
  readonly index: NodeIndex;
  readonly body: Body;
  readonly pad: { readonly n: number; readonly e: number };
  swarm: Swarm;
  mode: FlightMode;
  armed: boolean;
  inAir: boolean;
  released: boolean;
  ready: boolean;
  battery: number;
  setpoint: Setpoint | undefined;
  takeoffAglM: number;
  plan: readonly PlanPoint[];
  swapS: number;
  swaps: number;
  dead: boolean;
  silent: boolean;
  leastBattery: number;
}

export interface FlockOptions {
  readonly world: SearchGround;
  readonly count: number;
  readonly planner?: () => SearchPlanner;
  readonly behaviour?: SwarmConfig["behaviour"];
  readonly truthHeightM?: (n: number, e: number) => number;
  readonly swapS?: number;
}

export interface Told {
  readonly atS: number;
  readonly who: number;
  readonly event: SwarmEvent;
}

export class Flock {
  readonly craft: Craft[] = [];
  readonly ground: Swarm;
  readonly told: Told[] = [];
  readonly log: AgreedChange[] = [];
  readonly owners = new Map<SegmentId, NodeIndex>();
  nowS = 0;
  quorum = true;
  separation = Infinity;
  clearanceM = Infinity;
  readonly #options: FlockOptions;
  #due: { readonly atS: number; readonly from: NodeIndex; readonly proposal: Proposal }[] = [];
  #mail: { readonly atS: number; readonly from: NodeIndex; readonly bytes: Uint8Array }[] = [];
  readonly #swapS: number;

  constructor(options: FlockOptions) {
    this.#options = options;
    this.#swapS = options.swapS ?? 60;
    const { world, count } = options;
    const prior = computedPrior(world);
    const make = options.planner ?? skeinPlanner;
    const plan = make().divide(world, prior);
    const config = (i: number, passive: boolean): SwarmConfig => ({
      self: nodeIndex(i),
      slot: Math.max(0, i - 1),
      slots: count,
      passive,
      world,
      prior,
      plan,
      planner: make(),
      behaviour: options.behaviour,
      seed: 5,
    });
    this.ground = new Swarm(config(0, true));
    const { position, padSpacingM } = world.mission.base;
    for (let i = 1; i <= count; i += 1) {
      const n = position.northM;
      const e = position.eastM + i * padSpacingM;
      const z = this.truthM(n, e);
      this.craft.push({
        index: nodeIndex(i),
        body: body(n, e, z),
        pad: { n, e },
        swarm: new Swarm(config(i, false)),
        mode: "idle",
        armed: false,
        inAir: false,
        released: true,
        ready: true,
        battery: 1,
        setpoint: undefined,
        takeoffAglM: 0,
        plan: [],
        swapS: 0,
        swaps: 0,
        dead: false,
        silent: false,
        leastBattery: 1,
      });
    }
  }

  truthM(n: number, e: number): number {
    const { truthHeightM, world } = this.#options;
    return truthHeightM === undefined ? world.ground.heightAmslM(n, e) : truthHeightM(n, e);
  }

  order(order: Parameters<Swarm["step"]>[1] & { kind: "order" }): void {
    for (const one of this.craft) this.give(one, order);
  }

  start(): void {
    this.order({ kind: "order", order: { kind: "start" } });
    this.order({ kind: "order", order: { kind: "arm" } });
  }

  give(one: Craft, input: Parameters<Swarm["step"]>[1]): void {
    one.swarm.step(monotonicMs(this.nowS * 1000), input, (out) => this.take(one.index, out));
  }

  /** Tells everyone of an agreed change, as the log would. */
  agree(change: AgreedChange): void {
    this.log.push(change);
    for (const one of this.craft) this.give(one, { kind: "applied", change });
    this.ground.step(monotonicMs(this.nowS * 1000), { kind: "applied", change }, (out) =>
      this.take(nodeIndex(0), out),
    );
  }

  sense(one: Craft, report: SensorReport): void {
    this.give(one, { kind: "sensor", report, networkTimeMs: this.nowS * 1000 });
  }

  run(seconds: number, until?: () => boolean): void {
    const end = this.nowS + seconds;
    while (this.nowS < end - 1e-9 && until?.() !== true) this.#tick();
  }

  events(kind: SwarmEvent["kind"]): Told[] {
    return this.told.filter((one) => one.event.kind === kind);
  }

  take(from: NodeIndex, out: SwarmOut): void {
    switch (out.kind) {
      case "command":
        this.#command(this.craft[from - 1]!, out.command);
        return;
      case "propose":
        if (this.quorum) this.#due.push({ atS: this.nowS + 0.1, from, proposal: out.proposal });
        return;
      case "message":
        this.#mail.push({ atS: this.nowS + 0.05, from, bytes: out.bytes });
        return;
      case "event":
        this.told.push({ atS: this.nowS, who: from, event: out.event });
        return;
      case "planHorizon":
        this.craft[from - 1]!.plan = out.points;
        return;
      default:
        out satisfies never;
    }
  }

  #tick(): void {
    this.nowS = Math.round(this.nowS * 10 + 1) / 10;
    this.#commit();
    this.#deliver();
    if (Math.round(this.nowS * 10) % 2 === 0) this.#beacons();
    for (const one of this.craft)
      if (!one.dead) this.give(one, { kind: "vehicle", sample: this.sample(one) });
    const now = monotonicMs(this.nowS * 1000);
    if (this.ground.wakeAt() <= now) {
      this.ground.step(now, { kind: "wake" }, (out) => this.take(nodeIndex(0), out));
    }
    for (const one of this.craft) this.#move(one);
    this.#measure();
  }

  sample(one: Craft): VehicleSample {
    const { body: b } = one;
    return sampleOf(b, {
      altitudeAglM: b.z - this.truthM(b.n, b.e),
      batteryRatio: one.battery,
      mode: one.mode,
      armed: one.armed,
      inAir: one.inAir,
      // The crew throws the switches when the vehicles have started.
      released: one.released && this.nowS > 0.15,
      ready: one.ready,
    });
  }

  #commit(): void {
    const due = this.#due.filter((one) => one.atS <= this.nowS);
    this.#due = this.#due.filter((one) => one.atS > this.nowS);
    for (const { from, proposal } of due) this.#decide(from, proposal);
  }

  #decide(from: NodeIndex, proposal: Proposal): void {
    switch (proposal.kind) {
      case "claim": {
        const owner = this.owners.get(proposal.segment);
        if (owner !== undefined && owner !== from) {
          this.agree({ kind: "claimed", segment: proposal.segment, owner });
          return;
        }
        this.owners.set(proposal.segment, from);
        this.agree({ kind: "claimed", segment: proposal.segment, owner: from });
        return;
      }
      case "renew":
        this.agree({ kind: "progress", progress: proposal.progress, by: from });
        return;
      case "release":
      case "complete":
        this.agree({ kind: "progress", progress: proposal.progress, by: from });
        if (this.owners.get(proposal.progress.segment) !== from) return;
        this.owners.delete(proposal.progress.segment);
        this.agree({ kind: "freed", segment: proposal.progress.segment, orphaned: false });
        return;
      case "detection":
        this.agree({ kind: "detection", detection: proposal.detection });
        return;
      case "value":
        this.agree({ kind: "value", key: proposal.key, value: proposal.value, by: from });
        return;
      case "padClaim":
      case "padRelease":
        return;
      default:
        proposal satisfies never;
    }
  }

  #deliver(): void {
    const due = this.#mail.filter((one) => one.atS <= this.nowS);
    this.#mail = this.#mail.filter((one) => one.atS > this.nowS);
    for (const { from, bytes } of due) {
      if (from !== 0 && this.craft[from - 1]!.silent) continue;
      for (const one of this.craft) {
        if (one.index !== from && !one.silent && !one.dead)
          this.give(one, { kind: "message", from, bytes });
      }
      if (from === 0) continue;
      this.ground.step(monotonicMs(this.nowS * 1000), { kind: "message", from, bytes }, (out) =>
        this.take(nodeIndex(0), out),
      );
    }
  }

  #beacons(): void {
    for (const teller of this.craft) {
      if (teller.dead || teller.silent) continue;
      const peer = {
        index: teller.index,
        position: positionOf(teller.body),
        velocity: velocityOf(teller.body),
        plan: teller.plan,
        trust: "verified" as const,
        ageMs: 50,
        inAir: teller.inAir,
        positionErrorM: 0.5,
      };
      for (const one of this.craft) {
        if (one !== teller && !one.dead && !one.silent) this.give(one, { kind: "peer", peer });
      }
    }
  }

  #command(one: Craft, command: VehicleCommand): void {
    if (one.mode === "manual") return;
    switch (command.kind) {
      case "arm":
        one.armed = one.released && one.ready;
        return;
      case "disarm":
        one.armed = false;
        return;
      case "takeoff":
        if (!one.armed || one.inAir) return;
        one.mode = "takeoff";
        one.inAir = true;
        one.takeoffAglM = command.altitudeAglM;
        return;
      case "setpoint":
        if (!one.inAir) return;
        one.mode = "guided";
        one.setpoint = command.setpoint;
        return;
      case "hold":
      case "rtl":
      case "land":
        if (one.inAir) one.mode = command.kind;
        return;
      default:
        command satisfies never;
    }
  }

  #move(one: Craft): void {
    if (one.dead) return;
    if (!one.inAir) {
      this.#crew(one);
      return;
    }
    const to = this.#aim(one);
    for (let i = 0; i < 2; i += 1) fly(one.body, to, 0.05, AIRFRAME);
    const { batteryS } = this.#options.world.mission.vehicles;
    one.battery = Math.max(
      0,
      one.battery - (0.1 / batteryS) * (1 + Math.max(0, one.body.vz) * 0.2),
    );
    one.leastBattery = Math.min(one.leastBattery, one.battery);
    const floor = this.truthM(one.body.n, one.body.e);
    if (one.mode === "land" && one.body.z <= floor + 0.2) {
      Object.assign(one.body, { z: floor, vn: 0, ve: 0, vz: 0, an: 0, ae: 0, az: 0 });
      Object.assign(one, {
        inAir: false,
        armed: false,
        mode: "idle",
        released: false,
        swapS: this.#swapS,
      });
    }
  }

  #aim(one: Craft): Setpoint {
    const { body: b } = one;
    const floor = this.truthM(b.n, b.e);
    const still = (climbMps: number): Setpoint => ({
      position: { northM: b.n, eastM: b.e, altitudeAmslM: b.z + climbMps },
      velocity: { northMps: 0, eastMps: 0, downMps: -climbMps },
      yawRad: 0,
      speedMaxMps: 2,
    });
    if (one.mode === "takeoff") {
      if (b.z - floor >= one.takeoffAglM - 1) one.mode = "hold";
      return still(2);
    }
    if (one.mode === "land") return still(-Math.min(1.5, b.z - floor));
    if (one.mode === "guided" && one.setpoint !== undefined) return one.setpoint;
    return still(0);
  }

  #crew(one: Craft): void {
    if (one.swapS <= 0) return;
    one.swapS -= 0.1;
    if (one.swapS > 0) return;
    one.battery = 1;
    one.swaps += 1;
    one.released = true;
  }

  #measure(): void {
    const up = this.craft.filter((one) => one.inAir);
    for (let i = 0; i < up.length; i += 1) {
      const a = up[i]!.body;
      for (let k = i + 1; k < up.length; k += 1) {
        const b = up[k]!.body;
        const apart = Math.max(Math.hypot(a.n - b.n, a.e - b.e) / 10, Math.abs(a.z - b.z) / 5);
        this.separation = Math.min(this.separation, apart);
      }
      const one = up[i]!;
      const fromPad = Math.hypot(a.n - one.pad.n, a.e - one.pad.e);
      if (one.mode !== "land" && one.mode !== "takeoff" && fromPad > 10) {
        this.clearanceM = Math.min(this.clearanceM, a.z - this.truthM(a.n, a.e));
      }
    }
  }
}
