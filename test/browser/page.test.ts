/** The page in a real browser, with a scripted session behind the real server. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { buildPage, PAGE_FOLDER } from "../../apps/ground/build.ts";
import { readPageFiles } from "../../apps/ground/server/page-files.ts";
import { openGroundServer, type GroundServer } from "../../apps/ground/server/server.ts";
import { browser as chromium, describeWith } from "../support/requirements.ts";
import { scriptedGround, type ScriptedGround } from "../support/scripted-ground.ts";
import { holdKey, launch, openPage, type OpenedPage } from "./browser.ts";

interface Scene extends OpenedPage {
  readonly ground: ScriptedGround;
  readonly server: GroundServer;
}

describeWith(chromium(), "the ground station's page", (path) => {
  let browser: Browser;
  const open: Scene[] = [];

  beforeAll(async () => {
    const built = await buildPage();
    if (!built.ok) throw new Error(built.problem.text);
    browser = await launch(path);
  });

  afterAll(async () => {
    await browser.close();
  });

  afterEach(async () => {
    for (const { page, server } of open.splice(0)) {
      await page.close();
      await server.close();
    }
  });

  /** The page over the script at this second; its last frame has been drawn. */
  async function show(startS: number, size?: { width: number; height: number }): Promise<Scene> {
    const ground = scriptedGround({ startS });
    const files = readPageFiles(PAGE_FOLDER);
    const server = await openGroundServer({ session: ground, files, port: 0 });
    if (!server.ok) throw new Error(server.problem.text);
    const opened = await openPage(browser, server.value.url, size);
    const scene = { ...opened, ground, server: server.value };
    open.push(scene);
    await opened.page.waitForSelector(".app");
    ground.advance(0);
    await opened.page.waitForSelector(".mark-vehicle", { state: "attached" });
    return scene;
  }

  const orders = (ground: ScriptedGround): unknown[] =>
    ground.asked.flatMap((request) => (request.kind === "order" ? [request.order] : []));

  const targets = (page: Page): Promise<string> =>
    page.textContent("[data-testid=targets]").then(String);

  test("shows the 3 a.m. screen without asking anyone but its server", async () => {
    const { page, complaints } = await show(3300);
    expect(await page.textContent("[data-testid=pos]")).toMatch(/POS\d+–\d+%/u);
    expect(await page.locator("[data-vehicle]").count()).toBe(6);
    expect(await page.textContent(".detections")).toContain("vehicle 5, 83% sure");
    expect(await page.textContent(".hands")).toMatch(/against this wind\d+ min left/u);
    expect(await page.textContent(".segments")).toContain("searched");
    expect(await page.isVisible("[data-command=clearAir]")).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("hides its token from the address and stays in over a reload", async () => {
    const { page, server, ground } = await show(100);
    expect(page.url()).not.toContain(server.token);
    await holdKey(page, "r");
    await page.waitForSelector("[data-order=return]");
    await page.reload();
    await page.waitForSelector("[data-order=return]");
    expect(orders(ground)).toHaveLength(1);
  });

  test("without the link's token shows nothing but what to do", async () => {
    const { server } = await show(100);
    const wrong = await openPage(browser, server.url.replace(server.token, "guess"));
    await wrong.page.waitForSelector(".lobby");
    await expect.poll(() => wrong.page.textContent(".lobby")).toContain("skein ground");
    expect(await wrong.page.locator("[data-vehicle]").count()).toBe(0);
    await wrong.page.close();
  });

  test("of another origin gets no line to the server", async () => {
    const { server } = await show(100);
    const foreign = await browser.newPage();
    await foreign.goto("data:text/html,<p>elsewhere</p>");
    const outcome = await foreign.evaluate(
      (port) =>
        new Promise<string>((done) => {
          const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/stream`);
          socket.onopen = () => done("open");
          socket.onerror = () => done("refused");
        }),
      server.port,
    );
    expect(outcome).toBe("refused");
    await foreign.close();
  });

  test("selects by number, by filter and by key", async () => {
    const { page } = await show(3300);
    expect(await targets(page)).toBe("Orders to: all 6");
    await page.keyboard.type("1,4-6");
    expect(await targets(page)).toContain("select 1,4-6");
    await page.keyboard.press("Enter");
    expect(await targets(page)).toBe("Orders to: 1, 4-6");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    expect(await targets(page)).toBe("Orders to: 1");
    expect(await page.textContent(".details")).toContain("vehicle 1");
    await page.keyboard.press("/");
    await page.keyboard.type("reach base");
    expect(await page.locator("[data-vehicle]").count()).toBe(1);
    await page.keyboard.press("Enter");
    expect(await targets(page)).toBe("Orders to: 4");
  });

  test("gives an order only when its key or button has been held", async () => {
    const { page, ground } = await show(3300);
    await page.keyboard.press("h");
    await page.click("[data-command=hold]");
    await page.waitForTimeout(900);
    expect(orders(ground)).toEqual([]);
    await page.keyboard.type("2");
    await page.keyboard.press("Enter");
    await holdKey(page, "h");
    await page.waitForSelector("[data-order=hold]");
    expect(orders(ground)).toEqual([{ kind: "hold", targets: [2] }]);
    await page.hover("[data-command=land]");
    await page.mouse.down();
    await page.waitForTimeout(750);
    await page.mouse.up();
    await page.waitForSelector("[data-order=land]");
    expect(orders(ground)[1]).toEqual({ kind: "land", targets: [2] });
  });

  test("tells of an order who has received it and who acts", async () => {
    const { page } = await show(3300);
    await holdKey(page, "r");
    const row = page.locator("[data-order=return]");
    await row.waitFor();
    expect(await row.textContent()).toMatch(/sent.*received 5 of 6.*acting 5 of 6/u);
  });

  test("clears the air with one key and counts until it is lifted", async () => {
    const { page, ground } = await show(3300);
    await holdKey(page, "x");
    await page.waitForSelector(".clear-count");
    expect(await page.textContent(".clear-count")).toContain("clear 5 of 6");
    await holdKey(page, "x");
    await page.waitForSelector(".clear-count", { state: "detached" });
    expect(orders(ground)).toEqual([
      { kind: "clearAir", ceilingAglM: 0, withinS: 60 },
      { kind: "liftClearAir" },
    ]);
  });

  test("takes a detection from waiting to handed over by keys alone", async () => {
    const { page, ground } = await show(3300);
    await holdKey(page, "c");
    await page.waitForSelector(".detection.confirmed");
    await page.waitForSelector(".found.found");
    await page.keyboard.press("i");
    const sheet = page.locator("[data-testid=hand-over]");
    expect(await sheet.textContent()).toMatch(/16S GF \d{5} \d{5}/u);
    const download = page.waitForEvent("download");
    await page.click("[data-testid=hand-over] >> text=GPX");
    expect((await download).suggestedFilename()).toBe("hand-over.gpx");
    await page.hover("[data-command=handOver]");
    await page.mouse.down();
    await page.waitForTimeout(750);
    await page.mouse.up();
    await page.waitForSelector(".handed");
    expect(orders(ground).map((order) => (order as { kind: string }).kind)).toEqual([
      "confirm",
      "handOver",
    ]);
  });

  test("judges what was marked when the key went down, whatever arrives meanwhile", async () => {
    const { page, ground } = await show(3300);
    ground.see(400_001, { northM: 300 });
    await page.waitForSelector("[data-detection='400001']");
    // The new one stands first; the marked one stays marked until it has been judged.
    expect(await marked(page)).toBe("327681");
    await page.keyboard.down("d");
    await page.waitForTimeout(200);
    ground.see(400_002, { northM: 600 });
    await page.waitForSelector("[data-detection='400002']");
    await page.waitForTimeout(600);
    await page.keyboard.up("d");
    await expect.poll(() => orders(ground)).toEqual([{ kind: "dismiss", detection: 327_681 }]);
    await expect.poll(() => marked(page)).toBe("400002");
  });

  test("sends nothing when the marked detection was judged elsewhere during the hold", async () => {
    const { page, ground } = await show(3300);
    await page.keyboard.down("c");
    await page.waitForTimeout(200);
    const elsewhere = { kind: "lookAgain", detection: 327_681 } as const;
    await ground.ask({ kind: "order", id: 1, order: elsewhere });
    await page.waitForSelector(".detection.lookingAgain");
    await page.waitForSelector(".toast.failed");
    await page.keyboard.up("c");
    expect(await page.textContent(".toasts")).toContain("Nothing sent");
    expect(orders(ground)).toEqual([elsewhere]);
  });

  test("keeps the card that keys act on in sight, with its keys named", async () => {
    const { page, ground } = await show(3300, { width: 1024, height: 700 });
    for (let i = 1; i <= 12; i += 1) ground.see(400_000 + i, { northM: 100 * i });
    await page.waitForSelector("[data-detection='400012']");
    for (let i = 0; i < 13; i += 1) {
      await page.keyboard.press("n");
      const inSight = await page.locator(".detection.chosen").evaluate((card) => {
        const list = card.closest(".panel-body")?.getBoundingClientRect();
        const { top, bottom } = card.getBoundingClientRect();
        return top >= (list?.top ?? 0) - 2 && bottom <= (list?.bottom ?? 0) + 2;
      });
      expect([i, inSight]).toEqual([i, true]);
      expect(await page.locator(".detection.chosen kbd").allTextContents()).toEqual([
        "C",
        "D",
        "L",
      ]);
    }
  });

  test("shows looks of one place as one card; a dismissal reaches them all", async () => {
    const { page, ground } = await show(3300);
    ground.see(400_001, { northM: 8 });
    ground.see(400_002, { northM: -9 });
    await expect.poll(() => page.textContent(".detections")).toContain("seen 3 times");
    expect(await page.locator(".detection").count()).toBe(1);
    await holdKey(page, "d");
    await expect.poll(() => orders(ground)).toHaveLength(3);
  });

  test("puts the confirmed one first, the others at rest, and lets it be taken back", async () => {
    const { page, ground } = await show(3300);
    ground.see(400_001, { northM: 300 });
    await page.waitForSelector("[data-detection='400001']");
    await holdKey(page, "c");
    await page.waitForSelector(".detections.calm");
    expect(await page.getAttribute(".detection:first-child", "data-detection")).toBe("327681");
    expect(await page.textContent(".detections")).toContain("1 more, not urgent now");
    expect(await page.textContent(".detection.confirmed")).toMatch(/Not the person.*hold G/u);
    await holdKey(page, "d");
    await page.waitForSelector(".detections.calling");
    expect(orders(ground)[1]).toEqual({ kind: "dismiss", detection: 327_681 });
  });

  test("says at a tap that a button is held", async () => {
    const { page, ground } = await show(3300);
    await page.keyboard.press("g");
    expect(await page.textContent("[data-command=start]")).toContain("hold longer");
    await page.click("[data-command=land]");
    expect(await page.textContent("[data-command=land]")).toContain("hold longer");
    expect(orders(ground)).toEqual([]);
  });

  test("says of each vehicle that took Go and stands what it waits for", async () => {
    const { page, ground } = await show(3300);
    await holdKey(page, "g");
    await page.waitForSelector("[data-order=start]");
    const reason = "landed 742 m from the base: release it (Y) when nobody is near";
    ground.bend((view) => ({
      ...view,
      orders: view.orders.map((order) => ({
        ...order,
        states: order.states.map((each) =>
          each.vehicle < 3 ? { ...each, state: "blocked" as const, reason } : each,
        ),
      })),
      vehicles: view.vehicles.map((each) =>
        each.index === 5 ? { ...each, toldS: 240, positionAgeS: 240 } : each,
      ),
    }));
    const row = page.locator("[data-order=start]");
    await expect.poll(() => row.textContent()).toContain("acting 3 of 6");
    expect(await row.textContent()).toContain("1-2 on the ground: release it (Y)");
    expect(await row.textContent()).toContain("1 not heard");
  });

  test("greys what was not heard of late, says its age, and counts it as not well", async () => {
    const { page, ground } = await show(3300);
    ground.bend((view) => ({
      ...view,
      vehicles: view.vehicles.map((each) =>
        each.index === 5 ? { ...each, toldS: 240, positionAgeS: 240 } : each,
      ),
      clearAir: { ...view.clearAir, active: true, silent: [5], clear: 3, worst: null },
    }));
    await expect.poll(() => page.textContent("[data-vehicle='5']")).toContain("4 min ago");
    expect(await page.locator("[data-vehicle='5'] .battery.old").count()).toBe(1);
    expect(await page.textContent("[data-vehicle='5'] .row-left")).toBe("");
    expect(await page.textContent("[data-vehicle='2'] .row-left")).toMatch(/^\d+ min$/u);
    expect(await page.textContent(".count-well b")).toBe("4");
    expect(await page.textContent(".clear-count")).toContain("not heard: 5, for 4 min");
  });

  test("names what an eviction concerns and says loudly that it was not agreed on", async () => {
    const { page, ground } = await show(3300);
    await page.keyboard.press("s");
    await page.hover("[data-command='evict-3']");
    await page.mouse.down();
    const row = page.locator("[data-order=evict]");
    await row.waitFor();
    await page.mouse.up();
    expect(await row.textContent()).toMatch(/Evict vehicle 3.*waits for agreement/u);
    ground.bend((view) => ({
      ...view,
      orders: view.orders.map((order) => ({ ...order, agreement: "failed" as const })),
    }));
    await page.waitForSelector(".toast.failed");
    expect(await page.textContent(".toasts")).toContain("Evict vehicle 3: not agreed on in time");
    expect(await row.textContent()).toContain("not in force");
  });

  test("takes a clue where the map was double-clicked", async () => {
    const { page, ground } = await show(3300);
    await page.dblclick(".map canvas", { position: { x: 300, y: 300 } });
    await page.waitForSelector("[data-testid=clue]");
    await page.click("[data-testid=clue] >> text=400 m");
    await page.hover("[data-command=clue]");
    await page.mouse.down();
    await page.waitForSelector("[data-testid=clue]", { state: "detached" });
    await page.mouse.up();
    await expect.poll(() => orders(ground)).toHaveLength(1);
    const [clue] = orders(ground);
    expect(clue).toMatchObject({ kind: "clue", errorM: 400 });
  });

  test("takes a clue by keys alone", async () => {
    const { page, ground } = await show(3300);
    await page.keyboard.press("e");
    await page.waitForSelector("[data-testid=clue]");
    await page.fill("#clue-metres", "500");
    await page.fill("#clue-degrees", "90");
    await page.focus("[data-command=clue]");
    await holdKey(page, "Enter");
    await expect.poll(() => orders(ground)).toHaveLength(1);
    const known = ground.hello.mission.lastKnown;
    const [clue] = orders(ground) as { position: { northM: number; eastM: number } }[];
    expect(clue?.position.northM).toBeCloseTo(known.northM, 6);
    expect(clue?.position.eastM).toBeCloseTo(known.eastM + 500, 6);
  });

  test("counts from Go, and says when the planned time is over", async () => {
    const { page, ground } = await show(3300);
    ground.bend((view) => ({ ...view, startedAtS: null, phase: "planned" }));
    await expect.poll(() => page.textContent("[data-testid=clock]")).toBe("00:00before Go");
    ground.bend((view) => ({ ...view, startedAtS: 3000 }));
    await expect.poll(() => page.textContent("[data-testid=clock]")).toBe("05:00of 4:00:00");
    expect(await page.textContent(".detection time")).toBe("−25:00");
    ground.bend((view) => ({ ...view, missionTimeS: 4 * 3600 + 326 }));
    await expect.poll(() => page.textContent("[data-testid=clock]")).toContain("over by 05:26");
    expect(await page.textContent(".found.planned")).toContain("Hold R to call them home");
  });

  test("lists drops of the network apart from what was refused", async () => {
    const { page, ground } = await show(3300);
    ground.bend((view) => ({
      ...view,
      security: { ...view.security, refused: [{ reason: "drop noRoute", count: 7 }] },
    }));
    await page.keyboard.press("s");
    const sheet = page.locator("[data-testid=security]");
    await expect.poll(() => sheet.textContent()).toContain("no way to its target");
    expect(await sheet.textContent()).toMatch(/Nothing was refused.*Dropped on the way/u);
    expect(await sheet.textContent()).toContain("Evict takes the keys of a vehicle away");
  });

  test("cuts no button and no title at 1024 x 700", async () => {
    const { page } = await show(3300, { width: 1024, height: 700 });
    await holdKey(page, "c");
    await page.waitForSelector(".found.found");
    const cut = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          ".head button, .tabs button, .found button, .left button, .row-status",
        ),
      ]
        .filter((button) => {
          const { left, right } = button.getBoundingClientRect();
          const column = button.closest(".head, .main, .left")?.getBoundingClientRect();
          const spills = button.scrollWidth > button.clientWidth + 1;
          return spills || left < (column?.left ?? 0) || right > (column?.right ?? 0) + 1;
        })
        .map((button) => button.textContent),
    );
    expect(cut).toEqual([]);
    const title = await page.locator(".head h1").evaluate((h1) => h1.clientWidth);
    expect(title).toBeGreaterThan(110);
  });

  test("shows cluster and security one level down, faults only marked as simulation", async () => {
    const { page, ground } = await show(3300);
    await page.keyboard.press("w");
    expect(await page.textContent("[data-testid=swarm]")).toMatch(/Head.*3.*Term.*2.*Quorum.*yes/u);
    await page.keyboard.press("s");
    expect(await page.textContent("[data-testid=security]")).toContain("ML-KEM-768");
    await page.keyboard.press("f");
    expect(await page.textContent("[data-testid=faults]")).toContain("simulation only");
    await page.hover("[data-command=fault-kill]");
    await page.mouse.down();
    await page.waitForTimeout(750);
    await page.mouse.up();
    await expect.poll(() => ground.asked.map(({ kind }) => kind)).toEqual(["simulation"]);
  });

  test("keeps theme, units and places over a reload, readable in each theme", async () => {
    const { page } = await show(3300);
    for (const theme of ["dark", "red", "day"]) {
      expect(await page.getAttribute("html", "data-theme")).toBe(theme);
      const ratios = await page.evaluate(contrasts);
      for (const [selector, ratio] of ratios) {
        expect([theme, selector, ratio >= 4.5]).toEqual([theme, selector, true]);
      }
      if (theme !== "day") await page.keyboard.press("b");
    }
    await page.keyboard.press("u");
    await page.keyboard.press("v");
    await page.reload();
    await page.waitForSelector(".app");
    expect(await page.getAttribute("html", "data-theme")).toBe("day");
    expect(await page.textContent(".switches")).toMatch(/UTM.*ft, kt.*Day/u);
  });

  test("draws terrain, map and vehicles: no view is a blank canvas", async () => {
    const { page } = await show(3300);
    await page.waitForTimeout(500);
    const shot = await page.locator(".map canvas").screenshot();
    const colours = await coloursIn(page, shot.toString("base64"));
    // Terrain in grey, probability in violet, vehicles in green: hundreds of tones.
    expect(colours.distinct).toBeGreaterThan(300);
    expect(colours.violet).toBeGreaterThan(0.02);
    expect(colours.green).toBeGreaterThan(0.0002);
  });

  test("draws one moment twice alike", async () => {
    const first = await show(3300);
    await first.page.waitForTimeout(500);
    const one = await first.page.locator(".map canvas").screenshot();
    const second = await show(3300);
    await second.page.waitForTimeout(500);
    const two = await second.page.locator(".map canvas").screenshot();
    const share = await difference(second.page, one.toString("base64"), two.toString("base64"));
    // Antialiasing may differ by a tone at edges.
    expect(share).toBeLessThan(0.002);
  });

  test("fits 1280 x 720 and 1920 x 1080 with every vehicle in sight", async () => {
    for (const size of [
      { width: 1280, height: 720 },
      { width: 1920, height: 1080 },
    ]) {
      const { page } = await show(3300, size);
      const boxes = await page.locator("[data-vehicle]").evaluateAll((rows) => {
        const list = rows[0]?.closest(".panel-body")?.getBoundingClientRect();
        return rows.map((row) => row.getBoundingClientRect().bottom <= (list?.bottom ?? 0) + 1);
      });
      expect(boxes).toEqual([true, true, true, true, true, true]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
    }
  });
});

/** The detection that is highlighted. */
const marked = (page: Page): Promise<string | null> =>
  page.getAttribute(".detection.chosen", "data-detection");

/** Contrast ratio (WCAG 2.2, 1.4.3) of texts against what is behind them. Runs in the page. */
function contrasts(): (readonly [string, number])[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (canvas === null) return [];
  const paint = (...colours: readonly string[]): readonly number[] => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r = 0, g = 0, b = 0]: readonly number[]): number => {
    const linear = (value: number): number => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const backgrounds = (element: Element | null): string[] =>
    element === null
      ? []
      : [...backgrounds(element.parentElement), getComputedStyle(element).backgroundColor];
  const selectors = [
    ".figure",
    ".head small",
    ".panel-head h2",
    ".row-status",
    ".row-status em",
    ".battery",
    "#filter",
    ".tone-good .hold-label",
    ".tone-warn .hold-label",
    ".tone-alarm .hold-label",
    ".detection .state",
    ".hands em",
    ".segments td",
    ".segment-done td",
    ".event time",
    ".event-alarm .event-text",
    ".event-warning .event-text",
    ".switches button",
  ];
  return selectors.flatMap((selector) => {
    const element = document.querySelector(selector);
    if (element === null) return [];
    const behind = paint(...backgrounds(element));
    const front = paint(...backgrounds(element), getComputedStyle(element).color);
    const [a, b] = [luminance(behind), luminance(front)];
    return [[selector, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)] as const];
  });
}

interface Colours {
  readonly distinct: number;
  readonly violet: number;
  readonly green: number;
}

/** What a picture is made of; decoded by the browser itself. */
function coloursIn(page: Page, base64: string): Promise<Colours> {
  return page.evaluate(async (png) => {
    const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    const data = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
    const tones = new Set<number>();
    let violet = 0;
    let green = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r = 0, g = 0, b = 0] = [data[i], data[i + 1], data[i + 2]];
      tones.add((r << 16) | (g << 8) | b);
      if (r > g + 20 && b > g + 20) violet += 1;
      if (g > r + 40 && g > b + 25) green += 1;
    }
    const pixels = data.length / 4;
    return { distinct: tones.size, violet: violet / pixels, green: green / pixels };
  }, base64);
}

/** Share of pixels that differ by more than a few tones. */
function difference(page: Page, one: string, two: string): Promise<number> {
  return page.evaluate(
    async ([a = "", b = ""]) => {
      const read = async (png: string): Promise<Uint8ClampedArray> => {
        const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context?.drawImage(bitmap, 0, 0);
        return (
          context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray()
        );
      };
      const [x, y] = [await read(a), await read(b)];
      if (x.length !== y.length) return 1;
      let differing = 0;
      for (let i = 0; i < x.length; i += 4) {
        const apart = [0, 1, 2].some((k) => Math.abs((x[i + k] ?? 0) - (y[i + k] ?? 0)) > 12);
        if (apart) differing += 1;
      }
      return differing / (x.length / 4);
    },
    [one, two],
  );
}
