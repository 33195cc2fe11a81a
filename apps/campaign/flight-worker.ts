/** A thread that flies one seed after another, as it is told. */
import { parentPort, workerData } from "node:worker_threads";
import { fly, type FlightPlan } from "./flight.ts";

const plan = workerData as FlightPlan;

parentPort?.on("message", (seed: number) => {
  void fly(plan, seed).then((row) => parentPort?.postMessage(row));
});
