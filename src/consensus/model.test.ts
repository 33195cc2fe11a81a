/**
 * A checker is worth what it finds: each safety rule of Raft is broken alone, and the checker must
 * say so, naming the invariant, within 40 seeds. The number that it took when last measured stands
 * in the name of the test.
 */
import { describe, expect, test } from "vitest";
import { nodeIndex } from "../base/mod.ts";
import { isMajority } from "./quorum.ts";
import { RULES, type RaftRules } from "./raft/rules.ts";
import { draftOf, World } from "./world.test-support.ts";
import { breaking, seedsToFind, stir, troubleOf, type Turmoil } from "./turmoil.test-support.ts";

interface Plant {
  readonly name: string;
  readonly rules: Partial<RaftRules>;
  readonly invariants: readonly string[];
  readonly seeds: number;
  readonly trouble?: Partial<Turmoil>;
}

const PLANTS: readonly Plant[] = [
  {
    name: "a voter votes twice in a term",
    rules: { mayVote: () => true },
    invariants: ["VoteOnce", "ElectionQuorum", "ElectionSafety"],
    seeds: 11,
  },
  {
    name: "a vote leaves before it is durable",
    rules: { voteMayLeave: () => true },
    invariants: ["ElectionQuorum", "VoteOnce", "ElectionSafety"],
    seeds: 2,
  },
  {
    name: "a voter does not compare logs",
    rules: { upToDate: () => true },
    invariants: ["LeaderCompleteness", "CommittedStays", "StateMachineSafety"],
    trouble: { splits: 0.3 },
    seeds: 1,
  },
  {
    name: "a follower skips the consistency check",
    rules: { continues: (log, prevIndex) => prevIndex <= log.lastIndex },
    invariants: ["LogMatching", "StateMachineSafety"],
    trouble: { splits: 0.3 },
    seeds: 3,
  },
  {
    name: "a leader commits an entry of an earlier term by counting",
    rules: { mayCommit: () => true },
    invariants: ["CommitOwnTerm"],
    seeds: 6,
  },
  {
    name: "half is taken for a majority",
    rules: {
      decides: (configuration, has) =>
        configuration.voters.filter(has).length * 2 >= configuration.voters.length,
    },
    invariants: ["ElectionQuorum", "CommitQuorum", "ElectionSafety"],
    seeds: 2,
  },
  {
    name: "a joint configuration decides by the new voters alone",
    rules: { decides: (configuration, has) => isMajority(configuration.voters, has) },
    invariants: ["ElectionQuorum", "CommitQuorum", "ElectionSafety"],
    seeds: 3,
    trouble: { changes: 0.3 },
  },
  {
    name: "a follower acknowledges what is not durable",
    rules: { acknowledgeable: (matched) => matched },
    invariants: ["CommitQuorum"],
    seeds: 2,
  },
];

describe("each planted bug is found", () => {
  for (const plant of PLANTS) {
    test(`${plant.name}: found after ${String(plant.seeds)} of at most 40 seeds`, () => {
      const rules = breaking(plant.rules);
      const found = seedsToFind(40, (seed) =>
        stir(troubleOf(seed, { rules, count: 3 + (seed % 3), ...plant.trouble })),
      );
      expect(plant.invariants).toContain(found?.invariant);
    });
  }

  test("the same seeds with the rules whole: nothing", () => {
    const found = seedsToFind(40, (seed) =>
      stir(troubleOf(seed, { rules: RULES, count: 3 + (seed % 3) })),
    );
    expect(found).toBeUndefined();
  });

  test("an unsigned eviction is taken by members that do not verify", () => {
    const careless = breaking({ unauthorised: () => undefined });
    const world = new World({ count: 3, seed: 1, rules: careless });
    world.settle();
    world.propose(0, draftOf({ kind: "evict", node: nodeIndex(2), reason: 1 }));
    world.run(world.nowMs + 500);
    expect(world.checker.violations.map((each) => each.invariant)).toContain("Authority");
  });

  test("members whose states differ after the same entries", () => {
    // One member forgets leases sooner than the others: its agreed state goes its own way.
    const world = new World({
      count: 3,
      seed: 2,
      timing: { tickMs: 50, leaseMs: 400 },
      leaseMsOf: (node) => (node === 2 ? 200 : 400),
    });
    world.settle();
    const progress = { segment: 4 as never, pass: 0, lanes: 0 };
    world.propose(1, draftOf({ kind: "lease", action: "claim", progress }));
    world.run(world.nowMs + 1_000);
    expect(world.checker.violations.map((each) => each.invariant)).toContain("Determinism");
  });
});
