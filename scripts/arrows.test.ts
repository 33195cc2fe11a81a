import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkArrows } from "./arrows.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** A project of a few files: what `checkArrows` says of it. */
async function cruisePlanted(files: Record<string, string>): Promise<readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), "skein-arrows-"));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return (await checkArrows(root)).violations;
}

const value = "export const a: number = 1;\n";
const takes = (path: string): string =>
  `import { a } from "${path}";\nexport const b: number = a;\n`;
const takesType = (path: string): string =>
  `import type { T } from "${path}";\nexport type U = T;\n`;

describe("the arrows", () => {
  test("a downward import through mod.ts is allowed", async () => {
    const found = await cruisePlanted({
      "src/base/mod.ts": value,
      "src/hal/mod.ts": takes("../base/mod.ts"),
      "sim/world.ts": takes("../src/hal/mod.ts"),
      "apps/run.ts": takes("../sim/world.ts"),
    });
    expect(found).toEqual([]);
  });

  test("an upward import is refused, a type-only one too", async () => {
    const found = await cruisePlanted({
      "src/base/mod.ts": takesType("../hal/mod.ts"),
      "src/hal/mod.ts": "export type T = 1;\n",
    });
    expect(found).toEqual(["src/base/mod.ts -> src/hal/mod.ts: layer-base-upward"]);
  });

  test("a layer is not entered beside its door", async () => {
    const found = await cruisePlanted({
      "src/base/heap.ts": value,
      "src/hal/mod.ts": takes("../base/heap.ts"),
      "adapters/udp.ts": takes("../src/base/heap.ts"),
    });
    expect(found).toEqual([
      "adapters/udp.ts -> src/base/heap.ts: layer-door-outside",
      "src/hal/mod.ts -> src/base/heap.ts: layer-door",
    ]);
  });

  test("the vehicle's process does not reach the simulation, not even through others", async () => {
    const found = await cruisePlanted({
      "apps/simulation/seeded-entropy.ts": value,
      "apps/mission/load.ts": takes("../simulation/seeded-entropy.ts"),
      "apps/agent/agent.ts": takes("../mission/load.ts"),
      "apps/cli/run.ts": takes("../simulation/seeded-entropy.ts"),
    });
    expect(found).toEqual([
      "apps/agent/agent.ts -> apps/simulation/seeded-entropy.ts: agent-no-simulation",
    ]);
  });

  test("a cycle is refused, a type-only one too", async () => {
    const found = await cruisePlanted({
      "src/base/one.ts": `import type { U } from "./two.ts";\nexport type T = U | 1;\n`,
      "src/base/two.ts": takesType("./one.ts"),
    });
    expect(found).toContain("src/base/one.ts -> src/base/two.ts: no-cycle");
  });

  test("src and sim import no Node and no npm but noble", async () => {
    const found = await cruisePlanted({
      "package.json": `{ "dependencies": { "ws": "8", "@noble/hashes": "2" } }`,
      "node_modules/ws/index.js": "export const a = 1;",
      "node_modules/ws/package.json": `{ "name": "ws", "main": "index.js" }`,
      "node_modules/@noble/hashes/sha2.js": "export const a = 1;",
      "node_modules/@noble/hashes/package.json": `{ "name": "@noble/hashes" }`,
      "src/base/mod.ts": takes("ws"),
      "src/hal/mod.ts": takes("@noble/hashes/sha2.js"),
      "sim/world.ts": `import { readFileSync } from "node:fs";\nexport const b = readFileSync;\n`,
    });
    expect(found).toEqual([
      "sim/world.ts -> fs: core-no-node",
      "src/base/mod.ts -> node_modules/ws/index.js: core-npm-allow-list",
    ]);
  });

  test("adapters and the simulator do not know each other, nor the apps", async () => {
    const found = await cruisePlanted({
      "adapters/udp.ts": takes("../sim/world.ts"),
      "sim/world.ts": takes("../apps/run.ts"),
      "sim/radio.ts": takes("../src/swarm/mod.ts"),
      "src/swarm/mod.ts": value,
      "apps/run.ts": value,
    });
    expect(found).toEqual([
      "adapters/udp.ts -> sim/world.ts: adapters-down",
      "sim/radio.ts -> src/swarm/mod.ts: sim-down",
      "sim/world.ts -> apps/run.ts: apps-not-imported",
      "sim/world.ts -> apps/run.ts: sim-down",
    ]);
  });

  test("the core imports nothing around it", async () => {
    const found = await cruisePlanted({
      "src/node/mod.ts": takes("../../sim/world.ts"),
      "sim/world.ts": value,
    });
    expect(found).toEqual(["src/node/mod.ts -> sim/world.ts: core-stays-inside"]);
  });

  test("the page takes types of the server, not its code", async () => {
    const found = await cruisePlanted({
      "apps/ground/server/report.ts": `${value}export type T = 1;\n`,
      "apps/ground/web/page.ts": takes("../server/report.ts"),
      "apps/ground/web/model.ts": takesType("../server/report.ts"),
    });
    expect(found).toEqual([
      "apps/ground/web/page.ts -> apps/ground/server/report.ts: web-report-types-only",
    ]);
  });

  test("tests are imported by nothing, and an import must lead somewhere", async () => {
    const found = await cruisePlanted({
      "src/base/a.test.ts": value,
      "src/base/mod.ts": takes("./a.test.ts"),
      "src/hal/mod.ts": takes("./gone.ts"),
    });
    expect(found).toEqual([
      "src/base/mod.ts -> src/base/a.test.ts: no-test-import",
      "src/hal/mod.ts -> ./gone.ts: unresolved",
    ]);
  });

  test("a cruise over nothing is no success", async () => {
    const found = await cruisePlanted({ "src/readme.txt": "" });
    expect(found).toEqual(["no module was understood: the cruise says nothing"]);
  });
});
