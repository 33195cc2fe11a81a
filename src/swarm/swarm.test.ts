import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, monotonicMs, nodeIndex, segmentId } from "../base/mod.ts";
import type { Zone } from "./area/mod.ts";
import { defineBehaviour, type BehaviourView } from "./behaviours/define.ts";
import { Flock, type Craft } from "./flock.test-support.ts";
import { circleRing, testGround, testMission } from "./mission.test-support.ts";
import { gridOver } from "./map/mod.ts";
import { skeinPlanner } from "./planner/baselines.ts";
import { prepareSearch } from "./prepare.ts";
import { encodeSwarmMessage } from "./search/message.ts";
import type { ActingOrder, SwarmOut } from "./types.ts";

const mission = testMission();
const world = testGround(mission);

const dutiesOf = (flock: Flock): string[] => flock.craft.map((one) => one.swarm.duty);

/** A flock that has been searching for a while. */
function searching(count: number, seconds = 150): Flock {
  const flock = new Flock({ world, count });
  flock.start();
  flock.run(seconds);
  return flock;
}

const report = (northM: number, eastM: number, sequence = 1, confidence = 0.7) => ({
  sequence,
  position: { northM, eastM, altitudeAmslM: 400 },
  errorM: 8,
  confidence,
  imageRef: "frame",
});

describe("an hour of search", () => {
  const flock = new Flock({ world, count: 6 });
  flock.start();
  flock.run(3600);

  test("keeps apart, keeps clear, keeps its reserve", () => {
    expect(flock.separation).toBeGreaterThanOrEqual(1);
    expect(flock.clearanceM).toBeGreaterThanOrEqual(mission.limits.clearanceM);
    for (const one of flock.craft)
      expect(one.leastBattery).toBeGreaterThan(mission.limits.reserveRatio);
  });

  test("everyone changed batteries and came back by the crew's release", () => {
    for (const one of flock.craft) expect(one.swaps).toBeGreaterThanOrEqual(2);
  });

  test("all maps are one, on the ground too, and success is a growing band", () => {
    for (const one of flock.craft) {
      expect(one.swarm.progressDigest).toBe(flock.ground.progressDigest);
      expect(one.swarm.posterior).toEqual(flock.ground.posterior);
    }
    const { low, high, outside } = flock.ground.success;
    expect(low).toBeGreaterThan(0.2);
    expect(high).toBeGreaterThan(low);
    expect(outside).toBeGreaterThan(0.3);
    const sum = flock.ground.segments.reduce((total, one) => total + one.mass, 0);
    expect(sum).toBeLessThan(1);
    const swept = flock.ground.segments.filter((one) => one.podHigh > 0);
    expect(swept.every((one) => one.podLow <= one.podHigh && one.podHigh <= 1)).toBe(true);
    expect(flock.ground.sweptShare(segmentId(0))).toBeLessThanOrEqual(1);
  });

  test("leases were claimed and segments searched, each claim agreed once", () => {
    const searched = new Set(
      flock
        .events("segmentSearched")
        .flatMap(({ event }) => (event.kind === "segmentSearched" ? [event.segment] : [])),
    );
    expect(searched.size).toBeGreaterThan(15);
  });

  test("the way home and the next relief can be read", () => {
    const flying = flock.craft.find((one) => one.inAir && one.swarm.duty === "search")!;
    expect(flying.swarm.homeRatio).toBeGreaterThan(0);
    expect(flying.swarm.homeRatio).toBeLessThan(0.5);
    expect(flying.swarm.relief.landingReserveRatio).toBeLessThanOrEqual(
      mission.limits.reserveRatio,
    );
    expect(flying.swarm.intent.segments.length).toBeGreaterThan(0);
  });
});

