import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId } from "../base/mod.ts";
import type { Evidence, FaultDirective, FaultEvent } from "../fault/mod.ts";
import type { SwarmEvent } from "../swarm/mod.ts";
import { eventForSwarm, faultsEvent, forSwarm, headsEvent, swarmsEvent } from "./event-words.ts";
import { severityOf } from "./severity.ts";

const peer = nodeIndex(3);
const evidence: Evidence = { phi: 7, silentMs: 1, indirectMs: 2, lifetimeS: 3, witnesses: 2 };

describe("what the fault layer says", () => {
  const events: readonly (readonly [FaultEvent, object, object | undefined])[] = [
    [{ kind: "suspect", peer, phi: 7, evidence }, { kind: "suspect", peer: 3, phi: 7 }, undefined],
    [{ kind: "dead", peer, evidence }, { kind: "dead", peer: 3 }, undefined],
    [{ kind: "back", peer }, { kind: "back", peer: 3 }, undefined],
    [
      { kind: "outOfRange", peer, evidence },
      { kind: "outOfRange", peer: 3 },
      { kind: "peerLost", index: 3, dead: false },
    ],
    [{ kind: "lost", what: "ground" }, { kind: "lost", what: "ground" }, undefined],
    [
      { kind: "regained", what: "ground" },
      { kind: "regained", what: "ground" },
      { kind: "ground", reachable: true },
    ],
    [
      { kind: "regained", what: "position" },
      { kind: "regained", what: "position" },
      { kind: "goOn" },
    ],
    [{ kind: "regained", what: "head" }, { kind: "regained", what: "head" }, undefined],
  ];

  test.each(events)("%o", (event, reported, told) => {
    expect(faultsEvent(event)).toEqual(reported);
    expect(eventForSwarm(event)).toEqual(told);
  });

  const directives: readonly (readonly [FaultDirective, object | undefined])[] = [
    [
      { kind: "leaseOrphaned", owner: peer, segment: segmentId(9) },
      { kind: "leaseOrphaned", segment: 9 },
    ],
    [
      { kind: "declareDead", peer, evidence },
      { kind: "peerLost", index: 3, dead: true },
    ],
    [{ kind: "retractDead", peer }, undefined],
    [{ kind: "headLost" }, undefined],
    [{ kind: "loseGround" }, { kind: "ground", reachable: false }],
    [
      { kind: "holdNow", reason: "position" },
      { kind: "holdNow", reason: "position" },
    ],
    [
      { kind: "landNow", reason: "battery" },
      { kind: "landNow", reason: "battery" },
    ],
  ];

  test.each(directives)("directive %o", (directive, told) => {
    expect(forSwarm(directive)).toEqual(told);
  });
});

describe("what the swarm layer says", () => {
  test("a detection is cut to what an operator is told, a refusal is counted", () => {
    const detection = {
      id: 5,
      finder: peer,
      position: { northM: 1, eastM: 2, altitudeAmslM: 3 },
      errorM: 4,
      confidence: 0.7,
      imageRef: "x",
      networkTimeMs: 0,
    };
    expect(swarmsEvent({ kind: "detection", detection })).toEqual({
      kind: "detection",
      id: 5,
      finder: 3,
      position: detection.position,
      confidence: 0.7,
    });
    expect(swarmsEvent({ kind: "refused", code: "SWM002" })).toMatchObject({ count: 1 });
    const duty: SwarmEvent = { kind: "duty", duty: "hold", reason: "order" };
    expect(swarmsEvent(duty)).toEqual(duty);
  });
});

test("a found person is an alarm, an agreed claim is not", () => {
  const position = { northM: 0, eastM: 0, altitudeAmslM: 0 };
  expect(severityOf({ kind: "found", id: 1, position })).toBe("alarm");
  expect(severityOf({ kind: "segmentClaimed", segment: segmentId(1), owner: peer })).toBe("info");
  expect(severityOf(headsEvent(undefined, 2))).toBe("notice");
  expect(headsEvent(peer, 2)).toEqual({ kind: "leaderElected", leader: 3, term: 2 });
});
