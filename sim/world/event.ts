/** What can be next in a world: kind and argument of an event share one integer of the queue. */
export const EVENT: Readonly<{
  tick: 0;
  sample: 1;
  wake: 2;
  drain: 3;
  access: 4;
  end: 5;
  store: 6;
  boot: 7;
  fault: 8;
  hostile: 9;
  command: 10;
}> = Object.freeze({
  tick: 0,
  sample: 1,
  wake: 2,
  drain: 3,
  access: 4,
  end: 5,
  store: 6,
  boot: 7,
  fault: 8,
  hostile: 9,
  command: 10,
});
/** Arguments are below this. */
export const KIND_SIZE: number = 1 << 20;
