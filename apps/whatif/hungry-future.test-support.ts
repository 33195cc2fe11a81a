/** A fork's thread that takes memory until it is ended. */
const eaten: number[][] = [];

for (;;) eaten.push(Array.from({ length: 100_000 }, (_, i) => i + eaten.length));
