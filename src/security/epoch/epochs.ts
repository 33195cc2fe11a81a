/**
 * Group epochs: which keys this node holds, which of them is agreed on, which it seals under.
 *
 * Epoch 0 comes from the beacon key of the mission package. The head opens epoch n: makes its key,
 * has the commitment agreed in the log, and only then hands the key out. Wraps and log may arrive
 * in either order; a key is used for sealing once the log has its commitment. A node that has seen
 * no commitment since its boot (it is rejoining and cannot read the log yet) uses what a member
 * gave it over a pairwise session and checks it against the log as soon as it can.
 *
 * A key opens as soon as it is held and seals `SWITCH_MS` after it might: by then the others have
 * it too, and no message is lost to the change. Older epochs open for `GRACE_MS` after a newer one
 * seals. Bounds: four epochs with keys, eight commitments without.
 */
import {
  equalBytes,
  utf8Encode,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeId,
  type NodeIndex,
} from "../../base/mod.ts";
import type { CryptoProvider, KeyHandle } from "../provider.ts";
import type { OwnBoot } from "../sealing/boot.ts";
import type { OwnSender } from "../sealing/plane.ts";
import { SenderKeys } from "../sealing/senders.ts";
import { EPOCH_KEY_BYTES, commitmentOf, type EpochSecrets } from "./wraps.ts";

const EPOCHS_MAX = 4;
const COMMITMENTS_MAX = 8;
export const GRACE_MS = 30_000;
export const SWITCH_MS = 500;
const EPOCH_ZERO = utf8Encode("skein epoch 0");
const NOTHING = new Uint8Array(0);

export interface Epoch {
  readonly number: number;
  readonly secret: KeyHandle;
  readonly generation: number;
  readonly beaconKey: Uint8Array;
  readonly commitment: Uint8Array;
  readonly keys: SenderKeys;
  readonly own: OwnSender;
  /** The log has this commitment. */
  committed: boolean;
  /** When a newer one began to seal; Infinity until then. */
  retiredAt: number;
}

interface Commitment {
  readonly epoch: number;
  readonly commitment: Uint8Array;
  readonly members: readonly NodeIndex[];
}

/**
 * What taking a key or a commitment led to. `waiting`: for its other half. `scheduled`: seals
 * after `SWITCH_MS`.
 */
export type EpochStep = "waiting" | "scheduled" | "mismatch" | "known";

export class Epochs {
  readonly #provider: CryptoProvider;
  readonly #self: { readonly id: NodeId; readonly boot: OwnBoot };
  /** Ascending; never empty. */
  #epochs: Epoch[] = [];
  /** Ascending. */
  #commitments: Commitment[] = [];
  #sealing = 0;
  /** When to seal under the newest committed epoch; Infinity when that is done. */
  #switchAt = Infinity;
  #wakeAt = Infinity;
  readonly #zero: KeyHandle;

  /** Epoch 0's key is derived from generation 0 of the beacon key. */
  constructor(
    provider: CryptoProvider,
    self: { readonly id: NodeId; readonly boot: OwnBoot },
    beaconKey: KeyHandle,
  ) {
    this.#provider = provider;
    this.#self = self;
    this.#zero = provider.hkdfSha512(beaconKey, NOTHING, EPOCH_ZERO, EPOCH_KEY_BYTES);
    this.#addZero();
  }

  /** The epoch to seal under. */
  get sealing(): Epoch {
    return this.#epochs.find((one) => one.number === this.#sealing)!;
  }

  /** The newest whose key is held and may be believed: what is handed on, and not asked for. */
  get newest(): Epoch {
    return this.#epochs.findLast((one) => one.committed) ?? this.sealing;
  }

  /** The highest number that the log has agreed on, with or without its key here. */
  get agreed(): number {
    return this.#commitments[this.#commitments.length - 1]?.epoch ?? 0;
  }

  /** Members of an epoch as the log has them. */
  members(epoch: number): readonly NodeIndex[] | undefined {
    return this.#commitments.find((one) => one.epoch === epoch)?.members;
  }

