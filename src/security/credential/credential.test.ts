import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCbor, encodeCbor, nodeIndex, toHex, type CborValue } from "../../base/mod.ts";
import { importComposite } from "../crypto/composite.ts";
import { FLEET_NOT_BEFORE_S, makeFleet } from "../testing/fleet.test-support.ts";
import { expectGolden } from "../testing/golden.test-support.ts";
import {
  batchHash,
  decodeBatch,
  encodeBatch,
  isInBatch,
  issueBatch,
  openBatch,
  openRevocation,
  signRevocation,
} from "./batch.ts";
import { Role, decodeCredential, encodeCredential } from "./credential.ts";
import { decodeSecrets, encodeSecrets, importNodeKeys, importOperatorKeys } from "./fleet.ts";
import { leafHash, merkleProof, merkleRoot, verifyMerkleProof } from "./merkle.ts";
import { decodePackage, encodePackage, openPackage, type SecurityPackage } from "./package.ts";

const { provider, fleet, directory, members } = makeFleet(5);
const contents = fleet.package;
const authority = {
  mldsa: provider.importPrivate("mldsa65", fleet.authority.mldsaSeed)!,
  ed25519: provider.importPrivate("ed25519", fleet.authority.ed25519Seed)!,
};

const codesOf = (value: SecurityPackage, nowS?: number): string[] => {
  const opened = openPackage(provider, value, nowS);
  return opened.ok ? [] : opened.problems.map((one) => `${one.code} ${one.where}`);
};

describe("a credential", () => {
  test("survives its encoding, and is small enough for the air with its proof", () => {
    for (const { credential } of members) {
      const bytes = encodeCredential(credential);
      const decoded = decodeCredential(bytes);
      expect(decoded).toEqual({ ok: true, value: credential });
      const proofOfTenThousand = 14 * 32;
      expect(bytes.length + proofOfTenThousand + 8).toBeLessThanOrEqual(2300);
    }
  });

  test("has golden bytes", () => {
    const rows = [fleet.ground, fleet.vehicles[0]!, fleet.operator].map(({ credential }) => ({
      name: credential.name,
      id: credential.id.toString(16),
      role: credential.role,
      notBeforeS: credential.notBeforeS,
      notAfterS: credential.notAfterS,
      staticKey: toHex(credential.staticKey),
      ed25519: toHex(credential.ed25519),
      mldsaHash: toHex(credential.mldsaHash),
      hex: toHex(encodeCredential(credential)),
    }));
    expectGolden("credential/credentials.json", rows);
  });

  test("with any field of another type, size or range is refused with SEC017", () => {
    const good = decodeCbor(encodeCredential(fleet.ground.credential));
    const fields = (good.ok ? good.value : []) as CborValue[];
    const bad: CborValue[] = [2, "id", 7, 9, -1, 1, "x", 0, ...Array<CborValue>(5).fill("short")];
    for (const [i, value] of bad.entries()) {
      const changed = fields.map((field, k) => (k === i ? value : field));
      const decoded = decodeCredential(encodeCbor(changed));
      expect(decoded.ok ? `field ${String(i)}` : decoded.problem.code).toBe("SEC017");
    }
    expect(decodeCredential(encodeCbor(fields.slice(1))).ok).toBe(false);
    expect(decodeCredential(encodeCbor({ id: 1 })).ok).toBe(false);
    expect(decodeCredential(new Uint8Array(1800)).ok).toBe(false);
  });

  test("made of any bytes never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeCredential(bytes).ok).toBe(false);
        expect(decodePackage(bytes).ok).toBe(false);
        expect(decodeSecrets(bytes).ok).toBe(false);
        expect(decodeBatch(bytes).ok).toBe(false);
      }),
    );
  });
});

describe("RFC 9162 section 2.1: Merkle trees", () => {
  test("each leaf of any tree proves its place, and no other", () => {
    for (const count of [1, 2, 3, 4, 5, 7, 8, 13, 33]) {
      const entries = Array.from({ length: count }, (_, i) => Uint8Array.of(i));
      const leaves = entries.map((entry) => leafHash(provider, entry));
      const root = merkleRoot(provider, leaves);
      for (const [index, entry] of entries.entries()) {
        const proof = merkleProof(provider, leaves, index);
        const claim = { entry, index, count, proof, root };
        expect(verifyMerkleProof(provider, claim)).toBe(true);
        expect(verifyMerkleProof(provider, { ...claim, index: index + 1 })).toBe(false);
        expect(verifyMerkleProof(provider, { ...claim, entry: Uint8Array.of(99) })).toBe(false);
        expect(verifyMerkleProof(provider, { ...claim, proof: [...proof, root] })).toBe(false);
        if (proof.length > 0) {
          expect(verifyMerkleProof(provider, { ...claim, proof: proof.slice(1) })).toBe(false);
        }
      }
    }
  });
});

