/**
 * The thread of a synthetic swarm, for tests and benches of server and page at any size: it says
 * what a simulated world's thread says, in the same messages at the same rates, about vehicles
 * that fly squares by a formula. Nothing in it is a swarm; all behind it is the product's code.
 *
 * Vehicle k flies round a square of its own, in a cluster of `CLUSTER` neighbors. One in 97 needs
 * a hand, one in 389 is lost, one in 211 has not been heard for a while, one in 5 is on its way.
 */
import { parentPort, workerData } from "node:worker_threads";
import type {
  ClusterRow,
  GroundView,
  LinkRow,
  VehicleRow,
  VehicleStatus,
} from "../../apps/ground/report/view.ts";
import { placeNamer } from "../../apps/ground/server/places.ts";
import { answerDone } from "../../apps/ground/server/session.ts";
import { encodeFrame } from "../../apps/ground/server/stream.ts";
import type { FromWorld, ToWorld } from "../../apps/ground/server/world-messages.ts";
import { MAP_EVERY_MS, viewEveryMs } from "../../apps/ground/server/world-rates.ts";
import { scriptedGround } from "./scripted-ground.ts";

export interface SyntheticOrder {
  readonly vehicleCount: number;
  /** Stands still when false: then one moment is sent once, for pictures that repeat. */
  readonly moves: boolean;
}

const CLUSTER = 25;
/** Inside the reference mission's terrain. */
const SPREAD_M = 8400;
const SPEED_MPS = 14;
const FRAME_EVERY_MS = 100;
const START_S = 3300;
const BATTERY_S = 1500;
const SIDES = 4;

interface Motion {
  readonly northM: number;
  readonly eastM: number;
  readonly northMps: number;
  readonly eastMps: number;
  readonly headingRad: number;
}

/** Round a square whose size and phase differ from vehicle to vehicle. */
function motionOf(k: number, side: number, timeS: number): Motion {
  const stepM = SPREAD_M / side;
  const homeNorthM = (Math.floor(k / side) + 0.5) * stepM - SPREAD_M / 2;
  const homeEastM = ((k % side) + 0.5) * stepM - SPREAD_M / 2;
  const edgeM = 60 + ((k * 37) % 90);
  const alongM = (timeS * SPEED_MPS + k * 53) % (SIDES * edgeM);
  const edge = Math.floor(alongM / edgeM);
  const onM = alongM - edge * edgeM;
  const [north, east] = [
    [onM, 0],
    [edgeM, onM],
    [edgeM - onM, edgeM],
    [0, edgeM - onM],
  ][edge] ?? [0, 0];
  const headingRad = (edge * Math.PI) / 2;
  return {
    northM: homeNorthM + (north ?? 0) - edgeM / 2,
    eastM: homeEastM + (east ?? 0) - edgeM / 2,
    northMps: SPEED_MPS * Math.cos(headingRad),
    eastMps: SPEED_MPS * Math.sin(headingRad),
    headingRad,
  };
}

function statusOf(k: number): VehicleStatus {
  if (k % 389 === 17) return "lost";
  if (k % 5 === 3) return "transit";
  return k % 31 === 7 ? "returning" : "searching";
}

/** By its number, so that a test can say who must be there. */
export function needsOf(k: number): string {
  return k % 97 === 41 ? "battery will not reach base against this wind" : "";
}

