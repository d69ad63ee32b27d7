import type pg from "pg";
import { inTransaction, isUniqueViolation, type Tx } from "../database.ts";

const ATTEMPTS = 3;

/** Who loses a race for an address or an identity finds the winner's rows when he looks again. */
export async function inRacingTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(pool, work);
    } catch (error) {
      if (!isUniqueViolation(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
