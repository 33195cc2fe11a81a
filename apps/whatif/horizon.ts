/** How far a fork runs when it is to run until the batteries in the air are spent. */
import type { Node } from "../../src/node/mod.ts";
import type { WhatIfHorizon } from "../ground/report/what-if.ts";
import { HORIZON_MAX_S, HORIZON_MIN_S } from "./read-changes.ts";

/** What each vehicle in the air last announced that it may still fly, the longest of them. */
export function horizonOf(horizonS: WhatIfHorizon, ground: Node, nowMs: number): number {
  if (horizonS !== "reserves") return horizonS;
  const left = ground.layers.swarm.intents
    .filter(({ intent }) => intent.duty !== "grounded")
    .map(({ intent, atMs }) => intent.spareS - (nowMs - atMs) / 1000);
  const longestS = left.reduce((most, s) => Math.max(most, s), 0);
  return Math.min(HORIZON_MAX_S, Math.max(HORIZON_MIN_S, Math.ceil(longestS)));
}