function start({ vehicleCount, moves }: SyntheticOrder): void {
  const port = parentPort;
  if (port === null) return;
  const script = scriptedGround({ startS: START_S });
  const { hello } = script;
  const base = script.view();
  const nameOf = placeNamer({
    latitudeRad: (hello.mission.originLatDeg * Math.PI) / 180,
    longitudeRad: (hello.mission.originLonDeg * Math.PI) / 180,
    altitudeAmslM: hello.mission.originAltitudeAmslM,
  });
  const side = Math.ceil(Math.sqrt(vehicleCount));
  const startMs = performance.now();
  const timeS = (): number => START_S + (moves ? (performance.now() - startMs) / 1000 : 0);
  let watched: readonly number[] = [];
  let sequence = 0;
  const tell = (message: FromWorld): void => port.postMessage(message);

  const rowOf = (k: number, nowS: number): VehicleRow => {
    const motion = motionOf(k, side, nowS);
    const status = statusOf(k);
    const position = { northM: motion.northM, eastM: motion.eastM };
    const flownS = (nowS + k * 7) % BATTERY_S;
    const toldS = status === "lost" ? 400 : k % 211 === 5 ? 90 : 0.3;
    return {
      index: k + 1,
      name: `vehicle ${k + 1}`,
      status,
      position,
      place: nameOf(position),
      velocity: { northMps: motion.northMps, eastMps: motion.eastMps, upMps: 0 },
      altitudeAmslM: hello.mission.originAltitudeAmslM + 150 + (k % 7) * 8,
      altitudeAglM: 70,
      speedMps: SPEED_MPS,
      headingRad: motion.headingRad,
      batteryRatio: 1 - 0.8 * (flownS / BATTERY_S),
      minutesLeft: status === "lost" ? null : (BATTERY_S - flownS) / 60,
      needs: status === "lost" ? "not heard for 6 min" : needsOf(k),
      segment: k % 200,
      lastHeardS: toldS,
      toldS,
      positionAgeS: toldS,
      linkQuality: 0.4 + 0.6 * ((k % 13) / 13),
      hops: k % 3 === 0 ? 1 : 2,
      behaviour: "search",
      leader: k % CLUSTER === 0,
      armed: status !== "lost",
      released: true,
    };
  };
  const all = Array.from({ length: vehicleCount }, (_, k) => k);
  const frame = (): void => {
    const nowS = timeS();
    const vehicles = all.map((k) => {
      const motion = motionOf(k, side, nowS);
      return {
        index: k + 1,
        status: statusOf(k),
        position: { northM: motion.northM, eastM: motion.eastM },
        velocity: { northMps: motion.northMps, eastMps: motion.eastMps, upMps: 0 },
        altitudeAmslM: hello.mission.originAltitudeAmslM + 150 + (k % 7) * 8,
        headingRad: motion.headingRad,
        armed: true,
        leader: k % CLUSTER === 0,
        needs: needsOf(k),
      };
    });
    const originAltitudeAmslM = hello.mission.originAltitudeAmslM;
    const bytes = encodeFrame({ sequence, missionTimeS: nowS, originAltitudeAmslM, vehicles });
    tell({ kind: "frame", bytes });
  };
  const clusters = (): ClusterRow[] =>
    Array.from({ length: Math.ceil(vehicleCount / CLUSTER) }, (_, id) => {
      const members = all.slice(id * CLUSTER, (id + 1) * CLUSTER).map((k) => k + 1);
      const lost = members.filter((index) => statusOf(index - 1) === "lost").length;
      const cut = id % 61 === 3;
      return {
        id,
        head: cut ? null : (members[0] ?? null),
        term: 1 + (id % 4),
        members,
        reachable: cut ? Math.floor(members.length / 3) : members.length - lost,
        quorum: !cut,
      };
    });
  const linksOf = (k: number): LinkRow[] =>
    [1, 2, side, side + 1]
      .map((step) => k + step)
      .filter((other) => other < vehicleCount)
      .map((other, i) => ({
        a: k + 1,
        b: other + 1,
        quality: 0.9 - 0.15 * i,
        lifetimeS: 20 + 60 * ((k + i * 3) % 9),
      }));
  const view = (): void => {
    const nowS = timeS();
    sequence += 1;
    const now: GroundView = {
      ...base,
      sequence,
      missionTimeS: nowS,
      vehicles: all.map((k) => rowOf(k, nowS)),
      clusters: clusters(),
      links: all.slice(0, CLUSTER).map((k) => ({ a: k + 1, b: 0, quality: 0.8, lifetimeS: 400 })),
      meshLinks: watched.flatMap((index) => linksOf(index - 1)),
    };
    tell({ kind: "view", view: now });
  };
  port.on("message", (message: ToWorld) => {
    if (message.kind === "end") process.exit(0);
    if (message.kind === "watch") watched = message.vehicles;
    if (message.kind !== "ask") return;
    const { ticket, request } = message;
    tell({ kind: "answer", ticket, answer: answerDone(request.id, JSON.stringify(request)) });
  });
  const map = script.map();
  tell({ kind: "ready", hello });
  view();
  frame();
  if (map !== undefined) tell({ kind: "map", map });
  const searched = (): void => {
    script.advance(MAP_EVERY_MS / 1000);
    const next = script.map();
    if (next !== undefined) tell({ kind: "map", map: next });
  };
  if (moves) setInterval(searched, MAP_EVERY_MS);
  setInterval(view, viewEveryMs(vehicleCount));
  setInterval(frame, FRAME_EVERY_MS);
}

start(workerData as SyntheticOrder);
