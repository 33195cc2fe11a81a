/** Planes of two nodes that know each other's boot, for the sealing functions by themselves. */
import { nodeIndex } from "../../base/mod.ts";
import { importNodeKeys } from "../credential/fleet.ts";
import type { KeyHandle } from "../provider.ts";
import { adoptBoot, endorsementAt } from "../sealing/beacon.ts";
import { makeBoot } from "../sealing/boot.ts";
import { Generations } from "../sealing/generations.ts";
import { PeerTable } from "../sealing/peers.ts";
import { createPlane, type Plane } from "../sealing/plane.ts";
import type { TestFleet } from "./fleet.test-support.ts";

export interface TestPlane {
  readonly plane: Plane;
  readonly generations: Generations;
}

export function makePlane(fleet: TestFleet, slot: number, bootCount = 1): TestPlane {
  const { provider, directory, members } = fleet;
  const member = members[slot]!;
  const keys = importNodeKeys(provider, member.secrets);
  const identity = { mission: directory.missionId, id: keys.id, ed25519: keys.ed25519 };
  const boot = makeBoot(provider, identity, bootCount);
  const peers = new PeerTable(directory.size);
  const { id } = keys;
  const plane = createPlane({ provider, directory, self: nodeIndex(slot), id, boot, peers });
  const generations = new Generations(provider, { id, boot }, copyOf(fleet, directory.beaconKey));
  return { plane, generations };
}

export function copyOf({ provider }: TestFleet, key: KeyHandle): KeyHandle {
  return provider.importSecret(provider.exportSecret(key));
}

/** `hearer` learns the boot of `speaker`. */
export function introduce(hearer: Plane, speaker: Plane): void {
  const endorsement = endorsementAt(speaker.boot.endorsement, 0)!;
  const row = hearer.peers.rowOf(speaker.self);
  const refusal = adoptBoot(hearer, { row, from: speaker.self }, endorsement);
  if (refusal !== undefined) throw new Error(refusal);
}
