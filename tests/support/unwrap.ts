/** The data of a supabase-js answer; its error is thrown. */
export function unwrap<T>(answer: { data: T; error: unknown }): NonNullable<T> {
  if (answer.error) throw new Error(JSON.stringify(answer.error));
  if (answer.data === null || answer.data === undefined) throw new Error("Answered without data");
  return answer.data;
}
