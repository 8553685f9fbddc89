-- Integrations, their connections, and what their runs did. Everything of the app lives in the schema "loopline";
-- each integration's records live in a schema of their own (integrations.schema_name).

create table integrations (
  id text primary key,
  name text not null,
  capability text not null check (capability in ('helpdesk', 'crm', 'content')),
  environment text not null check (environment in ('production', 'sandbox')),
  pull_by text not null check (pull_by in ('created', 'updated')),
  -- Where to log in: an https origin on Salesforce's own hosts, or one that the operator allowed.
  domain text not null,
  pull_from timestamptz,
  sync_every_minutes integer not null check (sync_every_minutes between 5 and 1440),
  schema_name text not null unique,
  -- The External Client App, when it is not the installation's own.
  client_id text,
  client_secret_sealed text,
  -- The share of the org's daily API calls (percent of all use) at which runs stop.
  api_share_percent integer not null default 80 check (api_share_percent between 1 and 100),
  paused_at timestamptz,
  next_run_at timestamptz,
  -- Which unified views the schema has: they are made anew when the mapping or the columns below them change.
  views_hash text,
  created_at timestamptz not null default now(),
  created_by text,
  updated_at timestamptz not null default now()
);
create unique index integrations_name on integrations (lower(name));
create index integrations_due on integrations (next_run_at) where paused_at is null;

create table connections (
  integration_id text primary key references integrations on delete cascade,
  org_id text not null,
  org_name text,
  is_sandbox boolean,
  user_id text not null,
  username text not null,
  user_name text,
  instance_url text not null,
  -- The origin that issued the tokens: renewal goes to the same one.
  login_origin text not null,
  access_token_sealed text,
  refresh_token_sealed text,
  scopes text[] not null default '{}',
  token_issued_at timestamptz,
  -- Counts renewals: a caller that holds an older number re-reads instead of renewing again.
  token_version integer not null default 1,
  health text not null default 'connected' check (health in ('connected', 'degraded', 'reconnect')),
  failure jsonb,
  health_since timestamptz not null default now(),
  api_used integer,
  api_max integer,
  api_seen_at timestamptz,
  connected_at timestamptz not null default now(),
  connected_by text
);

create table oauth_attempts (
  id text primary key,
  -- SHA-256 of the state parameter; the state itself is only in the browser and at Salesforce.
  state_hash text not null unique,
  -- The session of the person who clicked Connect: nobody else may finish the attempt.
  session_id text not null,
  person_id text not null,
  -- null: a new integration is made from the draft.
  integration_id text references integrations on delete cascade,
  draft jsonb,
  draft_secret_sealed text,
  verifier_sealed text not null,
  login_origin text not null,
  client_id text not null,
  state text not null default 'pending' check (state in ('pending', 'succeeded', 'failed')),
  failure jsonb,
  result_integration_id text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

create table streams (
  integration_id text not null references integrations on delete cascade,
  object_name text not null,
  label text not null,
  table_name text not null,
  state text not null default 'new' check (state in ('new', 'backfilling', 'live', 'refused')),
  -- How far the stream is known complete; moves only in the transaction that lands the rows.
  checkpoint timestamptz,
  -- The columns the mirror has: [{"field", "column", "type", "salesforceType", "label", ...}].
  columns jsonb not null default '[]',
  described_at timestamptz,
  -- When a stream that is not read by time was last read whole.
  full_read_at timestamptz,
  row_count bigint not null default 0,
  newest_record_at timestamptz,
  failure jsonb,
  primary key (integration_id, object_name)
);

create table runs (
  id bigint generated always as identity primary key,
  integration_id text not null references integrations on delete cascade,
  kind text not null check (kind in ('backfill', 'incremental', 'verify')),
  trigger text not null check (trigger in ('connect', 'schedule', 'manual', 'retry')),
  state text not null default 'queued' check (state in ('queued', 'running', 'waiting', 'finished', 'failed', 'cancelled')),
  requested_by text,
  -- Raised by each worker that takes the run: writes of an earlier attempt are refused.
  attempt integer not null default 0,
  -- Transient failures since a page last landed: they have an end.
  failures integer not null default 0,
  -- Salesforce's clock when the run began: what is newer belongs to the next run.
  window_end timestamptz,
  retry_at timestamptz,
  cancel_requested_at timestamptz,
  failure jsonb,
  -- What the run noticed, in words: fields that appeared or went, objects left out.
  notes jsonb not null default '[]',
  api_calls integer not null default 0,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  heartbeat_at timestamptz,
  finished_at timestamptz
);
-- Two runs of one integration never overlap.
create unique index runs_active on runs (integration_id) where state in ('queued', 'running', 'waiting');
create index runs_history on runs (integration_id, id desc);

create table run_streams (
  run_id bigint not null references runs on delete cascade,
  object_name text not null,
  position integer not null,
  state text not null default 'pending' check (state in ('pending', 'running', 'finished', 'refused', 'failed')),
  mode text check (mode in ('bulk', 'rest')),
  window_start timestamptz,
  -- A Bulk job that outlives a crash is resumed by its id, its API version and its locator.
  job_id text,
  job_api_version text,
  locator text,
  -- Whether pages are copied straight into the mirror, which was empty when the job began.
  direct boolean not null default false,
  -- How many records Salesforce says there are: an estimate before a job is complete, exact afterwards.
  expected_records bigint,
  records_read bigint not null default 0,
  rows_changed bigint not null default 0,
  rows_deleted bigint not null default 0,
  failure jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (run_id, object_name)
);

create table audit_events (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_id text,
  -- Kept as text: the trail outlives the person and the integration.
  actor text not null,
  action text not null,
  integration_id text,
  integration_name text,
  detail jsonb not null default '{}'
);
create index audit_events_by_integration on audit_events (integration_id, id desc);
