/** The report of a run is what its shipped schema says, and the schema refuses what it is not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { fly } from "./flown.ts";

const FILE = join(import.meta.dirname, "../../apps/simulation/run-report.schema.json");

describe("the report's schema", () => {
  test("holds for a run, and for nothing with a field too few or too many", async () => {
    const schema = JSON.parse(readFileSync(FILE, "utf8")) as object;
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);
    const { report } = await fly("tiny.json5", { seed: 2, durationS: 70 });
    const plain = JSON.parse(JSON.stringify(report)) as Record<string, unknown>;
    validate(plain);
    expect(validate.errors).toBeNull();
    expect(validate({ ...plain, more: 1 })).toBe(false);
    const { traceHash, ...without } = plain;
    expect(traceHash).toMatch(/^[0-9a-f]{32}$/);
    expect(validate(without)).toBe(false);
  });
});
