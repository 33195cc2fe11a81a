import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, toHex } from "../base/mod.ts";
import {
  cutMessage,
  dataShardsFor,
  MESSAGE_BYTES_MAX,
  readFragment,
  Reassembly,
  SHARD_BYTES_MAX,
  type Addition,
  type Fragment,
} from "./fragment.ts";

interface Vector {
  readonly name: string;
  readonly messageBytes: number;
  readonly messageId: number;
  readonly parityCount: number;
  readonly headers: readonly string[];
  readonly shardBytes: readonly number[];
  readonly parityStart: readonly string[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/fragment/cut.json", import.meta.url), "utf8"),
) as readonly Vector[];

const messageOf = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (7 * i + 3) & 255);

function fragmentsOf(bytes: number, messageId = 1, parityCount = 0): Fragment[] {
  return cutMessage(messageOf(bytes), { messageId, parityCount }).map((part) => {
    const read = readFragment(part);
    if (!read.ok) throw new Error(read.problem.text);
    return read.value;
  });
}

describe("cutting", () => {
  test.each(vectors)("$name", (vector) => {
    const parts = cutMessage(messageOf(vector.messageBytes), vector);
    expect(parts.map((part) => toHex(part.subarray(0, 7)))).toEqual(vector.headers);
    expect(parts.map((part) => part.length - 7)).toEqual(vector.shardBytes);
    const parity = parts.slice(parts.length - vector.parityCount);
    expect(parity.map((part) => toHex(part.subarray(7, 23)))).toEqual(vector.parityStart);
  });

  test("the longest message takes 57 fragments, each within a datagram", () => {
    expect(dataShardsFor(MESSAGE_BYTES_MAX)).toBe(57);
    const parts = cutMessage(messageOf(MESSAGE_BYTES_MAX), { messageId: 1, parityCount: 0 });
    expect(Math.max(...parts.map((part) => part.length - 7))).toBeLessThanOrEqual(SHARD_BYTES_MAX);
  });
});

describe("reassembly", () => {
  const add = (into: Reassembly, fragment: Fragment, origin = 3): Addition =>
    into.add(origin, fragment, 0, 1000);

  test("in any order, with as many lost as there is parity, whatever the length", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1152, max: MESSAGE_BYTES_MAX }),
        fc.integer({ min: 0, max: 4 }),
        fc.infiniteStream(fc.nat(10_000)),
        (bytes, wanted, stream) => {
          const parityCount = Math.min(wanted, dataShardsFor(bytes));
          const fragments = fragmentsOf(bytes, 9, parityCount);
          const draw = (below: number): number => (stream.next().value as number) % below;
          for (let lost = 0; lost < parityCount; lost += 1) {
            fragments.splice(draw(fragments.length), 1);
          }
          const reassembly = new Reassembly();
          let whole: Uint8Array | undefined;
          while (fragments.length > 0) {
            const [next] = fragments.splice(draw(fragments.length), 1);
            const added = add(reassembly, next!);
            if (added.kind === "whole") whole = added.message;
          }
          expect(whole).toEqual(messageOf(bytes));
        },
      ),
      { numRuns: 25 },
    );
  });

  test("a message is whole once: late and doubled fragments do not start it anew", () => {
    const reassembly = new Reassembly();
    const kinds = [...fragmentsOf(3000, 1, 1), ...fragmentsOf(3000, 1, 1)].map(
      (it) => add(reassembly, it).kind,
    );
    expect(kinds).toEqual(["held", "held", "whole", ...new Array<string>(5).fill("held")]);
    reassembly.expire(2000);
    expect(reassembly.takeGivenUp()).toBe(0);
  });

  test("a fragment that contradicts its message is refused", () => {
    const reassembly = new Reassembly();
    add(reassembly, fragmentsOf(3000, 1)[0]!);
    expect(add(reassembly, fragmentsOf(3001, 1)[1]!).kind).toBe("refused");
    expect(add(reassembly, fragmentsOf(3000, 1, 1)[1]!).kind).toBe("refused");
    expect(add(reassembly, fragmentsOf(3000, 1)[1]!, 4).kind).toBe("held");
  });

  test("four of one origin, sixteen in all: the oldest are given up", () => {
    const reassembly = new Reassembly();
    for (let id = 0; id < 5; id += 1) add(reassembly, fragmentsOf(3000, id)[0]!);
    expect(reassembly.takeGivenUp()).toBe(1);
    for (let origin = 10; origin < 23; origin += 1) {
      add(reassembly, fragmentsOf(3000, 1)[0]!, origin);
    }
    expect(reassembly.takeGivenUp()).toBe(1);
  });

  test("what is not whole when its packets expire is given up", () => {
    const reassembly = new Reassembly();
    expect(reassembly.nextExpiryMs()).toBe(Infinity);
    add(reassembly, fragmentsOf(3000)[0]!);
    expect(reassembly.nextExpiryMs()).toBe(1000);
    reassembly.add(3, fragmentsOf(3000)[1]!, 500, 1500);
    reassembly.expire(1499);
    expect(reassembly.takeGivenUp()).toBe(0);
    reassembly.expire(1500);
    expect(reassembly.takeGivenUp()).toBe(1);
  });

  test("saved and loaded in the middle of a message, it goes on", () => {
    const [first, second, third] = fragmentsOf(3000);
    const before = new Reassembly();
    add(before, first!);
    add(before, third!);
    const writer = new ByteWriter();
    before.save(writer);
    const after = new Reassembly();
    after.load(new ByteReader(writer.take()));
    expect(add(after, second!)).toEqual({ kind: "whole", message: messageOf(3000) });
  });
});

describe("hostile fragments", () => {
  const header = (over: Partial<Omit<Fragment, "shard">>, shardBytes: number): Uint8Array => {
    const it = { messageId: 1, index: 0, dataCount: 2, parityCount: 0, messageBytes: 10, ...over };
    const bytes = new Uint8Array(7 + shardBytes);
    bytes.set([0, it.messageId, it.index, it.dataCount, it.parityCount, 0, it.messageBytes]);
    return bytes;
  };

  test("counts and lengths that contradict each other are refused", () => {
    expect(readFragment(header({}, 5)).ok).toBe(true);
    const bad = [
      header({}, 0),
      header({}, 4),
      header({ dataCount: 0 }, 5),
      header({ dataCount: 58 }, 5),
      header({ parityCount: 3 }, 5),
      header({ index: 2 }, 5),
      header({ messageBytes: 0 }, 5),
      // Seven shards of two bytes hold more than ten: the last would start past the end.
      header({ dataCount: 7 }, 2),
    ];
    for (const bytes of bad) {
      expect(readFragment(bytes)).toMatchObject({ problem: { code: "NET003" } });
    }
  });

  test("any bytes, in any order, are taken without a throw", () => {
    const counts = fc.tuple(fc.nat(3), fc.nat(8), fc.nat(8), fc.nat(8), fc.nat(40));
    fc.assert(
      fc.property(fc.array(fc.tuple(counts, fc.nat(20)), { maxLength: 60 }), (list) => {
        const reassembly = new Reassembly();
        for (const [[messageId, index, dataCount, parityCount, messageBytes], bytes] of list) {
          const over = { messageId, index, dataCount, parityCount, messageBytes };
          const read = readFragment(header(over, bytes));
          if (read.ok) reassembly.add(1, read.value, 0, 10);
        }
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        readFragment(bytes);
      }),
    );
  });
});
