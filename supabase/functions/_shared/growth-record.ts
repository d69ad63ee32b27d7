import { z } from "zod";

const text = z.string().nullable();

/** What `rpc('my_growth_record')` answers; what the pages do not print passes through to the JSON. */
export const growthRecordSchema = z.looseObject({
  school: z.looseObject({ name: z.string(), locale: z.string(), timezone: z.string() }),
  holder: z.looseObject({ name: text }).nullable(),
  exported_at: z.string(),
  observations: z.array(
    z.looseObject({
      kind: z.string(),
      coaching: z.boolean(),
      observed_at: z.string(),
      framework: text,
      observer: text,
      focus: text,
      notes: text,
      average_level: z.number().nullable(),
      ratings: z.array(
        z.looseObject({ domain: z.string(), level: z.number().nullable(), level_name: text, evidence: text }),
      ),
      feedback: z.looseObject({ teacher_reflection: text, discussion_met_on: text }).nullable(),
      action_steps: z.array(z.looseObject({ description: z.string(), due_on: text, done_at: text, evidence: text })),
    }),
  ),
  goals: z.array(
    z.looseObject({
      title: z.string(),
      description: text,
      due_on: text,
      status: z.string(),
      approved: z.boolean(),
      serves: text,
      progress: z.number().nullable(),
    }),
  ),
  trainings: z.array(
    z.looseObject({ title: z.string(), starts_at: z.string(), hours: z.number(), registration_status: z.string() }),
  ),
  certificates: z.array(
    z.looseObject({ title: z.string(), hours: z.number(), held_on: z.string(), verification_code: z.string() }),
  ),
  pd_hours: z.array(
    z.looseObject({
      activity: z.string(),
      category: text,
      done_on: z.string(),
      hours: z.number(),
      status: z.string(),
      credited_by_training: z.boolean(),
    }),
  ),
});
export type GrowthRecord = z.infer<typeof growthRecordSchema>;
