/**
 * Reading what the page sends, strictly: unknown keys, wrong types and values out of range are
 * problems, all named at once. A page is no more trusted than a radio.
 *
 * Bounds: `REQUEST_BYTES_MAX` of text nested at most six deep, `TARGETS_MAX` vehicles an order.
 */
import {
  Checker,
  nestingDepth,
  problem,
  type Checked,
  type Fields,
} from "../../../src/base/mod.ts";
import { readWhatIf } from "../../whatif/read-changes.ts";
import { TARGETS_MAX } from "../../../src/security/mod.ts";
import type {
  PageExport,
  PageLook,
  PageOpening,
  PageOrder,
  PageRequest,
  PlanePoint,
  ReplayControl,
  SimulationControl,
  Targets,
} from "../report/view.ts";
import { RANGES_CHARACTERS_MAX } from "./ranges.ts";

export const REQUEST_BYTES_MAX = 16_384;
export const SPEED_MAX = 300;

const DEPTH_MAX = 6;
const TOKEN_CHARACTERS_MAX = 128;
const INDEX = { min: 0, max: 65_534 } as const;
const IDENTIFIER = { min: 0, max: 0xffff_ffff } as const;
const PLACE = { min: -100_000, max: 100_000, unit: "m" } as const;

/** The page's first message. */
export function parseOpening(text: string): Checked<PageOpening> {
  return parse(text, (checker, value) => {
    const fields = checker.object(value, "", ["kind", "schema", "token"]);
    fields.oneOf("kind", ["open"]);
    fields.integer("schema", { min: 1, max: 1 });
    return { kind: "open", schema: 1, token: fields.text("token", { max: TOKEN_CHARACTERS_MAX }) };
  });
}

export function parseRequest(text: string): Checked<PageRequest> {
  return parse(text, readRequest);
}

/** Whether the text is meant as a look, which is counted and answered otherwise. */
export function isLook(text: string): boolean {
  return text.startsWith('{"kind":"look"');
}

export function parseLook(text: string): Checked<PageLook> {
  return parse(text, (checker, value) => {
    const fields = checker.object(value, "", ["kind", "seen", "box", "selected", "near"]);
    fields.oneOf("kind", ["look"]);
    const given = (key: string): boolean => fields.raw(key) !== undefined;
    const text = (key: string): string => fields.text(key, { max: RANGES_CHARACTERS_MAX });
    return {
      kind: "look",
      ...(given("seen") ? { seen: fields.integer("seen", IDENTIFIER) } : {}),
      ...(given("box") ? { box: readBox(checker, fields) } : {}),
      ...(given("selected") ? { selected: text("selected") } : {}),
      ...(given("near") ? { near: text("near") } : {}),
    };
  });
}

function readBox(checker: Checker, fields: Fields): [number, number, number, number] {
  const [south = 0, west = 0, north = 0, east = 0] = fields.list(
    "box",
    { min: 4, max: 4 },
    (item, where) => checker.number(item, where, PLACE),
  );
  return [south, west, north, east];
}

function parse<T>(text: string, read: (checker: Checker, value: unknown) => T): Checked<T> {
  const value = text.length <= REQUEST_BYTES_MAX ? readJson(text) : undefined;
  if (value === undefined) {
    const remedy = "reload the page: it may be of another version than the ground station";
    return { ok: false, problems: [problem("GND001", { remedy })] };
  }
  const checker = new Checker();
  const request = read(checker, value.json);
  return checker.finish(request);
}

