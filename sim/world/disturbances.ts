/**
 * What faults do to the world beyond the tables of `faults/active.ts`: airframes that break, nodes
 * that go down, sensors that stick, jammers and hostile radios.
 *
 * A hostile radio is an emitter beyond the nodes' slots; it obeys carrier sense like any other, and
 * sends random bytes, or frames that it heard, as they were or with one bit flipped. Bounds:
 * `HOSTILE_MAX` hostile radios at one time (more are ignored), `RECORDED_MAX` frames remembered.
 */
import { pow, SeededStream, type ByteReader, type ByteWriter } from "../../src/base/mod.ts";
import { COMMON_RADIO } from "../../src/hal/mod.ts";
import type { LinkTable, Radios } from "../channel/mod.ts";
import { readPlain, writePlain } from "../core/mod.ts";
import type { ActiveFaults, ActiveWindow } from "../faults/mod.ts";
import type { FaultAction } from "../faults/types.ts";
import { batteryRatio, lose, type AirframeWorld } from "../flight/mod.ts";
import type { Scenario } from "./scenario.ts";

/** Hostile radios at one time. */
export const HOSTILE_MAX = 4;
const HOSTILE_BYTES_MAX = 1200;
const RECORDED_MAX = 32;
const LIGHT_MPS = 299_792_458;
const VOICE = 0;

type Sensor = Extract<FaultAction, { kind: "stuckSensor" }>["sensor"];
type Hostile = Extract<FaultAction, { kind: "hostile" }>;

/** What the world lends its disturbances. */
export interface DisturbedWorld {
  readonly scenario: Scenario;
  readonly airframe: AirframeWorld;
  readonly links: LinkTable;
  readonly radios: () => Radios;
  readonly faults: ActiveFaults;
  readonly stopForGood: (slot: number) => void;
  readonly restart: (slot: number, downS: number) => void;
  readonly jumpClock: (slot: number, offsetUs: number) => void;
  /** The node's oscillator runs at another rate from now on. */
  readonly retune: (slot: number, nowUs: number) => void;
  readonly scheduleHostile: (atUs: number, index: number) => void;
}

export class Disturbances {
  readonly #world: DisturbedWorld;
  readonly #stream: SeededStream;
  readonly #stuckCamera: Uint8Array;
  /** Fault ids by hostile slot. */
  #hostiles: (number | undefined)[] = [];
  #recorded: Uint8Array[] = [];

  constructor(world: DisturbedWorld) {
    this.#world = world;
    this.#stream = new SeededStream(world.scenario.seed, "hostile");
    this.#stuckCamera = new Uint8Array(world.scenario.nodes.length);
  }

  isCameraStuck(slot: number): boolean {
    return this.#stuckCamera[slot] === 1;
  }

