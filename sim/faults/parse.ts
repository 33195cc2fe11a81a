/**
 * A fault file, as a person writes it (JSON5, read outside of `sim`), into a plan, or all its
 * problems.
 *
 * ```json5
 * {
 *   faults: [
 *     { atS: 600, kind: "kill", node: 3 },
 *     { atS: 900, kind: "partition", groups: [[0, 1, 2], [3, 4]], lastsS: 120 },
 *   ],
 *   rates: { rebootPerHour: 2, lossBurstPerHour: 4, windowMeanS: 30, toS: 7200 },
 * }
 * ```
 * Node 0 is the ground station, 1 to n the vehicles. Bounds: `SCRIPT_MAX` faults.
 */
import { Checker, isRecord, type Checked, type Fields } from "../../src/base/mod.ts";
import { NO_RATES } from "./draw.ts";
import type { FaultAction, FaultKind, FaultPlan, FaultRates, ScriptedFault } from "./types.ts";

const SCRIPT_MAX = 10_000;
const DAY_S = 86_400;
const KINDS: readonly [FaultKind, ...FaultKind[]] = [
  "kill",
  "reboot",
  "linkCut",
  "partition",
  "lossBurst",
  "jam",
  "stuckSensor",
  "gnssLoss",
  "gnssLossArea",
  "lowBattery",
  "hostile",
  "clockOffset",
  "clockError",
  "clockDrift",
  "slowCpu",
  "store",
  "strike",
  "split",
  "restore",
];

/** Keys of each kind beside `atS` and `kind`. */
const KEYS: Readonly<Record<FaultKind, readonly string[]>> = {
  kill: ["node"],
  reboot: ["node", "downS"],
  linkCut: ["a", "b", "lastsS"],
  partition: ["groups", "lastsS"],
  lossBurst: ["nodes", "lossRatio", "lastsS"],
  jam: ["northM", "eastM", "powerDbm", "lastsS"],
  stuckSensor: ["node", "sensor", "lastsS"],
  gnssLoss: ["node", "lastsS"],
  gnssLossArea: ["northM", "eastM", "radiusM", "belowAmslM", "lastsS"],
  lowBattery: ["node", "ratio"],
  hostile: ["northM", "eastM", "mode", "rateHz", "lastsS"],
  clockOffset: ["node", "offsetS"],
  clockError: ["node", "offsetS", "lastsS"],
  clockDrift: ["node", "ppm", "lastsS"],
  slowCpu: ["node", "factor", "lastsS"],
  store: ["node", "outcome", "lastsS"],
  strike: ["target", "how", "downS"],
  split: ["along", "lastsS"],
  restore: ["kinds"],
};

const ALL_KEYS: readonly string[] = [...new Set(Object.values(KEYS).flat())];
/** What the number of a node means, for problems. */
const nodeUnit = ({ nodeCount }: FaultSpace): string =>
  `(0 is the ground station, 1 to ${nodeCount - 1} the vehicles)`;
const RATE_KEYS = Object.keys(NO_RATES) as (keyof FaultRates)[];

/** What the file is read against. */
export interface FaultSpace {
  /** Nodes of the run, the ground station counted. */
  readonly nodeCount: number;
}

export function parseFaults(input: unknown, space: FaultSpace): Checked<FaultPlan> {
  const checker = new Checker();
  const file = checker.object(input, "", ["faults", "rates"]);
  const script = file.list("faults", { max: SCRIPT_MAX }, (item, where) =>
    readFault(checker, { item, where, space }),
  );
  const rates = readRates(file);
  if (rates.fromS >= rates.toS) {
    const remedy = "let `fromS` be smaller than `toS`";
    checker.report("CHK003", { where: "rates.toS", detail: "the window is empty", remedy });
  }
  return checker.finish(Object.freeze({ script, rates }));
}

/**
 * Keys of the item's own kind, with those of others that it has, which are told about below; all
 * while its kind is none.
 */
function keysNear(item: unknown): readonly string[] {
  if (!isRecord(item)) return ALL_KEYS;
  const kind = KINDS.find((known) => known === item["kind"]);
  if (kind === undefined) return ALL_KEYS;
  return ALL_KEYS.filter((key) => KEYS[kind].includes(key) || Object.hasOwn(item, key));
}

