/**
 * The mission as every node holds it: plain frozen data in SI units and the mission's local frame.
 *
 * A file (JSON5, `docs/guides/mission-file.md`) gives places in degrees and times in minutes, as
 * people do; `parseMission` turns them into this form or names every problem at once. What only
 * the simulator needs stands apart in `simulation`, so that a vehicle in the air can drop it.
 */
import type { MissionId } from "../../base/mod.ts";
import type { GroundPoint, Polygon, Zone } from "../area/mod.ts";
import type { LoadedMap } from "./loaded-map.ts";

/** Kinds of cover that a sensor tells apart. */
export type Cover = "open" | "scrub" | "forest";

/** Origin of the local frame on the WGS84 ellipsoid. */
export interface MissionOrigin {
  readonly latitudeRad: number;
  readonly longitudeRad: number;
  /** Ground there, above mean sea level. */
  readonly altitudeAmslM: number;
}

/** One row of a table of lost-person distances: `share` of people are found within `distanceM`. */
export interface DistanceQuantile {
  readonly share: number;
  readonly distanceM: number;
}

/** Distances from the last known position with a log-normal fitted to them; shown with source. */
export interface DistanceTable {
  readonly environment: "flat" | "mountainous" | "own";
  readonly climate: "temperate" | "dry" | "own";
  readonly source: string;
  readonly quantiles: readonly DistanceQuantile[];
  /** Of ln(distance in metres). */
  readonly mu: number;
  readonly sigma: number;
}

/** A path, stream or wall along which people tend to be found. */
export interface LinearFeature {
  readonly name: string;
  readonly kind: "path" | "stream" | "road" | "ridge";
  readonly points: readonly GroundPoint[];
}

/** How terrain and features weigh the map; 1 leaves it as it is. */
export interface MapWeights {
  /** On ground steeper than this ... */
  readonly steepAboveRad: number;
  /** ... the density is multiplied by this. */
  readonly steepWeight: number;
  /** In drainages (ground lower than its surroundings). */
  readonly drainageWeight: number;
  /** Within `featureReachM` of a linear feature. */
  readonly featureWeight: number;
  readonly featureReachM: number;
}

/**
 * What grows on the ground, as the team's map tells: patches drawn from a seed, because no land
 * cover ships with the terrain. Shares sum to at most 1; the rest is open.
 */
export interface CoverMap {
  readonly seed: number;
  readonly forestShare: number;
  readonly scrubShare: number;
  readonly patchM: number;
}

export interface SensorSpec {
  readonly name: string;
  /** Height above ground at which the figures below hold, and at which lanes are flown. */
  readonly aglM: number;
  /** Width of ground in view at that height; the sweep width is smaller. */
  readonly footprintM: number;
  /** Sweep width W: area under the lateral-range curve. */
  readonly sweepWidthM: Readonly<Record<Cover, number>>;
  /** Where W comes from: the team's calibration or an assumption; shown beside every POS. */
  readonly sweepWidthSource: string;
  /** W may really lie anywhere in W*(1 +- this): the POS band. */
  readonly sweepWidthErrorRatio: number;
  readonly falseAlarmsPerKm2: number;
  /** One sigma of a detection's place on the ground. */
  readonly locationErrorM: number;
}

export interface VehicleSpec {
  readonly count: number;
  readonly batteryS: number;
  readonly batteryWh: number;
  readonly cruiseMps: number;
  readonly speedMaxMps: number;
  readonly climbMaxMps: number;
  readonly descentMaxMps: number;
  readonly accelerationMaxMps2: number;
}

export interface BaseSpec {
  readonly position: GroundPoint;
  readonly padCount: number;
  readonly padSpacingM: number;
  readonly chargerCount: number;
  readonly chargeS: number;
  /** Batteries at the base, charged, beside the one in each vehicle. */
  readonly spareCount: number;
  readonly crewCount: number;
  readonly swapS: number;
}

export interface Limits {
  /** Two vehicles keep either this apart on the ground ... */
  readonly minSeparationM: number;
  /** ... or this in height. */
  readonly minSeparationVerticalM: number;
  /** Least height over the ground as it truly is. */
  readonly clearanceM: number;
  readonly aglMaxM: number;
  /** No vehicle leaves this area. */
  readonly fence: readonly Polygon[];
  /** Share of a full battery that is still there at touch-down. */
  readonly reserveRatio: number;
  readonly windMaxMps: number;
}

export interface PlanSpec {
  /** Lane spacing as a share of the sweep width over the segment's commonest cover. */
  readonly laneSpacingRatio: number;
  /** Flight time of one segment, without the way there. */
  readonly segmentS: number;
  /** Side of a cell of the probability map. */
  readonly cellM: number;
}

export interface RadioSpec {
  readonly bandHz: number;
  readonly powerDbm: number;
  /** On every vehicle, in any direction. */
  readonly antennaGainDbi: number;
  readonly groundAntennaGainDbi: number;
  readonly channelCount: number;
  readonly channelWidthHz: number;
  readonly beaconHz: number;
}

/** Where the hidden person is in a simulated run. */
export interface SubjectSpec {
  /** `drawn`: from the probability map by the run's seed. */
  readonly placed: "drawn" | "at";
  readonly position: GroundPoint | undefined;
  readonly moving: boolean;
  readonly speedMps: number;
  readonly responsive: boolean;
}

export interface SimulationSpec {
  readonly durationS: number;
  readonly windMps: number;
  /** Where the wind blows to. */
  readonly windToRad: number;
  readonly gustMps: number;
  /** Tree height over the ground of `forest` cover; scrub is a fifth of it. */
  readonly canopyM: number;
  /** One sigma of the true ground against the planner's grid. */
  readonly terrainErrorM: number;
  readonly subject: SubjectSpec;
}

/** The operator of an unattended run: looks at each detection's image after a while. */
export interface OperatorScript {
  readonly reviewS: number;
  /** Below this confidence a closer look is asked for first. */
  readonly lookAgainBelow: number;
  /** Chance that the image is judged rightly. */
  readonly rightRatio: number;
}

export interface Mission {
  readonly name: string;
  readonly missionId: MissionId;
  readonly revision: number;
  readonly origin: MissionOrigin;
  readonly lastKnownPosition: GroundPoint;
  readonly distances: DistanceTable;
  readonly features: readonly LinearFeature[];
  readonly weights: MapWeights;
  readonly cover: CoverMap;
  /** Name of a terrain pack; `flat` is level ground at the origin's altitude. */
  readonly terrain: string;
  /** Union of polygons to be searched. */
  readonly area: readonly Polygon[];
  readonly zones: readonly Zone[];
  /** The team's own probability map, instead of the one computed from distances. */
  readonly loadedMap?: LoadedMap;
  readonly vehicles: VehicleSpec;
  readonly sensor: SensorSpec;
  readonly base: BaseSpec;
  readonly limits: Limits;
  readonly plan: PlanSpec;
  readonly radio: RadioSpec;
  readonly simulation: SimulationSpec;
  readonly operator: OperatorScript;
}
