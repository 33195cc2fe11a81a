/** A fork's thread: the one with changes tells once and dies, the other comes to its end. */
import { parentPort, workerData } from "node:worker_threads";
import type { FutureOrder } from "./future.ts";

const { changes, saved } = workerData as FutureOrder;
const tell = (state: "running" | "done"): void => {
  const future = { state, atS: saved.atMs / 1000 + 1, outcome: null, paths: [], trouble: "" };
  parentPort?.postMessage({ kind: "future", future });
};

if (changes.length === 0) tell("done");
else {
  tell("running");
  setTimeout(() => {
    throw new Error("this fork does not end well");
  }, 1);
}
