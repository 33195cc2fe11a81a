/** A real NATS server with JetStream on loopback, with a store of its own that outlives it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./toy-fleet.ts";

export interface NatsPeerOptions {
  readonly program: string;
  /** More words for the server, for example `--user`. */
  readonly words?: readonly string[];
  readonly jetstream?: boolean;
}

export class NatsPeer {
  readonly #options: NatsPeerOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "skein-nats-"));
  #child: ChildProcess | undefined;
  #port = -1;

  private constructor(options: NatsPeerOptions) {
    this.#options = options;
  }

  static async start(options: NatsPeerOptions): Promise<NatsPeer> {
    const peer = new NatsPeer(options);
    await peer.restart();
    return peer;
  }

  /** `HOST:PORT`. */
  get server(): string {
    return `127.0.0.1:${String(this.#port)}`;
  }

  get url(): string {
    return `nats://${this.server}`;
  }

  /** On the store and the port that it had. */
  async restart(): Promise<void> {
    const { program, words = [], jetstream = true } = this.#options;
    const store = jetstream ? ["-js", "-sd", join(this.#folder, "store")] : [];
    const place = ["-a", "127.0.0.1", "-p", String(this.#port), "--ports_file_dir", this.#folder];
    const child = spawn(program, [...place, ...store, ...words], { stdio: "ignore" });
    this.#child = child;
    const portsFile = `${String(child.pid)}.ports`;
    const file = (): string | undefined =>
      readdirSync(this.#folder).find((name) => name.endsWith(portsFile));
    await until("the NATS server is ready", 20_000, () => {
      const name = file();
      return name !== undefined && readFileSync(join(this.#folder, name), "utf8").includes("}");
    });
    const text = readFileSync(join(this.#folder, file() ?? ""), "utf8");
    this.#port = Number(/nats:\/\/127\.0\.0\.1:(\d+)/u.exec(text)?.[1]);
  }

  /** At once, as by a power cut. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The store of a server that lost its disk. */
  forget(): void {
    rmSync(join(this.#folder, "store"), { recursive: true, force: true });
  }
}
