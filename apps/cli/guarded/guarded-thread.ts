/** The first module of a guarded thread (`guarded-run.ts`). */
import { main } from "../main.ts";
import { runOrdered } from "./guarded-run.ts";

await runOrdered(main);
