import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId } from "../base/mod.ts";
import { decodeBody, encodeBody, kindOf, type StateChange } from "../consensus/mod.ts";
import { BeaconFlag, type BeaconClaims } from "../network/mod.ts";
import type { Detection, Proposal } from "../swarm/mod.ts";
import {
  bodyOf,
  changeForSwarm,
  fromAgreedDetection,
  peerOf,
  toAgreedDetection,
} from "./translate.ts";

const detection: Detection = {
  id: 65_537,
  finder: nodeIndex(1),
  position: { northM: 12.34, eastM: -5.67, altitudeAmslM: 530.01 },
  errorM: 8,
  confidence: 0.5,
  imageRef: "vehicle-1/3",
  networkTimeMs: 1_790_000_000_123,
};
const progress = { segment: segmentId(4), pass: 1, lanes: 5 };

const PROPOSALS: readonly Proposal[] = [
  { kind: "claim", segment: segmentId(4), pass: 1 },
  { kind: "renew", progress },
  { kind: "release", progress },
  { kind: "complete", progress },
  { kind: "detection", detection },
  { kind: "padClaim", pad: 2 },
  { kind: "padRelease", pad: 2 },
  { kind: "value", key: "k", value: [1, 2.5] },
];

describe("what the swarm proposes", () => {
  test.each(PROPOSALS)("$kind survives the log's encoding", (proposal) => {
    const body = bodyOf(proposal);
    const decoded = decodeBody(kindOf(body), encodeBody(body));
    expect(decoded).toEqual({ ok: true, value: body });
  });

  test("a detection keeps its place to the centimetre and its confidence to 1/65535", () => {
    const back = fromAgreedDetection(toAgreedDetection(detection));
    expect(back.position.northM).toBeCloseTo(12.34, 6);
    expect(back.position.eastM).toBeCloseTo(-5.67, 6);
    expect(back.confidence).toBeCloseTo(0.5, 4);
    expect(back).toMatchObject({ id: 65_537, imageRef: "vehicle-1/3", errorM: 8 });
  });

  test("the least confidence is not rounded away, an unknown time is zero", () => {
    const odd = toAgreedDetection({ ...detection, confidence: 1e-9, networkTimeMs: -5 });
    expect(odd).toMatchObject({ confidence: 1, networkTimeMs: 0 });
  });
});

describe("what was agreed, for the swarm", () => {
  const owner = nodeIndex(2);
  const position = { northCm: 100, eastCm: 250, altitudeAmslCm: 0 };
  const cases: readonly (readonly [StateChange, object | undefined])[] = [
    [
      { kind: "claimed", segment: segmentId(1), owner },
      { kind: "claimed", segment: 1, owner: 2 },
    ],
    [
      { kind: "freed", segment: segmentId(1), owner },
      { kind: "freed", segment: 1, orphaned: false },
    ],
    [
      { kind: "freed", segment: segmentId(1), owner: nodeIndex(3) },
      { kind: "freed", segment: 1, orphaned: true },
    ],
    [
      { kind: "progress", progress, by: owner },
      { kind: "progress", progress, by: 2 },
    ],
    [{ kind: "detection", detection: toAgreedDetection(detection) }, { kind: "detection" }],
    [
      { kind: "verdict", id: 3, verdict: "dismissed" },
      { kind: "verdict", id: 3 },
    ],
    [
      { kind: "padClaimed", pad: 1, owner },
      { kind: "padClaimed", pad: 1, owner: 2 },
    ],
    [
      { kind: "padFreed", pad: 1, owner },
      { kind: "padFreed", pad: 1 },
    ],
    [
      { kind: "value", key: "k", value: [1], by: owner },
      { kind: "value", key: "k", by: 2 },
    ],
    [
      { kind: "clue", id: 5, position, errorCm: 4_000, weightMilli: 8_000 },
      { kind: "clue", id: 5, northM: 1, eastM: 2.5, errorM: 40, likelihoodRatio: 8 },
    ],
    [{ kind: "logTime", logTimeMs: 1 }, undefined],
    [{ kind: "evicted", node: owner, reason: 1 }, undefined],
    [{ kind: "mission", phase: "started", revision: 1 }, undefined],
  ];

  test.each(cases)("%o", (change, expected) => {
    const translated = changeForSwarm(change, owner);
    if (expected === undefined) expect(translated).toBeUndefined();
    else expect(translated).toMatchObject(expected);
  });
});

describe("a beacon's claim", () => {
  const beacon: BeaconClaims = {
    flags: BeaconFlag.positionValid | BeaconFlag.inAir,
    northM: 1,
    eastM: 2,
    altitudeAmslM: 3,
    northMps: 4,
    eastMps: 5,
    downMps: 6,
    positionErrorM: 1.5,
    plan: [],
  };

  test("is told with the trust that security gives it", () => {
    expect(peerOf(nodeIndex(3), beacon, "unverified")).toMatchObject({
      index: 3,
      trust: "unverified",
      inAir: true,
      position: { northM: 1, eastM: 2, altitudeAmslM: 3 },
      velocity: { northMps: 4, eastMps: 5, downMps: 6 },
    });
  });

  test("without a position is nothing to keep apart from", () => {
    expect(peerOf(nodeIndex(3), { ...beacon, flags: 0 }, "verified")).toBeUndefined();
  });
});
