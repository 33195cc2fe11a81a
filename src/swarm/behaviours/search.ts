/**
 * Search: flies the lane that the planner gave, and says when it is swept.
 *
 * A lane counts when nearly all of it was flown within a third of a spacing of its line and near
 * the height for which the sweep width holds; otherwise it is reported unseen and stays open.
 */
import { defineBehaviour } from "./define.ts";
import type { Behaviour, BehaviourOut, BehaviourView, LaneTask } from "./define.ts";
import { followWay, gapM, slopeSpeedMps } from "./flying.ts";
import type { WayMemory } from "./flying.ts";

interface Memory extends WayMemory {
  /** Which lane this memory is about. */
  key: string;
  sweeping: boolean;
  good: number;
  all: number;
}

/** The setpoint runs this far ahead on the lane. */
const LEAD_M = 30;
/** A lane begins once the vehicle is this close to its line and its end. */
const ON_LINE_M = 12;
/** Of the ticks on a lane, this share must have been low and true. */
const GOOD_SHARE = 0.85;
/** Speed over the lane's end, into the turn. */
const TURN_MPS = 6;

export const search: Behaviour = defineBehaviour({
  name: "search",
  memory: (): Memory => ({ key: "", corner: 0, sweeping: false, good: 0, all: 0 }),
  step(view, memory, out) {
    const { lane } = view.tasks;
    if (lane === undefined) {
      const { northM, eastM } = view.self.position;
      out.setpoint({ northM, eastM, aglM: view.layerAglM, speedMps: 3 });
      return;
    }
    const key = `${String(lane.segment)}/${String(lane.pass)}/${String(lane.lane)}`;
    if (memory.key !== key) {
      Object.assign(memory, { key, corner: 0, sweeping: false, good: 0, all: 0 });
    }
    if (memory.sweeping) sweep(view, memory, out, lane);
    else approach(view, memory, out, lane);
  },
});

function approach(view: BehaviourView, memory: Memory, out: BehaviourOut, lane: LaneTask): void {
  const { aglM } = view.mission.sensor;
  const near = followWay(view, out, {
    points: [...lane.route, lane.from],
    memory,
    aglM,
    arriveMps: TURN_MPS,
    withinM: ON_LINE_M,
  });
  if (near) memory.sweeping = true;
}

function sweep(view: BehaviourView, memory: Memory, out: BehaviourOut, lane: LaneTask): void {
  const { from, to } = lane;
  const dn = to.northM - from.northM;
  const de = to.eastM - from.eastM;
  const lengthM = Math.sqrt(dn * dn + de * de);
  const n = dn / lengthM;
  const e = de / lengthM;
  const { position } = view.self;
  const along = (position.northM - from.northM) * n + (position.eastM - from.eastM) * e;
  const off = Math.abs((position.northM - from.northM) * e - (position.eastM - from.eastM) * n);
  const { aglM } = view.mission.sensor;
  const low = view.self.altitudeAglM < 1.6 * aglM && view.self.altitudeAglM > 0.5 * aglM;
  memory.all += 1;
  if (low && off <= lane.spacingM / 3 + 3) memory.good += 1;
  if (along >= lengthM - 4) {
    out.swept(memory.good >= GOOD_SHARE * memory.all);
    return;
  }
  const lead = Math.min(lengthM, Math.max(0, along) + LEAD_M);
  const ahead = { northM: from.northM + n * lead, eastM: from.eastM + e * lead };
  const speedMps = Math.min(slopeSpeedMps(view, ahead), brakeTo(TURN_MPS, gapM(view, to)));
  out.setpoint({ ...ahead, aglM, speedMps, arriveMps: speedMps });
}

/** Speed from which a gentle brake reaches `endMps` after `gap` metres. */
function brakeTo(endMps: number, gap: number): number {
  return Math.sqrt(endMps * endMps + 2 * 1.8 * gap);
}
