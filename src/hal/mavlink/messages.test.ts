import { readFileSync } from "node:fs";
import { ardupilotmega, common, minimal, standard } from "node-mavlink";
import { expect, test } from "vitest";
import { layoutOfId, layoutOfKind } from "./codec.ts";
import { otherCrcExtra } from "./crc.ts";
import { MESSAGES, type MavlinkKind } from "./messages.ts";

const REGISTRY = {
  ...minimal.REGISTRY,
  ...standard.REGISTRY,
  ...common.REGISTRY,
  ...ardupilotmega.REGISTRY,
};
const TYPES: Readonly<Record<string, string>> = {
  char: "char",
  double: "f64",
  float: "f32",
  int16_t: "i16",
  int32_t: "i32",
  int64_t: "i64",
  int8_t: "i8",
  uint16_t: "u16",
  uint32_t: "u32",
  uint64_t: "u64",
  uint8_t: "u8",
  uint8_t_mavlink_version: "u8",
};

test.each(Object.keys(MESSAGES) as MavlinkKind[])("%s is laid out as in node-mavlink", (kind) => {
  const mine = layoutOfKind(kind);
  const theirs = REGISTRY[mine.id];
  expect(theirs?.MSG_NAME.toLowerCase().replaceAll("_", "")).toBe(kind.toLowerCase());
  expect(mine.crcExtra).toBe(theirs?.MAGIC_NUMBER);
  const fields = [...(theirs?.FIELDS ?? [])].sort((a, b) => a.offset - b.offset);
  // Dialects grow by extensions only, and the two are not of one day.
  const shared = Math.min(fields.length, mine.fields.length);
  const known = mine.fields.slice(0, shared);
  expect(known.map(({ type, count, offset }) => ({ type, count, offset }))).toEqual(
    fields.slice(0, shared).map(({ type, length, offset }) => ({
      type: TYPES[type.replace("[]", "")],
      count: length,
      offset,
    })),
  );
  expect(fields.slice(shared).every((field) => field.extension)).toBe(true);
  const base = fields.filter((field) => !field.extension);
  const ends = base.map((field) => field.offset + field.size * Math.max(1, field.length));
  expect(mine.baseBytes).toBe(Math.max(...ends));
  expect(layoutOfId(mine.id)).toBe(mine);
});

test("the other messages of the dialects have their CRC_EXTRA", () => {
  let others = 0;
  for (const [id, { MAGIC_NUMBER }] of Object.entries(REGISTRY)) {
    if (layoutOfId(Number(id)) !== undefined) continue;
    const extra = otherCrcExtra(Number(id));
    // A handful are newer or older than the table; a wrong number would be worse than none.
    if (extra !== undefined) {
      others += 1;
      expect(extra, id).toBe(MAGIC_NUMBER);
    }
  }
  expect(others).toBeGreaterThan(200);
});

test("the document's table is this table", () => {
  const url = new URL("../../../docs/protocols/mavlink.md", import.meta.url);
  const rows = readFileSync(url, "utf8").split("\n");
  for (const kind of Object.keys(MESSAGES) as MavlinkKind[]) {
    const { id, crcExtra, baseBytes, fullBytes, fields } = layoutOfKind(kind);
    const cells = fields.map(({ name, type, count, offset }) =>
      [
        String(offset),
        `${name}${type === "u8" ? "" : ` ${type}`}${count > 0 ? `[${String(count)}]` : ""}`,
      ].join(" "),
    );
    const numbers = [crcExtra, baseBytes, fullBytes].join(" | ");
    expect(rows).toContain(`| ${String(id)} | \`${kind}\` | ${numbers} | ${cells.join(", ")} |`);
  }
});
