/**
 * The behaviours that carry a vehicle through its other duties: up, home, down, still, and over a
 * place. Each is an ordinary behaviour; what makes them safe lies in the envelope below them.
 */
import { cos, sin } from "../../base/mod.ts";
import { defineBehaviour } from "./define.ts";
import type { Behaviour, BehaviourView } from "./define.ts";
import type { GroundPoint } from "../area/mod.ts";
import { followWay, gapM, speedNowMps } from "./flying.ts";
import type { WayMemory } from "./flying.ts";

/** Straight up over the pad to the vehicle's own layer. */
export const takeOff: Behaviour = defineBehaviour({
  name: "takeOff",
  step(view, _memory, out) {
    out.setpoint({ ...view.home, aglM: view.layerAglM, speedMps: 2 });
    if (view.self.altitudeAglM > view.layerAglM - 4) out.done();
  },
});

/** Holds the place where it began. */
export const hold: Behaviour = defineBehaviour({
  name: "hold",
  memory: () => ({ begun: false, northM: 0, eastM: 0, amslM: 0 }),
  step(view, memory, out) {
    if (!memory.begun) {
      const { northM, eastM, altitudeAmslM } = view.self.position;
      Object.assign(memory, { begun: true, northM, eastM, amslM: altitudeAmslM });
    }
    const { northM, eastM, amslM } = memory;
    out.setpoint({ northM, eastM, amslM, speedMps: 4 });
  },
});

/** On the pad's column within this and nearly still, it may sink. */
const COLUMN_M = 3;
const FINAL_AGL_M = 7;

/** The lower of what is measured and what the map says: one of them may be stuck or wrong. */
function heightOverPadM(view: BehaviourView): number {
  const { altitudeAmslM } = view.self.position;
  const { northM, eastM } = view.home;
  const byMapM = altitudeAmslM - view.terrain.heightAmslM(northM, eastM);
  return Math.max(0, Math.min(view.self.altitudeAglM, byMapM));
}

/** Whoever climbs this close to our pad is let go first, from this far away. */
const NEIGHBOURING_M = 22;
const WAIT_AT_M = 45;

function someoneClimbs(view: BehaviourView): boolean {
  return view.neighbours.some(({ position, velocity }) => {
    const dn = position.northM - view.home.northM;
    const de = position.eastM - view.home.eastM;
    if (dn * dn + de * de > NEIGHBOURING_M * NEIGHBOURING_M) return false;
    return position.altitudeAmslM < view.self.position.altitudeAmslM && velocity.downMps < 0.3;
  });
}

/** Home along a way around zones at the vehicle's own layer, down its column, and touch down. */
export const returnHome: Behaviour = defineBehaviour({
  name: "return",
  memory: () => ({ corner: 0, sinking: false }),
  step(view, memory, out) {
    const { home } = view;
    const farM = gapM(view, home);
    if (!memory.sinking && farM < WAIT_AT_M && farM > NEIGHBOURING_M && someoneClimbs(view)) {
      const { northM, eastM } = view.self.position;
      out.setpoint({ northM, eastM, aglM: view.layerAglM, speedMps: 4 });
      return;
    }
    if (!memory.sinking) {
      const points = view.wayHome();
      const way = { points, memory, aglM: view.layerAglM, arriveMps: 0, withinM: COLUMN_M };
      if (followWay(view, out, way) && speedNowMps(view) < 1.5) memory.sinking = true;
      return;
    }
    const { altitudeAmslM } = view.self.position;
    const heightM = heightOverPadM(view);
    out.setpoint({ ...home, amslM: altitudeAmslM - heightM + FINAL_AGL_M - 2, speedMps: 2 });
    if (farM > 4 * COLUMN_M) memory.sinking = false;
    else if (heightM < FINAL_AGL_M && farM < COLUMN_M) out.touchDown();
  },
});

/** Down where it is. */
export const land: Behaviour = defineBehaviour({
  name: "land",
  step(_view, _memory, out) {
    out.touchDown();
  },
});

interface PlaceMemory extends WayMemory {
  /** The place that the way leads to; ways are found once. */
  key: string;
  points: readonly GroundPoint[];
}

const newWay = (): PlaceMemory => ({ corner: 0, key: "", points: [] });

function wayToPlace(view: BehaviourView, memory: PlaceMemory): readonly GroundPoint[] {
  const { northM, eastM } = view.place ?? view.home;
  const key = `${String(northM)} ${String(eastM)}`;
  if (memory.key !== key) {
    Object.assign(memory, { key, corner: 0, points: view.wayTo({ northM, eastM }) });
  }
  return memory.points;
}

/** To a place and stay there at lane height: also the eyes and relay over a found person. */
export const goTo: Behaviour = defineBehaviour({
  name: "goTo",
  memory: newWay,
  step(view, memory, out) {
    const points = wayToPlace(view, memory);
    const { aglM } = view.mission.sensor;
    followWay(view, out, { points, memory, aglM, arriveMps: 0, withinM: 2 });
  },
});

/** A look circles slowly over ground that may be steep: room for what the map does not have. */
const LOOK_OVER_CLEARANCE_M = 20;
/** One round of a closer look takes this long. */
const LOOK_S = 50;
const LOOK_RADIUS_M = 22;
const LOOK_SPEED_MPS = 4;

/** Low circles around a detection, then done. */
export const look: Behaviour = defineBehaviour({
  name: "look",
  memory: () => ({ ...newWay(), beganMs: -1, phaseRad: 0 }),
  step(view, memory, out) {
    const place = view.place ?? view.home;
    const { sensor, limits } = view.mission;
    const aglM = Math.max(limits.clearanceM + LOOK_OVER_CLEARANCE_M, sensor.aglM * 0.6);
    if (memory.beganMs < 0) {
      const points = wayToPlace(view, memory);
      const way = { points, memory, aglM, arriveMps: 3, withinM: LOOK_RADIUS_M };
      if (followWay(view, out, way)) memory.beganMs = view.nowMs;
      return;
    }
    memory.phaseRad += (LOOK_SPEED_MPS / LOOK_RADIUS_M) * 0.1;
    out.setpoint({
      northM: place.northM + LOOK_RADIUS_M * cos(memory.phaseRad),
      eastM: place.eastM + LOOK_RADIUS_M * sin(memory.phaseRad),
      aglM,
      speedMps: LOOK_SPEED_MPS,
      arriveMps: LOOK_SPEED_MPS,
    });
    if (view.nowMs - memory.beganMs > LOOK_S * 1000) out.done();
  },
});

/** Below a clear-air ceiling, over the place where it was ordered. */
export const stayLow: Behaviour = defineBehaviour({
  name: "stayLow",
  memory: () => ({ begun: false, northM: 0, eastM: 0 }),
  step(view, memory, out) {
    const { northM, eastM } = view.self.position;
    if (!memory.begun) Object.assign(memory, { begun: true, northM, eastM });
    out.setpoint({ northM: memory.northM, eastM: memory.eastM, aglM: 0, speedMps: 4 });
  },
});
