/**
 * Golden bytes under `vectors/`: tests make the rows again and compare. Running with
 * SKEIN_WRITE_VECTORS=1 rewrites the file, which is a change of the wire format and reviewed as
 * one.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

export interface GoldenRow {
  readonly name: string;
  readonly hex: string;
  readonly [field: string]: unknown;
}

/** `made` must equal the rows of `vectors/<file>`. */
export function expectGolden(file: string, made: readonly GoldenRow[]): void {
  const url = new URL(`../../../vectors/${file}`, import.meta.url);
  if (process.env.SKEIN_WRITE_VECTORS === "1") {
    mkdirSync(new URL(".", url), { recursive: true });
    writeFileSync(url, `${JSON.stringify(made, undefined, 2)}\n`);
  }
  const golden = JSON.parse(readFileSync(url, "utf8")) as readonly GoldenRow[];
  expect(JSON.parse(JSON.stringify(made))).toEqual(golden);
}
