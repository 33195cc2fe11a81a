/**
 * Flying one vehicle: facts to duty, duty to behaviour, behaviour through the envelope to the
 * autopilot. Runs once a vehicle sample.
 */
import { invariant, mix32 } from "../base/mod.ts";
import type { NodeIndex } from "../base/mod.ts";
import type { VehicleCommand, VehicleSample } from "../hal/mod.ts";
import type { GroundPoint } from "./area/mod.ts";
import { goTo, hold, land, look, returnHome, stayLow, takeOff } from "./behaviours/duties.ts";
import type { Behaviour, NeighbourView } from "./behaviours/define.ts";
import type { ViewParts, Wishes } from "./behaviours/runner.ts";
import { search } from "./behaviours/search.ts";
import { homeOf, isInside, ownerOf, refreshClues, runnerOf, zonesNow } from "./core.ts";
import type { Core, Step } from "./core.ts";
import { detectionOf, noteDetection } from "./detection/detections.ts";
import { servePlace } from "./detection/places.ts";
import { tellDetection } from "./detection/untold.ts";
import type { Wanted } from "./detection/places.ts";
import { decideDuty } from "./duty.ts";
import type { DutyChoice, DutyFacts } from "./duty.ts";
import { HOME_SLACK_S, homeCostS, usableS } from "./energy/energy.ts";
import { envelop } from "./envelope/envelope.ts";
import type { Target } from "./envelope/envelope.ts";
import { followBias } from "./envelope/ground.ts";
import { seenAt } from "./envelope/tracks.ts";
import type { Seen } from "./envelope/tracks.ts";
import { cellAt, leftAt, totalLeft } from "./map/mod.ts";
import { distanceM } from "./planner/planner.ts";
import { routeBetween } from "./planner/route.ts";
import {
  keepTask,
  laneFlown,
  laneTask,
  releaseTask,
  tellIntentSoon,
  wouldSearch,
} from "./search/searching.ts";
import { encodeSwarmMessage } from "./search/message.ts";
import { freshIntents, INTENT_KEPT_MS } from "./search/tasks.ts";
import type { ClipReason, Duty, PlanPoint } from "./types.ts";

/** Everything that a saved vehicle may have been flying. */
export const BUILT_IN: readonly Behaviour[] = Object.freeze([
  goTo,
  hold,
  land,
  look,
  returnHome,
  search,
  stayLow,
  takeOff,
]);

const TAKEOFF_AGL_M = 12;
/** A battery below this is not sent up. */
const LAUNCH_RATIO_MIN = 0.6;
/** Within this of its pad a vehicle going up or down is over it. */
const OVER_PAD_M = 8;
/** Commands that were not yet obeyed are said again. */
const COMMAND_EVERY_MS = 1_000;
const ENERGY_EVERY_MS = 1_000;
const PLAN_EVERY_MS = 500;
/** Clips of one reason are told at most this often. */
const CLIP_EVERY_MS = 10_000;

export function pilot(core: Core, step: Step, sample: VehicleSample): void {
  const { flight } = core.state;
  noteSample(core, step, sample);
  if (step.nowMs - flight.energyMs >= ENERGY_EVERY_MS) reckonEnergy(core, step, sample);
  const wanted = servePlace(core, step.nowMs, { mayLaunch: mayLaunch(core, sample) });
  const facts = factsOf(core, step, { sample, wanted });
  const chosen = decideDuty(facts);
  changeDuty(core, step, chosen);
  act(core, step, sample);
}

function noteSample(core: Core, step: Step, sample: VehicleSample): void {
  const { state } = core;
  const { flight } = state;
  // A node that comes to life in the air has not just taken off.
  if (state.sample === undefined) flight.wasInAir = sample.inAir;
  state.sample = sample;
  flight.biasM = followBias(flight.biasM, core.surface, sample);
  if (!sample.inAir && sample.positionValid) flight.home ??= sample.position;
  if (flight.wasInAir && !sample.inAir) landed(core, step);
  if (!flight.wasInAir && sample.inAir) {
    flight.climbing = true;
    flight.switchThrown = false;
    flight.releasedByPage = false;
    flight.mustGoHome = false;
  }
  // The crew's switch counts when this node sees it rise, never by where it stands.
  if (sample.released && !flight.wasReleased && !sample.inAir) flight.switchThrown = true;
  if (!sample.released) flight.switchThrown = false;
  flight.wasInAir = sample.inAir;
  flight.wasReleased = sample.released;
}

