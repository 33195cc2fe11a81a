import { describe, expect, test } from "vitest";
import { Checker, nestingDepth, PROBLEMS_MAX } from "./checker.ts";

const rule = { min: 1, max: 35, unit: "m/s", traps: [{ unit: "km/h", factor: 1 / 3.6 }] };

function problemsOf(read: (checker: Checker) => unknown): readonly string[] {
  const checker = new Checker();
  read(checker);
  const checked = checker.finish(undefined);
  return checked.ok ? [] : checked.problems.map((p) => `${p.code} ${p.where}: ${p.remedy}`);
}

describe("reading one object", () => {
  test("finds every problem in one pass, each with its place", () => {
    const value = { speedMps: 50.4, count: 2.5, name: 7, kind: "car", extra: 1, list: [1, "a"] };
    const found = problemsOf((checker) => {
      const known = ["speedMps", "count", "name", "kind", "list", "absent"];
      const fields = checker.object(value, "vehicle", known);
      fields.number("speedMps", rule);
      fields.integer("count", { min: 0, max: 9 });
      fields.text("name", { max: 5 });
      fields.oneOf("kind", ["drone", "boat"]);
      fields.list("list", { max: 3 }, (item, at) => checker.number(item, at, { min: 0, max: 9 }));
      fields.number("absent", { min: 0, max: 1 });
    });
    expect(found).toEqual([
      "CHK004 vehicle.extra: remove it; known here are: speedMps, count, name, kind, list, absent",
      "CHK003 vehicle.speedMps: it looks like km/h: in m/s that is 14; allowed is 1 to 35 m/s",
      "CHK003 vehicle.count: write a whole number from 0 to 9",
      "CHK002 vehicle.name: write a text in quotes",
      "CHK006 vehicle.kind: write one of: drone, boat",
      "CHK002 vehicle.list[1]: write a number",
      "CHK001 vehicle.absent: add `absent`",
    ]);
  });

  test("takes fallbacks for what is absent, and good values as they are", () => {
    const checker = new Checker();
    const fields = checker.object({ on: true, name: "a", kind: "boat" }, "", [
      "on",
      "name",
      "kind",
      "speed",
    ]);
    expect(fields.bool("on", false)).toBe(true);
    expect(fields.bool("off", false)).toBe(false);
    expect(fields.text("name", { max: 5 })).toBe("a");
    expect(fields.text("title", { max: 5, fallback: "none" })).toBe("none");
    expect(fields.oneOf("kind", ["drone", "boat"])).toBe("boat");
    expect(fields.oneOf("other", ["drone", "boat"], "boat")).toBe("boat");
    expect(fields.number("speed", { ...rule, fallback: 3 })).toBe(3);
    expect(
      fields
        .object("inner", ["x"], { optional: true })
        .number("x", { min: 0, max: 1, fallback: 1 }),
    ).toBe(1);
    expect(fields.list("none", { max: 3 }, () => 1)).toEqual([]);
    expect(fields.raw("nothing")).toBeUndefined();
    expect(checker.finish(5)).toEqual({ ok: true, value: 5 });
  });

  test("a wrong type is told once, not once a field", () => {
    const found = problemsOf((checker) => {
      const fields = checker.object([], "base", ["a"]);
      fields.number("a", { min: 0, max: 1 });
      fields.object("b", []).text("c", { max: 1 });
    });
    expect(found).toEqual(["CHK002 base: write an object { ... }"]);
  });

  test("a typo of at most two letters is named, a stranger is not", () => {
    const found = problemsOf((checker) =>
      checker.object({ Batteryminute: 1, zzz: 2 }, "", ["batteryMinutes"]),
    );
    expect(found[0]).toBe("CHK004 Batteryminute: did you mean `batteryMinutes`?");
    expect(found[1]).toContain("remove it");
  });

  test("keys of the prototype are not values", () => {
    const checker = new Checker();
    const fields = checker.object({}, "", ["toString"]);
    expect(fields.has("toString")).toBe(false);
    expect(problemsOf((c) => c.object({ constructor: 1 }, "", ["a"])).length).toBe(1);
  });

  test.each([
    [null, "null"],
    ["text", '"text"'],
    [true, "true"],
    [[], "a list"],
    [{}, "an object"],
    [Number.NaN, "NaN"],
  ])("%j where a number belongs is described", (value, words) => {
    const checker = new Checker();
    checker.number(value, "x", { min: 0, max: 1 });
    const checked = checker.finish(0);
    expect(checked.ok ? "" : checked.problems[0]?.text).toContain(words);
  });
});

describe("sizes", () => {
  test("lists and texts have bounds", () => {
    const found = problemsOf((checker) => {
      checker.list([1, 2, 3], { where: "l", max: 2 }, () => 0);
      checker.list([1], { where: "l", min: 2, max: 3 }, () => 0);
      checker.list("no", { where: "l", max: 3 }, () => 0);
      checker.object({ t: "abc" }, "", ["t"]).text("t", { max: 2, fallback: "" });
      checker.object({ t: 3 }, "", ["t"]).bool("t", false);
    });
    expect(found.map((line) => line.slice(0, 6))).toEqual([
      "CHK005",
      "CHK005",
      "CHK002",
      "CHK005",
      "CHK002",
    ]);
  });

  test("a flood of problems is cut, and still fails", () => {
    const checker = new Checker();
    checker.list(Array(1000).fill("x"), { where: "l", max: 1000 }, (item, at) =>
      checker.number(item, at, { min: 0, max: 1 }),
    );
    const other = new Checker();
    const flood = checker.finish(0);
    if (!flood.ok) other.adopt([...flood.problems, ...flood.problems]);
    expect(checker.count).toBe(1000);
    expect(flood.ok ? 0 : flood.problems.length).toBe(PROBLEMS_MAX);
    expect(other.count).toBe(2 * PROBLEMS_MAX);
  });
});

describe("nesting", () => {
  test.each([
    ["{a:[1,{b:2}]}", 3],
    ["{a:\"[[[[\" , b:'{{\\'{'}", 1],
    ["// [[[\n{/* {{ */}", 1],
    ["[".repeat(5000), 5000],
    ["'unfinished", 0],
    ["// unfinished", 0],
  ])("%s", (text, depth) => {
    expect(nestingDepth(text)).toBe(depth);
  });
});
