/**
 * HubEpoch: the head makes an epoch's key and wraps it for each member over the session with it.
 * Removal is a new epoch without the removed.
 *
 * Who lacks a key (it was out of range, it rebooted, the message was lost) notices when it hears
 * the key used, and asks whoever used it, over their session or after a handshake. Any member may
 * hand on what it seals under, to whoever is still a member: the commitment in the log makes that
 * safe. When even the beacon key has moved on, request and answer travel as datagrams of their own,
 * past the hop seal that one of the two could not open.
 */
import {
  BROADCAST,
  equalBytes,
  nodeIndex,
  type ByteReader,
  type ByteWriter,
  type Emit,
  type MonotonicMs,
  type NodeIndex,
  type ProblemCode,
} from "../../base/mod.ts";
import type { Handshakes } from "../handshake/handshakes.ts";
import { sealPairwise } from "../handshake/session.ts";
import { sealGroup } from "../sealing/envelope.ts";
import type { Generations } from "../sealing/generations.ts";
import type { Plane } from "../sealing/plane.ts";
import type { Authenticated, SecurityIn, SecurityOut } from "../types.ts";
import { drawEpoch, type Epoch, type Epochs } from "./epochs.ts";
import {
  WRAP_ENTRIES_MAX,
  decodeKeyRequest,
  decodeWraps,
  encodeKeyRequest,
  encodeWraps,
  unwrap,
  wrapFor,
  type EpochSecrets,
  type WrapEntry,
} from "./wraps.ts";

const ASK_EVERY_MS = 500;
const DIRECT_MAX = 64;

/** An epoch that this head has made and the log has not agreed on yet. */
interface Proposed {
  readonly secrets: EpochSecrets;
  readonly commitment: Uint8Array;
}

/** What the hub works on; all of it belongs to the layer's machine. */
export interface HubParts {
  readonly plane: Plane;
  readonly epochs: Epochs;
  readonly generations: Generations;
  readonly handshakes: Handshakes;
  readonly refuse: (code: ProblemCode) => void;
  /** Where the members of this group are spoken to. */
  readonly address: NodeIndex;
}

export class HubEpoch {
  readonly #parts: HubParts;
  #proposed: Proposed | undefined;
  #head: NodeIndex | undefined;
  /** Whom to ask, because it uses keys that we lack. */
  #wantsKeysOf: NodeIndex | undefined;
  /** Who handed out the newest key. */
  #keysFrom: NodeIndex | undefined;
  #askAt = 0;
  /** Peers whose hop seal we cannot open: spoken to in datagrams of their own. */
  #direct: NodeIndex[] = [];

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  setHead(head: NodeIndex | undefined): void {
    this.#head = head;
  }

  isDirect(peer: NodeIndex): boolean {
    return this.#direct.includes(peer);
  }

