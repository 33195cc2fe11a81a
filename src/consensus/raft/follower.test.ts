import { describe, expect, test } from "vitest";
import { answersNow } from "./follower.ts";

describe("who answers a round's new entries at once", () => {
  const answering = (round: number, members: number, share: number): number[] =>
    Array.from({ length: members }, (_, rank) => rank).filter((rank) =>
      answersNow(round, { rank, members, share }),
    );

  test("is everyone when the whole cluster is asked to", () => {
    for (const members of [1, 2, 7]) expect(answering(5, members, 1)).toHaveLength(members);
  });

  test("is the same share each round, more than a quorum, and another part the next time", () => {
    const rounds = Array.from({ length: 20 }, (_, round) => answering(round, 51, 0.7));
    for (const ranks of rounds) expect(ranks).toHaveLength(36);
    expect(rounds[0]).not.toEqual(rounds[1]);
    const times = Array.from({ length: 51 }, () => 0);
    for (const rank of rounds.flat()) times[rank]! += 1;
    expect(Math.min(...times)).toBeGreaterThanOrEqual(10);
  });
});
