import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { createGateway } from "../../gateway/server.ts";
import { freePort } from "../../testing/free-port.ts";
import { createTestProject, type TestProject, type TestProjectOptions } from "./test-project.ts";

export interface ServedProject extends TestProject {
  url: string;
  client: SupabaseClient;
}

/** A test project behind a real gateway, as supabase-js reaches it. */
export async function serveProject(
  files: Record<string, string>,
  options: TestProjectOptions = {},
): Promise<ServedProject> {
  const project = createTestProject(files, { ...options, apiPort: await freePort() });
  const gateway = await createGateway(project.ctx, { functions: project.service });
  const { apiUrl, keys } = project.ctx;
  return {
    ...project,
    url: `${apiUrl}/functions/v1`,
    client: createClient(apiUrl, keys.publishable, { auth: { persistSession: false, autoRefreshToken: false } }),
    async close() {
      await gateway.close();
      await project.close();
    },
  };
}
