/** Seeds as a person writes them: `1-100`, `7`, `1-20,40,60-65`. */
export const SEEDS_MAX = 100_000;
const SEED_MAX = 2 ** 32 - 1;

/** Undefined when it is no list of seeds, or one of more than `SEEDS_MAX`. */
export function parseSeeds(text: string): number[] | undefined {
  const seeds = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^\s*(\d{1,10})(?:-(\d{1,10}))?\s*$/u.exec(part);
    if (match === null) return undefined;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    if (to < from || to > SEED_MAX || to - from >= SEEDS_MAX) return undefined;
    for (let seed = from; seed <= to; seed += 1) seeds.add(seed);
    if (seeds.size > SEEDS_MAX) return undefined;
  }
  return [...seeds].sort((a, b) => a - b);
}

/** The same seeds, ascending, as `parseSeeds` reads them. */
export function seedsText(seeds: readonly number[]): string {
  const parts: string[] = [];
  let from: number | undefined;
  for (const [i, seed] of seeds.entries()) {
    from ??= seed;
    if (seeds[i + 1] === seed + 1) continue;
    parts.push(from === seed ? String(seed) : `${String(from)}-${String(seed)}`);
    from = undefined;
  }
  return parts.join(",");
}
