import { expect, test } from "vitest";
import { scriptedGround } from "../../../test/support/scripted-ground.ts";
import { eventRowOf, helloOf, viewOf } from "./replay-shapes.ts";

const through = (value: unknown): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

test("what a page was told is taken as it is", () => {
  const ground = scriptedGround({ startS: 3300 });
  expect(viewOf(through(ground.view()))).toEqual(through(ground.view()));
  expect(helloOf(through(ground.hello))).toEqual(through(ground.hello));
});

test.each([
  [null],
  [[]],
  ["view"],
  [{ ...through(scriptedGround({ startS: 100 }).view()), vehicles: [{ index: "1" }] }],
  [{ ...through(scriptedGround({ startS: 100 }).view()), pos: 3 }],
])("a view of another shape is none", (value) => {
  expect(viewOf(value)).toBeUndefined();
});

test("a hello without its mission is none", () => {
  const hello = through(scriptedGround({ startS: 100 }).hello);
  expect(helloOf({ ...hello, mission: { name: "x" } })).toBeUndefined();
});

test("a line of the timeline has time, severity, words; its vehicle may be missing", () => {
  const line = { sequence: 1, atS: 2, severity: "info", text: "x", category: "search", other: 9 };
  expect(eventRowOf(line)).toEqual({
    sequence: 1,
    atS: 2,
    severity: "info",
    text: "x",
    category: "search",
    vehicle: null,
  });
  expect(eventRowOf({ ...line, severity: "panic" })).toBeUndefined();
  expect(eventRowOf({ ...line, atS: null })).toBeUndefined();
});
