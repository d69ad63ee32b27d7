import { asRequest } from "../../support/query.ts";
import type { Scene } from "../scene.ts";
import type { Case } from "./case.ts";

/** What search_people asks of the tables, for one who may see everybody. */
const BY_HAND = `select f.kind, f.person_id, coalesce(d.display_name::text, concat_ws(' ', s.given_name, s.family_name)) as name, s.student_number::text as number, f.rank
  from (
    select p.kind, p.person_id,
      (case when ' ' || p.words like all ($3::text[]) then 2 else 0 end + extensions.word_similarity($2, p.words) + extensions.similarity($2, p.words))::real as rank
    from private.searchable_people p
    where p.school_id = $1 and (' ' || p.words like all ($3::text[]) or $2 !~ '[0-9]' and $2 operator(extensions.<%) p.words)) f
  left join public.students s on f.kind = 'student' and (s.school_id, s.id) = ($1, f.person_id)
  left join public.directory_cards d on f.kind = 'staff' and (d.school_id, d.membership_id) = ($1, f.person_id) and d.deleted_at is null
  order by f.rank desc, 3, f.person_id
  limit 20`;

/** Three letters that begin names, Hebrew and Latin. `sought` is the text as private.search_text makes it. */
export function searchCases({ school, admin }: Scene): Case[] {
  return [
    { what: "search, three Hebrew letters", text: "כהן", sought: "כהנ" },
    { what: "search, three Latin letters", text: "Lév", sought: "lev" },
  ].map(({ what, text, sought }) => ({
    who: "admin",
    what,
    user: admin.user,
    asUser: asRequest("select r.* from public.search_people(school_id := $1, query := $2) r", [school, text]),
    byHand: asRequest(BY_HAND, [school, sought, `{"% ${sought}%"}`]),
  }));
}
