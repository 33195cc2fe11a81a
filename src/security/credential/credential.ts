/**
 * A node's identity document: compact deterministic CBOR, no X.509 on the radio. Layout and golden
 * bytes: `docs/protocols/credential.md`, `vectors/credential`.
 *
 * The 64-bit id is given by the authority and bound to the keys here, so that rotating keys keeps
 * the identity. Firmware state is not in it. `emergencyCommitment` and `blsKey` may be empty.
 */
import {
  decodeCbor,
  encodeCbor,
  fail,
  nodeId,
  ok,
  problem,
  type CborValue,
  type NodeId,
  type Result,
} from "../../base/mod.ts";
import { SUITE_1 } from "../crypto/suites.ts";
import { SIZES } from "../provider.ts";

/** Wire codes of roles. */
export const Role: Readonly<{ vehicle: 1; ground: 2; operator: 3 }> = Object.freeze({
  vehicle: 1,
  ground: 2,
  operator: 3,
});
export type Role = (typeof Role)[keyof typeof Role];

/** ML-KEM-768 key, then X25519 key. */
export const STATIC_KEY_BYTES = 1216;
const VERSION = 1;
const FIELDS = 13;
const NAME_MAX_BYTES = 32;
const CREDENTIAL_MAX_BYTES = 1700;

export interface Credential {
  readonly id: NodeId;
  readonly name: string;
  readonly role: Role;
  /** Seconds since the Unix epoch; both ends are included. */
  readonly notBeforeS: number;
  readonly notAfterS: number;
  readonly policyVersion: number;
  /** The least suite code that this node may be spoken to with. */
  readonly suiteMin: number;
  readonly staticKey: Uint8Array;
  readonly ed25519: Uint8Array;
  /** First 32 bytes of SHA-512 of the ML-DSA key; empty where the node has none. */
  readonly mldsaHash: Uint8Array;
  readonly emergencyCommitment: Uint8Array;
  readonly blsKey: Uint8Array;
}

export function encodeCredential(credential: Credential): Uint8Array {
  return encodeCbor([
    VERSION,
    credential.id,
    credential.name,
    credential.role,
    credential.notBeforeS,
    credential.notAfterS,
    credential.policyVersion,
    credential.suiteMin,
    credential.staticKey,
    credential.ed25519,
    credential.mldsaHash,
    credential.emergencyCommitment,
    credential.blsKey,
  ]);
}

/** Strict: every field of its type and size, nothing beside. */
export function decodeCredential(bytes: Uint8Array): Result<Credential> {
  if (bytes.length > CREDENTIAL_MAX_BYTES) return refuse("longer than any credential");
  const decoded = decodeCbor(bytes, { depthMax: 2, itemsMax: 32 });
  if (!decoded.ok) return decoded;
  const list = decoded.value;
  if (!Array.isArray(list) || list.length !== FIELDS) return refuse("not a list of 13");
  const fields = list as readonly CborValue[];
  const [version, id, name, role, notBeforeS, notAfterS, policyVersion, suiteMin] = fields;
  const [staticKey, ed25519, mldsaHash, emergencyCommitment, blsKey] = fields.slice(8);
  if (version !== VERSION) return refuse("version");
  if (!isU64(id)) return refuse("id");
  if (typeof name !== "string" || name.length > NAME_MAX_BYTES) return refuse("name");
  if (!isRole(role)) return refuse("role");
  if (!isCount(notBeforeS) || !isCount(notAfterS) || notAfterS < notBeforeS) {
    return refuse("validity");
  }
  if (!isCount(policyVersion)) return refuse("policy version");
  if (!isCount(suiteMin) || suiteMin < SUITE_1 || suiteMin > 15) return refuse("suite");
  if (!isBytes(staticKey, STATIC_KEY_BYTES)) return refuse("static key");
  if (!isBytes(ed25519, SIZES.ed25519.publicKey)) return refuse("Ed25519 key");
  if (!isBytes(mldsaHash, 32, 0)) return refuse("ML-DSA hash");
  if (!isBytes(emergencyCommitment, 32, 0)) return refuse("emergency commitment");
  if (!isBytes(blsKey, 144, 0)) return refuse("BLS key");
  return ok({
    id: nodeId(BigInt(id)),
    name,
    role,
    notBeforeS,
    notAfterS,
    policyVersion,
    suiteMin,
    staticKey,
    ed25519,
    mldsaHash,
    emergencyCommitment,
    blsKey,
  });
}

function refuse(detail: string): Result<never> {
  return fail(problem("SEC017", { detail }));
}

function isRole(value: CborValue | undefined): value is Role {
  return value === Role.vehicle || value === Role.ground || value === Role.operator;
}

/** An unsigned integer of at most 53 bits. */
export function isCount(value: CborValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

export function isU64(value: CborValue | undefined): value is number | bigint {
  if (typeof value === "bigint") return value >= 0n && value < 1n << 64n;
  return isCount(value);
}

/** Bytes of one of the given lengths. */
export function isBytes(
  value: CborValue | undefined,
  ...lengths: readonly number[]
): value is Uint8Array {
  return value instanceof Uint8Array && lengths.includes(value.length);
}
