import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId } from "../../base/mod.ts";
import { testMission } from "../mission.test-support.ts";
import { countedView, type ViewParts } from "./view-copy.ts";

const position = (): { northM: number; eastM: number; altitudeAmslM: number } => ({
  northM: 1,
  eastM: 2,
  altitudeAmslM: 460,
});
const velocity = { northMps: 0, eastMps: 0, downMps: 0 };

const parts = (): ViewParts => ({
  nowMs: 5,
  self: {
    index: nodeIndex(1),
    slot: 0,
    position: position(),
    velocity,
    yawRad: 0,
    altitudeAglM: 60,
    positionErrorM: 1,
    batteryRatio: 0.9,
    inAir: true,
  },
  neighbours: [
    {
      index: nodeIndex(2),
      position: position(),
      velocity,
      covarianceM: 1,
      ageMs: 0,
      trust: "verified",
      plan: [],
    },
  ],
  mission: testMission(),
  home: { northM: 3, eastM: 4 },
  wayHome: () => [{ northM: 3, eastM: 4 }],
  wayTo: (place) => [place],
  layerAglM: 50,
  place: undefined,
  tasks: { lane: undefined, mine: [segmentId(1)], ownerOf: () => nodeIndex(1) },
  map: { massAt: () => 0.5 },
  terrain: { heightAmslM: () => 400 },
  agreed: () => [1],
  shared: () => [],
  random: () => 0.25,
});

describe("the view of a behaviour", () => {
  test("says what the vehicle knows, and counts each question", () => {
    let spent = 0;
    const own = parts();
    const view = countedView(own, { radiusM: 4 }, () => (spent += 1));
    expect(view).toMatchObject({ nowMs: 5, self: own.self, neighbours: own.neighbours });
    expect(view).toMatchObject({ home: own.home, params: { radiusM: 4 }, layerAglM: 50 });
    const asked = [
      view.wayHome(),
      view.wayTo({ northM: 9, eastM: 9 }),
      view.tasks.ownerOf(segmentId(1)),
      view.map.massAt(0, 0),
      view.terrain.heightAmslM(0, 0),
      view.agreed("k"),
      view.shared("k"),
      view.random(),
    ];
    expect(asked).toEqual([[own.home], [{ northM: 9, eastM: 9 }], 1, 0.5, 400, [1], [], 0.25]);
    expect(spent).toBe(8);
  });

  test("cannot be written to, and what the vehicle works with is not in it", () => {
    const own = parts();
    const way = [{ northM: 3, eastM: 4 }];
    const view = countedView({ ...own, wayHome: () => way }, {}, () => undefined);
    expect(view.self.position).not.toBe(own.self.position);
    expect(view.wayHome()[0]).not.toBe(way[0]);
    for (const place of [view, view.self, view.self.position, view.home, view.wayHome()[0]!]) {
      expect(Object.isFrozen(place)).toBe(true);
    }
    expect(Object.isFrozen(view.neighbours[0]!.velocity)).toBe(true);
    expect(() => {
      (view.mission.limits as { clearanceM: number }).clearanceM = -1000;
    }).toThrow(TypeError);
  });
});