describe("a batch", () => {
  const publicKey = importComposite(provider, contents.authority)!;

  test("of one, enrolled at night, names its predecessor and leaves older proofs valid", () => {
    const [first] = contents.batches;
    const credential = encodeCredential({ ...fleet.ground.credential, name: "late" });
    const { batch, proven } = issueBatch(provider, authority, {
      number: 1,
      previous: batchHash(provider, first!),
      issuedAtS: FLEET_NOT_BEFORE_S + 60,
      credentials: [credential],
    });
    const opened = openBatch(provider, publicKey, batch);
    expect(opened.ok && isInBatch(provider, opened.value, proven[0]!)).toBe(true);
    expect(proven[0]!.proof).toEqual([]);
    const id = { ...fleet.ground.credential, id: fleet.operator.credential.id };
    const twin = encodeCredential(id);
    expect(twin.length).toBeGreaterThan(1200);
    const longer = {
      ...contents,
      batches: [first!, batch],
      nodes: [...contents.nodes, proven[0]!],
    };
    expect(codesOf(longer)).toEqual(["SEC034 nodes[6]"]);
  });

  test("with one bit changed is not the authority's", () => {
    const [batch] = contents.batches;
    for (const part of ["body", "signature"] as const) {
      for (const at of [0, 5, batch![part].length - 1]) {
        const changed = batch![part].slice();
        changed[at]! ^= 1;
        expect(openBatch(provider, publicKey, { ...batch!, [part]: changed }).ok).toBe(false);
      }
    }
    expect(openBatch(provider, publicKey, { ...batch!, signature: new Uint8Array(9) }).ok).toBe(
      false,
    );
  });

  test("signed but malformed is refused", () => {
    const opened = openBatch(provider, publicKey, contents.batches[0]!);
    const sound = opened.ok ? opened.value : undefined!;
    for (const wrong of [
      { count: 0 },
      { root: new Uint8Array(3) },
      { previous: new Uint8Array(3) },
    ]) {
      expect(decodeBatch(encodeBatch({ ...sound, ...wrong })).ok).toBe(false);
    }
    expect(decodeBatch(encodeCbor([1, 2])).ok).toBe(false);
  });

  test("has golden bytes", () => {
    const opened = openBatch(provider, publicKey, contents.batches[0]!);
    const { count, number, root } = opened.ok ? opened.value : undefined!;
    const hex = toHex(contents.batches[0]!.body);
    expectGolden("credential/batches.json", [
      { name: "fleet of five", number, count, root: toHex(root), hex },
    ]);
  });
});

describe("a revocation list", () => {
  const publicKey = importComposite(provider, contents.authority)!;
  const list = {
    sequence: 3,
    issuedAtS: FLEET_NOT_BEFORE_S,
    freshUntilS: FLEET_NOT_BEFORE_S + 3600,
    policyVersion: 1,
    revoked: [members[1]!.credential.id, members[2]!.credential.id],
  };

  test("is signed, monotonic, and takes effect in the directory", () => {
    const signed = signRevocation(provider, authority, list);
    expect(openRevocation(provider, publicKey, signed, 3)).toEqual({ ok: true, value: list });
    expect(openRevocation(provider, publicKey, signed, 4).ok).toBe(false);
    const forged = { ...signed, body: signed.body.slice(0, -1) };
    expect(openRevocation(provider, publicKey, forged, 0).ok).toBe(false);
    const opened = openPackage(provider, { ...contents, revocation: signed });
    expect(opened.ok && opened.value.isRevoked(members[1]!.credential.id)).toBe(true);
    expect(opened.ok && opened.value.isRevoked(members[3]!.credential.id)).toBe(false);
    expect(codesOf({ ...contents, revocation: forged })).toEqual(["SEC021 revocation"]);
  });

  test("that is out of order is refused", () => {
    const shuffled = { ...list, revoked: [...list.revoked].reverse() };
    const signed = signRevocation(provider, authority, shuffled);
    expect(openRevocation(provider, publicKey, signed, 0).ok).toBe(false);
  });
});

