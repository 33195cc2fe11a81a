/** Appends counted records for ever and prints each number once it is durable; to be killed. */
import { utf8Encode } from "../../src/base/mod.ts";
import { FileStore } from "./file-store.ts";

const opened = await FileStore.open({ folder: process.argv[2] ?? "" });
if (!opened.ok) throw new Error(opened.problem.text);
const { store } = opened.value;
for (let i = 0; ; i += 1) {
  const records = [utf8Encode(String(i))];
  if (i % 5 === 0) await store.request(i, { kind: "replace", name: "boot", records });
  await store.request(i, { kind: "append", name: "raft", records });
  process.stdout.write(`${String(i)}\n`);
}
