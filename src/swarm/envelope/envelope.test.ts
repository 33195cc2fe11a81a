import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../base/mod.ts";
import type { Zone } from "../area/mod.ts";
import { flatGround } from "../terrain/mod.ts";
import type { Ground } from "../terrain/mod.ts";
import type { ClipReason, PeerState, Trust } from "../types.ts";
import { envelop } from "./envelope.ts";
import type { EnvelopeRules, Height, Target } from "./envelope.ts";
import { followBias } from "./ground.ts";
import { body, fly, positionOf, sampleOf, velocityOf } from "./fly.test-support.ts";
import type { Body } from "./fly.test-support.ts";
import { noteClaim, seenAt } from "./tracks.ts";
import type { Track } from "./tracks.ts";

const RULES: EnvelopeRules = {
  minSeparationM: 10,
  minSeparationVerticalM: 5,
  clearanceM: 25,
  aglMaxM: 120,
  fence: [],
  zones: [],
  speedMaxMps: 15,
  climbMaxMps: 4,
  descentMaxMps: 3,
  accelerationMaxMps2: 3,
};

const agl = (aglM: number): Height => ({ kind: "agl", aglM });

const target = (northM: number, eastM: number, changes: Partial<Target> = {}): Target => ({
  northM,
  eastM,
  height: agl(60),
  speedMps: 13,
  arriveMps: 0,
  yawRad: undefined,
  ...changes,
});

interface Pilot {
  readonly body: Body;
  readonly target: (nowS: number) => Target;
  tracks: Track[];
  biasM: number;
}

const claimOf = (i: number, b: Body, ageMs: number, trust: Trust = "verified"): PeerState => ({
  index: nodeIndex(i),
  position: positionOf(b),
  velocity: velocityOf(b),
  plan: [],
  trust,
  ageMs,
  inAir: true,
  positionErrorM: 0.5,
});

interface Flown {
  /** Least of max(horizontal / 10, vertical / 5) over all pairs and times. */
  readonly separation: number;
  readonly clearanceM: number;
  readonly aglMaxM: number;
  readonly clips: ReadonlySet<ClipReason>;
}

/** Flies all pilots for a while, beacons five times a second, and measures. */
function flyAll(
  pilots: readonly Pilot[],
  options: {
    readonly seconds: number;
    readonly rules?: EnvelopeRules;
    readonly map?: Ground;
    readonly truth?: Ground;
    readonly rangefinder?: boolean;
    readonly each?: (nowS: number) => void;
  },
): Flown {
  const rules = options.rules ?? RULES;
  const map = options.map ?? flatGround(0);
  const truth = options.truth ?? map;
  let separation = Infinity;
  let clearanceM = Infinity;
  let aglMaxM = 0;
  const clips = new Set<ClipReason>();
  for (let tick = 0; tick < options.seconds * 10; tick += 1) {
    const nowMs = tick * 100;
    if (tick % 2 === 0) share(pilots, nowMs);
    const setpoints = pilots.map((pilot) => {
      const b = pilot.body;
      const truthM = truth.heightAmslM(b.n, b.e);
      const sample = sampleOf(b, {
        altitudeAglM: options.rangefinder === true ? b.z - truthM : undefined,
      });
      pilot.biasM = followBias(pilot.biasM, map, sample);
      const done = envelop({
        sample,
        target: pilot.target(tick / 10),
        others: seenAt(pilot.tracks, nowMs),
        ground: map,
        surface: map,
        biasM: pilot.biasM,
        rules,
        clearAirAglM: undefined,
        overPad: false,
      });
      for (const reason of done.clipped) clips.add(reason);
      return done.setpoint;
    });
    for (let sub = 0; sub < 4; sub += 1) {
      pilots.forEach((pilot, i) => fly(pilot.body, setpoints[i]!, 0.025));
    }
    separation = Math.min(separation, worstPair(pilots));
    for (const { body: b } of pilots) {
      const height = b.z - truth.heightAmslM(b.n, b.e);
      clearanceM = Math.min(clearanceM, height);
      aglMaxM = Math.max(aglMaxM, height);
    }
    options.each?.(tick / 10);
  }
  return { separation, clearanceM, aglMaxM, clips };
}

/** Claims are 200 ms old when they arrive. */
function share(pilots: readonly Pilot[], nowMs: number): void {
  pilots.forEach((hearer, i) => {
    pilots.forEach((teller, k) => {
      if (i !== k) hearer.tracks = noteClaim(hearer.tracks, claimOf(k, teller.body, 50), nowMs);
    });
  });
}

