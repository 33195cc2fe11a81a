/** The mesh over UDP. */
export {
  DATAGRAM_MAX_BYTES,
  parseEndpoint,
  PEERS_MAX,
  UdpMesh,
  type UdpEndpoint,
  type UdpMeshOptions,
} from "./mesh.ts";
