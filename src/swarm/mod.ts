/**
 * Layer 6: what the swarm does. Uses: base, hal. Everything else (peers, agreed changes, orders)
 * comes as plain values.
 */
export type {
  ActingOrder,
  AgreedChange,
  ClipReason,
  Detection,
  Duty,
  FaultDirective,
  PeerState,
  PlanPoint,
  Proposal,
  ReliefView,
  SegmentProgress,
  SegmentView,
  SuccessBand,
  SwarmEvent,
  SwarmIn,
  SwarmOut,
  Trust,
  Verdict,
} from "./types.ts";
export {
  areaBounds,
  areaContains,
  areaDepthM,
  depthInsideM,
  distanceToRingM,
  distanceToSegmentM,
  polygonAreaM2,
  polygonContains,
  ringAreaM2,
  ringContains,
  segmentMeetsRing,
  zoneBandHolds,
  zoneForbids,
} from "./area/mod.ts";
export type {
  AirPoint,
  AltitudeLimit,
  GroundBounds,
  GroundPoint,
  Polygon,
  Ring,
  Zone,
} from "./area/mod.ts";
export {
  coverAt,
  decodeTerrain,
  elevationBytes,
  encodeTerrain,
  flatGround,
  highestOnLegM,
  lineOfSight,
  sightClearanceM,
  slopeTangent,
  terrainGrid,
} from "./terrain/mod.ts";
export type { CoverAt, ElevationGrid, Ground, SightPoint, TerrainGrid } from "./terrain/mod.ts";
export {
  MISSION_FORMAT,
  VEHICLES_MAX,
  checkOnTerrain,
  circleRing,
  distanceOfShareM,
  localFrameOf,
  missionFrame,
  parseMission,
  resampleMap,
} from "./mission/mod.ts";
export type {
  Cover,
  DistanceTable,
  LoadedMap,
  Mission,
  MissionFrame,
  MissionOrigin,
  OperatorScript,
  SensorSpec,
  SubjectSpec,
  VehicleSpec,
} from "./mission/mod.ts";
export { isoTime, placeNotations, toGeoJson, toGpx, toKml } from "./handover/mod.ts";
export type {
  HandoverReport,
  HandoverTrack,
  PlaceNotations,
  SearchedPatch,
  TrackPoint,
} from "./handover/mod.ts";
export { effortS, predictedSuccess } from "./planner/prediction.ts";
export { Swarm } from "./swarm.ts";
export type { SwarmConfig } from "./core.ts";
export { padCountOf, padPosition } from "./pads.ts";
export {
  CLUSTER_SIZE,
  ONE_CLUSTER_MAX,
  foundingDivision,
  worthsOf,
  type Cluster,
  type Division,
  type Worth,
} from "./division/division.ts";
export { look, type Look, type ManagedVehicle, type Wishes } from "./division/manager.ts";
export { Partition, foundingTables, type Founding } from "./division/partition.ts";
export { prepareSearch, type PreparedSearch } from "./prepare.ts";
export {
  cellAt,
  cellEastM,
  cellNorthM,
  computedPrior,
  distanceLaw,
  gridOver,
  loadedPrior,
  podBand,
  searchable,
} from "./map/mod.ts";
export type { Clue, DistanceLaw, MapGrid, PriorMap, SearchGround } from "./map/mod.ts";
export {
  PLANNER_NAMES,
  expandingSquarePlanner,
  parallelTrackPlanner,
  plannerNamed,
  skeinPlanner,
  type PlannerName,
} from "./planner/baselines.ts";
export type { Choice, PlannerView, SearchPlanner } from "./planner/planner.ts";
export { layoutOf, type Segment, type SearchPlan } from "./planner/segments.ts";
export type { Lane } from "./planner/lanes.ts";
export { checkBehaviour, defineBehaviour } from "./behaviours/define.ts";
export type {
  Behaviour,
  BehaviourDefinition,
  BehaviourOut,
  BehaviourView,
  SetpointWish,
} from "./behaviours/define.ts";
export {
  count,
  degrees,
  metres,
  metresPerSecond,
  parseParams,
  ratio,
  seconds,
} from "./behaviours/params.ts";
export type { Param, Params, ParamValues } from "./behaviours/params.ts";
export { METER_NAME, prepareMeter } from "./behaviours/runner.ts";
export { decodeSwarmMessage, encodeSwarmMessage, SwarmMessageKind } from "./search/message.ts";
export type { Intent, SwarmMessage } from "./search/message.ts";
export type { Sighting } from "./detection/detections.ts";
export { planSweep, sweptGround, sweptMassBound } from "./sweep/mod.ts";
export type { DensityMap, SweepRequest, SweptGround } from "./sweep/mod.ts";
