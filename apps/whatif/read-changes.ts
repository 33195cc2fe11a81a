/**
 * Reading changes strictly, from a page, from a file or from the words of a command line:
 *
 * | words | change |
 * | --- | --- |
 * | `kill:3,4`, `kill-some:2` | these fail in flight; two drawn by the seed |
 * | `gnss:3`, `battery:3,4=20%` | no satellite fix; the charge drops to that share |
 * | `cut:0-3`, `partition:3,4` | no frame between two nodes; these apart from all others |
 * | `wind:12@270`, `wind:12@270+3` | m/s from degrees true, and gusts in m/s |
 * | `planner:parallelTrack` | the rule by which the next segment is taken |
 * | `hold:all`, `return:3`, `land:3`, `resume:3` | an order to these |
 * | `clue:400,-120,80`, `absence:400,-120,80` | metres north, east, and within |
 * | `clear-air:30`, `lift-clear-air` | below that height (0: land), and its end |
 *
 * Bounds: `CHANGES_MAX` changes, `HORIZON_MIN_S` to `HORIZON_MAX_S`.
 */
import { Checker, type Checked, type Fields } from "../../src/base/mod.ts";
import { TARGETS_MAX } from "../../src/security/mod.ts";
import { PLANNER_NAMES } from "../../src/swarm/mod.ts";
import type {
  PlanOrder,
  WhatIfChange,
  WhatIfHorizon,
  WhatIfRequest,
} from "../ground/report/what-if.ts";

export const CHANGES_MAX = 8;
export const HORIZON_MIN_S = 60;
export const HORIZON_MAX_S = 7200;

const INDEX = { min: 0, max: 65_534 } as const;
const VEHICLE = { min: 1, max: 65_534 } as const;
const PLACE = { min: -100_000, max: 100_000, unit: "m" } as const;
const CLEAR_WITHIN_S = 60;

const CHANGE_KINDS = [
  "kill",
  "loseGnss",
  "killSome",
  "lowBattery",
  "cut",
  "partition",
  "wind",
  "planner",
  "order",
] as const satisfies readonly WhatIfChange["kind"][];

const CHANGE_KEYS = [
  "kind",
  "vehicles",
  "count",
  "ratio",
  "a",
  "b",
  "group",
  "speedMps",
  "fromDeg",
  "gustMps",
  "planner",
  "order",
] as const;

const ORDER_KINDS = [
  "hold",
  "return",
  "land",
  "resume",
  "clearAir",
  "liftClearAir",
  "clue",
] as const satisfies readonly PlanOrder["kind"][];

export function readWhatIf(checker: Checker, value: unknown, where: string): WhatIfRequest {
  const fields = checker.object(value, where, ["kind", "horizonS", "changes", "whatIf"]);
  const kind = fields.oneOf("kind", ["fork", "commit", "drop"]);
  if (kind !== "fork") {
    return { kind, whatIf: fields.integer("whatIf", { min: 0, max: 0xffff_ffff }) };
  }
  const changes = fields.list("changes", { min: 1, max: CHANGES_MAX }, (item, at) =>
    readChange(checker, item, at),
  );
  return { kind, horizonS: readHorizon(fields), changes };
}

function readHorizon(fields: Fields): WhatIfHorizon {
  if (fields.raw("horizonS") === "reserves") return "reserves";
  return fields.number("horizonS", { min: HORIZON_MIN_S, max: HORIZON_MAX_S, unit: "s" });
}

/** The list of a file of changes, as JSON5 has been read. */
export function readChanges(value: unknown): Checked<readonly WhatIfChange[]> {
  const checker = new Checker();
  const changes = checker.list(value, { where: "changes", min: 1, max: CHANGES_MAX }, (item, at) =>
    readChange(checker, item, at),
  );
  return checker.finish(changes);
}

function readChange(checker: Checker, value: unknown, where: string): WhatIfChange {
  const fields = checker.object(value, where, CHANGE_KEYS);
  const kind = fields.oneOf<WhatIfChange["kind"]>("kind", [...CHANGE_KINDS]);
  switch (kind) {
    case "kill":
    case "loseGnss":
      return { kind, vehicles: readVehicles(checker, fields, "vehicles") };
    case "killSome":
      return { kind, count: fields.integer("count", { min: 1, max: TARGETS_MAX }) };
    case "lowBattery":
      return {
        kind,
        vehicles: readVehicles(checker, fields, "vehicles"),
        ratio: fields.number("ratio", { min: 0, max: 1, traps: [{ unit: "%", factor: 0.01 }] }),
      };
    case "cut":
      return { kind, a: fields.integer("a", INDEX), b: fields.integer("b", INDEX) };
    case "partition":
      return { kind, group: readNodes(checker, fields, "group") };
    case "wind":
      return {
        kind,
        speedMps: fields.number("speedMps", { min: 0, max: 40, unit: "m/s" }),
        fromDeg: fields.number("fromDeg", { min: 0, max: 360, unit: "degrees" }),
        gustMps: fields.number("gustMps", { min: 0, max: 20, unit: "m/s", fallback: 0 }),
      };
    case "planner":
      return { kind, planner: fields.oneOf("planner", [PLANNER_NAMES[0]!, ...PLANNER_NAMES]) };
    case "order":
      return { kind, order: readPlanOrder(checker, fields) };
    default:
      return kind satisfies never;
  }
}

