/**
 * Toy vehicles shown to ground stations over UDP in real time (or some times faster), and waiting
 * for something to become true without sleeping for a guessed while.
 */
import { MavlinkOutward } from "../../adapters/autopilot/mod.ts";
import { monotonicMs } from "../../src/base/mod.ts";
import { latLonFromDeg, LocalFrame, type LocalPosition } from "../../src/hal/mod.ts";
import { ToyVehicle } from "../../src/hal/mavlink-vehicle/toy-vehicle.test-support.ts";

const TICK_MS = 10;

export class ToyFleet {
  readonly frame: LocalFrame;
  readonly toys: readonly ToyVehicle[];
  readonly outward: MavlinkOutward;
  readonly #timer: NodeJS.Timeout;

  private constructor(
    { toys, frame, speed }: { toys: readonly ToyVehicle[]; frame: LocalFrame; speed: number },
    outward: MavlinkOutward,
  ) {
    this.toys = toys;
    this.frame = frame;
    this.outward = outward;
    let nowMs = 0;
    let wallMs = performance.now();
    this.#timer = setInterval(() => {
      const passedMs = (performance.now() - wallMs) * speed;
      wallMs = performance.now();
      nowMs += passedMs;
      toys.forEach((toy, i) => {
        toy.tick(passedMs / 1000);
        outward.sample(monotonicMs(nowMs), i, toy.sample());
      });
    }, TICK_MS);
  }

  static async open(options: {
    readonly port: number;
    readonly count: number;
    readonly speed: number;
    readonly defaultRateHz?: number;
    readonly frame?: LocalFrame;
    readonly home?: LocalPosition;
  }): Promise<ToyFleet> {
    const home = options.home ?? { northM: 0, eastM: 0, altitudeAmslM: 300 };
    const toys = Array.from(
      { length: options.count },
      (_, i) => new ToyVehicle({ ...home, eastM: home.eastM + 20 * i }),
    );
    const frame = options.frame ?? new LocalFrame(latLonFromDeg(33.22, -98.16), 270);
    const outward = await MavlinkOutward.open({
      host: "127.0.0.1",
      port: options.port,
      frame,
      vehicleCount: options.count,
      defaultRateHz: options.defaultRateHz ?? 0,
      command: (vehicle, command) => toys[vehicle]?.command(command),
    });
    return new ToyFleet({ toys, frame, speed: options.speed }, outward);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.outward.close();
  }
}

/** Resolves when it holds; rejects with `what` after so long. */
export function until(what: string, timeoutMs: number, holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const timer = setInterval(() => {
      const held = holds();
      if (!held && performance.now() - startedMs < timeoutMs) return;
      clearInterval(timer);
      if (held) resolve();
      else reject(new Error(`not within ${String(timeoutMs)} ms: ${what}`));
    }, 10);
  });
}
