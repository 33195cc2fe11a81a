/**
 * The world's own thread: runs it against the wall clock in slices short enough that a request
 * waits for less than `SLICE_MS`, and tells the server's thread what is new at the rates of
 * `docs/protocols/state-stream.md`.
 */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { loadFaults } from "../../simulation/load-faults.ts";
import { loadSearch } from "../../mission/load-search.ts";
import { openSimulation } from "../../simulation/open-simulation.ts";
import { fingerprintOf, type WorldRecipe } from "../../whatif/future.ts";
import { WorldHost } from "./world-host.ts";
import type { FromWorld, ToWorld, WorldOrder } from "./world-messages.ts";
import { FRAME_EVERY_MS, MAP_EVERY_MS, viewEveryMs } from "./world-rates.ts";

const SLICE_MS = 40;
const IDLE_MS = 8;

function start(port: MessagePort, order: WorldOrder): void {
  const tell = (message: FromWorld): void => port.postMessage(message);
  const asked = order.vehicleCount;
  // Read with the number asked for, so that the mission's own limits are checked against it.
  const loaded = loadSearch(order.missionFile, asked === undefined ? {} : { vehicleCount: asked });
  if (!loaded.ok) {
    tell({ kind: "refused", file: order.missionFile, problems: loaded.problems });
    return;
  }
  const { mission } = loaded.value;
  const vehicleCount = mission.vehicles.count;
  const file = order.faultFile;
  const faults = file === undefined ? undefined : loadFaults(file, vehicleCount);
  if (faults?.ok === false) {
    tell({ kind: "refused", file: file ?? "", problems: faults.problems });
    return;
  }
  const simulation = openSimulation({
    loaded: loaded.value,
    seed: order.seed,
    vehicleCount,
    ...(faults === undefined ? {} : { faults: faults.value }),
  });
  const host = new WorldHost(simulation, performance.now(), { speed: order.speed });
  tell({ kind: "ready", hello: host.hello });
  const recipe: WorldRecipe = {
    missionFile: order.missionFile,
    seed: order.seed,
    vehicleCount: order.vehicleCount,
    faultFile: order.faultFile,
    planner: simulation.options.planner ?? "massRate",
    fingerprint: fingerprintOf(loaded.value),
  };
  runWorld({ port, host, recipe }, tell);
}

interface Running {
  readonly port: MessagePort;
  readonly host: WorldHost;
  readonly recipe: WorldRecipe;
}

function runWorld({ port, host, recipe }: Running, tell: (message: FromWorld) => void): void {
  const due = { frameMs: 0, viewMs: 0, mapMs: 0 };
  let timer: NodeJS.Timeout | undefined;
  const publish = (nowMs: number, now: boolean): void => {
    if (now || nowMs >= due.frameMs) {
      due.frameMs = nowMs + FRAME_EVERY_MS;
      tell({ kind: "frame", bytes: host.frame(nowMs) });
    }
    if (now || nowMs >= due.viewMs) {
      due.viewMs = nowMs + viewEveryMs(host.vehicleCount);
      tell({ kind: "view", view: host.view(nowMs) });
      const events = host.takeEvents();
      if (events.length > 0) tell({ kind: "events", events });
      const places = host.takePlaces();
      if (places.length > 0) tell({ kind: "places", places });
    }
    if (nowMs >= due.mapMs) {
      due.mapMs = nowMs + MAP_EVERY_MS;
      tell({ kind: "map", map: host.map() });
    }
  };
  const fork = ({ ticket, horizonS }: Extract<ToWorld, { kind: "fork" }>): void => {
    const startMs = performance.now();
    const forked = { ...host.fork(horizonS), recipe, pauseMs: performance.now() - startMs };
    const message: FromWorld = { kind: "forked", ticket, forked };
    // Handed over, not copied: a large world is some ten megabytes.
    port.postMessage(message, [forked.saved.world.buffer as ArrayBuffer]);
  };
  const turn = (): void => {
    host.advance(() => performance.now(), SLICE_MS);
    publish(performance.now(), false);
    const busy = host.behind || host.predictMore();
    timer = setTimeout(guarded, busy ? 0 : IDLE_MS);
  };
  const guarded = guard(turn, (detail) => {
    clearTimeout(timer);
    tell({ kind: "broken", detail });
  });
  port.on("message", (message: ToWorld) => {
    if (message.kind === "end") {
      clearTimeout(timer);
      port.close();
      return;
    }
    if (message.kind === "fork") {
      fork(message);
      return;
    }
    if (message.kind === "watch") {
      host.watch(message.vehicles);
      return;
    }
    const answer = host.ask(message.request, performance.now());
    tell({ kind: "answer", ticket: message.ticket, answer });
    publish(performance.now(), true);
  });
  guarded();
}

/** A world that broke an invariant is discarded, with its last words. */
function guard(work: () => void, broken: (detail: string) => void): () => void {
  return () => {
    try {
      work();
    } catch (error) {
      broken(error instanceof Error ? error.message : "unknown");
    }
  };
}

if (parentPort !== null) start(parentPort, workerData as WorldOrder);
