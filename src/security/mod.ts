/**
 * Layer 3: who may speak, and what may be read. Cryptography behind one provider interface.
 * Uses: base.
 */
export {
  AEAD_KEY_BYTES,
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  NO_KEY,
  SIZES,
  equalConstantTime,
} from "./provider.ts";
export type {
  AeadCall,
  CryptoProvider,
  Encapsulation,
  KeyAlgorithm,
  KeyHandle,
} from "./provider.ts";
export type { TrustLevel, Verified } from "./verified.ts";
export { ORDER_RULES, compareOrders, isTarget, orderId } from "./order/order.ts";
export type {
  ArmBinding,
  CheckedOrder,
  Order,
  OrderClue,
  OrderCluster,
  OrderCommand,
  OrderDraft,
  OrderKind,
  OrderName,
  OrderRule,
  OrderTargets,
  OrderVolume,
  SignedOrder,
} from "./order/order.ts";
export { SecurityMessage, WireType } from "./types.ts";
export type { Authenticated, SecurityIn, SecurityOut } from "./types.ts";
export { KeyArena } from "./crypto/arena.ts";
export { memoise, type MemoView } from "./crypto/memoise.ts";
export { withCharges, type CryptoOperation } from "./crypto/charge.ts";
export { SUITES, SUITE_1, type Suite } from "./crypto/suites.ts";
export { createPortableProvider } from "./crypto-portable/portable.ts";
export {
  COMPOSITE_PUBLIC_KEY_BYTES,
  COMPOSITE_SIGNATURE_BYTES,
  compositePublicKey,
  compositeSign,
  compositeVerify,
  importComposite,
  joinComposite,
  splitComposite,
} from "./crypto/composite.ts";
export type { CompositeKey, CompositeSignature } from "./crypto/composite.ts";
export {
  Role,
  decodeCredential,
  encodeCredential,
  type Credential,
} from "./credential/credential.ts";
export type { ProvenCredential, RevocationList, SignedBytes } from "./credential/batch.ts";
export {
  Directory,
  decodePackage,
  encodePackage,
  openPackage,
  type Operator,
  type OperatorEntry,
  type SecurityPackage,
} from "./credential/package.ts";
export {
  decodeSecrets,
  encodeSecrets,
  importNodeKeys,
  importOperatorKeys,
  issueFleet,
  type Fleet,
  type FleetMember,
  type FleetOptions,
  type NodeKeys,
  type NodeSecrets,
  type OperatorKeys,
} from "./credential/fleet.ts";
export {
  decodeOrder,
  decodeOrderState,
  decodeSignedOrder,
  encodeOrder,
  encodeOrderState,
  encodeSignedOrder,
  TARGETS_MAX,
  type OrderProgress,
  type OrderState,
} from "./order/codec.ts";
export {
  CLOCK_NEEDED_MS,
  OrderGate,
  admitArming,
  admitByTime,
  checkOrder,
  signOrder,
  type ClockReading,
} from "./order/authority.ts";
export { Security, type SecurityOptions } from "./security.ts";
export { BEACON_ENDORSEMENT_BYTES, BEACON_OVERHEAD_BYTES } from "./sealing/beacon.ts";
export { SEAL_BYTES } from "./sealing/plane.ts";