describe("nothing arms by itself", () => {
  test("not before start, grant and release", () => {
    const flock = new Flock({ world, count: 2 });
    for (const one of flock.craft) one.released = false;
    flock.run(5);
    flock.order({ kind: "order", order: { kind: "start" } });
    flock.run(5);
    flock.order({ kind: "order", order: { kind: "arm" } });
    flock.run(5);
    expect(flock.craft.some((one) => one.armed)).toBe(false);
    flock.craft[0]!.released = true;
    flock.run(40);
    expect(flock.craft.map((one) => one.inAir)).toEqual([true, false]);
  });

  test("a node that restarts on the ground, with a started mission in the log, stays down", () => {
    const flock = new Flock({ world, count: 1 });
    const one = flock.craft[0]!;
    flock.give(one, { kind: "order", order: { kind: "start" } });
    flock.run(30);
    expect(one.swarm.duty).toBe("grounded");
    expect(one.swarm.dutyReason).toBe("not granted in this boot");
    expect(one.inAir).toBe(false);
  });

  test("after a landing the same switch position does not release again", () => {
    const flock = searching(1);
    const one = flock.craft[0]!;
    one.battery = 0.26;
    flock.run(240, () => !one.inAir);
    expect(one.inAir).toBe(false);
    Object.assign(one, { released: true, swapS: 0, battery: 1 });
    flock.run(60);
    expect(one.inAir).toBe(false);
    one.released = false;
    flock.run(1);
    one.released = true;
    flock.run(40);
    expect(one.inAir).toBe(true);
  });

  test("brought down by order, it needs a new grant: the page's release or the switch", () => {
    const flock = searching(1);
    const one = flock.craft[0]!;
    flock.order({ kind: "order", order: { kind: "return" } });
    flock.run(300, () => one.swaps === 1);
    flock.order({ kind: "order", order: { kind: "start" } });
    flock.run(30);
    expect(one.inAir).toBe(false);
    flock.order({ kind: "order", order: { kind: "arm" } });
    flock.order({ kind: "order", order: { kind: "release" } });
    flock.run(40);
    expect(one.inAir).toBe(true);
  });

  test("brought down by clear-air, it stays down when that is lifted, until a new grant", () => {
    const flock = searching(1);
    const one = flock.craft[0]!;
    const clear = { kind: "clearAir", ceilingAglM: 0, volume: undefined, leave: false } as const;
    flock.order({ kind: "order", order: clear });
    flock.run(120, () => !one.inAir);
    // The crew changes the battery and throws the switch anew.
    Object.assign(one, { battery: 1, released: false, swapS: 0 });
    flock.run(2);
    one.released = true;
    flock.run(2);
    flock.order({ kind: "order", order: { kind: "liftClearAir" } });
    flock.run(40);
    expect([one.inAir, one.swarm.dutyReason]).toEqual([false, "not granted in this boot"]);
    flock.start();
    flock.run(40);
    expect(one.inAir).toBe(true);
  });

  test.each<ActingOrder>([
    { kind: "return" },
    { kind: "land" },
    { kind: "clearAir", ceilingAglM: 0, volume: undefined, leave: false },
  ])("$kind ends the grant of a vehicle that waits on its pad", (order) => {
    const flock = new Flock({ world, count: 1 });
    const one = flock.craft[0]!;
    one.ready = false;
    flock.start();
    flock.run(5);
    flock.order({ kind: "order", order });
    flock.order({ kind: "order", order: { kind: "liftClearAir" } });
    flock.order({ kind: "order", order: { kind: "start" } });
    one.ready = true;
    flock.run(40);
    expect([one.inAir, one.swarm.dutyReason]).toEqual([false, "not granted in this boot"]);
  });
});

