import assert from "node:assert/strict";
import { certificatePdf, spelled, writtenDay } from "../_shared/certificate-pdf.ts";
import { AppError } from "../_shared/errors.ts";
import { createApp as verificationApp } from "../certificate-verification/app.ts";
import { type Certificates, createApp } from "../certificates/app.ts";

const SCHOOL = "0198f2a0-0000-4000-8000-000000000001";
const ID = "0198f2a0-0000-4000-8000-000000000002";
const MEMBER = "0198f2a0-0000-4000-8000-000000000003";
const CODE = "ABCD1234EFGH5678JKMN";
const row = {
  school_id: SCHOOL,
  id: ID,
  membership_id: MEMBER,
  holder_name: "יעל בן-ציון",
  title: "קריאה משותפת (חלק 2)",
  hours: 3.5,
  held_on: "2026-11-20",
  school_name: "בית ספר הרצל",
  locale: "he",
  verification_code: CODE,
  issued_at: "2026-11-21T10:00:00Z",
};
const PATH = `${SCHOOL}/${MEMBER}/${ID}.pdf`;

function setUp(found: unknown = row) {
  const files = new Map<string, Uint8Array>();
  const seen: string[] = [];
  const certificates: Certificates = {
    find: (request, schoolId, id) => {
      seen.push(`${request.headers.get("authorization")} ${schoolId} ${id}`);
      return Promise.resolve(found);
    },
    exists: (_request, path) => Promise.resolve(files.has(path)),
    store: (path, file) => {
      const free = !files.has(path);
      if (free) files.set(path, file);
      return Promise.resolve(free);
    },
    render: (certificate) => certificatePdf(certificate, "https://example.test/verify"),
  };
  const post = (body: unknown) =>
    createApp(certificates).request("/certificates", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { authorization: "Bearer of-the-caller", "content-type": "application/json" },
    });
  return { files, seen, post, app: createApp(certificates) };
}

Deno.test("a certificate's file is made once, under the caller's own token, at the path of its row", async () => {
  const { post, files, seen } = setUp();
  const first = await post({ school_id: SCHOOL, certificate_id: ID });
  assert.deepEqual(await first.json(), { bucket: "certificates", path: PATH, created: true });
  assert.equal(new TextDecoder().decode(files.get(PATH)?.slice(0, 5)), "%PDF-");
  const again = await post({ school_id: SCHOOL, certificate_id: ID });
  assert.deepEqual(await again.json(), { bucket: "certificates", path: PATH, created: false });
  assert.deepEqual(seen, Array(2).fill(`Bearer of-the-caller ${SCHOOL} ${ID}`));
});

Deno.test("what the caller may not see, and what is no request for a certificate, makes no file", async () => {
  const { post, files, app } = setUp(null);
  assert.equal((await post({ school_id: SCHOOL, certificate_id: ID })).status, 404);
  for (const wrong of [
    "{",
    {},
    { school_id: SCHOOL },
    { school_id: "../x", certificate_id: ID },
    { school_id: SCHOOL, certificate_id: ID, path: "x" },
  ]) {
    const response = await post(wrong);
    assert.deepEqual([response.status, (await response.json()).code], [400, "invalid_request"]);
  }
  assert.equal((await app.request("/certificates")).status, 405);
  assert.equal(files.size, 0);
});

Deno.test("the same certificate is the same file, byte for byte, in either language", async () => {
  for (const locale of ["he", "en-IN"]) {
    const one = await certificatePdf({ ...row, locale }, "https://example.test/verify");
    const two = await certificatePdf({ ...row, locale }, "https://example.test/verify");
    assert.deepEqual(one, two);
    assert.notDeepEqual(one, await certificatePdf({ ...row, locale, hours: 4 }, "https://example.test/verify"));
  }
});

Deno.test("a certificate is one page, however long its names", async () => {
  const long = (word: string) => word.repeat(200).slice(0, 200);
  for (const [school_name, holder_name, title] of [
    [long("בית ספר "), long("שרה לאה "), long("השתלמות ")],
    [long("W"), long("W"), long("W")],
  ] as const) {
    const address = "https://abcdefghijklmnopqrst.example.test/functions/v1/certificate-verification";
    const file = await certificatePdf({ ...row, school_name, holder_name, title }, address);
    assert.equal(new TextDecoder("latin1").decode(file).match(/\/Type \/Page\b/g)?.length, 1);
  }
});

Deno.test("days and codes are written as people read them", () => {
  assert.equal(writtenDay("2026-11-20", "he"), "20 בנובמבר 2026");
  assert.equal(writtenDay("2026-11-20", "en-IN"), "20 November 2026");
  // Of the year 2569, 1405 or in other digits among English words: no.
  for (const locale of ["th-TH", "fa-IR", "ar-SA", "ru", "en-TH-u-ca-buddhist"])
    assert.match(writtenDay("2026-11-20", locale), /^(20 November|November 20,) 2026$/);
  assert.equal(spelled(CODE), "ABCD-1234-EFGH-5678-JKMN");
});

const answer = {
  valid: true,
  holder: row.holder_name,
  title: row.title,
  hours: 3.5,
  held_on: row.held_on,
  school: row.school_name,
};

Deno.test("verification answers what is printed, without a sign-in, and hands on whose request it is", async () => {
  const asked: string[][] = [];
  const app = verificationApp((...given) => {
    asked.push(given);
    return Promise.resolve(answer);
  });
  const response = await app.request(`/certificate-verification?code=${spelled(CODE)}`, {
    headers: { "x-forwarded-for": "203.0.113.7, 10.0.0.1" },
  });
  assert.deepEqual([response.status, await response.json()], [200, answer]);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.deepEqual(asked, [[spelled(CODE), "203.0.113.7"]]);
});

Deno.test("verification tells nothing of an unknown code, asks the database about no text that is none, and passes the limit on", async () => {
  let asked = 0;
  const app = (found: unknown) =>
    verificationApp(() => {
      asked++;
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    });
  const status = async (found: unknown, query: string) =>
    (await app(found).request(`/certificate-verification${query}`)).status;
  for (const query of ["", "?code=", "?code=x", `?code=${CODE}0`, `?code=${encodeURIComponent("'; select 1; --")}`]) {
    assert.equal(await status(answer, query), 404, query);
  }
  assert.equal(asked, 0);
  assert.equal(await status(null, `?code=${CODE}`), 404);
  assert.equal(await status({ limited: true }, `?code=${CODE}`), 429);
  assert.equal(await status({ valid: false, revoked_on: "2026-11-20" }, `?code=${CODE}`), 200);
  assert.equal(await status(new AppError("database_failed", "Verify"), `?code=${CODE}`), 502);
  // An answer that says more than it should is a fault and not an answer.
  assert.equal(await status({ valid: true, membership_id: MEMBER }, `?code=${CODE}`), 500);
  assert.equal((await app(answer).request("/x", { method: "POST" })).status, 405);
});
