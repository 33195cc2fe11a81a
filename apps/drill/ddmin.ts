/**
 * Delta debugging: the smallest list that still fails, by Zeller and Hildebrandt, "Simplifying and
 * Isolating Failure-Inducing Input", IEEE Transactions on Software Engineering 28(2), 2002, section
 * 3 (the algorithm `ddmin`). The result is 1-minimal: without any one of its items it passes,
 * as far as the test says the same each time.
 *
 * Departures: the empty list is tried first, and the candidates of one round are asked together, so
 * that they can be flown side by side; of several that fail the first counts, as in the paper. What
 * has been asked once is not asked again. Pure: a generator that yields candidates and is given
 * whether each fails.
 *
 * Bound: at most n^2 + 3n tests of n items (ibid., section 3.2).
 */
export type Ddmin<Item> = Generator<
  readonly (readonly Item[])[],
  readonly Item[],
  readonly boolean[]
>;

/** `all` is known to fail. */
export function* ddmin<Item>(all: readonly Item[]): Ddmin<Item> {
  const known = new Map<string, boolean>();
  const indexed = all.map((_, i) => i);
  const items = (indexes: readonly number[]): Item[] => indexes.map((i) => all[i]!);
  const ask = function* (
    candidates: readonly (readonly number[])[],
  ): Generator<readonly (readonly Item[])[], readonly number[] | undefined, readonly boolean[]> {
    const open = candidates.filter((one) => !known.has(one.join()));
    if (open.length > 0) {
      const answers = yield open.map(items);
      open.forEach((one, i) => known.set(one.join(), answers[i] ?? false));
    }
    return candidates.find((one) => known.get(one.join()) === true);
  };
  if ((yield* ask([[]])) !== undefined) return [];
  let now: readonly number[] = indexed;
  let parts = 2;
  while (now.length > 1) {
    const chunks = split(now, parts);
    const subset = yield* ask(chunks);
    if (subset !== undefined) {
      now = subset;
      parts = 2;
      continue;
    }
    const rests = chunks.map((chunk) => now.filter((i) => !chunk.includes(i)));
    const rest = parts === 2 ? undefined : yield* ask(rests);
    if (rest !== undefined) {
      now = rest;
      parts = Math.max(2, parts - 1);
    } else if (parts < now.length) parts = Math.min(now.length, 2 * parts);
    else break;
  }
  return items(now);
}

/** In so many parts of nearly equal length, in order. */
function split(list: readonly number[], parts: number): readonly (readonly number[])[] {
  const chunks: (readonly number[])[] = [];
  let from = 0;
  for (let part = 0; part < parts; part += 1) {
    const to = from + Math.round((list.length - from) / (parts - part));
    chunks.push(list.slice(from, to));
    from = to;
  }
  return chunks.filter(({ length }) => length > 0);
}
