/** Drill files: what is read, and everything that a careless or hostile one is told at once. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseDrill, readHead } from "./drill-file.ts";
import { loadDrill } from "./load-drill.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-drill-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = {
  format: "skein-drill/1",
  name: "A vehicle falls",
  mission: "tiny.json5",
  durationMinutes: 2,
  faults: [{ atS: 60, kind: "kill", node: 2 }],
  hypothesis: [{ check: "nothingViolated" }, { check: "leasesMoveOn" }],
};

const told = (input: unknown, vehicles = 4): string[] => {
  const parsed = parseDrill(input, vehicles);
  return parsed.ok ? [] : parsed.problems.map(({ code, where }) => `${code} ${where}`);
};

describe("a good drill", () => {
  test("is read with what is usual where it says nothing", () => {
    const parsed = parseDrill(GOOD, 4);
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        vehicleCount: 4,
        seeds: [1],
        durationS: 120,
        signatures: "modelled",
        handOver: true,
        blast: { nodes: [], faultsMax: 10_000 },
        hypothesis: [
          { check: "nothingViolated", except: [] },
          { check: "leasesMoveOn", withinS: 10 },
        ],
      },
    });
  });

  test("random faults end with the run", () => {
    const parsed = parseDrill({ ...GOOD, rates: { killPerHour: 2 } }, 4);
    expect(parsed.ok && parsed.value.faults.rates.toS).toBe(120);
  });

  test("its head says which mission and how many vehicles, before the rest can be read", () => {
    expect(readHead({ ...GOOD, vehicles: 7 })).toEqual({
      ok: true,
      value: { mission: "tiny.json5", vehicleCount: 7 },
    });
    expect(readHead({ ...GOOD, mission: "" }).ok).toBe(false);
  });
});

describe("every problem at once, with its place", () => {
  test("wrong units, huge counts, words and keys that are none", () => {
    expect(
      told({
        ...GOOD,
        format: "skein-drill/9",
        vehicles: 1e9,
        durationMinutes: 7200,
        seeds: "1-99999",
        faults: [{ atS: "soon", kind: "kill", node: 9 }],
        rates: { killShare: 20 },
        blast: { nodes: [99], faultsMax: 0 },
        hypothesis: [{ check: "leasesMoveOn", withinS: 10_000 }, { check: "hope" }],
        retries: 3,
      }),
    ).toEqual([
      "CHK004 retries",
      "CHK006 format",
      "CHK003 vehicles",
      "CHK003 durationMinutes",
      "CHK003 seeds",
      "CHK002 faults[0].atS",
      "CHK003 faults[0].node",
      "CHK003 rates.killShare",
      "CHK003 blast.nodes[0]",
      "CHK003 blast.faultsMax",
      "CHK003 hypothesis[0].withinS",
      "CHK006 hypothesis[1].check",
    ]);
  });

  test("milliseconds and seconds are recognised where others belong", () => {
    const parsed = parseDrill(
      {
        ...GOOD,
        durationMinutes: 36_000,
        hypothesis: [{ check: "leasesMoveOn", withinS: 10_000 }],
      },
      4,
    );
    const remedies = parsed.ok ? [] : parsed.problems.map(({ remedy }) => remedy);
    expect(remedies[0]).toContain("it looks like seconds: in minutes that is 600");
    expect(remedies[1]).toContain("it looks like ms: in s that is 10");
  });

  test("more seeds than a drill flies, more checks than there are", () => {
    expect(told({ ...GOOD, seeds: "1-1001" })).toEqual(["CHK003 seeds"]);
    const many = Array.from({ length: 10_001 }, () => ({ atS: 1, kind: "kill", node: 1 }));
    expect(told({ ...GOOD, faults: many })).toEqual(["CHK005 faults"]);
    expect(told({ ...GOOD, hypothesis: [] })).toEqual(["CHK005 hypothesis"]);
  });
});

describe("contradictions", () => {
  test("nothing goes wrong; an empty list says that this is meant", () => {
    const { format, mission, durationMinutes } = GOOD;
    const calm = { format, mission, durationMinutes, hypothesis: [{ check: "nothingViolated" }] };
    expect(told(calm)).toEqual(["DRL001 faults"]);
    expect(told({ ...calm, faults: [] })).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["a fault after the end", { faults: [{ atS: 120, kind: "kill", node: 1 }] }, "faults[0].atS"],
    ["a blast radius of nothing random", { blast: { faultsMax: 3 } }, "blast"],
    ["a share of nobody", { rates: { killShare: 0.01 } }, "rates.killShare"],
    ["rates that begin after the end", { rates: { killPerHour: 9, fromS: 500 } }, "rates.fromS"],
    [
      "only the ground may fall, which never does",
      { rates: { killShare: 0.5 }, blast: { nodes: [0] } },
      "blast.nodes",
    ],
    ["sides of no partition", { hypothesis: [{ check: "sidesSearch" }] }, "hypothesis[0].check"],
    [
      "leases of vehicles that all live",
      { faults: [{ atS: 1, kind: "reboot", node: 1 }] },
      "hypothesis[1].check",
    ],
    [
      "a control of a control",
      { handOver: false, hypothesis: [{ check: "posRegained" }] },
      "hypothesis[0].check",
    ],
    [
      "one check twice",
      { hypothesis: [{ check: "nothingViolated" }, { check: "nothingViolated" }] },
      "hypothesis[1].check",
    ],
  ])("%s", (_, change, where) => {
    expect(told({ ...GOOD, ...change })).toEqual([`DRL001 ${where}`]);
  });
});

describe("a file", () => {
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const codes = (file: string): readonly string[] => {
    const loaded = loadDrill(file);
    return loaded.ok ? [] : loaded.problems.map(({ code, where }) => `${code} ${where}`);
  };

  test("that is missing, broken or nested without end is refused", () => {
    expect(codes(join(folder, "none.json5"))[0]).toMatch(/^IMP001/u);
    expect(codes(write("broken.json5", "{ format: "))[0]).toMatch(/^MIS001/u);
    expect(codes(write("deep.json5", "[".repeat(100_000)))[0]).toMatch(/^MIS002/u);
  });

  test("whose mission is missing says so, and tells its own problems first", () => {
    const drill = { ...GOOD, mission: "none.json5" };
    expect(codes(write("lost.json5", JSON.stringify(drill)))[0]).toMatch(/^IMP001/u);
    const worse = JSON.stringify({ ...drill, format: "other", durationMinutes: -1 });
    expect(codes(write("worse.json5", worse))).toEqual(["CHK006 format", "CHK003 durationMinutes"]);
  });

  test("anything is answered, nothing throws", () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), (value) => {
        readHead(value);
        parseDrill(value, 3);
        parseDrill({ ...GOOD, faults: value, rates: value, blast: value, hypothesis: value }, 3);
        parseDrill({ ...GOOD, hypothesis: [value, { check: value }] }, 3);
      }),
    );
  });
});
