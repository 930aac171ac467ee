-- +goose Up
-- Signed packages of approved figures that this site has made, as they went out: gzip of the file.
create table exchange_sent (
	id text not null primary key,
	unit bigint not null,
	period bigint not null,
	serial bigint not null,
	hash text not null,
	state text not null,
	fingerprint text not null,
	at bigint not null,
	person text not null,
	data /*sqlite blob*//*postgres bytea*/ not null,
	constraint exchange_sent__unit__period__serial unique (unit, period, serial)
);
-- Keys of sites below, each with the subtree that it may speak for. A key is known by its fingerprint; it is never removed.
create table exchange_key (
	id text not null primary key,
	name text not null,
	unit bigint not null,
	fingerprint text not null,
	scheme text not null,
	at bigint not null,
	person text not null,
	revoked_at bigint not null,
	revoked_by text not null,
	reason text not null,
	version bigint not null
);
create unique index exchange_key__fingerprint on exchange_key(fingerprint);
-- Packages that were accepted, each under the import that it was, with the file as it was signed.
create table exchange_received (
	plan text not null primary key references intake_plan(id),
	key text not null references exchange_key(id),
	unit bigint not null,
	period bigint not null,
	serial bigint not null,
	hash text not null,
	at bigint not null,
	person text not null,
	undone_at bigint not null,
	data /*sqlite blob*//*postgres bytea*/ not null
);
create unique index exchange_received__standing on exchange_received(unit, period, serial) where undone_at = 0;
