-- Who may sign in, as whom, and with which keys. people to rate_limits are better-auth's tables under names of ours
-- (src/api/auth.ts maps them, and its test asks better-auth whether anything is missing); invitations are our own.

create table people (
  id text primary key,
  name text not null,
  email text not null unique check (email = lower(email)),
  email_verified boolean not null default false,
  image text,
  role text not null check (role in ('admin', 'member')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table sessions (
  id text primary key,
  expires_at timestamptz not null,
  token text not null unique,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ip_address text,
  user_agent text,
  person_id text not null references people on delete cascade
);
create index sessions_by_person on sessions (person_id);

-- How a person proves who they are: today a password's hash, one day an identity provider.
create table credentials (
  id text primary key,
  account_id text not null,
  provider_id text not null,
  person_id text not null references people on delete cascade,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index credentials_by_person on credentials (person_id);

create table verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verifications_by_identifier on verifications (identifier);

create table rate_limits (
  id text primary key,
  key text not null unique,
  count integer not null,
  last_request bigint not null
);

-- A key does what its owner may do, at most: it goes when they go.
create table api_keys (
  id text primary key,
  config_id text not null,
  name text,
  start text,
  person_id text not null references people on delete cascade,
  prefix text,
  -- SHA-256 of the key; the key itself is shown once.
  key_hash text not null unique,
  refill_interval integer,
  refill_amount integer,
  last_refill_at timestamptz,
  enabled boolean,
  rate_limit_enabled boolean,
  rate_limit_time_window integer,
  rate_limit_max integer,
  request_count integer,
  remaining integer,
  last_request_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  permissions text,
  metadata text
);
create index api_keys_by_config on api_keys (config_id);
create index api_keys_by_person on api_keys (person_id);

create table invitations (
  id text primary key,
  -- SHA-256 of the token; the token itself is only in the link.
  token_hash text not null unique,
  -- null: the link for the first admin, who types their own.
  email text unique check (email = lower(email)),
  role text not null check (role in ('admin', 'member')),
  invited_by text,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