interface FaultItem {
  readonly item: unknown;
  readonly where: string;
  readonly space: FaultSpace;
}

function readFault(checker: Checker, { item, where, space }: FaultItem): ScriptedFault {
  const any = checker.object(item, where, ["atS", "kind", ...keysNear(item)]);
  const atS = any.number("atS", { min: 0, max: DAY_S, unit: "s" });
  const kind = any.oneOf("kind", KINDS);
  for (const key of ALL_KEYS) {
    if (!any.has(key) || KEYS[kind].includes(key)) continue;
    const remedy = `remove it; \`${kind}\` takes: ${KEYS[kind].join(", ")}`;
    checker.report("CHK004", { where: any.at(key), remedy });
  }
  return { atS, action: readAction(checker, any, { kind, space }) };
}

function readAction(
  checker: Checker,
  of: Fields,
  what: { readonly kind: FaultKind; readonly space: FaultSpace },
): FaultAction {
  const { kind, space } = what;
  const slotAt = (key: string): number =>
    of.integer(key, { min: 0, max: space.nodeCount - 1, unit: nodeUnit(space) });
  const lasts = (): number => of.number("lastsS", { min: 0.001, max: DAY_S, unit: "s" });
  const metres = (key: string): number => of.number(key, placeRule);
  switch (kind) {
    case "kill":
      return { kind, slot: slotAt("node") };
    case "reboot":
      return { kind, slot: slotAt("node"), downS: of.number("downS", downRule) };
    case "linkCut":
      return readLinkCut(checker, of, { a: slotAt("a"), b: slotAt("b"), lastsS: lasts() });
    case "partition":
      return { kind, groups: readGroups(checker, of, space), lastsS: lasts() };
    case "lossBurst": {
      const lossRatio = of.number("lossRatio", { min: 0, max: 1 });
      return { kind, slots: readSlots(checker, of, space), lossRatio, lastsS: lasts() };
    }
    case "jam": {
      const powerDbm = of.number("powerDbm", { min: -50, max: 80, unit: "dBm" });
      return { kind, northM: metres("northM"), eastM: metres("eastM"), powerDbm, lastsS: lasts() };
    }
    case "stuckSensor": {
      const sensor = of.oneOf("sensor", ["barometer", "rangefinder", "camera", "battery"]);
      return { kind, slot: slotAt("node"), sensor, lastsS: lasts() };
    }
    case "gnssLoss":
      return { kind, slot: slotAt("node"), lastsS: lasts() };
    case "gnssLossArea":
      return readArea(of, lasts());
    case "lowBattery":
      return { kind, slot: slotAt("node"), ratio: of.number("ratio", { min: 0, max: 1 }) };
    case "hostile":
      return readHostile(of, lasts());
    case "clockOffset":
      return { kind, slot: slotAt("node"), offsetS: of.number("offsetS", offsetRule) };
    case "clockError": {
      const offsetS = of.number("offsetS", { min: -DAY_S, max: DAY_S, unit: "s" });
      return { kind, slot: slotAt("node"), offsetS, lastsS: lasts() };
    }
    case "clockDrift": {
      const ppm = of.number("ppm", { min: -1e5, max: 1e5, unit: "parts a million" });
      return { kind, slot: slotAt("node"), ppm, lastsS: lasts() };
    }
    case "strike":
      return readStrike(of);
    case "split":
      return { kind, along: of.oneOf("along", ["north", "east"], "east"), lastsS: lasts() };
    case "slowCpu": {
      const factor = of.number("factor", { min: 0.1, max: 1e5 });
      return { kind, slot: slotAt("node"), factor, lastsS: lasts() };
    }
    case "store": {
      const outcome = of.oneOf("outcome", ["full", "broken"]);
      return { kind, slot: slotAt("node"), outcome, lastsS: lasts() };
    }
    case "restore":
      return { kind, kinds: readKinds(checker, of) };
    default:
      return kind satisfies never;
  }
}

const placeRule = { min: -1e5, max: 1e5, unit: "m" };

