import { unwrap } from "../../support/unwrap.ts";
import { between, weekdayOf } from "./days.ts";
import { CLASSES, type SchoolOfSixHundred } from "./school.ts";

const SCHOOL_DAYS = [7, 1, 2, 3, 4];

/** Two lessons a day for each class: the homeroom teacher's at eight, another teacher's later. */
const lessons = (n: number) => [
  { teacher: n, hour: 8 },
  { teacher: CLASSES + (n % 6), hour: 9 + Math.floor(n / 6) },
];
const clock = (hour: number, minute: string) => `${String(hour).padStart(2, "0")}:${minute}`;

/** The days of the term on which there is school: the week, less a holiday, with a Friday that makes up for a Sunday. */
export function daysOfTerm(school: SchoolOfSixHundred, holiday: string, makeUp: string): string[] {
  return between(school.day(-40), school.day(20)).filter(
    (day) => day === makeUp || (day !== holiday && SCHOOL_DAYS.includes(weekdayOf(day))),
  );
}

/** Teachers, slots and the calendar of a term, and the sessions that follow. Returns how many were made. */
export async function makeTimetable(school: SchoolOfSixHundred, holiday: string, makeUp: string): Promise<number> {
  const { office } = school;
  const school_id = school.school.id;
  const term = { school_id, academic_year_id: school.years.now, code: "T1", name: "First term" };
  const dates = { starts_on: school.day(-40), ends_on: school.day(20) };
  const made = await office
    .from("terms")
    .insert({ ...term, ...dates })
    .select("id")
    .single();
  school.term = unwrap(made).id;
  const calendar = [
    { school_id, day: holiday, kind: "holiday", name: "חג", follows_weekday: null },
    { school_id, day: makeUp, kind: "make_up", name: "השלמה", follows_weekday: 7 },
  ];
  unwrap(await office.from("calendar_days").insert(calendar).select("id"));
  const teaching = school.classes.flatMap((class_id, n) =>
    lessons(n).map(({ teacher, hour }) => ({
      school_id,
      class_id,
      teacher_id: school.teacher(teacher).membershipId,
      lead: hour === 8,
      starts_on: school.day(-60),
    })),
  );
  unwrap(await office.from("class_teachers").insert(teaching).select("id"));
  const slots = school.classes.flatMap((class_id, n) =>
    lessons(n).flatMap(({ teacher, hour }) =>
      SCHOOL_DAYS.map((weekday) => ({
        school_id,
        term_id: school.term,
        class_id,
        teacher_id: school.teacher(teacher).membershipId,
        room_id: String(school.rooms[n]),
        weekday,
        start_time: clock(hour, "00"),
        end_time: clock(hour, "45"),
      })),
    ),
  );
  unwrap(await office.from("timetable_slots").insert(slots).select("id"));
  return unwrap(await office.rpc("generate_sessions", { school_id, term_id: school.term }));
}
