/**
 * What functions may answer null for: Postgres knows no "not null" of a function's result, and the generator takes all of it to be
 * present. Columns of "returns table", or * for a scalar.
 */
const results = {
  attendance_summary: "rate chronic",
  audit_trail: "row columns actor membership session_id request_id user_agent",
  calibration_agreement: "domain_id kappa",
  deleted_rows: "deleted_by",
  district_board:
    "school_id school_name teachers_rated observations acknowledged planned done overdue ratings average_position",
  family_overview: "photo_path class_id class_name days absent_days rate chronic",
  goal_progress: "progress",
  my_calibration: "*",
  my_memberships: "team_scope campus_id department_id",
  prepare_sign_in: "user_id",
  preview_promotion: "to_class_id problem",
  search_people: "number",
  set_photo: "*",
  team_board:
    "display_name department_id next_due_on last_observed_at latest_average latest_position average_position trend goals_open goals_achieved goals_progress hours_approved hours_missing",
  team_components: "average_level average_position",
  training_seats: "capacity place",
  verify_audit: "first_bad_entry problem",
};

/** Puts "| null" where it belongs into generated types. */
export function withNullableResults(types: string, nullable: Record<string, string> = results): string {
  let result = types;
  for (const [name, columns] of Object.entries(nullable)) {
    for (const column of columns.split(" ")) {
      const start = result.indexOf(`\n      ${name}: {`, result.indexOf("\n    Functions: {"));
      const returns = result.indexOf("Returns: ", start);
      const label = column === "*" ? "Returns: " : ` ${column}: `;
      const found = result.indexOf(label, returns);
      if (start < 0 || found < 0 || found > result.indexOf("}", returns)) {
        throw new Error(`Cannot find the result ${name}.${column} in the generated types`);
      }
      const type = /[\w[\]]+/y;
      type.lastIndex = found + label.length;
      type.exec(result);
      result = `${result.slice(0, type.lastIndex)} | null${result.slice(type.lastIndex)}`;
    }
  }
  return result;
}
