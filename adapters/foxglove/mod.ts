/** What happens, for Foxglove and Lichtblick, over their WebSocket protocol. Uses: base. */
export { openFoxgloveServer } from "./server.ts";
export type { FoxgloveOptions, FoxgloveServer } from "./server.ts";
export type { FoxgloveChannel } from "./protocol.ts";