function worstPair(pilots: readonly Pilot[]): number {
  let worst = Infinity;
  for (let i = 0; i < pilots.length; i += 1) {
    for (let k = i + 1; k < pilots.length; k += 1) {
      const a = pilots[i]!.body;
      const b = pilots[k]!.body;
      const horizontal = Math.hypot(a.n - b.n, a.e - b.e) / 10;
      worst = Math.min(worst, Math.max(horizontal, Math.abs(a.z - b.z) / 5));
    }
  }
  return worst;
}

const pilot = (b: Body, to: (nowS: number) => Target): Pilot => ({
  body: b,
  target: to,
  tracks: [],
  biasM: 0,
});

describe("separation", () => {
  test("two that meet head on at the same height pass each other and arrive", () => {
    const a = pilot(body(-200, 0, 60), () => target(200, 0));
    const b = pilot(body(200, 0, 60), () => target(-200, 0));
    const flown = flyAll([a, b], { seconds: 90 });
    expect(flown.separation).toBeGreaterThanOrEqual(1);
    expect(flown.clips).toContain("separation");
    expect(Math.abs(a.body.n - 200)).toBeLessThan(3);
    expect(Math.abs(b.body.n + 200)).toBeLessThan(3);
  });

  test("ten that cross one point all arrive", () => {
    const pilots = Array.from({ length: 10 }, (_, i) => {
      const angle = (i / 10) * 2 * Math.PI;
      const n = 200 * Math.cos(angle);
      const e = 200 * Math.sin(angle);
      return pilot(body(n, e, 60), () => target(-n, -e));
    });
    const flown = flyAll(pilots, { seconds: 240 });
    expect(flown.separation).toBeGreaterThanOrEqual(1);
    for (const { body: b, target: to } of pilots) {
      expect(Math.hypot(b.n - to(0).northM, b.e - to(0).eastM)).toBeLessThan(20);
    }
  });

  test("those that hold different heights pass without slowing", () => {
    const a = pilot(body(-200, 0, 60), () => target(200, 0, { height: agl(60) }));
    const b = pilot(body(200, 0, 70), () => target(-200, 0, { height: agl(70) }));
    let slowest = Infinity;
    const flown = flyAll([a, b], {
      seconds: 24,
      each: (nowS) => {
        if (nowS > 8 && nowS < 24) slowest = Math.min(slowest, a.body.vn);
      },
    });
    expect(flown.separation).toBeGreaterThanOrEqual(1);
    expect(slowest).toBeGreaterThan(12);
  });

  test("never below the minimum with 2 to 10 vehicles under random goals", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 10 }),
        fc.integer({ min: 0, max: 1e6 }),
        (count, seed) => {
          let state = seed;
          const random = (): number => {
            state = (state * 1103515245 + 12345) % 2147483648;
            return state / 2147483648;
          };
          const pilots = Array.from({ length: count }, (_, i) => {
            let goal = target(0, 0);
            let until = -1;
            return pilot(body(i * 30 - 150, random() * 20, 50 + random() * 20), (nowS) => {
              if (nowS < until) return goal;
              until = nowS + 5 + random() * 15;
              goal = target(random() * 240 - 120, random() * 240 - 120, {
                height: agl(50 + random() * 30),
                speedMps: 3 + random() * 12,
              });
              return goal;
            });
          });
          const flown = flyAll(pilots, { seconds: 60 });
          expect(flown.separation).toBeGreaterThanOrEqual(1);
        },
      ),
      { numRuns: 12 },
    );
  });

  test("an unverified claim may hold us off, never push us", () => {
    const sample = sampleOf(body(0, 0, 60));
    const ghost = body(0, 3, 60);
    const run = (trust: Trust) =>
      envelop({
        sample,
        target: target(0, 0),
        others: seenAt(noteClaim([], claimOf(40, ghost, 0, trust), 0), 0),
        ground: flatGround(0),
        surface: flatGround(0),
        biasM: 0,
        rules: RULES,
        clearAirAglM: undefined,
        overPad: false,
      }).setpoint.velocity;
    expect(run("unverified")).toMatchObject({ northMps: 0, eastMps: 0 });
    expect(run("foreign")).toMatchObject({ northMps: 0, eastMps: 0 });
    expect(run("verified").eastMps).toBeLessThan(-1);
  });
});

