/**
 * A whole search in a real browser: real nodes in the simulated world, the operator's keys from Go
 * to hand-over, and the file that the people on foot take along.
 */
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPage, PAGE_FOLDER } from "../../apps/ground/build.ts";
import { readPageFiles } from "../../apps/ground/server/page-files.ts";
import { openGroundServer, type GroundServer } from "../../apps/ground/server/server.ts";
import { openWorld, type WorldSession } from "../../apps/ground/server/world-session.ts";
import { browser as chromium, describeWith } from "../support/requirements.ts";
import { holdKey, launch, openPage } from "./browser.ts";

/** Two vehicles search ten minutes at most; a busy machine flies them at a few times real time. */
const FOUND_WITHIN_MS = 100_000;

describeWith(chromium(), "the tiny search on the page", (path) => {
  let browser: Browser;
  let session: WorldSession;
  let server: GroundServer;

  beforeAll(async () => {
    const built = await buildPage();
    const world = await openWorld({
      missionFile: "missions/tiny.json5",
      seed: 1,
      speed: 1,
      vehicleCount: undefined,
      faultFile: undefined,
    });
    if (!world.ok || !built.ok) throw new Error("the tiny mission opens");
    session = world.session;
    const opened = await openGroundServer({ session, files: readPageFiles(PAGE_FOLDER), port: 0 });
    if (!opened.ok) throw new Error(opened.problem.text);
    server = opened.value;
    browser = await launch(path);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await session.close();
  });

  test("goes from Go to hand-over by keys, and the place is where the person is", async () => {
    const { page, complaints } = await openPage(browser, server.url);
    await page.waitForSelector(".found.planned");
    await holdKey(page, "g");
    await page.waitForSelector("[data-order=start]");
    // Not faster: the search may last ten minutes of its own time; a held key takes a part of it.
    for (let i = 0; i < 4; i += 1) await page.keyboard.press("]");
    await expect.poll(() => session.view().simulation?.speed).toBe(20);
    await page.waitForSelector(".detection.waiting", { timeout: FOUND_WITHIN_MS });
    await holdKey(page, "c");
    await page.waitForSelector(".found.found", { timeout: 30_000 });
    await page.keyboard.press("i");
    const download = page.waitForEvent("download");
    await page.click("[data-testid=hand-over] >> text=GEOJSON");
    const file = readFileSync(await (await download).path(), "utf8");
    await page.hover("[data-command=handOver]");
    await page.mouse.down();
    await page.waitForSelector(".handed");
    await page.mouse.up();
    const view = session.view();
    expect(view.phase).toBe("handedOver");
    const [confirmed] = view.detections.filter(({ state }) => state === "confirmed");
    // The mission hides the person at 120 m north, 90 m west.
    const apart = Math.hypot(
      (confirmed?.position.northM ?? 0) - 120,
      (confirmed?.position.eastM ?? 0) + 90,
    );
    expect(apart).toBeLessThan(60);
    expect(JSON.parse(file)).toMatchObject({ type: "FeatureCollection" });
    expect(view.pos.low).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });
});
