/** Who may do what in the private channels of the tests; the topic says it. */
export const topicPolicies = `
  create policy "people read rooms" on realtime.messages for select to authenticated
    using ((select realtime.topic()) like 'room:%');
  create policy "people write to rooms" on realtime.messages for insert to authenticated
    with check ((select realtime.topic()) like 'room:open:%');
  create policy "people read their own topic" on realtime.messages for select to authenticated
    using ((select realtime.topic()) = 'own:' || (select auth.uid()));
  create policy "people only see who is there" on realtime.messages for select to authenticated
    using ((select realtime.topic()) like 'lobby:%' and extension = 'presence');
  create policy "people are present in the lobby" on realtime.messages for insert to authenticated
    with check ((select realtime.topic()) like 'lobby:%' and extension = 'presence');
  create table public.members (topic text, user_id uuid);
  grant select on public.members to authenticated;
  create policy "members read" on realtime.messages for select to authenticated
    using (exists (select from public.members m
      where m.topic = (select realtime.topic()) and m.user_id = (select auth.uid())));
  create policy "members write" on realtime.messages for insert to authenticated
    with check (exists (select from public.members m
      where m.topic = (select realtime.topic()) and m.user_id = (select auth.uid())));
  create policy "headers decide" on realtime.messages for select to anon
    using ((select realtime.topic()) = 'header'
      and current_setting('request.headers')::json ->> 'x-class' = '7b');
  create policy "a broken policy for writing" on realtime.messages for insert to anon
    with check (case when (select realtime.topic()) = 'broken' then topic::int > 0 else false end);
  create policy "a broken policy" on realtime.messages for select to anon
    using (case when (select realtime.topic()) = 'broken' then topic::int > 0 else false end);
`;
