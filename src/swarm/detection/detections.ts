/**
 * Sightings from sensor report to verdict.
 *
 * A report that repeats one that waits, or that was dismissed, is not proposed again unless it is
 * clearly better; else an operator would be asked about the same stone on every pass. Agreed
 * sightings without a verdict weigh on the map as clues, dismissed ones no longer.
 *
 * Clue weight: likelihood ratio of a report at the subject's place against a false alarm there,
 * detection chance x density of the position error / false-alarm density, times the classifier's
 * confidence, bounded by `WEIGHT_MAX`, because confidence is not a calibrated probability.
 *
 * Bounds: `DETECTIONS_MAX` kept, oldest dismissed ones dropped first, then oldest.
 */
import { nodeIndex } from "../../base/mod.ts";
import type { NodeIndex } from "../../base/mod.ts";
import type { SensorReport } from "../../hal/mod.ts";
import type { Clue } from "../map/mod.ts";
import type { Detection, Verdict } from "../types.ts";

export const DETECTIONS_MAX = 64;
export const WEIGHT_MAX = 100;
const DETECTION_CHANCE = 0.6;

export interface Sighting {
  readonly detection: Detection;
  verdict: Verdict | undefined;
  /** When the present verdict came, for who waits how long. */
  sinceMs: number;
  /** The closer look that was asked for has been taken. */
  looked: boolean;
}

/** An own detection that the log does not have yet, and when it was last proposed. */
export interface Untold {
  readonly detection: Detection;
  readonly proposedMs: number;
}

/**
 * A finder counts its own detections on from those that it knows, which the log gives back after a
 * restart: neither a sensor's own count nor the time since boot would tell them apart from earlier.
 */
export function detectionOf(
  finder: NodeIndex,
  report: Omit<SensorReport, "sequence">,
  at: { readonly networkTimeMs: number; readonly known: readonly Sighting[] },
): Detection {
  const { networkTimeMs, known } = at;
  const count = known.reduce(
    (next, { detection }) =>
      detection.finder === finder ? Math.max(next, (detection.id & 0xffff) + 1) : next,
    0,
  );
  return {
    id: finder * 0x10000 + (count & 0xffff),
    finder,
    position: report.position,
    errorM: report.errorM,
    confidence: report.confidence,
    imageRef: report.imageRef.slice(0, 64),
    networkTimeMs,
  };
}

export const finderOf = (id: number): NodeIndex => nodeIndex(Math.floor(id / 0x10000));

/** How much surer a report must be to come up again at the same place. */
const BETTER_BY = 0.1;
const SURE = 0.95;
const SAME_PLACE_M = 15;
/** Around a found person everything that looks like one is that one. */
const FOUND_AROUND_M = 100;

/** Whether a report tells something that is not on the operator's table yet. */
export function isNews(sightings: readonly Sighting[], report: SensorReport): boolean {
  return !sightings.some(({ detection, verdict }) => {
    const dn = detection.position.northM - report.position.northM;
    const de = detection.position.eastM - report.position.eastM;
    const nearM = Math.max(SAME_PLACE_M, 2 * (detection.errorM + report.errorM));
    const reachM = verdict === "confirmed" ? Math.max(FOUND_AROUND_M, nearM) : nearM;
    if (dn * dn + de * de > reachM * reachM) return false;
    if (verdict === "confirmed") return true;
    // A closer look was asked for: the next picture of the place is what it was for.
    if (verdict === "lookAgain") return false;
    // A person has judged this place: only a picture that is far better is worth another look.
    if (verdict === "dismissed") {
      return report.confidence < Math.max(SURE, detection.confidence + 2 * BETTER_BY);
    }
    return report.confidence < detection.confidence + BETTER_BY;
  });
}

/** Adds or refreshes an agreed sighting; a verdict that came before its detection is kept. */
export function noteDetection(
  sightings: readonly Sighting[],
  detection: Detection,
  nowMs: number,
): Sighting[] {
  const known = sightings.find((one) => one.detection.id === detection.id);
  const others = sightings.filter((one) => one !== known);
  const kept = [
    ...others,
    {
      detection,
      verdict: known?.verdict,
      sinceMs: known?.sinceMs ?? nowMs,
      looked: known?.looked ?? false,
    },
  ];
  return kept.length <= DETECTIONS_MAX ? kept : dropOne(kept);
}

function dropOne(sightings: readonly Sighting[]): Sighting[] {
  let drop = sightings.findIndex((one) => one.verdict === "dismissed");
  if (drop < 0) drop = sightings.findIndex((one) => one.verdict !== "confirmed");
  return sightings.filter((_, i) => i !== Math.max(0, drop));
}

/**
 * The clues that undecided sightings are; `falseAlarmsPerKm2` as the sensor's sheet says. What one
 * kind of sensor says again of one place is no independent evidence, the stone that looked like a
 * person looks so to the next camera: the surest look of a place counts alone, and none beside a
 * place that a person has dismissed.
 */
export function cluesOf(sightings: readonly Sighting[], falseAlarmsPerKm2: number): Clue[] {
  return independent(sightings).map(({ detection }) => {
    const errorM = Math.max(3, detection.errorM);
    const alarmsPerM2 = Math.max(1e-8, falseAlarmsPerKm2 / 1e6);
    const density = 1 / (2 * Math.PI * errorM * errorM);
    const weight = (DETECTION_CHANCE * detection.confidence * density) / alarmsPerM2;
    const { northM, eastM } = detection.position;
    return { northM, eastM, errorM, weight: Math.min(WEIGHT_MAX, weight) };
  });
}

/** In the order they came, however the ties fall: the same on every node. */
function independent(sightings: readonly Sighting[]): Sighting[] {
  const counted = sightings.filter((one) => one.verdict === "dismissed");
  const surestFirst = sightings
    .filter((one) => one.verdict === undefined || one.verdict === "lookAgain")
    .toSorted(
      (x, y) => y.detection.confidence - x.detection.confidence || x.detection.id - y.detection.id,
    );
  const kept = new Set<Sighting>();
  for (const one of surestFirst) {
    if (counted.some((other) => isSamePlace(one.detection, other.detection))) continue;
    counted.push(one);
    kept.add(one);
  }
  return sightings.filter((one) => kept.has(one));
}

/** Two looks at one place scatter by their position errors; a sheet may promise too small ones. */
const CLUE_PLACE_M = 25;
/** However unsure two looks are, they do not silence what lies further off. */
const CLUE_PLACE_MAX_M = 100;

function isSamePlace(a: Detection, b: Detection): boolean {
  const [dn, de] = [a.position.northM - b.position.northM, a.position.eastM - b.position.eastM];
  const scatterM = Math.max(CLUE_PLACE_M, 2 * (a.errorM + b.errorM));
  const reachM = Math.min(CLUE_PLACE_MAX_M, scatterM);
  return dn * dn + de * de <= reachM * reachM;
}

/** The confirmed sighting, the lowest id where there are several. */
export function foundOf(sightings: readonly Sighting[]): Detection | undefined {
  let found: Detection | undefined;
  for (const { detection, verdict } of sightings) {
    if (verdict !== "confirmed") continue;
    if (found === undefined || detection.id < found.id) found = detection;
  }
  return found;
}

/** The sighting that waits longest for a closer look. */
export function wantsLook(sightings: readonly Sighting[]): Sighting | undefined {
  return sightings
    .filter((one) => one.verdict === "lookAgain" && !one.looked)
    .toSorted((x, y) => x.sinceMs - y.sinceMs || x.detection.id - y.detection.id)[0];
}
