/**
 * What only a server can do to a campaign, with a real one: machines that fall silent, a server
 * that is killed, one that loses its disk, strangers that write into it. Seeds take no time here.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith, natsServer } from "../../test/support/requirements.ts";
import { readAnnouncements } from "./announcements.ts";
import { ACK_WAIT_MS, NatsBench, TRIES_MAX } from "./bench.test-support.ts";
import { SILENT } from "./seed-source.ts";

describeWith(natsServer(), "a campaign on a server", (program) => {
  let bench: NatsBench;

  beforeAll(async () => {
    bench = await NatsBench.start(program);
  });

  afterAll(() => bench.close());

  test("a machine that falls silent loses its seed, one that says it works does not", async () => {
    const expected = bench.expecting([1, 2]);
    const queue = await bench.coordinate(expected);
    const silent = await bench.link();
    const gone = await bench.join(expected, silent);
    const slow = await bench.join(expected);
    const other = await bench.join(expected);
    expect(await gone.take("gone")).toBe(1);
    expect(await slow.take("slow")).toBe(2);
    await silent.close();
    const startMs = performance.now();
    expect(await other.take("other")).toBe(1);
    expect(performance.now() - startMs).toBeGreaterThan(ACK_WAIT_MS / 2);
    const waits = other.take("other");
    expect(await other.done("other", 1, "by other")).toBe(true);
    expect(await slow.done("slow", 2, "by slow")).toBe(true);
    expect((await queue.finished()).results).toEqual([
      [1, "by other"],
      [2, "by slow"],
    ]);
    await queue.close({ drop: true });
    expect(await waits).toBeUndefined();
  });

  test("a seed whose every worker falls silent is given up, with that said", async () => {
    const expected = bench.expecting([5]);
    const queue = await bench.coordinate(expected);
    for (let i = 0; i < TRIES_MAX; i += 1) {
      const silent = await bench.link();
      expect(await (await bench.join(expected, silent)).take("silent")).toBe(5);
      await silent.close();
    }
    const last = (await bench.join(expected)).take("last");
    const { givenUp } = await queue.finished();
    expect(givenUp).toEqual([{ seed: 5, why: SILENT }]);
    await queue.close({ drop: true });
    expect(await last).toBeUndefined();
  });

  test("a server killed and started again: every seed is counted, and once", async () => {
    const expected = bench.expecting([1, 2, 3, 4]);
    const counted: string[] = [];
    const queue = await bench.coordinate(expected, {
      onResult: (value) => {
        counted.push(value);
      },
    });
    const worker = await bench.join(expected);
    expect(await worker.take("w1")).toBe(1);
    expect(await worker.done("w1", 1, "one")).toBe(true);
    expect(await worker.take("w1")).toBe(2);
    await bench.peer.kill();
    const done = worker.done("w1", 2, "two");
    const next = worker.take("w2");
    await bench.peer.restart();
    expect([await done, await next]).toEqual([true, 3]);
    expect(await worker.done("w2", 3, "three")).toBe(true);
    expect(await worker.take("w1")).toBe(4);
    expect(await worker.done("w1", 4, "four")).toBe(true);
    expect((await queue.finished()).results.map(([seed]) => seed)).toEqual([1, 2, 3, 4]);
    expect(counted.toSorted()).toEqual(["four", "one", "three", "two"]);
    await queue.close({ drop: true });
  });

  test("a server that comes back without its store is given what is not yet known", async () => {
    const expected = bench.expecting([1, 2]);
    const counted: string[] = [];
    const queue = await bench.coordinate(expected, {
      onResult: (value) => {
        counted.push(value);
      },
    });
    expect(await queue.take("w")).toBe(1);
    expect(await queue.done("w", 1, "one")).toBe(true);
    await expect.poll(() => counted).toEqual(["one"]);
    await bench.peer.kill();
    bench.peer.forget();
    await bench.peer.restart();
    expect(await queue.take("w")).toBe(2);
    expect(await queue.done("w", 2, "two")).toBe(true);
    expect((await queue.finished()).results).toEqual([
      [1, "one"],
      [2, "two"],
    ]);
    await queue.close({ drop: true });
  });

  test("a coordinator that was killed goes on where it stood", async () => {
    const expected = bench.expecting([1, 2]);
    const first = await bench.coordinate(expected);
    expect(await first.take("w")).toBe(1);
    expect(await first.done("w", 1, "kept")).toBe(true);
    await first.close({ drop: false });
    const second = await bench.coordinate(expected);
    expect(await second.take("w")).toBe(2);
    expect(await second.done("w", 2, "new")).toBe(true);
    expect((await second.finished()).results).toEqual([
      [1, "kept"],
      [2, "new"],
    ]);
    await second.close({ drop: true });
  });

  test("strangers' messages are refused and counted, and no seed is lost over them", async () => {
    const expected = bench.expecting([1, 2]);
    const { campaign } = expected;
    const { client, stores, manager } = await bench.link();
    const queue = await bench.coordinate(expected);
    const store = await stores.open(`skein_campaign_${campaign}`);
    await expect
      .poll(async () => {
        const info = await manager.streams.info(`SKEIN_SEEDS_${campaign}`);
        return info.state.messages;
      })
      .toBe(2);
    await client.publish(`skein.seeds.${campaign}.3`, "garbage \u0000 {");
    await client.publish(
      `skein.seeds.${campaign}.junk`,
      JSON.stringify({ schema: "skein-seed/1", campaign, seed: 1 }),
    );
    await store.put("seed.2", JSON.stringify({ schema: "skein-seed-result/1", campaign, seed: 1 }));
    await store.put("seed.1", new Uint8Array([0xff, 0xfe, 0]));
    await store.put("no-seed", "[[[[");
    await expect
      .poll(() => Object.fromEntries(queue.refused), { timeout: 10_000 })
      .toEqual({ CAM006: 2, CAM007: 1 });
    expect(await queue.take("a")).toBe(1);
    expect(await queue.take("b")).toBe(2);
    const elsewhere = await bench.join(expected);
    const more = elsewhere.take("c");
    await expect
      .poll(() => Object.fromEntries(elsewhere.refused), { timeout: 10_000 })
      .toEqual({ CAM006: 1, CAM007: 1 });
    expect(await queue.done("a", 1, "one")).toBe(true);
    // Purged behind the coordinator's back, with no result: it is put again.
    await manager.streams.purge(`SKEIN_SEEDS_${campaign}`);
    expect(await more).toBe(2);
    expect(await elsewhere.done("c", 2, "two")).toBe(true);
    expect(await queue.done("b", 2, "the same again")).toBe(false);
    expect((await queue.finished()).results).toEqual([
      [1, "one"],
      [2, "two"],
    ]);
    await queue.close({ drop: true });
  });

  test("a worker finds what is announced, and nothing in what is not", async () => {
    const expected = bench.expecting([1]);
    const queue = await bench.coordinate(expected);
    const link = await bench.link();
    const stranger = await link.stores.create("skein_campaign_mine");
    await stranger.put("campaign", "{}");
    const garbled = bench.expecting([1]).campaign;
    const store = await link.stores.create(`skein_campaign_${garbled}`);
    await store.put("campaign", new Uint8Array([0xff]));
    expect(await readAnnouncements(link)).toEqual([{ campaign: expected.campaign, text: "{}" }]);
    await queue.close({ drop: true });
    expect(await readAnnouncements(link)).toEqual([]);
  });

  test("a server that stays away ends the wait with a problem", async () => {
    const own = await NatsBench.start(program);
    const queue = await own.coordinate(own.expecting([1]), { patienceMs: 500 });
    expect(await queue.take("w")).toBe(1);
    await own.peer.kill();
    expect(await queue.done("w", 1, "one")).toBe(false);
    expect((await queue.finished()).results).toEqual([]);
    expect(queue.trouble).toMatchObject({ code: "CAM011" });
    expect(await queue.take("w")).toBeUndefined();
    await own.close();
  });
});
