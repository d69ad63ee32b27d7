/** Every code that a function of this project answers, with its status and title. */
const problems = {
  access_token_missing: { status: 503, title: "The function's access token is not configured" },
  auth_failed: { status: 502, title: "Auth did not do what was asked" },
  conflict: { status: 409, title: "Something else has its place" },
  database_failed: { status: 502, title: "The database did not answer" },
  internal: { status: 500, title: "The request failed" },
  invalid_request: { status: 400, title: "The request is not valid" },
  mail_not_configured: { status: 503, title: "No mail server is configured" },
  method_not_allowed: { status: 405, title: "The method is not allowed" },
  not_found: { status: 404, title: "Absent, or not yours to see or do" },
  payload_too_large: { status: 413, title: "The request body is too large" },
  rate_limited: { status: 429, title: "Too many requests" },
  rejected: { status: 422, title: "The request means nothing here" },
  signing_key_invalid: { status: 503, title: "The signing key cannot be used" },
  signing_key_missing: { status: 503, title: "The signing key is not configured" },
  storage_failed: { status: 502, title: "Storage did not take the file" },
  unauthorized: { status: 401, title: "The access token is missing or wrong" },
} as const;

export type ErrorCode = keyof typeof problems;

export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;

  /** `detail` is shown to the caller: it names the action and holds no personal data. */
  constructor(code: ErrorCode, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.code = code;
  }
}

/** Problem details (RFC 9457). What is not an AppError is logged, and told to nobody. */
export function problemResponse(error: unknown): Response {
  const known = error instanceof AppError ? error : new AppError("internal", "Handle request", error);
  const { status, title } = problems[known.code];
  if (status >= 500) console.error(known.code, known.message, known.cause ?? "");
  return Response.json(
    { type: "about:blank", title, status, detail: known.message, code: known.code },
    { status, headers: { "content-type": "application/problem+json" } },
  );
}
