/**
 * Arming by the station for vehicles that were told to go: each boot needs an order of its own,
 * bound to that boot's nonce, and again if nothing came of it. The vehicle still waits for its
 * crew's release; this only spares the operator a key at each battery.
 */
import type { NodeIndex } from "../../src/base/mod.ts";
import type { Node } from "../../src/node/mod.ts";
import type { OrderDraft } from "../../src/security/mod.ts";

/** A vehicle that is still not armed is ordered again after this. */
const RETRY_S = 20;
const ORDER_VALID_MS = 30_000;
const TAKEOFF_ALTITUDE_AGL_M = 40;
const ARMED_STEPS: readonly string[] = ["acting", "done"];

export class Arming {
  readonly #ordered = new Map<NodeIndex, { readonly nonce: bigint; readonly atS: number }>();

  /** The order that arms whoever of these vehicles has booted anew, if any has. */
  due(ground: Node, vehicles: readonly NodeIndex[], timeS: number): OrderDraft | undefined {
    const bindings = vehicles.flatMap((vehicle) => {
      const bootNonce = ground.bootNonces.get(vehicle);
      if (bootNonce === undefined || !this.#wants(ground, { vehicle, bootNonce, timeS })) return [];
      this.#ordered.set(vehicle, { nonce: bootNonce, atS: timeS });
      return [{ vehicle, bootNonce }];
    });
    if (bindings.length === 0) return undefined;
    return {
      command: { kind: "arm", bindings, takeoffAltitudeAglM: TAKEOFF_ALTITUDE_AGL_M },
      targets: bindings.map(({ vehicle }) => vehicle),
      validForMs: ORDER_VALID_MS,
      supersedes: undefined,
    };
  }

  /** These vehicles were called back: a new Go arms them anew. */
  forget(vehicles: readonly NodeIndex[]): void {
    for (const vehicle of vehicles) this.#ordered.delete(vehicle);
  }

  #wants(
    ground: Node,
    boot: { readonly vehicle: NodeIndex; readonly bootNonce: bigint; readonly timeS: number },
  ): boolean {
    const { vehicle, bootNonce, timeS } = boot;
    const last = this.#ordered.get(vehicle);
    if (last?.nonce !== bootNonce) return true;
    if (timeS - last.atS < RETRY_S) return false;
    return !ground.orders.some(
      ({ order, rows }) =>
        order.command.kind === "arm" &&
        order.command.bindings.some((one) => one.bootNonce === bootNonce) &&
        rows.some((row) => row.vehicle === vehicle && ARMED_STEPS.includes(row.step)),
    );
  }
}
