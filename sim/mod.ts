/** The deterministic world that runs the real node. Uses: base, hal, node. */
export { WORLD_EPOCH_MS, createWorld } from "./world/world.ts";
export { HOSTILE_MAX } from "./world/disturbances.ts";
export { TraceHash, TripwireError, withTripwire } from "./core/mod.ts";
export {
  AGL_MAX_RATIO,
  chanceOfSweepWidth,
  drawPlace,
  DWELL_S,
  halfFootprintM,
  sightChance,
  type WeightGrid,
} from "./search/mod.ts";
export {
  drawFaults,
  NO_RATES,
  parseFaults,
  type DrawSpace,
  type FaultSpace,
} from "./faults/mod.ts";
export {
  DRONE_CPU,
  padsAround,
  REFERENCE_AIRFRAME,
  REFERENCE_CAMERA,
  REFERENCE_FAILSAFE,
  REFERENCE_RADIO,
  referenceScenario,
  rollingGround,
  squareFence,
} from "./scenarios/reference.ts";
export { NODES_MAX } from "./world/scenario.ts";
export type {
  AirframeSpec,
  AltitudeBound,
  Area,
  BaseScenario,
  CameraSpec,
  Cover,
  CpuScenario,
  FailsafeSpec,
  ForbiddenZone,
  GroundScenario,
  LimitsScenario,
  NodeScenario,
  Place,
  PlannerGround,
  RadioScenario,
  Scenario,
  StoreScenario,
  SubjectScenario,
  WindScenario,
} from "./world/scenario.ts";
export type {
  ActiveFault,
  BaseView,
  Charge,
  FaultAim,
  FaultBegun,
  ImageTruth,
  NodeFactory,
  NodeState,
  OperatorDraft,
  OrderProof,
  Seat,
  SimNode,
  SubjectView,
  TracePlaintext,
  VehicleState,
  VehicleView,
  Violation,
  World,
  WorldChecker,
  WorldCounters,
  WorldEvent,
  WorldReport,
  WorldSample,
  WorldView,
} from "./world/types.ts";
export type {
  FaultAction,
  FaultKind,
  FaultPlan,
  FaultRates,
  ScriptedFault,
  StrikeTarget,
} from "./faults/types.ts";
