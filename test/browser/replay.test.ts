/** A recording of a real flight in a real browser: sought, played, looped, asked why. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPage, PAGE_FOLDER } from "../../apps/ground/build.ts";
import { readPageFiles } from "../../apps/ground/server/page-files.ts";
import { openReplay, type ReplaySession } from "../../apps/ground/server/replay-session.ts";
import { openGroundServer, type GroundServer } from "../../apps/ground/server/server.ts";
import { openRecordedRun } from "../../apps/replay/recorded-run.ts";
import { recordTiny } from "../support/recorded.ts";
import { browser as chromium, describeWith } from "../support/requirements.ts";
import { holdKey, launch, openPage } from "./browser.ts";

describeWith(chromium(), "a recording on the page", (path) => {
  const folder = mkdtempSync(join(tmpdir(), "skein-replay-page-"));
  let browser: Browser;
  let session: ReplaySession;
  let server: GroundServer;

  beforeAll(async () => {
    const file = join(folder, "tiny.mcap");
    await recordTiny(file, { durationS: 60 });
    const built = await buildPage();
    const run = openRecordedRun(file);
    if (!run.ok || !built.ok) throw new Error("a recording opens");
    const opened = openReplay(run.value, file);
    if (!opened.ok) throw new Error(opened.problem.text);
    session = opened.session;
    session.start();
    const served = await openGroundServer({ session, files: readPageFiles(PAGE_FOLDER), port: 0 });
    if (!served.ok) throw new Error(served.problem.text);
    server = served.value;
    browser = await launch(path);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await session.close();
    rmSync(folder, { recursive: true });
  });

  test("is sought and played by keys; orders are disabled, and the page says so", async () => {
    const { page, complaints } = await openPage(browser, server.url);
    await page.waitForSelector(".replay");
    expect(await page.textContent(".replay")).toContain("Replay: orders are disabled");
    const armed = (): number => session.view().vehicles.filter((each) => each.armed).length;
    expect(armed()).toBe(0);

    await page.getByTestId("replay-seek").fill("40");
    await expect.poll(() => session.view().missionTimeS).toBe(40);
    await expect.poll(() => page.textContent("[data-testid=replay-time]")).toBe("00:40");
    expect(armed()).toBe(2);
    await expect.poll(() => page.locator("[data-vehicle]").count()).toBe(2);

    for (let i = 0; i < 3; i += 1) await page.keyboard.press("]");
    await expect.poll(() => page.textContent("[data-testid=replay-speed]")).toBe("8x");
    await page.locator("body").press("Space");
    await expect.poll(() => session.replay().playing).toBe(true);
    await expect.poll(() => session.view().missionTimeS).toBeGreaterThan(45);
    await expect.poll(() => session.replay().playing, { timeout: 10_000 }).toBe(false);
    expect(session.view().missionTimeS).toBe(60);

    await holdKey(page, "r");
    await page.waitForSelector(".toast.failed");
    expect(await page.textContent(".toast.failed")).toContain("orders are disabled");
    expect(complaints).toEqual([]);
    await page.close();
  });
});
