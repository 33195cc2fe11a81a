/**
 * Military Grid Reference System over UTM (NGA.STND.0037; NGA.SIG.0012 chapter 3): what rescue
 * teams read to each other by voice.
 *
 * A reference names a square, so encoding truncates and never rounds. Decoding gives the middle of
 * the square and its size.
 */
import { fail, ok, problem, type Result } from "../../base/mod.ts";
import { degFromRad, radFromDeg, type LatLon } from "./ellipsoid.ts";
import { latLonFromUtm, utmFromLatLon, type Utm } from "./utm.ts";

/** Bands of 8 degrees from 80 S; X has 12. */
const BANDS = "CDEFGHJKLMNPQRSTUVWX";
const ROW_LETTERS = "ABCDEFGHJKLMNPQRSTUV";
const COLUMN_LETTERS = ["ABCDEFGH", "JKLMNPQR", "STUVWXYZ"] as const;
const SQUARE_M = 100_000;
/** Row letters repeat after this much northing. */
const ROWS_M = 2_000_000;

/** With a nanodegree of grace, but never across the equator, where northings start anew. */
function bandOf(latRad: number): number {
  const band = Math.floor((degFromRad(latRad) + 1e-9 + 80) / 8);
  return latRad < 0 ? Math.min(9, Math.max(0, band)) : Math.min(19, band);
}

/** In even zones the row letters start at F. */
const rowShift = (zone: number): number => (zone % 2 === 0 ? 5 : 0);

/** `digits` for each of easting and northing: 5 is a square of 1 m, 4 of 10 m, down to 0. */
export function mgrsFromLatLon(place: LatLon, digits: 0 | 1 | 2 | 3 | 4 | 5 = 5): Result<string> {
  const latDeg = degFromRad(place.latRad);
  if (!(latDeg >= -80 && latDeg <= 84)) return fail(problem("HAL001"));
  const utm = utmFromLatLon(place);
  if (!utm.ok) return utm;
  const { zone, eastingM, northingM } = utm.value;
  // A hair of grace against the last places of the projection, as all encoders have it.
  const east = Math.floor(eastingM + 1e-6);
  // A breath south of the equator the false northing rounds to the first row of the north.
  const top = place.latRad < 0 ? 9_999_999 : 99_999_999;
  const north = Math.min(top, Math.floor(northingM + 1e-6));
  const column = COLUMN_LETTERS[((zone - 1) % 3) as 0 | 1 | 2][Math.floor(east / SQUARE_M) - 1];
  const row = ROW_LETTERS[(Math.floor(north / SQUARE_M) + rowShift(zone)) % 20];
  const band = BANDS[bandOf(place.latRad)];
  if (column === undefined || row === undefined || band === undefined)
    return fail(problem("HAL002"));
  const text = (metres: number): string =>
    String(metres % SQUARE_M)
      .padStart(5, "0")
      .slice(0, digits);
  return ok(`${String(zone)}${band}${column}${row}${text(east)}${text(north)}`);
}

export interface MgrsSquare {
  /** The middle of the square. */
  readonly place: LatLon;
  readonly sizeM: number;
}

const SHAPE = /^(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])(\d*)$/;

/** Reads a reference in any case, with or without spaces. */
export function latLonFromMgrs(text: string): Result<MgrsSquare> {
  if (text.length > 40) return fail(problem("HAL003"));
  const match = SHAPE.exec(text.replaceAll(" ", "").toUpperCase());
  const figures = match?.[5] ?? "";
  if (match === null || figures.length > 10 || figures.length % 2 !== 0) {
    return fail(problem("HAL003"));
  }
  const zone = Number(match[1]);
  const band = BANDS.indexOf(match[2]!);
  const columns = COLUMN_LETTERS[((zone + 2) % 3) as 0 | 1 | 2];
  const column = columns.indexOf(match[3]!);
  if (zone < 1 || zone > 60 || column < 0) return fail(problem("HAL003"));
  const digits = figures.length / 2;
  const sizeM = SIZES_M[digits]!;
  const row = (ROW_LETTERS.indexOf(match[4]!) + 20 - rowShift(zone)) % 20;
  const eastingM = (column + 1) * SQUARE_M + Number(figures.slice(0, digits)) * sizeM + sizeM / 2;
  const above = row * SQUARE_M + Number(figures.slice(digits)) * sizeM + sizeM / 2;
  return inBand({ zone, band, eastingM, above, sizeM });
}

const SIZES_M = [100_000, 10_000, 1_000, 100, 10, 1] as const;

interface Candidate {
  readonly zone: number;
  readonly band: number;
  readonly eastingM: number;
  /** Northing modulo 2,000 km. */
  readonly above: number;
  readonly sizeM: number;
}

/** Of the northings that share a row letter only one lies in the band named. */
function inBand({ zone, band, eastingM, above, sizeM }: Candidate): Result<MgrsSquare> {
  const hemisphere: Utm["hemisphere"] = band < 10 ? "south" : "north";
  const southRad = radFromDeg(band * 8 - 80);
  const northRad = radFromDeg(band === 19 ? 84 : band * 8 - 72);
  // Half a square, or half a degree where squares are small: bands cut through squares.
  const slackRad = radFromDeg(0.5 + (sizeM === SQUARE_M ? 0.5 : 0));
  for (let northingM = above; northingM < 10_000_000; northingM += ROWS_M) {
    const place = latLonFromUtm({ zone, hemisphere, eastingM, northingM });
    if (!place.ok) return place;
    const { latRad } = place.value;
    if (latRad >= southRad - slackRad && latRad <= northRad + slackRad) {
      return ok({ place: place.value, sizeM });
    }
  }
  return fail(problem("HAL003"));
}