function landed(core: Core, step: Step): void {
  const { flight, orders, fault } = core.state;
  flight.switchThrown = false;
  flight.releasedByPage = false;
  // A switch that was never taken back does not release a second time.
  flight.wasReleased = true;
  flight.climbing = false;
  flight.mustGoHome = false;
  flight.touchingDown = false;
  fault.goHome = undefined;
  fault.land = undefined;
  // An order that brought it down ends its grant: it goes up again only by a new one.
  if (orders.goHome || orders.land) orders.armGranted = false;
  releaseTask(core, step);
}

/** A switch that is off holds the vehicle, whatever the page says; a person works beside it. */
const isReleased = (core: Core, sample: VehicleSample): boolean =>
  sample.released && (core.state.flight.switchThrown || core.state.flight.releasedByPage);

const mayLaunch = (core: Core, sample: VehicleSample): boolean =>
  !sample.inAir &&
  isReleased(core, sample) &&
  sample.ready &&
  sample.positionValid &&
  sample.batteryRatio >= LAUNCH_RATIO_MIN &&
  core.state.orders.started &&
  core.state.orders.armGranted;

function reckonEnergy(core: Core, step: Step, sample: VehicleSample): void {
  const { flight } = core.state;
  const { mission, ground } = core.config.world;
  flight.energyMs = step.nowMs;
  if (sample.inAir) {
    const nominalW = (mission.vehicles.batteryWh * 3600) / mission.vehicles.batteryS;
    flight.powerRatio += 0.02 * (sample.powerW / nominalW - flight.powerRatio);
  }
  const home = homeOf(core);
  const corners = sample.inAir
    ? routeBetween(core.config.world, { a: sample.position, b: home, aglM: core.layerAglM })
    : [];
  flight.wayHome = [...corners, { northM: home.northM, eastM: home.eastM }];
  const wind = { northMps: sample.windNorthMps, eastMps: sample.windEastMps };
  flight.homeS = homeCostS(mission, ground, [sample.position, ...flight.wayHome], wind);
  flight.usableS = usableS(mission, sample.batteryRatio) / Math.max(0.9, flight.powerRatio);
  const near = flight.usableS - flight.homeS < HOME_SLACK_S;
  if (sample.inAir && near) flight.mustGoHome = true;
}

function factsOf(
  core: Core,
  step: Step,
  now: { readonly sample: VehicleSample; readonly wanted: Wanted | undefined },
): DutyFacts {
  const { state, config } = core;
  const { orders, fault, flight } = state;
  const { sample, wanted } = now;
  const ceiling = ceilingHere(core, sample.position);
  const own = config.behaviour?.behaviour;
  const parked = own !== undefined && runnerOf(core, own).parked !== undefined;
  const found = state.sightings.some((one) => one.verdict === "confirmed");
  const launch = mayLaunch(core, sample);
  const facts: DutyFacts = {
    inAir: sample.inAir,
    manual: sample.mode === "manual",
    positionValid: sample.positionValid,
    started: orders.started,
    armGranted: orders.armGranted,
    holdOrdered: orders.hold,
    returnOrdered: orders.goHome,
    landOrdered: orders.land,
    clearAirHere: ceiling !== undefined,
    clearAirLands: ceiling !== undefined && ceiling < CEILING_LANDS_M,
    clearAirLeaves: orders.ceilings.some((one) => one.leave && isInside(one, sample.position)),
    faultLand: fault.land,
    faultReturn: fault.goHome,
    faultHold: fault.hold,
    mustGoHome: flight.mustGoHome,
    touchingDown: flight.touchingDown,
    mayLaunch: launch,
    climbing: flight.climbing,
    eyes: wanted?.kind === "eyes",
    look: wanted?.kind === "look",
    found,
    ownBehaviour: own !== undefined,
    behaviourParked: parked,
    hasWork: false,
  };
  const asks = own === undefined && !found && orders.started && (sample.inAir || launch);
  return asks ? { ...facts, hasWork: hasWork(core, step, { sample, facts }) } : facts;
}

