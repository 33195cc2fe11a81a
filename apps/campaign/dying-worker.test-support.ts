/** A worker that flies nothing and does not survive seed 2. */
import { parentPort } from "node:worker_threads";

parentPort?.on("message", (seed: number) => {
  if (seed === 2) throw new Error("this seed ends the thread");
  parentPort?.postMessage({ seed, traceHash: String(seed) });
});
