/**
 * The three messages of the handshake: hybrid IK, authenticated by KEMs, X25519 beside each
 * ML-KEM-768. Specified in `docs/protocols/handshake.md`; golden bytes in `vectors/handshake`.
 *
 * Models: PQNoise (Angel et al., 2022), Rosenpass, WireGuard. The composition is ours, therefore
 * small: a running SHA-512 over everything sent (`h`), a chaining key (`ck`) that takes each shared
 * secret through HKDF-SHA-512, and each sealed part under a key of its own bound to `h`.
 *
 *   msg1 (2368) = e_x (32) e_k (1184) ct1 (1088, to the responder's static key) seal(payload 48)
 *   msg2 (2256) = r_x (32) ct2 (1088, to e_k) ct3 (1088, to its static key) seal(payload 32)
 *   msg3 (16)   = seal(nothing): the initiator's key confirmation
 *   secrets     = es, k1 | ee, se, k2, k3, psk
 *
 * Both sides keep secrecy if either X25519 or ML-KEM holds; each is authenticated by being able to
 * use its static keys. Departure from WireGuard: no timestamp against replayed first messages,
 * because vehicles may have no time; boot count and attempt number rise instead, and are believed
 * only once msg3 has proven the initiator.
 */
import {
  ByteReader,
  ByteWriter,
  invariant,
  nodeId,
  utf8Encode,
  type NodeId,
  type NodeIndex,
} from "../../base/mod.ts";
import type { NodeKeys } from "../credential/fleet.ts";
import type { Directory } from "../credential/package.ts";
import { joinBytes } from "../crypto/composite.ts";
import { SUITE_1, suiteListBytes } from "../crypto/suites.ts";
import {
  AEAD_KEY_BYTES,
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  SIZES,
  type CryptoProvider,
  type KeyHandle,
} from "../provider.ts";
import { SALT_BYTES, deriveKeyAndSalt, type SenderKey } from "../sealing/senders.ts";

const X = SIZES.x25519.publicKey;
const KEM = SIZES.mlkem768.publicKey;
const CT = SIZES.mlkem768.ciphertext;
const PAYLOAD_1_BYTES = 48;
const PAYLOAD_2_BYTES = 32;

/** Lengths of msg1, msg2, msg3. */
export const MESSAGE_BYTES: readonly number[] = Object.freeze([
  X + KEM + CT + PAYLOAD_1_BYTES + AEAD_TAG_BYTES,
  X + CT + CT + PAYLOAD_2_BYTES + AEAD_TAG_BYTES,
  AEAD_TAG_BYTES,
]);

const NOTHING = new Uint8Array(0);
const TICKET_HASH_BYTES = 16;
const NO_TICKET = new Uint8Array(TICKET_HASH_BYTES);
/** The slot of a pre-shared key; all zero where there is none. */
const NO_PSK = new Uint8Array(32);
const PROLOGUE = utf8Encode("Skein handshake 1");
const MIX = utf8Encode("skein mix");
const SEAL = utf8Encode("skein seal");
const SUITE_LIST = suiteListBytes();
/** Bit n set: suite n + 1 is spoken. */
const SUITE_MASK = 1 << (SUITE_1 - 1);

/** What each side says of itself under the seal. */
export interface InitiatorClaim {
  readonly id: NodeId;
  readonly bootNonce: bigint;
  readonly bootCount: number;
  /** Rises with each handshake that this boot starts. */
  readonly attempt: number;
  readonly policyVersion: number;
}

export interface ResponderClaim {
  readonly bootNonce: bigint;
  readonly bootCount: number;
  readonly policyVersion: number;
}

/** What a handshake yields, seen from one side. */
export interface SessionKeys {
  readonly send: SenderKey;
  readonly receive: SenderKey;
  /** Wraps of epoch keys, by direction. */
  readonly wrapSend: KeyHandle;
  readonly wrapReceive: KeyHandle;
  /** Hint in envelope headers: the low byte of the initiator's attempt, no random value. */
  readonly tag: number;
}

