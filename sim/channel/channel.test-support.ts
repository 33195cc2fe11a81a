/** A cell of senders on a medium with an event loop of its own, for the golden tables. */
import { SeededStream, TimeHeap } from "../../src/base/mod.ts";
import { LinkTable, Medium, type AirFrame, type AntennaSlab } from "./mod.ts";

const END = 1 << 20;
const SEND = 2 << 20;

export interface CellOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly mcs: number;
  readonly radiusM: number;
  readonly queueFrames?: number;
}

export interface Heard {
  readonly to: number;
  readonly from: number;
  readonly atUs: number;
  readonly tag: number;
}

/** The frame's first byte is its tag. */
export class Cell {
  readonly heap: TimeHeap = new TimeHeap();
  readonly medium: Medium;
  readonly links: LinkTable;
  nowUs = 0;
  readonly #onSend: (slot: number) => void;

  constructor(
    options: CellOptions,
    hooks: { readonly heard: (heard: Heard) => void; readonly onSend: (slot: number) => void },
  ) {
    const antennas = disc(options);
    const links = (this.links = new LinkTable({
      seed: options.seed,
      bandHz: 5.18e9,
      antennaGainDb: 0,
      antennas,
      groundAmslM: () => -1000,
    }));
    this.#onSend = hooks.onSend;
    this.medium = new Medium({
      emitterCount: options.nodes,
      listenerCount: options.nodes,
      seed: options.seed,
      mcs: options.mcs,
      powerMw: 40,
      noiseMw: 10 ** -9.4,
      carrierSenseMw: 10 ** -8.2,
      queueFrames: options.queueFrames ?? 500,
      links,
      scheduleAccess: (atUs, slot) => this.heap.push(atUs, slot),
      scheduleEnd: (atUs, index) => this.heap.push(atUs, END + index),
      awake: () => true,
      cut: () => false,
      deliver: (reception) =>
        hooks.heard({
          to: reception.to,
          from: reception.from,
          atUs: reception.atUs,
          tag: reception.bytes[0] ?? 0,
        }),
    });
  }

  sendAt(atUs: number, slot: number): void {
    this.heap.push(atUs, SEND + slot);
  }

  send(slot: number, frame: Partial<AirFrame> & { readonly airBytes: number }): boolean {
    return this.medium.send(slot, {
      bytes: new Uint8Array(1),
      access: 2,
      readyUs: this.nowUs,
      expiresUs: this.nowUs + 500_000,
      destination: -1,
      retries: 0,
      ...frame,
    });
  }

  runUntil(untilUs: number): void {
    while (this.heap.nextTime() <= untilUs) {
      this.nowUs = this.heap.nextTime();
      const payload = this.heap.pop();
      if (payload >= SEND) this.#onSend(payload - SEND);
      else if (payload >= END) this.medium.onEnd(this.nowUs, payload - END);
      else this.medium.onAccess(this.nowUs, payload);
    }
  }
}

function disc(options: CellOptions): AntennaSlab {
  const stream = new SeededStream(options.seed, "disc");
  const n = options.nodes;
  const slab: AntennaSlab = {
    northM: new Float64Array(n),
    eastM: new Float64Array(n),
    altitudeM: new Float64Array(n).fill(100),
    aglM: new Float64Array(n).fill(100),
    odometerM: new Float64Array(n),
    speedMps: new Float64Array(n),
  };
  for (let i = 0; i < n; i += 1) {
    do {
      slab.northM[i] = stream.between(-1, 1);
      slab.eastM[i] = stream.between(-1, 1);
    } while (slab.northM[i]! ** 2 + slab.eastM[i]! ** 2 > 1);
    slab.northM[i]! *= options.radiusM;
    slab.eastM[i]! *= options.radiusM;
  }
  return slab;
}

/**
 * Share of receptions that came of all (frames x other nodes), broadcasts at a fixed rate. All
 * senders stand on one spot, so that no one is stronger: the golden figures show no capture.
 */
export function broadcastDelivery(options: {
  readonly nodes: number;
  readonly rateHz: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly seed: number;
}): number {
  let heard = 0;
  let sent = 0;
  const periodUs = 1e6 / options.rateHz;
  const cell: Cell = new Cell(
    { nodes: options.nodes, seed: options.seed, mcs: 0, radiusM: 0.3 },
    {
      heard: () => (heard += 1),
      onSend: (slot) => {
        sent += 1;
        cell.send(slot, { airBytes: options.bytes });
        cell.sendAt(cell.nowUs + periodUs, slot);
      },
    },
  );
  const stream = new SeededStream(options.seed, "phase");
  for (let i = 0; i < options.nodes; i += 1) cell.sendAt(stream.between(0, periodUs), i);
  cell.runUntil(options.seconds * 1e6);
  return heard / (sent * (options.nodes - 1));
}
