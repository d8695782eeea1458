-- Waybill's tables in Supabase: paste all of this into the SQL editor and run it. Running it again is harmless.
--
-- public.message_logs   every message, one row each, by message_uuid
-- public.sessions       the sessions' own facts, by session_id
-- public.session_numbers  a view: how many messages of a session there are, and what became of them
-- public.waybill_*      functions that Waybill calls, and waybill_uuid_at for your own queries
-- waybill               a schema of its own, which the API does not show: the partitions
--
-- PARTITIONS. An upsert on message_uuid alone needs a unique key on message_uuid alone, and PostgreSQL asks that such
-- a key has the column of the partitions in it. So message_logs is partitioned by message_uuid itself. That is time all
-- the same: the ids that Waybill makes are UUIDv7, whose first 48 bits are milliseconds since 1970, so a range of ids
-- is a range of time, and each partition holds one month. Ids that other programs made another way (v4, v5) are spread
-- over the whole space; nearly all of them lie outside the months there are, and land in the default partition. Either
-- way an id always leads to the same one partition, which is all that an upsert needs.
--
-- To look at one month only, let a query name the ids as well as the time:
--   select * from message_logs
--   where message_uuid >= waybill_uuid_at('2026-10-01') and message_uuid < waybill_uuid_at('2026-11-01');
-- An old month is dropped at once, without a long delete: drop table waybill.message_logs_2024_01;

begin;

-- Tables of these names that are not Waybill's are left alone.
do $$
begin
  if exists (
    select from pg_catalog.pg_class
    where oid = to_regclass('public.message_logs') and relkind <> 'p'
  ) then
    raise exception 'A table public.message_logs is here already that Waybill did not make.'
      using hint = 'Rename it (alter table public.message_logs rename to message_logs_before), and run this again.';
  end if;
  if to_regclass('public.sessions') is not null and to_regclass('waybill.message_logs_default') is null then
    raise exception 'A table public.sessions is here already that Waybill did not make.'
      using hint = 'Rename it (alter table public.sessions rename to sessions_before), and run this again.';
  end if;
end $$;

create schema if not exists waybill;
grant usage on schema waybill to service_role;

-- Messages -----------------------------------------------------------------------------------------------------------

