/**
 * What consensus costs and how long it takes by itself, with its own default timing; what nodes
 * ship is measured in `orders.bench.ts`. Commit latency at the proposer over a plain link model (2
 * to 8 ms a hop, 5% loss, what goes to one node repeated by the link after 4 ms, a store of 2 ms),
 * for 6 and for 50 members, and processor time a step with the checker watching.
 *
 * Pairwise loss is drawn for each receiver alone, so one broadcast reaches most of them.
 */
import { median, printTable, quantile, type Row } from "./support/table.ts";
import { valueDraft, World } from "../src/consensus/world.test-support.ts";

interface Measured {
  readonly commitMs: readonly number[];
  readonly stepsPerSecond: number;
  readonly messagesPerCommit: number;
  readonly bytesPerCommit: number;
  readonly idleMessagesPerSecond: number;
  readonly violations: number;
}

function measure(count: number, seed: number, proposals: number): Measured {
  const commitMs: number[] = [];
  const world = new World({
    count,
    seed,
    loss: 0.05,
    delayMinMs: 2,
    delayMaxMs: 8,
    linkRepeats: true,
    listen: (_node, out) => {
      if (out.kind === "proposalState" && out.state === "applied") commitMs.push(out.elapsedMs);
    },
  });
  world.settle();
  world.run(world.nowMs + 1_000);
  const idleFrom = world.sent;
  world.run(world.nowMs + 5_000);
  const idleMessagesPerSecond = (world.sent - idleFrom) / 5;
  const [sentBefore, bytesBefore, stepsBefore] = [world.sent, world.sentBytes, world.steps];
  const before = process.cpuUsage();
  for (let i = 0; i < proposals; i += 1) {
    world.propose(i % count, valueDraft(`k${i % 60}`, i));
    world.run(world.nowMs + 50);
  }
  world.run(world.nowMs + 500);
  const seconds = process.cpuUsage(before).user / 1e6;
  return {
    commitMs,
    stepsPerSecond: (world.steps - stepsBefore) / seconds,
    messagesPerCommit: (world.sent - sentBefore) / proposals,
    bytesPerCommit: (world.sentBytes - bytesBefore) / proposals,
    idleMessagesPerSecond,
    violations: world.checker.violations.length,
  };
}

function rowsOf(count: number, proposals: number): Row[] {
  const runs = [1, 2, 3].map((seed) => measure(count, seed, proposals));
  const all = runs.flatMap((run) => run.commitMs);
  const p99 = quantile(all, 0.99);
  const agreed = all.length / (3 * proposals);
  const steps = median(runs.map((run) => run.stepsPerSecond));
  const of = (pick: (run: Measured) => number): string => median(runs.map(pick)).toFixed(1);
  const name = `${count} members`;
  return [
    {
      what: `${name}: propose to applied, p50 / p99 / p99.9`,
      measured:
        [0.5, 0.99, 0.999].map((share) => quantile(all, share).toFixed(1)).join(" / ") + " ms",
      promised: "p99 <= 50 ms",
      kept: p99 <= 50,
    },
    {
      what: `${name}: proposals agreed on`,
      measured: `${(100 * agreed).toFixed(2)}%`,
      promised: "100%",
      kept: agreed === 1 && runs.every((run) => run.violations === 0),
    },
    {
      what: `${name}: steps a CPU second, checker watching`,
      measured: `${(steps / 1_000).toFixed(0)} k/s`,
      promised: ">= 30 k/s",
      kept: steps >= 30_000,
    },
    {
      what: `${name}: messages and bytes a commit (20 a second)`,
      measured: `${of((run) => run.messagesPerCommit)}, ${of((run) => run.bytesPerCommit)} B`,
      promised: "",
      kept: true,
    },
    {
      what: `${name}: messages a second when idle`,
      measured: of((run) => run.idleMessagesPerSecond),
      promised: `<= ${10 + 5 * (count - 1)}`,
      kept: runs.every((run) => run.idleMessagesPerSecond <= 10 + 5 * (count - 1)),
    },
  ];
}

printTable([...rowsOf(6, 400), ...rowsOf(50, 200)]);
