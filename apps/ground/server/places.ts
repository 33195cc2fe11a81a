/** Places as people read them to each other, made once on the server so that all views agree. */
import {
  degFromRad,
  LocalFrame,
  mgrsFromLatLon,
  utmFromLatLon,
  type Utm,
} from "../../../src/hal/mod.ts";
import type { PlanePoint, PlaceText } from "../report/view.ts";

/** Text of a point in a mission's local frame. */
export type PlaceNamer = (point: PlanePoint) => PlaceText;

export interface DegreePlace {
  readonly latDeg: number;
  readonly lonDeg: number;
}

/**
 * A namer for the frame whose origin is here; degrees with five places are 1.1 m. UTM says `north`
 * in full: after a zone, S may mean the south or the band of 32 to 40 degrees north.
 */
export function placeNamer(origin: {
  readonly latitudeRad: number;
  readonly longitudeRad: number;
}): PlaceNamer {
  const frame = new LocalFrame({ latRad: origin.latitudeRad, lonRad: origin.longitudeRad });
  return (point) => {
    const place = frame.latLonFromPlane(point.northM, point.eastM);
    const utm = utmFromLatLon(place);
    const mgrs = mgrsFromLatLon(place, 5);
    return {
      latLon: degreesText({ latDeg: degFromRad(place.latRad), lonDeg: degFromRad(place.lonRad) }),
      utm: utm.ok ? utmText(utm.value) : "beyond UTM",
      mgrs: mgrs.ok ? spacedMgrs(mgrs.value) : "beyond MGRS",
    };
  };
}

/** `36.36420° N 84.21330° W`: hemisphere letters survive a radio better than signs. */
export function degreesText({ latDeg, lonDeg }: DegreePlace): string {
  const lat = `${Math.abs(latDeg).toFixed(5)}° ${latDeg < 0 ? "S" : "N"}`;
  return `${lat} ${Math.abs(lonDeg).toFixed(5)}° ${lonDeg < 0 ? "W" : "E"}`;
}

function utmText({ zone, hemisphere, eastingM, northingM }: Utm): string {
  return `${zone} ${hemisphere} ${Math.round(eastingM)} ${Math.round(northingM)}`;
}

/** `16S GF 49953 28411`, as it is spoken. */
function spacedMgrs(text: string): string {
  const parts = /^(\d{1,2}[A-Z])([A-Z]{2})(\d*)$/u.exec(text);
  const [, zone, square, figures = ""] = parts ?? [];
  if (zone === undefined || square === undefined) return text;
  const half = figures.length / 2;
  return `${zone} ${square} ${figures.slice(0, half)} ${figures.slice(half)}`.trim();
}
