import pg from "pg";

const apiRoles = "anon, authenticated, service_role";

/** Whether what `postgres` makes in `public` is open to the API at once, or only after a grant (Supabase since 2026). */
export function defaultPrivileges(exposed: boolean): string {
  const prefix = "alter default privileges for role postgres in schema public";
  return ["tables", "sequences", "functions"]
    .map((kind) =>
      exposed
        ? `${prefix} grant all on ${kind} to postgres, ${apiRoles};`
        : `${prefix} revoke all on ${kind} from ${apiRoles}; ${prefix} grant all on ${kind} to postgres;`,
    )
    .join("\n");
}

export function databaseSettings(options: { jwtSecret?: string; jwtExpiry?: number }): string {
  const settings = {
    "app.settings.jwt_secret": options.jwtSecret,
    "app.settings.jwt_exp": options.jwtExpiry?.toString(),
  };
  const statements = Object.entries(settings)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(
      ([name, value]) =>
        `execute format('alter database %I set ${name} = %L', current_database(), ${pg.escapeLiteral(value)});`,
    );
  return statements.length === 0 ? "" : `do $settings$ begin ${statements.join("\n")} end $settings$;`;
}
