/** What a world shows: views for UI and recordings, and its share of a run's report. */
import { INVARIANTS, type LimitChecks } from "../checkers/mod.ts";
import type { Radios } from "../channel/mod.ts";
import type { ActiveFaults } from "../faults/mod.ts";
import { batteryRatio, MODES, type AirframeWorld, type GroundCrew } from "../flight/mod.ts";
import type { Cameras, Subject } from "../search/mod.ts";
import type { Host } from "./hosts.ts";
import type { Scenario } from "./scenario.ts";
import type {
  SimNode,
  SubjectView,
  VehicleState,
  VehicleView,
  WorldCounters,
  WorldReport,
  WorldView,
} from "./types.ts";

export interface WorldParts<N extends SimNode> {
  readonly nowUs: number;
  readonly scenario: Scenario;
  readonly airframe: AirframeWorld;
  readonly hosts: readonly Host<N>[];
  readonly radios: Radios;
  readonly crew: GroundCrew;
  readonly cameras: Cameras;
  readonly subject: Subject | undefined;
  readonly faults: ActiveFaults;
  readonly limits: LimitChecks;
  readonly swaps: Uint32Array;
  readonly tally: { readonly events: number; readonly airtimeMax: number };
  readonly traceHash: string;
  readonly checkers: readonly string[];
  readonly padOf: (slot: number) => number;
}

export function viewOf<N extends SimNode>(parts: WorldParts<N>): WorldView {
  const { scenario, crew, faults } = parts;
  const onPads = scenario.base.pads.map(() => -1);
  for (const host of parts.hosts) {
    if (host.role !== "vehicle" || host.state === "absent") continue;
    const pad = parts.padOf(host.slot);
    if (pad >= 0) onPads[pad] = host.slot;
  }
  return {
    timeMs: parts.nowUs / 1000,
    vehicles: vehiclesOf(parts),
    base: {
      position: scenario.base.position,
      pads: onPads,
      crewBusy: crew.busy,
      batteriesReady: crew.batteries.ready,
      batteriesCharging: crew.batteries.charging,
      batteriesWaiting: crew.batteries.waiting,
    },
    subject: subjectOf(parts),
    faults: faults.windows.map(({ id, action, untilUs }) => ({
      id,
      action,
      untilS: untilUs / 1e6,
    })),
    counters: countersOf(parts),
    violations: parts.limits.violations,
  };
}

export function vehiclesOf<N extends SimNode>(parts: WorldParts<N>): readonly VehicleView[] {
  return parts.hosts
    .filter((host) => host.role === "vehicle")
    .map((host) => vehicleOf(parts, host));
}

function vehicleOf<N extends SimNode>(parts: WorldParts<N>, host: Host<N>): VehicleView {
  const { slab } = parts.airframe;
  const i = host.slot;
  const upMs = Math.max(1, parts.nowUs - host.bootUs);
  return {
    slot: i,
    state: stateOf(parts, i),
    node: host.state,
    position: {
      northM: slab.northM[i]!,
      eastM: slab.eastM[i]!,
      altitudeAmslM: slab.altitudeM[i]!,
    },
    velocity: {
      northMps: slab.velocityNorthMps[i]!,
      eastMps: slab.velocityEastMps[i]!,
      downMps: -slab.velocityUpMps[i]!,
    },
    yawRad: slab.yawRad[i]!,
    altitudeAglM: slab.aglM[i]!,
    mode: MODES[slab.mode[i]!]!,
    armed: slab.armed[i] === 1,
    released: slab.released[i] === 1,
    batteryRatio: batteryRatio(parts.airframe, i),
    powerW: slab.powerW[i]!,
    swaps: parts.swaps[i]!,
    cpuBusyRatio: Math.min(1, host.busyUs / upMs),
  };
}

function stateOf<N extends SimNode>(parts: WorldParts<N>, i: number): VehicleState {
  const { slab } = parts.airframe;
  if (slab.lost[i] === 1) return "lost";
  if (slab.powered[i] === 0) return "absent";
  if (slab.inAir[i] === 1) return "flying";
  return parts.padOf(i) >= 0 ? "onPad" : "landedOut";
}

function subjectOf<N extends SimNode>(parts: WorldParts<N>): SubjectView | undefined {
  if (parts.subject === undefined) return undefined;
  const { position } = parts.subject;
  const cover = parts.airframe.ground.cover(position.northM, position.eastM);
  return { position, cover, firstSeenS: parts.cameras.firstSeenS };
}

function countersOf<N extends SimNode>(parts: WorldParts<N>): WorldCounters {
  const { counters } = parts.radios;
  return {
    events: parts.tally.events,
    steps: parts.hosts.reduce((sum, host) => sum + host.steps, 0),
    transmissions: counters.transmissions,
    receptionsOffered: counters.offered,
    receptions: counters.received,
    expired: counters.expired,
    queueDropped: counters.refused,
    collisions: counters.collided,
  };
}

export function reportOf<N extends SimNode>(parts: WorldParts<N>): WorldReport {
  const { scenario, limits, cameras } = parts;
  const counters = countersOf(parts);
  const { slab } = parts.airframe;
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    simSeconds: parts.nowUs / 1e6,
    traceHash: parts.traceHash,
    radioScenario: {
      band: `${(scenario.radio.bandHz / 1e9).toFixed(2)} GHz`,
      powerDbm: scenario.radio.powerDbm,
      channels: Math.max(1, parts.radios.channelsInUse),
      mcs: scenario.radio.mcs,
      meanReceivers: share(counters.receptionsOffered, counters.transmissions),
    },
    network: {
      sent: counters.transmissions,
      delivered: counters.receptions,
      deliveryRatio: Math.min(1, share(counters.receptions, counters.receptionsOffered)),
      airtimeMax: parts.tally.airtimeMax,
    },
    search: {
      areaSweptKm2: cameras.sweptKm2,
      falseAlarms: cameras.falseAlarms,
      timeToDetectS: cameras.firstSeenS,
    },
    vehicles: {
      lost: parts.hosts.filter((host) => slab.lost[host.slot] === 1).length,
      batterySwaps: parts.crew.swapCount,
      minSeparationM: figureOf(limits.minSeparationM),
      minClearanceM: figureOf(limits.minClearanceM),
      batteryReserveMinPct: figureOf(limits.minReserveRatio * 100),
    },
    invariants: {
      checked: [...INVARIANTS, ...parts.checkers],
      violated: limits.violations,
    },
    counters,
  };
}

/** A figure that nothing has set is none. */
export const figureOf = (value: number): number | null => (Number.isFinite(value) ? value : null);
