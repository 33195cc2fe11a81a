/**
 * `skein fleet init FOLDER`: an authority, credentials and a mission package, as files that an
 * agent and a ground station read. Secrets are written for their owner alone.
 */
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createNativeProvider } from "../../../adapters/crypto-native/native.ts";
import { missionId } from "../../../src/base/mod.ts";
import { encodePackage, encodeSecrets, issueFleet, type Fleet } from "../../../src/security/mod.ts";
import { UsageError, wholeNumber, type Command, type ExitCode } from "../command.ts";

const OWNER_ONLY = 0o600;
const SECONDS_A_DAY = 86_400;

export const fleetInit: Command = {
  name: "fleet init",
  summary: "Make an authority, credentials for a fleet, and the mission package that all share.",
  operands: "FOLDER",
  operandCount: { min: 1, max: 1 },
  options: {
    vehicles: { kind: "text", value: "N", help: "how many vehicles (default 6)" },
    mission: { kind: "text", value: "ID", help: "mission id, 1 to 4294967295 (default 1)" },
    days: { kind: "text", value: "N", help: "how long the credentials hold (default 365)" },
    operator: { kind: "text", value: "NAME", help: "name of the operator (default operator)" },
  },
  examples: ["skein fleet init ./fleet --vehicles 6", "skein fleet init ./fleet --json"],
  run: (invocation): Promise<ExitCode> => {
    const [folder = ""] = invocation.operands;
    const vehicleCount = wholeNumber(invocation, "vehicles", { min: 1, max: 1000, otherwise: 6 });
    const mission = wholeNumber(invocation, "mission", { min: 1, max: 0xffffffff, otherwise: 1 });
    const days = wholeNumber(invocation, "days", { min: 1, max: 3650, otherwise: 365 });
    makeEmptyFolder(folder);
    const notBeforeS = Math.floor(Date.now() / 1000);
    const fleet = issueFleet(createNativeProvider(), {
      missionId: missionId(mission),
      fleetNumber: randomInt(1, 0x7fffffff),
      vehicleCount,
      notBeforeS,
      notAfterS: notBeforeS + days * SECONDS_A_DAY,
      operatorName: invocation.text("operator") ?? "operator",
    });
    const files = writeFleet(folder, fleet);
    if (invocation.flag("json")) console.log(JSON.stringify({ ok: true, folder, files }, null, 2));
    else printFiles(folder, files);
    return Promise.resolve(0);
  },
};

/** Before any key is made; throws `UsageError`. */
function makeEmptyFolder(folder: string): void {
  let held: number;
  try {
    // One by one: asked to make all at once, Node goes round for ever where nothing can be made.
    const missing: string[] = [];
    for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const each of missing) mkdirSync(each, { mode: 0o700 });
    held = readdirSync(folder).length;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new UsageError(`${folder} cannot be a folder of keys: ${code}`);
  }
  if (held > 0) {
    throw new UsageError(`${folder} is not empty; name a new folder, so that no key is lost`);
  }
}

function writeFleet(folder: string, fleet: Fleet): readonly string[] {
  const files: string[] = [];
  const write = (name: string, bytes: Uint8Array): void => {
    writeFileSync(join(folder, name), bytes, { mode: OWNER_ONLY, flag: "wx" });
    files.push(name);
  };
  write("mission.package", encodePackage(fleet.package));
  write("ground.secrets", encodeSecrets(fleet.ground.secrets));
  write("operator.secrets", encodeSecrets(fleet.operator.secrets));
  for (const { index, secrets } of fleet.vehicles) {
    write(`vehicle-${String(index)}.secrets`, encodeSecrets(secrets));
  }
  const { mldsaSeed, ed25519Seed } = fleet.authority;
  write("authority.seed", Uint8Array.from([...mldsaSeed, ...ed25519Seed]));
  return files;
}

function printFiles(folder: string, files: readonly string[]): void {
  console.log(`${folder}: ${String(files.length)} files`);
  console.log("  mission.package     goes to every vehicle and the ground station; secret");
  console.log("  vehicle-N.secrets   goes to vehicle N alone");
  console.log("  ground.secrets      goes to the ground station");
  console.log("  operator.secrets    goes to the operator's station");
  console.log("  authority.seed      goes into a safe, on no vehicle");
}
