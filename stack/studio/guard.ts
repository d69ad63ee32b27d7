import type { MiddlewareHandler } from "hono";

const SAFE = new Set(["GET", "HEAD"]);

/**
 * Studio has no sign-in and runs SQL as the owner, so only its own pages may speak to it. The name it is called by must be
 * this machine's (a foreign name may be made to resolve here), and nothing another site sends is answered, except that a
 * link may open a page. What could change something has to prove where it comes from.
 */
export function guard(port: number): MiddlewareHandler {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  return async (c, next) => {
    const host = c.req.header("host")?.toLowerCase() ?? "";
    if (!hosts.has(host)) return c.text(`Studio answers only at http://127.0.0.1:${port}`, 403);
    const safe = SAFE.has(c.req.method);
    const origin = c.req.header("origin");
    const site = c.req.header("sec-fetch-site");
    const ownSite = site === undefined ? safe || origin !== undefined : site === "same-origin";
    const visit =
      safe &&
      (site === "none" ||
        (c.req.header("sec-fetch-mode") === "navigate" && c.req.header("sec-fetch-dest") === "document"));
    if ((origin !== undefined && origin !== `http://${host}`) || !(ownSite || visit)) {
      return c.text("Studio answers only to its own pages", 403);
    }
    await next();
  };
}

const POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/** Only the table editor runs scripts, and only the ones that lie here; nothing is loaded from elsewhere or sent there. */
export function contentPolicy(scripts: boolean): string {
  return [...POLICY, `script-src ${scripts ? "'self'" : "'none'"}`].join("; ");
}

export function answerHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    if (!headers.has("content-security-policy")) headers.set("Content-Security-Policy", contentPolicy(false));
    if (!headers.has("cache-control")) headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
  };
}
