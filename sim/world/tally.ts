/** Counters that the world keeps besides those of its parts. */
export interface Tally {
  events: number;
  ticks: number;
  lastSecondTransmissions: number;
  airtimeMax: number;
  nextImage: number;
}

export const newTally = (): Tally => ({
  events: 0,
  ticks: 0,
  lastSecondTransmissions: 0,
  airtimeMax: 0,
  nextImage: 0,
});
