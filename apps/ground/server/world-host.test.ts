/** The page's session over real nodes, on the smallest mission, without thread or browser. */
import { beforeAll, describe, expect, test } from "vitest";
import { loadSearch } from "../../mission/load-search.ts";
import { openSimulation } from "../../simulation/open-simulation.ts";
import type { GroundAnswer } from "../report/view.ts";
import { WorldHost } from "./world-host.ts";
import type { WorldRequest } from "./world-messages.ts";

function open(): WorldHost {
  const loaded = loadSearch("missions/tiny.json5");
  if (!loaded.ok) throw new Error("the tiny mission is good");
  return new WorldHost(openSimulation({ loaded: loaded.value, seed: 1 }), 0, { speed: 1 });
}

function ask(host: WorldHost, request: Omit<WorldRequest, "id">): GroundAnswer {
  return host.ask({ ...request, id: 1 } as WorldRequest, 0);
}

const GO = { kind: "order", order: { kind: "start", targets: "all" } } as const;

describe("two simulated vehicles behind the page", () => {
  let host: WorldHost;

  beforeAll(() => {
    host = open();
    host.runTo(4000);
  });

  test("wait until the operator says go", () => {
    const view = host.view(0);
    expect(view.phase).toBe("planned");
    expect(view.vehicles.map(({ status }) => status)).toEqual(["waiting", "waiting"]);
    expect(view.cluster.quorum).toBe(true);
    expect(view.security.sessions.length).toBeGreaterThan(0);
    expect(JSON.stringify(view)).not.toContain("null,null");
  });

  test("stand as one cluster; links between them are told of those looked at", () => {
    const before = host.view(0);
    expect(before.meshLinks).toEqual([]);
    const { leader, term } = before.cluster;
    expect(before.clusters).toEqual([
      { id: 0, head: leader, term, members: [1, 2], reachable: 2, quorum: true },
    ]);
    host.watch([2, 999]);
    const [link, ...others] = host.view(0).meshLinks ?? [];
    expect(others).toEqual([]);
    expect(link).toMatchObject({ a: 1, b: 2 });
    expect(link?.quality).toBeGreaterThan(0.5);
    host.watch([]);
  });

  test("an arming order that the station signs meanwhile answers for nobody's key", () => {
    const other = open();
    other.runTo(4000);
    ask(other, GO);
    // Just before a full second, at which the station arms: the arming is signed with the hold.
    other.runTo(4999);
    const hold = { kind: "order", order: { kind: "hold", targets: "all" } };
    const answer = ask(other, hold as never);
    const held = other.view(0).orders.find(({ kind }) => kind === "hold");
    expect(answer.ok).toBe(true);
    expect(held?.id.endsWith(answer.text.replace("order ", "-"))).toBe(true);
  });

  test("are told go, take it, take off and search, battery and time left shown", () => {
    expect(ask(host, GO)).toMatchObject({ ok: true });
    host.runTo(60_000);
    const view = host.view(2000);
    expect(view.phase).toBe("searching");
    expect(view.orders[0]?.kind).toBe("start");
    expect(view.orders[0]?.states.map(({ state }) => state)).toEqual(["done", "done"]);
    expect(view.vehicles.every(({ armed }) => armed)).toBe(true);
    expect(view.vehicles.every(({ minutesLeft }) => (minutesLeft ?? 0) > 1)).toBe(true);
    expect(view.segments.some(({ state }) => state === "searching" || state === "leased")).toBe(
      true,
    );
    expect(host.takePlaces().length).toBeGreaterThan(40);
    expect(host.takeEvents().map(({ text }) => text)).toContain("order: go to all");
  });

  test("hold when told so, at once and without being asked to agree", () => {
    expect(ask(host, { kind: "order", order: { kind: "hold", targets: [1] } } as never).ok).toBe(
      true,
    );
    host.runTo(62_000);
    const [row] = host.view(4000).orders;
    expect(row?.states.map(({ vehicle }) => vehicle)).toEqual([1]);
    expect(["acting", "done"]).toContain(row?.states[0]?.state);
  });

  test("clear the air: counted, and latched until it is lifted", () => {
    const clear = { kind: "clearAir", ceilingAglM: 0, withinS: 60 } as const;
    ask(host, { kind: "order", order: clear } as never);
    host.runTo(63_000);
    expect(host.view(6000).clearAir).toMatchObject({ active: true, clear: 0, total: 2 });
    host.runTo(110_000);
    expect(host.view(8000).clearAir).toMatchObject({ active: true, clear: 2, worst: null });
    ask(host, { kind: "order", order: { kind: "liftClearAir" } } as never);
    expect(host.view(10_000).clearAir.active).toBe(false);
  });

  test("say on the ground what each waits for, instead of acting on Go", () => {
    const before = host.view(10_500);
    expect(before.vehicles.map(({ needs }) => needs)).toEqual([
      expect.stringMatching(/^landed \d+ m from the base: release it \(Y\).*then Go \(G\)$/u),
      expect.stringMatching(/^landed \d+ m from the base: release it \(Y\).*then Go \(G\)$/u),
    ]);
    ask(host, GO);
    host.runTo(130_000);
    const [row] = host.view(11_000).orders;
    expect(row).toMatchObject({ kind: "start", agreement: "none" });
    expect(row?.states.map(({ state }) => state)).toEqual(["blocked", "blocked"]);
    expect(row?.states[0]?.reason).toMatch(/release it \(Y\)/u);
  });

  test("name what an order concerns, and tell aloud what was agreed on", () => {
    host.takeEvents();
    const evict = { kind: "evict", vehicle: 2 } as const;
    expect(ask(host, { kind: "order", order: evict } as never).ok).toBe(true);
    const [row] = host.view(11_500).orders;
    expect(row).toMatchObject({ kind: "evict", about: "vehicle 2", agreement: "open" });
    host.runTo(140_000);
    expect(host.view(11_900).orders[0]).toMatchObject({ agreement: "agreed" });
    const told = host.takeEvents().map(({ text }) => text);
    expect(told).toContain("order: evict vehicle 2");
    expect(told).toContain("agreed: evict vehicle 2");
  });

  test("faults are made, shown in words and restored", () => {
    const cut = { kind: "fault", fault: { kind: "cut", a: 0, b: 1 } } as const;
    expect(ask(host, { kind: "simulation", control: cut } as never)).toMatchObject({ ok: true });
    const [fault] = host.view(12_000).simulation?.faults ?? [];
    expect(fault?.text).toBe("no frame between the ground and vehicle 1");
    const restore = { kind: "restore", fault: fault?.id ?? 0 };
    expect(ask(host, { kind: "simulation", control: restore } as never).ok).toBe(true);
    expect(host.view(14_000).simulation?.faults).toEqual([]);
    expect(ask(host, { kind: "simulation", control: restore } as never).code).toBe("GND005");
  });

  test("a killed vehicle stands among the faults until it is restored to its pad", () => {
    const kill = { kind: "fault", fault: { kind: "kill", vehicle: 1 } } as const;
    ask(host, { kind: "simulation", control: kill } as never);
    host.runTo(150_000);
    const [fault] = host.view(14_200).simulation?.faults ?? [];
    expect(fault?.text).toMatch(/^vehicle 1 is down/u);
    const restore = { kind: "restore", fault: fault?.id ?? 0 };
    expect(ask(host, { kind: "simulation", control: restore } as never).ok).toBe(true);
    expect(host.view(14_400).simulation?.faults).toEqual([]);
    host.runTo(190_000);
    const back = host.view(14_600).vehicles.find(({ index }) => index === 1);
    expect(back?.status).not.toBe("lost");
    expect(back?.positionAgeS).toBeLessThan(5);
  });

  test("what does not exist is refused with its code", () => {
    const code = (request: unknown): string => ask(host, request as never).code;
    expect(code({ kind: "order", order: { kind: "hold", targets: [9] } })).toBe("GND003");
    expect(code({ kind: "order", order: { kind: "confirm", detection: 5 } })).toBe("GND004");
    expect(code({ kind: "order", order: { kind: "handOver", detection: 5 } })).toBe("GND004");
    const kill = { kind: "fault", fault: { kind: "kill", vehicle: 0 } };
    expect(code({ kind: "simulation", control: kill })).toBe("GND003");
  });

  test("the log names segments and orders, one line each", () => {
    const answer = ask(host, { kind: "export", export: { kind: "log" } } as never);
    expect(answer.file?.name).toBe("search-log.csv");
    expect(answer.file?.text).toMatch(/^mission,Tiny\r\n/u);
    expect(answer.file?.text).toContain(",clearAir,");
  });
});

