import { expect, test } from "vitest";
import { parseNatsAddress } from "./address.ts";

test("an address names host and port, and keeps user and password apart", () => {
  expect(parseNatsAddress("nats://127.0.0.1:4333")).toEqual({
    ok: true,
    value: {
      server: "127.0.0.1:4333",
      user: undefined,
      password: undefined,
      tls: false,
      isLoopback: true,
    },
  });
  expect(parseNatsAddress("tls://anna:p%40ss@lab.example")).toMatchObject({
    value: {
      server: "lab.example:4222",
      user: "anna",
      password: "p@ss",
      tls: true,
      isLoopback: false,
    },
  });
  expect(parseNatsAddress("nats://[::1]:1")).toMatchObject({ value: { isLoopback: true } });
  expect(parseNatsAddress("nats://127.example.org")).toMatchObject({
    value: { isLoopback: false },
  });
});

test("what is no address of a server is refused with a code", () => {
  const bad = [
    "",
    "localhost:4222",
    "http://localhost",
    "nats://",
    "nats://host:99999",
    "nats://host/subject",
    "nats://%zz@host",
  ];
  for (const text of bad) {
    expect(parseNatsAddress(text), text).toMatchObject({ ok: false, problem: { code: "CAM001" } });
  }
});