create table if not exists public.message_logs (
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

create table if not exists waybill.message_logs_default partition of public.message_logs default;
alter table waybill.message_logs_default enable row level security;

create index if not exists message_logs_origin_ts on public.message_logs (origin_ts);
create index if not exists message_logs_status on public.message_logs (status, origin_ts);
-- Hashed, since an id may be longer than what a b-tree takes.
create index if not exists message_logs_session_id on public.message_logs using hash (session_id);
create index if not exists message_logs_source on public.message_logs using hash (source_subject_id);
create index if not exists message_logs_destinations on public.message_logs using gin (destination_subject_ids);

-- Sessions -----------------------------------------------------------------------------------------------------------

create table if not exists public.sessions (
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

create index if not exists sessions_started_ts on public.sessions (started_ts);

-- Counted anew from the messages each time it is read.
create or replace view public.session_numbers with (security_invoker = true) as
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

-- A lower revision never replaces a higher one -------------------------------------------------------------------------

-- An upsert that comes late changes nothing, and is no error: it is done with. An equal revision replaces the row, so
-- that one that was damaged here is healed by sending it again; where it is the same already, nothing is written.
create or replace function waybill.keep_newest() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.revision < old.revision or new is not distinct from old then
    return null;
  end if;
  new.stored_at := now();
  return new;
end $$;

create or replace trigger keep_newest before update on public.message_logs
  for each row execute function waybill.keep_newest();
create or replace trigger keep_newest before update on public.sessions
  for each row execute function waybill.keep_newest();

-- Months -------------------------------------------------------------------------------------------------------------

-- The lowest UUIDv7 of a moment: a range of time as a range of ids.
create or replace function public.waybill_uuid_at(moment timestamptz) returns uuid
language sql immutable strict parallel safe set search_path = '' as $$
  select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- The moment in an id, where it is a UUIDv7.
create or replace function waybill.moment_of(id uuid) returns timestamptz
language sql immutable strict parallel safe as $$
  select case when substr(id::text, 15, 1) = '7'
    then to_timestamp(('x0000' || substr(replace(id::text, '-', ''), 1, 12))::bit(64)::bigint / 1000.0) end
$$;

-- Makes the partition of a month, unless it is there, and moves into it what the default partition has of it.
create or replace function waybill.make_month(month timestamptz) returns boolean
language plpgsql set search_path = '' as $$
declare
  partition text := 'message_logs_' || to_char(month at time zone 'UTC', 'YYYY_MM');
  lowest uuid := public.waybill_uuid_at(month);
  highest uuid := public.waybill_uuid_at((month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
begin
  if to_regclass('waybill.' || partition) is not null then
    return false;
  end if;
  -- Nothing may come into the default partition between the move and the attachment.
  lock table waybill.message_logs_default in access exclusive mode;
  execute format('create table waybill.%I (like public.message_logs including defaults including constraints)', partition);
  execute format('alter table waybill.%I enable row level security', partition);
  execute format(
    'with moved as (delete from waybill.message_logs_default where message_uuid >= %L and message_uuid < %L returning *)
     insert into waybill.%I select * from moved',
    lowest, highest, partition);
  execute format(
    'alter table public.message_logs attach partition waybill.%I for values from (%L) to (%L)',
    partition, lowest, highest);
  return true;
end $$;

-- Makes the partitions from the last month to so many months ahead, and those of older months that the default
-- partition holds ids of; how many it made. Waybill calls it when the last of them comes near.
create or replace function public.waybill_make_partitions(months integer default 24) returns integer
language plpgsql security definer set search_path = '' set statement_timeout = '60s' as $$
declare
  this_month timestamp := date_trunc('month', now() at time zone 'UTC');
  last_month timestamp := this_month + make_interval(months => least(greatest(months, 0), 120));
  month timestamp;
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
    if waybill.make_month(month at time zone 'UTC') then
      made := made + 1;
    end if;
  end loop;
  return made;
end $$;

select public.waybill_make_partitions(24);

-- What Waybill asks --------------------------------------------------------------------------------------------------

-- Which version of this file was run last, and for how many months from now there are partitions.
create or replace function public.waybill_schema() returns json
language sql stable security definer set search_path = '' as $$
  select json_build_object(
    'version', 1,
    'months_ahead', (
      select count(*) from pg_catalog.pg_inherits as i join pg_catalog.pg_class as c on c.oid = i.inhrelid
      where i.inhparent = to_regclass('public.message_logs')
        and c.relname ~ '^message_logs_\d{4}_\d{2}$'
        and c.relname > 'message_logs_' || to_char(now() at time zone 'UTC', 'YYYY_MM')
    )
  )
$$;

-- Whether a plain message can be stored: it is, and then undone. Fails with whatever hinders it, so that Waybill can
-- tell a table that takes nothing from a message that it does not take.
create or replace function public.waybill_probe() returns void
language plpgsql set search_path = '' as $$
begin
  insert into public.message_logs (message_uuid, user_id, channel, status, origin_ts)
  values (gen_random_uuid(), 'waybill', 'event', 'pending', now());
  raise sqlstate 'WB000';
exception when sqlstate 'WB000' then
  return;
end $$;

-- 48 bits of what Waybill and this table must agree on: src-main/sync/fingerprint.ts makes the same.
create or replace function waybill.fingerprint(id text, revision integer, status text) returns bigint
language sql immutable parallel safe as $$
  select ('x' || substr(md5(id || ':' || revision || ':' || status), 1, 12))::bit(48)::bigint
$$;

-- The start of the span of time that a moment is in; spans are counted from 1970, also backwards.
create or replace function waybill.bucket(span_ms bigint, moment timestamptz) returns timestamptz
language sql immutable parallel safe as $$
  select date_bin(
    make_interval(secs => span_ms / 1000), moment,
    to_timestamp((-62300000000 / (span_ms / 1000) * (span_ms / 1000))::double precision))
$$;

-- [[start, rows, fingerprints added modulo 2^48], …] of each span of time with messages; times are whole seconds in
-- milliseconds since 1970. One value, which no limit on rows cuts off. Waybill asks for part of the time where all of
-- it takes too long.
create or replace function public.waybill_message_fingerprints(
  span_ms bigint, from_ms bigint default null, to_ms bigint default null
) returns json language plpgsql stable set search_path = '' set statement_timeout = '55s' set work_mem = '64MB' as $$
begin
  return (
    select coalesce(json_agg(json_build_array((extract(epoch from start) * 1000)::bigint, rows, print) order by start), '[]')
    from (
      select waybill.bucket(span_ms, origin_ts) as start, count(*) as rows,
        (sum(waybill.fingerprint(message_uuid::text, revision, status)) % 281474976710656)::bigint as print
      from public.message_logs
      where (from_ms is null or origin_ts >= to_timestamp(from_ms / 1000))
        and (to_ms is null or origin_ts < to_timestamp(to_ms / 1000))
      group by 1
    ) as spans
  );
end $$;

create or replace function public.waybill_session_fingerprints(
  span_ms bigint, from_ms bigint default null, to_ms bigint default null
) returns json language plpgsql stable set search_path = '' set statement_timeout = '55s' set work_mem = '64MB' as $$
begin
  return (
    select coalesce(json_agg(json_build_array((extract(epoch from start) * 1000)::bigint, rows, print) order by start), '[]')
    from (
      select waybill.bucket(span_ms, started_ts) as start, count(*) as rows,
        (sum(waybill.fingerprint(session_id, revision, '')) % 281474976710656)::bigint as print
      from public.sessions
      where (from_ms is null or started_ts >= to_timestamp(from_ms / 1000))
        and (to_ms is null or started_ts < to_timestamp(to_ms / 1000))
      group by 1
    ) as spans
  );
end $$;

-- [[id, revision, status], …] of what lies in a span of time.
create or replace function public.waybill_message_revisions(from_ms bigint, to_ms bigint) returns json
language plpgsql stable set search_path = '' set statement_timeout = '55s' as $$
begin
  return (
    select coalesce(json_agg(json_build_array(message_uuid, revision, status)), '[]')
    from public.message_logs
    where origin_ts >= to_timestamp(from_ms / 1000) and origin_ts < to_timestamp(to_ms / 1000)
  );
end $$;

create or replace function public.waybill_session_revisions(from_ms bigint, to_ms bigint) returns json
language plpgsql stable set search_path = '' set statement_timeout = '55s' as $$
begin
  return (
    select coalesce(json_agg(json_build_array(session_id, revision, '')), '[]')
    from public.sessions
    where started_ts >= to_timestamp(from_ms / 1000) and started_ts < to_timestamp(to_ms / 1000)
  );
end $$;

-- The first and the last moment there is of each, in milliseconds since 1970.
create or replace function public.waybill_period() returns json
language sql stable set search_path = '' as $$
  select json_build_object(
    'message', (
      select json_build_array(floor(extract(epoch from min(origin_ts)) * 1000)::bigint,
        floor(extract(epoch from max(origin_ts)) * 1000)::bigint) from public.message_logs),
    'session', (
      select json_build_array(floor(extract(epoch from min(started_ts)) * 1000)::bigint,
        floor(extract(epoch from max(started_ts)) * 1000)::bigint) from public.sessions)
  )
$$;

-- Who may do what ----------------------------------------------------------------------------------------------------
-- service_role (the secret key, Waybill's) writes; authenticated (people who signed in) reads; anon (the public) nothing.

alter table public.message_logs enable row level security;
alter table public.sessions enable row level security;

-- Supabase grants everything on new tables to all three.
revoke all on public.message_logs, public.sessions, public.session_numbers from public, anon, authenticated;
grant select on public.message_logs, public.sessions, public.session_numbers to authenticated;
grant select, insert, update, delete on public.message_logs, public.sessions to service_role;
grant select on public.session_numbers to service_role;

drop policy if exists waybill_writes on public.message_logs;
create policy waybill_writes on public.message_logs for all to service_role using (true) with check (true);
drop policy if exists waybill_writes on public.sessions;
create policy waybill_writes on public.sessions for all to service_role using (true) with check (true);
drop policy if exists people_read on public.message_logs;
create policy people_read on public.message_logs for select to authenticated using (true);
drop policy if exists people_read on public.sessions;
create policy people_read on public.sessions for select to authenticated using (true);

do $$
declare
  name text;
begin
  foreach name in array array[
    'waybill_schema()', 'waybill_probe()', 'waybill_period()', 'waybill_make_partitions(integer)',
    'waybill_message_fingerprints(bigint, bigint, bigint)', 'waybill_session_fingerprints(bigint, bigint, bigint)',
    'waybill_message_revisions(bigint, bigint)', 'waybill_session_revisions(bigint, bigint)'
  ]
  loop
    execute format('revoke all on function public.%s from public, anon, authenticated', name);
    execute format('grant execute on function public.%s to service_role', name);
  end loop;
end $$;

commit;

-- The API takes up what is new.
notify pgrst, 'reload schema';
