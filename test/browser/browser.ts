/** A real Chromium with software graphics, and pages in it that report their errors. */
import { chromium, type Browser, type Page } from "playwright-core";

/** Without them Chromium asks the network, shows first-run pages, or has no WebGL. */
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

export function launch(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, headless: true, args: FLAGS });
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors that the page threw or logged, and requests that left this machine. */
  readonly complaints: readonly string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: { readonly width?: number; readonly height?: number } = {},
): Promise<OpenedPage> {
  const { width = 1280, height = 720 } = options;
  const page = await browser.newPage({ viewport: { width, height }, reducedMotion: "reduce" });
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const own = hostname === "127.0.0.1" || protocol === "data:" || protocol === "blob:";
    if (!own) complaints.push(`asks ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

/** Longer than `HOLD_MS` of the page. */
const HELD_MS = 750;

export async function holdKey(page: Page, key: string): Promise<void> {
  await page.keyboard.down(key);
  await page.waitForTimeout(HELD_MS);
  await page.keyboard.up(key);
}
