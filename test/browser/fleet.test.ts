/**
 * The page with ten thousand vehicles, and over a line that is too slow for them: a synthetic swarm
 * behind the product's own session, server and stream.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buildPage, PAGE_FOLDER } from "../../apps/ground/build.ts";
import type { PageRequest } from "../../apps/ground/report/view.ts";
import { readPageFiles } from "../../apps/ground/server/page-files.ts";
import { openGroundServer, type GroundServer } from "../../apps/ground/server/server.ts";
import type { WorldSession } from "../../apps/ground/server/world-session.ts";
import { browser as chromium, describeWith } from "../support/requirements.ts";
import { syntheticGround } from "../support/synthetic-ground.ts";
import { launch, openPage } from "./browser.ts";

const FLEET = 10_000;
/** By the formula of the synthetic swarm: one in 389 is lost, one in 97 needs a hand. */
const LOST = Array.from({ length: FLEET }, (_, k) => k).filter((k) => k % 389 === 17).length;
/** What a line carries, in bytes a second: a fifth of what ten thousand in view want. */
const SLOW_LINE_BYTES_S = 150_000;

/** Ten thousand with software graphics beside other tests: what counts is that it comes. */
const SOON_MS = 30_000;
const soon = <T>(what: () => T): ReturnType<typeof expect.poll<T>> =>
  expect.poll(what, { timeout: SOON_MS });

/** Held until what it should bring has come, however busy the machine is. */
async function hold(page: Page, key: string, came: () => Promise<unknown>): Promise<void> {
  await page.keyboard.down(key);
  await came();
  await page.keyboard.up(key);
}

const namedBy = (request: PageRequest): readonly number[] =>
  request.kind === "order" && "targets" in request.order && request.order.targets !== "all"
    ? request.order.targets
    : [];

