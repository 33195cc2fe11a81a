/** Zeller and Hildebrandt (2002): what the paper promises of the algorithm, as properties. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ddmin } from "./ddmin.ts";

/** Runs it against a test of lists; gives the result and every candidate that was asked. */
function run<Item>(
  all: readonly Item[],
  fails: (list: readonly Item[]) => boolean,
): { readonly result: readonly Item[]; readonly asked: readonly (readonly Item[])[] } {
  const asked: (readonly Item[])[] = [];
  const rounds = ddmin(all);
  let next = rounds.next();
  while (next.done !== true) {
    asked.push(...next.value);
    next = rounds.next(next.value.map(fails));
  }
  return { result: next.value, asked };
}

const list = fc
  .array(fc.nat(1000), { minLength: 1, maxLength: 24 })
  .map((items) => [...new Set(items)]);
/** A list and a part of it that must be there to fail. */
const planted = list.chain((all) => fc.tuple(fc.constant(all), fc.subarray(all)));

describe("delta debugging", () => {
  test("finds exactly the planted cause, in its order, whatever stands around it", () => {
    fc.assert(
      fc.property(planted, ([all, cause]) => {
        const { result } = run(all, (some) => cause.every((item) => some.includes(item)));
        expect(result).toEqual(all.filter((item) => cause.includes(item)));
      }),
    );
  });

  test("the result fails and is 1-minimal, for any test of lists (definition 10)", () => {
    fc.assert(
      fc.property(list, fc.func(fc.boolean()), (all, decide) => {
        const isAll = (some: readonly number[]): boolean => some.length === all.length;
        const fails = (some: readonly number[]): boolean => isAll(some) || decide(some.join());
        const { result } = run(all, fails);
        expect(fails(result)).toBe(true);
        for (const item of result) {
          const without = result.filter((other) => other !== item);
          if (result.length > 1 || !fails([])) expect(fails(without)).toBe(false);
        }
      }),
    );
  });

  test("asks nothing twice, and at most n^2 + 3n times (section 3.2)", () => {
    fc.assert(
      fc.property(list, fc.func(fc.boolean()), (all, decide) => {
        const { asked } = run(all, (some) => decide(some.join()));
        const keys = asked.map((one) => one.join());
        expect(new Set(keys).size).toBe(keys.length);
        expect(asked.length).toBeLessThanOrEqual(all.length ** 2 + 3 * all.length + 1);
      }),
    );
  });

  test("a single cause among many is found in a logarithmic number of rounds", () => {
    const all = Array.from({ length: 128 }, (_, i) => i);
    const { result, asked } = run(all, (some) => some.includes(77));
    expect(result).toEqual([77]);
    expect(asked.length).toBeLessThan(20);
  });

  test("two causes far apart (figure 5 of the paper: 1, 7 and 8 of eight)", () => {
    const all = [1, 2, 3, 4, 5, 6, 7, 8];
    const cause = [1, 7, 8];
    expect(run(all, (some) => cause.every((item) => some.includes(item))).result).toEqual(cause);
  });

  test("what fails without anything shrinks to nothing", () => {
    expect(run([1, 2, 3], () => true)).toEqual({ result: [], asked: [[]] });
  });
});