describe("orders", () => {
  test("hold stops everyone where they are, start goes on", () => {
    const flock = searching(3);
    flock.order({ kind: "order", order: { kind: "hold" } });
    flock.run(15);
    expect(dutiesOf(flock)).toEqual(["hold", "hold", "hold"]);
    const before = flock.craft.map((one) => ({ ...one.body }));
    flock.run(20);
    flock.craft.forEach((one, i) => {
      expect(Math.hypot(one.body.n - before[i]!.n, one.body.e - before[i]!.e)).toBeLessThan(3);
    });
    flock.order({ kind: "order", order: { kind: "start" } });
    flock.run(10);
    expect(dutiesOf(flock)).toEqual(["search", "search", "search"]);
  });

  test("return brings everyone onto the own pad", () => {
    const flock = searching(4);
    flock.order({ kind: "order", order: { kind: "return" } });
    flock.run(400, () => flock.craft.every((one) => !one.inAir));
    for (const one of flock.craft) {
      expect(one.inAir).toBe(false);
      expect(Math.hypot(one.body.n - one.pad.n, one.body.e - one.pad.e)).toBeLessThan(4);
    }
    expect(flock.separation).toBeGreaterThanOrEqual(1);
  });

  test.each([-9, 9])("a pad that the map has wrong by %d m is landed on all the same", (errorM) => {
    const flock = new Flock({ world, count: 1, truthHeightM: () => 400 + errorM });
    flock.start();
    flock.run(100);
    flock.order({ kind: "order", order: { kind: "return" } });
    flock.run(200, () => !flock.craft[0]!.inAir);
    expect(flock.craft[0]!.inAir).toBe(false);
  });

  test("land lands here", () => {
    const flock = searching(1);
    const one = flock.craft[0]!;
    flock.order({ kind: "order", order: { kind: "land" } });
    const at = { ...one.body };
    flock.run(120, () => !one.inAir);
    expect(one.inAir).toBe(false);
    expect(Math.hypot(one.body.n - at.n, one.body.e - at.e)).toBeLessThan(40);
  });

  test("clear-air: everyone below the ceiling until it is lifted; below 8 m they land", () => {
    const flock = searching(2);
    flock.order({
      kind: "order",
      order: { kind: "clearAir", ceilingAglM: 25, volume: undefined, leave: false },
    });
    flock.run(40);
    for (const one of flock.craft) {
      expect(one.body.z - 400).toBeLessThan(25);
      expect(one.body.z - 400).toBeGreaterThan(8);
    }
    flock.order({ kind: "order", order: { kind: "liftClearAir" } });
    flock.run(40);
    expect(dutiesOf(flock)).toEqual(["search", "search"]);
    flock.order({
      kind: "order",
      order: { kind: "clearAir", ceilingAglM: 0, volume: undefined, leave: false },
    });
    flock.run(120);
    expect(flock.craft.every((one) => !one.inAir)).toBe(true);
  });

  test("a clear-air volume is entered by nobody above its ceiling", () => {
    const flock = searching(3, 5);
    const volume = { northM: 200, eastM: 0, radiusM: 250 };
    flock.order({
      kind: "order",
      order: { kind: "clearAir", ceilingAglM: 10, volume, leave: false },
    });
    let deepest = Infinity;
    flock.run(300, () => {
      for (const one of flock.craft) {
        deepest = Math.min(deepest, Math.hypot(one.body.n - 200, one.body.e));
      }
      return false;
    });
    expect(deepest).toBeGreaterThan(250);
  });

  test("leave sends home who is inside the volume, the rest search on around it", () => {
    const flock = searching(2);
    const [inside, outside] = flock.craft as [Craft, Craft];
    const { n, e } = inside.body;
    const apartM = Math.hypot(n - outside.body.n, e - outside.body.e);
    const volume = { northM: n, eastM: e, radiusM: Math.min(100, apartM / 2 - 60) };
    const order = { kind: "clearAir", ceilingAglM: 0, volume, leave: true } as const;
    flock.order({ kind: "order", order });
    flock.run(1);
    expect(dutiesOf(flock)).toEqual(["return", "search"]);
    expect(inside.swarm.dutyReason).toBe("clear-air");
    let nearestM = Infinity;
    flock.run(200, () => {
      const { body } = outside;
      nearestM = Math.min(nearestM, Math.hypot(body.n - n, body.e - e));
      return false;
    });
    expect(nearestM).toBeGreaterThan(volume.radiusM);
  });

  test("joining a mission lifts no order", () => {
    const flock = new Flock({ world, count: 1 });
    flock.order({ kind: "order", order: { kind: "hold" } });
    flock.order({ kind: "order", order: { kind: "join" } });
    flock.order({ kind: "order", order: { kind: "arm" } });
    flock.run(30);
    expect(flock.craft[0]!.inAir).toBe(false);
    flock.order({ kind: "order", order: { kind: "start" } });
    flock.run(30);
    expect(flock.craft[0]!.inAir).toBe(true);
  });

  test("a pilot's hands are not fought", () => {
    const flock = searching(1);
    const one = flock.craft[0]!;
    one.mode = "manual";
    const outs: SwarmOut[] = [];
    one.swarm.step(
      monotonicMs(flock.nowS * 1000 + 100),
      { kind: "vehicle", sample: flock.sample(one) },
      (out) => outs.push(out),
    );
    expect(one.swarm.duty).toBe("manual");
    expect(outs.some((out) => out.kind === "command")).toBe(false);
  });
});

