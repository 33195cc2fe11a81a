/**
 * The order desk: the page's order becomes one signed by the operator's key, given to the ground's
 * own node; whoever was told to go is armed, boot by boot.
 */
import { problem, type ByteWriter, type NodeIndex, type Problem } from "../../../src/base/mod.ts";
import type { Node } from "../../../src/node/mod.ts";
import type { ArmBinding, Order } from "../../../src/security/mod.ts";
import { WORLD_EPOCH_MS } from "../../../sim/mod.ts";
import { Arming, switchesOf } from "../../simulation/arming.ts";
import type { GroundAnswer, PageOrder, Targets } from "../report/view.ts";
import { draftOf, noVehicle, unknownVehicle, type AirOrder } from "./drafts.ts";
import { aboutOf } from "./order-rows.ts";
import { answerDone, answerRefused } from "./session.ts";
import { ORDER_WORDS } from "./timeline.ts";
import type { WorldAccess } from "./world-access.ts";

const SIGNED_WITHIN_MS = 200;

export class OrderDesk {
  readonly #access: WorldAccess;
  readonly #arming = new Arming();
  #handedOver = false;

  constructor(access: WorldAccess) {
    this.#access = access;
  }

  /** Whether a find has been given to the people on foot. */
  get handedOver(): boolean {
    return this.#handedOver;
  }

  order(id: number, order: PageOrder): GroundAnswer {
    const wrong = this.#whatIsWrong(order);
    if (wrong !== undefined) return answerRefused(id, wrong);
    if (order.kind === "handOver") return this.#handOver(id, order.detection);
    return this.#give(id, order);
  }

  #give(id: number, order: AirOrder): GroundAnswer {
    const { world, vehicles } = this.#access.simulation;
    armingBefore(this.#arming, order, vehicles);
    const before = this.#access.ground().orders.at(-1)?.order.sequence ?? 0;
    const boots = order.kind === "release" ? this.#bootsOf(chosen(vehicles, order.targets)) : [];
    const draft = draftOf(order, { nowMs: WORLD_EPOCH_MS + world.timeMs, boots });
    world.operator(draft);
    // In between the station may sign an arming order of its own: that answers for nobody's key.
    const signed = (): Order | undefined =>
      this.#access
        .ground()
        .orders.find(
          ({ order: { sequence, command } }) =>
            sequence > before && command.kind === draft.command.kind,
        )?.order;
    let given = signed();
    // Signing takes the ground's processor some milliseconds of the world's time.
    for (let i = 0; i < SIGNED_WITHIN_MS && given === undefined; i += 1) {
      this.#access.run(world.timeMs + 1);
      given = signed();
    }
    if (given === undefined) {
      const remedy = "look at the security view for what was refused";
      return answerRefused(id, problem("GND012", { remedy }));
    }
    armingAfter(this.#arming, order, { ground: this.#access.ground(), vehicles });
    this.#sayOrder(order);
    return answerDone(id, `order ${given.session}-${given.sequence}`);
  }

  #sayOrder(order: AirOrder): void {
    const { command } = draftOf(order, { nowMs: 0, boots: [] });
    const named = "targets" in order && order.targets !== "all" ? order.targets.join(", ") : "all";
    const about = aboutOf(command);
    const text = `order: ${ORDER_WORDS[order.kind]} ${about === "" ? `to ${named}` : about}`;
    this.#access.timeline.say({
      atS: this.#access.nowS,
      severity: "notice",
      vehicle: null,
      text,
      category: "order",
    });
  }

  /** Whom it arms by itself; a fork of the world goes on from there. */
  saveArming(to: ByteWriter): void {
    this.#arming.save(to);
  }

  /** Vehicles that were told to go; a later boot of theirs is armed once the crew releases it. */
  armNewcomers(nowS: number): void {
    if (!this.#arming.awaited) return;
    const { world } = this.#access.simulation;
    for (const draft of this.#arming.due(this.#access.ground(), nowS, switchesOf(world))) {
      world.operator(draft);
    }
  }

  #bootsOf(vehicles: readonly NodeIndex[]): readonly ArmBinding[] {
    const { bootNonces } = this.#access.ground();
    return vehicles.flatMap((vehicle) => {
      const bootNonce = bootNonces.get(vehicle);
      return bootNonce === undefined ? [] : [{ vehicle, bootNonce }];
    });
  }

  #handOver(id: number, detection: number): GroundAnswer {
    this.#handedOver = true;
    const atS = this.#access.nowS;
    const text = `detection ${detection} handed over`;
    this.#access.timeline.say({ atS, severity: "notice", vehicle: null, text, category: "search" });
    return answerDone(id, text);
  }

  #whatIsWrong(order: PageOrder): Problem | undefined {
    const { vehicles } = this.#access.simulation;
    const named =
      "targets" in order && order.targets !== "all"
        ? order.targets
        : order.kind === "evict"
          ? [order.vehicle]
          : [];
    const unknown = unknownVehicle(named, vehicles);
    if (unknown !== undefined) return noVehicle(unknown);
    if (!("detection" in order)) return undefined;
    return this.wrongDetection(order.detection, order.kind === "handOver");
  }

  /** What is wrong with this detection, if anything is. */
  wrongDetection(detection: number, mustBeConfirmed: boolean): Problem | undefined {
    const row = this.#access.ground().agreed.detection(detection);
    if (row === undefined) {
      return problem("GND004", { detail: `${detection}`, remedy: "choose one from the list" });
    }
    if (!mustBeConfirmed || row.verdict === "confirmed") return undefined;
    return problem("GND010", { remedy: "confirm it first, and wait until that is agreed" });
  }
}

const chosen = (vehicles: readonly NodeIndex[], targets: Targets): readonly NodeIndex[] =>
  vehicles.filter((vehicle) => targets === "all" || targets.includes(vehicle));

/** Whoever is called back is armed by a new Go alone, from the moment of the order. */
export function armingBefore(
  arming: Arming,
  order: AirOrder,
  vehicles: readonly NodeIndex[],
): void {
  if (order.kind === "return" || order.kind === "land") {
    arming.forget(chosen(vehicles, order.targets));
  }
  if (order.kind === "clearAir") arming.forget(vehicles);
}

/** A person's act stands behind those who were told to go, once the order is signed. */
export function armingAfter(
  arming: Arming,
  order: AirOrder,
  told: { readonly ground: Node; readonly vehicles: readonly NodeIndex[] },
): void {
  const { ground, vehicles } = told;
  if (order.kind === "start" || order.kind === "resume") {
    arming.allow(ground, chosen(vehicles, order.targets));
  }
  if (order.kind === "release") arming.released(ground, chosen(vehicles, order.targets));
}
