/**
 * Generations of the mission's beacon key. Generation 0 comes with the mission package; an eviction
 * rolls it. Under each generation every sender has one key for beacons and one for hop packets.
 *
 * One seals (a new one opens before it seals, so that nobody is ahead of who has not got it yet);
 * older ones still open, so that a node that missed the roll is heard (its claims
 * count as stale) and can be given the new key. Bound: four generations, the oldest goes first.
 */
import type { ByteReader, ByteWriter, NodeId } from "../../base/mod.ts";
import type { CryptoProvider, KeyHandle } from "../provider.ts";
import type { OwnBoot } from "./boot.ts";
import type { OwnSender } from "./plane.ts";
import { SenderKeys, type SenderKey } from "./senders.ts";

const GENERATIONS_MAX = 4;

export interface Generation {
  readonly number: number;
  readonly secret: KeyHandle;
  readonly hop: SenderKeys;
  readonly beacon: SenderKeys;
  /** Its counter is that of the beacons too: a signed beacon says how far the hop packets are. */
  readonly ownHop: OwnSender;
  readonly ownBeacon: SenderKey;
}

export class Generations {
  readonly #provider: CryptoProvider;
  readonly #id: NodeId;
  readonly #boot: OwnBoot;
  /** Ascending. */
  #list: Generation[] = [];
  #sealing = 0;

  /** `secret` of generation 0 is taken over. */
  constructor(provider: CryptoProvider, self: { id: NodeId; boot: OwnBoot }, secret: KeyHandle) {
    this.#provider = provider;
    this.#id = self.id;
    this.#boot = self.boot;
    this.add(0, secret);
  }

  get newest(): Generation {
    return this.#list[this.#list.length - 1]!;
  }

  /** The one to seal under. */
  get sealing(): Generation {
    return this.#list.find((one) => one.number === this.#sealing) ?? this.newest;
  }

  /** Seals under a generation from now on, if it is held and not older than the present one. */
  use(number: number): void {
    if (number > this.#sealing && this.#list.some((one) => one.number === number)) {
      this.#sealing = number;
    }
  }

  /** The generation whose low byte stands in a header. */
  byHint(hint: number): Generation | undefined {
    return this.#list.find((one) => (one.number & 0xff) === hint);
  }

  /** Takes over `secret`; false when this generation is not newer than all that are known. */
  add(number: number, secret: KeyHandle): boolean {
    if (this.#list.length > 0 && number <= this.newest.number) return false;
    const set = (label: string): SenderKeys =>
      new SenderKeys({ provider: this.#provider, secret, label, number });
    const [hop, beacon] = [set("skein hop 1"), set("skein beacon key 1")];
    const ownHop = { ...hop.derive(this.#id, this.#boot.nonce), counter: 0 };
    const ownBeacon = beacon.derive(this.#id, this.#boot.nonce);
    this.#list.push({ number, secret, hop, beacon, ownHop, ownBeacon });
    if (this.#list.length > GENERATIONS_MAX) this.#destroy(this.#list.shift()!);
    return true;
  }

  /** A sender has booted anew. */
  forget(row: number): void {
    for (const one of this.#list) {
      one.hop.forget(row);
      one.beacon.forget(row);
    }
  }

  save(to: ByteWriter, rows: number): void {
    to.u32(this.#sealing).u8(this.#list.length);
    for (const one of this.#list) {
      to.u32(one.number).blob(this.#provider.exportSecret(one.secret));
      to.u32(one.ownHop.counter);
      one.hop.save(to, rows);
      one.beacon.save(to, rows);
    }
  }

  /** Ends the life of every key here; what was taken over goes too. */
  destroy(): void {
    for (const one of this.#list) this.#destroy(one);
    this.#list = [];
  }

  /** Replaces everything. */
  load(from: ByteReader, rows: number): void {
    this.destroy();
    this.#sealing = from.u32();
    const count = from.u8();
    for (let i = 0; i < count && !from.failed; i += 1) {
      this.add(from.u32(), this.#provider.importSecret(from.blob(64)));
      const one = this.newest;
      one.ownHop.counter = from.u32();
      one.hop.load(from, rows);
      one.beacon.load(from, rows);
    }
  }

  #destroy(one: Generation): void {
    one.hop.destroy();
    one.beacon.destroy();
    this.#provider.destroyKey(one.ownHop.key);
    this.#provider.destroyKey(one.ownBeacon.key);
    this.#provider.destroyKey(one.secret);
  }
}