/** In the air a task is taken when it would be flown; on the ground only asked for. */
function hasWork(
  core: Core,
  step: Step,
  now: { readonly sample: VehicleSample; readonly facts: DutyFacts },
): boolean {
  if (!now.sample.inAir) return wouldSearch(core, step.nowMs);
  const would = decideDuty({ ...now.facts, hasWork: true }).duty === "search";
  if (!would) return core.state.tasks.task !== undefined;
  if (keepTask(core, step)) return true;
  // Between two segments the planner may be asked again only after a while: it is not done yet.
  // Who is on the way home goes on while it asks: to stop for each answer would cost the reserve.
  const { flight, tasks } = core.state;
  return flight.duty !== "return" && step.nowMs - tasks.chosenMs < GIVE_UP_MS;
}

const GIVE_UP_MS = 1_500;
/** A ceiling below this cannot be flown under: the vehicle lands. */
const CEILING_LANDS_M = 8;

/** The lowest clear-air ceiling that holds here. */
function ceilingHere(core: Core, at: GroundPoint): number | undefined {
  let lowest: number | undefined;
  for (const ceiling of core.state.orders.ceilings) {
    if (ceiling.leave || !isInside(ceiling, at)) continue;
    lowest = Math.min(lowest ?? Infinity, ceiling.ceilingAglM);
  }
  return lowest;
}

/** Duties during which a lease is kept: they soon end. */
const KEEPS_TASK: readonly Duty[] = ["search", "look", "hold", "takeoff"];

function changeDuty(core: Core, step: Step, chosen: DutyChoice): void {
  const { flight } = core.state;
  if (chosen.duty === flight.duty && chosen.reason === flight.reason) return;
  const changed = chosen.duty !== flight.duty;
  flight.duty = chosen.duty;
  flight.reason = chosen.reason;
  if (changed) {
    flight.commandedMs = -1e9;
    flight.dutyMs = step.nowMs;
    const behaviour = behaviourOf(core);
    if (behaviour !== core.config.behaviour?.behaviour) runnerOf(core, behaviour).restart();
    if (!KEEPS_TASK.includes(chosen.duty)) releaseTask(core, step);
    tellIntentSoon(core);
  }
  step.emit({ kind: "event", event: { kind: "duty", ...chosen } });
}

function behaviourOf(core: Core): Behaviour {
  const { flight } = core.state;
  switch (flight.duty) {
    case "search":
      return search;
    case "takeoff":
      return takeOff;
    case "return":
      return returnHome;
    case "land":
      return land;
    case "eyes":
      return goTo;
    case "look":
      return look;
    case "behaviour":
      return core.config.behaviour?.behaviour ?? hold;
    case "hold":
      return flight.reason === "clear-air" ? stayLow : hold;
    case "grounded":
    case "arming":
    case "manual":
      return hold;
    default:
      return flight.duty satisfies never;
  }
}

function act(core: Core, step: Step, sample: VehicleSample): void {
  const { flight } = core.state;
  if (flight.duty === "manual" || flight.duty === "grounded") return;
  if (flight.duty === "arming") {
    launch(core, step, sample);
    return;
  }
  if (flight.duty === "land" || flight.touchingDown) {
    if (sample.mode !== "land") command(core, step, { kind: "land" });
    return;
  }
  if (!sample.positionValid) {
    command(core, step, { kind: "hold" });
    return;
  }
  // The autopilot's own failsafe is flying, or it still climbs off the pad: it is left to it.
  if (sample.mode === "rtl" || sample.mode === "land") return;
  if (sample.mode === "takeoff" && heightAglM(core, sample) < TAKEOFF_AGL_M - 2) return;
  flyBehaviour(core, step, sample);
}

