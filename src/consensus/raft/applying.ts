/**
 * From the commit index to the agreed state. Authority is verified a second time here: an entry
 * that passed on its way in and does not pass now means that memory or verifier changed, and the
 * node stops applying rather than come to a state of its own.
 */
import { invariant, problem } from "../../base/mod.ts";
import { EntryKind } from "../entry.ts";
import { settle } from "./proposals.ts";
import { tell, type Raft } from "./raft-state.ts";

export function applyCommitted(raft: Raft): void {
  while (raft.applied < raft.commit && !raft.halted) {
    const index = raft.applied + 1;
    const slot = raft.log.at(index);
    invariant(slot !== undefined, "what is committed is in the log");
    const { entry, term } = slot;
    const unauthorised = raft.rules.unauthorised(raft.verify, entry);
    if (unauthorised !== undefined) {
      raft.halted = true;
      tell(raft, problem("CON020", { detail: unauthorised.text, where: `index ${String(index)}` }));
      return;
    }
    const outcome = raft.machine.apply(entry);
    raft.applied = index;
    if (entry.kind === EntryKind.tick) raft.logTimeSeenMs = raft.now;
    raft.emit({ kind: "applied", index, term, entry, outcome });
    if (entry.proposer !== raft.self || entry.sequence === 0) continue;
    if (outcome.kind === "refused") settle(raft, entry.sequence, "refused", outcome.problem);
    else settle(raft, entry.sequence, "applied");
  }
}
