/**
 * A mission file as a simulated world: the same figures that the planner has, and beside them what
 * only the truth knows. Figures that no mission names (drag, processor, store) stand here with
 * their reasons.
 */
import { SeededStream, cos, sin } from "../../src/base/mod.ts";
import {
  coverAt,
  padCountOf,
  padPosition,
  type GroundPoint,
  type Ground,
  type Mission,
  type PriorMap,
} from "../../src/swarm/mod.ts";
import {
  chanceOfSweepWidth,
  NO_RATES,
  type FaultPlan,
  type Scenario,
  type SubjectScenario,
} from "../../sim/mod.ts";

/** The autopilot returns by itself a little before the node's own reserve would be touched. */
const FAILSAFE_RETURN_RATIO = 0.15;
const FAILSAFE_LAND_RATIO = 0.07;
/** A 2 kg quadrotor of the 28-minute class: 130 Wh for 28 minutes of hovering and cruising. */
const MASS_KG = 2.2;
const GNSS_SIGMA_M = 1.2;
const BAROMETER_SIGMA_M = 0.8;
const RANGEFINDER_MAX_M = 120;
/** Limit of the true ground's error (SRTM is off by up to 16 m). */
const GROUND_ERROR_MAX_M = 16;
const GROUND_ERROR_LENGTH_M = 300;

/**
 * Processor time on a drone-class core, four times an x86 server core's: native cryptography of
 * `docs/protocols`' primitives, microseconds [fixed, per 1,000 bytes].
 */
const CPU_OPERATIONS = Object.freeze({
  aeadSeal: [2.4, 4],
  aeadOpen: [2.4, 4],
  sha512: [4, 8],
  hmac: [8, 8],
  hkdf: [20, 8],
  x25519: [124, 0],
  ed25519Sign: [96, 8],
  ed25519Verify: [276, 8],
  mlkemEncapsulate: [80, 0],
  mlkemDecapsulate: [112, 0],
  mldsaSign: [3076, 8],
  mldsaVerify: [588, 8],
  "make-x25519": [124, 0],
  "make-ed25519": [96, 0],
  "make-mlkem768": [144, 0],
  "make-mldsa65": [620, 0],
} as const satisfies Scenario["cpu"]["operations"]);

const NO_FAULTS: FaultPlan = Object.freeze({ script: [], rates: NO_RATES });

export interface ScenarioOptions {
  readonly mission: Mission;
  readonly ground: Ground;
  readonly prior: PriorMap;
  readonly vehicleCount: number;
  readonly seed: number;
  readonly faults?: FaultPlan;
  /** Seconds after which each vehicle is powered up; 0 for those not named. */
  readonly lateS?: Readonly<Record<number, number>>;
}

/** Slot 0 is the ground station, slots 1 to n the vehicles: their indices in the directory. */
export function scenarioOf(options: ScenarioOptions): Scenario {
  const { mission, ground, seed, vehicleCount } = options;
  return {
    seed,
    nodes: nodesOf(vehicleCount, options.lateS ?? {}),
    ground: groundOf(mission, ground),
    wind: windOf(mission),
    airframe: airframeOf(mission),
    failsafe: {
      setpointTimeoutS: 3,
      silentHoldS: 60,
      returnBatteryRatio: FAILSAFE_RETURN_RATIO,
      landBatteryRatio: FAILSAFE_LAND_RATIO,
      returnAltitudeM: 60,
    },
    camera: cameraOf(mission),
    base: baseOf(mission, vehicleCount),
    radio: radioOf(mission),
    subject: subjectOf(mission, options.prior, seed),
    limits: {
      minSeparationM: mission.limits.minSeparationM,
      minSeparationVerticalM: mission.limits.minSeparationVerticalM,
      clearanceM: mission.limits.clearanceM,
      fence: mission.limits.fence,
      zones: mission.zones,
      reserveRatio: mission.limits.reserveRatio,
    },
    cpu: { stepUs: 8, datagramUs: 12, vehicleUs: 60, operations: CPU_OPERATIONS },
    store: { writeMedianMs: 2, writeSigma: 0.5, bytesMax: 64 << 20 },
    faults: options.faults ?? NO_FAULTS,
    driftPpm: 20,
    releasedAtStart: true,
  };
}

