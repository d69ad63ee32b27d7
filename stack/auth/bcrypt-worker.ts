import { parentPort } from "node:worker_threads";
import bcrypt from "bcryptjs";

export type BcryptJob =
  | { kind: "hash"; password: string; cost: number }
  | { kind: "compare"; password: string; hash: string };
export type BcryptAnswer = { id: number; value: string | boolean } | { id: number; error: string };

parentPort?.on("message", ({ id, job }: { id: number; job: BcryptJob }) => {
  let answer: BcryptAnswer;
  try {
    const value =
      job.kind === "hash" ? bcrypt.hashSync(job.password, job.cost) : bcrypt.compareSync(job.password, job.hash);
    answer = { id, value };
  } catch (error) {
    answer = { id, error: String(error) };
  }
  parentPort?.postMessage(answer);
});