describe("from sighting to found", () => {
  test("look again, confirm: eyes overhead, others home, relieved when the battery ends", () => {
    const flock = searching(4, 200);
    const finder = flock.craft[1]!;
    const { n, e } = finder.body;
    flock.sense(finder, report(n, e));
    flock.run(2);
    const [sighting] = flock.ground.sightings;
    expect(sighting).toMatchObject({
      detection: { finder: 2, confidence: 0.7 },
      verdict: undefined,
    });
    const id = sighting!.detection.id;

    flock.agree({ kind: "verdict", id, verdict: "lookAgain" });
    flock.run(5);
    const lookers = flock.craft.filter((one) => one.swarm.duty === "look");
    expect(lookers).toHaveLength(1);
    const looker = lookers[0]!;
    const circling = () => Math.hypot(looker.body.n - n, looker.body.e - e) < 30;
    flock.run(150, circling);
    expect(circling()).toBe(true);
    flock.run(20);
    expect(looker.body.z - 400).toBeLessThan(mission.sensor.aglM);
    flock.run(60);
    expect(looker.swarm.duty).toBe("search");

    flock.agree({ kind: "verdict", id, verdict: "confirmed" });
    expect(flock.events("found").length).toBeGreaterThan(0);
    expect(flock.ground.found?.id).toBe(id);
    flock.run(90);
    const eyes = flock.craft.filter((one) => one.swarm.duty === "eyes");
    expect(eyes).toHaveLength(1);
    expect(Math.hypot(eyes[0]!.body.n - n, eyes[0]!.body.e - e)).toBeLessThan(8);
    flock.run(120);
    for (const one of flock.craft) if (one !== eyes[0]) expect(one.inAir).toBe(false);

    eyes[0]!.battery = 0.25;
    flock.run(150);
    const relief = flock.craft.filter((one) => one.swarm.duty === "eyes");
    expect(relief).toHaveLength(1);
    expect(relief[0]).not.toBe(eyes[0]);
    expect(flock.separation).toBeGreaterThanOrEqual(1);
  });

  test("dismissed: the search goes on and the same place is not asked about again", () => {
    const flock = searching(2);
    const one = flock.craft[0]!;
    flock.sense(one, report(500, 500));
    flock.run(2);
    const id = flock.ground.sightings[0]!.detection.id;
    flock.agree({ kind: "verdict", id, verdict: "dismissed" });
    flock.sense(flock.craft[1]!, report(505, 500, 7));
    flock.run(5);
    expect(flock.ground.sightings).toHaveLength(1);
    expect(dutiesOf(flock)).toEqual(["search", "search"]);
  });

  test("reports that cannot be are refused; the ground proposes nothing", () => {
    const flock = searching(1, 10);
    flock.sense(flock.craft[0]!, report(Number.NaN, 0));
    flock.sense(flock.craft[0]!, report(0, 0, 1, 2));
    expect(flock.events("refused").map((one) => one.event)).toEqual([
      { kind: "refused", code: "SWM008" },
      { kind: "refused", code: "SWM008" },
    ]);
    const outs: SwarmOut[] = [];
    const input = { kind: "sensor", report: report(0, 0), networkTimeMs: 0 } as const;
    flock.ground.step(monotonicMs(1), input, (out) => outs.push(out));
    expect(outs).toEqual([]);
    flock.agree({ kind: "verdict", id: 4242, verdict: "confirmed" });
    expect(flock.ground.found).toBeUndefined();
  });
});

