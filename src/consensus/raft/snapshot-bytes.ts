/**
 * A snapshot: the agreed state, and the configuration that was in force at its last entry.
 */
import { ByteReader, ByteWriter, nodeIndex, type NodeIndex } from "../../base/mod.ts";
import { digestOf, sameDigest } from "../digest.ts";
import type { Configuration } from "../quorum.ts";
import { CONFIGURATION_MEMBERS_MAX } from "../state/bodies.ts";
import { SwarmState } from "../state/swarm-state.ts";
import type { PlacedConfiguration, Raft } from "./raft-state.ts";
import type { StoredSnapshot } from "./records.ts";

/**
 * 2: with warrants, and whether somebody was evicted since the last epoch. 3: with the member that
 * began the term, and who held each segment last.
 */
const SNAPSHOT_VERSION = 3;

/** The configuration that was in force at `index`. */
function configurationAt(raft: Raft, index: number): PlacedConfiguration {
  const placed = raft.configurations.filter((each) => each.index <= index).at(-1);
  return placed ?? raft.configurations[0]!;
}

/** version 3, configuration with its index, state; digest of all that 8 */
export function takeSnapshot(raft: Raft): StoredSnapshot {
  const { index, configuration } = configurationAt(raft, raft.applied);
  const to = new ByteWriter({ initialBytes: 4096 });
  to.u8(SNAPSHOT_VERSION).u32(index);
  writeConfiguration(to, configuration);
  raft.machine.save(to);
  const digest = digestOf(to.take());
  to.u32(digest.high).u32(digest.low);
  const lastTerm = raft.log.termAt(raft.applied) ?? raft.log.baseTerm;
  return { lastIndex: raft.applied, lastTerm, bytes: to.take() };
}

/**
 * Makes the snapshot this node's state, unless it is damaged or `admits` says no to the state in
 * it: then nothing changed. One's own store is believed; what came by radio is verified.
 */
export function restoreSnapshot(
  raft: Raft,
  snapshot: StoredSnapshot,
  admits: (state: SwarmState) => boolean = () => true,
): "restored" | "damaged" | "unwarranted" {
  const body = snapshot.bytes.subarray(0, Math.max(0, snapshot.bytes.length - 8));
  const tail = new ByteReader(snapshot.bytes, body.length);
  if (!sameDigest({ high: tail.u32(), low: tail.u32() }, digestOf(body))) return "damaged";
  const from = new ByteReader(body);
  if (from.u8() !== SNAPSHOT_VERSION) from.refuse();
  const index = from.u32();
  const configuration = readConfiguration(from);
  // Into a spare state first: a snapshot that is well-formed only at its start changes nothing.
  const at = from.at;
  const state = new SwarmState(raft.timing.leaseMs);
  state.load(from);
  if (from.finish() !== undefined || configuration.voters.length === 0) return "damaged";
  if (!admits(state)) return "unwarranted";
  raft.machine.load(new ByteReader(body, at));
  raft.configurations = [{ index, configuration }];
  raft.snapshot = snapshot;
  raft.commit = snapshot.lastIndex;
  raft.applied = snapshot.lastIndex;
  return "restored";
}

export function writeConfiguration(to: ByteWriter, configuration: Configuration): void {
  for (const set of [configuration.outgoing, configuration.voters, configuration.nonVoters]) {
    to.u8(set.length);
    for (const node of set) to.u16(node);
  }
}

export function readConfiguration(from: ByteReader): Configuration {
  const outgoing = readSet(from);
  const voters = readSet(from);
  return { outgoing, voters, nonVoters: readSet(from) };
}

function readSet(from: ByteReader): readonly NodeIndex[] {
  const count = from.u8();
  if (count > CONFIGURATION_MEMBERS_MAX) from.refuse();
  const nodes: NodeIndex[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) nodes.push(nodeIndex(from.u16()));
  return nodes;
}