function readJson(text: string): { readonly json: unknown } | undefined {
  if (nestingDepth(text) > DEPTH_MAX) return undefined;
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function readRequest(checker: Checker, value: unknown): PageRequest {
  const fields = checker.object(value, "", ["kind", "id", "order", "control", "export", "whatIf"]);
  const id = fields.integer("id", IDENTIFIER);
  const kind = fields.oneOf("kind", ["order", "simulation", "export", "replay", "whatIf"]);
  switch (kind) {
    case "order":
      return { kind, id, order: readOrder(checker, fields.raw("order")) };
    case "simulation":
      return { kind, id, control: readControl(checker, fields.raw("control")) };
    case "export":
      return { kind, id, export: readExport(checker, fields.raw("export")) };
    case "replay":
      return { kind, id, control: readReplay(checker, fields.raw("control")) };
    case "whatIf":
      return { kind, id, whatIf: readWhatIf(checker, fields.raw("whatIf"), "whatIf") };
    default:
      return kind satisfies never;
  }
}

const ORDER_KEYS = [
  "kind",
  "targets",
  "ceilingAglM",
  "withinS",
  "detection",
  "position",
  "errorM",
  "finding",
  "vehicle",
] as const;

const ORDER_KINDS = [
  "start",
  "hold",
  "return",
  "land",
  "resume",
  "release",
  "clearAir",
  "liftClearAir",
  "confirm",
  "dismiss",
  "lookAgain",
  "clue",
  "evict",
  "handOver",
] as const satisfies readonly PageOrder["kind"][];

function readOrder(checker: Checker, value: unknown): PageOrder {
  const fields = checker.object(value, "order", ORDER_KEYS);
  const kind = fields.oneOf<PageOrder["kind"]>("kind", [...ORDER_KINDS]);
  switch (kind) {
    case "start":
    case "hold":
    case "return":
    case "land":
    case "resume":
    case "release":
      return { kind, targets: readTargets(checker, fields) };
    case "clearAir":
      return {
        kind,
        ceilingAglM: fields.number("ceilingAglM", { min: 0, max: 500, unit: "m" }),
        withinS: fields.number("withinS", { min: 1, max: 600, unit: "s" }),
      };
    case "liftClearAir":
      return { kind };
    case "confirm":
    case "dismiss":
    case "lookAgain":
    case "handOver":
      return { kind, detection: fields.integer("detection", IDENTIFIER) };
    case "clue":
      return {
        kind,
        position: readPlace(fields.object("position", ["northM", "eastM"])),
        errorM: fields.number("errorM", { min: 1, max: 20_000, unit: "m" }),
        ...(fields.has("finding")
          ? { finding: fields.oneOf("finding", ["sighting", "absence"]) }
          : {}),
      };
    case "evict":
      return { kind, vehicle: fields.integer("vehicle", INDEX) };
    default:
      return kind satisfies never;
  }
}

function readTargets(checker: Checker, fields: Fields): Targets {
  if (fields.raw("targets") === "all") return "all";
  const targets = fields.list("targets", { min: 1, max: TARGETS_MAX }, (item, where) =>
    checker.number(item, where, { ...INDEX, integer: true }),
  );
  return [...new Set(targets)].sort((a, b) => a - b);
}

function readPlace(fields: Fields): PlanePoint {
  return { northM: fields.number("northM", PLACE), eastM: fields.number("eastM", PLACE) };
}

function readControl(checker: Checker, value: unknown): SimulationControl {
  const fields = checker.object(value, "control", ["kind", "speed", "fault"]);
  const kind = fields.oneOf("kind", ["pause", "resume", "step", "speed", "fault", "restore"]);
  switch (kind) {
    case "pause":
    case "resume":
    case "step":
      return { kind };
    case "speed":
      return { kind, speed: fields.number("speed", { min: 0.1, max: SPEED_MAX }) };
    case "fault":
      return { kind, fault: readFault(checker, fields.raw("fault")) };
    case "restore": {
      const all = fields.raw("fault") === "all";
      return { kind, fault: all ? "all" : fields.integer("fault", IDENTIFIER) };
    }
    default:
      return kind satisfies never;
  }
}

const DAYS_S = 10 * 86_400;

function readReplay(checker: Checker, value: unknown): ReplayControl {
  const fields = checker.object(value, "control", ["kind", "speed", "atS", "on", "cause"]);
  const kind = fields.oneOf("kind", ["play", "pause", "speed", "seek", "loop", "why"]);
  switch (kind) {
    case "play":
    case "pause":
      return { kind };
    case "speed":
      return { kind, speed: fields.number("speed", { min: 0.25, max: 64 }) };
    case "seek":
      return { kind, atS: fields.number("atS", { min: 0, max: DAYS_S, unit: "s" }) };
    case "loop":
      return { kind, on: fields.raw("on") === true };
    case "why":
      return { kind, cause: fields.integer("cause", { min: 0, max: Number.MAX_SAFE_INTEGER }) };
    default:
      return kind satisfies never;
  }
}

type PageFault = Extract<SimulationControl, { readonly kind: "fault" }>["fault"];

function readFault(checker: Checker, value: unknown): PageFault {
  const fields = checker.object(value, "control.fault", ["kind", "vehicle", "a", "b", "group"]);
  const kind = fields.oneOf("kind", [
    "kill",
    "reboot",
    "loseGnss",
    "lowBattery",
    "cut",
    "partition",
  ]);
  switch (kind) {
    case "kill":
    case "reboot":
    case "loseGnss":
    case "lowBattery":
      return { kind, vehicle: fields.integer("vehicle", INDEX) };
    case "cut":
      return { kind, a: fields.integer("a", INDEX), b: fields.integer("b", INDEX) };
    case "partition":
      return {
        kind,
        group: fields.list("group", { min: 1, max: TARGETS_MAX }, (item, where) =>
          checker.number(item, where, { ...INDEX, integer: true }),
        ),
      };
    default:
      return kind satisfies never;
  }
}

function readExport(checker: Checker, value: unknown): PageExport {
  const fields = checker.object(value, "export", ["kind", "format", "detection"]);
  const kind = fields.oneOf("kind", ["handOver", "log"]);
  if (kind === "log") return { kind };
  return {
    kind,
    format: fields.oneOf("format", ["gpx", "kml", "geojson"]),
    detection: fields.integer("detection", IDENTIFIER),
  };
}
