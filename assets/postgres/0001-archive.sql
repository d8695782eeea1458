-- Waybill's archive: what `waybill consume` writes and `waybill serve --archive` reads. Waybill runs this file itself.
--
-- public.message_logs     every message, one row each, by message_uuid
-- public.message_events   every revision of each message that came
-- public.sessions         begun with the first message that names one
-- public.message_hours    messages by hour of origin, kept in the transaction that changes them
-- public.session_numbers  a view: how many messages of a session there are, and what became of them
-- public.waybill_*        functions: waybill_uuid_at for your own queries, waybill_make_partitions
-- waybill                 a schema of its own: the partitions, and which of these files were run
--
-- PARTITIONS. A message is written again with each change, by its message_uuid alone, so that must be a unique key, and
-- PostgreSQL asks that such a key has the column of the partitions in it. So the tables are partitioned by message_uuid
-- itself. That is time all the same: the ids that Waybill makes are UUIDv7, whose first 48 bits are milliseconds since
-- 1970, so a range of ids is a range of time, and each partition holds one month. Ids that others made (v4, v5) are
-- spread over the whole space: nearly all of them lie above the year 2100, in a partition of their own, and the few below
-- in the default partition, which so stays small: a new month has to look through it.
--
-- To look at one month only, let a query name the ids as well as the time:
--   select * from message_logs
--   where message_uuid >= waybill_uuid_at('2026-10-01') and message_uuid < waybill_uuid_at('2026-11-01');
-- An old month is dropped at once, without a long delete:
--   drop table waybill.message_logs_2024_01, waybill.message_events_2024_01, waybill.message_words_2024_01;

-- The lowest UUIDv7 of a moment: a range of time as a range of ids.
create function public.waybill_uuid_at(moment timestamptz) returns uuid
language sql immutable strict parallel safe set search_path = '' as $$
  select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- The moment in an id, where it is a UUIDv7.
create function waybill.moment_of(id uuid) returns timestamptz
language sql immutable strict parallel safe as $$
  select case when substr(id::text, 15, 1) = '7'
    then to_timestamp(('x0000' || substr(replace(id::text, '-', ''), 1, 12))::bit(64)::bigint / 1000.0) end
$$;

-- Messages -----------------------------------------------------------------------------------------------------------

create table public.message_logs (
  message_uuid            uuid primary key,
  session_id              text,
  user_id                 text not null,
  channel                 text not null,
  status                  text not null
    check (status in ('pending', 'sending', 'sent', 'delivered', 'read', 'failed', 'cancelled')),
  origin_ts               timestamptz not null,
  sent_ts                 timestamptz,
  delivered_ts            timestamptz,
  read_ts                 timestamptz,
  ack_ts                  timestamptz,
  source_subject_id       text,
  destination_subject_ids text[] not null default '{}',
  topic                   text,
  message_type            text,
  template_id             text,
  template_name           text,
  external_id             text,
  error_message           text,
  content_preview         text,
  message_data            jsonb not null default '{}',
  message_metadata        jsonb not null default '{}',
  revision                integer not null default 1 check (revision >= 1),
  -- When this row was last written here.
  stored_at               timestamptz not null default now()
) partition by range (message_uuid);

create table waybill.message_logs_default partition of public.message_logs default;
create table waybill.message_logs_others partition of public.message_logs
  for values from ('03bb2cc3-d800-0000-0000-000000000000') to (maxvalue);

create index message_logs_origin_ts on public.message_logs (origin_ts, message_uuid);
-- Of what did not succeed: success is the rule, and walking the messages by time soon meets it.
create index message_logs_status on public.message_logs (status, origin_ts)
  where status not in ('sent', 'delivered', 'read');
-- Hashed, since a text may be longer than what a b-tree takes.
create index message_logs_session_id on public.message_logs using hash (session_id);
create index message_logs_source on public.message_logs using hash (source_subject_id);
create index message_logs_type on public.message_logs using hash (message_type);
create index message_logs_destinations on public.message_logs using gin (destination_subject_ids);
create index message_logs_data on public.message_logs using gin (message_data jsonb_path_ops);

-- History ------------------------------------------------------------------------------------------------------------

do $$
declare
  columns constant text := $c$
    message_uuid  uuid not null,
    revision      integer not null,
    status        text not null,
    -- When it came to that, as far as the message tells.
    ts            timestamptz not null,
    external_id   text,
    error_message text,
    recorded_ts   timestamptz not null default now(),
    -- The transaction of a consumer that wrote it: what waybill_changes tells the number of.
    batch         bigint not null
  $c$;
