/**
 * Trouble by seed: proposals, power losses, partitions, hand-overs, membership changes, rotten
 * records, reloads. In safety mode anything may happen; `heal` then makes the world whole, and
 * everyone must come to one state (liveness mode).
 */
import { nodeIndex } from "../base/mod.ts";
import { RULES, type RaftRules } from "./raft/rules.ts";
import { LOG_NAME } from "./raft/records.ts";
import { draftOf, MARK, valueDraft, World, type WorldOptions } from "./world.test-support.ts";

export interface Turmoil extends WorldOptions {
  readonly durationMs: number;
  /** Chance a turn that the voters change. */
  readonly changes?: number;
  /** Chance a turn that the leader is cut off just when it has something to say. */
  readonly splits?: number;
  /** Chance at a power loss of the first member that an old record of its log rots. */
  readonly rot?: number;
}

/** The trouble of one seed: sizes, losses and delays are drawn from it too. */
export function troubleOf(seed: number, more: Partial<Turmoil> = {}): Turmoil {
  return {
    count: 1 + (seed % 7),
    seed,
    loss: [0, 0.05, 0.15, 0.3][seed % 4] ?? 0,
    duplication: 0.05,
    delayMaxMs: seed % 3 === 0 ? 60 : 8,
    torn: 0.5,
    changes: 0.03,
    splits: 0.01,
    durationMs: 5_000,
    ...(seed % 2 === 1 ? { timing: { snapshotEntries: 24, keepEntries: 8 } } : {}),
    ...more,
  };
}

export function stir(turmoil: Turmoil): World {
  const world = new World(turmoil);
  const whole = (): boolean => world.checker.violations.length === 0;
  while (world.nowMs < turmoil.durationMs && whole()) {
    try {
      world.run(world.nowMs + world.random.between(5, 120));
      turn(world, turmoil);
    } catch (broken) {
      // A member's own invariants are the second net: the checker must have been the first.
      if (whole()) throw broken;
    }
  }
  return world;
}

function turn(world: World, turmoil: Turmoil): void {
  const { random } = world;
  const at = random.below(turmoil.count);
  if (random.chance(turmoil.changes ?? 0)) changeVoters(world, turmoil.count);
  if (random.chance(turmoil.splits ?? 0)) cutOffLeader(world, turmoil.count);
  const what = random.below(20);
  if (what < 10) proposeSomething(world, at);
  else if (what < 13) lose(world, at, turmoil);
  else if (what < 15) for (let i = 0; i < turmoil.count; i += 1) world.restart(i);
  else if (what < 17) splitAtRandom(world, turmoil.count);
  else if (what === 17) handOver(world);
  else if (what === 18) world.reload(at);
  else world.partition();
}

function proposeSomething(world: World, at: number): void {
  if (!world.members[at]!.up) return;
  const { random } = world;
  const number = random.below(1000);
  if (random.chance(0.8)) world.propose(at, valueDraft(`k${String(number % 50)}`, number));
  else {
    const body = { kind: "mission", phase: "started", revision: number } as const;
    world.propose(at, draftOf(body, { orderId: BigInt(number), signatures: [MARK] }));
  }
}

function lose(world: World, at: number, turmoil: Turmoil): void {
  world.crash(at);
  // One member only, and never of two: what a majority has lost is lost.
  if (at !== 0 || turmoil.count < 3 || !world.random.chance(turmoil.rot ?? 0)) return;
  const records = world.members[at]!.disk.names.get(LOG_NAME) ?? [];
  const record = records[1 + world.random.below(Math.max(1, records.length - 1))];
  if (record !== undefined) record[world.random.below(record.length)]! ^= 0x10;
}

function splitAtRandom(world: World, count: number): void {
  const groups: number[][] = [[], []];
  for (let i = 0; i < count; i += 1) groups[world.random.chance(0.5) ? 0 : 1]!.push(i);
  world.partition(...groups);
}

/** Its entries stay with it and one other; the rest elects another, which then hears them. */
function cutOffLeader(world: World, count: number): void {
  const leader = world.leader();
  if (leader === undefined) return;
  const other = (leader.index + 1) % count;
  const rest = world.members.map(({ index }) => index as number);
  const alone = [leader.index as number, other];
  world.partition(
    alone,
    rest.filter((index) => !alone.includes(index)),
  );
  for (let i = 0; i < 3; i += 1) proposeSomething(world, leader.index);
  world.run(world.nowMs + 1_200);
  world.partition();
}

function handOver(world: World): void {
  const leader = world.leader();
  if (leader !== undefined) world.input(leader.index, { kind: "transfer" });
}

function changeVoters(world: World, count: number): void {
  const leader = world.leader();
  if (leader === undefined) return;
  const all = Array.from({ length: count }, (_, i) => nodeIndex(i));
  const voters = all.filter(() => world.random.chance(0.7));
  const nonVoters = all.filter((node) => !voters.includes(node));
  world.input(leader.index, { kind: "membership", change: { voters, nonVoters } });
}

/** All faults end; the world must agree on everything within `withinMs`. */
export function heal(world: World, withinMs = 8_000): void {
  world.partition();
  world.loss = 0.02;
  world.duplication = 0;
  for (const member of world.members) world.restart(member.index);
  world.settle(withinMs);
  world.run(world.nowMs + 3_000);
  // The last proposals may be under way just now.
  const even = (): boolean =>
    new Set(world.members.map((member) => member.machine.appliedIndex)).size === 1;
  for (let i = 0; i < 20 && !even(); i += 1) world.run(world.nowMs + 100);
}

export const breaking = (rule: Partial<RaftRules>): RaftRules => ({ ...RULES, ...rule });

/** Seeds until the checker finds what `rules` break, or `undefined` within `most` seeds. */
export function seedsToFind(
  most: number,
  scenario: (seed: number) => World,
): { readonly seeds: number; readonly invariant: string } | undefined {
  for (let seed = 0; seed < most; seed += 1) {
    const violation = scenario(seed).checker.violations[0];
    if (violation !== undefined) return { seeds: seed + 1, invariant: violation.invariant };
  }
  return undefined;
}
