import { adminClient } from "../_shared/admin.ts";
import { answerOf, callerClient } from "../_shared/caller.ts";
import { certificatePdf } from "../_shared/certificate-pdf.ts";
import { AppError } from "../_shared/errors.ts";
import type { Certificates } from "./app.ts";

const BUCKET = "certificates";

export const databaseCertificates: Certificates = {
  async find(request, schoolId, certificateId) {
    const query = callerClient(request).from("certificates").select().eq("school_id", schoolId).eq("id", certificateId);
    return answerOf(await query.is("revoked_at", null).maybeSingle());
  },
  async exists(request, path) {
    const { data } = await callerClient(request).storage.from(BUCKET).info(path);
    return data !== null;
  },
  async store(path, file) {
    const body = new Blob([Uint8Array.from(file)], { type: "application/pdf" });
    const options = { contentType: "application/pdf", upsert: false };
    const { error } = await adminClient().storage.from(BUCKET).upload(path, body, options);
    if (error === null) return true;
    if ("statusCode" in error && error.statusCode === "409") return false;
    throw new AppError("storage_failed", "Write the certificate", error);
  },
  render: (certificate) =>
    certificatePdf(certificate, `${Deno.env.get("SUPABASE_URL")}/functions/v1/certificate-verification`),
};
