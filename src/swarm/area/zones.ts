/**
 * Zones: ground over which a vehicle may not fly, or only within altitude limits.
 *
 * A no-fly zone forbids every altitude between its floor and its ceiling; without limits it
 * forbids all. Limits are heights above mean sea level or above ground, as airspace publications
 * give them (ED-269 `lowerVerticalReference`), and never mixed silently.
 */
import { polygonContains } from "./polygon.ts";
import type { GroundPoint, Polygon } from "./polygon.ts";

export interface AltitudeLimit {
  readonly reference: "amsl" | "agl";
  readonly altitudeM: number;
}

export interface Zone {
  readonly name: string;
  readonly polygon: Polygon;
  /** Forbidden from here up; undefined from the ground. */
  readonly floor: AltitudeLimit | undefined;
  /** Forbidden up to here; undefined without end. */
  readonly ceiling: AltitudeLimit | undefined;
}

/** A place in the air whose ground is known. */
export interface AirPoint extends GroundPoint {
  readonly altitudeAmslM: number;
  readonly groundAmslM: number;
}

function limitAmslM(limit: AltitudeLimit, groundAmslM: number): number {
  return limit.reference === "amsl" ? limit.altitudeM : groundAmslM + limit.altitudeM;
}

/** Whether the zone's band of altitudes holds this altitude over this ground. */
export function zoneBandHolds(zone: Zone, altitudeAmslM: number, groundAmslM: number): boolean {
  const above = zone.floor === undefined || altitudeAmslM >= limitAmslM(zone.floor, groundAmslM);
  const below =
    zone.ceiling === undefined || altitudeAmslM <= limitAmslM(zone.ceiling, groundAmslM);
  return above && below;
}

/** Whether flying at this point is forbidden by the zone. */
export function zoneForbids(zone: Zone, at: AirPoint): boolean {
  return (
    zoneBandHolds(zone, at.altitudeAmslM, at.groundAmslM) &&
    polygonContains(zone.polygon, at.northM, at.eastM)
  );
}
