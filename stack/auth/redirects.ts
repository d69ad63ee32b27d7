import { isIPv4, isIPv6 } from "node:net";

/**
 * A glob of the allow-list as a regular expression: `*` and `?` stop at the separators `.` and `/`, `**` does not;
 * character classes and `{a,b}` alternatives work, a backslash takes the next character as it is.
 */
export function globPattern(glob: string): RegExp {
  let source = "";
  let depth = 0;
  for (let index = 0; index < glob.length; index++) {
    const character = glob.charAt(index);
    if (character === "*") {
      const any = glob.charAt(index + 1) === "*";
      if (any) index++;
      source += any ? "[\\s\\S]*" : "[^./]*";
    } else if (character === "?") {
      source += "[^./]";
    } else if (character === "{") {
      depth++;
      source += "(?:";
    } else if (character === "}" && depth > 0) {
      depth--;
      source += ")";
    } else if (character === "," && depth > 0) {
      source += "|";
    } else if (character === "[" && glob.indexOf("]", index + 2) > 0) {
      const end = glob.indexOf("]", index + 2);
      source += `[${glob
        .slice(index + 1, end)
        .replace(/^!/, "^")
        .replace(/[\\[\]]/g, "\\$&")}]`;
      index = end;
    } else {
      if (character === "\\") index++;
      source += glob.charAt(index).replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    }
  }
  return new RegExp(`^${source}${")".repeat(depth)}$`);
}

function isLoopbackAddress(host: string): boolean {
  return (isIPv4(host) && host.startsWith("127.")) || host === "[::1]";
}

/** The text between scheme and path, as written: URL parsing would already have rewritten 2130706433 as 127.0.0.1. */
function writtenHost(url: string): string | null {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(url);
  return match?.[1] ?? null;
}

/** May a link send the browser, with a session in it, to this address? */
export function redirectChecker(siteUrl: string, allowList: readonly string[]): (target: string) => boolean {
  const patterns = allowList.map(globPattern);
  const site = URL.parse(siteUrl);
  return (target) => {
    const url = URL.parse(target);
    // Control characters and backslashes are read differently by browsers than by matchers.
    if (!url || /[\p{Cc}\\]/u.test(target)) return false;
    const host = writtenHost(target);
    const isHttp = url.protocol === "http:" || url.protocol === "https:";
    if (isHttp && host === null) return false;
    const samePlace = site !== null && site.protocol === url.protocol && site.hostname === url.hostname;
    const anyPort = url.hostname === "localhost" || isLoopbackAddress(url.hostname);
    if (samePlace && host?.toLowerCase() === site.hostname && (anyPort || site.port === url.port)) return true;
    if (host !== null && /^[0-9]+$/.test(host)) return false;
    if (host !== null && (isIPv4(host) || isIPv6(host.replace(/^\[|\]$/g, "")))) return isLoopbackAddress(host);
    if (isHttp && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host ?? "")) return false;
    const withoutFragment = target.split("#")[0] ?? target;
    return patterns.some((pattern) => pattern.test(withoutFragment));
  };
}
