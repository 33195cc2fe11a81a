/**
 * Arming by the station for vehicles that a person told to go: each boot needs an order of its own,
 * bound to that boot's nonce, and again if nothing came of it.
 *
 * A person's act stands behind each boot that is armed: Go, or the crew's release, seen to rise
 * after the new boot was heard. A vehicle that restarts with its switch thrown is not armed. The
 * vehicle demands a release of its own besides; this only spares the operator a key for each
 * battery.
 */
import {
  readPlain,
  writePlain,
  type ByteReader,
  type ByteWriter,
  type NodeIndex,
} from "../../src/base/mod.ts";
import type { Node } from "../../src/node/mod.ts";
import type { ArmBinding, OrderDraft } from "../../src/security/mod.ts";
import type { World } from "../../sim/mod.ts";

/** A vehicle that is still not armed is ordered again after this. */
const RETRY_S = 20;
const ORDER_VALID_MS = 30_000;
const TAKEOFF_ALTITUDE_AGL_M = 40;
const ARMED_STEPS: readonly string[] = ["acting", "done"];

interface Allowed {
  /** The boot that a person's act covers; undefined until the first one is heard. */
  nonce: bigint | undefined;
  /** A boot that nobody has acted on yet, and whether its switch was seen off. */
  next: { readonly nonce: bigint; switchedOff: boolean } | undefined;
}

/** Whether the crew's switch stands at released, as the station knows it. */
export type SwitchOf = (vehicle: NodeIndex) => boolean;

interface Ordered {
  readonly nonce: bigint;
  readonly atS: number;
}

export class Arming {
  #ordered = new Map<NodeIndex, Ordered>();
  #allowed = new Map<NodeIndex, Allowed>();

  /** A person says Go: their present boots may be armed. */
  allow(ground: Node, vehicles: readonly NodeIndex[]): void {
    for (const vehicle of vehicles) {
      this.#allowed.set(vehicle, { nonce: ground.bootNonces.get(vehicle), next: undefined });
    }
  }

  /** Released on the page: the present boots of those that were told to go may be armed. */
  released(ground: Node, vehicles: readonly NodeIndex[]): void {
    this.allow(
      ground,
      vehicles.filter((vehicle) => this.#allowed.has(vehicle)),
    );
  }

  get awaited(): boolean {
    return this.#allowed.size > 0;
  }

  /**
   * The orders that arm whoever may be and is not: one for each cluster that has anybody. Asked
   * about once a second.
   */
  due(ground: Node, timeS: number, released: SwitchOf): readonly OrderDraft[] {
    const bindings = [...this.#allowed].flatMap(([vehicle, allowed]) => {
      const bootNonce = ground.bootNonces.get(vehicle);
      if (bootNonce === undefined || !covers(allowed, bootNonce, released(vehicle))) return [];
      if (!this.#wants(ground, { vehicle, bootNonce, timeS })) return [];
      this.#ordered.set(vehicle, { nonce: bootNonce, atS: timeS });
      return [{ vehicle, bootNonce }];
    });
    const byCluster = Map.groupBy(bindings, ({ vehicle }) => ground.clusterOf(vehicle));
    return [...byCluster.values()].map(armingOf);
  }

  /** These vehicles were called back: only a new Go arms them. */
  forget(vehicles: readonly NodeIndex[]): void {
    for (const vehicle of vehicles) {
      this.#ordered.delete(vehicle);
      this.#allowed.delete(vehicle);
    }
  }

  /** For a fork of the world: who may be armed there is who may be armed here. */
  save(to: ByteWriter): void {
    writePlain(to, { ordered: [...this.#ordered], allowed: [...this.#allowed] });
  }

  load(from: ByteReader): void {
    const saved = readPlain(from) as {
      readonly ordered: readonly [NodeIndex, Ordered][];
      readonly allowed: readonly [NodeIndex, Allowed][];
    };
    this.#ordered = new Map(saved.ordered);
    this.#allowed = new Map(saved.allowed);
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

const armingOf = (bindings: readonly ArmBinding[]): OrderDraft => ({
  command: { kind: "arm", bindings, takeoffAltitudeAglM: TAKEOFF_ALTITUDE_AGL_M },
  targets: bindings.map(({ vehicle }) => vehicle),
  validForMs: ORDER_VALID_MS,
  supersedes: undefined,
});

/** Whether a person's act stands behind this boot; learns from the switch. */
function covers(allowed: Allowed, nonce: bigint, released: boolean): boolean {
  allowed.nonce ??= nonce;
  if (allowed.nonce === nonce) return true;
  if (allowed.next?.nonce !== nonce) allowed.next = { nonce, switchedOff: false };
  if (!released) allowed.next.switchedOff = true;
  else if (allowed.next.switchedOff) {
    allowed.nonce = nonce;
    allowed.next = undefined;
  }
  return allowed.nonce === nonce;
}

/** The switches of a simulated world as they stand now. */
export function switchesOf(world: World<Node>): SwitchOf {
  const thrown = new Set(
    world
      .view()
      .vehicles.filter((each) => each.released)
      .map(({ slot }) => slot),
  );
  return (vehicle) => thrown.has(vehicle);
}