describe("losses", () => {
  test("a dead vehicle's segment is taken over once its lease is orphaned", () => {
    const flock = searching(3);
    const lost = flock.craft[0]!;
    const segment = lost.swarm.intent.segments[0]!;
    Object.assign(lost, { dead: true, inAir: false });
    flock.run(20);
    for (const one of flock.craft.slice(1)) {
      flock.give(one, {
        kind: "fault",
        directive: { kind: "peerLost", index: nodeIndex(1), dead: true },
      });
      flock.give(one, { kind: "fault", directive: { kind: "leaseOrphaned", segment } });
    }
    flock.owners.delete(segment);
    flock.run(900);
    const taken = flock
      .events("segmentClaimed")
      .some(
        ({ event }) =>
          event.kind === "segmentClaimed" && event.segment === segment && event.owner !== 1,
      );
    expect(taken).toBe(true);
  });

  test("without a quorum the search goes on by tentative leases, and reconciles", () => {
    const flock = new Flock({ world, count: 3 });
    flock.quorum = false;
    flock.start();
    flock.run(600);
    expect(dutiesOf(flock)).toEqual(["search", "search", "search"]);
    expect(flock.owners.size).toBe(0);
    expect(flock.ground.success.low).toBeGreaterThan(0.01);
    const held = flock.craft.map((one) => one.swarm.intent.segments[0]);
    expect(new Set(held).size).toBe(3);
    flock.quorum = true;
    flock.run(300);
    expect(flock.owners.size).toBeGreaterThan(0);
  });

  test("a vehicle out of reach searches on; when it is back, all know what it swept", () => {
    const flock = searching(3);
    flock.craft[2]!.silent = true;
    flock.run(240);
    flock.craft[2]!.silent = false;
    flock.run(120);
    expect(flock.craft[2]!.swarm.progressDigest).toBe(flock.craft[0]!.swarm.progressDigest);
  });

  test("two tentative searchers of one segment: the lower index keeps it", () => {
    const flock = new Flock({ world, count: 2 });
    flock.quorum = false;
    flock.start();
    flock.run(100);
    const [one, two] = flock.craft;
    const mine = two!.swarm.intent.segments[0]!;
    const intent = { ...one!.swarm.intent, segments: [mine] };
    const bytes = encodeSwarmMessage({ kind: "intent", intent });
    flock.give(two!, { kind: "message", from: nodeIndex(1), bytes });
    flock.run(0.3);
    expect(two!.swarm.intent.segments[0]).not.toBe(mine);
  });

  test("directives of fault: hold and go on, return, land", () => {
    const flock = searching(3);
    const [one, two, three] = flock.craft;
    flock.give(one!, { kind: "fault", directive: { kind: "holdNow", reason: "position" } });
    flock.give(two!, { kind: "fault", directive: { kind: "returnNow", reason: "cluster" } });
    flock.give(three!, { kind: "fault", directive: { kind: "landNow", reason: "battery" } });
    flock.give(one!, { kind: "fault", directive: { kind: "ground", reachable: false } });
    flock.give(one!, { kind: "fault", directive: { kind: "quorum", reachable: false } });
    flock.run(3);
    expect(dutiesOf(flock)).toEqual(["hold", "return", "land"]);
    flock.give(one!, { kind: "fault", directive: { kind: "goOn" } });
    flock.run(3);
    expect(one!.swarm.duty).toBe("search");
    flock.run(200, () => !three!.inAir);
    expect(three!.inAir).toBe(false);
  });

  test("a late vehicle joins the search when the crew releases it", () => {
    const flock = new Flock({ world, count: 3 });
    flock.craft[2]!.released = false;
    flock.start();
    flock.run(300);
    expect(flock.craft[2]!.inAir).toBe(false);
    flock.craft[2]!.released = true;
    flock.run(60);
    expect(dutiesOf(flock)).toEqual(["search", "search", "search"]);
    expect(flock.separation).toBeGreaterThanOrEqual(1);
  });
});