describeWith(chromium(), "ten thousand vehicles on the page", (path) => {
  let browser: Browser;
  let session: WorldSession;
  let server: GroundServer;
  const asked: PageRequest[] = [];
  const open: Page[] = [];

  beforeAll(async () => {
    const built = await buildPage();
    if (!built.ok) throw new Error(built.problem.text);
    session = await syntheticGround({ vehicleCount: FLEET, moves: false });
    const ask = session.ask.bind(session);
    session.ask = (request) => {
      asked.push(request);
      return ask(request);
    };
    const files = readPageFiles(PAGE_FOLDER);
    const opened = await openGroundServer({ session, files, port: 0 });
    if (!opened.ok) throw new Error(opened.problem.text);
    server = opened.value;
    browser = await launch(path);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await session.close();
  });

  afterEach(async () => {
    for (const page of open.splice(0)) await page.close();
  });

  async function show(): Promise<Page> {
    const { page } = await openPage(browser, server.url);
    open.push(page);
    await page.waitForSelector("[data-vehicle]", { timeout: SOON_MS });
    await soon(() => listCount(page)).toBe("10000 / 10000");
    return page;
  }

  const listCount = (page: Page): Promise<string | null> =>
    page.textContent(".vehicles .panel-aside");
  const targets = (page: Page): Promise<string | null> => page.textContent("[data-testid=targets]");
  const rows = (page: Page): Promise<number[]> =>
    page
      .locator("[data-vehicle]")
      .evaluateAll((all) => all.map((row) => Number(row.getAttribute("data-vehicle"))));
  const type = async (page: Page, text: string): Promise<void> => {
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  };

  test("lists them all with a few dozen rows, scrolled, sorted and filtered", async () => {
    const page = await show();
    expect((await rows(page)).length).toBeLessThan(40);
    await page.locator(".scroller").evaluate((list) => list.scrollTo(0, 1e9));
    await soon(async () => (await rows(page)).at(-1)).toBe(FLEET);
    await page.locator(".scroller").evaluate((list) => list.scrollTo(0, 0));
    await page.keyboard.press("o");
    await soon(() => page.textContent(".sort")).toContain("by urgency");
    await page.waitForSelector(".rows li:first-child .severity-alarm", { timeout: SOON_MS });
    await page.keyboard.press("/");
    await page.keyboard.type("cluster 3;");
    await soon(() => listCount(page)).toBe("25 / 10000");
    await page.keyboard.press("Enter");
    expect(await targets(page)).toBe("Orders to: 76-100");
  });

  test("counts them by severity, and a click selects those", async () => {
    const page = await show();
    const count = async (grade: string): Promise<number> =>
      Number(await page.textContent(`.count-${grade} b`));
    const [alarm, warning, well] = [
      await count("alarm"),
      await count("warning"),
      await count("well"),
    ];
    expect(alarm).toBeGreaterThanOrEqual(LOST);
    expect(alarm + warning + well).toBe(FLEET);
    await page.click(".count-alarm");
    expect(await targets(page)).toMatch(new RegExp(`^Orders to: 18, 407, .*\\(${alarm}\\)$`, "u"));
    // Of all that need a hand the most urgent stand in full, the rest as a number.
    expect(await page.textContent(".hands")).toContain("not heard for 6 min");
    expect(await page.textContent(".hands")).toMatch(/and \d+ more/u);
  });

  test("selects by ranges, and orders more than one message names as several", async () => {
    const page = await show();
    await type(page, "100-200");
    expect(await targets(page)).toBe("Orders to: 100-200");
    asked.length = 0;
    await hold(page, "h", () => soon(() => asked.length).toBe(2));
    expect(asked.flatMap(namedBy)).toEqual(Array.from({ length: 101 }, (_, i) => 100 + i));
    await type(page, "1-5000");
    const told = (): Promise<string | null> => page.textContent(".toasts");
    await hold(page, "h", () => soon(told).toContain("at most 1024 by name"));
    expect(asked).toHaveLength(2);
    await page.keyboard.press("a");
    expect(await targets(page)).toBe("Orders to: all 10000");
    await hold(page, "h", () => soon(() => asked.length).toBe(3));
    expect(asked[2]).toMatchObject({ order: { kind: "hold", targets: "all" } });
  });

  test("picks the one under the pointer, and tells it in full", async () => {
    const page = await show();
    await type(page, "5050");
    await page.keyboard.press("z");
    const mark = page.locator(".mark-vehicle.chosen");
    await mark.waitFor({ state: "attached", timeout: SOON_MS });
    await soon(() => page.textContent(".details")).toContain("vehicle 5050");
    // The page draws on: the place is read when the camera rests.
    await page.waitForTimeout(700);
    const at = await mark.evaluate((element) => {
      const { left, top } = element.getBoundingClientRect();
      return { clientX: left, clientY: top };
    });
    await page.keyboard.press("Escape");
    expect(await targets(page)).toBe("Orders to: all 10000");
    await click(page, at);
    await soon(() => targets(page)).toBe("Orders to: 5050");
    await page.keyboard.press("Escape");
    await click(page, { clientX: at.clientX + 14, clientY: at.clientY - 30 });
    expect(await targets(page)).toBe("Orders to: all 10000");
  });

  test("shows clusters, the cut ones first, and the links of whom is selected", async () => {
    const page = await show();
    await page.keyboard.press("w");
    await soon(() => page.locator("[data-cluster]").count()).toBe(400);
    expect(await page.textContent("[data-cluster] >> nth=0")).toMatch(/no quorum.*none.*8 of 25/u);
    await page.click("[data-cluster='64'] button");
    expect(await targets(page)).toBe("Orders to: 1601-1625");
    await page.waitForSelector("[data-testid=mesh]", { timeout: SOON_MS });
    expect(await page.textContent("[data-testid=mesh]")).toContain("predicted to break within");
    expect(await page.locator(".graph .link.breaks").count()).toBeGreaterThan(0);
  });

  test("says how often it is told where the line is slow, and no more once it is not", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    open.push(page);
    const line = { bytesPerS: SLOW_LINE_BYTES_S, freeMs: 0 };
    await page.routeWebSocket(/\/stream$/u, (socket) => {
      const far = socket.connectToServer();
      far.onMessage((message) => {
        const startMs = Math.max(performance.now(), line.freeMs);
        line.freeMs = startMs + (1000 * message.length) / line.bytesPerS;
        setTimeout(() => socket.send(message), Math.max(0, line.freeMs - performance.now()));
      });
    });
    await page.goto(server.url);
    await page.waitForSelector("[data-testid=pace]", { timeout: 60_000 });
    expect(await page.textContent("[data-testid=pace]")).toMatch(/^updates every \d+(\.\d)? s$/u);
    line.bytesPerS = 1e9;
    line.freeMs = 0;
    await page.waitForSelector("[data-testid=pace]", { state: "detached", timeout: 60_000 });
  });
});

/** On the map itself, whatever words lie over it. */
async function click(page: Page, at: { clientX: number; clientY: number }): Promise<void> {
  await page.locator(".map canvas").evaluate((canvas, place) => {
    const more = { ...place, button: 0, pointerId: 1, bubbles: true };
    canvas.dispatchEvent(new PointerEvent("pointerdown", more));
    canvas.dispatchEvent(new PointerEvent("pointerup", more));
  }, at);
}