describe("the pace of the world", () => {
  test("follows the wall clock times the speed, and lets go what it cannot reach", () => {
    const host = open();
    let wallMs = 0;
    host.advance(() => (wallMs += 1), 1000);
    wallMs = 500;
    host.advance(() => wallMs, 1000);
    expect(host.view(0).missionTimeS).toBeCloseTo(0.5, 1);
    ask(host, { kind: "simulation", control: { kind: "speed", speed: 300 } } as never);
    wallMs = 2000;
    // Each look at the clock costs 30 ms here: the budget ends the work, not the target.
    host.advance(() => (wallMs += 30), 90);
    expect(host.view(0).missionTimeS).toBeLessThan(2);
  });

  test("stands when paused, and steps by a second", () => {
    const host = open();
    let wallMs = 0;
    ask(host, { kind: "simulation", control: { kind: "pause" } } as never);
    wallMs = 5000;
    host.advance(() => wallMs, 1000);
    expect(host.view(0).missionTimeS).toBe(0);
    ask(host, { kind: "simulation", control: { kind: "step" } } as never);
    expect(host.view(0).missionTimeS).toBe(1);
    ask(host, { kind: "simulation", control: { kind: "resume" } } as never);
    expect(host.view(0).simulation?.paused).toBe(false);
  });
});

test("the plan is predicted point by point, its end first", () => {
  const host = open();
  host.predictMore();
  const [end] = host.view(0).pos.plan;
  expect(end?.[0]).toBe(600);
  while (host.predictMore());
  const { plan, predictedAtEnd } = host.view(0).pos;
  expect(plan[0]).toEqual([0, 0]);
  expect(plan.map(([, pos]) => pos)).toEqual(plan.map(([, pos]) => pos).toSorted((a, b) => a - b));
  expect(predictedAtEnd).toBe(end?.[1]);
});

test("a detection's card and its line in the timeline tell one time", () => {
  const host = open();
  ask(host, GO);
  // The page looks only now and then.
  for (let atMs = 10_000; atMs <= 500_000 && host.view(atMs).detections.length === 0;) {
    atMs += 10_000;
    host.runTo(atMs);
  }
  const [card] = host.view(1e6).detections;
  const line = host.takeEvents().find(({ text }) => text.startsWith("sees something"));
  expect(card?.atS).toBeGreaterThan(0);
  expect(line?.atS).toBe(card?.atS);
});