  /** Live epochs whose low byte stands in a header, newest first. */
  byHint(now: MonotonicMs, hint: number): Epoch | undefined {
    for (let i = this.#epochs.length - 1; i >= 0; i -= 1) {
      const one = this.#epochs[i]!;
      if ((one.number & 0xff) === hint && one.retiredAt + GRACE_MS > now) return one;
    }
    return undefined;
  }

  find(number: number): Epoch | undefined {
    return this.#epochs.find((one) => one.number === number);
  }

  /** A key that was made here or that a member handed out, matching `commitment`. */
  take(now: MonotonicMs, secrets: EpochSecrets, commitment: Uint8Array): EpochStep {
    const agreed = this.#commitments.find((one) => one.epoch === secrets.epoch);
    if (agreed !== undefined && !equalBytes(agreed.commitment, commitment)) return "mismatch";
    if (this.find(secrets.epoch) !== undefined) return "known";
    if (secrets.epoch <= this.#sealing) return "known";
    const { epoch: number, generation, beaconKey } = secrets;
    const secret = this.#provider.importSecret(secrets.epochKey);
    this.#add({ number, secret, generation, beaconKey: beaconKey.slice(), commitment });
    this.find(number)!.committed = agreed !== undefined;
    return this.#settle(now);
  }

  /** The log has agreed on a commitment. */
  agree(
    now: MonotonicMs,
    epoch: number,
    commitment: Uint8Array,
    members: readonly NodeIndex[],
  ): EpochStep {
    if (epoch <= this.agreed) return "known";
    this.#commitments.push({ epoch, commitment, members: [...members] });
    if (this.#commitments.length > COMMITMENTS_MAX) this.#commitments.shift();
    const held = this.find(epoch);
    if (held === undefined) return "waiting";
    if (!equalBytes(held.commitment, commitment)) {
      this.#remove(held);
      if (this.#epochs.length === 0) this.#addZero();
      if (this.#sealing === epoch) this.#sealing = this.#epochs[this.#epochs.length - 1]!.number;
      return "mismatch";
    }
    held.committed = true;
    return this.#settle(now);
  }

  /** The secrets of an epoch, to hand them on; the caller wipes them. */
  secrets(epoch: Epoch): EpochSecrets {
    return {
      epoch: epoch.number,
      epochKey: this.#provider.exportSecret(epoch.secret),
      generation: epoch.generation,
      beaconKey: epoch.beaconKey,
    };
  }

  /** A sender has booted anew. */
  forget(row: number): void {
    for (const one of this.#epochs) one.keys.forget(row);
  }

  /** When to switch, or when the next retired epoch is to go; asked for after every step. */
  wakeAt(): number {
    return this.#wakeAt;
  }

  #schedule(): void {
    let soonest = this.#switchAt;
    for (const one of this.#epochs) soonest = Math.min(soonest, one.retiredAt + GRACE_MS);
    this.#wakeAt = soonest;
  }

  /** True when another epoch seals from now on. */
  wake(now: MonotonicMs): boolean {
    if (this.#wakeAt > now) return false;
    for (const one of [...this.#epochs]) if (one.retiredAt + GRACE_MS <= now) this.#remove(one);
    const switched = this.#switchAt <= now && this.#switch(now);
    this.#schedule();
    return switched;
  }

  save(to: ByteWriter, rows: number): void {
    to.safe(this.#sealing).f64(this.#switchAt).u8(this.#commitments.length);
    for (const one of this.#commitments) {
      to.safe(one.epoch).raw(one.commitment).u16(one.members.length);
      for (const member of one.members) to.u16(member);
    }
    to.u8(this.#epochs.length);
    for (const one of this.#epochs) {
      to.safe(one.number).blob(this.#provider.exportSecret(one.secret)).u32(one.generation);
      to.blob(one.beaconKey).blob(one.commitment).bool(one.committed).f64(one.retiredAt);
      to.u32(one.own.counter);
      one.keys.save(to, rows);
    }
  }

  /** Ends the life of every key here; of no use afterwards. */
  destroy(): void {
    for (const one of [...this.#epochs]) this.#remove(one);
    this.#provider.destroyKey(this.#zero);
  }

  /** Replaces everything. */
  load(from: ByteReader, rows: number): void {
    for (const one of [...this.#epochs]) this.#remove(one);
    this.#sealing = from.safe();
    this.#switchAt = from.f64();
    this.#commitments = [];
    for (let i = from.u8(); i > 0 && !from.failed; i -= 1) {
      const [epoch, commitment] = [from.safe(), from.raw(32)];
      const members = Array.from({ length: from.u16() }, () => from.u16() as NodeIndex);
      this.#commitments.push({ epoch, commitment, members });
    }
    for (let i = from.u8(); i > 0 && !from.failed; i -= 1) {
      const number = from.safe();
      const secret = this.#provider.importSecret(from.blob(64));
      const [generation, beaconKey] = [from.u32(), from.blob(64)];
      this.#add({ number, secret, generation, beaconKey, commitment: from.blob(64) });
      const one = this.find(number)!;
      one.committed = from.bool();
      one.retiredAt = from.f64();
      one.own.counter = from.u32();
      one.keys.load(from, rows);
    }
    this.#schedule();
  }

  #addZero(): void {
    const bytes = this.#provider.exportSecret(this.#zero);
    const secret = this.#provider.importSecret(bytes);
    bytes.fill(0);
    this.#add({ number: 0, secret, generation: 0, beaconKey: NOTHING, commitment: NOTHING });
    this.#epochs[0]!.committed = true;
  }

  #add(parts: Pick<Epoch, "number" | "secret" | "generation" | "beaconKey" | "commitment">): void {
    const { number, secret } = parts;
    const label = "skein group 1";
    const keys = new SenderKeys({ provider: this.#provider, secret, label, number });
    const own = { ...keys.derive(this.#self.id, this.#self.boot.nonce), counter: 0 };
    this.#epochs.push({ ...parts, keys, own, committed: false, retiredAt: Infinity });
    this.#epochs.sort((a, b) => a.number - b.number);
    if (this.#epochs.length <= EPOCHS_MAX) return;
    const oldest = this.#epochs.find((one) => one.number !== this.#sealing);
    if (oldest !== undefined) this.#remove(oldest);
  }

  /** A key and its agreement are both here, or there is no log to read yet. */
  #settle(now: MonotonicMs): EpochStep {
    const best = this.#best();
    if (best === undefined || best.number <= this.#sealing) return "waiting";
    this.#switchAt = Math.min(this.#switchAt, now + SWITCH_MS);
    this.#schedule();
    return "scheduled";
  }

  #best(): Epoch | undefined {
    const rejoining = this.#commitments.length === 0;
    return this.#epochs.findLast((one) => one.committed || rejoining);
  }

  /** Seals under the newest epoch that may be sealed under. */
  #switch(now: MonotonicMs): boolean {
    this.#switchAt = Infinity;
    const best = this.#best();
    if (best === undefined || best.number <= this.#sealing) return false;
    for (const one of this.#epochs) {
      if (one.number < best.number && one.retiredAt === Infinity) one.retiredAt = now;
    }
    this.#sealing = best.number;
    return true;
  }

  #remove(epoch: Epoch): void {
    epoch.keys.destroy();
    this.#provider.destroyKey(epoch.own.key);
    this.#provider.destroyKey(epoch.secret);
    this.#epochs = this.#epochs.filter((one) => one !== epoch);
  }
}

/**
 * A new epoch's secrets. It always carries the beacon key in force (from generation 1 on), so that
 * who missed a roll gets both at once: `kept` is that key, absent when a new one is drawn here.
 */
export function drawEpoch(
  provider: CryptoProvider,
  epoch: number,
  beacon: { readonly generation: number; readonly kept: KeyHandle | undefined },
): { readonly secrets: EpochSecrets; readonly commitment: Uint8Array } {
  const { generation, kept } = beacon;
  const epochKey = new Uint8Array(EPOCH_KEY_BYTES);
  provider.randomBytes(epochKey);
  let beaconKey = new Uint8Array(generation === 0 ? 0 : EPOCH_KEY_BYTES);
  if (kept !== undefined) beaconKey = Uint8Array.from(provider.exportSecret(kept));
  else provider.randomBytes(beaconKey);
  const secrets = { epoch, epochKey, generation, beaconKey };
  return { secrets, commitment: commitmentOf(provider, secrets) };
}
