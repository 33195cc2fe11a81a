/**
 * A problem is an expected bad outcome as a value: a code, one sentence, the remedy, and where in
 * the input it stood. Codes are registered here and never reused; `docs/problems.md` lists them.
 */

/** Code -> one sentence. A layer adds its block; a number once given is never given again. */
export const PROBLEMS = {
  // base: bytes and CBOR
  BAS001: "the input ended before the value did",
  BAS002: "bytes are left over after the value",
  BAS003: "the value is not deterministic CBOR",
  BAS004: "the value is nested too deeply or is too large",

  // base: checking what people wrote
  CHK001: "a value is missing",
  CHK002: "the value has the wrong type",
  CHK003: "the number is out of range",
  CHK004: "this key is not known here",
  CHK005: "the size is out of range",
  CHK006: "the word is not one of those known here",

  // swarm: mission, areas, terrain
  MIS001: "the file is not well-formed JSON5",
  MIS002: "the file is nested too deeply or is too large",
  MIS003: "the mission contradicts itself",
  MIS004: "the polygon is not usable",
  MIS005: "the place is not where this mission can be",
  MIS006: "the distance quantiles are not usable",
  MIS007: "a file reference was not resolved",
  MIS008: "the terrain pack is damaged or of another format",

  // swarm: behaviours, messages between swarm layers
  SWM001: "the behaviour is not a behaviour",
  SWM002: "the behaviour's parameter is not usable",
  SWM003: "the behaviour threw",
  SWM004: "the behaviour used more calls or loops than its budget",
  SWM005: "the behaviour asked for something that cannot be",
  SWM006: "the behaviour's memory cannot be kept",
  SWM007: "the swarm message is malformed",
  SWM008: "the swarm message speaks of something that this mission does not have",
  SWM009: "the behaviour's step goes on after it has returned",
  SWM010: "the behaviour ended the run",
  SWM011: "the behaviour did not return",

  // adapters/import: files of others
  IMP001: "the file cannot be read",
  IMP002: "the file is too large",
  IMP003: "the file is not well-formed",
  IMP004: "the file is of another format or version",
  IMP005: "the file holds nothing that can be used here",
  IMP006: "the XML declares a document type or entity",
  IMP007: "the file is nested too deeply",
  IMP008: "a coordinate is out of range",
  IMP009: "the file holds too many things",
  IMP010: "a part of the file is broken",
  IMP011: "the archive is not safe to unpack",
  IMP012: "the probability map is not usable",
  IMP013: "the reference leaves the folder of the mission",

  // consensus: entries, messages, proposals, the store
  CON001: "the log entry is malformed",
  CON002: "the entry's body is not one of its kind",
  CON003: "the consensus message is malformed",
  CON004: "the sender is not a member of this cluster",
  CON005: "the entry lacks the authority that its kind needs",
  CON006: "too many proposals of this node are undecided",
  CON007: "the proposal's sequence was used before",
  CON008: "the proposal was not agreed on in time",
  CON009: "only the leader can do this",
  CON010: "the membership change is not possible now",
  CON011: "the segment is held by another member",
  CON012: "the segment is not held by the proposer",
  CON013: "the subject of the entry is not known",
  CON014: "the entry is older than what was agreed already",
  CON015: "the table is full",
  CON016: "the pad is held by another member",
  CON017: "the proposer may not say this of another member",
  CON018: "the store lost records at the end of the log",
  CON019: "the store failed",
  CON020: "a committed entry lacks authority",
  CON021: "the snapshot is damaged",
  CON022: "the configuration is not usable",
  CON023: "the member was expelled",
  CON024: "the leader contradicts what was agreed on",
  CON025: "the term is too far ahead to be true",

  // network: packets, beacons, fragments
  NET001: "the packet is malformed",
  NET002: "the beacon is malformed",
  NET003: "the fragment is malformed or contradicts its message",

  // security: sealing, credentials, handshake, epochs, orders
  SEC001: "the bytes are too short or too long for their type",
  SEC002: "the type or suite is not one of those spoken here",
  SEC003: "the sender is not in the directory",
  SEC004: "the sender was expelled",
  SEC005: "the key generation or epoch is not known here",
  SEC006: "the boot of the sender is not known yet",
  SEC007: "the seal does not open",
  SEC008: "the counter was seen before or is older than the window",
  SEC009: "the signature of the sender does not hold",
  SEC010: "the boot is older than one that is known",
  SEC011: "there is no session with this peer",
  SEC012: "the handshake fragment or cookie is not authentic",
  SEC013: "the handshake is not one that is under way",
  SEC014: "the reassembly table is full",
  SEC015: "the handshake was not completed in time",
  SEC016: "the peer's policy or suites are below what is allowed",
  SEC017: "the credential is malformed",
  SEC018: "the credential is not proven to be in its batch",
  SEC019: "the batch is not signed by the authority",
  SEC020: "the credential is not valid",
  SEC021: "the revocation list is not signed by the authority, or is older than the one known",
  SEC022: "the order is malformed",
  SEC023: "the operator is not known or not entitled",
  SEC024: "the signature of the order does not hold",
  SEC025: "the order lacks the second half of its signature",
  SEC026: "the order has expired or is not valid yet",
  SEC027: "the clock is too unsure for this order",
  SEC028: "a newer order of this operator was acted on",
  SEC029: "the order is bound to another boot of this vehicle",
  // SEC030 was that of a mission revision, which nothing ever set.
  SEC031: "the key that was handed out is not the one agreed on",
  SEC032: "the security message is malformed",
  SEC033: "the session ended",
  SEC034: "the mission's security package is malformed or contradicts itself",
  SEC035: "the peer table is full",
  SEC036: "the sealed sender is not the one that the header names",
  SEC037: "the secrets file is malformed",

  // fault: messages between detectors
  FLT001: "the fault message is malformed",

  // node: authority of entries, messages between nodes
  NOD001: "the entry carries no order that an operator signed",
  NOD002: "the order behind the entry says something else",
  NOD003: "a message that must prove its sender does not",
  NOD004: "a message of no known kind",

  // hal: geodesy
  HAL001: "the latitude is outside what the projection covers (80 S to 84 N)",
  HAL002: "the place is too far from the projection's zone",
  HAL003: "the text is not a grid reference of one place",
  // hal: the wire to an autopilot
  HAL010: "the text is not an address that an autopilot can be reached at",
  HAL011: "no address is known for the host",

  // the agent
  AGT001: "a file that the agent needs cannot be read",
  AGT002: "the text is not an address of a peer",
  AGT003: "the secrets belong to no vehicle of the package",
  AGT004: "a port or device that the agent needs cannot be had",

  // the durable store
  STO001: "another process uses this store",
  STO002: "a file of the store is damaged in its middle",
  STO003: "the store's folder cannot be used",
  // apps/ground: the page's requests, the server, the world behind it
  GND001: "the request is not well-formed JSON",
  GND002: "the page asks faster than the ground station answers",
  GND003: "there is no such vehicle",
  GND004: "there is no such detection",
  GND005: "there is no such fault",
  GND007: "the port is taken",
  GND008: "the page cannot be built",
  GND009: "the world behind the ground station has stopped",
  GND010: "the detection is not confirmed",
  GND011: "the port may not be used",
  GND012: "the order was not signed",
  GND013: "this is a replay: what happened cannot be changed",
  GND014: "this is no replay",

  // apps/whatif: forks of the world behind the ground station
  GND020: "a what-if is open already",
  GND021: "the what-if is not the one that is open",
  GND022: "the change cannot be tried",
  GND023: "the thread of the fork has ended",
  GND024: "what is no order cannot be committed",
  GND025: "the plan has become impossible",
  GND026: "the mission's files have changed since the world began",
  GND027: "the forks have not run to their end",
  GND028: "the what-if has been committed before",

  // adapters/recording: MCAP files
  REC001: "the recording cannot be read",
  REC002: "the recording is damaged",
  REC003: "the recording ends before it was closed",
  REC004: "the recording cannot be written",
  REC005: "the file is no recording",
  REC006: "the recording holds nothing that a page could show",
  REC007: "the recording was flown by other code",
  REC008: "the mission is not the one that was flown",
  REC009: "the recording was flown on another version of Node",
  REC010: "the run took commands from outside, which no recording holds",
  REC011: "the recording does not say enough to repeat its run",
  REC012: "there is no such event in the recording",
  REC013: "the recording holds no causes",
  REC014: "the client's request cannot be read",
  REC015: "the port for Foxglove cannot be used",

  // adapters/nats and apps/campaign: a campaign on several machines
  CAM001: "the text is not an address of a NATS server",
  CAM002: "the NATS server cannot be reached",
  CAM003: "the NATS server does not let this client in",
  CAM004: "the NATS server cannot keep a campaign",
  CAM005: "the credentials file cannot be used",
  CAM006: "the campaign's message is malformed",
  CAM007: "the message is of no seed of this campaign",
  CAM008: "the campaign was made by other sources",
  CAM009: "the campaign flies another mission or other faults",
  CAM010: "no campaign that fits came up in time",
  CAM011: "the NATS server went away and did not come back",

  // apps/drill: drill files
  DRL001: "the drill contradicts itself",
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

export interface Problem {
  readonly code: ProblemCode;
  /** One sentence: what is wrong. */
  readonly text: string;
  /** What to do about it; empty where nothing can be done (bytes from the air). */
  readonly remedy: string;
  /** Where in the input: a path (`area.points[3].lat`), a line, or a byte offset; may be empty. */
  readonly where: string;
}

/** A problem with the registered sentence; `detail` is appended after a colon. */
export function problem(
  code: ProblemCode,
  options: { readonly detail?: string; readonly remedy?: string; readonly where?: string } = {},
): Problem {
  const sentence: string = PROBLEMS[code];
  return {
    code,
    text: options.detail === undefined ? sentence : `${sentence}: ${options.detail}`,
    remedy: options.remedy ?? "",
    where: options.where ?? "",
  };
}
