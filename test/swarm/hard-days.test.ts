/**
 * Hard days of a small team, each as a story under all checkers: what is lost, what must go on, and
 * what must never happen by itself.
 */
import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../src/base/mod.ts";
import { NO_RATES, type FaultAction, type FaultPlan, type VehicleView } from "../../sim/mod.ts";
import { fly, type Flown, type SeenEvent } from "./flown.ts";

const plan = (...script: readonly (readonly [atS: number, action: FaultAction])[]): FaultPlan => ({
  script: script.map(([atS, action]) => ({ atS, action })),
  rates: NO_RATES,
});

const day = (faults: FaultPlan, more: Partial<Parameters<typeof fly>[1]> = {}): Promise<Flown> =>
  fly("tiny.json5", { seed: 3, vehicleCount: 4, durationS: 120, faults, ...more });

const first = (
  events: readonly SeenEvent[],
  wanted: (event: SeenEvent) => boolean,
): number | undefined => events.find(wanted)?.timeS;

describe("a vehicle falls out of the sky", () => {
  test("is called dead within ten seconds, its segments are searched by others", async () => {
    const { report, events } = await day(plan([60, { kind: "kill", slot: 2 }]));
    const deadAtS = first(events, ({ detail }) => detail.kind === "dead" && detail.peer === 2);
    expect(deadAtS).toBeGreaterThan(60);
    expect(deadAtS).toBeLessThan(70);
    expect(report.vehicles.lost).toBe(1);
    expect(report.invariants.violated).toEqual([]);
    const later = events.filter(
      ({ timeS, detail }) => timeS > 75 && detail.kind === "segmentClaimed" && detail.owner !== 2,
    );
    expect(later.length).toBeGreaterThan(0);
  });
});

describe("the head is lost", () => {
  test("another is elected and the log goes on", async () => {
    const calm = await day(plan(), { durationS: 40 });
    const leader = calm.simulation.world.node(0)?.layers.consensus.leader ?? 0;
    const { simulation, events, report } = await day(plan([45, { kind: "kill", slot: leader }]), {
      durationS: 90,
    });
    const electedAtS = first(
      events,
      ({ timeS, detail }) =>
        timeS > 45 && detail.kind === "leaderElected" && detail.leader !== leader,
    );
    expect(electedAtS).toBeLessThan(50);
    const committed = simulation.world.node(0)?.layers.consensus.commitIndex ?? 0;
    const before = calm.simulation.world.node(0)?.layers.consensus.commitIndex ?? 0;
    expect(committed).toBeGreaterThan(before);
    expect(report.invariants.violated).toEqual([]);
  });
});

describe("a vehicle reboots in the air", () => {
  test("goes on under the Go that stands; once down, only a new grant arms it", async () => {
    const reboot = plan([60, { kind: "reboot", slot: 3, downS: 3 }]);
    const { simulation, events, report } = await day(reboot);
    const { world } = simulation;
    const own = events.filter(({ slot, timeS }) => slot === 3 && timeS > 60);
    const duties = own.flatMap(({ detail }) => (detail.kind === "duty" ? [detail.reason] : []));
    expect(duties.slice(0, 2)).toEqual(["not started", "started"]);
    expect(own.filter(({ detail }) => detail.kind === "order" && detail.vehicle === 3)).toEqual([]);
    // Nobody gives orders from here on: the scripted operator is gone.
    const third = (): VehicleView => world.view().vehicles.find(({ slot }) => slot === 3)!;
    world.applyFault({ kind: "lowBattery", slot: 3, ratio: 0.32 });
    world.runUntil(world.timeMs + 240_000);
    expect(third()).toMatchObject({ state: "onPad", armed: false, released: true, swaps: 1 });
    expect(world.node(3)?.layers.swarm.dutyReason).toBe("not granted in this boot");
    const bindings = [
      { vehicle: nodeIndex(3), bootNonce: world.node(0)!.bootNonces.get(nodeIndex(3))! },
    ];
    world.operator({
      command: { kind: "arm", bindings, takeoffAltitudeAglM: 40 },
      targets: [nodeIndex(3)],
      validForMs: 30_000,
      supersedes: undefined,
    });
    world.runUntil(world.timeMs + 30_000);
    expect(third()).toMatchObject({ state: "flying", armed: true });
    expect(report.invariants.violated).toEqual([]);
  });
});

