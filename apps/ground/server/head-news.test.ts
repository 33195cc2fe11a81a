import { expect, test } from "vitest";
import { nodeIndex } from "../../../src/base/mod.ts";
import { HeadNews, LOSS_TOLD_AFTER_S } from "./head-news.ts";

const leads = (leader: number, term: number) =>
  ({ kind: "leaderElected", leader: nodeIndex(leader), term }) as const;
const lost = (term: number) => ({ kind: "leaderLost", term }) as const;

test("a missed word of the same head in the same term is no news", () => {
  const news = new HeadNews();
  expect(news.hear(leads(6, 1), 0)).toEqual(leads(6, 1));
  for (let atS = 10; atS < 100; atS += 10) {
    expect(news.hear(lost(1), atS)).toBeUndefined();
    expect(news.due(atS + 2)).toBeUndefined();
    expect(news.hear(leads(6, 1), atS + 3)).toBeUndefined();
  }
});

test("a loss that lasts is told once, and then the return of the same head", () => {
  const news = new HeadNews();
  news.hear(leads(6, 1), 0);
  news.hear(lost(1), 5);
  expect(news.due(5 + LOSS_TOLD_AFTER_S)).toEqual(lost(1));
  expect(news.due(100)).toBeUndefined();
  expect(news.hear(leads(6, 1), 101)).toEqual(leads(6, 1));
});

test("another head or another term is news at once", () => {
  const news = new HeadNews();
  news.hear(leads(6, 1), 0);
  news.hear(lost(1), 1);
  expect(news.hear(leads(2, 2), 2)).toEqual(leads(2, 2));
  expect(news.hear(leads(2, 3), 3)).toEqual(leads(2, 3));
});
