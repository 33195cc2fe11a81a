/**
 * The security part of a mission package: what every admitted node is given before the mission.
 * Holds one secret, the beacon key of generation 0; the rest is public and signed.
 *
 * `openPackage` believes nothing but the authority's key: each batch's signature, each batch's link
 * to the one before, each credential's place. It gives all problems at once.
 */
import {
  decodeCbor,
  encodeCbor,
  equalBytes,
  fail,
  missionId,
  nodeIndex,
  ok,
  problem,
  type CborValue,
  type Checked,
  type MissionId,
  type NodeId,
  type NodeIndex,
  type Problem,
  type Result,
  NODES_MAX,
} from "../../base/mod.ts";
import {
  COMPOSITE_PUBLIC_KEY_BYTES,
  COMPOSITE_SIGNATURE_BYTES,
  importComposite,
  type CompositeKey,
} from "../crypto/composite.ts";
import { SIZES, type CryptoProvider, type KeyHandle } from "../provider.ts";
import {
  NO_BATCH,
  batchHash,
  isInBatch,
  openBatch,
  openRevocation,
  type Batch,
  type ProvenCredential,
  type SignedBytes,
} from "./batch.ts";
import { Role, decodeCredential, isBytes, isCount, type Credential } from "./credential.ts";
import { HASH_BYTES, shortHash } from "./merkle.ts";

const VERSION = 1;
const BATCHES_MAX = 1024;
const OPERATORS_MAX = 64;

export interface OperatorEntry {
  readonly credential: ProvenCredential;
  /** The ML-DSA key whose hash stands in the credential. */
  readonly mldsaKey: Uint8Array;
}

export interface SecurityPackage {
  readonly missionId: MissionId;
  readonly policyVersion: number;
  readonly authority: Uint8Array;
  readonly batches: readonly SignedBytes[];
  /** A node's place in this list is its index on the air. */
  readonly nodes: readonly ProvenCredential[];
  readonly operators: readonly OperatorEntry[];
  readonly revocation: SignedBytes;
  readonly beaconKey: Uint8Array;
}

export function encodePackage(value: SecurityPackage): Uint8Array {
  const signed = (part: SignedBytes): CborValue => [part.body, part.signature];
  const proven = (part: ProvenCredential): CborValue => [
    part.body,
    part.batch,
    part.index,
    part.proof,
  ];
  return encodeCbor([
    VERSION,
    value.missionId,
    value.policyVersion,
    value.authority,
    value.batches.map(signed),
    value.nodes.map(proven),
    value.operators.map((one) => [proven(one.credential), one.mldsaKey]),
    signed(value.revocation),
    value.beaconKey,
  ]);
}

export function decodePackage(bytes: Uint8Array): Result<SecurityPackage> {
  const decoded = decodeCbor(bytes, { depthMax: 5 });
  if (!decoded.ok) return decoded;
  const list = listOf(decoded.value, 9);
  if (list === undefined || list[0] !== VERSION) return malformed("version");
  const [, mission, policyVersion, authority, batchList, nodeList, operatorList] = list;
  if (!isCount(mission) || mission > 0xffffffff) return malformed("mission");
  if (!isCount(policyVersion)) return malformed("policy version");
  if (!isBytes(authority, COMPOSITE_PUBLIC_KEY_BYTES)) return malformed("authority");
  const batches = eachOf(batchList, BATCHES_MAX, signedOf);
  const nodes = eachOf(nodeList, NODES_MAX, provenOf);
  const operators = eachOf(operatorList, OPERATORS_MAX, operatorOf);
  const revocation = signedOf(list[7] ?? null);
  const beaconKey = list[8];
  if (batches === undefined) return malformed("batches");
  if (nodes === undefined) return malformed("nodes");
  if (operators === undefined) return malformed("operators");
  if (revocation === undefined) return malformed("revocation");
  if (!isBytes(beaconKey, 32)) return malformed("beacon key");
  return ok({
    missionId: missionId(mission),
    policyVersion,
    authority,
    batches,
    nodes,
    operators,
    revocation,
    beaconKey,
  });
}

function malformed(detail: string): Result<never> {
  return fail(problem("SEC034", { detail }));
}

function listOf(value: CborValue | undefined, length?: number): readonly CborValue[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = value as readonly CborValue[];
  return length === undefined || list.length === length ? list : undefined;
}

