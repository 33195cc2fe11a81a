/** `1-6,9` as an operator types it: which vehicles are meant. */

/** Longest entry that is read; nobody types more. */
const ENTRY_MAX = 60;
const READ_MAX = 48;
const INDICES = 0x10000;

/** Whether a key belongs to an entry. */
export function isEntryKey(key: string): boolean {
  return /^[0-9,-]$/u.test(key);
}

/**
 * The known indices that an entry names, ascending; undefined while it makes no sense. Numbers
 * without a vehicle are skipped, so that `1-6` works when vehicle 4 never came.
 */
export function parseEntry(entry: string, known: readonly number[]): number[] | undefined {
  if (entry.length > ENTRY_MAX || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/u.test(entry)) return undefined;
  const ranges = entry.split(",").map((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return { from: Math.min(from, to), to: Math.max(from, to) };
  });
  const chosen = known.filter((index) =>
    ranges.some(({ from, to }) => index >= from && index <= to),
  );
  return chosen.length === 0 ? undefined : chosen.sort((a, b) => a - b);
}

/** `1-4,6` from 1, 2, 3, 4, 6: as messages name vehicles. */
export function rangesOf(indices: readonly number[]): string {
  return entryOf(indices).replaceAll(" ", "");
}

/** Indices that a message names so; none where it makes no sense. */
export function indicesOf(ranges: string): number[] {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/u.test(ranges)) return [];
  return ranges.split(",").flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return Array.from(
      { length: Math.min(INDICES, Math.max(0, to - from + 1)) },
      (_, i) => from + i,
    );
  });
}

/** An entry for people: beyond `READ_MAX` characters its beginning and how many there are. */
export function readableOf(indices: readonly number[]): string {
  const entry = entryOf(indices);
  if (entry.length <= READ_MAX) return entry;
  const whole = entry.slice(0, READ_MAX).replace(/,[^,]*$/u, "");
  return `${whole} … (${indices.length})`;
}

/** `1-4, 6` from 1, 2, 3, 4, 6. */
export function entryOf(indices: readonly number[]): string {
  const sorted = [...indices].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1;
    parts.push(end > i ? `${sorted[i]}-${sorted[end]}` : `${sorted[i]}`);
    i = end + 1;
  }
  return parts.join(", ");
}