function nodesOf(count: number, lateS: Readonly<Record<number, number>>): Scenario["nodes"] {
  const ground = { role: "ground" as const, pad: -1, startS: 0 };
  const vehicles = Array.from({ length: count }, (_, pad) => ({
    role: "vehicle" as const,
    pad,
    startS: lateS[pad + 1] ?? 0,
  }));
  return [ground, ...vehicles];
}

function groundOf(mission: Mission, ground: Ground): Scenario["ground"] {
  return {
    ground,
    coverAt: coverAt(mission.cover),
    errorSigmaM: mission.simulation.terrainErrorM,
    errorMaxM: GROUND_ERROR_MAX_M,
    errorLengthM: GROUND_ERROR_LENGTH_M,
    canopyM: mission.simulation.canopyM,
  };
}

function windOf({ simulation }: Mission): Scenario["wind"] {
  return {
    northMps: simulation.windMps * cos(simulation.windToRad),
    eastMps: simulation.windMps * sin(simulation.windToRad),
    gustMps: simulation.gustMps,
  };
}

function airframeOf({ vehicles }: Mission): Scenario["airframe"] {
  return {
    massKg: MASS_KG,
    speedMaxMps: vehicles.speedMaxMps,
    climbMaxMps: vehicles.climbMaxMps,
    descentMaxMps: vehicles.descentMaxMps,
    accelerationMaxMps2: vehicles.accelerationMaxMps2,
    attitudeLagS: 0.15,
    dragPerS: 0.12,
    batteryWh: vehicles.batteryWh,
    hoverPowerW: (vehicles.batteryWh * 3600) / vehicles.batteryS,
    readyAfterS: 5,
    rangefinderMaxM: RANGEFINDER_MAX_M,
    gnssSigmaM: GNSS_SIGMA_M,
    barometerSigmaM: BAROMETER_SIGMA_M,
  };
}

/** The chance right below the camera follows from sweep width and lateral-range curve. */
function cameraOf({ sensor }: Mission): Scenario["camera"] {
  const chance = (sweepWidthM: number): number =>
    chanceOfSweepWidth(sweepWidthM, sensor.footprintM);
  return {
    aglM: sensor.aglM,
    footprintM: sensor.footprintM,
    chance: {
      open: chance(sensor.sweepWidthM.open),
      scrub: chance(sensor.sweepWidthM.scrub),
      forest: chance(sensor.sweepWidthM.forest),
    },
    falseAlarmsPerKm2: sensor.falseAlarmsPerKm2,
    locationErrorM: sensor.locationErrorM,
    lightRatio: 1,
  };
}

function baseOf({ base }: Mission, vehicleCount: number): Scenario["base"] {
  const count = padCountOf(base, vehicleCount);
  return {
    position: base.position,
    pads: Array.from({ length: count }, (_, pad) => padPosition(base, pad, count)),
    chargerCount: base.chargerCount,
    chargeS: base.chargeS,
    spareCount: base.spareCount,
    crewCount: base.crewCount,
    swapS: base.swapS,
    swapReboots: false,
    antennaM: 5,
  };
}

function radioOf({ radio }: Mission): Scenario["radio"] {
  return {
    bandHz: radio.bandHz,
    powerDbm: radio.powerDbm,
    antennaGainDb: radio.antennaGainDbi * 2,
    mcs: 0,
    overheadBytes: 36,
    carrierSenseDbm: -92,
    noiseDbm: -94,
    queueFrames: 64,
  };
}

/** Where the hidden person is: as the mission says, or drawn from the map by the run's seed. */
function subjectOf(mission: Mission, prior: PriorMap, seed: number): SubjectScenario {
  const { subject } = mission.simulation;
  const { moving, speedMps, responsive } = subject;
  const position =
    subject.placed === "at" && subject.position !== undefined
      ? subject.position
      : drawnSubject(prior, new SeededStream(seed, "subject"));
  return { position, moving, speedMps, responsive };
}

/** A cell by its mass, then a place in it: the person is somewhere that can be searched. */
export function drawnSubject(prior: PriorMap, stream: SeededStream): GroundPoint {
  const { grid, mass } = prior;
  let total = 0;
  for (const value of mass) total += value;
  let left = stream.uniform() * total;
  let cell = 0;
  for (; cell < mass.length - 1; cell += 1) {
    left -= mass[cell]!;
    if (left < 0) break;
  }
  const row = Math.floor(cell / grid.cols);
  return {
    northM: grid.southM + (row + stream.uniform()) * grid.cellM,
    eastM: grid.westM + (cell - row * grid.cols + stream.uniform()) * grid.cellM,
  };
}
