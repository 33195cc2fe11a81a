import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../base/mod.ts";
import type { PeerState, Trust } from "../types.ts";
import { FORGET_MS, noteClaim, seenAt, TRACKS_MAX, UNTRUSTED_MAX, WIDEN_MAX_M } from "./tracks.ts";
import type { Track } from "./tracks.ts";

const claim = (index: number, changes: Partial<PeerState> = {}): PeerState => ({
  index: nodeIndex(index),
  position: { northM: index, eastM: 0, altitudeAmslM: 100 },
  velocity: { northMps: 5, eastMps: 0, downMps: -1 },
  plan: [],
  trust: "verified",
  ageMs: 0,
  inAir: true,
  positionErrorM: 1,
  ...changes,
});

const noteAll = (claims: readonly PeerState[], nowMs = 0): Track[] =>
  claims.reduce<Track[]>((tracks, one) => noteClaim(tracks, one, nowMs), []);

describe("tracks", () => {
  test("a fresh claim is carried on with its velocity", () => {
    const [seen] = seenAt(noteAll([claim(3)]), 1000);
    expect(seen!.position).toEqual({ northM: 8, eastM: 0, altitudeAmslM: 101 });
    expect(seen!.widenM).toBe(2);
  });

  test("an older one follows the announced plan, and its radius grows to a bound", () => {
    const at = (northM: number) => ({ northM, eastM: 0, altitudeAmslM: 100 });
    const plan = [
      { position: at(40), afterS: 4 },
      { position: at(40), afterS: 4 },
      { position: at(100), afterS: 10 },
    ];
    const tracks = noteAll([claim(3, { plan, position: at(0) })]);
    expect(seenAt(tracks, 2000)[0]!.position.northM).toBeCloseTo(20, 9);
    expect(seenAt(tracks, 7000)[0]!.position.northM).toBeCloseTo(70, 9);
    expect(seenAt(tracks, 30_000)[0]!.position.northM).toBe(100);
    expect(seenAt(tracks, 30_000)[0]!.widenM).toBeGreaterThan(20);
    expect(seenAt(tracks, FORGET_MS - 1)[0]!.widenM).toBe(WIDEN_MAX_M);
    expect(seenAt(tracks, FORGET_MS)).toEqual([]);
  });

  test("without a plan it stays where velocity had carried it", () => {
    const tracks = noteAll([claim(3)]);
    expect(seenAt(tracks, 20_000)[0]!.position.northM).toBeCloseTo(3 + 7.5, 9);
  });

  test("who stands on the ground is in nobody's way", () => {
    expect(seenAt(noteAll([claim(3, { inAir: false })]), 0)).toEqual([]);
  });

  test("an unverified claim does not displace a fresh verified one, and widens less", () => {
    const tracks = noteAll([claim(3), claim(3, { trust: "unverified", positionErrorM: 900 })]);
    expect(tracks).toHaveLength(1);
    expect(tracks[0]!.trust).toBe("verified");
    const ghosts: Trust[] = ["unverified", "foreign"];
    for (const trust of ghosts) {
      const seen = seenAt(noteAll([claim(9, { trust, positionErrorM: 900 })]), 0);
      expect(seen[0]!.widenM).toBe(10);
    }
    const later = noteClaim(tracks, claim(3, { trust: "stale" }), 5000);
    expect(later[0]!.trust).toBe("stale");
  });

  test("an older claim does not displace a younger one; numbers that are none are dropped", () => {
    const tracks = noteClaim(noteAll([claim(3)], 5000), claim(3, { ageMs: 3000 }), 5100);
    expect(tracks[0]!.claimedAtMs).toBe(5000);
    const broken = claim(4, { positionErrorM: Number.NaN });
    expect(noteClaim([], broken, 0)).toEqual([]);
  });

  test("tables are bounded: few unverified, and the oldest make room", () => {
    const ghosts = Array.from({ length: UNTRUSTED_MAX + 5 }, (_, i) =>
      claim(100 + i, { trust: "foreign", ageMs: 1000 - i }),
    );
    const few = noteAll(ghosts);
    expect(few).toHaveLength(UNTRUSTED_MAX);
    expect(few[0]!.index).toBe(105);
    const many = noteAll(
      Array.from({ length: TRACKS_MAX + 9 }, (_, i) => claim(i, { ageMs: 500 - i })),
    );
    expect(many).toHaveLength(TRACKS_MAX);
    expect(many[0]!.index).toBe(9);
    const forgotten = noteClaim(few, claim(1), FORGET_MS + 1000);
    expect(forgotten).toHaveLength(1);
  });

  test("of more than fit the nearest in the air stay, whatever their age", () => {
    const own = { northM: 1000, eastM: 0, altitudeAmslM: 100 };
    const crowd = Array.from({ length: 400 }, (_, i) =>
      claim((i * 149) % 400, { ageMs: (i * 7) % 900, inAir: i % 4 !== 0 }),
    );
    const kept = crowd.reduce<Track[]>((tracks, one) => noteClaim(tracks, one, 0, own), []);
    const flying = crowd.filter((one) => one.inAir).map(({ index }) => index);
    // Peer i stands at i metres: the highest are the nearest to 1,000.
    const nearest = flying.sort((a, b) => a - b).slice(-TRACKS_MAX);
    expect(kept.map(({ index }) => index)).toEqual(nearest);
    const outOfReach = noteClaim(kept, claim(2), 10, own);
    expect(outOfReach).toBe(kept);
    const all = FORGET_MS + 1000;
    expect(noteClaim(kept, claim(2), all, own).map(({ index }) => index)).toContain(2);
  });
});
