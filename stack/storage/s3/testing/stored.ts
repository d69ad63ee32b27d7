import { expect } from "vitest";
import type { TestStack } from "../../testing/stack.ts";

/** Every file on disk belongs to an object or a part, and none is left in doubt. */
export async function expectNothingLeftBehind(stack: TestStack): Promise<void> {
  const { rows } = await stack.admin.query<{ version: string }>(
    `select version from storage.objects union all select version from storage.s3_multipart_uploads_parts`,
  );
  await expect.poll(() => stack.unsettled()).toEqual([]);
  expect(stack.stored()).toEqual(rows.map(({ version }) => version).sort());
}
