/**
 * The static half of what the page shows: the mission, the planner's terrain under and around it,
 * the outlines of its segments.
 *
 * Bounds: at most `TERRAIN_SIDE_MAX` rows and columns of terrain, whatever the area's size; the
 * cell grows instead.
 */
import type { Mission } from "../../../src/swarm/mod.ts";
import type { GroundHello, PlaneGrid, PlanePoint } from "../report/view.ts";
import { placeNamer } from "./places.ts";

export interface HelloInput {
  readonly mission: Mission;
  /** The planner's ground, not the world's truth. */
  readonly ground: { heightAmslM(northM: number, eastM: number): number };
  readonly segments: readonly { readonly id: number; readonly outline: readonly PlanePoint[] }[];
  readonly simulated: boolean;
}

const TERRAIN_CELL_M = 40;
const TERRAIN_SIDE_MAX = 320;
/** Ground shown around the fence, so that the edge of the map is not the edge of the world. */
const TERRAIN_MARGIN_M = 900;

export function composeHello(input: HelloInput): GroundHello {
  const { mission, segments, simulated } = input;
  const nameOf = placeNamer(mission.origin);
  const degrees = (rad: number): number => (rad * 180) / Math.PI;
  return {
    kind: "hello",
    schema: 1,
    mission: {
      name: mission.name,
      originLatDeg: degrees(mission.origin.latitudeRad),
      originLonDeg: degrees(mission.origin.longitudeRad),
      originAltitudeAmslM: mission.origin.altitudeAmslM,
      durationS: mission.simulation.durationS,
      lastKnown: mission.lastKnownPosition,
      lastKnownPlace: nameOf(mission.lastKnownPosition),
      area: mission.area.map((polygon) => polygon.outer),
      fence: mission.limits.fence.map((polygon) => polygon.outer),
      zones: mission.zones.map(({ name, polygon }) => ({ name, points: polygon.outer })),
      features: mission.features,
      base: mission.base.position,
      clearanceM: mission.limits.clearanceM,
      reserveRatio: mission.limits.reserveRatio,
      minSeparationM: {
        horizontalM: mission.limits.minSeparationM,
        verticalM: mission.limits.minSeparationVerticalM,
      },
      sweepWidthSource: mission.sensor.sweepWidthSource,
      quantileSource: mission.distances.source,
    },
    terrain: terrainUnder(input),
    segments,
    simulated,
  };
}

function terrainUnder({ mission, ground }: HelloInput): GroundHello["terrain"] {
  const corners = [
    ...mission.limits.fence.flatMap((polygon) => polygon.outer),
    ...mission.area.flatMap((polygon) => polygon.outer),
    mission.base.position,
  ];
  const south = Math.min(...corners.map((c) => c.northM)) - TERRAIN_MARGIN_M;
  const north = Math.max(...corners.map((c) => c.northM)) + TERRAIN_MARGIN_M;
  const west = Math.min(...corners.map((c) => c.eastM)) - TERRAIN_MARGIN_M;
  const east = Math.max(...corners.map((c) => c.eastM)) + TERRAIN_MARGIN_M;
  const longestM = Math.max(north - south, east - west);
  const cellM = Math.max(TERRAIN_CELL_M, longestM / (TERRAIN_SIDE_MAX - 1));
  const grid: PlaneGrid = {
    rows: Math.floor((north - south) / cellM) + 1,
    cols: Math.floor((east - west) / cellM) + 1,
    southM: south,
    westM: west,
    cellNorthM: cellM,
    cellEastM: cellM,
  };
  const heights = Buffer.alloc(grid.rows * grid.cols * 2);
  for (let row = 0; row < grid.rows; row += 1) {
    for (let col = 0; col < grid.cols; col += 1) {
      const heightM = ground.heightAmslM(south + row * cellM, west + col * cellM);
      const whole = Math.max(-32_768, Math.min(32_767, Math.round(heightM)));
      heights.writeInt16LE(whole, (row * grid.cols + col) * 2);
    }
  }
  return { ...grid, heightsBase64: heights.toString("base64") };
}