  /** Does what a fault does; window faults are in the table of active ones already. */
  enact(action: FaultAction, id: number, nowUs: number): void {
    const { airframe, scenario } = this.#world;
    const { slab } = airframe;
    switch (action.kind) {
      case "kill":
        lose(slab, action.slot);
        this.#world.stopForGood(action.slot);
        return;
      case "reboot":
        this.#world.restart(action.slot, action.downS);
        return;
      case "jam":
        this.#rejam();
        return;
      case "stuckSensor":
        this.#stick(action.slot, action.sensor, 1);
        return;
      case "gnssLoss":
      case "gnssLossArea":
        this.#losePosition();
        return;
      case "lowBattery": {
        const wh = action.ratio * scenario.airframe.batteryWh;
        slab.batteryWh[action.slot] = Math.min(wh, slab.batteryWh[action.slot]!);
        return;
      }
      case "hostile":
        this.#admit(action, id, nowUs);
        return;
      case "clockOffset":
        this.#world.jumpClock(action.slot, action.offsetS * 1e6);
        return;
      case "restore":
        for (const window of this.#world.faults.liftKinds(action.kinds)) this.undo(window, nowUs);
        return;
      case "linkCut":
      case "partition":
      case "lossBurst":
      case "slowCpu":
      case "store":
      case "clockError":
        return;
      case "clockDrift":
        this.#world.retune(action.slot, nowUs);
        return;
      case "strike":
      case "split":
        return;
      default:
        action satisfies never;
    }
  }

  /** The end of a window fault, for those that set something beyond the table of active faults. */
  undo(window: ActiveWindow, nowUs: number): void {
    const { action, id } = window;
    if (action.kind === "gnssLoss" || action.kind === "gnssLossArea") this.#losePosition();
    else if (action.kind === "clockDrift") this.#world.retune(action.slot, nowUs);
    else if (action.kind === "stuckSensor") this.#stick(action.slot, action.sensor, 0);
    else if (action.kind === "jam") this.#rejam();
    else if (action.kind === "hostile") {
      this.#hostiles = this.#hostiles.map((other) => (other === id ? undefined : other));
    }
  }

  /** A frame goes on the air where a hostile radio may hear it. */
  overhear(bytes: Uint8Array): void {
    if (this.#hostiles.length === 0) return;
    this.#recorded.push(bytes);
    if (this.#recorded.length > RECORDED_MAX) this.#recorded.shift();
  }

  /** A hostile radio's turn. */
  onHostile(index: number, nowUs: number): void {
    const id = this.#hostiles[index];
    const { faults, scenario } = this.#world;
    const action = faults.windows.find((window) => window.id === id)?.action;
    if (action?.kind !== "hostile") return;
    const periodUs = Math.max(200, Math.round(1e6 / action.rateHz));
    this.#world.scheduleHostile(nowUs + periodUs, index);
    const bytes = this.#bytes(action.mode);
    this.#world.radios().send(COMMON_RADIO, scenario.nodes.length + index, {
      bytes,
      airBytes: bytes.length + scenario.radio.overheadBytes,
      access: VOICE,
      readyUs: nowUs,
      expiresUs: nowUs + 100_000,
      destination: -1,
      retries: 0,
    });
  }

  save(to: ByteWriter): void {
    writePlain(to, { hostiles: this.#hostiles, recorded: this.#recorded });
    to.raw(this.#stuckCamera);
    this.#stream.save(to);
  }

  load(from: ByteReader): void {
    const plain = readPlain(from) as { hostiles: (number | undefined)[]; recorded: Uint8Array[] };
    this.#hostiles = plain.hostiles;
    this.#recorded = plain.recorded;
    this.#stuckCamera.set(from.raw(this.#stuckCamera.length));
    this.#stream.load(from);
  }

  #stick(slot: number, sensor: Sensor, on: number): void {
    const { airframe } = this.#world;
    const { slab } = airframe;
    if (sensor === "camera") this.#stuckCamera[slot] = on;
    else if (sensor === "barometer") {
      slab.heldAltitudeM[slot] = slab.altitudeM[slot]! + slab.errorUpM[slot]!;
      slab.stuckBarometer[slot] = on;
    } else if (sensor === "rangefinder") {
      slab.heldAglM[slot] = slab.aglM[slot]!;
      slab.stuckRangefinder[slot] = on;
    } else {
      slab.heldBatteryRatio[slot] = batteryRatio(airframe, slot);
      slab.stuckBattery[slot] = on;
    }
  }

  /** Noise of all jammers at each antenna where it is now, by free space. */
  #rejam(): void {
    const { airframe, faults, scenario } = this.#world;
    const { slab } = airframe;
    const firstMetre = pow(LIGHT_MPS / (4 * Math.PI * scenario.radio.bandHz), 2);
    for (let slot = 0; slot < scenario.nodes.length; slot += 1) {
      let mw = 0;
      for (const { action } of faults.windows) {
        if (action.kind !== "jam") continue;
        const dn = action.northM - slab.northM[slot]!;
        const de = action.eastM - slab.eastM[slot]!;
        const du = slab.aglM[slot]!;
        const square = Math.max(1, dn * dn + de * de + du * du);
        mw += (pow(10, action.powerDbm / 10) * firstMetre) / square;
      }
      this.#world.radios().jam(slot, mw);
    }
  }

  /** Who has no satellites now: named by a window, or where a window says that there are none. */
  #losePosition(): void {
    const { airframe, faults, scenario } = this.#world;
    const { slab } = airframe;
    for (let slot = 0; slot < scenario.nodes.length; slot += 1) {
      const isOut = faults.windows.some(({ action }) => {
        if (action.kind === "gnssLoss") return action.slot === slot;
        if (action.kind !== "gnssLossArea") return false;
        const dn = action.northM - slab.northM[slot]!;
        const de = action.eastM - slab.eastM[slot]!;
        const isIn = dn * dn + de * de <= action.radiusM * action.radiusM;
        return isIn && slab.altitudeM[slot]! < action.belowAmslM;
      });
      slab.gnssOut[slot] = isOut ? 1 : 0;
    }
  }

  /** Areas stand still, vehicles fly: who is in them is found anew each second while one is on. */
  everySecond(): void {
    const { windows } = this.#world.faults;
    if (windows.some(({ action }) => action.kind === "jam")) this.#rejam();
    if (windows.some(({ action }) => action.kind === "gnssLossArea")) this.#losePosition();
  }

  #admit(action: Hostile, id: number, nowUs: number): void {
    const { airframe, links, scenario } = this.#world;
    let free = this.#hostiles.indexOf(undefined);
    if (free < 0) free = this.#hostiles.length;
    if (free >= HOSTILE_MAX) return;
    this.#hostiles[free] = id;
    const slot = scenario.nodes.length + free;
    const groundM = airframe.ground.groundAmslM(action.northM, action.eastM);
    airframe.slab.northM[slot] = action.northM;
    airframe.slab.eastM[slot] = action.eastM;
    airframe.slab.altitudeM[slot] = groundM + 2;
    airframe.slab.aglM[slot] = 2;
    links.forget(slot);
    this.#world.scheduleHostile(nowUs + 1000, free);
  }

  #bytes(mode: Hostile["mode"]): Uint8Array {
    const stream = this.#stream;
    const heard = this.#recorded[stream.below(Math.max(1, this.#recorded.length))];
    if (mode === "garbage" || heard === undefined) {
      const length = 1 + stream.below(HOSTILE_BYTES_MAX);
      return Uint8Array.from({ length }, () => stream.below(256));
    }
    const bytes = heard.slice();
    if (mode === "bitflip" && bytes.length > 0) {
      bytes[stream.below(bytes.length)]! ^= 1 << stream.below(8);
    }
    return bytes;
  }
}
