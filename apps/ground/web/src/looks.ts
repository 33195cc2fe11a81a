/** What the page can look like: its tabs and themes. */
export type Tab = "map" | "swarm" | "security" | "faults";
export type Theme = "dark" | "red" | "day";