function launch(core: Core, step: Step, sample: VehicleSample): void {
  if (!sample.armed && !padsAreClear(core, step, sample)) return;
  if (!sample.armed) command(core, step, { kind: "arm" });
  else if (sample.mode !== "takeoff") {
    command(core, step, { kind: "takeoff", altitudeAglM: TAKEOFF_AGL_M });
  }
}

/** Others this close to the pad go up and down one at a time. */
const PADS_NEAR_M = 22;
const PADS_LOW_M = 30;
/** Intents have crossed by then. */
const ANNOUNCED_MS = 1_500;

/** Random but agreed priorities let pads that are no neighbours go at once (Luby, 1986). */
const goesBefore = (a: NodeIndex, b: NodeIndex): boolean => mix32(a) < mix32(b);

/**
 * Pads stand closer than position errors allow for two columns at once: of neighbours that wait
 * one goes first, and nobody starts under or beside one that comes down or is still low.
 */
function padsAreClear(core: Core, step: Step, sample: VehicleSample): boolean {
  const { tracks, tasks, flight } = core.state;
  if (step.nowMs - flight.dutyMs < ANNOUNCED_MS) return false;
  const waiting = freshIntents(tasks, step.nowMs).filter((one) => one.intent.duty === "arming");
  const isWaiting = (index: NodeIndex): boolean => waiting.some((one) => one.from === index);
  return !tracks.some((track) => {
    if (distanceM(track.position, sample.position) > PADS_NEAR_M) return false;
    if (step.nowMs - track.claimedAtMs > INTENT_KEPT_MS) return false;
    if (!track.inAir) return goesBefore(track.index, core.config.self) && isWaiting(track.index);
    const upM = track.position.altitudeAmslM - sample.position.altitudeAmslM;
    return upM < PADS_LOW_M || track.velocity.downMps > 0.5;
  });
}

function command(core: Core, step: Step, what: VehicleCommand): void {
  const { flight } = core.state;
  if (step.nowMs - flight.commandedMs < COMMAND_EVERY_MS) return;
  flight.commandedMs = step.nowMs;
  step.emit({ kind: "command", command: what });
}

function flyBehaviour(core: Core, step: Step, sample: VehicleSample): void {
  const others = seenAt(core.state.tracks, step.nowMs);
  const runner = runnerOf(core, behaviourOf(core));
  const parts = viewOf(core, { sample, others, nowMs: step.nowMs });
  const wishes = runner.step(parts);
  if (wishes === undefined) {
    const code = runner.parked?.code ?? "SWM003";
    const name = runner.behaviour.name;
    step.emit({ kind: "event", event: { kind: "behaviour", name, state: `parked: ${code}` } });
  } else obey(core, step, wishes);
  if (core.state.flight.touchingDown) return;
  const target = wishes?.target ?? stayTarget(sample);
  flyTo(core, step, { sample, others, target });
}

const stayTarget = (sample: VehicleSample): Target => ({
  northM: sample.position.northM,
  eastM: sample.position.eastM,
  height: { kind: "amsl", amslM: sample.position.altitudeAmslM },
  speedMps: 2,
  arriveMps: 0,
  yawRad: undefined,
});

function flyTo(
  core: Core,
  step: Step,
  now: {
    readonly sample: VehicleSample;
    readonly others: readonly Seen[];
    readonly target: Target;
  },
): void {
  const { state, config } = core;
  const { flight } = state;
  const overPad =
    (flight.duty === "takeoff" || flight.duty === "return") &&
    distanceM(now.sample.position, homeOf(core)) < OVER_PAD_M;
  const done = envelop({
    ...now,
    ground: config.world.ground,
    surface: core.surface,
    biasM: flight.biasM,
    rules: { ...core.rules, zones: zonesNow(core) },
    clearAirAglM: ceilingHere(core, now.sample.position),
    overPad,
  });
  invariant(
    Number.isFinite(done.setpoint.position.northM + done.setpoint.position.altitudeAmslM),
    "a setpoint is made of numbers",
  );
  step.emit({ kind: "command", command: { kind: "setpoint", setpoint: done.setpoint } });
  for (const reason of done.clipped) tellClip(core, step, reason);
  announcePlan(core, step, now);
}

