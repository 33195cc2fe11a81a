/**
 * JSON schemas of what a recording holds of the ground station's page: its own messages, as
 * `apps/ground/report/view.ts` describes them, so that a replay shows what the operator saw.
 */
import { INTEGER, list, NUMBER, object, TEXT, type JsonSchema } from "./schema-words.ts";

const FLAG: JsonSchema = { type: "boolean" };
const NUMBER_OR_NULL: JsonSchema = { type: ["number", "null"] };
const POINT = object({ northM: NUMBER, eastM: NUMBER });
const PLACE = object({ latLon: TEXT, utm: TEXT, mgrs: TEXT });
const GRID = {
  rows: INTEGER,
  cols: INTEGER,
  southM: NUMBER,
  westM: NUMBER,
  cellNorthM: NUMBER,
  cellEastM: NUMBER,
};
/** [seconds, one or two values]. */
const CURVE = list(list(NUMBER));

const MISSION = object({
  name: TEXT,
  originLatDeg: NUMBER,
  originLonDeg: NUMBER,
  originAltitudeAmslM: NUMBER,
  durationS: NUMBER,
  lastKnown: POINT,
  lastKnownPlace: PLACE,
  area: list(list(POINT)),
  fence: list(list(POINT)),
  zones: list(object({ name: TEXT, points: list(POINT) })),
  features: list(object({ name: TEXT, kind: TEXT, points: list(POINT) })),
  base: POINT,
  clearanceM: NUMBER,
  reserveRatio: NUMBER,
  minSeparationM: object({ horizontalM: NUMBER, verticalM: NUMBER }),
  sweepWidthSource: TEXT,
  quantileSource: TEXT,
});

const VEHICLE = object({
  index: INTEGER,
  name: TEXT,
  status: TEXT,
  position: POINT,
  place: PLACE,
  velocity: object({ northMps: NUMBER, eastMps: NUMBER, upMps: NUMBER }),
  altitudeAmslM: NUMBER,
  altitudeAglM: NUMBER_OR_NULL,
  speedMps: NUMBER,
  headingRad: NUMBER,
  batteryRatio: NUMBER,
  minutesLeft: NUMBER_OR_NULL,
  needs: TEXT,
  segment: NUMBER_OR_NULL,
  lastHeardS: NUMBER,
  toldS: NUMBER,
  positionAgeS: NUMBER,
  linkQuality: NUMBER,
  hops: INTEGER,
  behaviour: TEXT,
  leader: FLAG,
  armed: FLAG,
  released: FLAG,
});

const VIEW = object({
  kind: TEXT,
  sequence: INTEGER,
  missionTimeS: NUMBER,
  startedAtS: NUMBER_OR_NULL,
  phase: TEXT,
  vehicles: list(VEHICLE),
  segments: list(
    object({
      id: INTEGER,
      state: TEXT,
      owner: NUMBER_OR_NULL,
      poa: NUMBER,
      passes: INTEGER,
      podLow: NUMBER,
      podHigh: NUMBER,
    }),
  ),
  detections: list(
    object({
      id: INTEGER,
      name: TEXT,
      finder: INTEGER,
      atS: NUMBER,
      position: POINT,
      errorM: NUMBER,
      confidence: NUMBER,
      imageRef: TEXT,
      state: TEXT,
      place: PLACE,
    }),
  ),
  pos: object({ low: NUMBER, high: NUMBER, predictedAtEnd: NUMBER, curve: CURVE, plan: CURVE }),
  orders: list(
    object({
      id: TEXT,
      kind: TEXT,
      about: TEXT,
      agreement: TEXT,
      targets: list(INTEGER),
      issuedAtS: NUMBER,
      states: list(object({ vehicle: INTEGER, state: TEXT, reason: TEXT })),
    }),
  ),
  nextRelief: { type: ["object", "null"] },
  clearAir: { type: "object" },
  cluster: { type: "object" },
  security: { type: "object" },
  links: list(object({ a: INTEGER, b: INTEGER, quality: NUMBER, lifetimeS: NUMBER })),
  simulation: { type: ["object", "null"] },
});

export const GROUND_SCHEMAS = {
  "skein.GroundHello": object({
    kind: TEXT,
    schema: INTEGER,
    mission: MISSION,
    terrain: object({ ...GRID, heightsBase64: TEXT }),
    segments: list(object({ id: INTEGER, outline: list(POINT) })),
    simulated: FLAG,
  }),
  "skein.GroundPlan": object({ plan: CURVE }),
  "skein.GroundView": VIEW,
  "skein.GroundMap": object({
    kind: TEXT,
    revision: INTEGER,
    grid: object(GRID),
    densityBase64: TEXT,
    densityMaxPerKm2: NUMBER,
  }),
  "skein.GroundEvents": object({
    events: list(
      object({
        sequence: INTEGER,
        atS: NUMBER,
        severity: TEXT,
        vehicle: NUMBER_OR_NULL,
        text: TEXT,
        category: TEXT,
      }),
    ),
  }),
  /** Flat vehicle, north, east, altitude, in whole metres. */
  "skein.GroundPlaces": object({ places: list(INTEGER) }),
} as const satisfies Record<string, JsonSchema>;
