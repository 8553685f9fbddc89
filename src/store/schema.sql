-- What the migrations build, for reading and for review. Made by schema.pg.test.ts.

create table api_keys (
  id text not null,
  config_id text not null,
  name text,
  start text,
  person_id text not null,
  prefix text,
  key_hash text not null,
  refill_interval integer,
  refill_amount integer,
  last_refill_at timestamp with time zone,
  enabled boolean,
  rate_limit_enabled boolean,
  rate_limit_time_window integer,
  rate_limit_max integer,
  request_count integer,
  remaining integer,
  last_request_at timestamp with time zone,
  expires_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  permissions text,
  metadata text,
  UNIQUE (key_hash),
  PRIMARY KEY (id),
  FOREIGN KEY (person_id) REFERENCES people(id) ON DELETE CASCADE
);
CREATE INDEX api_keys_by_config ON loopline.api_keys USING btree (config_id);
CREATE INDEX api_keys_by_person ON loopline.api_keys USING btree (person_id);

create table audit_events (
  id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  actor_id text,
  actor text not null,
  action text not null,
  integration_id text,
  integration_name text,
  detail jsonb default '{}'::jsonb not null,
  PRIMARY KEY (id)
);
CREATE INDEX audit_events_by_integration ON loopline.audit_events USING btree (integration_id, id DESC);

create table connections (
  integration_id text not null,
  org_id text not null,
  org_name text,
  is_sandbox boolean,
  user_id text not null,
  username text not null,
  user_name text,
  instance_url text not null,
  login_origin text not null,
  access_token_sealed text,
  refresh_token_sealed text,
  scopes text[] default '{}'::text[] not null,
  token_issued_at timestamp with time zone,
  token_version integer default 1 not null,
  health text default 'connected'::text not null,
  failure jsonb,
  health_since timestamp with time zone default now() not null,
  api_used integer,
  api_max integer,
  api_seen_at timestamp with time zone,
  connected_at timestamp with time zone default now() not null,
  connected_by text,
  PRIMARY KEY (integration_id),
  FOREIGN KEY (integration_id) REFERENCES integrations(id) ON DELETE CASCADE,
  CHECK ((health = ANY (ARRAY['connected'::text, 'degraded'::text, 'reconnect'::text])))
);

create table credentials (
  id text not null,
  account_id text not null,
  provider_id text not null,
  person_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamp with time zone,
  refresh_token_expires_at timestamp with time zone,
  scope text,
  password text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  PRIMARY KEY (id),
  FOREIGN KEY (person_id) REFERENCES people(id) ON DELETE CASCADE
);
CREATE INDEX credentials_by_person ON loopline.credentials USING btree (person_id);

create table integrations (
  id text not null,
  name text not null,
  capability text not null,
  environment text not null,
  pull_by text not null,
  domain text not null,
  pull_from timestamp with time zone,
  sync_every_minutes integer not null,
  schema_name text not null,
  client_id text,
  client_secret_sealed text,
  api_share_percent integer default 80 not null,
  paused_at timestamp with time zone,
  next_run_at timestamp with time zone,
  views_hash text,
  created_at timestamp with time zone default now() not null,
  created_by text,
  updated_at timestamp with time zone default now() not null,
  UNIQUE (schema_name),
  PRIMARY KEY (id),
  CHECK (((api_share_percent >= 1) AND (api_share_percent <= 100))),
  CHECK ((capability = ANY (ARRAY['helpdesk'::text, 'crm'::text, 'content'::text]))),
  CHECK ((environment = ANY (ARRAY['production'::text, 'sandbox'::text]))),
  CHECK ((pull_by = ANY (ARRAY['created'::text, 'updated'::text]))),
  CHECK (((sync_every_minutes >= 5) AND (sync_every_minutes <= 1440)))
);
CREATE INDEX integrations_due ON loopline.integrations USING btree (next_run_at) WHERE (paused_at IS NULL);
CREATE UNIQUE INDEX integrations_name ON loopline.integrations USING btree (lower(name));

create table invitations (
  id text not null,
  token_hash text not null,
  email text,
  role text not null,
  invited_by text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  UNIQUE (email),
  UNIQUE (token_hash),
  PRIMARY KEY (id),
  CHECK ((email = lower(email))),
  CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text])))
);

create table migrations (
  name text not null,
  applied_at timestamp with time zone default now() not null,
  PRIMARY KEY (name)
);

