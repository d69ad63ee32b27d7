import { spawnSync } from "node:child_process";
import { chownSync, existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

interface Owner {
  uid: number;
  gid: number;
}

/** As whom the server runs, since PostgreSQL refuses to run as root. */
export interface ServerUser {
  /** Whose the data folder has to be; null leaves it alone. */
  owner: Owner | null;
  /** Spawn options that take the account on. */
  account: Partial<Owner>;
  /** A command that goes before the server's own. */
  prefix: string[];
  /** What a person should know about the account. */
  notice?: string;
}

/** initdb needs a user that the system knows by name. */
function nobody(): Owner {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (!uid || !gid || Number(uid) === 0) {
    throw new Error("Cannot run PostgreSQL as root: /etc/passwd has no user nobody to run it as");
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** The first folder above `target` that the user cannot pass through, or null. */
function closedFolder(user: Owner, target: string): string | null {
  for (let dir = path.dirname(path.resolve(target)); ; dir = path.dirname(dir)) {
    if (existsSync(dir)) {
      const { uid, gid, mode } = statSync(dir);
      const needed = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & needed) === 0) return dir;
    }
    if (dir === path.dirname(dir)) return null;
  }
}

/**
 * The account for a server whose binary and data lie at these paths. Root becomes nobody; below a folder that nobody cannot pass,
 * root without any capability, who is nobody in a user namespace of its own.
 */
export function serverUser(paths: string[]): ServerUser {
  if (process.getuid?.() !== 0) return { owner: null, account: {}, prefix: [] };
  const user = nobody();
  const closed = paths.map((target) => closedFolder(user, target)).find((dir) => dir !== null);
  if (!closed) return { owner: user, account: user, prefix: [] };
  const prefix = ["unshare", "--user", `--map-user=${user.uid}`, `--map-group=${user.gid}`, "--"];
  if (spawnSync(prefix[0] ?? "", [...prefix.slice(1), "true"]).status !== 0) {
    throw new Error(
      `Cannot run PostgreSQL as an unprivileged user: the folder ${closed} lets nobody pass through. ` +
        `Run the stack as the folder's owner instead of root, move the project, or allow it with: chmod o+x ${closed}`,
    );
  }
  const notice = `PostgreSQL runs in a user namespace, without capabilities, because nobody may pass through ${closed}`;
  return { owner: { uid: 0, gid: 0 }, account: {}, prefix, notice };
}

/** The words and options that start a program as the user. */
export function commandAs(user: ServerUser, program: string, args: string[]): [string, string[], Partial<Owner>] {
  const [command = program, ...rest] = [...user.prefix, program, ...args];
  return [command, rest, user.account];
}

export function giveTo(user: ServerUser, target: string): void {
  const { owner } = user;
  if (!owner || !existsSync(target)) return;
  const found = lstatSync(target);
  if (found.isSymbolicLink()) return;
  if (found.uid !== owner.uid || found.gid !== owner.gid) chownSync(target, owner.uid, owner.gid);
  if (found.isDirectory()) for (const name of readdirSync(target)) giveTo(user, path.join(target, name));
}
