/**
 * A provider for many nodes in one process: what one receiver of a transmission has opened or
 * verified is not computed again for the next receiver of the same bytes.
 *
 * Answers are exactly the inner provider's: a remembered answer is used only when key, nonce,
 * associated data and ciphertext (or key, message, context and signature) are equal byte for byte.
 * For that, equal secrets and equal public keys share one handle, counted. Interned secrets stand
 * in a Map's keys and cannot be erased: for the simulator, never on a vehicle.
 *
 * Receivers of one transmission hold the very same bytes, and what `aeadOpenShared` gives them is
 * one array: such are compared by identity, so they must stay as they are (the simulator's medium
 * checks that of every frame).
 *
 * Bounds: tables of `slots` entries, each slot overwritten by the next that falls on it; calls of
 * more than `STRIDE_BYTES` go straight through.
 */
import { invariant, mix32, toHex } from "../../base/mod.ts";
import {
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  type AeadCall,
  type CryptoProvider,
  type KeyAlgorithm,
  type KeyHandle,
} from "../provider.ts";

const STRIDE_BYTES = 4096;

export interface MemoView {
  readonly hits: number;
  readonly misses: number;
}

/** `slots` is a power of two. */
export function memoise(
  inner: CryptoProvider,
  options: { readonly slots?: number } = {},
): CryptoProvider & { readonly memo: MemoView } {
  const slots = options.slots ?? 1024;
  invariant((slots & (slots - 1)) === 0 && slots > 0, "the memo's table is a power of two");
  return new Memo(inner, slots);
}

/** A range of bytes that is part of a question. */
interface Range {
  bytes: Uint8Array;
  from: number;
  to: number;
}

/** What was asked (key, life of the handle, ranges of bytes) and what the answer was. */
class Table {
  readonly #keys: Float64Array;
  readonly #lengths: Uint32Array;
  readonly #asked: Uint8Array[] = [];
  /** Where the input of the question lies, if it stays as it is. */
  readonly #buffers: (ArrayBufferLike | undefined)[] = [];
  readonly #offsets: Float64Array;
  readonly #sizes: Uint32Array;
  readonly answers: (Uint8Array | boolean)[] = [];

  constructor(slots: number) {
    this.#keys = new Float64Array(slots).fill(-1);
    this.#lengths = new Uint32Array(slots);
    this.#offsets = new Float64Array(slots);
    this.#sizes = new Uint32Array(slots);
    for (let i = 0; i < slots; i += 1) {
      this.#asked.push(new Uint8Array(0));
      this.#buffers.push(undefined);
      this.answers.push(false);
    }
  }

