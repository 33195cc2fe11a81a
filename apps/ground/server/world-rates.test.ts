import { expect, test } from "vitest";
import { viewEveryMs } from "./world-rates.ts";

test("a view comes four times a second, of thousands once", () => {
  expect([6, 1000, 1001, 10_000].map(viewEveryMs)).toEqual([250, 250, 1000, 1000]);
});
