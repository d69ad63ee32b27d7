import type pg from "pg";
import { connect, type Target } from "../support/database.ts";
import { timed } from "../support/statistics.ts";
import type { OpenSession } from "./sessions.ts";

const SIGN_IN = "select set_config('role', 'authenticated', false), set_config('request.jwt.claims', $1, false)";
const PING = "select public.session_ping($1, $2)";
const PING_AS = `select public.session_ping($2, $3) from (select set_config('request.jwt.claims', $1, true) as claims offset 0) who
  where who.claims is not null`;
const BARE = "update bench.plain_sessions set last_seen_at = now() where school_id = $1 and id = $2";

function claimsOf({ user_id, session_id }: OpenSession): string {
  return JSON.stringify({ sub: user_id, role: "authenticated", aal: "aal1", session_id });
}

/** Two connections, one of a signed-in person and one of the tables' owner; each statement commits by itself. */
export class Pair implements AsyncDisposable {
  readonly #user: pg.Client;
  readonly #owner: pg.Client;
  readonly #key: string[];

  private constructor(user: pg.Client, owner: pg.Client, session: OpenSession) {
    this.#user = user;
    this.#owner = owner;
    this.#key = [session.school_id, session.id];
  }

  static async open(target: Target, session: OpenSession): Promise<Pair> {
    const pair = new Pair(await connect(target, "authenticator"), await connect(target, "postgres"), session);
    await pair.#user.query(SIGN_IN, [claimsOf(session)]);
    return pair;
  }

  ping(): Promise<number> {
    return timed(() => this.#user.query({ name: "ping", text: PING, values: this.#key }));
  }

  bare(): Promise<number> {
    return timed(() => this.#owner.query({ name: "bare", text: BARE, values: this.#key }));
  }

  /** A heartbeat of somebody else than the one who is signed in on this connection. */
  async pingAs(session: OpenSession): Promise<void> {
    await this.#user.query({
      name: "ping-as",
      text: PING_AS,
      values: [claimsOf(session), session.school_id, session.id],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#user.end(), this.#owner.end()]);
  }
}