function tellClip(core: Core, step: Step, by: ClipReason): void {
  const last = core.state.clips[by];
  if (last !== undefined && step.nowMs - last < CLIP_EVERY_MS) return;
  core.state.clips[by] = step.nowMs;
  step.emit({ kind: "event", event: { kind: "clipped", by } });
}

/** A behaviour of the user may land on its pad; elsewhere only orders and the way home land. */
function mayTouchDown(core: Core): boolean {
  const { flight, sample } = core.state;
  if (flight.duty !== "behaviour") return true;
  return sample !== undefined && distanceM(sample.position, homeOf(core)) < OVER_PAD_M;
}

/** What the behaviour asked for besides flying. */
function obey(core: Core, step: Step, wishes: Wishes): void {
  const { state, config } = core;
  if (wishes.swept !== undefined) laneFlown(core, step, wishes.swept);
  if (wishes.touchDown && mayTouchDown(core)) {
    state.flight.touchingDown = true;
    step.emit({ kind: "command", command: { kind: "land" } });
    state.flight.commandedMs = step.nowMs;
  }
  if (wishes.done) finished(core);
  for (const segment of wishes.claims) {
    if (segment >= config.plan.segments.length) continue;
    const pass = core.table.pass[segment]!;
    step.emit({ kind: "propose", proposal: { kind: "claim", segment, pass } });
  }
  for (const segment of wishes.releases) {
    if (ownerOf(core, segment) !== config.self) continue;
    const progress = {
      segment,
      pass: core.table.pass[segment]!,
      lanes: core.table.lanes[segment]!,
    };
    step.emit({ kind: "propose", proposal: { kind: "release", progress } });
  }
  for (const { key, value } of wishes.proposals) {
    if (!mayTell(core, step, `propose ${key}`)) continue;
    step.emit({ kind: "propose", proposal: { kind: "value", key, value } });
  }
  for (const { key, value } of wishes.shares) {
    if (!mayTell(core, step, key)) continue;
    step.emit({ kind: "message", bytes: encodeSwarmMessage({ kind: "share", key, value }) });
  }
  for (const text of wishes.logs) {
    if (!mayTell(core, step, "log")) continue;
    const name = behaviourOf(core).name;
    step.emit({ kind: "event", event: { kind: "behaviour", name, state: text } });
  }
  for (const wish of wishes.detections) {
    if (!mayTell(core, step, "detection")) continue;
    const altitudeAmslM = config.world.ground.heightAmslM(wish.northM, wish.eastM);
    const position = { northM: wish.northM, eastM: wish.eastM, altitudeAmslM };
    const known = core.state.sightings;
    const detection = detectionOf(config.self, { ...wish, position }, { networkTimeMs: 0, known });
    // Kept at once, so that the next wish has the next number.
    core.state.sightings = noteDetection(known, detection, step.nowMs);
    refreshClues(core);
    tellDetection(core, step, detection);
  }
}

/** Once a second a key. */
function mayTell(core: Core, step: Step, key: string): boolean {
  const { state } = core;
  const last = state.toldMs.find((one) => one.key === key);
  if (last !== undefined && step.nowMs - last.atMs < 1000) return false;
  state.toldMs = [
    ...state.toldMs.filter((one) => one.key !== key && step.nowMs - one.atMs < 1000),
    { key, atMs: step.nowMs },
  ].slice(-64);
  return true;
}

function finished(core: Core): void {
  const { state } = core;
  if (state.flight.duty === "takeoff") state.flight.climbing = false;
  if (state.flight.duty !== "look") return;
  const sighting = state.sightings.find((one) => one.detection.id === state.place?.id);
  if (sighting !== undefined) sighting.looked = true;
  state.place = undefined;
}

export function heightAglM(core: Core, sample: VehicleSample): number {
  if (sample.altitudeAglM !== undefined) return sample.altitudeAglM;
  const { northM, eastM, altitudeAmslM } = sample.position;
  return altitudeAmslM - core.config.world.ground.heightAmslM(northM, eastM);
}

