/**
 * What a recording says that the page showed, checked as far as the page relies on it: a file from
 * elsewhere may hold anything. What does not fit is undefined.
 */
import { isRecord } from "../../../src/base/mod.ts";
import type { EventRow, GroundHello, GroundView } from "../report/view.ts";

type Kind = "number" | "string" | "boolean" | "object" | "list";

const VIEW: Readonly<Record<string, Kind>> = {
  sequence: "number",
  missionTimeS: "number",
  phase: "string",
  vehicles: "list",
  segments: "list",
  detections: "list",
  orders: "list",
  links: "list",
  pos: "object",
  clearAir: "object",
  cluster: "object",
  security: "object",
};

const VEHICLE: Readonly<Record<string, Kind>> = {
  index: "number",
  name: "string",
  status: "string",
  position: "object",
  place: "object",
  velocity: "object",
  altitudeAmslM: "number",
  headingRad: "number",
  batteryRatio: "number",
  needs: "string",
};

const HELLO: Readonly<Record<string, Kind>> = {
  mission: "object",
  terrain: "object",
  segments: "list",
};

const MISSION: Readonly<Record<string, Kind>> = {
  name: "string",
  originLatDeg: "number",
  originLonDeg: "number",
  originAltitudeAmslM: "number",
  durationS: "number",
  lastKnown: "object",
  area: "list",
  fence: "list",
  zones: "list",
  features: "list",
  base: "object",
};

const SEVERITIES: readonly string[] = ["info", "notice", "warning", "alarm"];
const LINE: Readonly<Record<string, Kind>> = {
  sequence: "number",
  atS: "number",
  severity: "string",
  text: "string",
  category: "string",
};

export function viewOf(value: unknown): GroundView | undefined {
  if (!fits(value, VIEW)) return undefined;
  const vehicles = value["vehicles"] as readonly unknown[];
  if (!vehicles.every((vehicle) => fits(vehicle, VEHICLE))) return undefined;
  return { ...value, kind: "view" } as unknown as GroundView;
}

export function helloOf(value: unknown): GroundHello | undefined {
  if (!fits(value, HELLO) || !fits(value["mission"], MISSION)) return undefined;
  return { ...value, kind: "hello" } as unknown as GroundHello;
}

export function eventRowOf(value: unknown): EventRow | undefined {
  if (!fits(value, LINE) || !SEVERITIES.includes(value["severity"] as string)) return undefined;
  const { sequence, atS, severity, vehicle, text, category } = value;
  const about = typeof vehicle === "number" ? vehicle : null;
  return { sequence, atS, severity, text, category, vehicle: about } as EventRow;
}

function fits(
  value: unknown,
  shape: Readonly<Record<string, Kind>>,
): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return false;
  return Object.entries(shape).every(([key, kind]) => isOf(value[key], kind));
}

function isOf(value: unknown, kind: Kind): boolean {
  if (kind === "list") return Array.isArray(value);
  return kind === "object" ? isRecord(value) : typeof value === kind;
}
