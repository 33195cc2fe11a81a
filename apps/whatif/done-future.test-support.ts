/** A fork's thread that has come to its end at once. */
import { parentPort } from "node:worker_threads";

const future = { state: "done", atS: 661, outcome: null, paths: [], trouble: "" };
parentPort?.postMessage({ kind: "future", future });