describe("fence and zones", () => {
  const box = (m: number) => [
    { northM: -m, eastM: -m },
    { northM: m, eastM: -m },
    { northM: m, eastM: m },
    { northM: -m, eastM: m },
  ];

  test("a vehicle told to leave the fence stops before it", () => {
    const rules = { ...RULES, fence: [{ outer: box(200), holes: [] }] };
    const a = pilot(body(0, 0, 60), () => target(900, 350, { speedMps: 15 }));
    const flown = flyAll([a], { seconds: 60, rules });
    expect(flown.clips).toContain("fence");
    expect(a.body.n).toBeLessThan(200);
    expect(a.body.n).toBeGreaterThan(180);
    expect(a.body.e).toBeLessThan(200);
    expect(a.body.e).toBeGreaterThan(180);
  });

  test("from outside the fence it comes back in", () => {
    const rules = { ...RULES, fence: [{ outer: box(200), holes: [] }] };
    const a = pilot(body(240, 0, 60), () => target(900, 0));
    flyAll([a], { seconds: 60, rules });
    expect(a.body.n).toBeLessThan(200);
  });

  const noFly: Zone = {
    name: "school",
    polygon: { outer: box(60), holes: [] },
    floor: undefined,
    ceiling: undefined,
  };

  test("a zone in the way is not entered", () => {
    const rules = { ...RULES, zones: [noFly] };
    const a = pilot(body(-300, 10, 60), () => target(300, 10, { speedMps: 15 }));
    let deepest = Infinity;
    const flown = flyAll([a], {
      seconds: 60,
      rules,
      each: () => {
        const outside = Math.max(Math.abs(a.body.n), Math.abs(a.body.e)) - 60;
        deepest = Math.min(deepest, outside);
      },
    });
    expect(flown.clips).toContain("zone");
    expect(deepest).toBeGreaterThan(0);
  });

  test("above a low zone one passes, and does not sink into it", () => {
    const low: Zone = { ...noFly, ceiling: { reference: "agl", altitudeM: 60 } };
    const rules = { ...RULES, zones: [low] };
    const over = pilot(body(-150, 0, 75), () => target(150, 0, { height: agl(75) }));
    flyAll([over], { seconds: 40, rules });
    expect(over.body.n).toBeGreaterThan(140);
    const sink = pilot(body(0, 0, 75), () => target(0, 0, { height: agl(30) }));
    flyAll([sink], { seconds: 30, rules });
    expect(sink.body.z).toBeGreaterThan(60);
  });
});

describe("ground", () => {
  const hills: Ground = {
    heightAmslM: (n, e) => 60 * Math.sin(n / 180) + 40 * Math.sin(e / 140 + 1) + 0.2 * n,
  };

  test("low flight over hills keeps its clearance even where the map errs by 12 m", () => {
    const truth: Ground = {
      heightAmslM: (n, e) => hills.heightAmslM(n, e) + 12 * Math.sin(n / 300 + e / 250),
    };
    const start = truth.heightAmslM(-900, 0) + 60;
    const a = pilot(body(-900, 0, start), () => target(900, 200, { height: agl(5), speedMps: 15 }));
    const flown = flyAll([a], { seconds: 240, map: hills, truth, rangefinder: true });
    expect(flown.clips).toContain("terrain");
    expect(flown.clearanceM).toBeGreaterThanOrEqual(RULES.clearanceM);
    expect(Math.hypot(a.body.n - 900, a.body.e - 200)).toBeLessThan(5);
  });

  test("without a rangefinder the map is trusted and kept clear of", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -600, max: 600, noNaN: true }),
        fc.double({ min: -600, max: 600, noNaN: true }),
        (n, e) => {
          const start = hills.heightAmslM(0, 0) + 40;
          const a = pilot(body(0, 0, start), () => target(n, e, { height: agl(0), speedMps: 15 }));
          const flown = flyAll([a], { seconds: 60, map: hills });
          expect(flown.clearanceM).toBeGreaterThanOrEqual(RULES.clearanceM);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("the ceiling is kept and said", () => {
    const a = pilot(body(0, 0, 60), () => target(0, 0, { height: agl(400) }));
    const flown = flyAll([a], { seconds: 60 });
    expect(flown.clips).toContain("ceiling");
    expect(flown.aglMaxM).toBeLessThan(RULES.aglMaxM);
  });

  test("clear-air goes below what was ordered and outranks the clearance", () => {
    const sample = sampleOf(body(0, 0, 60));
    const done = envelop({
      sample,
      target: target(0, 0),
      others: [],
      ground: flatGround(0),
      surface: flatGround(0),
      biasM: 0,
      rules: RULES,
      clearAirAglM: 20,
      overPad: false,
    });
    expect(done.setpoint.velocity.downMps).toBeGreaterThan(2);
    expect(done.clipped).toContain("ceiling");
  });

  test("asked for too much speed, it says so and does not", () => {
    const done = envelop({
      sample: sampleOf(body(0, 0, 60)),
      target: target(1000, 0, { speedMps: 90 }),
      others: [],
      ground: flatGround(0),
      surface: flatGround(0),
      biasM: 0,
      rules: RULES,
      clearAirAglM: undefined,
      overPad: false,
    });
    expect(done.clipped).toContain("speed");
    expect(done.setpoint.speedMaxMps).toBeLessThanOrEqual(15);
  });
});
