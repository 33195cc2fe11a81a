import { expect, test } from "vitest";
import { chunkHead, LittleReader, readChannel, readMetadata } from "./mcap-records.ts";

const bytes = (...parts: readonly (number | string)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [part.length, 0, 0, 0, ...new TextEncoder().encode(part)],
    ),
  );

test("numbers are little-endian; what does not fit is nothing, and stays so", () => {
  const reader = new LittleReader(bytes(0x34, 0x12, 7));
  expect(reader.u16()).toBe(0x1234);
  expect([reader.u32(), reader.short]).toEqual([0, true]);
  expect([reader.u8(), reader.left]).toEqual([0, 1]);
});

test("a channel has number, schema and topic", () => {
  expect(readChannel(bytes(3, 0, 2, 0, "/log"))).toEqual({ id: 3, schemaId: 2, topic: "/log" });
  expect(readChannel(bytes(3, 0, 2, 0, 200, 0, 0, 0, 47))).toBeUndefined();
});

test("metadata is pairs of texts inside a length; a length beyond the record is refused", () => {
  const pairs = bytes("seed", "7");
  const record = Uint8Array.from([...bytes("skein.run"), pairs.length, 0, 0, 0, ...pairs]);
  expect(readMetadata(record)).toEqual({ name: "skein.run", entries: { seed: "7" } });
  expect(readMetadata(record.subarray(0, record.length - 1))).toBeUndefined();
});

test("a chunk that ends before it begins, or holds another length, is none", () => {
  const head = (startNs: number, packed: number): Uint8Array => {
    const body = new Uint8Array(40 + 3);
    const view = new DataView(body.buffer);
    view.setBigUint64(0, BigInt(startNs), true);
    view.setBigUint64(8, 50n, true);
    view.setBigUint64(32, BigInt(packed), true);
    return body;
  };
  expect(chunkHead(head(20, 3))).toMatchObject({ startNs: 20n, endNs: 50n, recordsAt: 40 });
  expect(chunkHead(head(60, 3))).toBeUndefined();
  expect(chunkHead(head(20, 4))).toBeUndefined();
});
