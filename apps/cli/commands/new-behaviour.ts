/** `skein new behaviour NAME`: a behaviour with its test, ready to be flown. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { UsageError, type Command, type ExitCode } from "../command.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const NAME_SHAPE = /^[a-z][a-z0-9-]{1,39}$/;

export const newBehaviour: Command = {
  name: "new behaviour",
  summary: "Write a behaviour with its test into a folder, ready to be flown and changed.",
  operands: "NAME",
  operandCount: { min: 1, max: 1 },
  options: {
    folder: { kind: "text", value: "DIR", help: "where to (default behaviours)" },
  },
  examples: [
    "skein new behaviour perimeter",
    "skein run missions/tiny.json5 --behaviour behaviours/perimeter.ts",
  ],
  run: ({ operands, text, flag }): Promise<ExitCode> => {
    const [name = ""] = operands;
    if (!NAME_SHAPE.test(name)) {
      throw new UsageError(`a behaviour's name is like "perimeter" or "look-here", not "${name}"`);
    }
    const folder = text("folder") ?? "behaviours";
    const file = join(folder, `${name}.ts`);
    const test = join(folder, `${name}.test.ts`);
    const taken = [file, test].find((path) => existsSync(path));
    if (taken !== undefined) {
      console.error(`skein: ${taken} is there already; nothing was written`);
      return Promise.resolve(2);
    }
    mkdirSync(folder, { recursive: true });
    const source = modulePath(folder);
    writeFileSync(file, behaviourText(name, source), { flag: "wx" });
    writeFileSync(test, testText(name, source), { flag: "wx" });
    if (flag("json")) console.log(JSON.stringify({ ok: true, files: [file, test] }));
    else {
      const next = [`test it:  npm test -- ${test}`, `fly it:   ${flying(file)}`];
      console.log([file, test, ...next].join("\n"));
    }
    return Promise.resolve(0);
  },
};

const flying = (file: string): string => `npx skein run missions/tiny.json5 --behaviour ${file}`;

/** The swarm layer's door as seen from the new file. */
function modulePath(folder: string): string {
  const path = relative(folder, join(ROOT, "src", "swarm", "mod.ts")).replaceAll("\\", "/");
  return path.startsWith(".") ? path : `./${path}`;
}

const behaviourText = (
  name: string,
  source: string,
): string => `/** Flies a square around home: a beginning, to be changed. */
import { defineBehaviour, metres, metresPerSecond } from "${source}";

export default defineBehaviour({
  name: "${name}",
  params: { sideM: metres(120), speedMps: metresPerSecond(8), aglM: metres(50) },
  memory: () => ({ corner: 0 }),
  step(view, memory, out) {
    const { sideM, speedMps, aglM } = view.params;
    const { home, self } = view;
    const half = sideM / 2;
    const northM = home.northM + (memory.corner < 2 ? half : -half);
    const eastM = home.eastM + (memory.corner === 1 || memory.corner === 2 ? half : -half);
    const dn = northM - self.position.northM;
    const de = eastM - self.position.eastM;
    if (dn * dn + de * de < 25) memory.corner = (memory.corner + 1) % 4;
    out.setpoint({ northM, eastM, aglM, speedMps });
  },
});
`;

const testText = (name: string, source: string): string => `import { expect, test } from "vitest";
import { checkBehaviour } from "${source}";
import behaviour from "./${name}.ts";

test("${name} is a behaviour that can be flown", () => {
  expect(checkBehaviour(behaviour)).toMatchObject({ ok: true });
  expect(behaviour.name).toBe("${name}");
});
`;
