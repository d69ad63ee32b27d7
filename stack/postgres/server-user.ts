import { chownSync, existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** The account that the server process runs as; null means the current one. */
export type ServerUser = { uid: number; gid: number } | null;

/** PostgreSQL refuses to run as root, and initdb needs a user that the system knows by name. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return null;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (!uid || !gid || Number(uid) === 0) {
    throw new Error("Cannot run PostgreSQL as root: /etc/passwd has no user nobody to run it as");
  }
  return { uid: Number(uid), gid: Number(gid) };
}

export function giveTo(user: ServerUser, target: string): void {
  if (!user || !existsSync(target)) return;
  const found = lstatSync(target);
  if (found.isSymbolicLink()) return;
  if (found.uid !== user.uid || found.gid !== user.gid) chownSync(target, user.uid, user.gid);
  if (found.isDirectory()) for (const name of readdirSync(target)) giveTo(user, path.join(target, name));
}

/** Names the first folder above `target` that the server's user cannot pass through. */
export function assertTraversable(user: ServerUser, target: string): void {
  if (!user) return;
  for (let dir = path.dirname(path.resolve(target)); ; dir = path.dirname(dir)) {
    if (existsSync(dir)) {
      const { uid, gid, mode } = statSync(dir);
      const needed = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & needed) === 0) {
        throw new Error(
          `Cannot run PostgreSQL as an unprivileged user: the folder ${dir} lets nobody pass through. ` +
            `Run the stack as the folder's owner instead of root, move the project, or allow it with: chmod o+x ${dir}`,
        );
      }
    }
    if (dir === path.dirname(dir)) return;
  }
}
