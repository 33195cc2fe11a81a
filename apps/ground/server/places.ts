/** Places as people read them to each other, made once on the server so that all views agree. */
import { placeNotations, type MissionOrigin } from "../../../src/swarm/mod.ts";
import type { PlanePoint, PlaceText } from "../report/view.ts";

/** Text of a point in a mission's local frame. */
export type PlaceNamer = (point: PlanePoint) => PlaceText;

/** The notations of the hand-over files; beyond the grids' ends UTM and MGRS say so. */
export function placeNamer(origin: MissionOrigin): PlaceNamer {
  return (point) => {
    const { latLon, utm, mgrs } = placeNotations(origin, point);
    return {
      latLon,
      utm: utm === "" ? "beyond UTM" : utm,
      mgrs: mgrs === "" ? "beyond MGRS" : mgrs,
    };
  };
}
