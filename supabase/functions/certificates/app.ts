import { Hono } from "hono";
import { cors } from "hono/cors";
import { z } from "zod";
import { AppError, problemResponse } from "../_shared/errors.ts";

const bodySchema = z.strictObject({ school_id: z.uuid(), certificate_id: z.uuid() });

const certificateSchema = z.object({
  school_id: z.uuid(),
  id: z.uuid(),
  membership_id: z.uuid(),
  holder_name: z.string(),
  title: z.string(),
  hours: z.number(),
  held_on: z.iso.date(),
  school_name: z.string(),
  locale: z.string(),
  verification_code: z.string(),
  issued_at: z.string(),
});
export type StoredCertificate = z.infer<typeof certificateSchema>;

export interface Certificates {
  /** The row in force as the caller may see it, or null. */
  find(request: Request, schoolId: string, certificateId: string): Promise<unknown>;
  /** Whether the file was new; it is never overwritten. */
  store(path: string, file: Uint8Array): Promise<boolean>;
  exists(request: Request, path: string): Promise<boolean>;
  render(certificate: StoredCertificate): Promise<Uint8Array>;
}

/** `POST {school_id, certificate_id}` answers `{bucket, path, created}`: the file is there, and the caller downloads it with their own sign-in. */
export function createApp(certificates: Certificates): Hono {
  const app = new Hono();
  app.onError((error) => problemResponse(error));
  app.use(cors({ origin: "*", allowHeaders: ["authorization", "apikey", "content-type", "x-client-info"] }));

  app.post("*", async (c) => {
    const body = bodySchema.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) throw new AppError("invalid_request", "Read the request: it takes {school_id, certificate_id}");
    const row = await certificates.find(c.req.raw, body.data.school_id, body.data.certificate_id);
    if (row === null) throw new AppError("not_found", "Find the certificate");
    const certificate = certificateSchema.parse(row);
    const path = `${certificate.school_id}/${certificate.membership_id}/${certificate.id}.pdf`;
    const created =
      !(await certificates.exists(c.req.raw, path)) &&
      (await certificates.store(path, await certificates.render(certificate)));
    return c.json({ bucket: "certificates", path, created });
  });
  app.all("*", () => {
    throw new AppError("method_not_allowed", "Make a certificate's file: only POST is served");
  });

  return app;
}
