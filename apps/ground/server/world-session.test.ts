import { afterAll, expect, test } from "vitest";
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
