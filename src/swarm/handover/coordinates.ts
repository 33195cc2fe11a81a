/**
 * One place in the notations that ground teams read out over the radio: degrees and decimals, UTM
 * and MGRS, all WGS84. Seven decimals of a degree are a centimetre; five, what is spoken, a metre.
 */
import { mgrsFromLatLon, utmFromLatLon } from "../../hal/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import { localFrameOf } from "../mission/frame.ts";
import type { MissionOrigin } from "../mission/mod.ts";

export interface PlaceNotations {
  readonly latDeg: number;
  readonly lonDeg: number;
  /** For example `36.36420 N 84.21330 W`. */
  readonly latLon: string;
  /** For example `16S 749967 4028142`; empty beyond 84 N and 80 S, where UTM ends. */
  readonly utm: string;
  /** To a metre, for example `16S GF 49982 28037`; empty where MGRS has no square. */
  readonly mgrs: string;
}

const DEG_PER_RAD = 180 / Math.PI;

/** The notations of a place in the local frame. */
export function placeNotations(origin: MissionOrigin, point: GroundPoint): PlaceNotations {
  const place = localFrameOf(origin).latLonFromPlane(point.northM, point.eastM);
  const latDeg = place.latRad * DEG_PER_RAD;
  const lonDeg = place.lonRad * DEG_PER_RAD;
  const utm = utmFromLatLon(place);
  const mgrs = mgrsFromLatLon(place);
  const grid = utm.ok ? [utm.value.eastingM, utm.value.northingM].map(metres).join(" ") : "";
  const band = mgrs.ok ? (/^\d+([A-Z])/u.exec(mgrs.value)?.[1] ?? "") : "";
  return {
    latDeg,
    lonDeg,
    latLon: `${side(latDeg, "N", "S")} ${side(lonDeg, "E", "W")}`,
    utm: utm.ok ? `${String(utm.value.zone)}${band} ${grid}` : "",
    mgrs: mgrs.ok ? spaced(mgrs.value) : "",
  };
}

const side = (deg: number, positive: string, negative: string): string =>
  `${Math.abs(deg).toFixed(5)} ${deg < 0 ? negative : positive}`;

/** Cut, not rounded: a metre square is named by its south-west corner, as MGRS does. */
const metres = (value: number): string => String(Math.floor(value));

/** `16SGF4998228037` as it is written on maps: `16S GF 49982 28037`. */
function spaced(mgrs: string): string {
  const parts = /^(\d{1,2}[A-Z])([A-Z]{2})(\d{5})(\d{5})$/u.exec(mgrs);
  return parts === null ? mgrs : parts.slice(1).join(" ");
}
