/**
 * Warrants: the signed orders behind what a snapshot says of evictions, mission phase, plan and
 * latches. An entry is verified on its way in; a state that arrives whole has no entries, so it
 * carries those that matter, and its receiver verifies them before it takes the state.
 *
 * A state can still leave things out, or be old: that is a leader that delays. Verdicts and clues
 * in it are the leader's word (with 3.4 kB each they would not fit), and orders are verified by
 * each node before it acts on one.
 */
import { decodeEntry, type LogEntry } from "../entry.ts";
import { decodeBody, type EntryBody } from "./bodies.ts";
import type { SwarmState } from "./swarm-state.ts";

/** Whether everything in the state that needs one has a warrant that verifies and says the same. */
export function isWarranted(state: SwarmState, authorised: (entry: LogEntry) => boolean): boolean {
  const holds = (key: string, says: (body: EntryBody, entry: LogEntry) => boolean): boolean => {
    const bytes = state.warrants.get(key);
    const entry = bytes === undefined ? undefined : decodeEntry(bytes);
    if (entry?.ok !== true || !authorised(entry.value)) return false;
    const body = decodeBody(entry.value.kind, entry.value.body);
    return body.ok && says(body.value, entry.value);
  };
  const { phase, revision, planRevision, segmentCount } = state.mission;
  const evicted = state.members.entries().filter(([, row]) => row.standing === "evicted");
  return (
    evicted.every(([node]) =>
      holds(`evict ${String(node)}`, (body) => body.kind === "evict" && body.node === node),
    ) &&
    state.latches
      .entries()
      .every(([latch, row]) =>
        holds(
          `latch ${String(latch)}`,
          (body, { orderId }) =>
            body.kind === "latch" &&
            body.latch === latch &&
            body.set === row.set &&
            body.aglMaxCm === row.aglMaxCm &&
            body.byNetworkTimeMs === row.byNetworkTimeMs &&
            orderId === row.orderId,
        ),
      ) &&
    ((phase === "planned" && revision === 0) ||
      holds(
        "mission",
        (body) => body.kind === "mission" && body.phase === phase && body.revision === revision,
      )) &&
    (planRevision === 0 ||
      holds(
        "plan",
        (body) =>
          body.kind === "plan" &&
          body.revision === planRevision &&
          body.segmentCount === segmentCount,
      ))
  );
}
