/**
 * Two clusters of thirty on their pads: a vehicle moves from one to the other while one frame in
 * ten is lost and the head of where it goes dies. The reference model watches each cluster's
 * log in lock step (`RaftChecker`, in the world's invariants), here every committed entry is
 * followed besides.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { nodeIndex, type NodeIndex } from "../../src/base/mod.ts";
import type { Node } from "../../src/node/mod.ts";
import type { OrderCluster } from "../../src/security/mod.ts";
import type { Cluster } from "../../src/swarm/mod.ts";
import type { Simulation } from "../../apps/simulation/open-simulation.ts";
import { open } from "./flown.ts";

const VEHICLES = 60;
const MOVER = nodeIndex(5);

/** What was committed in each cluster by anyone, as the bytes of its entries by index. */
type Committed = Map<number, Map<number, string>>;

class Story {
  readonly simulation: Simulation;
  readonly committed: Committed = new Map();
  readonly killed: number[] = [];
  /** Slots that disagreed with what somebody else had committed. */
  readonly forked: string[] = [];

  constructor() {
    this.simulation = open("tiny.json5", {
      seed: 7,
      vehicleCount: VEHICLES,
      signatures: "modelled",
    }).simulation;
  }

  node(slot: number): Node | undefined {
    return this.simulation.world.node(slot);
  }

  get ground(): Node {
    return this.node(0)!;
  }

  get clusters(): readonly Cluster[] {
    return this.ground.identity.partition.clusters;
  }

  /** The members of a cluster that run. */
  living(cluster: number): readonly Node[] {
    const { members } = this.clusters.find((one) => one.cluster === cluster)!;
    return members.flatMap((member) => this.node(member) ?? []);
  }

  run(toS: number): void {
    const { world } = this.simulation;
    for (let timeS = world.timeMs / 1000 + 1; timeS <= toS; timeS += 1) {
      world.runUntil(timeS * 1000);
      for (let slot = 0; slot <= VEHICLES; slot += 1) this.#note(slot);
    }
  }

  #note(slot: number): void {
    for (const { cluster, consensus } of this.node(slot)?.layers.logs.all ?? []) {
      const entries = this.committed.get(cluster) ?? new Map<number, string>();
      this.committed.set(cluster, entries);
      const { log, commitIndex } = consensus;
      for (let index = log.baseIndex + 1; index <= commitIndex; index += 1) {
        const at = log.at(index);
        if (at === undefined) continue;
        const told = `${String(at.term)} ${Buffer.from(at.bytes).toString("hex")}`;
        if ((entries.get(index) ?? told) !== told) {
          this.forked.push(`${String(slot)} in ${String(cluster)} at ${String(index)}`);
        }
        entries.set(index, told);
      }
    }
  }

  divide(revision: number, clusters: readonly OrderCluster[]): void {
    this.simulation.world.operator({
      command: { kind: "divide", revision, clusters },
      targets: "all",
      validForMs: 30_000,
      supersedes: undefined,
    });
  }

  killHeadOf(cluster: number): void {
    const head = this.ground.layers.logs.ofCluster(cluster)?.leader;
    if (head === undefined) throw new Error("the cluster has a head");
    this.killed.push(head);
    this.simulation.world.applyFault({ kind: "kill", slot: head });
  }
}

const without = (members: readonly NodeIndex[], ...gone: readonly number[]): NodeIndex[] =>
  members.filter((member) => !gone.includes(member));

const rising = (members: readonly NodeIndex[]): readonly NodeIndex[] =>
  members.toSorted((a, b) => a - b);

describe("a vehicle that moves between clusters under loss", () => {
  const story = new Story();

  beforeAll(() => {
    const { world } = story.simulation;
    const slots = Array.from({ length: VEHICLES + 1 }, (_, slot) => slot);
    world.applyFault({ kind: "lossBurst", slots, lossRatio: 0.1, lastsS: 1000 });
    story.run(16);
    // A vehicle moves, and the head of where it goes dies while it is on its way.
    const [a, b] = story.clusters as [Cluster, Cluster];
    story.divide(1, [
      { ...a, members: without(a.members, MOVER) },
      { ...b, members: rising([...b.members, MOVER]) },
    ]);
    world.runUntil(16_400);
    story.killHeadOf(b.cluster);
    story.run(40);
  }, 120_000);

  test("everyone who runs is in the log of the cluster that the division names", () => {
    expect(story.clusters.map(({ cluster }) => cluster)).toEqual([1, 2]);
    expect(story.ground.identity.partition.revision).toBe(1);
    for (const { cluster, members } of story.clusters) {
      for (const node of story.living(cluster)) {
        expect(node.layers.logs.home.cluster).toBe(cluster);
        expect(without(members, ...story.killed)).toContain(node.identity.self);
        expect(node.layers.consensus.members).toContain(node.identity.self);
      }
    }
    expect(story.node(MOVER)?.layers.logs.home.cluster).toBe(2);
  });

  test("each cluster has a head, a quorum and keys of its own", () => {
    for (const { cluster } of story.clusters) {
      const nodes = story.living(cluster);
      const heads = nodes.filter(({ layers }) => layers.consensus.role === "leader");
      expect(heads).toHaveLength(1);
      const epochs = new Set(nodes.map(({ layers }) => layers.security.epoch));
      expect(Math.min(...epochs)).toBeGreaterThan(0);
    }
  });

  test("no committed entry is lost: a majority of each cluster holds all of them", () => {
    expect(story.forked).toEqual([]);
    for (const { cluster, members } of story.clusters) {
      const last = Math.max(...story.committed.get(cluster)!.keys());
      expect(last).toBeGreaterThan(3);
      const holding = story
        .living(cluster)
        .filter(({ layers }) => layers.consensus.log.lastIndex >= last);
      expect(holding.length).toBeGreaterThan(members.length / 2);
    }
  });

  test("the ground has applied what each cluster agreed on", () => {
    for (const { cluster } of story.clusters) {
      const last = Math.max(...story.committed.get(cluster)!.keys());
      const { consensus } = story.ground.layers.logs.ofCluster(cluster)!;
      expect(last - consensus.appliedIndex).toBeLessThan(10);
    }
  });

  test("no log broke a rule, and nothing else did", () => {
    expect(story.simulation.world.report().invariants.violated).toEqual([]);
  });
});
