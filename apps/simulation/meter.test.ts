import { describe, expect, test } from "vitest";
import { METER_NAME } from "../../src/swarm/mod.ts";
import { meterLoops } from "./meter.ts";

type Step = (view: unknown, memory: unknown, out: unknown) => void;

describe("metering loops", () => {
  /** Runs this as the body of a step with a budget; returns where it wished to be, or "stopped". */
  const run = (body: string): unknown => {
    const source = meterLoops(`const step = (view, memory, out) => {\n${body}\n};`);
    let left = 5000;
    const spend = (): void => {
      left -= 1;
      if (left < 0) throw new Error("spent");
    };
    let wished: unknown = "nothing";
    const setpoint = (wish: unknown): unknown => (wished = wish);
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the loader's work
    const make = new Function(METER_NAME, `${source}\nreturn step;`) as (spend: unknown) => Step;
    try {
      make(spend)({ nowMs: 0 }, undefined, { setpoint });
    } catch (error) {
      if ((error as Error).message === "spent") return "stopped";
      throw error;
    }
    return wished;
  };

  test.each([
    "for (;;) {}",
    "for (;;);",
    "while (true) { let x = 1; }",
    "while (true) view.nowMs;",
    "do { } while (true);",
    "do view.nowMs; while (true);",
    "const f = () => { f(); }; f();",
    "function f() { f(); } f();",
    "for (const x of (function* () { for (;;) yield 1; })()) { x; }",
    "if (view) for (let i = 0; ; i += 1) i;",
    "const r = /[/{]for/; for (;;) { r; }",
    "const s = 'for (;;) {'; const t = `while ${1}`; for (;;) { s; t; } // for",
    "/* while */ while (1) /* { */ { }",
    "for (const a of [1]) for (;;) { a; }",
    "const s = `${(() => { for (;;) {} })()}`; s;",
    "const s = `${`${(() => { while (1); })()}`}`; s;",
    "const f = (n) => f(n) || f(n + 1); try { f(0); } catch { f(0); } f(0);",
    "const o = { m() { this.m(); } }; o.m();",
    "const o = { get x() { for (;;) {} } }; o.x;",
    "class A { static go() { for (;;) {} } } A.go();",
    "class B { static { for (;;); } }",
    "let a = 4, g = 2; a++ / 2; for (;;) {} a / g;",
    "if (!view) { } else for (;;) { }",
    "outer: for (;;) for (;;) continue outer;",
  ])("%s is stopped", (body) => {
    expect(run(body)).toBe("stopped");
  });

  test("what ends, ends as before", () => {
    const body = `
      let sum = 0;
      for (let i = 0; i < 10; i += 1) sum += i;
      for (const k of [1, 2]) { if (k === 1) continue; sum += k; }
      let n = 3; while (n > 0) n -= 1;
      do { n += 1; } while (n < 4)
      const o = { for: 1, while: (x) => x / 2 / 1, do() { return 1; } };
      sum += o.for + o.while(4) + o.do();
      out.setpoint({ northM: sum, eastM: n });`;
    expect(run(body)).toEqual({ northM: 51, eastM: 4 });
  });

  test.each([
    ["for (const k of [1, 2]) if (k === 1) { sum += 1; } else { sum += 10; }", 11],
    ["for (const k of [1, 2]) try { sum += k; } catch { sum = 0; } finally { sum += 1; }", 5],
    ["const f = (x) => ({ v: x }); const g = (x) => (y) => x + y; sum = f(2).v + g(3)(4);", 9],
    ["const f = (x) => (x, x + 1); sum = f(1);", 2],
    ["const t = `${[1, 2].map((x) => `${x}`).join('}')}`; sum = t.length;", 3],
    ["label: do { sum += 1; if (sum < 3) continue label; } while (sum < 3)", 3],
    ["const r = 8 / 2 / 2; sum = /[/}]/.test('}') ? r : 0;", 2],
  ])("%s is left as it is", (body, northM) => {
    expect(run(`let sum = 0; ${body}; out.setpoint(sum);`)).toBe(northM);
  });

  test("an error names the line of the file, and broken source is a syntax error", () => {
    const metered = meterLoops("const f = () => 1;\nfor (;;) {\n}\n");
    expect(metered.split("\n")).toHaveLength(4);
    expect(() => meterLoops("for (;;")).toThrow(SyntaxError);
  });

  test("what has neither loop nor function stays as it was", () => {
    expect(meterLoops("const a = 1;")).toBe("const a = 1;");
  });
});
