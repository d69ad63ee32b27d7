import { AuthorizationFailure } from "../authorization/failure.ts";
import { TokenError } from "../tokens.ts";

/** A join that is answered with an error. */
export class JoinRefused extends Error {
  override readonly name = "JoinRefused";
  /** Whether the socket goes as well. */
  readonly disconnect: boolean;

  constructor(reason: string, disconnect = false) {
    super(reason);
    this.disconnect = disconnect;
  }
}

export function unauthorized(subTopic: string): string {
  return `You do not have permissions to read from this Channel topic: ${subTopic}`;
}

const UNREACHABLE = "Realtime was unable to connect to the project database";

/** The reason of a join's error reply. */
export function joinReason(error: unknown, subTopic: string): string {
  if (error instanceof JoinRefused) return error.message;
  if (error instanceof TokenError) return `${error.code}: ${error.message}`;
  if (!(error instanceof AuthorizationFailure)) return "Unknown Error on Channel";
  switch (error.kind) {
    case "policy":
      return `Unauthorized: ${unauthorized(subTopic)}`;
    case "canceled":
      return `QueryCanceled: ${error.message}`;
    case "missing_partition":
      return "MissingPartition: Realtime was unable to find the expected messages partition";
    case "no_turn":
      return "IncreaseConnectionPool: Please increase your connection pool size";
    case "unavailable":
      return `UnableToConnectToProject: ${UNREACHABLE}`;
  }
}

/** What a channel is told that is closed because its new token was not accepted. */
export function shutdownReason(error: unknown, subTopic: string): string {
  if (error instanceof TokenError) return error.message;
  if (!(error instanceof AuthorizationFailure)) return "Unknown Error on Channel";
  switch (error.kind) {
    case "policy":
      return unauthorized(subTopic);
    case "canceled":
      return "Query was cancelled, please try again";
    case "no_turn":
      return "Please increase your connection pool size";
    case "missing_partition":
    case "unavailable":
      return UNREACHABLE;
  }
}
