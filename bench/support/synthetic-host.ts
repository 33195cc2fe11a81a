/**
 * A ground server over a synthetic swarm as a process of its own, so that its share of a core is
 * its own: `node synthetic-host.ts VEHICLES` prints the page's link; each line on its input is
 * answered with the processor time used so far, as JSON; it ends with its input.
 */
import { createInterface } from "node:readline";
import { PAGE_FOLDER } from "../../apps/ground/build.ts";
import { readPageFiles } from "../../apps/ground/server/page-files.ts";
import { openGroundServer } from "../../apps/ground/server/server.ts";
import { syntheticGround } from "../../test/support/synthetic-ground.ts";

export interface CpuMark {
  readonly wallMs: number;
  /** The server's own thread: sockets, cuts, views. */
  readonly serverMs: number;
  /** The whole process, with the thread of the synthetic swarm. */
  readonly processMs: number;
}

function mark(): CpuMark {
  const thread = process.threadCpuUsage();
  const whole = process.cpuUsage();
  return {
    wallMs: performance.now(),
    serverMs: (thread.user + thread.system) / 1000,
    processMs: (whole.user + whole.system) / 1000,
  };
}

const vehicleCount = Number(process.argv[2]);
const session = await syntheticGround({ vehicleCount, moves: true });
const files = readPageFiles(PAGE_FOLDER);
const server = await openGroundServer({ session, files, port: 0 });
if (!server.ok) throw new Error(server.problem.text);
process.stdout.write(`${server.value.url}\n`);
const lines = createInterface({ input: process.stdin });
lines.on("line", () => process.stdout.write(`${JSON.stringify(mark())}\n`));
lines.on("close", () => process.exit(0));