/** Who takes part, and with what. */
export interface HandshakeParty {
  readonly provider: CryptoProvider;
  readonly directory: Directory;
  readonly keys: NodeKeys;
}

class Transcript {
  readonly #provider: CryptoProvider;
  #hash: Uint8Array;
  #chain: KeyHandle;

  /** Takes over `chain`. */
  constructor(provider: CryptoProvider, hash: Uint8Array, chain: KeyHandle) {
    this.#provider = provider;
    this.#hash = hash;
    this.#chain = chain;
  }

  absorb(bytes: Uint8Array): void {
    this.#hash = this.#provider.sha512(joinBytes(this.#hash, bytes));
  }

  /** Takes a shared secret into the chain and destroys it. The chain's copy is wiped. */
  mix(secret: KeyHandle): void {
    const salt = this.#provider.exportSecret(this.#chain);
    const next = this.#provider.hkdfSha512(secret, salt, MIX, 64);
    salt.fill(0);
    this.#provider.destroyKey(secret);
    this.#provider.destroyKey(this.#chain);
    this.#chain = next;
  }

  seal(plaintext: Uint8Array): Uint8Array {
    const key = this.#sealKey();
    const input = joinBytes(this.#hash, plaintext);
    const output = new Uint8Array(plaintext.length + AEAD_TAG_BYTES);
    this.#provider.aeadSeal(key, this.#call(input, output, plaintext.length));
    this.#provider.destroyKey(key);
    this.absorb(output);
    return output;
  }

  open(sealed: Uint8Array): Uint8Array | undefined {
    const key = this.#sealKey();
    const output = new Uint8Array(sealed.length - AEAD_TAG_BYTES);
    const call = this.#call(joinBytes(this.#hash, sealed), output, output.length);
    const opened = this.#provider.aeadOpen(key, call);
    this.#provider.destroyKey(key);
    if (!opened) return undefined;
    this.absorb(sealed);
    return output;
  }

  /** A copy, so that what turns out forged leaves no trace here. */
  fork(): Transcript {
    const chain = this.#provider.exportSecret(this.#chain);
    const copy = new Transcript(this.#provider, this.#hash, this.#provider.importSecret(chain));
    chain.fill(0);
    return copy;
  }

  /** Keys of both directions; `ir` is the initiator's sending one. */
  session(initiator: boolean, attempt: number): SessionKeys {
    const info = (label: string): Uint8Array => joinBytes(utf8Encode(label), this.#hash);
    const pair = (label: string): SenderKey =>
      deriveKeyAndSalt(this.#provider, this.#chain, info(label));
    const single = (label: string): KeyHandle =>
      this.#provider.hkdfSha512(this.#chain, NOTHING, info(label), AEAD_KEY_BYTES);
    const [ir, ri] = [pair("skein session ir"), pair("skein session ri")];
    const [wrapIr, wrapRi] = [single("skein wrap ir"), single("skein wrap ri")];
    const tag = attempt & 0xff;
    return initiator
      ? { send: ir, receive: ri, wrapSend: wrapIr, wrapReceive: wrapRi, tag }
      : { send: ri, receive: ir, wrapSend: wrapRi, wrapReceive: wrapIr, tag };
  }

  destroy(): void {
    this.#provider.destroyKey(this.#chain);
  }

  save(to: ByteWriter): void {
    to.raw(this.#hash).blob(this.#provider.exportSecret(this.#chain));
  }

  #sealKey(): KeyHandle {
    return this.#provider.hkdfSha512(this.#chain, this.#hash, SEAL, AEAD_KEY_BYTES);
  }

  /** Each seal has its own key, hence the nonce of zero. */
  #call(
    input: Uint8Array,
    output: Uint8Array,
    length: number,
  ): Parameters<CryptoProvider["aeadSeal"]>[1] {
    const offset = this.#hash.length;
    const nonce = new Uint8Array(AEAD_NONCE_BYTES);
    return {
      nonce,
      input,
      aadOffset: 0,
      aadLength: offset,
      offset,
      length,
      output,
      outputOffset: 0,
    };
  }
}

/** Bound to the protocol, the suites, the mission and the responder before anything is sent. */
function newTranscript(
  provider: CryptoProvider,
  directory: Directory,
  responder: NodeIndex,
): Transcript {
  const mission = new ByteWriter({ initialBytes: 4 }).u32(directory.missionId).take();
  const staticKey = directory.credential(responder)?.staticKey ?? NOTHING;
  const hash = provider.sha512(joinBytes(PROLOGUE, SUITE_LIST, mission, staticKey));
  return new Transcript(provider, hash, provider.importSecret(hash));
}

export interface InitiatorState {
  readonly transcript: Transcript;
  readonly ephemeral: KeyHandle;
  readonly ephemeralKem: KeyHandle;
  readonly message: Uint8Array;
  readonly attempt: number;
}

/** msg1, or `undefined` when the peer is not in the directory. */
export function startHandshake(
  party: HandshakeParty,
  peer: NodeIndex,
  claim: InitiatorClaim,
): InitiatorState | undefined {
  const { provider, directory } = party;
  const peerKem = directory.mlkemKey(peer);
  const peerX = directory.x25519Key(peer);
  if (peerKem === undefined || peerX === undefined) return undefined;
  const transcript = newTranscript(provider, directory, peer);
  const ephemeral = provider.generateKey("x25519");
  const ephemeralKem = provider.generateKey("mlkem768");
  const head = joinBytes(provider.publicKey(ephemeral), provider.publicKey(ephemeralKem));
  transcript.absorb(head);
  const { secret, ciphertext } = provider.mlkemEncapsulate(peerKem);
  transcript.absorb(ciphertext);
  const mixed = mixAll(provider, transcript, [provider.x25519(ephemeral, peerX), secret]);
  invariant(mixed, "the directory's X25519 keys are of full order");
  const message = joinBytes(head, ciphertext, transcript.seal(encodeInitiatorClaim(claim)));
  return { transcript, ephemeral, ephemeralKem, message, attempt: claim.attempt };
}

export interface ResponderState {
  readonly transcript: Transcript;
  readonly session: SessionKeys;
  readonly message: Uint8Array;
  readonly claim: InitiatorClaim;
}

/** msg2 to a msg1 that opens and names an admitted initiator; else `undefined`. */
export function respondHandshake(
  party: HandshakeParty,
  input: {
    readonly self: NodeIndex;
    readonly peer: NodeIndex;
    readonly message: Uint8Array;
    readonly claim: ResponderClaim;
  },
): ResponderState | undefined {
  const { provider, directory } = party;
  const { peer, message } = input;
  if (message.length !== MESSAGE_BYTES[0]) return undefined;
  const transcript = newTranscript(provider, directory, input.self);
  const claim = openFirst(party, transcript, message);
  const kem = directory.mlkemKey(peer);
  const named = directory.credential(peer)?.id;
  const ephemeralKem = provider.importPublic("mlkem768", message.subarray(X, X + KEM));
  if (claim === undefined || claim.id !== named || kem === undefined || !ephemeralKem) {
    if (ephemeralKem !== undefined) provider.destroyKey(ephemeralKem);
    transcript.destroy();
    return undefined;
  }
  const ephemeral = provider.generateKey("x25519");
  const head = provider.publicKey(ephemeral);
  const toEphemeral = provider.mlkemEncapsulate(ephemeralKem);
  const toStatic = provider.mlkemEncapsulate(kem);
  const ee = provider.x25519(ephemeral, message.subarray(0, X));
  const se = provider.x25519(ephemeral, directory.x25519Key(peer) ?? NOTHING);
  provider.destroyKey(ephemeral);
  provider.destroyKey(ephemeralKem);
  const bare = joinBytes(head, toEphemeral.ciphertext, toStatic.ciphertext);
  transcript.absorb(bare);
  const mixed = mixAll(provider, transcript, [ee, se, toEphemeral.secret, toStatic.secret]);
  if (!mixed) {
    transcript.destroy();
    return undefined;
  }
  transcript.mix(provider.importSecret(NO_PSK));
  const whole = joinBytes(bare, transcript.seal(encodeResponderClaim(input.claim)));
  const session = transcript.session(false, claim.attempt);
  return { transcript, session, message: whole, claim };
}

/** Opens msg1 with the own static keys. */
function openFirst(
  party: HandshakeParty,
  transcript: Transcript,
  message: Uint8Array,
): InitiatorClaim | undefined {
  const { provider, keys } = party;
  const ciphertext = message.subarray(X + KEM, X + KEM + CT);
  transcript.absorb(message.subarray(0, X + KEM));
  transcript.absorb(ciphertext);
  const es = provider.x25519(keys.x25519, message.subarray(0, X));
  const secret = provider.mlkemDecapsulate(keys.mlkem, ciphertext);
  if (!mixAll(provider, transcript, [es, secret])) return undefined;
  const payload = transcript.open(message.subarray(X + KEM + CT));
  return payload === undefined ? undefined : decodeInitiatorClaim(payload);
}

/** Mixes all of them, or destroys all of them when one is missing. */
function mixAll(
  provider: CryptoProvider,
  transcript: Transcript,
  secrets: readonly (KeyHandle | undefined)[],
): boolean {
  const whole = secrets.every((secret) => secret !== undefined);
  for (const secret of secrets) {
    if (secret === undefined) continue;
    if (whole) transcript.mix(secret);
    else provider.destroyKey(secret);
  }
  return whole;
}

export interface FinishedHandshake {
  readonly session: SessionKeys;
  readonly message: Uint8Array;
  readonly claim: ResponderClaim;
}

/** msg3 and the session; `undefined` for a msg2 that does not open, which changes nothing. */
export function finishHandshake(
  party: HandshakeParty,
  state: InitiatorState,
  message: Uint8Array,
): FinishedHandshake | undefined {
  const { provider, keys } = party;
  if (message.length !== MESSAGE_BYTES[1]) return undefined;
  const transcript = state.transcript.fork();
  const theirs = message.subarray(0, X);
  const bare = message.subarray(0, X + 2 * CT);
  transcript.absorb(bare);
  const mixed = mixAll(provider, transcript, [
    provider.x25519(state.ephemeral, theirs),
    provider.x25519(keys.x25519, theirs),
    provider.mlkemDecapsulate(state.ephemeralKem, message.subarray(X, X + CT)),
    provider.mlkemDecapsulate(keys.mlkem, message.subarray(X + CT, X + 2 * CT)),
  ]);
  if (mixed) transcript.mix(provider.importSecret(NO_PSK));
  const payload = mixed ? transcript.open(message.subarray(X + 2 * CT)) : undefined;
  const claim = payload === undefined ? undefined : decodeResponderClaim(payload);
  const session = claim === undefined ? undefined : transcript.session(true, state.attempt);
  const confirmation = transcript.seal(NOTHING);
  transcript.destroy();
  if (claim === undefined || session === undefined) return undefined;
  return { session, message: confirmation, claim };
}

/** Whether msg3 proves the initiator. */
export function confirmHandshake(state: ResponderState, message: Uint8Array): boolean {
  if (message.length !== MESSAGE_BYTES[2]) return false;
  return state.transcript.open(message) !== undefined;
}

export function destroyInitiator(provider: CryptoProvider, state: InitiatorState): void {
  state.transcript.destroy();
  provider.destroyKey(state.ephemeral);
  provider.destroyKey(state.ephemeralKem);
}

export function destroySessionKeys(provider: CryptoProvider, session: SessionKeys): void {
  provider.destroyKey(session.send.key);
  provider.destroyKey(session.receive.key);
  provider.destroyKey(session.wrapSend);
  provider.destroyKey(session.wrapReceive);
}

function encodeInitiatorClaim(claim: InitiatorClaim): Uint8Array {
  const to = new ByteWriter({ initialBytes: PAYLOAD_1_BYTES });
  to.u64(claim.id).u64(claim.bootNonce).u32(claim.bootCount).u32(claim.attempt);
  return to.u32(claim.policyVersion).u32(SUITE_MASK).raw(NO_TICKET).take();
}

/** Undefined when the peer could do better than this suite, or speaks none of ours. */
function decodeInitiatorClaim(payload: Uint8Array): InitiatorClaim | undefined {
  const from = new ByteReader(payload);
  const claim = {
    id: nodeId(from.u64()),
    bootNonce: from.u64(),
    bootCount: from.u32(),
    attempt: from.u32(),
    policyVersion: from.u32(),
  };
  const best = from.u32() & SUITE_MASK;
  from.raw(TICKET_HASH_BYTES);
  return from.finish() === undefined && best === SUITE_MASK ? claim : undefined;
}

function encodeResponderClaim(claim: ResponderClaim): Uint8Array {
  const to = new ByteWriter({ initialBytes: PAYLOAD_2_BYTES });
  to.u64(claim.bootNonce).u32(claim.bootCount).u32(claim.policyVersion);
  return to.raw(NO_TICKET).take();
}

function decodeResponderClaim(payload: Uint8Array): ResponderClaim | undefined {
  const from = new ByteReader(payload);
  const claim = { bootNonce: from.u64(), bootCount: from.u32(), policyVersion: from.u32() };
  from.raw(TICKET_HASH_BYTES);
  return from.finish() === undefined ? claim : undefined;
}

export function saveInitiator(
  to: ByteWriter,
  provider: CryptoProvider,
  state: InitiatorState,
): void {
  state.transcript.save(to);
  to.blob(provider.exportSecret(state.ephemeral));
  to.blob(provider.exportSecret(state.ephemeralKem)).blob(state.message).u32(state.attempt);
}

export function loadInitiator(from: ByteReader, provider: CryptoProvider): InitiatorState {
  const transcript = loadTranscript(from, provider);
  const ephemeral = provider.importPrivate("x25519", from.blob(32));
  const ephemeralKem = provider.importPrivate("mlkem768", from.blob(64));
  invariant(ephemeral !== undefined && ephemeralKem !== undefined, "a saved handshake is whole");
  const message = from.blob(4096);
  return { transcript, ephemeral, ephemeralKem, message, attempt: from.u32() };
}

export function saveResponder(
  to: ByteWriter,
  provider: CryptoProvider,
  state: ResponderState,
): void {
  state.transcript.save(to);
  saveSessionKeys(to, provider, state.session);
  to.blob(state.message).raw(encodeInitiatorClaim(state.claim));
}

export function loadResponder(from: ByteReader, provider: CryptoProvider): ResponderState {
  const transcript = loadTranscript(from, provider);
  const session = loadSessionKeys(from, provider);
  const message = from.blob(4096);
  const claim = decodeInitiatorClaim(from.raw(PAYLOAD_1_BYTES));
  invariant(claim !== undefined, "a saved handshake is whole");
  return { transcript, session, message, claim };
}

function loadTranscript(from: ByteReader, provider: CryptoProvider): Transcript {
  const hash = from.raw(64);
  return new Transcript(provider, hash, provider.importSecret(from.blob(64)));
}

export function saveSessionKeys(to: ByteWriter, provider: CryptoProvider, keys: SessionKeys): void {
  for (const key of [keys.send.key, keys.receive.key, keys.wrapSend, keys.wrapReceive]) {
    to.blob(provider.exportSecret(key));
  }
  to.raw(keys.send.salt).raw(keys.receive.salt).u8(keys.tag);
}

export function loadSessionKeys(from: ByteReader, provider: CryptoProvider): SessionKeys {
  const [send, receive, wrapSend, wrapReceive] = [0, 1, 2, 3].map(() =>
    provider.importSecret(from.blob(64)),
  );
  const [sendSalt, receiveSalt] = [from.raw(SALT_BYTES), from.raw(SALT_BYTES)];
  return {
    send: { key: send!, salt: sendSalt },
    receive: { key: receive!, salt: receiveSalt },
    wrapSend: wrapSend!,
    wrapReceive: wrapReceive!,
    tag: from.u8(),
  };
}
