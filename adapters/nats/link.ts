/**
 * A connection to a NATS server with JetStream. Opening it fails with a coded problem; once open
 * it comes back by itself after a loss, for as long as its user has patience.
 */
import { readFileSync } from "node:fs";
import { jetstream, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import {
  AuthorizationError,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { fail, ok, problem, type Problem, type Result } from "../../src/base/mod.ts";
import type { NatsAddress } from "./address.ts";

/** Longest wait for an answer of the server. */
const ANSWER_MS = 2000;
const CONNECT_MS = 5000;
const RECONNECT_MS = 250;

export interface NatsLinkOptions {
  readonly address: NatsAddress;
  /** A file of user credentials (JWT and seed). */
  readonly credentialsFile?: string;
  /** Shown by the server to whoever looks after it. */
  readonly name: string;
}

export interface NatsLink {
  readonly server: string;
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly stores: Kvm;
  /** What a person should know about this connection. */
  readonly warning: string | undefined;
  close(): Promise<void>;
}

export async function openNats(options: NatsLinkOptions): Promise<Result<NatsLink>> {
  const { address } = options;
  const credentials = readCredentials(options.credentialsFile);
  if (!credentials.ok) return credentials;
  const connected = await connectTo(options, credentials.value);
  if (!connected.ok) return connected;
  const connection = connected.value;
  const client = jetstream(connection, { timeout: ANSWER_MS });
  try {
    const manager = await client.jetstreamManager(true);
    return ok({
      server: address.server,
      connection,
      client,
      manager,
      stores: new Kvm(client),
      warning: warningOf(address, connection),
      close: () => connection.close(),
    });
  } catch (error) {
    await connection.close();
    const detail = messageOf(error);
    const remedy = "start it with JetStream (nats-server -js) and let this user use it";
    return fail(problem("CAM004", { where: address.server, detail, remedy }));
  }
}

function readCredentials(file: string | undefined): Result<Uint8Array | undefined> {
  if (file === undefined) return ok(undefined);
  const refuse = (detail: string): Result<undefined> => {
    const remedy = "name the .creds file that the operator of the NATS server gave out";
    return fail(problem("CAM005", { where: file, detail, remedy }));
  };
  try {
    const bytes = readFileSync(file);
    // What is no credentials file would only be found out in the middle of the handshake.
    const isOne = /BEGIN NATS USER JWT[\s\S]*BEGIN USER NKEY SEED/u.test(bytes.toString("latin1"));
    return isOne ? ok(Uint8Array.from(bytes)) : refuse("it holds no user JWT and seed");
  } catch (error) {
    return refuse(messageOf(error));
  }
}

async function connectTo(
  { address, name }: NatsLinkOptions,
  credentials: Uint8Array | undefined,
): Promise<Result<NatsConnection>> {
  const { server, user, password, tls } = address;
  const options: NodeConnectionOptions = {
    servers: server,
    name,
    timeout: CONNECT_MS,
    reconnectTimeWait: RECONNECT_MS,
    maxReconnectAttempts: -1,
    // Only the server that was named: no other that it may speak of.
    ignoreClusterUpdates: true,
    ...(tls ? { tls: {} } : {}),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(credentials) }),
  };
  try {
    return ok(await connect(options));
  } catch (error) {
    return fail(refusalOf(server, error));
  }
}

function refusalOf(where: string, error: unknown): Problem {
  const detail = messageOf(error);
  if (error instanceof AuthorizationError || /authori[sz]ation|authentication/iu.test(detail)) {
    const remedy = "give a user in the address, or --nats-creds FILE";
    return problem("CAM003", { where, detail, remedy });
  }
  const remedy = "check host and port, and that a NATS server runs there";
  return problem("CAM002", { where, detail, remedy });
}

/** Whoever can read the wire can read the password and forge results. */
function warningOf(
  { isLoopback, tls }: NatsAddress,
  connection: NatsConnection,
): string | undefined {
  if (isLoopback || tls || connection.info?.tls_required === true) return undefined;
  return "the connection to the NATS server is not encrypted; use tls:// outside a closed network";
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
