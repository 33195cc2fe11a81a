/** A small fleet on the portable provider, made once for all tests of a file. */
import { missionId } from "../../base/mod.ts";
import { createPortableProvider } from "../crypto-portable/portable.ts";
import { issueFleet, type Fleet, type FleetMember } from "../credential/fleet.ts";
import { openPackage, type Directory } from "../credential/package.ts";
import type { CryptoProvider } from "../provider.ts";
import { seededEntropy } from "./entropy.test-support.ts";

export const FLEET_NOT_BEFORE_S = 1_790_000_000;

export interface TestFleet {
  readonly provider: CryptoProvider;
  readonly fleet: Fleet;
  readonly directory: Directory;
  readonly members: readonly FleetMember[];
}

export function makeFleet(
  vehicleCount: number,
  seed = 11,
  provider: CryptoProvider = createPortableProvider({ entropy: seededEntropy(seed) }),
): TestFleet {
  const fleet = issueFleet(provider, {
    missionId: missionId(7),
    fleetNumber: 1,
    vehicleCount,
    notBeforeS: FLEET_NOT_BEFORE_S,
    notAfterS: FLEET_NOT_BEFORE_S + 365 * 86_400,
  });
  const opened = openPackage(provider, fleet.package);
  if (!opened.ok) throw new Error("the fleet's own package opens");
  return {
    provider,
    fleet,
    directory: opened.value,
    members: [fleet.ground, ...fleet.vehicles],
  };
}
