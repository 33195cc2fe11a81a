/** A recording of a real flight as a session: what the page is told, and when. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { recordTiny } from "../../../test/support/recorded.ts";
import { openRecording } from "../../../adapters/recording/mod.ts";
import { openRecordedRun } from "../../replay/recorded-run.ts";
import type { PageRequest, ReplayControl } from "../report/view.ts";
import { openReplay, type ReplaySession } from "./replay-session.ts";
import type { SessionChange } from "./session.ts";

let folder = "";
let path = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "skein-replay-session-"));
  path = join(folder, "run.mcap");
  await recordTiny(path, { durationS: 40 });
});
afterAll(() => rmSync(folder, { recursive: true }));

function opened(): ReplaySession {
  const run = openRecordedRun(path);
  if (!run.ok) throw new Error(run.problem.text);
  const session = openReplay(run.value, path);
  if (!session.ok) throw new Error(session.problem.text);
  return session.session;
}

describe("a replay", () => {
  let session: ReplaySession;
  let told: SessionChange[];
  const control = (wish: ReplayControl, wallMs = 0) =>
    session.answer({ kind: "replay", id: 1, control: wish }, wallMs);

  beforeEach(() => {
    session = opened();
    told = [];
    session.onChange((what) => told.push(what));
  });

  test("begins at its first view and stands still", () => {
    expect(session.replay()).toEqual({
      kind: "replay",
      atS: 1,
      playing: false,
      speed: 1,
      loop: false,
    });
    session.tick(1000);
    session.tick(60_000);
    expect(session.view().missionTimeS).toBe(1);
    expect(new Set(told)).toEqual(new Set(["frame"]));
  });

  test("played at eight times it goes eight seconds a second, to the end and no further", () => {
    control({ kind: "speed", speed: 8 });
    control({ kind: "play" });
    session.tick(1000);
    expect(session.view().missionTimeS).toBe(9);
    expect(told).toContain("frame");
    session.tick(60_000);
    expect(session.replay()).toMatchObject({ atS: 40, playing: false });
    expect(session.view().missionTimeS).toBe(40);
  });

  test("sought back the page forgets what has not happened yet", () => {
    control({ kind: "seek", atS: 35 });
    const later = session.eventsAfter(0).length;
    const ways = session.tracks().tracks.length;
    expect([later > 0, ways]).toEqual([true, 2]);
    told = [];
    control({ kind: "seek", atS: 3 });
    expect(told[0]).toBe("rewound");
    expect(session.eventsAfter(0).length).toBeLessThan(later);
    expect(session.tracks().tracks).toEqual([]);
    expect(session.eventsAfter(0).every(({ atS }) => atS <= 3)).toBe(true);
  });

  test("between two views vehicles are on the line between them", () => {
    const northAt = (atS: number): number => {
      control({ kind: "seek", atS });
      const bytes = session.frame();
      return new DataView(bytes.buffer, bytes.byteOffset).getInt32(16 + 8, true) / 100;
    };
    const [before, middle, after] = [northAt(35), northAt(35.5), northAt(36)];
    expect(before).not.toBe(after);
    expect(middle).toBeCloseTo((before + after) / 2, 1);
  });

  test("orders and faults are refused: what happened cannot be changed", () => {
    const order: PageRequest = { kind: "order", id: 7, order: { kind: "start", targets: "all" } };
    expect(session.answer(order, 0)).toMatchObject({ id: 7, ok: false, code: "GND013" });
    const pause: PageRequest = { kind: "simulation", id: 8, control: { kind: "pause" } };
    expect(session.answer(pause, 0)).toMatchObject({ ok: false, code: "GND013" });
    const log = session.answer({ kind: "export", id: 9, export: { kind: "log" } }, 0);
    expect(log.file?.text).toContain("Tiny");
  });

  test("its marks are the order to go and what the swarm decided", () => {
    const marks = session.hello.replay?.marks ?? [];
    expect(marks.find(({ kind }) => kind === "order")?.text).toBe("start to 1, 2");
    expect(marks.find(({ kind }) => kind === "decision")?.text).toBe("the ground leads in term 1");
    expect(marks.map(({ atS }) => atS)).toEqual(
      marks.map(({ atS }) => atS).toSorted((a, b) => a - b),
    );
  });
});

test("a recording without a page's messages is refused with what to do", () => {
  const bare = join(folder, "bare.mcap");
  const made = openRecording(bare, {
    mission: "Tiny",
    seed: 1,
    vehicles: [1],
    epochMs: 0,
    more: {},
  });
  if (made.ok) made.value.end({});
  const run = openRecordedRun(bare);
  const session = run.ok ? openReplay(run.value, bare) : undefined;
  expect(session?.ok === false ? session.problem.code : "").toBe("REC006");
});