function eachOf<T>(
  value: CborValue | undefined,
  max: number,
  read: (value: CborValue) => T | undefined,
): readonly T[] | undefined {
  const list = listOf(value);
  if (list === undefined || list.length > max) return undefined;
  const out: T[] = [];
  for (const item of list) {
    const one = read(item);
    if (one === undefined) return undefined;
    out.push(one);
  }
  return out;
}

function signedOf(value: CborValue): SignedBytes | undefined {
  const [body, signature] = listOf(value, 2) ?? [];
  if (!(body instanceof Uint8Array)) return undefined;
  return isBytes(signature, COMPOSITE_SIGNATURE_BYTES) ? { body, signature } : undefined;
}

function provenOf(value: CborValue): ProvenCredential | undefined {
  const [body, batch, index, proofList] = listOf(value, 4) ?? [];
  const hashes = (item: CborValue): Uint8Array | undefined =>
    isBytes(item, HASH_BYTES) ? item : undefined;
  const proof = eachOf(proofList, 16, hashes);
  if (!(body instanceof Uint8Array) || !isCount(batch) || !isCount(index)) return undefined;
  return proof === undefined ? undefined : { body, batch, index, proof };
}

function operatorOf(value: CborValue): OperatorEntry | undefined {
  const [entry, mldsaKey] = listOf(value, 2) ?? [];
  const credential = provenOf(entry ?? null);
  if (credential === undefined) return undefined;
  return isBytes(mldsaKey, SIZES.mldsa65.publicKey) ? { credential, mldsaKey } : undefined;
}

/** An operator whose orders may be believed. */
export interface Operator {
  readonly credential: Credential;
  readonly key: CompositeKey;
}

/**
 * The verified directory: who is admitted, under which index, with which keys. Keys are prepared
 * when first used; one directory may serve many nodes of one process that share an arena.
 */
export class Directory {
  readonly missionId: MissionId;
  readonly policyVersion: number;
  /** Generation 0. */
  readonly beaconKey: KeyHandle;
  readonly #provider: CryptoProvider;
  readonly #nodes: readonly Credential[];
  readonly #operators: readonly Operator[];
  readonly #revoked: ReadonlySet<NodeId>;
  readonly #indices = new Map<NodeId, NodeIndex>();
  readonly #ed25519Keys: (KeyHandle | undefined)[] = [];
  readonly #mlkemKeys: (KeyHandle | undefined)[] = [];

  constructor(options: {
    readonly provider: CryptoProvider;
    readonly contents: Pick<SecurityPackage, "missionId" | "policyVersion" | "beaconKey">;
    readonly nodes: readonly Credential[];
    readonly operators: readonly Operator[];
    readonly revoked: readonly NodeId[];
  }) {
    this.#provider = options.provider;
    this.missionId = options.contents.missionId;
    this.policyVersion = options.contents.policyVersion;
    this.beaconKey = options.provider.importSecret(options.contents.beaconKey);
    this.#nodes = options.nodes;
    this.#operators = options.operators;
    this.#revoked = new Set(options.revoked);
    for (const [i, node] of options.nodes.entries()) this.#indices.set(node.id, nodeIndex(i));
  }

  /** Indices run from 0 to `size - 1`. */
  get size(): number {
    return this.#nodes.length;
  }

  credential(index: NodeIndex): Credential | undefined {
    return this.#nodes[index];
  }

  indexOf(id: NodeId): NodeIndex | undefined {
    return this.#indices.get(id);
  }

  isRevoked(id: NodeId): boolean {
    return this.#revoked.has(id);
  }

  operator(id: NodeId): Operator | undefined {
    return this.#operators.find((one) => one.credential.id === id);
  }

  get operators(): readonly Operator[] {
    return this.#operators;
  }

  /** The credential's Ed25519 key; the index is in the directory. */
  ed25519Key(index: NodeIndex): KeyHandle | undefined {
    const bytes = this.#nodes[index]?.ed25519;
    if (bytes === undefined) return undefined;
    this.#ed25519Keys[index] ??= this.#provider.importPublic("ed25519", bytes);
    return this.#ed25519Keys[index];
  }

  mlkemKey(index: NodeIndex): KeyHandle | undefined {
    const bytes = this.#nodes[index]?.staticKey.subarray(0, SIZES.mlkem768.publicKey);
    if (bytes === undefined) return undefined;
    this.#mlkemKeys[index] ??= this.#provider.importPublic("mlkem768", bytes);
    return this.#mlkemKeys[index];
  }

  x25519Key(index: NodeIndex): Uint8Array | undefined {
    return this.#nodes[index]?.staticKey.subarray(SIZES.mlkem768.publicKey);
  }
}

