/** What every bench prints: the class of the machine, and rows of promise, figure and verdict. */
import { cpus, totalmem } from "node:os";

export interface Row {
  readonly what: string;
  /** The figure with its unit, as a reader wants it: `1.95x real time`. */
  readonly measured: string;
  readonly promised: string;
  readonly kept: boolean;
}

/** Cores, model and Node: enough to judge a figure, not enough to name a machine. */
export function machineClass(): string {
  const cores = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const model = cores[0]?.model.trim() ?? "unknown";
  return `${cores.length} cores (${model}), ${memoryGb} GB, Node ${process.versions.node}`;
}

/** Prints the table and sets the exit code: 1 where a promise is not kept. */
export function printTable(rows: readonly Row[]): void {
  process.stdout.write(`${machineClass()}\n`);
  const cells = [
    ["what", "measured", "promised", ""],
    ...rows.map((row) => [row.what, row.measured, row.promised, row.kept ? "kept" : "NOT KEPT"]),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of cells) {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
  if (rows.some((row) => !row.kept)) process.exitCode = 1;
}

/** The value below which `share` (0..1) of the samples lie, by the nearest rank. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Median seconds of one call over several runs, after one that warms up. */
export function medianSecondsOf(work: () => void, runs = 7): number {
  work();
  const seconds = Array.from({ length: runs }, () => {
    const startMs = performance.now();
    work();
    return (performance.now() - startMs) / 1000;
  });
  return median(seconds);
}
