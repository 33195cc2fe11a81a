/** How many pictures a second a page draws, and what of a core its server takes meanwhile. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Browser } from "playwright-core";
import type { CpuMark } from "./synthetic-host.ts";
import { median, quantile } from "./table.ts";

export interface PageFigures {
  readonly vehicles: number;
  /** Frames a second: the median gap between two, and the gap that 95% are below. */
  readonly medianHz: number;
  readonly p5Hz: number;
  /** Shares of one core. */
  readonly serverShare: number;
  readonly processShare: number;
}

const SETTLE_MS = 4000;
const MEASURED_MS = 10_000;

class Host {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(vehicles: number) {
    const file = join(import.meta.dirname, "synthetic-host.ts");
    this.#child = spawn(process.execPath, [file, String(vehicles)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("the host has an output");
    this.#reader = createInterface({ input: stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error("the host ended early");
    return next.value;
  }

  async mark(): Promise<CpuMark> {
    this.#child.stdin?.write("\n");
    return JSON.parse(await this.line()) as CpuMark;
  }

  async end(): Promise<void> {
    const gone = new Promise((done) => this.#child.once("exit", done));
    this.#child.stdin?.end();
    await gone;
    this.#reader.close();
  }
}

export async function measurePage(browser: Browser, vehicles: number): Promise<PageFigures> {
  const host = new Host(vehicles);
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto(await host.line());
  await page.waitForSelector("[data-vehicle]");
  await page.waitForTimeout(SETTLE_MS);
  const before = await host.mark();
  const gaps = await page.evaluate(
    (forMs) =>
      new Promise<number[]>((done) => {
        const found: number[] = [];
        const startMs = performance.now();
        let lastMs = startMs;
        const tick = (nowMs: number): void => {
          found.push(nowMs - lastMs);
          lastMs = nowMs;
          if (nowMs - startMs < forMs) window.requestAnimationFrame(tick);
          else done(found.slice(1));
        };
        window.requestAnimationFrame(tick);
      }),
    MEASURED_MS,
  );
  const after = await host.mark();
  await page.close();
  await host.end();
  const wallMs = after.wallMs - before.wallMs;
  return {
    vehicles,
    medianHz: 1000 / median(gaps),
    p5Hz: 1000 / quantile(gaps, 0.95),
    serverShare: (after.serverMs - before.serverMs) / wallMs,
    processShare: (after.processMs - before.processMs) / wallMs,
  };
}
