/**
 * One node, three engines: the bundle runs in Node, in QuickJS (no platform at all) and in
 * Chromium, and must tell the same story with the same trace hash.
 */
import { runInNewContext } from "node:vm";
import { chromium } from "playwright-core";
import { getQuickJS } from "quickjs-emscripten";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleStory } from "../engines/bundle.ts";
import type { Story } from "../engines/story.ts";
import { browser, describeWith } from "../support/requirements.ts";

let script = "";
let here: Story | undefined;

beforeAll(async () => {
  script = await bundleStory();
  const context: { storyJson?: string } = {};
  runInNewContext(script, context);
  here = JSON.parse(context.storyJson ?? "{}") as Story;
}, 120_000);

describe("in Node, without a platform", () => {
  test("the cluster agrees, searches, holds, hears noise, loses a node, violates nothing", () => {
    expect(here).toMatchObject({ flying: 2, violated: 0, epoch: 1, heldBy: ["hold", "hold"] });
    expect(here?.leader).toBeGreaterThanOrEqual(0);
    expect(here?.committed).toBeGreaterThan(20);
    expect(here?.segments).toBeGreaterThan(1);
    expect(here?.sweptM2).toBeGreaterThan(5000);
    expect(here?.refused).toBeGreaterThan(20);
    expect(here?.boots).toBe(3);
  });
});

describe("in QuickJS, a bare engine", () => {
  test("the same story to the bit", { timeout: 240_000 }, async () => {
    const engine = await getQuickJS();
    const context = engine.newContext();
    context.unwrapResult(context.evalCode(script, "story.js")).dispose();
    const handle = context.getProp(context.global, "storyJson");
    const told = JSON.parse(context.getString(handle)) as Story;
    handle.dispose();
    context.dispose();
    expect(told).toEqual(here);
  });
});

describeWith(browser(), "in Chromium", (executablePath) => {
  test("the same story to the bit", { timeout: 120_000 }, async () => {
    const chrome = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
    });
    try {
      const page = await chrome.newPage();
      await page.addScriptTag({ content: script });
      const json = await page.evaluate(() => (globalThis as { storyJson?: string }).storyJson);
      expect(JSON.parse(json ?? "{}")).toEqual(here);
    } finally {
      await chrome.close();
    }
  });
});
