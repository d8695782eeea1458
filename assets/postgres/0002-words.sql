-- An index of the words of the messages, for searches that find few among many.
--
-- public.message_words  the words of each message, as Waybill cuts them; a search still looks at each message that it finds
-- waybill.unworded      messages whose words are not as they stand there: every search looks at these themselves
-- waybill.wording       how far the messages are worded that were here before; no row once all are
--
-- `waybill consume` words what is unworded beside its work. Whoever else writes to message_logs need not know of it: what
-- is written becomes unworded by the triggers below.

create table public.message_words (
  message_uuid uuid primary key,
  origin_ts    timestamptz not null,
  -- Or '?', which is no word, for a message of so many words that every search is to look at it.
  words        tsvector not null
) partition by range (message_uuid);

create table waybill.message_words_default partition of public.message_words default;
create table waybill.message_words_others partition of public.message_words
  for values from ('03bb2cc3-d800-0000-0000-000000000000') to (maxvalue);

create index message_words_words on public.message_words using gin (words);

create table waybill.unworded (
  message_uuid uuid not null,
  origin_ts    timestamptz not null
);

create table waybill.wording (
  -- Messages with a higher id, of those that were here before, are not worded yet.
  behind uuid not null
);

-- Whoever may write a message may so note it.
create function waybill.note_inserted() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into waybill.unworded select message_uuid, origin_ts from written;
  return null;
end $$;

create function waybill.note_updated() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into waybill.unworded
  select n.message_uuid, n.origin_ts
  from written as n left join replaced as o using (message_uuid)
  where (n.origin_ts, n.content_preview, n.topic, n.message_type, n.template_name, n.template_id, n.external_id,
      n.error_message, n.source_subject_id, n.destination_subject_ids)
    is distinct from (o.origin_ts, o.content_preview, o.topic, o.message_type, o.template_name, o.template_id,
      o.external_id, o.error_message, o.source_subject_id, o.destination_subject_ids);
  return null;
end $$;

create function waybill.forget_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.message_words where message_uuid in (select message_uuid from deleted);
  return null;
end $$;

-- Months: as they were made by the first of these files, with the words beside the messages and their history -----------

create or replace function public.waybill_make_partitions(months integer default 24) returns integer
language plpgsql set search_path = '' as $$
declare
  this_month timestamp := date_trunc('month', now() at time zone 'UTC');
  last_month timestamp := this_month + make_interval(months => least(greatest(months, 0), 120));
  month timestamp;
  parent text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('waybill_make_partitions', 0));
  for month in
    select m from generate_series(this_month - interval '1 month', last_month, interval '1 month') as m
    union
    select date_trunc('month', waybill.moment_of(message_uuid) at time zone 'UTC')
    from waybill.message_logs_default
    -- Ids of another kind only look like such a moment.
    where waybill.moment_of(message_uuid) >= '2020-01-01' and waybill.moment_of(message_uuid) < now()
    order by 1
  loop
    foreach parent in array array['message_logs', 'message_events', 'message_words']
    loop
      -- As a hypertable it has no such partitions.
      continue when to_regclass('waybill.' || parent || '_default') is null;
      if waybill.make_month(parent, month at time zone 'UTC') then
        made := made + 1;
      end if;
    end loop;
  end loop;
  return made;
end $$;

do $$
declare
  month text;
  reader text;
begin
  for month in
    select substring(c.relname from '\d{4}_\d{2}$')
    from pg_catalog.pg_inherits as i join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = 'public.message_logs'::regclass and c.relname ~ '^message_logs_\d{4}_\d{2}$'
  loop
    perform waybill.make_month('message_words', to_date(month, 'YYYY_MM')::timestamp at time zone 'UTC');
  end loop;
  -- Who may read the messages may search them.
  for reader in
    select case a.grantee when 0 then 'public' else a.grantee::regrole::text end
    from pg_catalog.pg_class as c, aclexplode(c.relacl) as a
    where c.oid = 'public.message_logs'::regclass and a.privilege_type = 'SELECT' and a.grantee <> c.relowner
  loop
    execute format('grant select on public.message_words, waybill.unworded, waybill.wording to %s', reader);
  end loop;
end $$;

-- Last, since they wait for those who write, who then wait for this transaction's end.
create trigger waybill_inserted after insert on public.message_logs
  referencing new table as written for each statement execute function waybill.note_inserted();
create trigger waybill_updated after update on public.message_logs
  referencing new table as written old table as replaced for each statement execute function waybill.note_updated();
create trigger waybill_deleted after delete on public.message_logs
  referencing old table as deleted for each statement execute function waybill.forget_words();

-- From here on nothing comes that is not noted.
insert into waybill.wording select '00000000-0000-0000-0000-000000000000' where exists (select from public.message_logs);
