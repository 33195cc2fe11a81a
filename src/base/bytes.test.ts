import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  compareBytes,
  equalBytes,
  fromHex,
  toHex,
  utf8Decode,
  utf8Encode,
} from "./bytes.ts";
import { InvariantError } from "./invariant.ts";

test("every kind of value comes back as it was written", () => {
  fc.assert(
    fc.property(
      fc.nat(0xff),
      fc.nat(0xffff),
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.integer({ min: -0x8000, max: 0x7fff }),
      fc.integer(),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      fc.double(),
      fc.float(),
      fc.boolean(),
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ unit: "grapheme" }),
      (u8, u16, u32, i16, i32, u64, safe, f64, f32, bool, blob, text) => {
        const writer = new ByteWriter({ initialBytes: 1 });
        writer.u8(u8).u16(u16).u32(u32).i16(i16).i32(i32).u64(u64).safe(safe).f64(f64).f32(f32);
        writer.bool(bool).blob(blob).text(text).raw(blob);
        const bytes = writer.take();
        expect(writer.length).toBe(bytes.length);
        const reader = new ByteReader(bytes);
        expect(reader.u8()).toBe(u8);
        expect(reader.u16()).toBe(u16);
        expect(reader.u32()).toBe(u32);
        expect(reader.i16()).toBe(i16);
        expect(reader.i32()).toBe(i32);
        expect(reader.u64()).toBe(u64);
        expect(reader.safe()).toBe(safe);
        expect(reader.f64()).toBe(f64);
        expect(reader.f32()).toBe(f32);
        expect(reader.bool()).toBe(bool);
        expect(toHex(reader.blob())).toBe(toHex(blob));
        expect(reader.text()).toBe(text);
        expect(toHex(reader.raw(blob.length))).toBe(toHex(blob));
        expect(reader.finish()).toBeUndefined();
        expect(reader.at).toBe(bytes.length);
      },
    ),
  );
});

test("big-endian, and not-a-number in one form", () => {
  const writer = new ByteWriter();
  writer.u16(0x0102).safe(0x100000002).f32(NaN).f64(-NaN);
  expect(toHex(writer.take())).toBe("01020000000100000002" + "7fc00000" + "7ff8000000000000");
  writer.clear();
  expect(writer.take()).toHaveLength(0);
});

test("what was taken is not changed by later writes", () => {
  const writer = new ByteWriter();
  const first = writer.u8(1).take();
  writer.clear();
  writer.u8(2);
  expect(first).toEqual(Uint8Array.of(1));
});

describe("a short or malformed input gives zeros and one problem at the end", () => {
  test("every reader at the end of its bytes", () => {
    const empty = (): ByteReader => new ByteReader(new Uint8Array(0));
    expect([empty().u8(), empty().u16(), empty().u32(), empty().i16(), empty().i32()]).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect([empty().u64(), empty().safe(), empty().f64(), empty().f32()]).toEqual([0n, 0, 0, 0]);
    expect([empty().bool(), empty().text(), empty().raw(1), empty().blob()]).toEqual([
      false,
      "",
      new Uint8Array(0),
      new Uint8Array(0),
    ]);
  });

  test("after a failure nothing more is read", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3));
    expect(reader.u32()).toBe(0);
    expect(reader.u8()).toBe(0);
    expect(reader.failed).toBe(true);
    expect(reader.finish()).toMatchObject({ code: "BAS001" });
  });

  test("bytes left over", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2));
    reader.u8();
    expect(reader.left).toBe(1);
    expect(reader.finish()).toMatchObject({ code: "BAS002", where: "byte 1" });
  });

  test("a flag other than 0 and 1, an unsafe integer, an oversized blob, broken text", () => {
    const refused = (bytes: Uint8Array, read: (from: ByteReader) => unknown): boolean => {
      const reader = new ByteReader(bytes);
      read(reader);
      return reader.failed;
    };
    expect(refused(Uint8Array.of(2), (from) => from.bool())).toBe(true);
    expect(refused(new Uint8Array(8).fill(255), (from) => from.safe())).toBe(true);
    expect(refused(Uint8Array.of(0, 0, 0, 2, 1, 1), (from) => from.blob(1))).toBe(true);
    expect(refused(Uint8Array.of(0, 0, 0, 1, 0xff), (from) => from.text())).toBe(true);
  });

  test("a window on larger bytes", () => {
    const reader = new ByteReader(Uint8Array.of(9, 1, 2, 9).subarray(1), 0, 2);
    expect(reader.u16()).toBe(0x0102);
    expect(reader.finish()).toBeUndefined();
    expect(() => new ByteReader(Uint8Array.of(1), 1, 1)).toThrow(InvariantError);
  });
});

test("a writer keeps to its bound and refuses what is no integer", () => {
  const writer = new ByteWriter({ maxBytes: 3 });
  expect(() => writer.u32(1)).toThrow(InvariantError);
  expect(() => new ByteWriter().safe(-1)).toThrow(InvariantError);
  expect(() => new ByteWriter().safe(2 ** 53)).toThrow(InvariantError);
});

describe("UTF-8", () => {
  const platform = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  test("agrees with the platform both ways", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(toHex(utf8Encode(text))).toBe(toHex(new TextEncoder().encode(text)));
        expect(utf8Decode(utf8Encode(text))).toBe(text);
      }),
    );
  });

  test("a lone surrogate becomes the replacement character", () => {
    expect(utf8Decode(utf8Encode("a\ud800"))).toBe("a\ufffd");
  });

  test("refuses exactly what the platform refuses", () => {
    const lead = fc.constantFrom(0x41, 0x80, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff);
    const rest = fc.constantFrom(0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0);
    const sequence = fc.tuple(lead, fc.array(rest, { maxLength: 3 }));
    fc.assert(
      fc.property(sequence, ([first, others]) => {
        const bytes = Uint8Array.of(first, ...others);
        let expected: string | undefined;
        try {
          expected = platform.decode(bytes);
        } catch {
          expected = undefined;
        }
        expect(utf8Decode(bytes)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

test("hex both ways, and refused when malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
      expect(Buffer.from(fromHex(toHex(bytes)) ?? [])).toEqual(Buffer.from(bytes));
    }),
  );
  expect(fromHex("0A")).toEqual(Uint8Array.of(10));
  expect(fromHex("0")).toBeUndefined();
  expect(fromHex("0g")).toBeUndefined();
  expect(fromHex("g0")).toBeUndefined();
});

test("comparison of byte strings is the platform's", () => {
  const small = fc.uint8Array({ maxLength: 4, max: 3 });
  fc.assert(
    fc.property(small, small, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
      expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
    }),
  );
});
