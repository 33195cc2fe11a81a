/**
 * What has been swept, as a table that only grows: per segment the number of complete passes and
 * the lanes of the next one.
 *
 * States of a segment are ordered (more passes first, then more lanes), two states merge to their
 * least upper bound, and merging is commutative, associative and idempotent: a join-semilattice
 * (Shapiro et al., "Conflict-free Replicated Data Types", 2011). Whatever way reports travel, by
 * gossip or by the log, nodes that have heard the same lanes hold the same table and so the same
 * map. Every merge adds what is new to the map, once.
 */
import { equalBytes, mix32 } from "../../base/mod.ts";
import type { ByteReader, ByteWriter, SegmentId } from "../../base/mod.ts";
import { sweep } from "../map/mod.ts";
import type { SearchMap } from "../map/mod.ts";
import { layoutOf, PASSES_MAX } from "../planner/segments.ts";
import type { Layout, SearchPlan } from "../planner/segments.ts";
import type { SegmentProgress } from "../types.ts";

export interface ProgressTable {
  readonly pass: Uint8Array;
  readonly lanes: Uint32Array;
}

export function progressTable(plan: SearchPlan): ProgressTable {
  const count = plan.segments.length;
  return { pass: new Uint8Array(count), lanes: new Uint32Array(count) };
}

export function progressOf(table: ProgressTable, segment: SegmentId): SegmentProgress {
  return { segment, pass: table.pass[segment] ?? 0, lanes: table.lanes[segment] ?? 0 };
}

/** All lanes of a layout as bits. */
export const fullMask = (layout: Layout): number => ((1 << layout.lanes.length) - 1) >>> 0;

/** Whether a report from outside can be true of this plan: after the last pass there is no lane. */
export function plausible(plan: SearchPlan, told: SegmentProgress): boolean {
  if (told.segment >= plan.segments.length || told.pass > PASSES_MAX) return false;
  if (told.pass === PASSES_MAX) return told.lanes === 0;
  return told.lanes <= fullMask(layoutOf(plan, told.segment, told.pass));
}

/** Merges one plausible report; true when it told something new. */
export function mergeProgress(
  plan: SearchPlan,
  search: { readonly table: ProgressTable; readonly map: SearchMap },
  told: SegmentProgress,
): boolean {
  const { table, map } = search;
  const { segment } = told;
  let pass = table.pass[segment]!;
  let lanes = table.lanes[segment]!;
  if (told.pass < pass) return false;
  if (told.pass === pass && (told.lanes & ~lanes) === 0) return false;
  while (pass < told.pass) {
    const layout = layoutOf(plan, segment, pass);
    sweepLanes(map, layout, fullMask(layout) & ~lanes);
    pass += 1;
    lanes = 0;
  }
  const layout = layoutOf(plan, segment, pass);
  sweepLanes(map, layout, told.lanes & ~lanes);
  lanes = (lanes | told.lanes) >>> 0;
  const done = lanes === fullMask(layout);
  table.pass[segment] = done ? pass + 1 : pass;
  table.lanes[segment] = done ? 0 : lanes;
  return true;
}

function sweepLanes(map: SearchMap, layout: Layout, bits: number): void {
  layout.lanes.forEach((lane, i) => {
    if (((bits >>> i) & 1) === 0) return;
    for (let k = 0; k < lane.cells.length; k += 1) sweep(map, lane.cells[k]!, lane.units[k]!);
  });
}

/** A short digest: equal tables give equal ones. */
export function progressDigest(
  table: ProgressTable,
  isIn: (segment: number) => boolean = () => true,
): number {
  let digest = 0;
  for (let i = 0; i < table.pass.length; i += 1) {
    if (!isIn(i)) continue;
    const state = mix32(mix32(table.lanes[i]!) ^ (table.pass[i]! + 1));
    if (table.lanes[i] !== 0 || table.pass[i] !== 0) digest = (digest + mix32(state ^ i)) >>> 0;
  }
  return digest;
}

export function saveProgress(table: ProgressTable, to: ByteWriter): void {
  to.blob(table.pass);
  for (const lanes of table.lanes) to.u32(lanes);
}

/** Into a fresh table and map: sweeps everything that was saved. */
export function loadProgress(
  plan: SearchPlan,
  search: { readonly table: ProgressTable; readonly map: SearchMap },
  from: ByteReader,
): void {
  const pass = from.blob();
  if (pass.length !== search.table.pass.length) from.refuse();
  for (const segment of plan.segments) {
    const told = { segment: segment.id, pass: pass[segment.id] ?? 0, lanes: from.u32() };
    if (!plausible(plan, told)) from.refuse();
    else mergeProgress(plan, search, told);
  }
}

export const sameProgress = (a: ProgressTable, b: ProgressTable): boolean =>
  equalBytes(a.pass, b.pass) && a.lanes.every((lanes, i) => lanes === b.lanes[i]);
