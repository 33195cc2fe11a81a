import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeIndex, type NodeIndex } from "../base/mod.ts";
import {
  initialConfiguration,
  isJoint,
  isMajority,
  isMember,
  isQuorum,
  isVoter,
  majority,
  membersOf,
  type Configuration,
} from "./quorum.ts";

const nodes = (...indexes: number[]): NodeIndex[] => indexes.map(nodeIndex);
const someNodes = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 50 })
  .map((indexes) => indexes.sort((a, b) => a - b).map(nodeIndex));
const subset = (of: readonly NodeIndex[], mask: readonly boolean[]): Set<NodeIndex> =>
  new Set(of.filter((_, i) => mask[i % mask.length] === true));
const mask = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });

describe("quorum arithmetic", () => {
  test("majorities of 1 to 7", () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(majority)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  test("nobody is a majority of nobody", () => {
    expect(isMajority([], () => true)).toBe(false);
  });

  test("any two quorums of one configuration meet", () => {
    fc.assert(
      fc.property(someNodes, mask, mask, (voters, one, other) => {
        const configuration: Configuration = { outgoing: [], voters, nonVoters: [] };
        const [a, b] = [subset(voters, one), subset(voters, other)];
        if (!isQuorum(configuration, (n) => a.has(n))) return;
        if (!isQuorum(configuration, (n) => b.has(n))) return;
        expect([...a].some((node) => b.has(node))).toBe(true);
      }),
    );
  });

  test("S7: a joint quorum meets every quorum of the old and of the new voters", () => {
    fc.assert(
      fc.property(someNodes, someNodes, mask, mask, (outgoing, voters, one, other) => {
        const joint: Configuration = { outgoing, voters, nonVoters: [] };
        const a = subset([...outgoing, ...voters], one);
        if (!isQuorum(joint, (n) => a.has(n))) return;
        for (const side of [outgoing, voters]) {
          const b = subset(side, other);
          if (!isMajority(side, (n) => b.has(n))) continue;
          expect([...a].some((node) => b.has(node))).toBe(true);
        }
      }),
    );
  });

  test("a majority is the least count for which any two sets meet", () => {
    for (let count = 1; count <= 50; count += 1) {
      expect(2 * majority(count)).toBeGreaterThan(count);
      expect(2 * (majority(count) - 1)).toBeLessThanOrEqual(count);
    }
  });

  test("members, voters and those who listen", () => {
    const joint = { outgoing: nodes(1, 2), voters: nodes(2, 3), nonVoters: nodes(4) };
    expect(isJoint(joint)).toBe(true);
    expect(membersOf(joint)).toEqual([1, 2, 3, 4]);
    expect(nodes(1, 2, 3, 4, 5).map((node) => isVoter(joint, node))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(isMember(joint, nodeIndex(4))).toBe(true);
    expect(isMember(joint, nodeIndex(5))).toBe(false);
  });
});

describe("who votes in a new cluster", () => {
  const of = (vehicles: number[], ground: number[]): [NodeIndex[], NodeIndex[]] => {
    const made = initialConfiguration({ vehicles: nodes(...vehicles), ground: nodes(...ground) });
    return [[...made.voters], [...made.nonVoters]];
  };

  test("one vehicle decides alone, so that it goes on without a ground link", () => {
    expect(of([5], [9])).toEqual([[5], [9]]);
  });

  test("two vehicles take the ground as the third voter", () => {
    expect(of([5, 2], [9, 10])).toEqual([[2, 5, 9], [10]]);
  });

  test("from three vehicles on the ground listens", () => {
    expect(of([1, 2, 3], [9])).toEqual([[1, 2, 3], [9]]);
  });
});
