/**
 * Makes the host's clock and randomness throw while a world steps, so that a read of either is
 * found at the call and not as a hash that differs one day. Everything is put back afterwards.
 *
 * It guards what script code can reach through globals; native back ends that draw entropy inside
 * (`node:crypto`, sodium) are held by the two-entropy test instead.
 */

export class TripwireError extends Error {
  override readonly name = "TripwireError";
}

interface Wire {
  readonly owner: object;
  readonly key: string;
  readonly original: PropertyDescriptor | undefined;
}

/** [global that owns it, property]; an empty owner is the global object itself. */
const GUARDED: readonly (readonly [string, string])[] = [
  ["", "Date"],
  ["", "setTimeout"],
  ["", "setInterval"],
  ["", "setImmediate"],
  ["performance", "now"],
  ["Math", "random"],
  ["crypto", "getRandomValues"],
  ["crypto", "randomUUID"],
];

/** Runs `body` with clock and randomness forbidden; returns what it returns. */
export function withTripwire<T>(body: () => T): T {
  const wires = GUARDED.flatMap(([owner, key]) => setWire(owner, key));
  try {
    return body();
  } finally {
    for (const wire of wires) putBack(wire);
  }
}

function setWire(ownerName: string, key: string): Wire[] {
  const globals = globalThis as unknown as Record<string, unknown>;
  const owner = ownerName === "" ? globals : globals[ownerName];
  if (typeof owner !== "object" || owner === null) return [];
  if ((owner as Record<string, unknown>)[key] === undefined) return [];
  const original = Object.getOwnPropertyDescriptor(owner, key);
  const name = ownerName === "" ? key : `${ownerName}.${key}`;
  Object.defineProperty(owner, key, {
    configurable: true,
    writable: true,
    value: tripped(name),
  });
  return [{ owner, key, original }];
}

/** Callable, constructible, and throwing on any property, so that `Date.now` trips as well. */
function tripped(name: string): unknown {
  const trip = (): never => {
    throw new TripwireError(`${name} was used while a world stepped`);
  };
  return new Proxy(function guarded() {}, { apply: trip, construct: trip, get: trip });
}

function putBack(wire: Wire): void {
  if (wire.original === undefined) {
    Reflect.deleteProperty(wire.owner, wire.key);
  } else {
    Object.defineProperty(wire.owner, wire.key, wire.original);
  }
}
