-- Messages by template, by domain of the recipients and by how long they took, counted as those by hour are.
--
-- public.message_counts  by hour, day and 32 days of origin, so that any time is the sum of few rows
-- waybill.uncounted      what batches changed of that and is not added to it yet: whoever reads adds it too
-- waybill.counting       how far the messages are counted that were here before; no row once all are
--
-- `waybill consume` writes to waybill.uncounted in the transaction that changes the messages, and adds it up beside its
-- work. A batch adds a row for each dimension at most, which waits for nobody: many workers count the same hour.

create table public.message_counts (
  -- 'template' (its name, else its id), 'domain' (of the recipients; by day), and 'sent' and 'delivered': the time from the
  -- origin to that.
  dimension text not null,
  -- 0: slot counts hours since 1970, 1: days, 2: blocks of 32 days.
  grain     smallint not null,
  slot      integer not null,
  -- The first 500 characters of a template, or a domain; of a time its bin: 0 under 1 ms, else the whole part of
  -- 1 + 12 * log2(milliseconds).
  key       text not null,
  -- Empty for times.
  status    text not null,
  -- A row may come down to 0 messages and stay.
  messages  bigint not null,
  primary key (dimension, grain, slot, key, status)
) with (fillfactor = 70);

-- The arrays of a row belong together: one count each.
create table waybill.uncounted (
  dimension text not null,
  -- Of origin, since 1970.
  hours     integer[] not null,
  keys      text[] not null,
  statuses  text[] not null,
  messages  integer[] not null
);

create table waybill.counting (
  -- Messages of earlier days of origin, since 1970, are not counted yet.
  behind integer not null
);

do $$
declare
  reader text;
begin
  -- Who may read the messages may read what is counted of them.
  for reader in
    select case a.grantee when 0 then 'public' else a.grantee::regrole::text end
    from pg_catalog.pg_class as c, aclexplode(c.relacl) as a
    where c.oid = 'public.message_logs'::regclass and a.privilege_type = 'SELECT' and a.grantee <> c.relowner
  loop
    execute format('grant select on public.message_counts, waybill.uncounted, waybill.counting to %s', reader);
  end loop;
end $$;

-- Last, since it waits for the batches in hand, and those who write then wait for this transaction's end. Under its new
-- name no worker of an earlier version finds it: what that would write without counting is not written.
alter sequence waybill.batches rename to batch_numbers;

-- The counts by hour need no templates any more.
create table waybill.hours as
  select hour, channel, status, sum(messages) as messages from public.message_hours
  where messages <> 0 group by 1, 2, 3;
truncate public.message_hours;
alter table public.message_hours drop column template_id;
alter table public.message_hours add primary key (hour, channel, status);
insert into public.message_hours select * from waybill.hours order by hour;
drop table waybill.hours;

-- From here on all that comes is counted. No time of a record lies in the year 10000.
insert into waybill.counting select '10000-01-01'::date - '1970-01-01'::date
where exists (select from public.message_logs);
