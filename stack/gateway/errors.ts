/** The gateway's own refusals: one shape, a stable code. */
export function gatewayError(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}
