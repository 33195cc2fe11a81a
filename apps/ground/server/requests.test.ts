import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PageRequest } from "../report/view.ts";
import { parseOpening, parseRequest, REQUEST_BYTES_MAX } from "./requests.ts";

const GOOD: readonly PageRequest[] = [
  {
    kind: "whatIf",
    id: 20,
    whatIf: {
      kind: "fork",
      horizonS: 600,
      changes: [
        { kind: "kill", vehicles: [1] },
        {
          kind: "order",
          order: {
            kind: "clue",
            position: { northM: 1, eastM: 2 },
            errorM: 50,
            finding: "absence",
          },
        },
      ],
    },
  },
  { kind: "whatIf", id: 21, whatIf: { kind: "commit", whatIf: 1 } },
  { kind: "order", id: 1, order: { kind: "hold", targets: "all" } },
  { kind: "order", id: 2, order: { kind: "return", targets: [1, 2, 6] } },
  { kind: "order", id: 3, order: { kind: "clearAir", ceilingAglM: 0, withinS: 60 } },
  { kind: "order", id: 4, order: { kind: "liftClearAir" } },
  { kind: "order", id: 5, order: { kind: "confirm", detection: 327_681 } },
  {
    kind: "order",
    id: 6,
    order: { kind: "clue", position: { northM: -3, eastM: 4.5 }, errorM: 100 },
  },
  { kind: "order", id: 7, order: { kind: "evict", vehicle: 4 } },
  { kind: "simulation", id: 8, control: { kind: "pause" } },
  { kind: "simulation", id: 9, control: { kind: "speed", speed: 300 } },
  { kind: "simulation", id: 10, control: { kind: "fault", fault: { kind: "kill", vehicle: 5 } } },
  { kind: "simulation", id: 11, control: { kind: "fault", fault: { kind: "cut", a: 0, b: 3 } } },
  {
    kind: "simulation",
    id: 12,
    control: { kind: "fault", fault: { kind: "partition", group: [1, 2] } },
  },
  { kind: "simulation", id: 13, control: { kind: "restore", fault: "all" } },
  { kind: "simulation", id: 14, control: { kind: "restore", fault: 3 } },
  { kind: "export", id: 15, export: { kind: "handOver", format: "gpx", detection: 9 } },
  { kind: "export", id: 16, export: { kind: "log" } },
];

describe("requests of the page", () => {
  test.each(GOOD)("$kind $id is read back as it was", (request) => {
    expect(parseRequest(JSON.stringify(request))).toEqual({ ok: true, value: request });
  });

  test("targets are named once each, in order", () => {
    const text = '{"kind":"order","id":1,"order":{"kind":"land","targets":[6,1,6]}}';
    const parsed = parseRequest(text);
    expect(parsed.ok && parsed.value).toEqual({
      kind: "order",
      id: 1,
      order: { kind: "land", targets: [1, 6] },
    });
  });

  test.each([
    ["not JSON", "{", ["GND001"]],
    ["too long", `"${"x".repeat(REQUEST_BYTES_MAX)}"`, ["GND001"]],
    ["too deep", `${"[".repeat(20)}${"]".repeat(20)}`, ["GND001"]],
    ["no object", "[]", ["CHK002", "CHK002"]],
    ["no such kind", '{"kind":"shell","id":1}', ["CHK006", "CHK002"]],
    ["an unknown key", '{"kind":"export","id":1,"export":{"kind":"log"},"x":1}', ["CHK004"]],
    ["no target", '{"kind":"order","id":1,"order":{"kind":"hold","targets":[]}}', ["CHK005"]],
    [
      "half an index",
      '{"kind":"order","id":1,"order":{"kind":"hold","targets":[1.5]}}',
      ["CHK003"],
    ],
    [
      "too fast, and an id that is none",
      '{"kind":"simulation","id":"7","control":{"kind":"speed","speed":9000}}',
      ["CHK002", "CHK003"],
    ],
  ])("%s is refused with its code", (_, text, codes) => {
    const parsed = parseRequest(text);
    expect(parsed.ok ? [] : parsed.problems.map(({ code }) => code)).toEqual(codes);
  });

  test("any text is a request or a list of problems, never a throw", () => {
    const nearly = fc.json().map((json) => `{"kind":"order","id":1,"order":${json}}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), nearly), (text) => {
        const parsed = parseRequest(text);
        expect(parsed.ok || parsed.problems.length > 0).toBe(true);
      }),
    );
  });
});

test("the opening carries a token and nothing else", () => {
  const opening = { kind: "open", schema: 1, token: "abc" } as const;
  expect(parseOpening(JSON.stringify(opening))).toEqual({ ok: true, value: opening });
  expect(parseOpening('{"kind":"open","schema":2,"token":"abc"}').ok).toBe(false);
  expect(parseOpening('{"kind":"order","schema":1,"token":"abc"}').ok).toBe(false);
  expect(parseOpening("").ok).toBe(false);
});