  /** At the head: draws an epoch and says what the log must agree on. */
  open(input: Extract<SecurityIn, { kind: "openEpoch" }>, emit: Emit<SecurityOut>): void {
    const { plane, generations } = this.#parts;
    const { epoch, members } = input;
    const { number, secret } = generations.newest;
    const beacon = input.rollBeacon
      ? { generation: number + 1, kept: undefined }
      : { generation: number, kept: number === 0 ? undefined : secret };
    this.#forgetProposed();
    this.#proposed = drawEpoch(plane.provider, epoch, beacon);
    emit({ kind: "epochProposed", epoch, commitment: this.#proposed.commitment, members });
  }

  /** The log has agreed on an epoch; who proposed it hands it out now. */
  agree(
    now: MonotonicMs,
    input: Extract<SecurityIn, { kind: "epochCommitted" }>,
    emit: Emit<SecurityOut>,
  ): void {
    const { epochs, refuse } = this.#parts;
    const { epoch, commitment, members } = input;
    const step = epochs.agree(now, epoch, commitment, members);
    const proposed = this.#proposed;
    if (proposed?.secrets.epoch === epoch && equalBytes(proposed.commitment, commitment)) {
      this.#handOut(proposed, members, emit);
      epochs.take(now, proposed.secrets, commitment);
      this.#hold(proposed.secrets);
      this.#forgetProposed();
      return;
    }
    if (step === "mismatch") {
      refuse("SEC031");
      if (this.#keysFrom !== undefined)
        emit({ kind: "epochMismatch", epoch, from: this.#keysFrom });
    }
    // The key is on its way more often than not: it is asked for only if it does not come.
    if (this.#lacksKeys() && this.#askAt <= now) this.#askAt = now + ASK_EVERY_MS;
  }

  /** Wraps for all members in session, in as few messages as they need. */
  #handOut(proposed: Proposed, members: readonly NodeIndex[], emit: Emit<SecurityOut>): void {
    const { plane, epochs, handshakes, address } = this.#parts;
    const { secrets, commitment } = proposed;
    const entries: WrapEntry[] = [];
    for (const member of members) {
      const session = handshakes.session(member);
      if (session === undefined || plane.peers.isRevoked(member)) continue;
      const { wrapSend } = session.keys;
      entries.push(
        wrapFor(plane.provider, wrapSend, { secrets, commitment, member, group: address }),
      );
    }
    const { epoch, generation } = secrets;
    for (let at = 0; at < entries.length; at += WRAP_ENTRIES_MAX) {
      const part = entries.slice(at, at + WRAP_ENTRIES_MAX);
      const message = encodeWraps({ epoch, generation, commitment, entries: part });
      const bytes = sealGroup(plane, epochs.sealing, message, false);
      if (bytes !== undefined) emit({ kind: "control", to: address, bytes, direct: false });
    }
  }

  /** A message that hands out keys; what is not for us, or is no news, is passed over. */
  receiveWraps(
    now: MonotonicMs,
    from: NodeIndex,
    message: Uint8Array,
    emit: Emit<SecurityOut>,
  ): void {
    const { plane, epochs, handshakes, refuse, address: group } = this.#parts;
    const wraps = decodeWraps(message);
    if (wraps === undefined) {
      refuse("SEC032");
      return;
    }
    const entry = wraps.entries.find((one) => one.member === plane.self);
    const session = handshakes.session(from);
    const news = wraps.epoch > epochs.newest.number;
    if (entry === undefined || session === undefined || !news) return;
    const secrets = unwrap(plane.provider, session.keys.wrapReceive, { ...wraps, group }, entry);
    const step =
      typeof secrets === "string" ? secrets : epochs.take(now, secrets, wraps.commitment);
    if (typeof secrets !== "string" && step !== "mismatch") this.#hold(secrets);
    this.#keysFrom = from;
    if (step === "unopened") refuse("SEC007");
    else if (step === "mismatch") {
      refuse("SEC031");
      emit({ kind: "epochMismatch", epoch: wraps.epoch, from });
    }
  }

  /** A beacon key that came with an epoch opens from now on. */
  #hold(secrets: EpochSecrets): void {
    const { plane, generations } = this.#parts;
    if (secrets.generation <= generations.newest.number) return;
    generations.add(secrets.generation, plane.provider.importSecret(secrets.beaconKey));
  }

  /** The sealing epoch has changed; its beacon key, if it brought one, seals from now on too. */
  #activate(emit: Emit<SecurityOut>): void {
    const { epochs, generations } = this.#parts;
    const epoch = epochs.sealing;
    generations.use(epoch.generation);
    this.#direct = [];
    emit({ kind: "epochActive", epoch: epoch.number });
  }

  #lacksKeys(): boolean {
    const { epochs } = this.#parts;
    return this.#wantsKeysOf !== undefined || epochs.agreed > epochs.newest.number;
  }

  /** Someone uses keys that we do not have; `direct` when not even its hop seal opens. */
  wantKeys(now: MonotonicMs, of: NodeIndex, direct: boolean, emit: Emit<SecurityOut>): void {
    const { directory, peers, self } = this.#parts.plane;
    const known = directory.credential(of) !== undefined && of !== self;
    if (!known || peers.isRevoked(of) || peers.rowOf(of) < 0) return;
    this.#wantsKeysOf = of;
    const full = this.#direct.length >= DIRECT_MAX;
    if (direct && !this.#direct.includes(of) && !full) this.#direct.push(of);
    this.askForKeys(now, emit);
  }

  wakeAt(): number {
    const epochsAt = this.#parts.epochs.wakeAt();
    return this.#lacksKeys() ? Math.min(epochsAt, this.#askAt) : epochsAt;
  }

  wake(now: MonotonicMs, emit: Emit<SecurityOut>): void {
    if (this.#parts.epochs.wake(now)) this.#activate(emit);
    this.askForKeys(now, emit);
  }

  /**
   * Over the session with whoever has them, or after a handshake with it; twice a second at most.
   */
  askForKeys(now: MonotonicMs, emit: Emit<SecurityOut>): void {
    if (now < this.#askAt || !this.#lacksKeys()) return;
    this.#askAt = now + ASK_EVERY_MS;
    const { plane, epochs, generations, handshakes } = this.#parts;
    const of = this.#wantsKeysOf ?? this.#head;
    if (of === undefined || of === plane.self) return;
    const session = handshakes.session(of);
    if (session === undefined) {
      handshakes.connect(now, of, emit);
      return;
    }
    // Asked once; who lacks keys still will hear them used again.
    this.#wantsKeysOf = undefined;
    const have = { epoch: epochs.newest.number, generation: generations.newest.number };
    const bytes = sealPairwise(plane, session, encodeKeyRequest(have));
    const direct = this.#direct.includes(of);
    if (bytes !== undefined) emit({ kind: "control", to: of, bytes, direct });
  }

  /** `bare`: the request came past the hop seal, and so goes the answer. */
  answerKeyRequest(
    input: {
      readonly from: NodeIndex;
      readonly message: Uint8Array;
      readonly authenticated: Authenticated;
      readonly bare: boolean;
    },
    emit: Emit<SecurityOut>,
  ): void {
    const { plane, epochs, handshakes, refuse, address: group } = this.#parts;
    const { from: member, bare } = input;
    const request = decodeKeyRequest(input.message);
    const session = handshakes.session(member);
    if (request === undefined || input.authenticated !== "pairwise" || session === undefined) {
      refuse("SEC032");
      return;
    }
    const epoch = epochs.newest;
    if (epoch.number <= request.epoch || !this.#isMember(epoch, member)) return;
    const secrets = epochs.secrets(epoch);
    const { commitment } = epoch;
    const entry = wrapFor(plane.provider, session.keys.wrapSend, {
      secrets,
      commitment,
      member,
      group,
    });
    secrets.epochKey.fill(0);
    const names = { epoch: epoch.number, generation: secrets.generation, commitment };
    const message = encodeWraps({ ...names, entries: [entry] });
    const bytes = sealPairwise(plane, session, message);
    if (bytes !== undefined) emit({ kind: "control", to: member, bytes, direct: bare });
  }

  #isMember(epoch: Epoch, member: NodeIndex): boolean {
    const { plane, epochs } = this.#parts;
    if (plane.peers.isRevoked(member)) return false;
    return epochs.members(epoch.number)?.includes(member) ?? true;
  }

  #forgetProposed(): void {
    this.#proposed?.secrets.epochKey.fill(0);
    this.#proposed?.secrets.beaconKey.fill(0);
    this.#proposed = undefined;
  }

  save(to: ByteWriter): void {
    for (const node of [this.#head, this.#wantsKeysOf, this.#keysFrom]) to.u16(node ?? BROADCAST);
    to.f64(this.#askAt).u8(this.#direct.length);
    for (const peer of this.#direct) to.u16(peer);
    to.bool(this.#proposed !== undefined);
    if (this.#proposed === undefined) return;
    const { secrets, commitment } = this.#proposed;
    to.safe(secrets.epoch).u32(secrets.generation);
    to.blob(secrets.epochKey).blob(secrets.beaconKey).blob(commitment);
  }

  load(from: ByteReader): void {
    const node = (): NodeIndex | undefined => {
      const index = nodeIndex(from.u16());
      return index === BROADCAST ? undefined : index;
    };
    this.#head = node();
    this.#wantsKeysOf = node();
    this.#keysFrom = node();
    this.#askAt = from.f64();
    this.#direct = Array.from({ length: from.u8() }, () => nodeIndex(from.u16()));
    this.#proposed = from.bool() ? loadProposed(from) : undefined;
  }
}

function loadProposed(from: ByteReader): Proposed {
  const [epoch, generation] = [from.safe(), from.u32()];
  const [epochKey, beaconKey] = [from.blob(32), from.blob(32)];
  return { secrets: { epoch, epochKey, generation, beaconKey }, commitment: from.blob(32) };
}
