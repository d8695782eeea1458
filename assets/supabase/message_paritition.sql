-- Writes each turn of a chat into the Weather News Agent's own table, too: paste all of this into the SQL editor of a
-- project that has public.message_paritition, after waybill.sql, and run it. Running it again is harmless. To end it:
-- drop trigger write_chat_turn on public.message_logs;
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

commit;
