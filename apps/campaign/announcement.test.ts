import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  announcementOf,
  campaignIdOf,
  identityOf,
  misfitOf,
  parseAnnouncement,
  textOfAnnouncement,
} from "./announcement.ts";
import type { FlightPlan } from "./flight.ts";

const TINY = join(import.meta.dirname, "..", "..", "missions", "tiny.json5");
const folder = mkdtempSync(join(tmpdir(), "skein-announcement-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const plan: FlightPlan = {
  missionFile: TINY,
  vehicleCount: 0,
  planner: "massRate",
  durationS: 12,
  untilFound: true,
  signatures: "modelled",
  faultFile: undefined,
};
const identity = identityOf(plan);
const text = textOfAnnouncement(announcementOf(plan, [1, 2, 3, 9], identity));

describe("an announcement", () => {
  test("comes back from its text, and its id is that of its text", () => {
    const campaign = campaignIdOf(text);
    expect(parseAnnouncement(campaign, text)).toEqual({
      ok: true,
      value: announcementOf(plan, [1, 2, 3, 9], identity),
    });
    expect(parseAnnouncement(campaign, text.replace("1-3,9", "1-4,9"))).toMatchObject({
      problem: { code: "CAM006" },
    });
  });

  test("golden: the text of a campaign, and its id", () => {
    const path = join(import.meta.dirname, "../../vectors/campaign/announcement.json");
    const golden = JSON.parse(readFileSync(path, "utf8")) as { id: string; text: string };
    const read = parseAnnouncement(golden.id, golden.text);
    if (!read.ok) throw new Error(read.problem.text);
    expect(textOfAnnouncement(read.value)).toBe(golden.text);
  });

  test("with a field that is none is refused", () => {
    const wrong: readonly [string, string][] = [
      ['"seeds":"1-3,9"', '"seeds":"3-1"'],
      ['"seeds":"1-3,9"', '"seeds":7'],
      ['"planner":"massRate"', '"planner":"fastest"'],
      ['"durationS":12', '"durationS":-1'],
      ['"vehicleCount":0', '"vehicleCount":1e9'],
      ['"commit"', '"comment"'],
      [identity.mission, "short"],
      ["skein-campaign/1", "skein-campaign/9"],
    ];
    for (const [from, to] of wrong) {
      const changed = text.replace(from, to);
      expect(changed).not.toBe(text);
      const read = parseAnnouncement(campaignIdOf(changed), changed);
      expect(read, to).toMatchObject({ ok: false, problem: { code: "CAM006" } });
    }
  });

  test("of any text is refused, never thrown over", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (some) => {
        expect(parseAnnouncement(campaignIdOf(some), some).ok).toBe(false);
      }),
    );
  });
});

describe("what fits", () => {
  const announced = announcementOf(plan, [1], identity);

  test("the same mission under another name, with other comments, is the same", () => {
    const copy = join(folder, "copy.json5");
    writeFileSync(copy, `// A copy.\n${readFileSync(TINY, "utf8")}`);
    const own = identityOf({ missionFile: copy, faultFile: undefined });
    expect(misfitOf(own, "c", announced)).toBeUndefined();
  });

  test("another mission, other faults or other sources are not", () => {
    const faultFile = join(folder, "faults.json5");
    writeFileSync(faultFile, "{ faults: [] }");
    const faulty = identityOf({ missionFile: TINY, faultFile });
    expect(misfitOf(faulty, "c", announced)).toMatchObject({ code: "CAM009" });
    const elsewhere = { ...identity, mission: "0".repeat(32) };
    expect(misfitOf(elsewhere, "c", announced)).toMatchObject({ code: "CAM009" });
    for (const other of [{ code: "0".repeat(32) }, { node: "v1.0.0" }]) {
      const misfit = misfitOf({ ...identity, ...other }, "c", announced);
      expect(misfit).toMatchObject({ code: "CAM008" });
    }
  });
});
