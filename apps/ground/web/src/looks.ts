/** What the page can look like: its tabs and themes, and how the list of vehicles is sorted. */
export type Tab = "map" | "swarm" | "security" | "faults";
export type Theme = "dark" | "red" | "day";
/** In the order in which a key goes through them. */
export type SortKey = "number" | "urgency" | "minutes" | "battery" | "link" | "cluster" | "status";