begin
  if exists (select from pg_catalog.pg_extension where extname = 'timescaledb') then
    -- Not tested where it was made: TimescaleDB was not to be had there. It wants the time in every unique key, which the
    -- history can give it. message_logs, which is written by its id alone, can't, and stays as it is.
    execute format('create table public.message_events (%s, primary key (message_uuid, revision, ts))', columns);
    perform create_hypertable('public.message_events', 'ts', chunk_time_interval => interval '7 days');
    execute 'alter table public.message_events set (timescaledb.compress, timescaledb.compress_orderby = ''message_uuid, revision'')';
    perform add_compression_policy('public.message_events', interval '30 days');
  else
    execute format(
      'create table public.message_events (%s, primary key (message_uuid, revision)) partition by range (message_uuid)', columns);
    create table waybill.message_events_default partition of public.message_events default;
    create table waybill.message_events_others partition of public.message_events
      for values from ('03bb2cc3-d800-0000-0000-000000000000') to (maxvalue);
  end if;
end $$;

create index message_events_batch on public.message_events (batch);
create sequence waybill.batches;

-- Sessions -----------------------------------------------------------------------------------------------------------

create table public.sessions (
  session_id    text primary key,
  user_id       text not null,
  channel       text not null,
  template_id   text,
  template_name text,
  started_ts    timestamptz not null,
  ended_ts      timestamptz,
  metadata      jsonb not null default '{}',
  revision      integer not null default 1 check (revision >= 1),
  stored_at     timestamptz not null default now()
);

create index sessions_started_ts on public.sessions (started_ts);

-- Counted anew from the messages each time it is read.
create view public.session_numbers as
select
  s.session_id,
  s.user_id,
  s.channel,
  s.template_id,
  s.template_name,
  s.started_ts,
  s.ended_ts,
  n.total,
  n.successful,
  n.failed,
  n.pending,
  n.cancelled,
  case when n.total = 0 then 0 else n.successful::double precision / n.total end as success_rate,
  n.average_send_seconds
from public.sessions as s
cross join lateral (
  select
    count(*) as total,
    count(*) filter (where m.status in ('sent', 'delivered', 'read')) as successful,
    count(*) filter (where m.status = 'failed') as failed,
    count(*) filter (where m.status in ('pending', 'sending')) as pending,
    count(*) filter (where m.status = 'cancelled') as cancelled,
    (avg(extract(epoch from m.sent_ts - m.origin_ts)) filter (where m.sent_ts >= m.origin_ts))::double precision
      as average_send_seconds
  from public.message_logs as m
  where m.session_id = s.session_id
) as n;

-- Statistics ---------------------------------------------------------------------------------------------------------

-- A row may come down to 0 messages and stay.
create table public.message_hours (
  hour        timestamptz not null,
  channel     text not null,
  status      text not null,
  -- Empty where the messages have none.
  template_id text not null default '',
  messages    bigint not null,
  primary key (hour, channel, status, template_id)
) with (fillfactor = 70);

-- Months -------------------------------------------------------------------------------------------------------------

-- Makes the partition of a month, unless it is there, and moves into it what the default partition has of it.
create function waybill.make_month(parent text, month timestamptz) returns boolean
language plpgsql set search_path = '' as $$
declare
  partition text := parent || to_char(month at time zone 'UTC', '_YYYY_MM');
  lowest uuid := public.waybill_uuid_at(month);
  highest uuid := public.waybill_uuid_at((month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
begin
  if to_regclass('waybill.' || partition) is not null then
    return false;
  end if;
  -- Nothing may come into the default partition between the move and the attachment.
  execute format('lock table waybill.%I in access exclusive mode', parent || '_default');
  execute format('create table waybill.%I (like public.%I including defaults including constraints)', partition, parent);
  execute format(
    'with moved as (delete from waybill.%I where message_uuid >= %L and message_uuid < %L returning *)
     insert into waybill.%I select * from moved',
    parent || '_default', lowest, highest, partition);
  execute format(
    'alter table public.%I attach partition waybill.%I for values from (%L) to (%L)', parent, partition, lowest, highest);
  return true;
end $$;

-- Makes the partitions from the last month to so many months ahead, and those of older months that the default
-- partition holds ids of; how many it made.
create function public.waybill_make_partitions(months integer default 24) returns integer
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
    foreach parent in array array['message_logs', 'message_events']
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

select public.waybill_make_partitions(24);

-- The tables of three systems that Waybill takes the place of, as views, so that queries on them go on to work ---------

do $$
begin
  if to_regclass('public.log_events') is null then
    create view public.log_events as
      select message_uuid as id, session_id, origin_ts as "timestamp", message_type as event_type, message_data as payload
      from public.message_logs where channel = 'event' and session_id is not null;
  end if;
  if to_regclass('public.chat_history') is null then
    create view public.chat_history as
      select message_uuid as id, user_id, message_data ->> 'message' as message, message_data ->> 'response' as response,
        origin_ts as "timestamp", stored_at as created_at
      from public.message_logs where message_type = 'chat_turn';
  end if;
  if to_regclass('public.message_exchange') is null then
    create view public.message_exchange as
      select message_uuid, origin_ts, ack_ts, message_data, source_subject_id, destination_subject_ids, topic,
        message_type, message_metadata
      from public.message_logs;
  end if;
end $$;
