import { expect, test } from "vitest";
import { invariant, InvariantError } from "./invariant.ts";
import { PROBLEMS, problem } from "./problem.ts";
import { fail, ok } from "./result.ts";

test("a problem has its registered sentence, and a detail, remedy and place when given", () => {
  expect(problem("BAS001")).toEqual({
    code: "BAS001",
    text: PROBLEMS.BAS001,
    remedy: "",
    where: "",
  });
  const full = problem("BAS002", { detail: "3 bytes", remedy: "cut them", where: "byte 9" });
  expect(full.text).toBe(`${PROBLEMS.BAS002}: 3 bytes`);
  expect([full.remedy, full.where]).toEqual(["cut them", "byte 9"]);
});

test("codes have three letters and three digits, and no two the same sentence", () => {
  const codes = Object.keys(PROBLEMS);
  for (const code of codes) expect(code).toMatch(/^[A-Z]{3}\d{3}$/);
  expect(new Set(Object.values(PROBLEMS)).size).toBe(codes.length);
});

test("a result is one or the other", () => {
  expect(ok(5)).toEqual({ ok: true, value: 5 });
  expect(fail(problem("BAS003"))).toMatchObject({ ok: false, problem: { code: "BAS003" } });
});

test("an invariant that holds is silent, one that does not throws its sentence", () => {
  invariant(true, "one is one");
  expect(() => {
    invariant(false, "one is two");
  }).toThrow(new InvariantError("one is two"));
});
