import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8Encode } from "../../src/base/mod.ts";
import {
  decodeSeed,
  decodeSettled,
  encodeSeed,
  encodeSettled,
  namesOf,
  keyOf,
  RESULT_MAX_BYTES,
  subjectOf,
  type Expected,
  type Settled,
} from "./wire.ts";

const campaign = "0123456789abcdef01234567";
const expected: Expected<number> = {
  campaign,
  seeds: new Set([7, 8]),
  parse: (value) => (typeof value === "number" ? value : undefined),
};
const settled: readonly Settled<number>[] = [
  { kind: "flown", seed: 7, by: "anna-1.worker 0", value: 42 },
  { kind: "givenUp", seed: 8, by: "coordinator", why: "out of memory" },
];

interface Golden {
  readonly names: Readonly<Record<string, string>>;
  readonly seed: { readonly subject: string; readonly text: string };
  readonly results: readonly { readonly key: string; readonly text: string }[];
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../vectors/campaign/messages.json"), "utf8"),
) as Golden;

describe("golden bytes", () => {
  test("names and a seed's message", () => {
    expect(golden.names).toEqual(namesOf(campaign));
    expect(golden.seed.subject).toBe(subjectOf(campaign, 7));
    expect(encodeSeed(campaign, 7)).toEqual(utf8Encode(golden.seed.text));
    const message = { subject: golden.seed.subject, bytes: utf8Encode(golden.seed.text) };
    expect(decodeSeed(message, expected)).toEqual({ ok: true, value: 7 });
  });

  test("results", () => {
    expect(golden.results.map(({ key }) => key)).toEqual(settled.map(({ seed }) => keyOf(seed)));
    for (const [i, { key, text }] of golden.results.entries()) {
      expect(encodeSettled(campaign, settled[i]!)).toEqual(utf8Encode(text));
      const read = decodeSettled({ key, bytes: utf8Encode(text) }, expected);
      expect(read).toEqual({ ok: true, value: settled[i] });
    }
  });
});

const codeOf = (read: { ok: true } | { ok: false; problem: { code: string } }): string =>
  read.ok ? "" : read.problem.code;

test("a message of another seed, subject, campaign or key is refused as such", () => {
  const seedAt = (subject: string, text: string): string =>
    codeOf(decodeSeed({ subject, bytes: utf8Encode(text) }, expected));
  const other = "f".repeat(24);
  const { subject, text } = golden.seed;
  expect(seedAt(subjectOf(campaign, 8), text)).toBe("CAM007");
  expect(seedAt(subject, text.replace(campaign, other))).toBe("CAM007");
  expect(seedAt(subjectOf(campaign, 9), text.replace(":7", ":9"))).toBe("CAM007");
  expect(seedAt(subject, text.replace(":7", ':"7"'))).toBe("CAM007");
  const result = golden.results[0]!;
  const resultAt = (key: string, textThere: string): string =>
    codeOf(decodeSettled({ key, bytes: utf8Encode(textThere) }, expected));
  expect(resultAt("seed.8", result.text)).toBe("CAM007");
  expect(resultAt("seed.7", result.text.replace(campaign, other))).toBe("CAM007");
  expect(resultAt("seed.9", result.text.replace(":7", ":9"))).toBe("CAM007");
  expect(resultAt("seed.7", result.text.replace("42", '"42"'))).toBe("CAM006");
  expect(resultAt("seed.7", result.text.replace('"anna-1.worker 0"', "7"))).toBe("CAM006");
  expect(resultAt("seed.7", " ".repeat(RESULT_MAX_BYTES + 1))).toBe("CAM006");
});

test("any bytes are refused or read, never thrown over", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((some) => Uint8Array.from(some)),
    fc.json().map((text) => utf8Encode(text)),
  );
  fc.assert(
    fc.property(bytes, fc.string(), (some, place) => {
      expect(decodeSeed({ subject: place, bytes: some }, expected).ok).toBe(false);
      expect(decodeSettled({ key: place, bytes: some }, expected).ok).toBe(false);
    }),
  );
});
