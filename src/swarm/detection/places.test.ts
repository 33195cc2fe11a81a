import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../base/mod.ts";
import type { Core } from "../core.ts";
import { flyingAt, sight, testCore } from "../core.test-support.ts";
import { noteClaim } from "../envelope/tracks.ts";
import { noteIntent } from "../search/tasks.ts";
import type { Duty } from "../types.ts";
import { servePlace, wantedPlace } from "./places.ts";

const FIT = { mayLaunch: false };
const SOON_MS = 1000;

/** Vehicle 2 in the air at the origin with battery for 600 s beyond its way home. */
function airborne(): Core {
  const core = testCore();
  core.state.sample = flyingAt(0);
  Object.assign(core.state.flight, { usableS: 700, homeS: 100 });
  return core;
}

interface Peer {
  readonly northM: number;
  readonly duty?: Duty;
  readonly spareS?: number;
  readonly place?: { readonly id: number; readonly costS: number };
}

function hear(core: Core, index: number, peer: Peer): void {
  const { northM, duty = "search", spareS = 600, place } = peer;
  const from = nodeIndex(index);
  core.state.tracks = noteClaim(
    core.state.tracks,
    {
      index: from,
      position: { northM, eastM: 0, altitudeAmslM: 460 },
      velocity: { northMps: 0, eastMps: 0, downMps: 0 },
      plan: [],
      trust: "verified",
      ageMs: 0,
      inAir: true,
      positionErrorM: 1,
    },
    0,
  );
  const intent = { duty, segments: [], place, spareS, digest: 0 };
  noteIntent(core.state.tasks, { from, intent, atMs: 0 });
}

describe("the place that wants a vehicle", () => {
  test("is a found person before a closer look, and nothing while nothing is judged", () => {
    const core = airborne();
    expect(wantedPlace(core)).toBeUndefined();
    sight(core, 1, 100, "lookAgain");
    expect(wantedPlace(core)).toMatchObject({ kind: "look", sighting: { detection: { id: 1 } } });
    sight(core, 2, 300, "confirmed");
    expect(wantedPlace(core)).toMatchObject({ kind: "eyes", sighting: { detection: { id: 2 } } });
  });
});

describe("who goes", () => {
  test("the only one goes and says what it costs", () => {
    const core = airborne();
    sight(core, 1, 240, "confirmed");
    expect(servePlace(core, SOON_MS, FIT)?.kind).toBe("eyes");
    expect(core.state.place).toEqual({ id: 1, costS: 20 });
  });

  test("a nearer one is left to go; when it has not said so in eight seconds, we go", () => {
    const core = airborne();
    sight(core, 1, 240, "confirmed");
    hear(core, 5, { northM: 230 });
    expect(servePlace(core, SOON_MS, FIT)).toBeUndefined();
    expect(servePlace(core, 9000, FIT)?.kind).toBe("eyes");
  });

  test.each<[string, Peer]>([
    ["is busy", { northM: 230, duty: "return" }],
    ["has no battery to stay", { northM: 230, spareS: 100 }],
    ["is farther", { northM: -50 }],
  ])("a peer that %s does not hold us back", (_name, peer) => {
    const core = airborne();
    sight(core, 1, 240, "confirmed");
    hear(core, 5, peer);
    expect(servePlace(core, SOON_MS, FIT)).toBeDefined();
  });

  test("as near as we are, the lower index goes", () => {
    for (const [index, ours] of [
      [1, false],
      [5, true],
    ] as const) {
      const core = airborne();
      sight(core, 1, 240, "confirmed");
      hear(core, index, { northM: 480 });
      expect(servePlace(core, SOON_MS, FIT) !== undefined).toBe(ours);
    }
  });

  test("taken by another it is not taken twice; of two that took it the cheaper keeps it", () => {
    const late = airborne();
    sight(late, 1, 240, "confirmed");
    hear(late, 5, { northM: 900, duty: "eyes", place: { id: 1, costS: 55 } });
    expect(servePlace(late, SOON_MS, FIT)).toBeUndefined();
    for (const [costS, index, keeps] of [
      [15, 5, false],
      [20, 1, false],
      [20, 5, true],
      [25, 1, true],
    ] as const) {
      const core = airborne();
      sight(core, 1, 240, "confirmed");
      servePlace(core, SOON_MS, FIT);
      hear(core, index, { northM: 400, duty: "eyes", place: { id: 1, costS } });
      expect(servePlace(core, SOON_MS + 100, FIT) !== undefined).toBe(keeps);
    }
  });
});

