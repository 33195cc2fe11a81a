import { describe, expect, test } from "vitest";
import { scriptedGround } from "../../../test/support/scripted-ground.ts";
import type { OrderRow, VehicleRow } from "../report/view.ts";
import { detailsOf, groupsOf, needingOf, NEEDING_MAX, pageViewOf } from "./page-view.ts";

const view = scriptedGround({ startS: 3300 }).view();
const [row] = view.vehicles;

function many(count: number, change: (index: number) => Partial<VehicleRow>): typeof view {
  if (row === undefined) throw new Error("there are six vehicles");
  const vehicles = Array.from({ length: count }, (_, i) => {
    const index = i + 1;
    return { ...row, needs: "", index, ...change(index) };
  });
  return { ...view, vehicles };
}

describe("the view as a page is told it", () => {
  test("grows by no row a vehicle", () => {
    const few = JSON.stringify(pageViewOf(view)).length;
    const thousands = JSON.stringify(pageViewOf(many(10_000, () => ({})))).length;
    expect(thousands - few).toBeLessThan(100);
  });

  test("has the station's own cluster where nobody tells of others", () => {
    expect(pageViewOf(view).clusters).toEqual([
      { id: 0, head: 3, term: 2, members: "1-6", memberCount: 6, reachable: 5, quorum: true },
    ]);
    const clusters = [
      { id: 4, head: 9, term: 1, members: [9, 7, 8], reachable: 3, quorum: true },
      { id: 5, head: null, term: 3, members: [1, 30], reachable: 1, quorum: false },
    ];
    const told = pageViewOf({ ...view, clusters }).clusters;
    expect(told.map(({ members, memberCount }) => [members, memberCount])).toEqual([
      ["7-9", 3],
      ["1,30", 2],
    ]);
  });

  test("names who is equally far with an order together", () => {
    const states: OrderRow["states"] = [
      ...[1, 2, 3, 9].map((vehicle) => ({ vehicle, state: "acting" as const, reason: "" })),
      { vehicle: 4, state: "refused", reason: "SWM001: no" },
      { vehicle: 5, state: "refused", reason: "SWM002: neither" },
    ];
    expect(groupsOf(states)).toEqual([
      { state: "acting", reason: "", count: 4, vehicles: "1-3,9" },
      { state: "refused", reason: "SWM001: no", count: 1, vehicles: "4" },
      { state: "refused", reason: "SWM002: neither", count: 1, vehicles: "5" },
    ]);
  });
});

test("of thousands that need a hand the most urgent are told in full, and how many", () => {
  const broken = many(5000, (index) => ({
    needs: "battery",
    minutesLeft: index % 100,
    status: index === 4321 ? "lost" : "searching",
  }));
  const needing = needingOf(broken);
  expect(needing.count).toBe(5000);
  expect(needing.rows).toHaveLength(NEEDING_MAX);
  expect(needing.rows[0]?.minutesLeft).toBeLessThan(1);
  expect(needing.rows.map(({ index }) => index)).toContain(4321);
});

test("whole rows go to the page that selected them, with the links of those it is near to", () => {
  const link = (a: number, b: number) => ({ a, b, quality: 0.5, lifetimeS: 30 });
  const meshed = { ...view, meshLinks: [link(1, 2), link(3, 4), link(5, 6)] };
  const watched = { selected: new Set([3]), near: new Set([5]) };
  const details = detailsOf(meshed, needingOf(meshed), watched);
  expect(details.rows.map(({ index }) => index)).toEqual([3, 4]);
  expect(details.needing).toBe(1);
  expect(details.links.map(({ a }) => a)).toEqual([3, 5]);
});
