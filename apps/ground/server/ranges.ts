/**
 * Many vehicle indices as short text, `1-40,42`: how messages name hundreds without a number each.
 *
 * Bounds: `RANGES_CHARACTERS_MAX` of text are read, and indices up to `INDEX_MAX`.
 */

export const RANGES_CHARACTERS_MAX = 8192;
const INDEX_MAX = 65_534;

/** Ascending and without doubles, whatever the order given; empty for none. */
export function rangesOf(indices: Iterable<number>): string {
  const sorted = Uint16Array.from(new Set(indices)).sort();
  const parts: string[] = [];
  for (let i = 0; i < sorted.length;) {
    const from = sorted[i] ?? 0;
    let end = i;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1;
    parts.push(end > i ? `${from}-${sorted[end]}` : `${from}`);
    i = end + 1;
  }
  return parts.join(",");
}

/** What `rangesOf` wrote; undefined for anything else. */
export function parseRanges(text: string): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  if (text === "") return found;
  if (text.length > RANGES_CHARACTERS_MAX) return undefined;
  if (!/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/u.test(text)) return undefined;
  for (const part of text.split(",")) {
    const [from = 0, to = from] = part.split("-").map(Number);
    if (to > INDEX_MAX || from > to) return undefined;
    for (let index = from; index <= to; index += 1) found.add(index);
  }
  return found;
}
