/**
 * A session over a synthetic swarm of any size (`synthetic-world.ts`): the product's own session,
 * fed by a thread that speaks as a simulated world does.
 */
import { Worker } from "node:worker_threads";
import { openWorldThread, type WorldSession } from "../../apps/ground/server/world-session.ts";
import type { SyntheticOrder } from "./synthetic-world.ts";

export async function syntheticGround(order: SyntheticOrder): Promise<WorldSession> {
  const worker = new Worker(new URL("./synthetic-world.ts", import.meta.url), {
    workerData: order,
  });
  const opened = await openWorldThread(worker, "synthetic");
  if (!opened.ok) throw new Error("the synthetic swarm opens");
  return opened.session;
}