describe("the ground below", () => {
  const hills = {
    heightAmslM: (n: number, e: number) => 500 + 90 * Math.sin(n / 400) + 60 * Math.sin(e / 350),
  };
  const truth = (n: number, e: number) => hills.heightAmslM(n, e) + 8 * Math.sin(n / 170 + e / 210);
  const zone: Zone = {
    name: "landing site",
    polygon: { outer: circleRing({ northM: 400, eastM: 300 }, 200), holes: [] },
    floor: undefined,
    ceiling: undefined,
  };

  test("hills that the map has wrong, and a zone: clear of both for a whole battery", () => {
    const hilly = testGround(testMission({ zones: [zone] }), { ground: hills });
    const flock = new Flock({ world: hilly, count: 6, truthHeightM: truth });
    flock.start();
    let nearest = Infinity;
    flock.run(1800, () => {
      for (const one of flock.craft) {
        if (one.inAir) nearest = Math.min(nearest, Math.hypot(one.body.n - 400, one.body.e - 300));
      }
      return false;
    });
    expect(flock.clearanceM).toBeGreaterThanOrEqual(mission.limits.clearanceM);
    expect(flock.separation).toBeGreaterThanOrEqual(1);
    expect(nearest).toBeGreaterThan(199);
    expect(flock.ground.success.low).toBeGreaterThan(0.03);
  });
});

describe("a behaviour of one's own", () => {
  const flying = (step: Parameters<typeof defineBehaviour>[0]["step"]) => {
    const behaviour = defineBehaviour({ name: "mine", step });
    return new Flock({ world, count: 2, behaviour: { behaviour } });
  };

  test("that throws is parked: it holds, the operator is told, it still comes home", () => {
    const flock = flying((view) => {
      if (view.nowMs > 100_000) throw new Error("oh");
    });
    flock.start();
    flock.run(120);
    expect(dutiesOf(flock)).toEqual(["hold", "hold"]);
    const told = flock.events("behaviour").map((one) => one.event);
    expect(told).toContainEqual({ kind: "behaviour", name: "mine", state: "parked: SWM003" });
    for (const one of flock.craft) one.battery = 0.22;
    flock.run(120);
    expect(flock.craft.every((one) => !one.inAir)).toBe(true);
  });

  test("that wants the impossible is clipped at fence, ground and ceiling", () => {
    const flock = flying((view, _memory, out) => {
      const up = view.self.slot === 0;
      out.setpoint({ northM: 1e5, eastM: 1e5, aglM: up ? 5000 : -50, speedMps: 500 });
    });
    flock.start();
    flock.run(600);
    const clips = new Set(
      flock.events("clipped").flatMap(({ event }) => (event.kind === "clipped" ? [event.by] : [])),
    );
    expect([...clips]).toEqual(expect.arrayContaining(["fence", "terrain", "ceiling", "speed"]));
    for (const one of flock.craft) expect(Math.max(one.body.n, one.body.e)).toBeLessThan(2800);
    expect(flock.clearanceM).toBeGreaterThanOrEqual(mission.limits.clearanceM);
  });

  test("lands on its own pad when it asks to, and nowhere else", () => {
    const flock = flying((view, _memory, out) => {
      const { home, self } = view;
      const away = self.slot === 0 ? 200 : 0;
      out.setpoint({ northM: home.northM + away, eastM: home.eastM, aglM: 80 });
      if (Math.abs(self.position.northM - home.northM - away) < 20) out.touchDown();
    });
    flock.start();
    flock.run(100);
    const [far, near] = flock.craft;
    expect(near!.inAir && near!.swaps === 0).toBe(false);
    expect(far!.inAir && far!.swaps === 0).toBe(true);
    expect(far!.body.n - far!.pad.n).toBeGreaterThan(150);
  });

  test("of more shared words than are kept the oldest go, whoever said them", () => {
    const outs: BehaviourView[] = [];
    const behaviour = defineBehaviour({ name: "listens", step: (view) => void outs.push(view) });
    const flock = new Flock({ world, count: 1, behaviour: { behaviour } });
    const one = flock.craft[0]!;
    for (let i = 0; i < 70; i += 1) {
      const bytes = encodeSwarmMessage({ kind: "share", key: "k", value: [i] });
      const now = monotonicMs(1000 + i);
      // The lowest index speaks last.
      const from = nodeIndex(200 - i);
      one.swarm.step(now, { kind: "message", from, bytes }, () => undefined);
    }
    flock.start();
    flock.run(60, () => outs.length > 0);
    const heard = outs[0]!.shared("k").map(({ index }) => index);
    expect(heard).toHaveLength(64);
    expect(heard[0]).toBe(131);
    expect(heard.at(-1)).toBe(194);
  });

  test("claims, shares, agrees, detects and logs through its vehicle", () => {
    const flock = flying((view, _memory, out) => {
      out.setpoint({ northM: 0, eastM: 0 });
      out.claim(segmentId(view.self.slot));
      out.claim(segmentId(65_000));
      out.release(segmentId(1 - view.self.slot));
      out.share("height", [view.self.altitudeAglM]);
      out.propose("flag", [view.self.slot]);
      out.log(
        `others ${String(view.shared("height").length)} flag ${String(view.agreed("flag")?.[0])}`,
      );
      if (view.self.slot === 1) {
        out.detection({ northM: 5, eastM: 5, errorM: 5, confidence: 0.9, imageRef: "x" });
      }
    });
    flock.start();
    flock.run(60);
    expect(flock.owners.get(segmentId(0))).toBe(1);
    expect(flock.ground.sightings.length).toBeGreaterThan(0);
    const said = flock
      .events("behaviour")
      .map((one) => (one.event.kind === "behaviour" ? one.event.state : ""));
    expect(said.some((line) => /^others 1 flag [01]$/.test(line))).toBe(true);
  });
});

