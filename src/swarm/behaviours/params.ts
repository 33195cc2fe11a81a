/**
 * Parameters of a behaviour: a default with its unit, checked where a person sets another value.
 *
 * A value may be a number in the parameter's own unit or a text with a unit ("40 m", "20 km/h",
 * "30 deg"). Inside, everything is SI and radians.
 */
import { Checker } from "../../base/mod.ts";
import type { Checked } from "../../base/mod.ts";

export type Unit = "m" | "m/s" | "s" | "rad" | "ratio" | "count";

export interface Param {
  readonly unit: Unit;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

const param = (unit: Unit, value: number, range: Required<Range>, own: Range): Param => ({
  unit,
  value,
  min: own.min ?? range.min,
  max: own.max ?? range.max,
});

export const metres = (value: number, range: Range = {}): Param =>
  param("m", value, { min: 0, max: 100_000 }, range);
export const metresPerSecond = (value: number, range: Range = {}): Param =>
  param("m/s", value, { min: 0, max: 40 }, range);
export const seconds = (value: number, range: Range = {}): Param =>
  param("s", value, { min: 0, max: 86_400 }, range);
/** Given in degrees, kept in radians. */
export const degrees = (valueDeg: number, rangeDeg: Range = {}): Param =>
  param(
    "rad",
    valueDeg * RAD_PER_DEG,
    { min: -2 * Math.PI, max: 2 * Math.PI },
    {
      ...(rangeDeg.min === undefined ? {} : { min: rangeDeg.min * RAD_PER_DEG }),
      ...(rangeDeg.max === undefined ? {} : { max: rangeDeg.max * RAD_PER_DEG }),
    },
  );
export const ratio = (value: number, range: Range = {}): Param =>
  param("ratio", value, { min: 0, max: 1 }, range);
export const count = (value: number, range: Range = {}): Param =>
  param("count", value, { min: 0, max: 1_000_000 }, range);

const RAD_PER_DEG = Math.PI / 180;

/** Units that people write -> the unit they stand for and its factor. */
const WRITTEN: Readonly<Record<string, readonly [Unit, number]>> = Object.freeze({
  m: ["m", 1],
  km: ["m", 1000],
  ft: ["m", 0.3048],
  "m/s": ["m/s", 1],
  "km/h": ["m/s", 1 / 3.6],
  kn: ["m/s", 1852 / 3600],
  s: ["s", 1],
  min: ["s", 60],
  h: ["s", 3600],
  rad: ["rad", 1],
  deg: ["rad", RAD_PER_DEG],
  "%": ["ratio", 0.01],
});

export type Params = Readonly<Record<string, Param>>;
export type ParamValues<P extends Params> = { readonly [Name in keyof P]: number };

/** The values to run with: defaults, overridden by what a person gave; or every problem. */
export function parseParams<P extends Params>(params: P, given: unknown): Checked<ParamValues<P>> {
  const checker = new Checker();
  const values: Record<string, number> = {};
  const names = Object.keys(params);
  const fields = checker.object(given ?? {}, "params", names);
  for (const name of names) {
    const spec = params[name]!;
    values[name] = fields.has(name)
      ? readParam(checker, fields.raw(name), { spec, where: fields.at(name) })
      : spec.value;
  }
  return checker.finish(Object.freeze(values) as ParamValues<P>);
}

function readParam(
  checker: Checker,
  raw: unknown,
  at: { readonly spec: Param; readonly where: string },
): number {
  const { spec, where } = at;
  const value = typeof raw === "string" ? fromText(raw, spec.unit) : raw;
  if (value !== undefined) {
    const integer = spec.unit === "count";
    const rule = { min: spec.min, max: spec.max, unit: spec.unit, fallback: spec.value, integer };
    return checker.number(value, where, rule);
  }
  checker.report("SWM002", {
    where,
    detail: `\`${String(raw).slice(0, 40)}\` is not a quantity in ${spec.unit}`,
    remedy: `write a number in ${spec.unit}, or one with its unit such as "${example(spec.unit)}"`,
  });
  return spec.value;
}

const example = (unit: Unit): string =>
  ({ m: "40 m", "m/s": "20 km/h", s: "2 min", rad: "30 deg", ratio: "50 %", count: "3" })[unit];

/** A number with its unit, or undefined; a bare number takes the wanted unit. */
function fromText(text: string, wanted: Unit): number | undefined {
  const parts = /^\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*([a-z/%]*)\s*$/i.exec(text);
  if (parts === null) return undefined;
  const value = Number(parts[1]);
  const unit = parts[2] ?? "";
  if (unit === "") return value;
  const known = WRITTEN[unit];
  return known?.[0] === wanted ? value * known[1] : undefined;
}
