import { afterAll, describe, expect, test } from "vitest";
import type { GroundAnswer } from "../report/view.ts";
import type { WhatIfRequest } from "../report/what-if.ts";
import { openWorld, type WorldSession } from "./world-session.ts";

const TINY = {
  missionFile: "missions/tiny.json5",
  seed: 1,
  speed: 10,
  vehicleCount: undefined,
  faultFile: undefined,
};

const sessions: WorldSession[] = [];

async function open(): Promise<WorldSession> {
  const opened = await openWorld(TINY);
  if (!opened.ok) throw new Error("the tiny mission opens");
  sessions.push(opened.session);
  return opened.session;
}

afterAll(async () => {
  for (const session of sessions) await session.close();
});

test("a world in its own thread moves, answers and tells of it", async () => {
  const session = await open();
  expect(session.hello.segments.length).toBeGreaterThan(5);
  await new Promise<void>((done) => {
    session.onChange(() => {
      if (session.view().missionTimeS > 2 && session.frame() !== undefined) done();
    });
  });
  const answer = await session.ask({ kind: "simulation", id: 5, control: { kind: "pause" } });
  expect(answer).toMatchObject({ id: 5, ok: true });
  const go = { kind: "start", targets: "all" } as const;
  expect(await session.ask({ kind: "order", id: 6, order: go })).toMatchObject({ id: 6, ok: true });
  await expect.poll(() => session.view().orders.map(({ kind }) => kind)).toEqual(["start"]);
  expect(session.view().simulation?.paused).toBe(true);
});

test("a thread that ends stops the session and answers what waits", async () => {
  const session = await open();
  const stopped = new Promise<void>((done) => {
    session.onChange((what) => {
      if (what === "stopped") done();
    });
  });
  const closing = session.ask({ kind: "export", id: 9, export: { kind: "log" } });
  await session.end();
  await stopped;
  expect((await closing).id).toBe(9);
  const after = await session.ask({ kind: "export", id: 10, export: { kind: "log" } });
  expect(after).toMatchObject({ id: 10, ok: false, code: "GND009" });
});

test("an unusable mission is refused with every problem, and nothing starts", async () => {
  const refused = await openWorld({ ...TINY, missionFile: "missions/none.json5" });
  expect(refused.ok ? "" : refused.file).toBe("missions/none.json5");
  expect(refused.ok ? 0 : refused.problems.length).toBeGreaterThan(0);
});

describe("a what-if of a world in its own thread", () => {
  const until = (session: WorldSession, holds: () => boolean): Promise<void> =>
    new Promise((done) => {
      const off = session.onChange(() => {
        if (!holds()) return;
        off();
        done();
      });
    });
  const ask = (session: WorldSession, whatIf: WhatIfRequest): Promise<GroundAnswer> =>
    session.ask({ kind: "whatIf", id: 30, whatIf });

  test("runs ahead of it, is committed as an order of the operator, and is dropped", async () => {
    const session = await open();
    // Slow enough that a busy machine sees them all armed before the first is back on its pad.
    await session.ask({ kind: "simulation", id: 1, control: { kind: "speed", speed: 10 } });
    await until(session, () => session.view().cluster.quorum);
    await session.ask({ kind: "order", id: 2, order: { kind: "start", targets: "all" } });
    await until(session, () => session.view().vehicles.every(({ armed }) => armed));
    await session.ask({ kind: "simulation", id: 3, control: { kind: "speed", speed: 1 } });
    const changes = [{ kind: "order", order: { kind: "return", targets: [1] } }] as const;
    const asked = await ask(session, { kind: "fork", horizonS: 60, changes });
    expect(asked).toMatchObject({ id: 30, ok: true });
    const id = session.whatIf()?.id ?? 0;
    const over = (state?: string): boolean => state === "done" || state === "failed";
    await until(session, () => over(session.whatIf()?.changed.state));
    await until(session, () => over(session.whatIf()?.baseline.state));
    const { baseline, changed, forkedAtS, pauseMs } = session.whatIf()!;
    expect([baseline.trouble, changed.trouble]).toEqual(["", ""]);
    expect(changed.atS).toBeCloseTo(forkedAtS + 60, 3);
    expect(pauseMs).toBeGreaterThan(0);
    const committed = await ask(session, { kind: "commit", whatIf: id });
    expect(committed.text).toMatch(/^committed: order \d+-\d+$/u);
    await until(session, () => session.view().orders[0]?.kind === "return");
    expect(session.view().orders[0]?.targets).toEqual([1]);
    expect((await ask(session, { kind: "drop", whatIf: id })).ok).toBe(true);
    expect(session.whatIf()).toBeNull();
  });

  test("goes down with it, and its threads with it", async () => {
    const session = await open();
    const changes = [{ kind: "killSome", count: 1 }] as const;
    await ask(session, { kind: "fork", horizonS: 7200, changes });
    await session.end();
    expect((await ask(session, { kind: "fork", horizonS: 60, changes })).code).toBe("GND009");
  });
});