function viewOf(
  core: Core,
  now: {
    readonly sample: VehicleSample;
    readonly others: readonly Seen[];
    readonly nowMs: number;
  },
): ViewParts {
  const { state, config, map } = core;
  const { flight } = state;
  const { sample, nowMs } = now;
  const { ground, mission } = config.world;
  const place = state.sightings.find((one) => one.detection.id === state.place?.id);
  let total: number | undefined;
  return {
    nowMs,
    self: {
      index: config.self,
      slot: config.slot,
      position: sample.position,
      velocity: sample.velocity,
      yawRad: sample.yawRad,
      altitudeAglM: heightAglM(core, sample),
      positionErrorM: sample.positionErrorM,
      batteryRatio: sample.batteryRatio,
      inAir: sample.inAir,
    },
    neighbours: LOOKS_AROUND.includes(flight.duty) ? now.others.map(neighbourOf) : [],
    mission,
    home: homeOf(core),
    wayHome: () => flight.wayHome,
    wayTo: (to) => [
      ...routeBetween(config.world, { a: sample.position, b: to, aglM: core.layerAglM }),
      to,
    ],
    layerAglM: core.layerAglM,
    place: place?.detection.position,
    tasks: {
      lane: flight.duty === "search" ? laneTask(core) : undefined,
      mine: state.tasks.task === undefined ? [] : [state.tasks.task.segment],
      ownerOf: (segment) => ownerOf(core, segment),
    },
    map: {
      massAt: (northM, eastM) => {
        const cell = cellAt(map.prior.grid, northM, eastM);
        if (cell < 0) return 0;
        total ??= totalLeft(map);
        return leftAt(map, cell) / total;
      },
    },
    terrain: { heightAmslM: (n, e) => ground.heightAmslM(n, e) + flight.biasM },
    agreed: (key) => state.values.find((one) => one.key === key)?.value,
    shared: (key) =>
      state.shared
        .filter((one) => one.key === key)
        .map(({ index, value, atMs }) => ({ index, value, ageMs: nowMs - atMs })),
    random: () => core.random.uniform(),
  };
}

/** The product's own behaviours, but for the way home, look at nobody: the envelope does. */
const LOOKS_AROUND: readonly Duty[] = ["behaviour", "return"];

const neighbourOf = (seen: Seen): NeighbourView => ({
  index: seen.index,
  position: seen.position,
  velocity: seen.velocity,
  covarianceM: seen.widenM,
  ageMs: seen.ageMs,
  trust: seen.trust,
  plan: seen.plan,
});

/** Where this vehicle means to be in the next seconds, for its beacons. */
function announcePlan(
  core: Core,
  step: Step,
  now: { readonly sample: VehicleSample; readonly target: Target },
): void {
  const { flight } = core.state;
  if (step.nowMs - flight.planMs < PLAN_EVERY_MS) return;
  flight.planMs = step.nowMs;
  const { mission } = core.config.world;
  const { position } = now.sample;
  const lane = flight.duty === "search" ? laneTask(core) : undefined;
  const stops: GroundPoint[] = [now.target];
  if (flight.duty === "return") stops.push(...flight.wayHome);
  if (lane !== undefined) stops.push(lane.to);
  const points: PlanPoint[] = [];
  let from: GroundPoint = position;
  let afterS = 0;
  for (const stop of stops.slice(0, PLAN_POINTS_MAX)) {
    afterS += distanceM(from, stop) / mission.vehicles.cruiseMps;
    const aboveM = position.altitudeAmslM - groundM(core, position);
    const altitudeAmslM = groundM(core, stop) + aboveM;
    points.push({
      position: { northM: stop.northM, eastM: stop.eastM, altitudeAmslM },
      afterS,
    });
    from = stop;
  }
  step.emit({ kind: "planHorizon", points });
}

export const PLAN_POINTS_MAX = 4;

const groundM = (core: Core, at: GroundPoint): number =>
  core.config.world.ground.heightAmslM(at.northM, at.eastM);
