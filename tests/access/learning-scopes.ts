import type { Fact } from "./facts.ts";

export const isOpenTraining = (row: Fact) => row.status === "draft" || row.status === "published";
export const isOpenClaim = (row: Fact) =>
  row.status === undefined || row.status === "pending" || row.status === "returned";
