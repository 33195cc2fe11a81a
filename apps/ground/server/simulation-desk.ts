/** What a page may do to a simulated world and never to real vehicles: its pace and its faults. */
import { problem } from "../../../src/base/mod.ts";
import type { GroundAnswer, SimulationControl, SimulationView } from "../report/view.ts";
import {
  faultOf,
  faultText,
  lostFault,
  lostSlot,
  lostText,
  noVehicle,
  unknownVehicle,
} from "./drafts.ts";
import type { ClockPair, Pace } from "./pace.ts";
import { answerDone, answerRefused } from "./session.ts";
import { GROUND_SLOT, type WorldAccess } from "./world-access.ts";

const STEP_MS = 1000;

export class SimulationDesk {
  readonly #access: WorldAccess;
  readonly #pace: Pace;

  constructor(access: WorldAccess, pace: Pace) {
    this.#access = access;
    this.#pace = pace;
  }

  view(): SimulationView {
    const { base } = this.#access.simulation.world.view();
    const { paused, speed, reachedSpeed } = this.#pace;
    return {
      paused,
      speed,
      reachedSpeed,
      faults: this.#faults(),
      batteries: {
        ready: base.batteriesReady,
        charging: base.batteriesCharging,
        waiting: base.batteriesWaiting,
      },
    };
  }

  control(id: number, control: SimulationControl, wallMs: number): GroundAnswer {
    const { world, vehicles } = this.#access.simulation;
    switch (control.kind) {
      case "pause":
        this.#pace.pause();
        return answerDone(id, "paused");
      case "resume":
        this.#pace.resume(this.#clocks(wallMs));
        return answerDone(id, "goes on");
      case "step":
        this.#access.runTo(world.timeMs + STEP_MS);
        this.#pace.anchor(this.#clocks(wallMs));
        return answerDone(id, "one second on");
      case "speed":
        this.#pace.runAt(control.speed, this.#clocks(wallMs));
        return answerDone(id, `${control.speed}x`);
      case "fault": {
        const { fault } = control;
        const slots = "vehicle" in fault ? [fault.vehicle] : [];
        const pair = fault.kind === "cut" ? [fault.a, fault.b] : [];
        const group = fault.kind === "partition" ? fault.group : [];
        const nodes = [...pair, ...group].filter((slot) => slot !== GROUND_SLOT);
        const unknown = unknownVehicle([...slots, ...nodes], vehicles);
        if (unknown !== undefined) return answerRefused(id, noVehicle(unknown));
        const action = faultOf(fault, [GROUND_SLOT, ...vehicles]);
        world.applyFault(action);
        return answerDone(id, faultText(action));
      }
      case "restore":
        return this.#restore(id, control.fault);
      default:
        return control satisfies never;
    }
  }

  /** What acts now, and whoever lies somewhere: nothing that was broken may look well. */
  #faults(): { readonly id: number; readonly text: string }[] {
    const { faults, vehicles } = this.#access.simulation.world.view();
    return [
      ...faults.map(({ id, action }) => ({ id, text: faultText(action) })),
      ...vehicles
        .filter(({ state }) => state === "lost")
        .map(({ slot }) => ({ id: lostFault(slot), text: lostText(slot) })),
    ];
  }

  #restore(id: number, fault: number | "all"): GroundAnswer {
    const { world } = this.#access.simulation;
    const chosen = this.#faults().filter((each) => fault === "all" || each.id === fault);
    if (chosen.length === 0 && fault !== "all") {
      const remedy = "it may have ended by itself";
      return answerRefused(id, problem("GND005", { detail: `${fault}`, remedy }));
    }
    for (const each of chosen) {
      const lost = lostSlot(each.id);
      if (lost === undefined) world.liftFault(each.id);
      else world.mend(lost);
    }
    return answerDone(id, `${chosen.length} restored`);
  }

  #clocks(wallMs: number): ClockPair {
    return { worldMs: this.#access.simulation.world.timeMs, wallMs };
  }
}
