import { expect, test } from "vitest";
import { SeededStream } from "../../src/base/mod.ts";
import { PlaneGrid } from "./plane-grid.ts";

test("it finds exactly whom a look at everybody finds, in rising order", () => {
  const stream = new SeededStream(3, "grid");
  const grid = new PlaneGrid();
  for (let round = 0; round < 40; round += 1) {
    const count = 1 + stream.below(300);
    const northM = Float64Array.from({ length: count }, () => stream.between(-2000, 2000));
    const eastM = Float64Array.from({ length: count }, () => stream.between(-2000, 2000));
    // Not everybody is in: those on the ground are left out by the checkers.
    const slots = Array.from({ length: count }, (_, i) => i).filter(() => stream.chance(0.8));
    grid.fill(slots, { northM, eastM, cellM: stream.between(20, 500) });
    const reachM = stream.between(1, 900);
    const [atM, byM] = [stream.between(-2500, 2500), stream.between(-2500, 2500)];
    const near = slots.filter(
      (i) => (northM[i]! - atM) ** 2 + (eastM[i]! - byM) ** 2 <= reachM ** 2,
    );
    expect(grid.near(atM, byM, reachM, [])).toEqual(near);
  }
});

test("an empty world has nobody near, and a second filling forgets the first", () => {
  const grid = new PlaneGrid();
  const places = { northM: Float64Array.of(1, 2), eastM: Float64Array.of(1, 2), cellM: 10 };
  expect(grid.near(0, 0, 50, [])).toEqual([]);
  grid.fill([0, 1], places);
  expect(grid.near(0, 0, 50, [7])).toEqual([0, 1]);
  grid.fill([1], places);
  expect(grid.near(0, 0, 50, [])).toEqual([1]);
});
