/**
 * A campaign on several machines, over a NATS server with JetStream. Uses: base. Layout of what is
 * said: `docs/protocols/campaign.md`.
 */
export { parseNatsAddress, type NatsAddress } from "./address.ts";
export {
  joinCampaign,
  readAnnouncements,
  type Announcement,
  type JoinOptions,
} from "./announcements.ts";
export { openNats, type NatsLink, type NatsLinkOptions } from "./link.ts";
export { NatsSeedQueue, type NatsOutcome, type QueueOptions } from "./seed-queue.ts";
export { NatsSeedSource } from "./seed-source.ts";
export { ANNOUNCEMENT_MAX_BYTES, type Expected } from "./wire.ts";
