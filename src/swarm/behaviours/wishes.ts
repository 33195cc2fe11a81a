/**
 * What one step asked for, taken so that nothing of the behaviour stays in it.
 *
 * A behaviour may be plain JavaScript: every wish is checked for type and range here and copied
 * (each field is read once, so that a getter cannot say one thing to the check and another to the
 * copy). One wrong wish is a flaw, and a flaw parks the behaviour: nothing of that step is done.
 */
import { segmentId, utf8Encode } from "../../base/mod.ts";
import type { SegmentId } from "../../base/mod.ts";
import type { Target } from "../envelope/envelope.ts";
import { WISHES_MAX } from "./define.ts";
import type { BehaviourOut, DetectionWish, SetpointWish } from "./define.ts";

export interface KeyValue {
  readonly key: string;
  readonly value: readonly number[];
}

/** Everything one step asked for. */
export interface Wishes {
  target: Target | undefined;
  readonly claims: SegmentId[];
  readonly releases: SegmentId[];
  readonly shares: KeyValue[];
  readonly proposals: KeyValue[];
  readonly detections: DetectionWish[];
  readonly logs: string[];
  swept: boolean | undefined;
  touchDown: boolean;
  done: boolean;
}

export function noWishes(): Wishes {
  return {
    target: undefined,
    claims: [],
    releases: [],
    shares: [],
    proposals: [],
    detections: [],
    logs: [],
    swept: undefined,
    touchDown: false,
    done: false,
  };
}

/** What stands where a setpoint leaves something out. */
export interface WishDefaults {
  readonly aglM: number;
  readonly speedMps: number;
}

export interface Collecting {
  readonly spend: () => void;
  /** The first wrong wish, as the operator reads it. */
  readonly flaw: { found: string | undefined };
  readonly defaults: WishDefaults;
}

const KEY_MAX_BYTES = 32;
const VALUE_MAX = 8;
const LOG_MAX = 120;
const SEGMENT_MAX = 0xffff;
/** Far beyond any mission, and within the centimetres of an i32 on the wire. */
const PLACE_MAX_M = 1_000_000;
const SPEED_MAX_MPS = 1000;
const IMAGE_REF_MAX = 64;

const isWithin = (value: unknown, min: number, max: number): value is number =>
  typeof value === "number" && value >= min && value <= max;

export function collector(wishes: Wishes, { spend, flaw, defaults }: Collecting): BehaviourOut {
  const take = <T>(what: string, value: T | undefined, keep: (value: T) => void): void => {
    spend();
    if (value === undefined) flaw.found ??= what;
    else keep(value);
  };
  const into =
    <T>(list: T[]) =>
    (item: T): void => {
      if (list.length < WISHES_MAX) list.push(item);
    };
  const put = (field: "swept" | "touchDown" | "done") => (value: boolean) => {
    wishes[field] = value;
  };
  return {
    setpoint: (wish) => {
      take("a setpoint", targetOf(wish, defaults), (target) => {
        wishes.target = target;
      });
    },
    claim: (segment) => {
      take("a claim", segmentOf(segment), into(wishes.claims));
    },
    release: (segment) => {
      take("a release", segmentOf(segment), into(wishes.releases));
    },
    swept: (seen) => {
      take("swept", typeof seen === "boolean" ? seen : undefined, put("swept"));
    },
    share: (key, value) => {
      take("a shared value", keyValueOf(key, value), into(wishes.shares));
    },
    propose: (key, value) => {
      take("a proposed value", keyValueOf(key, value), into(wishes.proposals));
    },
    detection: (wish) => {
      take("a detection", detectionWishOf(wish), into(wishes.detections));
    },
    touchDown: () => {
      take("to touch down", true, put("touchDown"));
    },
    done: () => {
      take("to be done", true, put("done"));
    },
    log: (text) => {
      const line = typeof text === "string" ? text.slice(0, LOG_MAX) : undefined;
      take("a line for the operator", line, into(wishes.logs));
    },
  };
}

/** The wish as a target, or undefined when it is not made of numbers that can be flown to. */
function targetOf(wish: unknown, defaults: WishDefaults): Target | undefined {
  if (!isObject(wish)) return undefined;
  const { northM, eastM, aglM, amslM, speedMps, arriveMps, yawRad } = wish as SetpointWish;
  const place = (value: unknown): boolean => isWithin(value, -PLACE_MAX_M, PLACE_MAX_M);
  const speed = (value: unknown): boolean => isWithin(value, -SPEED_MAX_MPS, SPEED_MAX_MPS);
  if (!place(northM) || !place(eastM)) return undefined;
  if (![aglM, amslM, yawRad].every((value) => value === undefined || place(value))) {
    return undefined;
  }
  if (![speedMps, arriveMps].every((value) => value === undefined || speed(value))) {
    return undefined;
  }
  return {
    northM,
    eastM,
    height:
      amslM === undefined ? { kind: "agl", aglM: aglM ?? defaults.aglM } : { kind: "amsl", amslM },
    speedMps: Math.max(0, speedMps ?? defaults.speedMps),
    arriveMps: Math.max(0, arriveMps ?? 0),
    yawRad,
  };
}

function segmentOf(segment: unknown): SegmentId | undefined {
  return isWithin(segment, 0, SEGMENT_MAX) && Number.isInteger(segment)
    ? segmentId(segment)
    : undefined;
}

function keyValueOf(key: unknown, value: unknown): KeyValue | undefined {
  if (typeof key !== "string" || key === "" || key.length > KEY_MAX_BYTES) return undefined;
  if (!key.isWellFormed() || utf8Encode(key).length > KEY_MAX_BYTES) return undefined;
  if (!Array.isArray(value)) return undefined;
  const numbers: number[] = [];
  for (let i = 0; i < value.length && i < VALUE_MAX; i += 1) {
    const number: unknown = value[i];
    if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
    numbers.push(number);
  }
  return { key, value: numbers };
}

function detectionWishOf(wish: unknown): DetectionWish | undefined {
  if (!isObject(wish)) return undefined;
  const { northM, eastM, errorM, confidence, imageRef } = wish as unknown as DetectionWish;
  const place = (value: unknown): boolean => isWithin(value, -PLACE_MAX_M, PLACE_MAX_M);
  if (!place(northM) || !place(eastM)) return undefined;
  if (!isWithin(errorM, 0, PLACE_MAX_M) || !isWithin(confidence, 0, 1)) return undefined;
  if (typeof imageRef !== "string") return undefined;
  return { northM, eastM, errorM, confidence, imageRef: imageRef.slice(0, IMAGE_REF_MAX) };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