function readPlanOrder(checker: Checker, of: Fields): PlanOrder {
  const keys = ["kind", "targets", "ceilingAglM", "withinS", "position", "errorM", "finding"];
  const fields = of.object("order", keys);
  const kind = fields.oneOf<PlanOrder["kind"]>("kind", [...ORDER_KINDS]);
  switch (kind) {
    case "hold":
    case "return":
    case "land":
    case "resume": {
      const all = fields.raw("targets") === "all";
      return { kind, targets: all ? "all" : readVehicles(checker, fields, "targets") };
    }
    case "clearAir":
      return {
        kind,
        ceilingAglM: fields.number("ceilingAglM", { min: 0, max: 500, unit: "m" }),
        withinS: fields.number("withinS", { min: 1, max: 600, unit: "s" }),
      };
    case "liftClearAir":
      return { kind };
    case "clue": {
      const at = fields.object("position", ["northM", "eastM"]);
      return {
        kind,
        position: { northM: at.number("northM", PLACE), eastM: at.number("eastM", PLACE) },
        errorM: fields.number("errorM", { min: 1, max: 20_000, unit: "m" }),
        finding: fields.oneOf("finding", ["sighting", "absence"], "sighting"),
      };
    }
    default:
      return kind satisfies never;
  }
}

const readVehicles = (checker: Checker, fields: Fields, key: string): readonly number[] =>
  readIndices(checker, fields, { key, rule: VEHICLE });
const readNodes = (checker: Checker, fields: Fields, key: string): readonly number[] =>
  readIndices(checker, fields, { key, rule: INDEX });

/** Each once, rising. */
function readIndices(
  checker: Checker,
  fields: Fields,
  which: { readonly key: string; readonly rule: { readonly min: number; readonly max: number } },
): readonly number[] {
  const given = fields.list(which.key, { min: 1, max: TARGETS_MAX }, (item, where) =>
    checker.number(item, where, { ...which.rule, integer: true }),
  );
  return [...new Set(given)].sort((a, b) => a - b);
}

/** One change in the words of the table above; undefined when they are none. */
export function changeOfWords(words: string): WhatIfChange | undefined {
  const [, name = "", rest = ""] = /^([a-z-]+)(?::(.*))?$/su.exec(words.trim()) ?? [];
  const value = valueOf(name, rest);
  if (value === undefined) return undefined;
  const read = readChanges([value]);
  return read.ok ? read.value[0] : undefined;
}

const list = (text: string): number[] => text.split(",").map(number);

/** Empty text is no number, though the language takes it for zero. */
const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

function valueOf(name: string, rest: string): unknown {
  switch (name) {
    case "kill":
      return { kind: "kill", vehicles: list(rest) };
    case "kill-some":
      return { kind: "killSome", count: number(rest) };
    case "gnss":
      return { kind: "loseGnss", vehicles: list(rest) };
    case "battery": {
      const [, vehicles = "", percent = ""] = /^(.*)=(.*)%$/u.exec(rest) ?? [];
      return { kind: "lowBattery", vehicles: list(vehicles), ratio: number(percent) / 100 };
    }
    case "cut": {
      const [, a = "", b = ""] = /^(\d+)-(\d+)$/u.exec(rest) ?? [];
      return { kind: "cut", a: number(a), b: number(b) };
    }
    case "partition":
      return { kind: "partition", group: list(rest) };
    case "wind": {
      const [, speed = "", from = "", gusts = "0"] = /^(.*)@([^+]*)(?:\+(.*))?$/u.exec(rest) ?? [];
      const [speedMps, fromDeg, gustMps] = [number(speed), number(from), number(gusts)];
      return { kind: "wind", speedMps, fromDeg, gustMps };
    }
    case "planner":
      return { kind: "planner", planner: rest };
    default:
      return orderOf(name, rest);
  }
}

function orderOf(name: string, rest: string): unknown {
  switch (name) {
    case "hold":
    case "return":
    case "land":
    case "resume":
      return {
        kind: "order",
        order: { kind: name, targets: rest === "all" ? "all" : list(rest) },
      };
    case "clue":
    case "absence": {
      const [northM, eastM, errorM] = list(rest);
      const finding = name === "clue" ? "sighting" : "absence";
      return {
        kind: "order",
        order: { kind: "clue", position: { northM, eastM }, errorM, finding },
      };
    }
    case "clear-air": {
      const order = { kind: "clearAir", ceilingAglM: number(rest), withinS: CLEAR_WITHIN_S };
      return { kind: "order", order };
    }
    case "lift-clear-air":
      return rest === "" ? { kind: "order", order: { kind: "liftClearAir" } } : undefined;
    default:
      return undefined;
  }
}
