/** `1-6,9` as an operator types it: which vehicles are meant. */

/** Longest entry that is read; nobody types more. */
const ENTRY_MAX = 60;

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
