/**
 * Builds a node from its configuration: every layer with streams of its own, and the views that the
 * node needs of them.
 */
import { SeededStream, problem, type NodeIndex } from "../base/mod.ts";
import {
  Consensus,
  DEFAULT_TIMING,
  initialConfiguration,
  type ConsensusTiming,
} from "../consensus/mod.ts";
import { Fault } from "../fault/mod.ts";
import type { RecoveredStore } from "../hal/mod.ts";
import { Network } from "../network/mod.ts";
