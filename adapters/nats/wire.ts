/**
 * What a campaign says over NATS: names of streams, subjects and keys, and the JSON of its
 * messages. The layout stands in `docs/protocols/campaign.md`, golden bytes in `vectors/campaign`.
 *
 * Whatever else arrives is refused with a code and counted by the caller. Bounds: a seed's message
 * `SEED_MAX_BYTES`, a result `RESULT_MAX_BYTES`, an announcement `ANNOUNCEMENT_MAX_BYTES`.
 */
import {
  fail,
  isRecord,
  ok,
  problem,
  utf8Decode,
  utf8Encode,
  type ProblemCode,
  type Result,
} from "../../src/base/mod.ts";

export const SEED_MAX_BYTES = 256;
export const RESULT_MAX_BYTES = 64 * 1024;
export const ANNOUNCEMENT_MAX_BYTES = 256 * 1024;
const TEXT_MAX = 300;
const ID = /^[0-9a-f]{24}$/u;
const SEED_SCHEMA = "skein-seed/1";
const RESULT_SCHEMA = "skein-seed-result/1";

export const BUCKET_PREFIX = "skein_campaign_";
/** The one consumer of a stream of seeds. */
export const CONSUMER = "workers";
/** The key of a campaign's announcement in its bucket. */
export const ANNOUNCEMENT_KEY = "campaign";

export interface CampaignNames {
  readonly stream: string;
  readonly subjects: string;
  readonly bucket: string;
  /** The stream behind the bucket. */
  readonly bucketStream: string;
}

export const isCampaignId = (text: string): boolean => ID.test(text);

export function namesOf(campaign: string): CampaignNames {
  const bucket = `${BUCKET_PREFIX}${campaign}`;
  return {
    stream: `SKEIN_SEEDS_${campaign}`,
    subjects: `skein.seeds.${campaign}.*`,
    bucket,
    bucketStream: `KV_${bucket}`,
  };
}

export const subjectOf = (campaign: string, seed: number): string =>
  `skein.seeds.${campaign}.${String(seed)}`;

export const keyOf = (seed: number): string => `seed.${String(seed)}`;

/** A campaign as a reader of its messages knows it. */
export interface Expected<Value> {
  readonly campaign: string;
  readonly seeds: ReadonlySet<number>;
  /** Undefined for what is no result of this seed. */
  readonly parse: (value: unknown, seed: number) => Value | undefined;
}

/** How a seed ended: with a result, or given up. */
export type Settled<Value> =
  | { readonly kind: "flown"; readonly seed: number; readonly by: string; readonly value: Value }
  | { readonly kind: "givenUp"; readonly seed: number; readonly by: string; readonly why: string };

export function encodeSeed(campaign: string, seed: number): Uint8Array {
  return utf8Encode(JSON.stringify({ schema: SEED_SCHEMA, campaign, seed }));
}

export function decodeSeed(
  { subject, bytes }: { readonly subject: string; readonly bytes: Uint8Array },
  expected: Pick<Expected<unknown>, "campaign" | "seeds">,
): Result<number> {
  const read = readDocument(bytes, { schema: SEED_SCHEMA, maxBytes: SEED_MAX_BYTES });
  if (!read.ok) return read;
  const { campaign, seed } = read.value;
  const isOurs = campaign === expected.campaign && typeof seed === "number";
  if (!isOurs || !expected.seeds.has(seed) || subject !== subjectOf(campaign, seed)) {
    return refuse("CAM007", subject);
  }
  return ok(seed);
}

export function encodeSettled(campaign: string, settled: Settled<unknown>): Uint8Array {
  const { seed, by } = settled;
  const head = { schema: RESULT_SCHEMA, campaign, seed, by: by.slice(0, TEXT_MAX) };
  return utf8Encode(
    JSON.stringify(
      settled.kind === "flown"
        ? { ...head, result: settled.value }
        : { ...head, givenUp: settled.why.slice(0, TEXT_MAX) },
    ),
  );
}

export function decodeSettled<Value>(
  { key, bytes }: { readonly key: string; readonly bytes: Uint8Array },
  expected: Expected<Value>,
): Result<Settled<Value>> {
  const read = readDocument(bytes, { schema: RESULT_SCHEMA, maxBytes: RESULT_MAX_BYTES });
  if (!read.ok) return read;
  const { campaign, seed, by, result, givenUp } = read.value;
  if (campaign !== expected.campaign || typeof seed !== "number" || key !== keyOf(seed)) {
    return refuse("CAM007", key);
  }
  if (!expected.seeds.has(seed)) return refuse("CAM007", key);
  if (!isShortText(by)) return refuse("CAM006", `${key}: by`);
  if (isShortText(givenUp)) return ok({ kind: "givenUp", seed, by, why: givenUp });
  const value = expected.parse(result, seed);
  if (value === undefined) return refuse("CAM006", `${key}: result`);
  return ok({ kind: "flown", seed, by, value });
}

const isShortText = (value: unknown): value is string =>
  typeof value === "string" && value.length <= TEXT_MAX;

function readDocument(
  bytes: Uint8Array,
  { schema, maxBytes }: { readonly schema: string; readonly maxBytes: number },
): Result<Readonly<Record<string, unknown>>> {
  if (bytes.length > maxBytes) return refuse("CAM006", `${String(bytes.length)} bytes`);
  const text = utf8Decode(bytes);
  if (text === undefined) return refuse("CAM006", "no UTF-8 text");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("CAM006", "no JSON");
  }
  if (!isRecord(value) || value["schema"] !== schema) return refuse("CAM006", `no ${schema}`);
  return ok(value);
}

const refuse = (
  code: ProblemCode,
  where: string,
): { readonly ok: false; readonly problem: ReturnType<typeof problem> } =>
  fail(problem(code, { where: where.slice(0, 80) }));
