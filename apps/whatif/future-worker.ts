/** A fork's own thread: builds it, runs it to its end, and tells how far it is. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import type { Problem } from "../../src/base/mod.ts";
import type { WhatIfFuture } from "../ground/report/what-if.ts";
import { openFuture, type FutureOrder } from "./future.ts";

const TELL_EVERY_MS = 400;

export type FromFuture =
  | { readonly kind: "future"; readonly future: WhatIfFuture }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

function start(port: MessagePort, order: FutureOrder): void {
  const tell = (message: FromFuture): void => port.postMessage(message);
  const opened = openFuture(order);
  if (!opened.ok) {
    tell({ kind: "refused", problems: opened.problems });
    return;
  }
  const future = opened.value;
  let toldMs = -Infinity;
  while (!future.isDone) {
    future.second(() => performance.now());
    if (performance.now() - toldMs < TELL_EVERY_MS) continue;
    toldMs = performance.now();
    tell({ kind: "future", future: future.view() });
  }
  tell({ kind: "future", future: future.view() });
}

if (parentPort !== null) start(parentPort, workerData as FutureOrder);
