import { Hono } from "hono";
import { cors } from "hono/cors";
import { z } from "zod";
import { languageOf } from "../_shared/certificate-pdf.ts";
import { AppError, problemResponse } from "../_shared/errors.ts";
import { growthRecordSchema } from "../_shared/growth-record.ts";
import { growthRecordPdf } from "../_shared/growth-record-pdf.ts";

const bodySchema = z.strictObject({
  school_id: z.uuid(),
  format: z.enum(["json", "pdf"]).default("json"),
  language: z.enum(["he", "en"]).optional(),
});

/** The record as the database gives it to the caller, who is logged with it. */
export type ReadRecord = (request: Request, schoolId: string, format: "json" | "pdf") => Promise<unknown>;

/** `POST {school_id, format, language}` answers one's own growth record as a file, in the school's language unless one is named. */
export function createApp(read: ReadRecord): Hono {
  const app = new Hono();
  app.onError((error) => problemResponse(error));
  app.use(cors({ origin: "*", allowHeaders: ["authorization", "apikey", "content-type", "x-client-info"] }));

  app.post("*", async (c) => {
    const body = bodySchema.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success)
      throw new AppError("invalid_request", "Read the request: it takes {school_id, format, language}");
    const { school_id, format, language } = body.data;
    const record = growthRecordSchema.parse(await read(c.req.raw, school_id, format));
    c.header("cache-control", "no-store");
    c.header("content-disposition", `attachment; filename="growth-record.${format}"`);
    if (format === "json") return c.json(record);
    const file = await growthRecordPdf(record, language ?? languageOf(record.school.locale));
    return c.body(Uint8Array.from(file), 200, { "content-type": "application/pdf" });
  });
  app.all("*", () => {
    throw new AppError("method_not_allowed", "Export the growth record: only POST is served");
  });

  return app;
}
