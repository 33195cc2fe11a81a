/** The planner's terrain as the greeting carries it, and how the scene places things on it. */
import { Vector3 } from "three";
import type { GroundHello, PlanePoint } from "../../../report/view.ts";

/** Heights are drawn this much steeper than they are, and the page says so. */
export const HEIGHT_SCALE = 2;

export interface Heights {
  readonly terrain: GroundHello["terrain"];
  readonly values: Int16Array;
  /** Above sea level; beyond the patch the nearest height. */
  readonly atM: (northM: number, eastM: number) => number;
  /** East, up and south: the scene's axes. */
  readonly place: (northM: number, eastM: number, altitudeAmslM: number) => Vector3;
  /** On the ground, lifted by a little. */
  readonly drape: (point: PlanePoint, liftM: number) => Vector3;
}

export function heightsOf(hello: GroundHello): Heights {
  const { terrain } = hello;
  const { rows, cols, southM, westM, cellNorthM, cellEastM } = terrain;
  const bytes = fromBase64(terrain.heightsBase64);
  const values = new Int16Array(bytes.buffer, 0, rows * cols);
  const zeroM = hello.mission.originAltitudeAmslM;
  const clamp = (value: number, top: number): number => Math.max(0, Math.min(top, value));
  const atM = (northM: number, eastM: number): number => {
    const row = clamp((northM - southM) / cellNorthM, rows - 1.001);
    const col = clamp((eastM - westM) / cellEastM, cols - 1.001);
    const [r, c] = [Math.floor(row), Math.floor(col)];
    const [fr, fc] = [row - r, col - c];
    const value = (dr: number, dc: number): number => values[(r + dr) * cols + c + dc] ?? 0;
    const south = value(0, 0) * (1 - fc) + value(0, 1) * fc;
    const north = value(1, 0) * (1 - fc) + value(1, 1) * fc;
    return south * (1 - fr) + north * fr;
  };
  const place = (northM: number, eastM: number, altitudeAmslM: number): Vector3 =>
    new Vector3(eastM, (altitudeAmslM - zeroM) * HEIGHT_SCALE, -northM);
  const drape = ({ northM, eastM }: PlanePoint, liftM: number): Vector3 =>
    place(northM, eastM, atM(northM, eastM) + liftM);
  return { terrain, values, atM, place, drape };
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = window.atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
