/**
 * The mission's local frame: north and east on the tangent plane at the origin, altitude above the
 * sea carried beside them.
 *
 * A geodetic point is first set down (or lifted) to the origin's own height above the ellipsoid
 * and then projected onto the plane, so that north and east do not depend on altitude and vertical
 * flight stays vertical. Distances in the plane are too short by d^3 / 6 R^2: 4 mm at 10 km, 0.5 m
 * at 50 km; the frame is meant for that range.
 */
import { cos, invariant, sin } from "../../base/mod.ts";
import type { LocalPosition } from "../vehicle.ts";
import {
  ecefFromGeodetic,
  geodeticFromEcef,
  WGS84_A_M,
  type Ecef,
  type Geodetic,
  type LatLon,
} from "./ellipsoid.ts";
import { ellipsoidFromAmsl, amslFromEllipsoid } from "./geoid.ts";

/** East, north, up in metres. */
export interface Enu {
  readonly eastM: number;
  readonly northM: number;
  readonly upM: number;
}

/** North, east, down in metres: the frame of MAVLink's local messages. */
export interface Ned {
  readonly northM: number;
  readonly eastM: number;
  readonly downM: number;
}

export const nedFromEnu = ({ eastM, northM, upM }: Enu): Ned => ({ northM, eastM, downM: -upM });
export const enuFromNed = ({ northM, eastM, downM }: Ned): Enu => ({ eastM, northM, upM: -downM });

/** Furthest point that the frame takes; beyond it the plane says nothing useful. */
export const FRAME_REACH_M = 1_000_000;

export class LocalFrame {
  readonly origin: Geodetic;
  readonly #centre: Ecef;
  readonly #sinLat: number;
  readonly #cosLat: number;
  readonly #sinLon: number;
  readonly #cosLon: number;

  /** `groundEllipsoidM`: height of the plane above the ellipsoid, best that of the ground. */
  constructor(origin: LatLon, groundEllipsoidM = 0) {
    const { latRad, lonRad } = origin;
    invariant(latRad >= -1.571 && latRad <= 1.571, "the origin's latitude is in radians");
    this.origin = { latRad, lonRad, heightEllipsoidM: groundEllipsoidM };
    this.#centre = ecefFromGeodetic(this.origin);
    this.#sinLat = sin(latRad);
    this.#cosLat = cos(latRad);
    this.#sinLon = sin(lonRad);
    this.#cosLon = cos(lonRad);
  }

  enuFromEcef(point: Ecef): Enu {
    const dx = point.xM - this.#centre.xM;
    const dy = point.yM - this.#centre.yM;
    const dz = point.zM - this.#centre.zM;
    const outward = this.#cosLon * dx + this.#sinLon * dy;
    return {
      eastM: this.#cosLon * dy - this.#sinLon * dx,
      northM: this.#cosLat * dz - this.#sinLat * outward,
      upM: this.#sinLat * dz + this.#cosLat * outward,
    };
  }

  ecefFromEnu({ eastM, northM, upM }: Enu): Ecef {
    const outward = this.#cosLat * upM - this.#sinLat * northM;
    return {
      xM: this.#centre.xM + this.#cosLon * outward - this.#sinLon * eastM,
      yM: this.#centre.yM + this.#sinLon * outward + this.#cosLon * eastM,
      zM: this.#centre.zM + this.#sinLat * upM + this.#cosLat * northM,
    };
  }

  /** North and east of a place. */
  planeFromLatLon({ latRad, lonRad }: LatLon): { readonly northM: number; readonly eastM: number } {
    const heightEllipsoidM = this.origin.heightEllipsoidM;
    const { northM, eastM } = this.enuFromEcef(
      ecefFromGeodetic({ latRad, lonRad, heightEllipsoidM }),
    );
    return { northM, eastM };
  }

  /**
   * The place that lies north and east of the origin. The unknown is how far the Earth has curved
   * away below the plane; each round divides its error by about (R / d)^2, so four are plenty.
   */
  latLonFromPlane(northM: number, eastM: number): LatLon {
    invariant(
      northM * northM + eastM * eastM <= FRAME_REACH_M * FRAME_REACH_M,
      "a local position is within the frame's reach",
    );
    let upM = -(northM * northM + eastM * eastM) / (2 * WGS84_A_M);
    for (let round = 0; round < 4; round += 1) {
      const point = geodeticFromEcef(this.ecefFromEnu({ eastM, northM, upM }));
      upM -= point.heightEllipsoidM - this.origin.heightEllipsoidM;
    }
    const { latRad, lonRad } = geodeticFromEcef(this.ecefFromEnu({ eastM, northM, upM }));
    return { latRad, lonRad };
  }

  localFromAmsl(place: LatLon, altitudeAmslM: number): LocalPosition {
    return { ...this.planeFromLatLon(place), altitudeAmslM };
  }

  localFromGeodetic(point: Geodetic): LocalPosition {
    return this.localFromAmsl(point, amslFromEllipsoid(point.heightEllipsoidM, point));
  }

  geodeticFromLocal({ northM, eastM, altitudeAmslM }: LocalPosition): Geodetic {
    const place = this.latLonFromPlane(northM, eastM);
    return { ...place, heightEllipsoidM: ellipsoidFromAmsl(altitudeAmslM, place) };
  }
}
