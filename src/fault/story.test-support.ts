/**
 * Tells what one fault machine says while its world is changed: columns as the network keeps them,
 * a clock, and a transcript with one line an output.
 */
import {
  ByteReader,
  ByteWriter,
  type MonotonicMs,
  type NodeIndex,
  type SegmentId,
} from "../base/mod.ts";
import type { VehicleSample } from "../hal/mod.ts";
import { Fault } from "./fault.ts";
import { decodeFaultMessage } from "./messages.ts";
import type { FaultIn, FaultOut } from "./types.ts";

const ROWS = 32;

export const sample = (over: Partial<VehicleSample> = {}): VehicleSample => ({
  position: { northM: 0, eastM: 0, altitudeAmslM: 100 },
  velocity: { northMps: 0, eastMps: 0, downMps: 0 },
  yawRad: 0,
  positionErrorM: 1,
  positionValid: true,
  altitudeAglM: 50,
  batteryRatio: 0.8,
  batteryFullWh: 100,
  powerW: 200,
  windNorthMps: 0,
  windEastMps: 0,
  mode: "guided",
  armed: true,
  inAir: true,
  released: true,
  ready: true,
  ...over,
});

export class Story {
  readonly lines: string[] = [];
  readonly outputs: FaultOut[] = [];
  readonly table = {
    rows: ROWS,
    peers: new Uint16Array(ROWS).fill(0xffff),
    heardMs: new Float64Array(ROWS).fill(-Infinity),
    gapMean: new Float64Array(ROWS).fill(1),
    gapVariance: new Float64Array(ROWS).fill(0.02),
    intervalMs: new Float64Array(ROWS).fill(1000),
    indirectMs: new Float64Array(ROWS).fill(-Infinity),
    lifetimeS: new Float64Array(ROWS).fill(Infinity),
  };
  nowMs = 0;
  /** Peers whose beacons arrive, and those of whom others tell. */
  readonly heard = new Set<number>();
  readonly toldOf = new Set<number>();
  fault: Fault;

  constructor(peers: readonly number[], grounds: readonly number[] = []) {
    this.fault = new Fault({ self: 0 as NodeIndex });
    [...peers, ...grounds].forEach((peer, row) => {
      this.table.peers[row] = peer;
      this.heard.add(peer);
    });
    this.give({
      kind: "roster",
      members: [0, ...peers] as NodeIndex[],
      grounds: grounds as NodeIndex[],
    });
  }

  give(input: FaultIn): void {
    this.fault.step(this.nowMs as MonotonicMs, input, (output) => {
      this.outputs.push(output);
      this.lines.push(`${(this.nowMs / 1000).toFixed(2).padStart(7)} s  ${lineOf(output)}`);
    });
  }

  lease(owner: number, segment: number): { owner: NodeIndex; segment: SegmentId } {
    return { owner: owner as NodeIndex, segment: segment as SegmentId };
  }

  /** Lets time pass: a beacon a second of each peer heard, columns at each wake. */
  until(endS: number): this {
    while (this.nowMs < endS * 1000) {
      this.nowMs = Math.min(endS * 1000, Math.max(this.nowMs + 1, this.fault.wakeAt()));
      const secondMs = Math.floor(this.nowMs / 1000) * 1000;
      for (let row = 0; row < ROWS; row += 1) {
        const peer = this.table.peers[row]!;
        if (this.heard.has(peer))
          this.table.heardMs[row] = Math.max(secondMs, this.table.heardMs[row]!);
        if (this.toldOf.has(peer)) this.table.indirectMs[row] = secondMs;
      }
      this.give({ kind: "presence", table: this.table });
    }
    return this;
  }

  note(text: string): this {
    this.lines.push(`${(this.nowMs / 1000).toFixed(2).padStart(7)} s  -- ${text}`);
    return this;
  }

  reload(): void {
    const writer = new ByteWriter();
    this.fault.save(writer);
    this.fault = new Fault({ self: 0 as NodeIndex });
    const reader = new ByteReader(writer.take());
    this.fault.load(reader);
    if (reader.finish() !== undefined) throw new Error("the save was not read to its end");
  }

  get text(): string {
    return `\n${this.lines.join("\n")}\n`;
  }
}

function lineOf(output: FaultOut): string {
  switch (output.kind) {
    case "event": {
      const { event } = output;
      if (event.kind === "lost" || event.kind === "regained") return `${event.kind} ${event.what}`;
      if (event.kind === "back") return `back: ${event.peer}`;
      const { silentMs, indirectMs, lifetimeS, phi, witnesses } = event.evidence;
      const seconds = (ms: number): string => (ms / 1000).toFixed(1);
      return (
        `${event.kind}: ${event.peer} (phi ${phi.toFixed(1)}, silent ${seconds(silentMs)} s` +
        (indirectMs === Infinity ? "" : `, told of ${seconds(indirectMs)} s ago`) +
        (lifetimeS === Infinity ? "" : `, link for ${lifetimeS} s`) +
        (witnesses === 0 ? ")" : `, ${witnesses} witnesses)`)
      );
    }
    case "directive": {
      const { directive } = output;
      switch (directive.kind) {
        case "leaseOrphaned":
          return `=> leaseOrphaned: segment ${directive.segment} of ${directive.owner}`;
        case "declareDead":
        case "retractDead":
          return `=> ${directive.kind}: ${directive.peer}`;
        case "headLost":
        case "loseGround":
          return `=> ${directive.kind}`;
        default:
          return `=> ${directive.kind}: ${directive.reason}`;
      }
    }
    case "rung":
      return `rung ${output.from} -> ${output.rung}: ${output.reason}`;
    case "send": {
      const message = decodeFaultMessage(output.bytes);
      if (!message.ok) return "an unreadable message";
      const to = output.to === 0xffff ? "all" : String(output.to);
      return `to ${to}: ${message.value.kind} ${message.value.peer}, ${message.value.ageMs} ms`;
    }
  }
}
