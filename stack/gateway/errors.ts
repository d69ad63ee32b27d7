/** The gateway's own refusals: one shape, a stable code. */
export function gatewayError(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}

export function payloadTooLarge(bytes: number): Response {
  const response = gatewayError(413, "payload_too_large", `The request body is larger than ${bytes} bytes`);
  // The rest of the body stays unread: nothing else can follow on this connection.
  response.headers.set("connection", "close");
  return response;
}
