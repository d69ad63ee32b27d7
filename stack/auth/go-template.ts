type Data = Record<string, unknown>;

type Node =
  | { kind: "text"; text: string }
  | { kind: "value"; path: string[] }
  | { kind: "if"; branches: { condition: Condition | null; body: Node[] }[] };

interface Condition {
  negated: boolean;
  operator: "truthy" | "eq" | "ne";
  path: string[];
  operand: string;
}

export type Template = (data: Data) => string;

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null;
}

function lookup(data: Data, path: string[]): unknown {
  let value: unknown = data;
  for (const key of path) {
    if (!isData(value) || !Object.hasOwn(value, key)) return "";
    value = value[key];
  }
  return value ?? "";
}

function show(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function holds(condition: Condition | null, data: Data): boolean {
  if (condition === null) return true;
  const value = lookup(data, condition.path);
  const met =
    condition.operator === "truthy"
      ? Boolean(value)
      : (show(value) === condition.operand) === (condition.operator === "eq");
  return met !== condition.negated;
}

function parsePath(text: string): string[] | null {
  return /^(\.[A-Za-z_]\w*)+$/.test(text) ? text.slice(1).split(".") : null;
}

function parseCondition(text: string): Condition {
  const comparison = /^(eq|ne)\s+(\.[\w.]+)\s+"([^"]*)"$/.exec(text);
  const negated = /^not\s+(\.[\w.]+)$/.exec(text);
  const path = parsePath(comparison?.[2] ?? negated?.[1] ?? text);
  if (!path) throw new Error(`Parse template: condition "${text}" is not understood`);
  const operator = comparison?.[1] === "eq" ? "eq" : comparison?.[1] === "ne" ? "ne" : "truthy";
  return { negated: negated !== null, operator, path, operand: comparison?.[3] ?? "" };
}

function render(nodes: Node[], data: Data, html: boolean): string {
  let out = "";
  for (const node of nodes) {
    if (node.kind === "text") {
      out += node.text;
    } else if (node.kind === "if") {
      const branch = node.branches.find(({ condition }) => holds(condition, data));
      if (branch) out += render(branch.body, data, html);
    } else {
      const text = show(lookup(data, node.path));
      // As Go's html/template: a value that begins a link may not choose a scheme that runs code.
      const unsafe =
        html && /(?:href|src)\s*=\s*["']?$/i.test(out) && /^\s*(?!https?:|mailto:)[a-z][^/?#]*:/i.test(text);
      out += unsafe ? "#ZgotmplZ" : html ? escapeHtml(text) : text;
    }
  }
  return out;
}

/**
 * The part of Go's templates that mail templates use: values by path, `if` with `else`, `else if`, `not`, `eq` and
 * `ne`, comments, and trimmed white space. Anything else is refused when the template is read.
 */
export function compileTemplate(source: string, { html }: { html: boolean }): Template {
  const root: Node[] = [];
  const open: { node: Extract<Node, { kind: "if" }>; outer: Node[] }[] = [];
  let current = root;
  let trimNext = false;
  const parts = source.split(/\{\{(-?\s*(?:"[^"]*"|[^"}])*?\s*-?)\}\}/);
  parts.forEach((part, index) => {
    if (index % 2 === 0) {
      const next = parts[index + 1];
      let text = trimNext ? part.trimStart() : part;
      if (next?.startsWith("-")) text = text.trimEnd();
      current.push({ kind: "text", text });
      return;
    }
    trimNext = part.endsWith("-");
    const action = part.replace(/^-|-$/g, "").trim();
    const path = parsePath(action);
    const top = open.at(-1);
    if (path) {
      current.push({ kind: "value", path });
    } else if (action.startsWith("if ")) {
      const body: Node[] = [];
      const node: Node = { kind: "if", branches: [{ condition: parseCondition(action.slice(3).trim()), body }] };
      current.push(node);
      open.push({ node, outer: current });
      current = body;
    } else if (top && (action === "else" || action.startsWith("else if "))) {
      const condition = action === "else" ? null : parseCondition(action.slice("else if ".length).trim());
      current = [];
      top.node.branches.push({ condition, body: current });
    } else if (top && action === "end") {
      current = top.outer;
      open.pop();
    } else if (!action.startsWith("/*")) {
      throw new Error(`Parse template: "{{ ${action} }}" is not understood`);
    }
  });
  if (open.length > 0) throw new Error("Parse template: an {{ if }} has no {{ end }}");
  return (data) => render(root, data, html);
}
