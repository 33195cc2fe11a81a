/**
 * What a test needs and a machine may lack: corpora of others, a browser, MAVLink peers, a
 * NATS server.
 *
 * `describeWith(requirement, name, body)` runs the tests where the thing is, reports one skipped
 * test with the reason where it is not, and fails there under SKEIN_REQUIRE_ALL=1. The body is not
 * even called without the thing, so it may read it at once.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

/** Found, with its path; or missing, with the reason that the report shows. */
export type Requirement =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "missing"; readonly reason: string };

/**
 * Files or folders of the corpora at SKEIN_CORPUS, by default `../shared/data` of the checkout;
 * found, with the path of the first, when all are there.
 */
export function corpus(path: string, ...more: readonly string[]): Requirement {
  const home = process.env["SKEIN_CORPUS"] ?? join(ROOT, "..", "shared", "data");
  const missing = [path, ...more].find((each) => !existsSync(resolve(home, each)));
  if (missing === undefined) return { kind: "found", path: resolve(home, path) };
  return { kind: "missing", reason: `no corpus ${missing}; SKEIN_CORPUS names the folder` };
}

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A Chromium that playwright-core can drive. */
export function browser(): Requirement {
  const path = BROWSERS.find((candidate) => existsSync(candidate));
  if (path !== undefined) return { kind: "found", path };
  return { kind: "missing", reason: "no Chromium; node scripts/setup.mjs test installs it" };
}

/** The Python that has pymavlink and MAVProxy. */
export function mavlinkPython(): Requirement {
  const path = join(ROOT, ".cache", "peers", "bin", "python");
  if (existsSync(path)) return { kind: "found", path };
  return { kind: "missing", reason: "no pymavlink; node scripts/setup.mjs test installs it" };
}

/** A `nats-server`: the system's, or the one that setup unpacked. */
export function natsServer(): Requirement {
  const unpacked = join(ROOT, ".cache", "nats", "usr", "sbin", "nats-server");
  const path = ["/usr/sbin/nats-server", unpacked].find((candidate) => existsSync(candidate));
  if (path !== undefined) return { kind: "found", path };
  return { kind: "missing", reason: "no nats-server; node scripts/setup.mjs test unpacks it" };
}

export function describeWith(
  requirement: Requirement,
  name: string,
  body: (path: string) => void,
): void {
  switch (requirement.kind) {
    case "found":
      describe(name, () => body(requirement.path));
      return;
    case "missing":
      describeMissing(name, requirement.reason);
      return;
    default:
      requirement satisfies never;
  }
}

function describeMissing(name: string, reason: string): void {
  const required = process.env["SKEIN_REQUIRE_ALL"] === "1";
  describe(name, () => {
    test.skipIf(!required)(reason, () => {
      throw new Error(`${reason}, and SKEIN_REQUIRE_ALL=1`);
    });
  });
}
