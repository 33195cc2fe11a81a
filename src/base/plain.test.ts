import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { readPlain, writePlain } from "./plain.ts";

describe("plain values", () => {
  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(undefined, null, true, false),
      fc.double(),
      fc.bigInt(),
      fc.string(),
      fc.uint8Array(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string({ minLength: 1 }), tie("value"), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    ),
  })).value;

  test("come back as they were", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const writer = new ByteWriter();
        writePlain(writer, value);
        const reader = new ByteReader(writer.take());
        expect(readPlain(reader)).toEqual(value);
        expect(reader.finish()).toBeUndefined();
      }),
    );
  });

  test("any bytes are read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        readPlain(new ByteReader(bytes));
      }),
    );
  });

  test("what is no data is not saved", () => {
    expect(() => writePlain(new ByteWriter(), () => 1)).toThrow("plain data");
  });
});
