/**
 * A campaign on several machines, as processes on this one: coordinator and workers as a person
 * starts them, a real NATS server between them. Flights last a few simulated seconds.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NatsBench } from "../../adapters/nats/bench.test-support.ts";
import {
  announcementOf,
  campaignIdOf,
  textOfAnnouncement,
} from "../../apps/campaign/announcement.ts";
import type { FlightPlan } from "../../apps/campaign/flight.ts";
import { runCampaign } from "../../apps/campaign/run-campaign.ts";
import { testSeedQueue } from "../../apps/campaign/seed-queue-contract.test-support.ts";
import { describeWith, natsServer } from "../support/requirements.ts";
import { until } from "../support/toy-fleet.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TINY = join(ROOT, "missions", "tiny.json5");
const SEEDS = [1, 2, 3];
const plan: FlightPlan = {
  missionFile: TINY,
  vehicleCount: 0,
  planner: "massRate",
  durationS: 3,
  untilFound: false,
  signatures: "modelled",
  faultFile: undefined,
};
const CHOICE = ["--seeds", "1-3", "--duration", "3s", "--signatures", "modelled"];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

class Skein {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out = "";
  err = "";

  constructor(...words: readonly string[]) {
    const args = [join(ROOT, "apps", "cli", "skein.mjs"), "campaign", ...words];
    this.child = spawn(process.execPath, args, { cwd: ROOT });
    this.child.stdout?.on("data", (bytes: Buffer) => (this.out += bytes.toString()));
    this.child.stderr?.on("data", (bytes: Buffer) => (this.err += bytes.toString()));
    this.ended = new Promise((settle) => {
      this.child.once("close", (code) => {
        settle({ code, out: this.out, err: this.err });
      });
    });
  }
}

describeWith(natsServer(), "a campaign over NATS", (program) => {
  const folder = mkdtempSync(join(tmpdir(), "skein-nats-campaign-"));
  let bench: NatsBench;
  let alone: string;

  beforeAll(async () => {
    bench = await NatsBench.start(program);
    alone = (await runCampaign({ plan, seeds: SEEDS, workers: 2 })).hash;
  });

  afterAll(async () => {
    await bench.close();
    rmSync(folder, { recursive: true });
  });

  const at = (): string[] => ["--nats", bench.peer.url];

  describe("its queue keeps the contract of the queue in memory", () => {
    testSeedQueue(async (seeds, onResult) => {
      const expected = bench.expecting(seeds);
      const queue = await bench.coordinate(expected, onResult === undefined ? {} : { onResult });
      const elsewhere = await bench.join(expected);
      return { queue, elsewhere, close: () => queue.close({ drop: true }) };
    });
  });

  test("has the hash of the one in memory, with one machine and with two", async () => {
    for (const machines of [["1"], ["1", "1"]]) {
      const report = join(folder, `${String(machines.length)}.json`);
      const coordinator = new Skein(TINY, ...CHOICE, ...at(), "--report", report);
      const workers = machines.map(
        (count) => new Skein(TINY, "--worker", ...at(), "--workers", count, "--json"),
      );
      const { code, out } = await coordinator.ended;
      expect(code).toBe(0);
      expect(out).toMatch(/^3 flights, .*\n(.*\n)*  campaign [0-9a-f]{24}\n$/u);
      const { hash, rows, server } = JSON.parse(readFileSync(report, "utf8")) as {
        hash: string;
        rows: { seed: number }[];
        server: { refused: object };
      };
      expect(hash).toBe(alone);
      expect(rows.map(({ seed }) => seed)).toEqual(SEEDS);
      expect(server.refused).toEqual({});
      const ends = await Promise.all(workers.map(({ ended }) => ended));
      expect(ends.map((end) => end.code)).toEqual(machines.map(() => 0));
      const flown = ends.map((end) => (JSON.parse(end.out) as { flown: number }).flown);
      expect(flown.reduce((sum, count) => sum + count, 0)).toBe(SEEDS.length);
    }
  });

  test("outlives a worker and its server, killed in the middle", async () => {
    const longer = ["--seeds", "1-3", "--duration", "10s", "--signatures", "modelled"];
    const coordinator = new Skein(TINY, ...longer, ...at(), "--ack-wait", "1s", "--json");
    const first = new Skein(TINY, "--worker", ...at(), "--workers", "1");
    const flying = "flying for campaign";
    await until("the first worker flies", 60_000, () => first.err.includes(flying));
    first.child.kill("SIGKILL");
    await first.ended;
    const second = new Skein(TINY, "--worker", ...at(), "--workers", "1");
    await until("the second worker flies", 60_000, () => second.err.includes(flying));
    await bench.peer.kill();
    await new Promise((settle) => setTimeout(settle, 300));
    await bench.peer.restart();
    const [coordinated, served] = await Promise.all([coordinator.ended, second.ended]);
    expect([coordinated.code, served.code]).toEqual([0, 0]);
    const { rows, hash, givenUp } = JSON.parse(coordinated.out) as {
      rows: { seed: number }[];
      hash: string;
      givenUp: unknown[];
    };
    expect([rows.map(({ seed }) => seed), givenUp]).toEqual([SEEDS, []]);
    const inMemory = await runCampaign({
      plan: { ...plan, durationS: 10 },
      seeds: SEEDS,
      workers: 2,
    });
    expect(hash).toBe(inMemory.hash);
  });

  test("is refused by a worker with another mission or other sources", async () => {
    const announced = announcementOf(plan, SEEDS);
    const older = textOfAnnouncement({ ...announced, commit: "0ld", code: "0".repeat(32) });
    const other = textOfAnnouncement({ ...announced, mission: "0".repeat(32) });
    const { stores } = await bench.link();
    for (const text of [older, other]) {
      const store = await stores.create(`skein_campaign_${campaignIdOf(text)}`);
      await store.put("campaign", text);
    }
    const { code, err } = await new Skein(TINY, "--worker", ...at(), "--wait", "1s").ended;
    expect(code).toBe(2);
    expect(err).toMatch(/CAM008 .*it is of 0ld, v[0-9.]+; this machine has /u);
    expect(err).toMatch(/CAM009 .*the mission differs/u);
    for (const text of [older, other]) {
      await (await stores.open(`skein_campaign_${campaignIdOf(text)}`)).destroy();
    }
  });

  test("does not start without its server, or a worker without a campaign", async () => {
    const nobody = ["--nats", "nats://127.0.0.1:1"];
    const ends = await Promise.all([
      new Skein(TINY, ...nobody).ended,
      new Skein(TINY, "--worker", ...nobody).ended,
      new Skein(TINY, "--nats", "http://x").ended,
      new Skein(TINY, "--worker", ...at(), "--wait", "1s").ended,
      new Skein(TINY, "--worker").ended,
      new Skein(TINY, "--worker", ...at(), "--seeds", "1-2").ended,
    ]);
    expect(ends.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2]);
    const says = ["CAM002", "CAM002", "CAM001", "CAM010", "needs --nats", "the coordinator's"];
    for (const [i, words] of says.entries()) expect(ends[i]?.err).toContain(words);
    expect(ends.every(({ out }) => out === "")).toBe(true);
  });
});
