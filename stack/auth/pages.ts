import { AuthError } from "./errors.ts";
import type { AuthContext } from "./request.ts";

export interface Page {
  page: number;
  perPage: number;
}

function positive(value: string | undefined, fallback: number): number {
  if (!value) return fallback;
  if (!/^\d{1,9}$/.test(value)) {
    throw new AuthError("validation_failed", {
      message: `Bad Pagination Parameters: strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`,
    });
  }
  return Math.max(1, Number(value));
}

export function requestedPage(c: AuthContext): Page {
  return { page: positive(c.req.query("page"), 1), perPage: positive(c.req.query("per_page"), 50) };
}

/** Clients take the page's number from what follows the first `=`, so `page` comes first; the rest of the query stays. */
export function pageHeaders(c: AuthContext, { page, perPage }: Page, total: number): Record<string, string> {
  const { pathname, searchParams } = new URL(c.req.url);
  const last = Math.max(1, Math.ceil(total / perPage));
  const kept = [...searchParams].filter(([name]) => name !== "page" && name !== "per_page");
  const link = (number: number, rel: string) => {
    const query = new URLSearchParams([["page", String(number)], ["per_page", String(perPage)], ...kept]);
    return `<${pathname}?${query}>; rel="${rel}"`;
  };
  return {
    "X-Total-Count": String(total),
    Link: [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")].join(", "),
  };
}
