/**
 * A run's own fault timeline, drawn from rates by its seed. Ground-station slots are never killed.
 */
import { SeededStream } from "../../src/base/mod.ts";
import type { FaultAction, FaultKind, FaultRates, ScriptedFault } from "./types.ts";

/** Most faults of one kind that a run is given. */
const DRAWN_MAX = 200;

export interface DrawSpace {
  readonly seed: number;
  readonly nodeCount: number;
  /** Slots that fly. */
  readonly vehicles: readonly number[];
  /** Hostile radios stand within this of the origin. */
  readonly reachM: number;
}

type Drawer = (stream: SeededStream, space: DrawSpace, lastsS: number) => FaultAction;

const anyVehicle = (stream: SeededStream, space: DrawSpace): number =>
  space.vehicles[stream.below(space.vehicles.length)] ?? 0;

const DRAWERS: readonly (readonly [keyof FaultRates, FaultKind, Drawer])[] = [
  ["killPerHour", "kill", (s, space) => ({ kind: "kill", slot: anyVehicle(s, space) })],
  [
    "rebootPerHour",
    "reboot",
    (s, space) => ({ kind: "reboot", slot: s.below(space.nodeCount), downS: s.between(2, 20) }),
  ],
  [
    "linkCutPerHour",
    "linkCut",
    (s, space, lastsS) => {
      const a = s.below(space.nodeCount);
      const b = (a + 1 + s.below(Math.max(1, space.nodeCount - 1))) % space.nodeCount;
      return { kind: "linkCut", a, b, lastsS };
    },
  ],
  [
    "partitionPerHour",
    "partition",
    (s, space, lastsS) => {
      const groups: [number[], number[]] = [[], []];
      for (let i = 0; i < space.nodeCount; i += 1) groups[s.below(2) as 0 | 1].push(i);
      return { kind: "partition", groups, lastsS };
    },
  ],
  [
    "lossBurstPerHour",
    "lossBurst",
    (s, _, lastsS) => ({ kind: "lossBurst", slots: [], lossRatio: s.between(0.1, 0.6), lastsS }),
  ],
  [
    "stuckSensorPerHour",
    "stuckSensor",
    (s, space, lastsS) => {
      const sensors = ["barometer", "rangefinder", "camera", "battery"] as const;
      const sensor = sensors[s.below(4)] ?? "camera";
      return { kind: "stuckSensor", slot: anyVehicle(s, space), sensor, lastsS };
    },
  ],
  [
    "gnssLossPerHour",
    "gnssLoss",
    (s, space, lastsS) => ({ kind: "gnssLoss", slot: anyVehicle(s, space), lastsS }),
  ],
  [
    "lowBatteryPerHour",
    "lowBattery",
    (s, space) => ({ kind: "lowBattery", slot: anyVehicle(s, space), ratio: s.between(0.15, 0.4) }),
  ],
  [
    "hostilePerHour",
    "hostile",
    (s, space, lastsS) => ({
      kind: "hostile",
      northM: s.between(-space.reachM, space.reachM),
      eastM: s.between(-space.reachM, space.reachM),
      mode: (["garbage", "replay", "bitflip"] as const)[s.below(3)] ?? "garbage",
      rateHz: s.between(1, 50),
      lastsS,
    }),
  ],
  [
    "slowCpuPerHour",
    "slowCpu",
    (s, space, lastsS) => ({
      kind: "slowCpu",
      slot: s.below(space.nodeCount),
      factor: s.between(3, 50),
      lastsS,
    }),
  ],
  [
    "clockErrorPerHour",
    "clockError",
    (s, space, lastsS) => ({
      kind: "clockError",
      slot: s.below(space.nodeCount),
      offsetS: s.between(-30, 30),
      lastsS,
    }),
  ],
  [
    "splitPerHour",
    "split",
    (s, _, lastsS) => ({ kind: "split", along: s.chance(0.5) ? "north" : "east", lastsS }),
  ],
  [
    "headRebootPerHour",
    "strike",
    (s) => ({ kind: "strike", target: "heads", how: "reboot", downS: s.between(2, 20) }),
  ],
];

/** Each kind draws from a stream of its own, so that a changed rate shifts no other kind. */
export function drawFaults(rates: FaultRates, space: DrawSpace): readonly ScriptedFault[] {
  const drawn: ScriptedFault[] = [];
  for (const [rate, kind, draw] of DRAWERS) {
    const perHour = rates[rate];
    if (perHour <= 0) continue;
    const stream = new SeededStream(space.seed, "fault", kind);
    let atS = rates.fromS + stream.exponential(3600 / perHour);
    for (let count = 0; atS < rates.toS && count < DRAWN_MAX; count += 1) {
      const lastsS = Math.min(stream.exponential(rates.windowMeanS), rates.toS - atS);
      drawn.push({ atS, action: draw(stream, space, lastsS) });
      atS += stream.exponential(3600 / perHour);
    }
  }
  return [...drawn, ...drawShare(rates, space)];
}

/** So many vehicles, rounded to the nearest, none twice; in the order in which they fall. */
function drawShare({ killShare, fromS, toS }: FaultRates, space: DrawSpace): ScriptedFault[] {
  const stream = new SeededStream(space.seed, "fault", "killShare");
  const left = [...space.vehicles];
  const count = Math.min(left.length, Math.round(killShare * left.length));
  const falls = Array.from({ length: count }, (): ScriptedFault => {
    const [slot = 0] = left.splice(stream.below(left.length), 1);
    return { atS: stream.between(fromS, toS), action: { kind: "kill", slot } };
  });
  return falls.sort((a, b) => a.atS - b.atS);
}

export const NO_RATES: FaultRates = Object.freeze({
  killPerHour: 0,
  rebootPerHour: 0,
  linkCutPerHour: 0,
  partitionPerHour: 0,
  lossBurstPerHour: 0,
  stuckSensorPerHour: 0,
  gnssLossPerHour: 0,
  lowBatteryPerHour: 0,
  hostilePerHour: 0,
  slowCpuPerHour: 0,
  clockErrorPerHour: 0,
  splitPerHour: 0,
  headRebootPerHour: 0,
  killShare: 0,
  windowMeanS: 30,
  fromS: 0,
  toS: 0,
  lossRatio: 0,
});
