const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, x-client-info, apikey",
  "access-control-expose-headers": "sb-error-code",
};

/** A failure that the function itself did not answer; the codes are the platform's. */
export const workerFailures = {
  boot: { status: 503, code: "BOOT_ERROR", message: "Worker failed to boot (please check logs)" },
  exit: { status: 500, code: "WORKER_ERROR", message: "Function exited due to an error (please check logs)" },
  limit: {
    status: 546,
    code: "WORKER_LIMIT",
    message: "Worker failed to respond due to a resource limit (please check logs)",
  },
  internal: {
    status: 500,
    code: "Internal Server Error",
    message: "Request failed due to an internal server error",
  },
  timeout: { status: 504, code: "IDLE_TIMEOUT", message: "The upstream server is timing out" },
} as const;

export function workerFailure(kind: keyof typeof workerFailures): Response {
  const { status, code, message } = workerFailures[kind];
  return Response.json({ code, message }, { status, headers: cors });
}

export type JwtFailureCode =
  | "UNAUTHORIZED_NO_AUTH_HEADER"
  | "UNAUTHORIZED_INVALID_JWT_FORMAT"
  | "UNAUTHORIZED_JWT"
  | "UNAUTHORIZED_ASYMMETRIC_JWT"
  | "UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM";

export function jwtFailure(code: JwtFailureCode, message: string): Response {
  return Response.json({ code, message, msg: message }, { status: 401, headers: { ...cors, "sb-error-code": code } });
}
