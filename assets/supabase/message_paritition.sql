-- Writes each turn of a chat into the Weather News Agent's own table, too: paste all of this into the SQL editor of a
-- project that has public.message_paritition, after waybill.sql, and run it. Running it again is harmless. Then set
-- SUPABASE_TABLE=message_paritition: Waybill sends nothing to a project that would not write that table. To end it, take
-- that setting away and run: drop trigger write_chat_turn on public.message_logs;
--
-- Its rows have no key by which one that is sent twice could be known. So it is the database that writes them, in the
-- transaction that first stores the turn in message_logs, where message_uuid is the key: each turn is one row, and what
-- is sent again, or changed later, is none. Turns that are in message_logs already are not written.

begin;

create or replace function waybill.write_chat_turn() returns trigger language plpgsql set search_path = '' as $$
begin
  insert into public.message_paritition
    (email, user_message, bot_response, bot_id, requested_time, platform, activity_name, created_at, "timestamp")
  values (
    coalesce(new.message_metadata ->> 'email', new.source_subject_id, ''),
    coalesce(new.message_data ->> 'message', ''),
    coalesce(new.message_data ->> 'response', ''),
    coalesce(new.message_metadata ->> 'bot_id', new.destination_subject_ids[1], ''),
    coalesce(
      new.message_metadata ->> 'requested_time',
      to_char(new.origin_ts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
    coalesce(new.message_metadata ->> 'platform', ''),
    coalesce(new.message_metadata ->> 'activity_name', ''),
    now(),
    new.origin_ts
  );
  return null;
end $$;

create or replace trigger write_chat_turn after insert on public.message_logs
  for each row when (new.message_type = 'chat_turn') execute function waybill.write_chat_turn();

-- What keeps turns from being written into message_paritition; null where nothing does. Waybill asks when it connects.
create or replace function public.waybill_chat_table() returns json
language sql stable set search_path = '' as $$
  select json_build_object('problem', case
    when not exists (
      select from pg_catalog.pg_trigger
      where tgrelid = 'public.message_logs'::regclass and tgname = 'write_chat_turn' and tgenabled in ('O', 'A')
    ) then 'the trigger write_chat_turn of message_logs is not there, or disabled'
    when to_regclass('public.message_paritition') is null then 'there is no table message_paritition'
    else (
      select 'message_paritition has no ' || string_agg(name, ', ')
      from unnest(array['email', 'user_message', 'bot_response', 'bot_id', 'requested_time', 'platform',
        'activity_name', 'created_at', 'timestamp']) as name
      where not exists (
        select from pg_catalog.pg_attribute
        where attrelid = to_regclass('public.message_paritition') and attname = name and not attisdropped
      )
    )
  end)
$$;
revoke all on function public.waybill_chat_table() from public, anon, authenticated;
grant execute on function public.waybill_chat_table() to service_role;

do $$
begin
  if public.waybill_chat_table() ->> 'problem' is not null then
    raise exception 'Turns can''t be written: %.', public.waybill_chat_table() ->> 'problem';
  end if;
end $$;

commit;

-- The API takes up what is new.
notify pgrst, 'reload schema';
