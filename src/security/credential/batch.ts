/**
 * The authority's word: append-only batches of credentials, and the list of revoked ones.
 *
 * A batch is a Merkle root over new credentials with one composite signature (3373 B, checked once
 * and cached); enrolling one vehicle at night makes a batch of one and leaves every other proof
 * valid. Each batch names the hash of the one before it, so that a history cannot be rewritten
 * unseen. The revocation list is monotonic and says until when it may be called fresh.
 */
import {
  decodeCbor,
  encodeCbor,
  fail,
  ok,
  problem,
  utf8Encode,
  type CborValue,
  type NodeId,
  type Result,
} from "../../base/mod.ts";
import {
  COMPOSITE_SIGNATURE_BYTES,
  compositeSign,
  compositeVerify,
  joinComposite,
  splitComposite,
  type CompositeKey,
} from "../crypto/composite.ts";
import type { CryptoProvider } from "../provider.ts";
import { isBytes, isCount, isU64 } from "./credential.ts";
import {
  HASH_BYTES,
  LEAVES_MAX,
  leafHash,
  merkleProof,
  merkleRoot,
  shortHash,
  verifyMerkleProof,
} from "./merkle.ts";

const VERSION = 1;
const BATCH_CONTEXT = utf8Encode("skein batch 1");
const REVOCATION_CONTEXT = utf8Encode("skein revocation 1");
const REVOKED_MAX = 16_384;

/** Names the batch before the first. */
export const NO_BATCH: Uint8Array = new Uint8Array(HASH_BYTES);

export interface Batch {
  readonly number: number;
  readonly count: number;
  readonly root: Uint8Array;
  readonly previous: Uint8Array;
  readonly issuedAtS: number;
}

/** A batch as it travels: its encoding and the authority's signature over it. */
export interface SignedBytes {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/** A credential with the proof of its place. */
export interface ProvenCredential {
  readonly body: Uint8Array;
  readonly batch: number;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
}

export interface RevocationList {
  readonly sequence: number;
  readonly issuedAtS: number;
  readonly freshUntilS: number;
  readonly policyVersion: number;
  /** Ascending. */
  readonly revoked: readonly NodeId[];
}

export function encodeBatch(batch: Batch): Uint8Array {
  const { number, count, root, previous, issuedAtS } = batch;
  return encodeCbor([VERSION, number, count, root, previous, issuedAtS]);
}

export function decodeBatch(bytes: Uint8Array): Result<Batch> {
  const list = decodeList(bytes, 6);
  if (list === undefined) return fail(problem("SEC019", { detail: "malformed" }));
  const [version, number, count, root, previous, issuedAtS] = list;
  const sound =
    version === VERSION && isCount(number) && isCount(count) && isCount(issuedAtS) && count > 0;
  if (
    !sound ||
    count > LEAVES_MAX ||
    !isBytes(root, HASH_BYTES) ||
    !isBytes(previous, HASH_BYTES)
  ) {
    return fail(problem("SEC019", { detail: "malformed" }));
  }
  return ok({ number, count, root, previous, issuedAtS });
}

/** Signs credentials (their encodings) as the batch after `previous`. */
export function issueBatch(
  provider: CryptoProvider,
  authority: CompositeKey,
  options: {
    readonly number: number;
    readonly previous: Uint8Array;
    readonly issuedAtS: number;
    readonly credentials: readonly Uint8Array[];
  },
): { readonly batch: SignedBytes; readonly proven: readonly ProvenCredential[] } {
  const { number, previous, issuedAtS, credentials } = options;
  const leaves = credentials.map((body) => leafHash(provider, body));
  const root = merkleRoot(provider, leaves);
  const body = encodeBatch({ number, count: leaves.length, root, previous, issuedAtS });
  const signature = joinComposite(compositeSign(provider, authority, body, BATCH_CONTEXT));
  const proven = credentials.map((credential, index) => ({
    body: credential,
    batch: number,
    index,
    proof: merkleProof(provider, leaves, index),
  }));
  return { batch: { body, signature }, proven };
}

/** The name of a batch in the next one. */
export function batchHash(provider: CryptoProvider, signed: SignedBytes): Uint8Array {
  return shortHash(provider, signed.body);
}

/** The batch, when the authority signed it. */
export function openBatch(
  provider: CryptoProvider,
  authority: CompositeKey,
  signed: SignedBytes,
): Result<Batch> {
  const holds = verifySigned(provider, authority, signed, BATCH_CONTEXT);
  return holds ? decodeBatch(signed.body) : fail(problem("SEC019"));
}

/** Whether a credential stands in this batch. */
export function isInBatch(
  provider: CryptoProvider,
  batch: Batch,
  credential: ProvenCredential,
): boolean {
  const { body, index, proof } = credential;
  const { count, root } = batch;
  if (credential.batch !== batch.number) return false;
  return verifyMerkleProof(provider, { entry: body, index, count, proof, root });
}

export function signRevocation(
  provider: CryptoProvider,
  authority: CompositeKey,
  list: RevocationList,
): SignedBytes {
  const { sequence, issuedAtS, freshUntilS, policyVersion, revoked } = list;
  const body = encodeCbor([VERSION, sequence, issuedAtS, freshUntilS, policyVersion, revoked]);
  const signature = joinComposite(compositeSign(provider, authority, body, REVOCATION_CONTEXT));
  return { body, signature };
}

/** The list, when the authority signed it and it is not older than `sequenceMin`. */
export function openRevocation(
  provider: CryptoProvider,
  authority: CompositeKey,
  signed: SignedBytes,
  sequenceMin: number,
): Result<RevocationList> {
  if (!verifySigned(provider, authority, signed, REVOCATION_CONTEXT)) {
    return fail(problem("SEC021"));
  }
  const list = decodeList(signed.body, 6);
  if (list === undefined) return fail(problem("SEC021", { detail: "malformed" }));
  const [version, sequence, issuedAtS, freshUntilS, policyVersion, revoked] = list;
  const sound =
    version === VERSION &&
    isCount(sequence) &&
    isCount(issuedAtS) &&
    isCount(freshUntilS) &&
    isCount(policyVersion) &&
    isAscendingIds(revoked);
  if (!sound) return fail(problem("SEC021", { detail: "malformed" }));
  if (sequence < sequenceMin) return fail(problem("SEC021", { detail: "older than known" }));
  const ids = revoked.map((id) => BigInt(id) as NodeId);
  return ok({ sequence, issuedAtS, freshUntilS, policyVersion, revoked: ids });
}

function verifySigned(
  provider: CryptoProvider,
  authority: CompositeKey,
  signed: SignedBytes,
  context: Uint8Array,
): boolean {
  const halves = splitComposite(signed.signature);
  if (halves === undefined || signed.signature.length !== COMPOSITE_SIGNATURE_BYTES) return false;
  return compositeVerify(provider, authority, { message: signed.body, context, ...halves });
}

function decodeList(bytes: Uint8Array, length: number): readonly CborValue[] | undefined {
  const decoded = decodeCbor(bytes, { depthMax: 3, itemsMax: REVOKED_MAX + 16 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return undefined;
  const list = decoded.value as readonly CborValue[];
  return list.length === length ? list : undefined;
}

function isAscendingIds(value: CborValue | undefined): value is readonly (number | bigint)[] {
  if (!Array.isArray(value)) return false;
  const list = value as readonly CborValue[];
  return list.every(
    (id, i) => isU64(id) && (i === 0 || BigInt(list[i - 1] as number | bigint) < BigInt(id)),
  );
}
