/**
 * Metering a behaviour's source, so that one that never ends is stopped and parked.
 *
 * JavaScript cannot be interrupted from within. Before a behaviour is loaded, a call is put at the
 * head of every loop body and of every function, method, getter and arrow; it spends from the
 * step's budget and throws when that is gone. The source is parsed (acorn), so that what is code
 * and what is text, a template or a regular expression is never guessed. Calls are put on the lines
 * where they stand: an error names the line of the file.
 *
 * Not metered, and left to the thread's guard (`behaviour-guard.ts`): files that the behaviour
 * imports, and loops inside the engine. Input is plain JavaScript (types already stripped); throws
 * `SyntaxError` where that is broken. Bound: linear in the source.
 */
import { parse, type Node } from "acorn";
import { METER_NAME } from "../../src/swarm/mod.ts";

const CALL = `${METER_NAME}()`;

interface Cut {
  readonly at: number;
  readonly text: string;
  readonly closes: boolean;
  readonly order: number;
}

/** The source with every loop and function metered. */
export function meterLoops(source: string): string {
  const root = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  const cuts: Cut[] = [];
  visit(root, cuts);
  // At one place what ends there comes first, the innermost before what holds it.
  cuts.sort(
    (x, y) =>
      x.at - y.at ||
      Number(y.closes) - Number(x.closes) ||
      (x.closes ? y.order - x.order : x.order - y.order),
  );
  let out = "";
  let at = 0;
  for (const cut of cuts) {
    out += source.slice(at, cut.at) + cut.text;
    at = cut.at;
  }
  return out + source.slice(at);
}

const BODIED: ReadonlySet<string> = new Set([
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

function visit(node: Node, cuts: Cut[]): void {
  if (BODIED.has(node.type)) meterBody(node, cuts);
  for (const child of Object.values(node) as unknown[]) {
    for (const each of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (isNode(each)) visit(each, cuts);
    }
  }
}

function meterBody(node: Node, cuts: Cut[]): void {
  const { body } = node as Node & { readonly body: Node };
  const order = cuts.length;
  if (body.type === "BlockStatement") {
    cuts.push({ at: body.start + 1, text: `${CALL};`, closes: false, order });
    return;
  }
  const [head, tail] =
    node.type === "ArrowFunctionExpression" ? [`(${CALL},`, ")"] : [`{${CALL};`, "}"];
  cuts.push({ at: body.start, text: head, closes: false, order });
  cuts.push({ at: body.end, text: tail, closes: true, order });
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