describe("a security package", () => {
  test("survives its encoding and opens into a directory by index and id", () => {
    const decoded = decodePackage(encodePackage(contents));
    expect(decoded).toEqual({ ok: true, value: contents });
    expect(directory.size).toBe(6);
    for (const { index, credential } of members) {
      expect(directory.indexOf(credential.id)).toBe(index);
      expect(directory.credential(index)).toEqual(credential);
      expect(provider.publicKey(directory.ed25519Key(index)!)).toEqual(credential.ed25519);
      expect(directory.mlkemKey(index)).toBe(directory.mlkemKey(index));
      expect(directory.x25519Key(index)).toHaveLength(32);
    }
    const beyond = nodeIndex(6);
    expect(directory.credential(beyond)).toBeUndefined();
    expect(directory.ed25519Key(beyond)).toBeUndefined();
    expect(directory.mlkemKey(beyond)).toBeUndefined();
    expect(directory.operator(fleet.operator.credential.id)?.credential.name).toBe("operator");
    expect(directory.operator(members[0]!.credential.id)).toBeUndefined();
    expect(directory.operators).toHaveLength(1);
  });

  test("names all its problems at once, each with its place", () => {
    const [one, two, ...rest] = contents.nodes;
    const bad: SecurityPackage = {
      ...contents,
      policyVersion: 2,
      nodes: [{ ...one!, index: 1 }, { ...two!, batch: 8 }, ...rest],
    };
    expect(codesOf(bad).slice(0, 3)).toEqual([
      "SEC018 nodes[0]",
      "SEC018 nodes[1]",
      "SEC020 nodes[2]",
    ]);
    expect(codesOf(contents, FLEET_NOT_BEFORE_S - 1)).toHaveLength(7);
    expect(codesOf(contents, FLEET_NOT_BEFORE_S + 1)).toEqual([]);
    expect(codesOf({ ...contents, authority: new Uint8Array(1984) })[0]).toMatch(/^SEC0/);
    expect(codesOf({ ...contents, authority: new Uint8Array(3) })).toEqual(["SEC034 authority"]);
    expect(codesOf({ ...contents, batches: [] })).toContain("SEC018 nodes[0]");
    const [batch] = contents.batches;
    expect(codesOf({ ...contents, batches: [batch!, batch!] })).toEqual(["SEC019 batches[1]"]);
  });

  test("takes an operator only with the right key and role", () => {
    const [entry] = contents.operators;
    const otherKey = { ...entry!, mldsaKey: new Uint8Array(1952) };
    expect(codesOf({ ...contents, operators: [otherKey] })).toEqual(["SEC034 operators[0]"]);
    const vehicle = { ...entry!, credential: contents.nodes[1]! };
    expect(codesOf({ ...contents, operators: [vehicle] })).toEqual(["SEC034 operators[0]"]);
  });

  test("that is malformed in any part is refused with SEC034", () => {
    const good = decodeCbor(encodePackage(contents));
    const fields = (good.ok ? good.value : []) as CborValue[];
    for (let i = 0; i < fields.length; i += 1) {
      for (const value of [-5, [[1]], [[1, 2, 3, 4]]] as CborValue[]) {
        const changed = fields.map((field, k) => (k === i ? value : field));
        const decoded = decodePackage(encodeCbor(changed));
        expect(decoded.ok ? `field ${String(i)}` : decoded.problem.code).toBe("SEC034");
      }
    }
  });
});

describe("secrets", () => {
  test("survive their file and open into keys that match the credential", () => {
    const decoded = decodeSecrets(encodeSecrets(fleet.ground.secrets));
    expect(decoded).toEqual({ ok: true, value: fleet.ground.secrets });
    const keys = importNodeKeys(provider, fleet.ground.secrets);
    expect(provider.publicKey(keys.ed25519)).toEqual(fleet.ground.credential.ed25519);
    const operator = importOperatorKeys(provider, fleet.operator.secrets);
    expect(provider.publicKey(operator.key.mldsa)).toEqual(contents.operators[0]!.mldsaKey);
    expect(fleet.operator.credential.role).toBe(Role.operator);
    expect(decodeSecrets(encodeCbor([1, 2])).ok).toBe(false);
  });

  test("a vehicle's secrets make no operator", () => {
    expect(() => importOperatorKeys(provider, fleet.ground.secrets)).toThrow("both seeds");
  });
});
