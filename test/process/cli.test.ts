/** The command line as a person or a script meets it: what it says, and with which exit code. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "skein-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function skein(...words: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const args = [join(ROOT, "apps", "cli", "skein.mjs"), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

const TINY = "missions/tiny.json5";
const DRILL = "missions/drills/cut-for-good.json5";
const inFolder = (name: string): string => join(folder, name);

describe("help", () => {
  test.each([
    [["--help"], "skein COMMAND"],
    [["help"], "skein COMMAND"],
    [["help", "run"], "usage: skein run MISSION"],
    [["help", "mission", "check"], "usage: skein mission check FILE"],
    [["mission", "--help"], "mission check"],
    [["new", "--help"], "new behaviour"],
    [["fleet", "--help"], "fleet init"],
    [["run", "--help"], "1  an invariant was violated, a behaviour was parked"],
    [["--version"], "0."],
  ])("%j ends with 0", (words, says) => {
    const { code, out } = skein(...words);
    expect([code, out.includes(says)]).toEqual([0, true]);
  });
});

test("a campaign sums up its flights, and its rows are those of its seeds", () => {
  const report = inFolder("campaign.json");
  const options = ["--seeds", "2,1", "--duration", "5s", "--signatures", "modelled"];
  const { code, out } = skein("campaign", TINY, ...options, "--report", report);
  expect([code, out.startsWith("2 flights, ")]).toEqual([0, true]);
  const { rows, plan } = JSON.parse(readFileSync(report, "utf8")) as {
    rows: { seed: number; simSeconds: number }[];
    plan: { signatures: string };
  };
  expect(rows.map(({ seed, simSeconds }) => [seed, simSeconds])).toEqual([
    [1, 5],
    [2, 5],
  ]);
  expect(plan.signatures).toBe("modelled");
});

describe("a drill", () => {
  const words = {
    format: "skein-drill/1",
    mission: join(ROOT, TINY),
    vehicles: 2,
    durationMinutes: 0.2,
    faults: [{ atS: 2, kind: "lossBurst", lossRatio: 0.5, lastsS: 4 }],
    hypothesis: [{ check: "nothingViolated" }],
  };
  const file = (name: string, changes: object = {}): string => {
    writeFileSync(inFolder(name), JSON.stringify({ ...words, ...changes }));
    return inFolder(name);
  };

  test("that holds ends with 0 and writes its page", () => {
    const page = inFolder("drill.html");
    const { code, out } = skein("drill", file("holds.json5"), "--report", page);
    expect([code, out.includes("the hypothesis holds")]).toEqual([0, true]);
    expect(readFileSync(page, "utf8")).toContain("1 of 1 drills passed");
  });

  test("that fails ends with 1, and what it shrank to fails again from its file", () => {
    const hypothesis = [{ check: "posFinal", atLeast: 0.9 }];
    const small = inFolder("small.json5");
    const drill = file("fails.json5", { hypothesis });
    const first = skein("drill", drill, "--reproduction", small, "--json");
    expect(first.code).toBe(1);
    const { drills } = JSON.parse(first.out) as {
      drills: { reproduction: { faults: string[]; isConfirmed: boolean } }[];
    };
    // No fault is to blame: two vehicles find nobody in twelve seconds on the best of days.
    expect(drills[0]?.reproduction).toMatchObject({ faults: [], isConfirmed: true });
    expect(skein("drill", small, "--no-shrink").code).toBe(1);
  });

  test("whose report finds no room ends with 1 and says so", () => {
    if (!existsSync("/dev/full")) return;
    const { code, err } = skein("drill", file("holds.json5"), "--report", "/dev/full");
    expect([code, err.includes("could not be written")]).toEqual([1, true]);
  });
});

describe("what cannot start ends with 2 and says why, before anything flies", () => {
  test.each([
    [["campaign", TINY, "--seeds", "5-1"], "--seeds takes at most 100000 seeds"],
    [["run", TINY, "--signatures", "none"], "--signatures takes one of real, modelled"],
    [["campaign", TINY, "--signatures", "none"], "--signatures takes one of real, modelled"],
    [["campaign", TINY, "--report", "/no-such-folder/out.json"], "its folder does not exist"],
    [["campaign", "no-such.json5"], "IMP001"],
    [["campaign", TINY, "--report", TINY], "would overwrite another file of this command"],
    [["drill", TINY], "CHK006"],
    [["drill", "no-such.json5"], "IMP001"],
    [["drill", DRILL, "--report", DRILL], "would overwrite another file of this command"],
    [["drill", DRILL, "--budget", "5"], "takes a duration with its unit"],
    [["mission"], "mission check"],
    [["fly"], 'no command "fly"'],
    [["bench", "no-such-bench"], "bench: there are "],
    [["replay", TINY], "REC005"],
    [["fleet", "init", inFolder("fleet"), "--mission", "0"], "from 1 to"],
    [["run", TINY, "--duration", "0s"], "longer than nothing"],
    [["run", TINY, "--vehicles", "10001"], "from 1 to 10000"],
    [["run", TINY, "--report", inFolder("no/r.json")], "its folder does not exist"],
    [["run", TINY, "--record", folder], "it is a folder"],
    [["run", TINY, "--report", inFolder("x"), "--record", inFolder("x")], "would overwrite"],
    [["run", TINY, "--report", TINY], "would overwrite"],
    [["run", TINY, "--behaviour", inFolder("none.ts")], "IMP001"],
    [["run", TINY, "--faults", inFolder("none.json5")], "IMP001"],
  ])("%j", (words, says) => {
    const { code, out, err } = skein(...words);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(says);
  });

  test("and an output that was only tried is not there", () => {
    skein("run", TINY, "--report", inFolder("r.json"), "--record", inFolder("no/r.mcap"));
    expect(existsSync(inFolder("r.json"))).toBe(false);
  });
});

test("a parked behaviour is named with its code and time, and the run ends with 1", () => {
  const file = inFolder("falls.ts");
  const door = join(ROOT, "src", "swarm", "mod.ts");
  writeFileSync(
    file,
    `import { defineBehaviour } from ${JSON.stringify(door)};
export default defineBehaviour({
  name: "falls",
  params: {},
  memory: () => ({ steps: 0 }),
  step(_view, memory: { steps: number }) {
    memory.steps += 1;
    if (memory.steps > 20) throw new Error("fell");
  },
});
`,
  );
  const report = inFolder("parked.json");
  const words = ["run", TINY, "--behaviour", file, "--duration", "90s", "--report", report];
  const { code, out, err } = skein(...words);
  expect(err).toBe("");
  expect(out).toContain("behaviour falls, 2 of 2 parked");
  expect(out).toMatch(/vehicle 1 parked after 00:0\d:\d\d: SWM003 the behaviour threw/u);
  expect(out).not.toMatch(/found|POS/u);
  expect(code).toBe(1);
  const { behaviour } = JSON.parse(readFileSync(report, "utf8")) as {
    behaviour: { name: string; parked: { vehicle: number; code: string; atS: number }[] };
  };
  expect(behaviour.name).toBe("falls");
  expect(behaviour.parked.map((each) => [each.vehicle, each.code])).toEqual([
    [1, "SWM003"],
    [2, "SWM003"],
  ]);
});
