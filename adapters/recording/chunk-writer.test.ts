import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { McapIndexedReader } from "@mcap/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChunkWriter } from "./chunk-writer.ts";

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const CONTENT = {
  library: "skein test",
  schemas: { one: { type: "object" }, two: { type: "array" } },
  channels: [
    { topic: "/a", schema: "two" },
    { topic: "/b", schema: "one" },
  ],
};

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-chunks-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function indexed(path: string): Promise<McapIndexedReader> {
  const bytes = readFileSync(path);
  return McapIndexedReader.Initialize({
    readable: {
      size: async () => Promise.resolve(BigInt(bytes.length)),
      read: async (offset, length) =>
        Promise.resolve(new Uint8Array(bytes.subarray(Number(offset), Number(offset + length)))),
    },
    decompressHandlers: { zstd: (chunk) => zstdDecompressSync(chunk) },
  });
}

describe("an MCAP file written in chunks", () => {
  test("counts, times and schemas are in its index, also of messages out of order", async () => {
    const path = join(folder, "small.mcap");
    const writer = new ChunkWriter(path, CONTENT);
    writer.message(1, 50n, json({ n: 1 }));
    writer.message(0, 20n, json([2]));
    writer.metadata("run", { seed: "7" });
    writer.message(1, 90n, json({ n: 3 }));
    writer.end();
    const reader = await indexed(path);
    expect(reader.header.library).toBe("skein test");
    expect(reader.statistics).toMatchObject({
      messageCount: 3n,
      chunkCount: 1,
      metadataCount: 1,
      messageStartTime: 20n,
      messageEndTime: 90n,
    });
    expect(reader.statistics?.channelMessageCounts.get(1)).toBe(2n);
    const channels = [...reader.channelsById.values()];
    expect(
      channels.map(({ topic, schemaId }) => [topic, reader.schemasById.get(schemaId)?.name]),
    ).toEqual([
      ["/a", "two"],
      ["/b", "one"],
    ]);
    const told: unknown[] = [];
    for await (const { logTime, sequence, data } of reader.readMessages()) {
      told.push([logTime, sequence, JSON.parse(new TextDecoder().decode(data))]);
    }
    expect(told).toEqual([
      [20n, 1, [2]],
      [50n, 1, { n: 1 }],
      [90n, 2, { n: 3 }],
    ]);
  });

  test("a long run becomes several chunks, and a time is read without the others", async () => {
    const path = join(folder, "long.mcap");
    const writer = new ChunkWriter(path, CONTENT);
    const text = "x".repeat(10_000);
    for (let i = 0; i < 200; i += 1) writer.message(0, BigInt(i), json([i, text]));
    writer.end();
    const reader = await indexed(path);
    expect(reader.chunkIndexes.length).toBe(4);
    const times: bigint[] = [];
    for await (const { logTime } of reader.readMessages({ startTime: 150n, endTime: 152n })) {
      times.push(logTime);
    }
    expect(times).toEqual([150n, 151n, 152n]);
  });

  test("a run without a message is a whole file too", async () => {
    const path = join(folder, "empty.mcap");
    new ChunkWriter(path, CONTENT).end();
    const reader = await indexed(path);
    expect(reader.statistics).toMatchObject({ messageCount: 0n, chunkCount: 0 });
    expect(reader.channelsById.size).toBe(2);
  });

  test("what the disk refuses is thrown to who opens it", () => {
    expect(() => new ChunkWriter(join(folder, "no", "where.mcap"), CONTENT)).toThrow("ENOENT");
  });
});
