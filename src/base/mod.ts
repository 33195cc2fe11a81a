/** The words shared by all layers. Imports nothing. */
export { Timers, type Emit, type Machine } from "./machine.ts";
export { NEVER, after, monotonicMs, networkTimeMs, wallTimeMs } from "./units.ts";
export type { MonotonicMs, NetworkTimeMs, WallTimeMs } from "./units.ts";
export {
  BROADCAST,
  CLUSTERS_MAX,
  NODES_MAX,
  SEGMENTS_MAX,
  addressesMany,
  clusterAddress,
  missionId,
  nodeId,
  nodeIndex,
  segmentId,
} from "./ids.ts";
export type { MissionId, NodeId, NodeIndex, SegmentId } from "./ids.ts";
export { InvariantError, invariant } from "./invariant.ts";
export { PROBLEMS, problem, type Problem, type ProblemCode } from "./problem.ts";
export { fail, ok, type Checked, type Result } from "./result.ts";
export {
  ByteReader,
  ByteWriter,
  compareBytes,
  equalBytes,
  fromHex,
  toHex,
  utf8Decode,
  utf8Encode,
} from "./bytes.ts";
export { SeededStream, hash32, mix32 } from "./random.ts";
export {
  acos,
  asin,
  atan,
  atan2,
  cos,
  exp,
  hypot,
  ln,
  log10,
  log2,
  pow,
  sin,
  tan,
} from "./math.ts";
export { decodeCbor, encodeCbor } from "./cbor.ts";
export type { CborLimits, CborMap, CborValue } from "./cbor.ts";
export { RingQueue } from "./queue.ts";
export { TimeHeap } from "./heap.ts";
export { Checker, Fields, PROBLEMS_MAX, isRecord, nestingDepth } from "./checker.ts";
export type { NumberRule, UnitTrap } from "./checker.ts";
export { readPlain, writePlain } from "./plain.ts";
