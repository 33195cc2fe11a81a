/**
 * A campaign on several machines. The coordinator announces it on a NATS server, puts its seeds
 * there and counts the results; each worker finds a campaign that flies its own sources and
 * mission, and takes seeds until none is left. What is kept and repeated: `adapters/nats`.
 */
import { hostname } from "node:os";
import {
  ANNOUNCEMENT_MAX_BYTES,
  joinCampaign,
  NatsSeedQueue,
  openNats,
  readAnnouncements,
  type NatsAddress,
  type NatsLink,
} from "../../adapters/nats/mod.ts";
import { fail, ok, problem, type Checked, type Problem, type Result } from "../../src/base/mod.ts";
import {
  announcementOf,
  campaignIdOf,
  identityOf,
  misfitOf,
  parseAnnouncement,
  textOfAnnouncement,
  type Announcement,
  type Identity,
} from "./announcement.ts";
import { flightRowOf } from "./flight-row.ts";
import type { FlightPlan, FlightRow } from "./flight.ts";
import { flyFrom, runQueue, type CampaignOutcome } from "./run-campaign.ts";
import { TRIES_MAX, type OnResult } from "./seed-queue.ts";

/** A server that is away for longer ends the campaign on this machine; it can be taken up again. */
const PATIENCE_MS = 10 * 60 * 1000;
const LOOK_MS = 500;

export interface NatsPlace {
  readonly address: NatsAddress;
  readonly credentialsFile: string | undefined;
  /** What a person should know meanwhile. */
  readonly say: (text: string) => void;
}

export interface CoordinateRequest {
  readonly place: NatsPlace;
  readonly plan: FlightPlan;
  readonly seeds: readonly number[];
  /** Workers of this process, beside those elsewhere. */
  readonly workers: number;
  readonly ackWaitS: number;
  readonly onRow: OnResult<FlightRow>;
}

export interface ServedCampaign {
  readonly campaign: string;
  readonly outcome: CampaignOutcome;
  /** How many workers brought results, wherever. */
  readonly workers: number;
  /** Messages that were none of the campaign's, by the code of their problem. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Ends when all seeds are settled, or the server was away for too long (`outcome.trouble`). */
export async function coordinate(request: CoordinateRequest): Promise<Result<ServedCampaign>> {
  const { plan, seeds, workers, ackWaitS, onRow, place } = request;
  const text = textOfAnnouncement(announcementOf(plan, seeds));
  const campaign = campaignIdOf(text);
  if (text.length > ANNOUNCEMENT_MAX_BYTES) {
    const remedy = "give fewer ranges of seeds";
    return fail(problem("CAM006", { detail: `${String(text.length)} bytes`, remedy }));
  }
  const opened = await open(place, "coordinator");
  if (!opened.ok) return opened;
  const link = opened.value;
  const queue = await NatsSeedQueue.open<FlightRow>({
    link,
    expected: { campaign, seeds: new Set(seeds), parse: flightRowOf },
    announcement: text,
    ackWaitMs: ackWaitS * 1000,
    triesMax: TRIES_MAX,
    patienceMs: PATIENCE_MS,
    onResult: onRow,
  });
  if (!queue.ok) {
    await link.close();
    return queue;
  }
  place.say(`campaign ${campaign} on ${link.server}`);
  const outcome = await runQueue({ plan, workers, namePrefix: ownName() }, queue.value);
  const { refused, workerCount } = queue.value;
  await queue.value.close({ drop: outcome.trouble === undefined });
  await link.close();
  return ok({ campaign, outcome, workers: workerCount, refused: Object.fromEntries(refused) });
}

export interface ServeRequest {
  readonly place: NatsPlace;
  /** As this machine names them; the rest of the plan is the campaign's. */
  readonly files: Pick<FlightPlan, "missionFile" | "faultFile">;
  readonly workers: number;
  /** How long to wait for a campaign that fits. */
  readonly waitS: number;
}

export interface Served {
  readonly campaign: string;
  readonly flown: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Why this worker ended before the campaign did. */
  readonly trouble: Problem | undefined;
}

/** Flies for the first campaign that fits until it is over. */
export async function serve(request: ServeRequest): Promise<Checked<Served>> {
  const { place, files, workers } = request;
  const opened = await open(place, "worker");
  if (!opened.ok) return { ok: false, problems: [opened.problem] };
  const link = opened.value;
  const found = await findCampaign(link, request);
  if (!found.ok) {
    await link.close();
    return found;
  }
  const { campaign, announcement, source } = found.value;
  place.say(`flying for campaign ${campaign} on ${link.server}`);
  const { missionFile, faultFile } = files;
  const plan: FlightPlan = { ...announcement.plan, missionFile, faultFile };
  const flown = await flyFrom({ plan, workers, namePrefix: ownName() }, source);
  const { trouble } = source;
  source.close();
  await link.close();
  const refused = Object.fromEntries(source.refused);
  return { ok: true, value: { campaign, flown, refused, trouble } };
}

interface FoundCampaign {
  readonly campaign: string;
  readonly announcement: Announcement;
  readonly source: NonNullable<Awaited<ReturnType<typeof joinCampaign<FlightRow>>>>;
}

/** Looks again and again; what does not fit is judged once. */
async function findCampaign(
  link: NatsLink,
  { files, waitS, place }: ServeRequest,
): Promise<Checked<FoundCampaign>> {
  const own = identityOf(files);
  const misfits = new Map<string, Problem>();
  const untilMs = performance.now() + waitS * 1000;
  for (;;) {
    const announced = await readAnnouncements(link).catch(() => []);
    for (const { campaign, text } of announced) {
      if (misfits.has(campaign)) continue;
      const read = judge(own, campaign, text);
      if (!read.ok) {
        misfits.set(campaign, read.problem);
        place.say(`not for this machine: ${read.problem.text} (${campaign})`);
        continue;
      }
      const expected = { campaign, seeds: new Set(read.value.seeds), parse: flightRowOf };
      const options = { link, expected, triesMax: TRIES_MAX, patienceMs: PATIENCE_MS };
      const source = await joinCampaign<FlightRow>(options);
      if (source === undefined) continue;
      return { ok: true, value: { campaign, announcement: read.value, source } };
    }
    if (performance.now() > untilMs) break;
    await new Promise((settle) => setTimeout(settle, LOOK_MS));
  }
  if (misfits.size > 0) return { ok: false, problems: [...misfits.values()] };
  const remedy = "start its coordinator, or let this worker wait longer with --wait";
  return { ok: false, problems: [problem("CAM010", { where: link.server, remedy })] };
}

function judge(own: Identity, campaign: string, text: string): Result<Announcement> {
  const read = parseAnnouncement(campaign, text);
  if (!read.ok) return read;
  const misfit = misfitOf(own, campaign, read.value);
  return misfit === undefined ? read : fail(misfit);
}

async function open(place: NatsPlace, role: string): Promise<Result<NatsLink>> {
  const { address, credentialsFile } = place;
  const opened = await openNats({
    address,
    name: `skein campaign ${role} ${ownName()}`,
    ...(credentialsFile === undefined ? {} : { credentialsFile }),
  });
  if (opened.ok && opened.value.warning !== undefined) place.say(opened.value.warning);
  return opened;
}

/** Before the number of a worker: which machine and process it is. */
const ownName = (): string => `${hostname()}-${String(process.pid)} `;