describe("the machine", () => {
  test("saved and loaded in mid-flight it goes on bit by bit as before", () => {
    const flock = searching(3, 400);
    flock.sense(flock.craft[0]!, report(700, 700));
    flock.run(20);
    const one = flock.craft[0]!;
    const to = new ByteWriter();
    one.swarm.save(to);
    const twin = new Flock({ world, count: 3 }).craft[0]!.swarm;
    twin.load(new ByteReader(to.take()));
    const again = new ByteWriter();
    twin.save(again);
    expect(again.take()).toEqual(to.take());
    for (let tick = 1; tick <= 300; tick += 1) {
      const now = monotonicMs(flock.nowS * 1000 + tick * 100);
      const sample = flock.sample(one);
      const moved = {
        ...sample,
        position: { ...sample.position, northM: sample.position.northM + tick },
      };
      const outs: [SwarmOut[], SwarmOut[]] = [[], []];
      one.swarm.step(now, { kind: "vehicle", sample: moved }, (out) => outs[0].push(out));
      twin.step(now, { kind: "vehicle", sample: moved }, (out) => outs[1].push(out));
      expect(outs[1]).toEqual(outs[0]);
    }
  });

  test("a snapshot starts agreed things from nothing", () => {
    const flock = searching(2);
    flock.agree({ kind: "value", key: "k", value: [1], by: nodeIndex(1) });
    flock.agree({
      kind: "clue",
      id: 1,
      northM: 1000,
      eastM: 1000,
      errorM: 50,
      likelihoodRatio: 30,
    });
    flock.sense(flock.craft[0]!, report(800, 100));
    flock.run(3);
    const before = flock.ground.posterior;
    flock.agree({ kind: "padClaimed", pad: 1, owner: nodeIndex(1) });
    flock.agree({ kind: "padFreed", pad: 1 });
    flock.agree({ kind: "reset" });
    expect(flock.ground.sightings).toEqual([]);
    expect(flock.ground.posterior).not.toEqual(before);
    flock.run(30);
    expect(dutiesOf(flock)).toEqual(["search", "search"]);
  });

  test("messages that are malformed or of another mission are refused, not thrown at", () => {
    const flock = searching(1, 10);
    const one = flock.craft[0]!;
    const far = segmentId(60_000);
    const intent = { ...one.swarm.intent, segments: [far] };
    const from = nodeIndex(9);
    for (const bytes of [
      new Uint8Array([1, 2, 3]),
      encodeSwarmMessage({ kind: "intent", intent }),
      encodeSwarmMessage({ kind: "progress", rows: [{ segment: far, pass: 0, lanes: 1 }] }),
    ]) {
      flock.give(one, { kind: "message", from, bytes });
    }
    const codes = flock
      .events("refused")
      .map(({ event }) => (event.kind === "refused" ? event.code : ""));
    expect(codes).toEqual(["SWM007", "SWM008", "SWM008"]);
    flock.agree({ kind: "claimed", segment: far, owner: nodeIndex(1) });
    flock.agree({ kind: "freed", segment: far, orphaned: false });
    expect(
      flock
        .events("segmentClaimed")
        .some((told) => told.event.kind === "segmentClaimed" && told.event.segment === far),
    ).toBe(false);
  });
});

