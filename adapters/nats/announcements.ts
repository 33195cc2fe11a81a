/** Campaigns that a server keeps, as a worker finds them; and a place at one of them. */
import { millis } from "@nats-io/transport-node";
import { utf8Decode } from "../../src/base/mod.ts";
import type { NatsLink } from "./link.ts";
import { NatsSeedSource } from "./seed-source.ts";
import {
  ANNOUNCEMENT_KEY,
  ANNOUNCEMENT_MAX_BYTES,
  BUCKET_PREFIX,
  CONSUMER,
  isCampaignId,
  namesOf,
  type Expected,
} from "./wire.ts";

/** Looked at in one go; a server that keeps more shows a part of them. */
const CAMPAIGNS_MAX = 1000;

export interface Announcement {
  readonly campaign: string;
  readonly text: string;
}

/** Rejects when the server does not answer. */
export async function readAnnouncements(link: NatsLink): Promise<Announcement[]> {
  const found: Announcement[] = [];
  let looked = 0;
  for await (const { bucket } of link.stores.list()) {
    if (!bucket.startsWith(BUCKET_PREFIX)) continue;
    const campaign = bucket.slice(BUCKET_PREFIX.length);
    if (!isCampaignId(campaign)) continue;
    looked += 1;
    if (looked > CAMPAIGNS_MAX) break;
    const store = await link.stores.open(bucket);
    const entry = await store.get(ANNOUNCEMENT_KEY);
    if (entry === null || entry.value.length > ANNOUNCEMENT_MAX_BYTES) continue;
    const text = utf8Decode(entry.value);
    if (text !== undefined) found.push({ campaign, text });
  }
  return found;
}

export interface JoinOptions<Value> {
  readonly link: NatsLink;
  readonly expected: Expected<Value>;
  readonly triesMax: number;
  readonly patienceMs: number;
}

/** Undefined when the campaign has ended meanwhile. */
export async function joinCampaign<Value>(
  options: JoinOptions<Value>,
): Promise<NatsSeedSource<Value> | undefined> {
  const { link, expected } = options;
  try {
    const { consumers } = link.manager;
    const { config } = await consumers.info(namesOf(expected.campaign).stream, CONSUMER);
    const heartbeatMs = Math.max(100, millis(config.ack_wait ?? 0) / 3);
    return new NatsSeedSource({ ...options, heartbeatMs });
  } catch {
    return undefined;
  }
}
