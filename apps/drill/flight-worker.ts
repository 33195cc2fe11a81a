/** A thread that flies one job of a drill after another. */
import { parentPort, workerData } from "node:worker_threads";
import { fly, type FlightCommon, type FlightJob } from "./flight.ts";

const common = workerData as FlightCommon;

parentPort?.on("message", (job: FlightJob) => {
  void fly(common, job).then((row) => parentPort?.postMessage(row));
});
