/**
 * Making a fleet: the authority's keys, an operator, a ground station, vehicles, and the package
 * that each is given. A pure function of the provider and its entropy; `skein fleet init` writes
 * the result to files, the simulator flies it.
 *
 * Ids are the fleet's number and an ordinal: never random, because ids are ordered by.
 * Index 0 is the ground station, 1 to n are the vehicles.
 */
import {
  decodeCbor,
  encodeCbor,
  fail,
  invariant,
  nodeId,
  nodeIndex,
  ok,
  problem,
  type CborValue,
  type MissionId,
  type NodeId,
  type NodeIndex,
  type Result,
} from "../../base/mod.ts";
import { compositePublicKey, joinBytes, type CompositeKey } from "../crypto/composite.ts";
import { SUITE_1 } from "../crypto/suites.ts";
import { SIZES, type CryptoProvider, type KeyHandle } from "../provider.ts";
import { NO_BATCH, issueBatch, signRevocation } from "./batch.ts";
import { Role, encodeCredential, isBytes, isU64, type Credential } from "./credential.ts";
import { shortHash } from "./merkle.ts";
import type { SecurityPackage } from "./package.ts";

const NOTHING = new Uint8Array(0);
const REVOCATION_FRESH_S = 30 * 86_400;
const VEHICLES_MAX = 60_000;
const SECRETS_VERSION = 1;

/** The private half of a credential, as seeds; empty where the role has no such key. */
export interface NodeSecrets {
  readonly id: NodeId;
  readonly ed25519Seed: Uint8Array;
  readonly mlkemSeed: Uint8Array;
  readonly x25519Seed: Uint8Array;
  readonly mldsaSeed: Uint8Array;
}

export interface FleetMember {
  readonly index: NodeIndex;
  readonly credential: Credential;
  readonly secrets: NodeSecrets;
}

export interface Fleet {
  readonly package: SecurityPackage;
  readonly ground: FleetMember;
  readonly vehicles: readonly FleetMember[];
  readonly operator: { readonly credential: Credential; readonly secrets: NodeSecrets };
  /** Seeds of the authority's composite key: belong in a safe, not on a vehicle. */
  readonly authority: { readonly mldsaSeed: Uint8Array; readonly ed25519Seed: Uint8Array };
}

export interface FleetOptions {
  readonly missionId: MissionId;
  /** Makes ids unique between fleets, a u31. */
  readonly fleetNumber: number;
  readonly vehicleCount: number;
  readonly notBeforeS: number;
  readonly notAfterS: number;
  readonly operatorName?: string;
  readonly policyVersion?: number;
}

/** Issues everything in one batch. */
export function issueFleet(provider: CryptoProvider, options: FleetOptions): Fleet {
  const { vehicleCount } = options;
  invariant(vehicleCount >= 0 && vehicleCount <= VEHICLES_MAX, "a fleet fits its indices");
  const authorityKey = newComposite(provider);
  const ground = issueOne(provider, options, { ordinal: 1, name: "ground", role: Role.ground });
  const vehicles = Array.from({ length: vehicleCount }, (_, i) =>
    issueOne(provider, options, {
      ordinal: 0x100 + i + 1,
      name: `vehicle ${String(i + 1)}`,
      role: Role.vehicle,
    }),
  );
  const operatorName = options.operatorName ?? "operator";
  const operator = issueOne(provider, options, { ordinal: 2, name: operatorName, role: 3 });
  const members = [ground, ...vehicles];
  const { batch, proven } = issueBatch(provider, authorityKey, {
    number: 0,
    previous: NO_BATCH,
    issuedAtS: options.notBeforeS,
    credentials: [...members, operator].map((one) => encodeCredential(one.credential)),
  });
  const beaconKey = new Uint8Array(32);
  provider.randomBytes(beaconKey);
  const policyVersion = options.policyVersion ?? 1;
  const contents: SecurityPackage = {
    missionId: options.missionId,
    policyVersion,
    authority: compositePublicKey(provider, authorityKey),
    batches: [batch],
    nodes: proven.slice(0, members.length),
    operators: [{ credential: proven[members.length]!, mldsaKey: operator.mldsaKey }],
    revocation: signRevocation(provider, authorityKey, {
      sequence: 0,
      issuedAtS: options.notBeforeS,
      freshUntilS: options.notBeforeS + REVOCATION_FRESH_S,
      policyVersion,
      revoked: [],
    }),
    beaconKey,
  };
  const member = (one: Issued, index: number): FleetMember => ({
    index: nodeIndex(index),
    credential: one.credential,
    secrets: one.secrets,
  });
  return {
    package: contents,
    ground: member(ground, 0),
    vehicles: vehicles.map((one, i) => member(one, i + 1)),
    operator: { credential: operator.credential, secrets: operator.secrets },
    authority: {
      mldsaSeed: provider.exportSecret(authorityKey.mldsa),
      ed25519Seed: provider.exportSecret(authorityKey.ed25519),
    },
  };
}