describe("two places that want a look", () => {
  test.each([
    [10, false],
    [99, false],
    [101, true],
  ])("%d m apart: both at once is %s", (apartM, both) => {
    const core = airborne();
    sight(core, 1, 240, "lookAgain");
    sight(core, 2, 240 + apartM, "lookAgain");
    hear(core, 5, { northM: 240 + apartM, duty: "look", place: { id: 2, costS: 1 } });
    expect(servePlace(core, SOON_MS, FIT) !== undefined).toBe(both);
    // Taken by both before they heard of each other, the cheaper keeps its own.
    const taken = airborne();
    sight(taken, 1, 240, "lookAgain");
    sight(taken, 2, 240 + apartM, "lookAgain");
    expect(servePlace(taken, SOON_MS, FIT)?.kind).toBe("look");
    hear(taken, 5, { northM: 240 + apartM, duty: "look", place: { id: 2, costS: 1 } });
    expect(servePlace(taken, SOON_MS + 100, FIT) !== undefined).toBe(both);
  });

  test("a person who is found has eyes overhead, whoever looks beside", () => {
    const core = airborne();
    sight(core, 1, 240, "confirmed");
    sight(core, 2, 250, "lookAgain");
    hear(core, 5, { northM: 250, duty: "look", place: { id: 2, costS: 1 } });
    expect(servePlace(core, SOON_MS, FIT)?.kind).toBe("eyes");
  });
});

describe("who cannot go", () => {
  test("one that could not stay, must go home or touches down", () => {
    const core = airborne();
    sight(core, 1, 240, "confirmed");
    core.state.flight.usableS = 250;
    expect(servePlace(core, SOON_MS, FIT)).toBeUndefined();
    core.state.flight.usableS = 700;
    core.state.flight.mustGoHome = true;
    expect(servePlace(core, SOON_MS, FIT)).toBeUndefined();
    core.state.flight.mustGoHome = false;
    core.state.flight.touchingDown = true;
    expect(servePlace(core, SOON_MS, FIT)).toBeUndefined();
  });

  test("but once there it stays until the battery calls it home", () => {
    const core = airborne();
    sight(core, 1, 240, "confirmed");
    servePlace(core, SOON_MS, FIT);
    core.state.flight.usableS = 110;
    expect(servePlace(core, SOON_MS, FIT)?.kind).toBe("eyes");
    core.state.flight.mustGoHome = true;
    expect(servePlace(core, SOON_MS, FIT)).toBeUndefined();
    expect(core.state.place).toBeUndefined();
  });

  test("on the ground only one that may launch, and its launch costs a minute", () => {
    const core = airborne();
    sight(core, 1, 240, "confirmed");
    core.state.sample = flyingAt(0, { inAir: false });
    expect(servePlace(core, SOON_MS, FIT)).toBeUndefined();
    servePlace(core, SOON_MS, { mayLaunch: true });
    expect(core.state.place).toEqual({ id: 1, costS: 80 });
  });

  test("the ground station, and a node that has not heard of itself", () => {
    const ground = testCore({ passive: true });
    sight(ground, 1, 240, "confirmed");
    ground.state.sample = flyingAt(0);
    expect(servePlace(ground, SOON_MS, FIT)).toBeUndefined();
    const blind = testCore();
    sight(blind, 1, 240, "confirmed");
    expect(servePlace(blind, SOON_MS, FIT)).toBeUndefined();
  });
});