const readPlace = (of: Fields): { readonly northM: number; readonly eastM: number } => ({
  northM: of.number("northM", placeRule),
  eastM: of.number("eastM", placeRule),
});

function readHostile(of: Fields, lastsS: number): FaultAction {
  const mode = of.oneOf("mode", ["garbage", "replay", "bitflip"], "garbage");
  const rateHz = of.number("rateHz", { min: 0.01, max: 2000, unit: "Hz", fallback: 20 });
  return { kind: "hostile", ...readPlace(of), mode, rateHz, lastsS };
}

function readArea(of: Fields, lastsS: number): FaultAction {
  const radiusM = of.number("radiusM", { min: 1, max: 1e5, unit: "m" });
  const belowAmslM = of.number("belowAmslM", rimRule);
  return { kind: "gnssLossArea", ...readPlace(of), radiusM, belowAmslM, lastsS };
}

const readStrike = (of: Fields): FaultAction => ({
  kind: "strike",
  target: of.oneOf("target", ["heads", "bestSegment"]),
  how: of.oneOf("how", ["kill", "reboot"], "kill"),
  downS: of.number("downS", downRule),
});

function readLinkCut(
  checker: Checker,
  of: Fields,
  cut: { readonly a: number; readonly b: number; readonly lastsS: number },
): FaultAction {
  if (cut.a === cut.b) {
    const remedy = "name two different nodes";
    checker.report("CHK003", { where: of.at("b"), detail: "a link to itself", remedy });
  }
  return { kind: "linkCut", ...cut };
}

const downRule = { min: 0.1, max: 3600, unit: "s", fallback: 5 };
/** Left out, the area has no rim: higher than anything flies. */
const rimRule = { min: -1000, max: 1e5, unit: "m above mean sea level", fallback: 1e5 };
const offsetRule = { min: 0, max: DAY_S, unit: "s" };

function readSlots(checker: Checker, of: Fields, space: FaultSpace): readonly number[] {
  const rule = { min: 0, max: space.nodeCount - 1, integer: true, unit: nodeUnit(space) };
  return of.list("nodes", { max: space.nodeCount }, (item, where) =>
    checker.number(item, where, rule),
  );
}

function readGroups(
  checker: Checker,
  of: Fields,
  space: FaultSpace,
): readonly (readonly number[])[] {
  const seen = new Map<number, string>();
  const rule = { min: 0, max: space.nodeCount - 1, integer: true, unit: nodeUnit(space) };
  return of.list("groups", { min: 1, max: space.nodeCount }, (group, where) =>
    checker.list(group, { where, max: space.nodeCount }, (item, place) => {
      const slot = checker.number(item, place, rule);
      const before = seen.get(slot);
      if (before !== undefined) {
        const detail = `node ${slot} stands at ${before} as well`;
        checker.report("CHK003", { where: place, detail, remedy: "put each node in one group" });
      }
      seen.set(slot, place);
      return slot;
    }),
  );
}

function readKinds(checker: Checker, of: Fields): readonly FaultKind[] {
  return of.list("kinds", { max: KINDS.length }, (item, where) =>
    checker.object({ kind: item }, where, ["kind"]).oneOf("kind", KINDS),
  );
}

function readRates(file: Fields): FaultRates {
  const of = file.object("rates", RATE_KEYS, { optional: true });
  const rates: Record<string, number> = {};
  for (const key of RATE_KEYS) {
    const fallback = NO_RATES[key];
    if (key === "lossRatio" || key === "killShare")
      rates[key] = of.number(key, { min: 0, max: 1, fallback });
    else if (key.endsWith("PerHour")) {
      rates[key] = of.number(key, { min: 0, max: 3600, unit: "an hour", fallback });
    } else if (key === "windowMeanS") {
      rates[key] = of.number(key, { min: 0.1, max: DAY_S, unit: "s", fallback });
    } else {
      const instead = key === "toS" ? DAY_S : fallback;
      rates[key] = of.number(key, { min: 0, max: DAY_S, unit: "s", fallback: instead });
    }
  }
  return rates as unknown as FaultRates;
}