describe("a vehicle reboots on its pad with a committed start", () => {
  test("is not armed by anything older than this boot", async () => {
    const { simulation, events } = await fly("tiny.json5", {
      seed: 3,
      vehicleCount: 4,
      durationS: 60,
      lateS: { 4: 100 },
    });
    const { world } = simulation;
    expect(events.some(({ detail }) => detail.kind === "segmentClaimed")).toBe(true);
    // Nobody gives orders from here on: the scripted operator is gone, the log says "started".
    world.runUntil(160_000);
    const late = world.view().vehicles.find(({ slot }) => slot === 4);
    expect(late).toMatchObject({ node: "running", armed: false, state: "onPad" });
    expect(world.node(4)?.layers.consensus.state.mission.phase).toBe("started");
  });
});

describe("a vehicle comes late", () => {
  test("is taken in, given a key epoch it can read, and joins the search", async () => {
    const { simulation, events } = await day(plan(), { lateS: { 4: 50 }, durationS: 150 });
    const { consensus, security } = simulation.world.node(0)!.layers;
    expect(consensus.members).toContain(4);
    expect(security.epoch).toBeGreaterThan(1);
    const searching = events.some(
      ({ slot, detail }) => slot === 4 && detail.kind === "duty" && detail.duty === "search",
    );
    expect(searching).toBe(true);
  });
});

describe("the swarm is cut in two for a minute", () => {
  test("both sides search on, and agree on one state when it heals", async () => {
    const groups = [
      [0, 1],
      [2, 3, 4],
    ];
    const { simulation, events, report } = await day(
      plan([50, { kind: "partition", groups, lastsS: 60 }]),
      { durationS: 180 },
    );
    // Done or begun in the cut: what somebody does after it has healed shows nothing.
    const during = (slots: readonly number[]): boolean =>
      slots.some((slot) => {
        const own = events.filter((event) => event.slot === slot && event.timeS < 110);
        const duty = own.map(({ detail }) => detail).findLast(({ kind }) => kind === "duty");
        const searching = duty?.kind === "duty" && duty.duty === "search";
        const searched = own.some(
          ({ timeS, detail }) => timeS > 60 && detail.kind === "segmentSearched",
        );
        return searching || searched;
      });
    expect(during([1])).toBe(true);
    expect(during([2, 3, 4])).toBe(true);
    const logs = [0, 1, 2, 3, 4].map((slot) => simulation.world.node(slot)!.layers.consensus);
    expect(new Set(logs.map(({ leader, term }) => `${String(leader)} ${String(term)}`)).size).toBe(
      1,
    );
    const indexes = logs.map(({ commitIndex }) => commitIndex);
    expect(Math.max(...indexes) - Math.min(...indexes)).toBeLessThan(5);
    expect(report.invariants.violated).toEqual([]);
  });
});

describe("a hostile radio", () => {
  test("garbage, replays, flipped bits: all refused and counted, the search goes on", async () => {
    const hostile = (mode: "garbage" | "replay" | "bitflip"): FaultAction => ({
      kind: "hostile",
      northM: -300,
      eastM: 0,
      mode,
      rateHz: 20,
      lastsS: 20,
    });
    const { report } = await day(
      plan([20, hostile("garbage")], [45, hostile("replay")], [70, hostile("bitflip")]),
    );
    const refused = Object.entries(report.security.refused.byReason).filter(([reason]) =>
      reason.startsWith("SEC"),
    );
    expect(refused.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(500);
    expect(report.invariants.violated).toEqual([]);
    expect(report.vehicles.lost).toBe(0);
  });
});

describe("satellites are lost over the area", () => {
  test("the vehicle says so, holds, and lands rather than drift", async () => {
    const { events, report } = await day(plan([40, { kind: "gnssLoss", slot: 1, lastsS: 120 }]), {
      durationS: 170,
    });
    const own = events.filter(({ slot, timeS }) => slot === 1 && timeS > 40);
    expect(own.some(({ detail }) => detail.kind === "lost" && detail.what === "position")).toBe(
      true,
    );
    const duties = own.flatMap(({ detail }) => (detail.kind === "duty" ? [detail.duty] : []));
    expect(duties.slice(0, 2)).toEqual(["hold", "land"]);
    expect(report.vehicles.lost).toBe(0);
  });
});
