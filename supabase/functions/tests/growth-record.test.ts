import assert from "node:assert/strict";
import { AppError } from "../_shared/errors.ts";
import { stateIn } from "../_shared/growth-record-words.ts";
import { createApp } from "../growth-record/app.ts";

const SCHOOL = "0198f2a0-0000-4000-8000-000000000001";
const observation = {
  id: SCHOOL,
  kind: "coaching",
  coaching: true,
  status: "submitted",
  observed_at: "2026-11-02T08:00:00+00:00",
  framework: "Growth framework, four levels",
  observer: "דוד כהן",
  focus: null,
  notes: "השיעור נפתח בדיון",
  average_level: 2.5,
  ratings: [{ domain: "Planning", level: null, level_name: null, evidence: "Not seen" }],
  feedback: { teacher_reflection: "אכין שאלות", discussion_met_on: "2026-11-05" },
  action_steps: [{ description: "להמתין", due_on: "2026-11-10", done_at: null, evidence: null }],
};
const record = {
  school: { id: SCHOOL, name: "בית ספר הרצל", locale: "he", timezone: "Asia/Jerusalem" },
  holder: { name: "יעל", roles: ["teacher"] },
  exported_at: "2026-11-27T10:00:00+00:00",
  observations: [observation],
  trainings: [{ title: "קריאה", starts_at: "2026-11-02T08:00:00+00:00", hours: 2, registration_status: "attended" }],
  certificates: [{ title: "קריאה", hours: 2, held_on: "2026-11-02", verification_code: "ABCD1234EFGH5678JKMN" }],
  pd_hours: [
    {
      activity: "קריאה",
      category: null,
      done_on: "2026-11-02",
      hours: 2,
      status: "approved",
      credited_by_training: true,
    },
  ],
  goals: [
    {
      title: "שאלות פתוחות",
      description: null,
      due_on: "2027-03-01",
      status: "open",
      approved: true,
      serves: "כל תלמיד מדבר",
      progress: 35,
    },
  ],
  a_part: "that comes later",
};

function setUp(found: unknown = record) {
  const asked: unknown[][] = [];
  const app = createApp((request, schoolId, format) => {
    asked.push([request.headers.get("authorization"), schoolId, format]);
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  });
  const post = (body: unknown) =>
    app.request("/growth-record", {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: "Bearer of-the-caller", "content-type": "application/json" },
    });
  return { asked, post };
}

Deno.test("the record goes out as the database gave it to the caller, parts that come later too", async () => {
  const { asked, post } = setUp();
  const response = await post({ school_id: SCHOOL });
  assert.deepEqual(await response.json(), record);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(asked, [["Bearer of-the-caller", SCHOOL, "json"]]);
});

Deno.test("a record of many pages is one PDF, in the school's language unless another is named", async () => {
  const many = {
    ...record,
    observations: Array.from({ length: 60 }, () => ({ ...observation, notes: "מילה ".repeat(200) })),
  };
  const { asked, post } = setUp(many);
  const pages = async (language?: string) => {
    const response = await post({ school_id: SCHOOL, format: "pdf", ...(language ? { language } : {}) });
    assert.equal(response.headers.get("content-type"), "application/pdf");
    const text = new TextDecoder("latin1").decode(await response.arrayBuffer());
    assert.ok(text.startsWith("%PDF-"));
    return { count: Number(/\/Count (\d+)/.exec(text)?.[1]), lang: /\/Lang \((\w+)\)/.exec(text)?.[1] };
  };
  const hebrew = await pages();
  assert.ok(hebrew.count > 15, `${hebrew.count} pages`);
  assert.equal(hebrew.lang, "he");
  assert.equal((await pages("en")).lang, "en");
  assert.deepEqual(
    asked.map(([, , format]) => format),
    ["pdf", "pdf"],
  );
});

Deno.test("an empty record is a PDF too", async () => {
  const { post } = setUp({ ...record, holder: null, observations: [], trainings: [], certificates: [], pd_hours: [] });
  assert.equal((await post({ school_id: SCHOOL, format: "pdf" })).status, 200);
});

Deno.test("what is no request asks nothing, and what the database refuses is not found", async () => {
  const { asked, post } = setUp();
  for (const wrong of [
    {},
    { school_id: "x" },
    { school_id: SCHOOL, format: "xml" },
    { school_id: SCHOOL, language: "fr" },
    { school_id: SCHOOL, membership_id: SCHOOL },
  ]) {
    assert.equal((await post(wrong)).status, 400);
  }
  assert.deepEqual(asked, []);
  const refused = setUp(new AppError("not_found", "Cannot export the growth record"));
  assert.equal((await refused.post({ school_id: SCHOOL })).status, 404);
  const half = setUp({ ...record, pd_hours: undefined });
  assert.equal((await half.post({ school_id: SCHOOL })).status, 500);
});

Deno.test("a state that has no word yet stands as it is", () => {
  assert.equal(stateIn("he", "approved"), "אושר");
  assert.equal(stateIn("en", "something_new"), "something_new");
});
