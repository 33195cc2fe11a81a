/**
 * Quorum arithmetic and the configuration it rests on (Ongaro, "Consensus: bridging theory and
 * practice", 2014, section 4.3): while a change is joint, every decision needs a majority of the
 * outgoing voters and a majority of the incoming ones.
 */
import type { NodeIndex } from "../base/mod.ts";

export interface Configuration {
  /** Voters of the old configuration while the change is joint, else empty. */
  readonly outgoing: readonly NodeIndex[];
  readonly voters: readonly NodeIndex[];
  /** Raft's learners: they get the log and have no vote. */
  readonly nonVoters: readonly NodeIndex[];
}

/** Votes that make a majority of `count` voters. */
export const majority = (count: number): number => Math.floor(count / 2) + 1;

/** Whether those for whom `has` holds are a majority; of no voters nobody is. */
export function isMajority(
  voters: readonly NodeIndex[],
  has: (node: NodeIndex) => boolean,
): boolean {
  let count = 0;
  for (const voter of voters) if (has(voter)) count += 1;
  return voters.length > 0 && count >= majority(voters.length);
}

/** Whether those for whom `has` holds decide under the configuration. */
export function isQuorum(configuration: Configuration, has: (node: NodeIndex) => boolean): boolean {
  if (!isMajority(configuration.voters, has)) return false;
  return configuration.outgoing.length === 0 || isMajority(configuration.outgoing, has);
}

export const isJoint = (configuration: Configuration): boolean => configuration.outgoing.length > 0;

export const isVoter = (configuration: Configuration, node: NodeIndex): boolean =>
  configuration.voters.includes(node) || configuration.outgoing.includes(node);

export const isMember = (configuration: Configuration, node: NodeIndex): boolean =>
  isVoter(configuration, node) || configuration.nonVoters.includes(node);

/** Everyone in the configuration once, ascending. */
export function membersOf(configuration: Configuration): readonly NodeIndex[] {
  return sortedIndexes([
    ...configuration.outgoing,
    ...configuration.voters,
    ...configuration.nonVoters,
  ]);
}

/** Ascending and without repetition: the canonical form of a set of nodes. */
export function sortedIndexes(indexes: readonly NodeIndex[]): readonly NodeIndex[] {
  return [...new Set(indexes)].sort((a, b) => a - b);
}

/**
 * Who votes in a new cluster. One vehicle runs alone, because it must go on without a ground link;
 * two need the ground as the third voter; from three on the ground only listens.
 */
export function initialConfiguration(options: {
  readonly vehicles: readonly NodeIndex[];
  readonly ground: readonly NodeIndex[];
}): Configuration {
  const vehicles = sortedIndexes(options.vehicles);
  const ground = sortedIndexes(options.ground);
  const third = vehicles.length === 2 ? ground.slice(0, 1) : [];
  return {
    outgoing: [],
    voters: sortedIndexes([...vehicles, ...third]),
    nonVoters: ground.filter((node) => !third.includes(node)),
  };
}

/**
 * Whether `next` may follow `before` in the log (Ongaro 2014, section 4.3): other voters come by a
 * joint configuration only, and after it those alone that it named.
 */
export function succeeds(before: Configuration, next: Configuration): boolean {
  const same = (a: readonly NodeIndex[], b: readonly NodeIndex[]): boolean =>
    a.length === b.length && a.every((node, i) => node === b[i]);
  if (isJoint(before)) return next.outgoing.length === 0 && same(before.voters, next.voters);
  return same(before.voters, isJoint(next) ? next.outgoing : next.voters);
}
