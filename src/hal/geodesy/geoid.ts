/**
 * Mean sea level by EGM96, and the four datums in which altitudes are told.
 *
 * - ellipsoid: height above WGS84, what GNSS measures (`heightEllipsoidM`);
 * - AMSL: above the geoid, what maps, autopilots and this project use (`altitudeAmslM`);
 * - AGL: above the ground below (`altitudeAglM`);
 * - home: above the vehicle's take-off point (`altitudeHomeM`).
 *
 * The geoid is interpolated bilinearly in a grid of one degree. Against the 15-minute grid it is
 * off by 0.45 m rms, less than 2 m for 99% of the Earth, and at most 14 m (Himalaya); its test
 * measures it. Pairs of conversions use the same figure, so there and back loses nothing.
 */
import { wrapTurn, degFromRad, type LatLon } from "./ellipsoid.ts";
import { GEOID_ALPHABET, GEOID_ESCAPE, GEOID_GRID } from "./geoid-grid.ts";

const ROWS = 181;
const COLUMNS = 360;
const UNIT_M = 0.1;

/** Decoded at first use: 130 kB that a bare test need not pay for. */
let grid: Int16Array | undefined;

function decodeGrid(): Int16Array {
  const values = new Int16Array(ROWS * COLUMNS);
  const place = new Map(Array.from(GEOID_ALPHABET, (character, i) => [character, i]));
  const digit = (at: number): number => place.get(GEOID_GRID[at]!)!;
  const text = GEOID_GRID;
  let count = 0;
  let escape = 0;
  let high = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\n") continue;
    if (text[at] === GEOID_ESCAPE) escape = 2;
    else if (escape === 2) {
      high = digit(at);
      escape = 1;
    } else {
      const difference = escape === 1 ? 64 * high + digit(at) - 2048 : digit(at) - 43;
      values[count] = predicted(values, count) + difference;
      count += 1;
      escape = 0;
    }
  }
  return values;
}

/** West + north - north-west; at the edges what there is of them. */
function predicted(values: Int16Array, at: number): number {
  const north = at >= COLUMNS ? values[at - COLUMNS]! : 0;
  if (at % COLUMNS === 0) return north;
  const northWest = at >= COLUMNS ? values[at - COLUMNS - 1]! : 0;
  return values[at - 1]! + north - northWest;
}

/** Height of mean sea level above the ellipsoid (the undulation), [-107, 86] m. */
export function geoidHeightM({ latRad, lonRad }: LatLon): number {
  grid ??= decodeGrid();
  const y = Math.min(180, Math.max(0, 90 - degFromRad(latRad)));
  const x = degFromRad(wrapTurn(lonRad + Math.PI));
  const row = Math.min(ROWS - 2, Math.floor(y));
  const column = Math.floor(x) % COLUMNS;
  const next = (column + 1) % COLUMNS;
  const southward = y - row;
  const eastward = x - Math.floor(x);
  const northern = mix(grid[row * COLUMNS + column]!, grid[row * COLUMNS + next]!, eastward);
  const below = (row + 1) * COLUMNS;
  const southern = mix(grid[below + column]!, grid[below + next]!, eastward);
  return UNIT_M * mix(northern, southern, southward);
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

export function amslFromEllipsoid(heightEllipsoidM: number, at: LatLon): number {
  return heightEllipsoidM - geoidHeightM(at);
}

export function ellipsoidFromAmsl(altitudeAmslM: number, at: LatLon): number {
  return altitudeAmslM + geoidHeightM(at);
}

export function aglFromAmsl(altitudeAmslM: number, groundAmslM: number): number {
  return altitudeAmslM - groundAmslM;
}

export function amslFromAgl(altitudeAglM: number, groundAmslM: number): number {
  return altitudeAglM + groundAmslM;
}

export function homeFromAmsl(altitudeAmslM: number, homeAmslM: number): number {
  return altitudeAmslM - homeAmslM;
}

export function amslFromHome(altitudeHomeM: number, homeAmslM: number): number {
  return altitudeHomeM + homeAmslM;
}
