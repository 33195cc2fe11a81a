/** MAVLink over real wires: to an autopilot, and from a simulation outwards. */
export { AutopilotLink, type AutopilotLinkOptions } from "./link.ts";
export {
  MavlinkOutward,
  parseOutwardAddress,
  VEHICLES_MAX,
  type MavlinkOutwardOptions,
} from "./mavlink-outward.ts";
export { parseTransportAddress, type TransportAddress } from "./transport.ts";