create table oauth_attempts (
  id text not null,
  state_hash text not null,
  session_id text not null,
  person_id text not null,
  integration_id text,
  draft jsonb,
  draft_secret_sealed text,
  verifier_sealed text not null,
  login_origin text not null,
  client_id text not null,
  state text default 'pending'::text not null,
  failure jsonb,
  result_integration_id text,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  UNIQUE (state_hash),
  PRIMARY KEY (id),
  FOREIGN KEY (integration_id) REFERENCES integrations(id) ON DELETE CASCADE,
  CHECK ((state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
);

create table people (
  id text not null,
  name text not null,
  email text not null,
  email_verified boolean default false not null,
  image text,
  role text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  UNIQUE (email),
  PRIMARY KEY (id),
  CHECK ((email = lower(email))),
  CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text])))
);

create table rate_limits (
  id text not null,
  key text not null,
  count integer not null,
  last_request bigint not null,
  UNIQUE (key),
  PRIMARY KEY (id)
);

create table run_streams (
  run_id bigint not null,
  object_name text not null,
  position integer not null,
  state text default 'pending'::text not null,
  mode text,
  window_start timestamp with time zone,
  job_id text,
  job_api_version text,
  locator text,
  direct boolean default false not null,
  expected_records bigint,
  records_read bigint default 0 not null,
  rows_changed bigint default 0 not null,
  rows_deleted bigint default 0 not null,
  failure jsonb,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  PRIMARY KEY (run_id, object_name),
  FOREIGN KEY (run_id) REFERENCES runs(id) ON DELETE CASCADE,
  CHECK ((mode = ANY (ARRAY['bulk'::text, 'rest'::text]))),
  CHECK ((state = ANY (ARRAY['pending'::text, 'running'::text, 'finished'::text, 'refused'::text, 'failed'::text])))
);

create table runs (
  id bigint generated always as identity not null,
  integration_id text not null,
  kind text not null,
  trigger text not null,
  state text default 'queued'::text not null,
  requested_by text,
  attempt integer default 0 not null,
  failures integer default 0 not null,
  window_end timestamp with time zone,
  retry_at timestamp with time zone,
  cancel_requested_at timestamp with time zone,
  failure jsonb,
  notes jsonb default '[]'::jsonb not null,
  api_calls integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  started_at timestamp with time zone,
  heartbeat_at timestamp with time zone,
  finished_at timestamp with time zone,
  PRIMARY KEY (id),
  FOREIGN KEY (integration_id) REFERENCES integrations(id) ON DELETE CASCADE,
  CHECK ((kind = ANY (ARRAY['backfill'::text, 'incremental'::text, 'verify'::text]))),
  CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'waiting'::text, 'finished'::text, 'failed'::text, 'cancelled'::text]))),
  CHECK ((trigger = ANY (ARRAY['connect'::text, 'schedule'::text, 'manual'::text, 'retry'::text])))
);
CREATE UNIQUE INDEX runs_active ON loopline.runs USING btree (integration_id) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text, 'waiting'::text]));
CREATE INDEX runs_history ON loopline.runs USING btree (integration_id, id DESC);

create table sessions (
  id text not null,
  expires_at timestamp with time zone not null,
  token text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  ip_address text,
  user_agent text,
  person_id text not null,
  UNIQUE (token),
  PRIMARY KEY (id),
  FOREIGN KEY (person_id) REFERENCES people(id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_person ON loopline.sessions USING btree (person_id);

create table streams (
  integration_id text not null,
  object_name text not null,
  label text not null,
  table_name text not null,
  state text default 'new'::text not null,
  checkpoint timestamp with time zone,
  columns jsonb default '[]'::jsonb not null,
  described_at timestamp with time zone,
  full_read_at timestamp with time zone,
  row_count bigint default 0 not null,
  newest_record_at timestamp with time zone,
  failure jsonb,
  PRIMARY KEY (integration_id, object_name),
  FOREIGN KEY (integration_id) REFERENCES integrations(id) ON DELETE CASCADE,
  CHECK ((state = ANY (ARRAY['new'::text, 'backfilling'::text, 'live'::text, 'refused'::text])))
);

create table verifications (
  id text not null,
  identifier text not null,
  value text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  PRIMARY KEY (id)
);
CREATE INDEX verifications_by_identifier ON loopline.verifications USING btree (identifier);
