/**
 * A scenario that stands by itself: rolling synthetic ground, six vehicles, a base, a walker to
 * find. Tests, benchmarks and examples change what they are about and leave the rest. Missions
 * become scenarios in `apps/simulation`.
 *
 * Cost table: a companion computer of the Cortex-A72 class at 1.5 GHz, from the order of magnitude
 * of published eBACS figures (Ed25519 verify about 270,000 cycles, X25519 about 200,000, ML-KEM-768
 * about 100,000 an operation, ChaCha20-Poly1305 about 6 cycles a byte). An assumption until
 * measured on one.
 */
import { cos, sin } from "../../src/base/mod.ts";
import { NO_RATES } from "../faults/mod.ts";
import type {
  AirframeSpec,
  CameraSpec,
  CpuScenario,
  FailsafeSpec,
  Place,
  PlannerGround,
  RadioScenario,
  Scenario,
} from "../world/scenario.ts";

export const DRONE_CPU: CpuScenario = Object.freeze({
  stepUs: 8,
  datagramUs: 12,
  vehicleUs: 40,
  operations: Object.freeze({
    aeadSeal: [2, 5],
    aeadOpen: [2, 5],
    sha512: [1, 8],
    hmac: [4, 8],
    hkdf: [6, 8],
    x25519: [135, 0],
    ed25519Sign: [85, 8],
    ed25519Verify: [180, 8],
    mlkemEncapsulate: [65, 0],
    mlkemDecapsulate: [75, 0],
    other: [10, 8],
  } as const),
});

/** 2.4 GHz, 20 dBm, 2 dBi at either end, MCS 1: about 3 km between vehicles in the air. */
export const REFERENCE_RADIO: RadioScenario = Object.freeze({
  bandHz: 2.437e9,
  powerDbm: 20,
  antennaGainDb: 4,
  mcs: 1,
  overheadBytes: 66,
  carrierSenseDbm: -90,
  noiseDbm: -94,
  queueFrames: 64,
});

export const REFERENCE_AIRFRAME: AirframeSpec = Object.freeze({
  massKg: 2.2,
  speedMaxMps: 15,
  climbMaxMps: 4,
  descentMaxMps: 3,
  accelerationMaxMps2: 4,
  attitudeLagS: 0.25,
  dragPerS: 0.3,
  batteryWh: 110,
  hoverPowerW: 260,
  readyAfterS: 20,
  rangefinderMaxM: 120,
  gnssSigmaM: 1.2,
  barometerSigmaM: 0.8,
});

export const REFERENCE_FAILSAFE: FailsafeSpec = Object.freeze({
  setpointTimeoutS: 1,
  silentHoldS: 60,
  returnBatteryRatio: 0.15,
  landBatteryRatio: 0.06,
  returnAltitudeM: 60,
});

export const REFERENCE_CAMERA: CameraSpec = Object.freeze({
  aglM: 60,
  footprintM: 80,
  chance: Object.freeze({ open: 0.9, scrub: 0.6, forest: 0.2 }),
  falseAlarmsPerKm2: 0.5,
  locationErrorM: 8,
  lightRatio: 1,
});

/** Hills of some tens of metres with wavelengths of one to three kilometres. */
export const rollingGround: PlannerGround = Object.freeze({
  heightAmslM: (northM: number, eastM: number) =>
    400 + 40 * sin(northM / 480) * cos(eastM / 390) + 25 * sin((northM + 2 * eastM) / 700),
});

export function padsAround(base: Place, count: number, spacingM: number): readonly Place[] {
  const columns = Math.ceil(Math.sqrt(count));
  return Array.from({ length: count }, (_, i) => ({
    northM: base.northM + spacingM * (Math.floor(i / columns) + 1),
    eastM: base.eastM + spacingM * ((i % columns) - (columns - 1) / 2),
  }));
}

/** A square fence around the base. */
export function squareFence(halfM: number): readonly Place[] {
  return [
    { northM: -halfM, eastM: -halfM },
    { northM: -halfM, eastM: halfM },
    { northM: halfM, eastM: halfM },
    { northM: halfM, eastM: -halfM },
  ];
}

export function referenceScenario(options: {
  readonly seed: number;
  readonly vehicles: number;
  readonly overrides?: Partial<Scenario>;
}): Scenario {
  const base: Place = { northM: 0, eastM: 0 };
  const vehicles = Array.from({ length: options.vehicles }, (_, pad) => ({
    role: "vehicle" as const,
    pad,
    startS: 0,
  }));
  return {
    seed: options.seed,
    nodes: [{ role: "ground", pad: -1, startS: 0 }, ...vehicles],
    ground: {
      ground: rollingGround,
      coverAt: (northM, eastM) => (sin(northM / 300) + sin(eastM / 250) > 0.6 ? "forest" : "open"),
      errorSigmaM: 5,
      errorMaxM: 16,
      errorLengthM: 400,
      canopyM: 18,
    },
    wind: { northMps: 2, eastMps: -3, gustMps: 1.2 },
    airframe: REFERENCE_AIRFRAME,
    failsafe: REFERENCE_FAILSAFE,
    camera: REFERENCE_CAMERA,
    base: {
      position: base,
      pads: padsAround(base, options.vehicles, 20),
      chargerCount: 3,
      chargeS: 2400,
      spareCount: options.vehicles * 2,
      crewCount: 1,
      swapS: 90,
      swapReboots: false,
      antennaM: 6,
    },
    radio: REFERENCE_RADIO,
    subject: {
      position: { northM: 700, eastM: 500 },
      moving: false,
      speedMps: 0.5,
      responsive: false,
    },
    limits: {
      minSeparationM: 10,
      minSeparationVerticalM: 5,
      clearanceM: 15,
      fence: [{ outer: squareFence(2500), holes: [] }],
      zones: [],
      reserveRatio: 0.1,
    },
    cpu: DRONE_CPU,
    store: { writeMedianMs: 4, writeSigma: 0.5, bytesMax: 1 << 26 },
    faults: { script: [], rates: NO_RATES },
    driftPpm: 20,
    releasedAtStart: true,
    ...options.overrides,
  };
}
