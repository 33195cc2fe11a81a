/**
 * JSON schemas of what a recording holds. The names of the first four are Foxglove's, so that
 * Foxglove and Lichtblick draw them; each lists the part of the published schema that is written
 * here (tested against `@foxglove/schemas`). The others are Skein's own.
 */

import { INTEGER, list, NUMBER, object, TEXT, type JsonSchema } from "./schema-words.ts";

const TIME = {
  type: "object",
  title: "time",
  properties: { sec: INTEGER, nsec: INTEGER },
};
const DURATION = { ...TIME, title: "duration" };

const VECTOR = object({ x: NUMBER, y: NUMBER, z: NUMBER });
const QUATERNION = object({ x: NUMBER, y: NUMBER, z: NUMBER, w: NUMBER });
const POSE = object({ position: VECTOR, orientation: QUATERNION });
const COLOR = object({ r: NUMBER, g: NUMBER, b: NUMBER, a: NUMBER });

export const SCHEMAS = {
  "foxglove.SceneUpdate": object({
    deletions: list(object({ timestamp: TIME, type: INTEGER, id: TEXT })),
    entities: list(
      object({
        timestamp: TIME,
        frame_id: TEXT,
        id: TEXT,
        lifetime: DURATION,
        frame_locked: { type: "boolean" },
        metadata: list(object({ key: TEXT, value: TEXT })),
        arrows: list(
          object({
            pose: POSE,
            shaft_length: NUMBER,
            shaft_diameter: NUMBER,
            head_length: NUMBER,
            head_diameter: NUMBER,
            color: COLOR,
          }),
        ),
        texts: list(
          object({
            pose: POSE,
            billboard: { type: "boolean" },
            font_size: NUMBER,
            scale_invariant: { type: "boolean" },
            color: COLOR,
            text: TEXT,
          }),
        ),
      }),
    ),
  }),
  "foxglove.PosesInFrame": object({ timestamp: TIME, frame_id: TEXT, poses: list(POSE) }),
  "foxglove.LocationFix": object({
    timestamp: TIME,
    frame_id: TEXT,
    latitude: NUMBER,
    longitude: NUMBER,
    altitude: NUMBER,
    position_covariance: list(NUMBER),
    position_covariance_type: INTEGER,
  }),
  "foxglove.Log": object({
    timestamp: TIME,
    level: INTEGER,
    message: TEXT,
    name: TEXT,
    file: TEXT,
    line: INTEGER,
  }),
  "skein.Vehicles": object({
    vehicles: list(
      object({
        index: INTEGER,
        state: TEXT,
        northM: NUMBER,
        eastM: NUMBER,
        altitudeAmslM: NUMBER,
        batteryRatio: NUMBER,
      }),
    ),
  }),
  "skein.Event": object({
    atS: NUMBER,
    vehicle: INTEGER,
    severity: TEXT,
    kind: TEXT,
    text: TEXT,
    detail: { type: "object" },
    cause: INTEGER,
  }),
  "skein.TraceHash": object({ atS: NUMBER, hash: TEXT }),
  "skein.Success": object({ atS: NUMBER, low: NUMBER, high: NUMBER }),
  "skein.Order": object({
    atS: NUMBER,
    id: TEXT,
    kind: TEXT,
    about: TEXT,
    targets: list(INTEGER),
  }),
  "skein.Cause": object({
    id: INTEGER,
    atS: NUMBER,
    node: INTEGER,
    stimulus: TEXT,
    about: TEXT,
    from: INTEGER,
  }),
  "skein.Report": { type: "object" },
} as const satisfies Record<string, JsonSchema>;

export type SchemaName = keyof typeof SCHEMAS;
export const SCHEMA_NAMES = Object.keys(SCHEMAS) as readonly SchemaName[];
