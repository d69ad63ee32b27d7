// Makes the file of a certificate when it is first asked for, by whoever may read the certificate.
import { createApp } from "./app.ts";
import { databaseCertificates } from "./storage.ts";

Deno.serve(createApp(databaseCertificates).fetch);