  slot(hash: number): number {
    return hash & (this.#keys.length - 1);
  }

  holds(slot: number, key: number, question: readonly Range[]): boolean {
    if (this.#keys[slot] !== key || this.#lengths[slot] !== lengthOf(question)) return false;
    const asked = this.#asked[slot]!;
    let at = 0;
    for (const { bytes, from, to } of question) {
      for (let i = from; i < to; i += 1) if (asked[at++] !== bytes[i]) return false;
    }
    return true;
  }

  /** As `holds`, for a question whose input lies where the slot's last one lay, and stays. */
  holdsSame(slot: number, key: number, nonce: Uint8Array, input: Uint8Array): boolean {
    if (this.#keys[slot] !== key || this.#buffers[slot] !== input.buffer) return false;
    if (this.#offsets[slot] !== input.byteOffset || this.#sizes[slot] !== input.length)
      return false;
    const asked = this.#asked[slot]!;
    for (let i = 0; i < nonce.length; i += 1) if (asked[i] !== nonce[i]) return false;
    return true;
  }

  write(slot: number, key: number, question: readonly Range[], stays?: Uint8Array): void {
    const length = lengthOf(question);
    if (this.#asked[slot]!.length < length) this.#asked[slot] = new Uint8Array(length + 64);
    const asked = this.#asked[slot]!;
    let at = 0;
    for (const { bytes, from, to } of question) {
      for (let i = from; i < to; i += 1) asked[at++] = bytes[i]!;
    }
    this.#keys[slot] = key;
    this.#lengths[slot] = length;
    this.#buffers[slot] = stays?.buffer;
    this.#offsets[slot] = stays?.byteOffset ?? 0;
    this.#sizes[slot] = stays?.length ?? 0;
  }
}

function lengthOf(question: readonly Range[]): number {
  let length = 0;
  for (const { from, to } of question) length += to - from;
  return length;
}

function setRange(range: Range, bytes: Uint8Array, from: number, to: number): void {
  range.bytes = bytes;
  range.from = from;
  range.to = to;
}

const emptyRange = (): Range => ({ bytes: NOTHING, from: 0, to: 0 });
const NOTHING = new Uint8Array(0);

class Memo implements CryptoProvider {
  readonly name: string;
  readonly memo = { hits: 0, misses: 0 };
  readonly #inner: CryptoProvider;
  readonly #opened: Table;
  readonly #verified: Table;
  /** By what was opened: the key's life and whether the signature in it holds. */
  readonly #verifiedOf = new WeakMap<Uint8Array, { life: number; valid: boolean }>();
  /** Nonce, associated data, ciphertext; or context, signature, message. */
  readonly #question: readonly [Range, Range, Range] = [emptyRange(), emptyRange(), emptyRange()];
  /** Content -> handle; handle -> content, holders, and the how-manieth key it stands for. */
  readonly #interned = new Map<string, KeyHandle>();
  readonly #contents: (string | undefined)[] = [];
  readonly #holders: number[] = [];
  readonly #lives: number[] = [];
  #given = 0;

  constructor(inner: CryptoProvider, slots: number) {
    this.#inner = inner;
    this.name = `${inner.name}, shared between receivers`;
    this.#opened = new Table(slots);
    this.#verified = new Table(slots);
  }

  randomBytes(into: Uint8Array): void {
    this.#inner.randomBytes(into);
  }

  importSecret(secret: Uint8Array): KeyHandle {
    return this.#intern(this.#inner.importSecret(secret), `s${toHex(secret)}`);
  }

  exportSecret(key: KeyHandle): Uint8Array {
    return this.#inner.exportSecret(key);
  }

  destroyKey(key: KeyHandle): void {
    const holders = (this.#holders[key] ?? 0) - 1;
    invariant(holders >= 0, "a key is destroyed as often as it was given");
    this.#holders[key] = holders;
    if (holders > 0) return;
    this.#interned.delete(this.#contents[key] ?? "");
    this.#contents[key] = undefined;
    this.#inner.destroyKey(key);
  }

  generateKey(algorithm: KeyAlgorithm): KeyHandle {
    const key = this.#inner.generateKey(algorithm);
    return this.#intern(key, `${algorithm}${toHex(this.#inner.exportSecret(key))}`);
  }

  importPrivate(algorithm: KeyAlgorithm, seed: Uint8Array): KeyHandle | undefined {
    const known = this.#again(`${algorithm}${toHex(seed)}`);
    if (known !== undefined) return known;
    const key = this.#inner.importPrivate(algorithm, seed);
    return key === undefined ? undefined : this.#intern(key, `${algorithm}${toHex(seed)}`);
  }

  importPublic(algorithm: KeyAlgorithm, publicKey: Uint8Array): KeyHandle | undefined {
    const content = `p${algorithm}${toHex(publicKey)}`;
    const known = this.#again(content);
    if (known !== undefined) return known;
    const key = this.#inner.importPublic(algorithm, publicKey);
    return key === undefined ? undefined : this.#intern(key, content);
  }

  publicKey(key: KeyHandle): Uint8Array {
    return this.#inner.publicKey(key);
  }

  aeadSeal(key: KeyHandle, call: AeadCall): void {
    this.#inner.aeadSeal(key, call);
  }

  aeadOpen(key: KeyHandle, call: AeadCall): boolean {
    const sealedBytes = call.length + AEAD_TAG_BYTES;
    if (call.aadLength + sealedBytes > STRIDE_BYTES) return this.#inner.aeadOpen(key, call);
    const slot = this.#slotOf(key, call);
    const life = this.#lifeOf(key) * STRIDE_BYTES + call.aadLength;
    this.#ask(call);
    if (!this.#opened.holds(slot, life, this.#question)) {
      this.#compute(slot, life, key, call);
    } else this.memo.hits += 1;
    const answer = this.#opened.answers[slot]!;
    if (typeof answer === "boolean") return answer;
    call.output.set(answer, call.outputOffset);
    return true;
  }

  aeadOpenShared(key: KeyHandle, call: AeadCall): Uint8Array | undefined {
    if (call.aadLength + call.length + AEAD_TAG_BYTES > STRIDE_BYTES) {
      return this.#inner.aeadOpenShared(key, call);
    }
    const slot = this.#slotOf(key, call);
    const life = this.#lifeOf(key) * STRIDE_BYTES + call.aadLength;
    if (this.#opened.holdsSame(slot, life, call.nonce, call.input)) this.memo.hits += 1;
    else {
      this.#ask(call);
      if (this.#opened.holds(slot, life, this.#question)) this.memo.hits += 1;
      else this.#compute(slot, life, key, call);
    }
    const answer = this.#opened.answers[slot]!;
    return typeof answer === "boolean" ? undefined : answer;
  }

  #slotOf(key: KeyHandle, call: AeadCall): number {
    const end = call.offset + call.length + AEAD_TAG_BYTES;
    return this.#opened.slot(mix32(word(call.input, end - 4) ^ word(call.nonce, 8)) ^ key);
  }

  #ask(call: AeadCall): void {
    const [nonce, aad, sealed] = this.#question;
    setRange(nonce, call.nonce, 0, AEAD_NONCE_BYTES);
    setRange(aad, call.input, call.aadOffset, call.aadOffset + call.aadLength);
    setRange(sealed, call.input, call.offset, call.offset + call.length + AEAD_TAG_BYTES);
  }

  #compute(slot: number, life: number, key: KeyHandle, call: AeadCall): void {
    this.memo.misses += 1;
    const opened = this.#inner.aeadOpenShared(key, call);
    this.#opened.write(slot, life, this.#question, call.input);
    this.#opened.answers[slot] = opened ?? false;
  }

  sha512(data: Uint8Array): Uint8Array {
    return this.#inner.sha512(data);
  }

  hmacSha512(key: KeyHandle, data: Uint8Array): Uint8Array {
    return this.#inner.hmacSha512(key, data);
  }

  hkdfSha512(secret: KeyHandle, salt: Uint8Array, info: Uint8Array, length: number): KeyHandle {
    return this.#internSecret(this.#inner.hkdfSha512(secret, salt, info, length));
  }

  x25519(privateKey: KeyHandle, peerPublicKey: Uint8Array): KeyHandle | undefined {
    const shared = this.#inner.x25519(privateKey, peerPublicKey);
    return shared === undefined ? undefined : this.#internSecret(shared);
  }

  ed25519Sign(privateKey: KeyHandle, message: Uint8Array): Uint8Array {
    return this.#inner.ed25519Sign(privateKey, message);
  }

  ed25519Verify(
    publicKey: KeyHandle,
    message: Uint8Array,
    signature: Uint8Array,
    of?: Uint8Array,
  ): boolean {
    if (!this.#fits(message, signature)) {
      return this.#inner.ed25519Verify(publicKey, message, signature);
    }
    const context = NOTHING;
    const valid = this.#remembered(publicKey, { context, message, signature }, () =>
      this.#inner.ed25519Verify(publicKey, message, signature),
    );
    if (of !== undefined) this.#verifiedOf.set(of, { life: this.#lifeOf(publicKey), valid });
    return valid;
  }

  ed25519Recall(publicKey: KeyHandle, of: Uint8Array): boolean | undefined {
    const known = this.#verifiedOf.get(of);
    if (known?.life !== this.#lifeOf(publicKey)) return undefined;
    this.memo.hits += 1;
    return known.valid;
  }

  mlkemEncapsulate(publicKey: KeyHandle): {
    readonly secret: KeyHandle;
    readonly ciphertext: Uint8Array;
  } {
    const { secret, ciphertext } = this.#inner.mlkemEncapsulate(publicKey);
    return { secret: this.#internSecret(secret), ciphertext };
  }

  mlkemDecapsulate(privateKey: KeyHandle, ciphertext: Uint8Array): KeyHandle | undefined {
    const secret = this.#inner.mlkemDecapsulate(privateKey, ciphertext);
    return secret === undefined ? undefined : this.#internSecret(secret);
  }

  mldsaSign(privateKey: KeyHandle, message: Uint8Array, context: Uint8Array): Uint8Array {
    return this.#inner.mldsaSign(privateKey, message, context);
  }

  mldsaVerify(
    publicKey: KeyHandle,
    message: Uint8Array,
    context: Uint8Array,
    signature: Uint8Array,
  ): boolean {
    if (!this.#fits(message, signature) || context.length > 255) {
      return this.#inner.mldsaVerify(publicKey, message, context, signature);
    }
    return this.#remembered(publicKey, { context, message, signature }, () =>
      this.#inner.mldsaVerify(publicKey, message, context, signature),
    );
  }

  #remembered(
    key: KeyHandle,
    asked: {
      readonly context: Uint8Array;
      readonly message: Uint8Array;
      readonly signature: Uint8Array;
    },
    compute: () => boolean,
  ): boolean {
    const { context, message, signature } = asked;
    setRange(this.#question[0], context, 0, context.length);
    setRange(this.#question[1], signature, 0, signature.length);
    setRange(this.#question[2], message, 0, message.length);
    const slot = this.#verified.slot(mix32(word(signature, signature.length >> 1)) ^ key);
    const shape = context.length * 2 * STRIDE_BYTES + signature.length;
    const life = this.#lifeOf(key) * 512 * STRIDE_BYTES + shape;
    if (this.#verified.holds(slot, life, this.#question)) {
      this.memo.hits += 1;
      return this.#verified.answers[slot] === true;
    }
    this.memo.misses += 1;
    const valid = compute();
    this.#verified.write(slot, life, this.#question);
    this.#verified.answers[slot] = valid;
    return valid;
  }

  #fits(message: Uint8Array, signature: Uint8Array): boolean {
    return message.length <= STRIDE_BYTES - 512 && signature.length <= STRIDE_BYTES;
  }

  /** Never the same for two keys, even when a handle was given anew; 2^32 keys leave room. */
  #lifeOf(key: KeyHandle): number {
    return this.#lives[key] ?? 0;
  }

  #internSecret(key: KeyHandle): KeyHandle {
    return this.#intern(key, `s${toHex(this.#inner.exportSecret(key))}`);
  }

  /** Gives the handle that already holds this content, or makes `key` that handle. */
  #intern(key: KeyHandle, content: string): KeyHandle {
    const known = this.#again(content);
    if (known !== undefined) {
      this.#inner.destroyKey(key);
      return known;
    }
    this.#interned.set(content, key);
    this.#contents[key] = content;
    this.#holders[key] = 1;
    this.#lives[key] = ++this.#given;
    return key;
  }

  #again(content: string): KeyHandle | undefined {
    const known = this.#interned.get(content);
    if (known !== undefined) this.#holders[known] = (this.#holders[known] ?? 0) + 1;
    return known;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}