describe("what a vehicle cannot do", () => {
  test("without a position it asks its autopilot to hold", () => {
    const flock = searching(1);
    const one = flock.craft[0]!;
    const outs: SwarmOut[] = [];
    const sample = { ...flock.sample(one), positionValid: false };
    const now = monotonicMs(flock.nowS * 1000 + 5000);
    one.swarm.step(now, { kind: "vehicle", sample }, (out) => outs.push(out));
    expect(one.swarm.duty).toBe("hold");
    expect(outs).toContainEqual({ kind: "command", command: { kind: "hold" } });
  });

  test("an autopilot that returns by its own failsafe is left to it", () => {
    const flock = searching(1);
    const one = flock.craft[0]!;
    for (const mode of ["rtl", "land", "takeoff"] as const) {
      const outs: SwarmOut[] = [];
      const sample = { ...flock.sample(one), mode, altitudeAglM: 5 };
      const now = monotonicMs(flock.nowS * 1000 + 100);
      one.swarm.step(now, { kind: "vehicle", sample }, (out) => outs.push(out));
      expect(outs.some((out) => out.kind === "command")).toBe(false);
    }
  });

  test("lanes flown too high do not count and are left alone for a while", () => {
    const flock = new Flock({ world, count: 1, truthHeightM: () => 330 });
    flock.start();
    flock.run(420);
    expect(flock.ground.success.high).toBe(0);
    expect(flock.craft[0]!.swarm.duty).toBe("search");
    const claimed = flock.events("segmentClaimed").map(({ event }) => JSON.stringify(event));
    expect(new Set(claimed).size).toBeGreaterThan(1);
  });

  test("without a rangefinder it flies by the map", () => {
    const flock = searching(1);
    const one = flock.craft[0]!;
    const outs: SwarmOut[] = [];
    const sample = { ...flock.sample(one), altitudeAglM: undefined };
    const now = monotonicMs(flock.nowS * 1000 + 100);
    one.swarm.step(now, { kind: "vehicle", sample }, (out) => outs.push(out));
    expect(outs.some((out) => out.kind === "command" && out.command.kind === "setpoint")).toBe(
      true,
    );
  });

  test("a search without vehicles in the air still keeps its map on the ground", () => {
    const prepared = prepareSearch(world, skeinPlanner());
    const grid = gridOver(mission);
    const mass = new Float64Array(grid.rows * grid.cols).fill(1);
    const loaded = prepareSearch(world, skeinPlanner(), { mass, outside: 0.1 });
    expect(prepared.plan.segments.length).toBe(loaded.plan.segments.length);
    expect(loaded.prior.outside).toBeCloseTo(0.1, 9);
    expect(prepared.prior.outside).toBeGreaterThan(0.2);
  });
});