/** `nowS` (civil time) is checked against validity where it is given. */
export function openPackage(
  provider: CryptoProvider,
  contents: SecurityPackage,
  nowS?: number,
): Checked<Directory> {
  const problems: Problem[] = [];
  const authority = importComposite(provider, contents.authority);
  if (authority === undefined) {
    return { ok: false, problems: [problem("SEC034", { where: "authority" })] };
  }
  const batches = openBatches(provider, authority, contents.batches, problems);
  const open = (one: ProvenCredential, where: string): Credential | undefined =>
    openCredential(provider, { one, where, batches, contents, nowS }, problems);
  const nodes = contents.nodes.map((one, i) => open(one, `nodes[${String(i)}]`));
  const operators = contents.operators.map((entry, i) => {
    const where = `operators[${String(i)}]`;
    const credential = open(entry.credential, where);
    return credential && openOperator(provider, { credential, entry, where }, problems);
  });
  const revocation = openRevocation(provider, authority, contents.revocation, 0);
  if (!revocation.ok) problems.push({ ...revocation.problem, where: "revocation" });
  refuseTwins(nodes, problems);
  if (problems.length > 0 || !revocation.ok) return { ok: false, problems };
  return ok(
    new Directory({
      provider,
      contents,
      nodes: nodes.filter((node) => node !== undefined),
      operators: operators.filter((operator) => operator !== undefined),
      revoked: revocation.value.revoked,
    }),
  );
}

function openBatches(
  provider: CryptoProvider,
  authority: CompositeKey,
  signed: readonly SignedBytes[],
  problems: Problem[],
): Map<number, Batch> {
  const batches = new Map<number, Batch>();
  let previous = NO_BATCH;
  for (const [i, one] of signed.entries()) {
    const where = `batches[${String(i)}]`;
    const opened = openBatch(provider, authority, one);
    if (!opened.ok) problems.push({ ...opened.problem, where });
    else if (opened.value.number !== i || !equalBytes(opened.value.previous, previous)) {
      problems.push(
        problem("SEC019", { where, detail: "not the next in the authority's history" }),
      );
    } else batches.set(i, opened.value);
    previous = batchHash(provider, one);
  }
  return batches;
}

function openCredential(
  provider: CryptoProvider,
  input: {
    readonly one: ProvenCredential;
    readonly where: string;
    readonly batches: ReadonlyMap<number, Batch>;
    readonly contents: SecurityPackage;
    readonly nowS: number | undefined;
  },
  problems: Problem[],
): Credential | undefined {
  const { one, where, contents, nowS } = input;
  const batch = input.batches.get(one.batch);
  if (batch === undefined || !isInBatch(provider, batch, one)) {
    problems.push(problem("SEC018", { where }));
    return undefined;
  }
  const decoded = decodeCredential(one.body);
  if (!decoded.ok) {
    problems.push({ ...decoded.problem, where });
    return undefined;
  }
  const credential = decoded.value;
  if (nowS !== undefined && (nowS < credential.notBeforeS || nowS > credential.notAfterS)) {
    problems.push(problem("SEC020", { where, detail: "outside its validity" }));
  }
  if (credential.policyVersion < contents.policyVersion) {
    problems.push(problem("SEC020", { where, detail: "issued under an older policy" }));
  }
  return credential;
}

function openOperator(
  provider: CryptoProvider,
  input: {
    readonly credential: Credential;
    readonly entry: OperatorEntry;
    readonly where: string;
  },
  problems: Problem[],
): Operator | undefined {
  const { credential, entry, where } = input;
  const mldsa = provider.importPublic("mldsa65", entry.mldsaKey);
  const ed25519 = provider.importPublic("ed25519", credential.ed25519);
  const matches = equalBytes(shortHash(provider, entry.mldsaKey), credential.mldsaHash);
  const sound = matches && credential.role === Role.operator;
  if (!sound || mldsa === undefined || ed25519 === undefined) {
    problems.push(problem("SEC034", { where, detail: "not an operator's credential and key" }));
    return undefined;
  }
  return { credential, key: { mldsa, ed25519 } };
}

/** One id, one slot. */
function refuseTwins(nodes: readonly (Credential | undefined)[], problems: Problem[]): void {
  const seen = new Set<NodeId>();
  for (const [i, node] of nodes.entries()) {
    if (node === undefined) continue;
    if (seen.has(node.id)) {
      const where = `nodes[${String(i)}]`;
      problems.push(problem("SEC034", { where, detail: "an id that stands twice" }));
    }
    seen.add(node.id);
  }
}
