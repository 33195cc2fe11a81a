/** A real server with campaigns of texts on it, for the tests of both of its sides. */
import { NatsPeer } from "../../test/support/nats-peer.ts";
import { parseNatsAddress } from "./address.ts";
import { joinCampaign } from "./announcements.ts";
import { openNats, type NatsLink } from "./link.ts";
import { NatsSeedQueue } from "./seed-queue.ts";
import type { NatsSeedSource } from "./seed-source.ts";
import type { Expected } from "./wire.ts";

export const ACK_WAIT_MS = 1000;
export const TRIES_MAX = 3;
const PATIENCE_MS = 20_000;

export class NatsBench {
  readonly peer: NatsPeer;
  readonly #closing: (() => Promise<void>)[] = [];
  #campaigns = 0;

  private constructor(peer: NatsPeer) {
    this.peer = peer;
  }

  static async start(program: string): Promise<NatsBench> {
    return new NatsBench(await NatsPeer.start({ program }));
  }

  /** The next campaign, of these seeds. */
  expecting(seeds: readonly number[]): Expected<string> {
    this.#campaigns += 1;
    return {
      campaign: this.#campaigns.toString(16).padStart(24, "0"),
      seeds: new Set(seeds),
      parse: (value) => (typeof value === "string" ? value : undefined),
    };
  }

  async link(): Promise<NatsLink> {
    const address = parseNatsAddress(this.peer.url);
    if (!address.ok) throw new Error(address.problem.text);
    const opened = await openNats({ address: address.value, name: "test" });
    if (!opened.ok) throw new Error(opened.problem.text);
    this.#closing.push(() => opened.value.close());
    return opened.value;
  }

  async coordinate(
    expected: Expected<string>,
    options: {
      readonly onResult?: (value: string, settled: number) => void;
      readonly patienceMs?: number;
    } = {},
  ): Promise<NatsSeedQueue<string>> {
    const opened = await NatsSeedQueue.open({
      link: await this.link(),
      expected,
      announcement: "{}",
      ackWaitMs: ACK_WAIT_MS,
      triesMax: TRIES_MAX,
      patienceMs: PATIENCE_MS,
      ...options,
    });
    if (!opened.ok) throw new Error(opened.problem.text);
    this.#closing.push(() => opened.value.close({ drop: true }));
    return opened.value;
  }

  async join(expected: Expected<string>, by?: NatsLink): Promise<NatsSeedSource<string>> {
    const source = await joinCampaign({
      link: by ?? (await this.link()),
      expected,
      triesMax: TRIES_MAX,
      patienceMs: PATIENCE_MS,
    });
    if (source === undefined) throw new Error("no campaign");
    this.#closing.push(() => {
      source.close();
      return Promise.resolve();
    });
    return source;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.reverse()) await close();
    await this.peer.close();
  }
}
