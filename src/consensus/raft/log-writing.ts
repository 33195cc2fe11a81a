/**
 * Appending to and cutting the log in memory. A configuration counts as soon as it is in the log
 * and no longer when it is cut off (Raft, section 6), so these two go through one door.
 */
import { invariant } from "../../base/mod.ts";
import { EntryKind } from "../entry.ts";
import { decodeBody } from "../state/bodies.ts";
import type { CarriedEntry } from "./messages.ts";
import type { Raft } from "./raft-state.ts";

export function appendEntry(raft: Raft, carried: CarriedEntry): void {
  const index = raft.log.append(carried.term, carried.entry, carried.bytes);
  if (carried.entry.kind !== EntryKind.configuration) return;
  const body = decodeBody(EntryKind.configuration, carried.entry.body);
  if (!body.ok || body.value.kind !== "configuration" || body.value.voters.length === 0) return;
  const { outgoing, voters, nonVoters } = body.value;
  if (index <= (raft.configurations.at(-1)?.index ?? 0)) return;
  raft.configurations.push({ index, configuration: { outgoing, voters, nonVoters } });
}

export function cutLog(raft: Raft, index: number): void {
  invariant(index >= raft.commit, "what is committed is never cut off");
  raft.log.truncate(index);
  const kept = raft.configurations.filter((placed) => placed.index <= index);
  invariant(kept.length > 0, "the first configuration is never cut off");
  raft.configurations = kept;
}

/** Forgets configurations that a later one at or below `index` has replaced. */
export function compactConfigurations(raft: Raft, index: number): void {
  const older = raft.configurations.filter((placed) => placed.index <= index);
  const last = older.at(-1);
  if (last === undefined) return;
  raft.configurations = [last, ...raft.configurations.filter((placed) => placed.index > index)];
}