interface Issued {
  readonly credential: Credential;
  readonly secrets: NodeSecrets;
  readonly mldsaKey: Uint8Array;
}

function newComposite(provider: CryptoProvider): CompositeKey {
  return { mldsa: provider.generateKey("mldsa65"), ed25519: provider.generateKey("ed25519") };
}

function issueOne(
  provider: CryptoProvider,
  options: FleetOptions,
  one: { readonly ordinal: number; readonly name: string; readonly role: Role },
): Issued {
  const signing = provider.generateKey("ed25519");
  const kem = provider.generateKey("mlkem768");
  const agreement = provider.generateKey("x25519");
  const quantum = one.role === Role.operator ? provider.generateKey("mldsa65") : undefined;
  const mldsaKey = quantum === undefined ? NOTHING : provider.publicKey(quantum);
  const id = nodeId((BigInt(options.fleetNumber) << 32n) | BigInt(one.ordinal));
  const credential: Credential = {
    id,
    name: one.name,
    role: one.role,
    notBeforeS: options.notBeforeS,
    notAfterS: options.notAfterS,
    policyVersion: options.policyVersion ?? 1,
    suiteMin: SUITE_1,
    staticKey: joinBytes(provider.publicKey(kem), provider.publicKey(agreement)),
    ed25519: provider.publicKey(signing),
    mldsaHash: quantum === undefined ? NOTHING : shortHash(provider, mldsaKey),
    emergencyCommitment: NOTHING,
    blsKey: NOTHING,
  };
  const take = (key: KeyHandle | undefined): Uint8Array => {
    if (key === undefined) return NOTHING;
    const seed = provider.exportSecret(key);
    provider.destroyKey(key);
    return seed;
  };
  const secrets: NodeSecrets = {
    id,
    ed25519Seed: take(signing),
    mlkemSeed: take(kem),
    x25519Seed: take(agreement),
    mldsaSeed: take(quantum),
  };
  return { credential, secrets, mldsaKey };
}

export function encodeSecrets(secrets: NodeSecrets): Uint8Array {
  const { id, ed25519Seed, mlkemSeed, x25519Seed, mldsaSeed } = secrets;
  return encodeCbor([SECRETS_VERSION, id, ed25519Seed, mlkemSeed, x25519Seed, mldsaSeed]);
}

export function decodeSecrets(bytes: Uint8Array): Result<NodeSecrets> {
  const decoded = decodeCbor(bytes, { depthMax: 2, itemsMax: 16 });
  if (!decoded.ok) return decoded;
  const list = Array.isArray(decoded.value) ? (decoded.value as readonly CborValue[]) : [];
  const [version, id, ed25519Seed, mlkemSeed, x25519Seed, mldsaSeed] = list;
  const sound =
    list.length === 6 &&
    version === SECRETS_VERSION &&
    isU64(id) &&
    isBytes(ed25519Seed, SIZES.ed25519.seed) &&
    isBytes(mlkemSeed, SIZES.mlkem768.seed) &&
    isBytes(x25519Seed, SIZES.x25519.seed) &&
    isBytes(mldsaSeed, SIZES.mldsa65.seed, 0);
  if (!sound) return fail(problem("SEC037"));
  return ok({ id: nodeId(BigInt(id)), ed25519Seed, mlkemSeed, x25519Seed, mldsaSeed });
}

/** The private keys of a node, in the provider's arena. */
export interface NodeKeys {
  readonly id: NodeId;
  readonly ed25519: KeyHandle;
  readonly mlkem: KeyHandle;
  readonly x25519: KeyHandle;
}

export function importNodeKeys(provider: CryptoProvider, secrets: NodeSecrets): NodeKeys {
  const ed25519 = provider.importPrivate("ed25519", secrets.ed25519Seed);
  const mlkem = provider.importPrivate("mlkem768", secrets.mlkemSeed);
  const x25519 = provider.importPrivate("x25519", secrets.x25519Seed);
  const whole = ed25519 !== undefined && mlkem !== undefined && x25519 !== undefined;
  invariant(whole, "a node's secrets were decoded before they are used");
  return { id: secrets.id, ed25519, mlkem, x25519 };
}

/** An operator's signing key, in the provider's arena. */
export interface OperatorKeys {
  readonly id: NodeId;
  readonly key: CompositeKey;
}

export function importOperatorKeys(provider: CryptoProvider, secrets: NodeSecrets): OperatorKeys {
  const ed25519 = provider.importPrivate("ed25519", secrets.ed25519Seed);
  const mldsa = provider.importPrivate("mldsa65", secrets.mldsaSeed);
  invariant(ed25519 !== undefined && mldsa !== undefined, "an operator's secrets hold both seeds");
  return { id: secrets.id, key: { ed25519, mldsa } };
}
