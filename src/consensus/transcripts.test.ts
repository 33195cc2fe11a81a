/**
 * Stories of a cluster, read as text (after etcd's `testdata`): a command, `----`, what happened.
 * `UPDATE_TRANSCRIPTS=1` writes what happens now; the change is then read like any other.
 *
 * cluster N seed=S [loss=P] [ground=I] - run MS - propose NODE KEY VALUE - evict NODE TARGET -
 * forge NODE (an order that nobody signed, put into the log by a leader that does not verify) -
 * order NODE - join NODE - leave NODE - crash N - restart N - wipe N - cut A B.. | C D.. - heal -
 * transfer - voters A B.. [listening C..] - messages on|off - states - values NODE
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeIndex } from "../base/mod.ts";
import { EntryKind } from "./entry.ts";
import { initialConfiguration } from "./quorum.ts";
import { decodeMessage, type RaftMessage } from "./raft/messages.ts";
import { RULES } from "./raft/rules.ts";
import type { ConsensusOut } from "./types.ts";
import { draftOf, MARK, valueDraft, World } from "./world.test-support.ts";

const FOLDER = join(import.meta.dirname, "../../test/transcripts/consensus");
const KIND_NAMES = Object.fromEntries(
  Object.entries(EntryKind).map(([name, code]) => [code, name]),
);

class Story {
  #world: World | undefined;
  #lines: string[] = [];
  #messages = false;

  tell(command: string): string {
    this.#lines = [];
    const [name = "", ...words] = command.trim().split(/\s+/);
    this.#do(name, words);
    return this.#lines.length === 0 ? "ok\n" : `${this.#lines.join("\n")}\n`;
  }

  get #w(): World {
    if (this.#world === undefined) throw new Error("a story begins with a cluster");
    return this.#world;
  }

  #do(name: string, words: readonly string[]): void {
    const numbers = words.filter((word) => /^\d+$/.test(word)).map(Number);
    const [first = 0, second = 0] = numbers;
    switch (name) {
      case "cluster":
        this.#begin(first, words);
        return;
      case "run":
        this.#w.run(this.#w.nowMs + first);
        return;
      case "propose":
        this.#w.propose(first, valueDraft(words[1] ?? "", second));
        return;
      case "forge":
        this.#w.propose(first, draftOf({ kind: "order", order: Uint8Array.of(1) }));
        return;
      case "order": {
        const signed = { orderId: 7n, signatures: [MARK] };
        this.#w.propose(first, draftOf({ kind: "order", order: Uint8Array.of(1) }, signed));
        return;
      }
      case "evict": {
        const body = { kind: "evict", node: nodeIndex(second), reason: 1 } as const;
        this.#w.propose(first, draftOf(body, { signatures: [MARK] }));
        return;
      }
      case "join":
      case "leave":
        this.#member(first, name === "join" ? "joined" : "left");
        return;
      case "crash":
        this.#w.crash(first);
        return;
      case "restart":
        this.#w.restart(first);
        return;
      case "wipe":
        this.#w.members[first]!.disk.names.clear();
        return;
      case "cut":
        this.#cut(words);
        return;
      case "heal":
        this.#w.partition();
        return;
      case "transfer":
        this.#w.input(this.#w.leader()!.index, { kind: "transfer" });
        return;
      case "voters":
        this.#voters(words);
        return;
      case "messages":
        this.#messages = words[0] === "on";
        return;
      case "states":
        this.#states();
        return;
      case "values":
        this.#lines.push(JSON.stringify(this.#w.values(first)));
        return;
      default:
        throw new Error(`no such command: ${name}`);
    }
  }

  #begin(count: number, words: readonly string[]): void {
    const given = new Map(words.slice(1).map((word) => word.split("=") as [string, string]));
    const ground = given.has("ground") ? [nodeIndex(Number(given.get("ground")))] : [];
    const vehicles = Array.from({ length: Number(given.get("vehicles") ?? count) }, (_, i) =>
      nodeIndex(i),
    ).filter((node) => !ground.includes(node));
    const careless = { ...RULES, unauthorised: () => undefined };
    const world = new World({
      count,
      seed: Number(given.get("seed") ?? 1),
      loss: Number(given.get("loss") ?? 0),
      delayMinMs: 2,
      delayMaxMs: 2,
      initial: initialConfiguration({ vehicles, ground }),
      grounds: ground,
      timing: { snapshotEntries: Number(given.get("snapshot") ?? 512), keepEntries: 4 },
      rulesOf: (node) => (String(node) === given.get("forger") ? careless : RULES),
      listen: (node, out) => {
        this.#hear(node, out);
      },
    });
    this.#world = world;
  }

  #member(node: number, action: "joined" | "left"): void {
    const bootNonce = new Uint8Array(8).fill(node);
    const body = { kind: "member", node: nodeIndex(node), action, role: "vehicle" } as const;
    this.#w.propose(node, draftOf({ ...body, bootNonce }));
  }

  #cut(words: readonly string[]): void {
    const groups = words.join(" ").split("|");
    this.#w.partition(...groups.map((group) => group.trim().split(/\s+/).map(Number)));
  }

  #voters(words: readonly string[]): void {
    const split = words.indexOf("listening");
    const of = (from: number, to: number) =>
      words.slice(from, to).map((word) => nodeIndex(Number(word)));
    const voters = of(0, split < 0 ? words.length : split);
    const nonVoters = split < 0 ? [] : of(split + 1, words.length);
    const change = { voters, nonVoters };
    this.#w.input(this.#w.leader()!.index, { kind: "membership", change });
  }

  #states(): void {
    for (const { index, machine, up } of this.#w.members) {
      const { role, term, log, commitIndex, appliedIndex } = machine;
      const numbers = `log ${String(log.baseIndex)}..${String(log.lastIndex)}`;
      const rest = `commit ${String(commitIndex)} applied ${String(appliedIndex)}`;
      const what = up ? `${role} term ${String(term)} ${numbers} ${rest}` : "down";
      this.#lines.push(`${String(index)}: ${what}`);
    }
  }

  #hear(node: number, out: ConsensusOut): void {
    const line = this.#lineOf(out);
    if (line === undefined) return;
    this.#lines.push(`${(this.#world?.nowMs ?? 0).toFixed(1).padStart(7)} ${String(node)} ${line}`);
  }

  #lineOf(out: ConsensusOut): string | undefined {
    switch (out.kind) {
      case "send": {
        const decoded = decodeMessage(7, out.bytes);
        const to = out.to === 0xffff ? "all" : String(out.to);
        if (!this.#messages || !decoded.ok || decoded.value === undefined) return undefined;
        return `-> ${to} ${messageLine(decoded.value)} (${String(out.bytes.length)} B)`;
      }
      case "applied": {
        const { entry, index, term, outcome } = out;
        const end = outcome.kind === "refused" ? `: ${outcome.problem.code}` : "";
        const what = `${KIND_NAMES[entry.kind] ?? ""} by ${String(entry.proposer)}`;
        return `applied ${String(index)}/${String(term)} ${what}${end}`;
      }
      case "role": {
        const leader = out.leader === undefined ? "nobody" : String(out.leader);
        return `${out.role} in term ${String(out.term)}, leader ${leader}`;
      }
      case "proposalState": {
        const end = out.problem === undefined ? "" : `: ${out.problem.code}`;
        const line = `own proposal ${out.state} after ${out.elapsedMs.toFixed(1)} ms${end}`;
        return out.state === "queued" ? undefined : line;
      }
      case "configuration": {
        const { index, voters, nonVoters, joint } = out;
        const listening = nonVoters.length === 0 ? "" : ` listening ${nonVoters.join(" ")}`;
        const name = `${joint ? "joint " : ""}configuration ${String(index)}`;
        return `${name}: voters ${voters.join(" ")}${listening}`;
      }
      case "restored":
        return `restored from a snapshot up to ${String(out.index)}`;
      case "problem":
        return `problem ${out.problem.code} ${out.problem.text}`;
      case "ask":
        return undefined;
      default:
        return out satisfies never;
    }
  }
}

function messageLine(message: RaftMessage): string {
  const fields = Object.entries(message).filter(([key]) => key !== "kind");
  const texts = fields.map(([key, value]: [string, unknown]) => {
    if (Array.isArray(value)) return `${key} ${String(value.length)}`;
    if (value instanceof Uint8Array) return `${key} ${String(value.length)} B`;
    return `${key} ${String(value)}`;
  });
  return `${message.kind} ${texts.join(", ")}`;
}

for (const name of readdirSync(FOLDER).filter((file) => file.endsWith(".txt"))) {
  test(`transcript ${name}`, () => {
    const path = join(FOLDER, name);
    const text = readFileSync(path, "utf8");
    const story = new Story();
    const now = text
      .split(/\n(?=\n)/)
      .map((block) => {
        const lines = block.split("\n");
        const at = lines.findIndex((line) => line !== "" && !line.startsWith("#"));
        if (at < 0) return block.trimEnd();
        const commands: string[] = [];
        for (const line of lines.slice(at)) {
          if (line === "----") break;
          commands.push(line);
        }
        const told = commands
          .map((command) => story.tell(command))
          .filter((each) => each !== "ok\n");
        const head = lines.slice(0, at + commands.length).join("\n");
        return `${head}\n----\n${told.length === 0 ? "ok\n" : told.join("")}`.trimEnd();
      })
      .join("\n")
      .concat("\n");
    if (process.env["UPDATE_TRANSCRIPTS"] === "1") writeFileSync(path, now);
    else expect(now).toBe(text);
  });
}
