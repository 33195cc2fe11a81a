/**
 * What this layer has verified, as types. Whatever commands or changes agreement demands a
 * `Verified<T>`; its constructor stays inside this folder, so that no other layer can make one.
 */

declare const verifiedBrand: unique symbol;

/** A value whose signature and authority were checked here. */
export type Verified<T> = T & { readonly [verifiedBrand]: true };

/** For this folder only; deliberately not exported by `mod.ts`. */
export const markVerified = <T>(value: T): Verified<T> => value as Verified<T>;

/**
 * How far a claim is trusted. `verified`: signed by the endorsed boot key of an admitted node.
 * `stale`: verified, under a key generation that has been rolled since, or perhaps a recording of
 * another time. `unverified`: sealed by
 * someone admitted, the sender unproven or revoked. `foreign`: from outside (ADS-B, Remote ID).
 * An untrusted claim may widen separation, never command.
 */
export type TrustLevel = "verified" | "stale" | "unverified" | "foreign";
