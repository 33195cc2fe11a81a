/**
 * What a simulated world is made of, as plain values: everything that decides a run except the
 * code. A run is (commit, scenario, seed) -> one trace hash.
 *
 * Functions in a scenario (`ground`, `coverAt`) must be pure: equal answers to equal questions.
 * Slot `i` of `nodes` is the node with index `i` in the mission's directory. At most `NODES_MAX`
 * nodes, because an index is a u16 whose last value means broadcast.
 */
import type { FaultPlan } from "../faults/types.ts";

export const NODES_MAX = 65_535;

/** A place on the ground in the mission's local frame. */
export interface Place {
  readonly northM: number;
  readonly eastM: number;
}

/** A ring is not closed by a repeated corner. The shape is that of the swarm layer's polygons. */
export interface Area {
  readonly outer: readonly Place[];
  readonly holes: readonly (readonly Place[])[];
}

export interface AltitudeBound {
  readonly reference: "amsl" | "agl";
  readonly altitudeM: number;
}

/** Air in which no vehicle may be, between floor (else the ground) and ceiling (else no end). */
export interface ForbiddenZone {
  readonly name: string;
  readonly polygon: Area;
  readonly floor: AltitudeBound | undefined;
  readonly ceiling: AltitudeBound | undefined;
}

export type Cover = "open" | "scrub" | "forest";

/** The ground as the planner's map has it; the world adds its own error to it. */
export interface PlannerGround {
  heightAmslM(northM: number, eastM: number): number;
}

export interface GroundScenario {
  readonly ground: PlannerGround;
  readonly coverAt: (northM: number, eastM: number) => Cover;
  /** One sigma of the smooth error field between the map and the true ground. */
  readonly errorSigmaM: number;
  /** The field is clamped to +- this (SRTM errs by up to 16 m). */
  readonly errorMaxM: number;
  /** Correlation length of the error field. */
  readonly errorLengthM: number;
  /** Height of trees over the ground of `forest`; `scrub` is a fifth of it. */
  readonly canopyM: number;
}

export interface WindScenario {
  /** Mean wind, where it blows to. */
  readonly northMps: number;
  readonly eastMps: number;
  /** Standard deviation of the horizontal gusts (Dryden, MIL-F-8785C, low altitude). */
  readonly gustMps: number;
}

/** What a type of airframe can do. */
export interface AirframeSpec {
  readonly massKg: number;
  readonly speedMaxMps: number;
  readonly climbMaxMps: number;
  readonly descentMaxMps: number;
  readonly accelerationMaxMps2: number;
  /** First-order lag from commanded to actual acceleration (attitude loop). */
  readonly attitudeLagS: number;
  /** Linear drag: deceleration a metre a second of air speed. */
  readonly dragPerS: number;
  readonly batteryWh: number;
  readonly hoverPowerW: number;
  /** Pre-arm checks pass this long after power-up. */
  readonly readyAfterS: number;
  /** 0 when none is fitted. */
  readonly rangefinderMaxM: number;
  readonly gnssSigmaM: number;
  readonly barometerSigmaM: number;
}

/** The autopilot's own failsafes; the node can do nothing about them. */
export interface FailsafeSpec {
  /** Guided without a fresh setpoint this long -> hold. */
  readonly setpointTimeoutS: number;
  /** Hold caused by silence this long -> return. */
  readonly silentHoldS: number;
  /** Battery share below which it returns by itself. */
  readonly returnBatteryRatio: number;
  /** Battery share below which it lands where it is. */
  readonly landBatteryRatio: number;
  /** Height above home at which it returns. */
  readonly returnAltitudeM: number;
}

/** A camera with its lateral-range curve. */
export interface CameraSpec {
  /** Height above ground at which `footprintM` and the chances hold. */
  readonly aglM: number;
  /** Width of ground in view at that height. */
  readonly footprintM: number;
  /** Chance to see the subject on a pass right over it, by cover. */
  readonly chance: Readonly<Record<Cover, number>>;
  /** Objects a square kilometre that look like a person from `aglM`. */
  readonly falseAlarmsPerKm2: number;
  /** One sigma of a detection's place on the ground, at `aglM`. */
  readonly locationErrorM: number;
  /** Share of the chances that the light leaves, (0, 1]. */
  readonly lightRatio: number;
}

export interface BaseScenario {
  readonly position: Place;
  /** One pad a vehicle; the ground station's antenna stands at `position`. */
  readonly pads: readonly Place[];
  readonly chargerCount: number;
  readonly chargeS: number;
  /** Charged batteries at the start, beside those in the vehicles. */
  readonly spareCount: number;
  readonly crewCount: number;
  readonly swapS: number;
  /** Whether changing the battery restarts the vehicle's computers. */
  readonly swapReboots: boolean;
  readonly antennaM: number;
}

export interface RadioScenario {
  readonly bandHz: number;
  readonly powerDbm: number;
  /** Both antennas together. */
  readonly antennaGainDb: number;
  /** HT20 modulation and coding scheme of every frame, 0-7. */
  readonly mcs: number;
  /** Bytes that MAC, LLC, IP and UDP add to a datagram on the air. */
  readonly overheadBytes: number;
  /** A frame weaker than this keeps nobody from sending and is lost. */
  readonly carrierSenseDbm: number;
  readonly noiseDbm: number;
  /** Most frames that wait in a node's radio, each access class apart. */
  readonly queueFrames: number;
}

export interface SubjectScenario {
  readonly position: Place;
  readonly moving: boolean;
  readonly speedMps: number;
  /** A responsive person waves: seen more easily. */
  readonly responsive: boolean;
}

export interface LimitsScenario {
  readonly minSeparationM: number;
  readonly minSeparationVerticalM: number;
  readonly clearanceM: number;
  readonly fence: readonly Area[];
  readonly zones: readonly ForbiddenZone[];
  readonly reserveRatio: number;
}

/** Processor time of a step and of the crypto operations it charges, in microseconds. */
export interface CpuScenario {
  readonly stepUs: number;
  readonly datagramUs: number;
  readonly vehicleUs: number;
  /** Operation name -> [fixed, per 1,000 bytes]. An unknown operation breaks an invariant. */
  readonly operations: Readonly<Record<string, readonly [number, number]>>;
}

export interface StoreScenario {
  /** Time from a write to its answer: median of a log-normal. */
  readonly writeMedianMs: number;
  readonly writeSigma: number;
  readonly bytesMax: number;
}

export interface NodeScenario {
  readonly role: "ground" | "vehicle";
  /** Pad of a vehicle; -1 for the ground station. */
  readonly pad: number;
  /** Powered up at this time; later than 0 is a late arrival. */
  readonly startS: number;
}

export interface Scenario {
  readonly seed: number;
  readonly nodes: readonly NodeScenario[];
  readonly ground: GroundScenario;
  readonly wind: WindScenario;
  readonly airframe: AirframeSpec;
  readonly failsafe: FailsafeSpec;
  readonly camera: CameraSpec;
  readonly base: BaseScenario;
  readonly radio: RadioScenario;
  readonly subject: SubjectScenario | undefined;
  readonly limits: LimitsScenario;
  readonly cpu: CpuScenario;
  readonly store: StoreScenario;
  readonly faults: FaultPlan;
  /** Oscillators differ by up to +- this. */
  readonly driftPpm: number;
  /** The crew has released the vehicles when the world begins. */
  readonly releasedAtStart: boolean;
}
