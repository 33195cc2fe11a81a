/** Where a NATS server is, as a person writes it: `nats://[USER[:PASSWORD]@]HOST[:PORT]`. */
import { fail, ok, problem, type Result } from "../../src/base/mod.ts";

const PORT = 4222;

export interface NatsAddress {
  /** `host:port`, without what nobody should read in a log. */
  readonly server: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Refuses to go on without TLS. A server that asks for it gets it with `nats://` too. */
  readonly tls: boolean;
  readonly isLoopback: boolean;
}

export function parseNatsAddress(text: string): Result<NatsAddress> {
  const refuse = (detail: string): Result<NatsAddress> =>
    fail(problem("CAM001", { detail, remedy: "write nats://host:4222 or tls://host:4222" }));
  const url = URL.parse(text);
  if (url === null) return refuse("it is no URL");
  if (url.protocol !== "nats:" && url.protocol !== "tls:") return refuse(`it is ${url.protocol}//`);
  const host = url.hostname;
  if (host === "") return refuse("it names no host");
  if (!/^(\/?)$/u.test(url.pathname) || url.search !== "" || url.hash !== "") {
    return refuse("something stands behind the port");
  }
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (user === undefined || password === undefined)
    return refuse("a % in user or password must be written %25");
  return ok({
    server: `${host}:${url.port === "" ? String(PORT) : url.port}`,
    user: user === "" ? undefined : user,
    password: password === "" ? undefined : password,
    tls: url.protocol === "tls:",
    isLoopback: host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/u.test(host),
  });
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
