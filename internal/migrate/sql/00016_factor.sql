-- +goose Up
-- What a person shows beside the password. Of an app that makes codes: the secret, encrypted with a key that is not in the
-- database, and the step of time of the last code that was taken; one that waits for its first code is not confirmed. Of a
-- passkey: its name, its id (credential) and the record of it (JSON). Times are the site's, UTC milliseconds, but for
-- the step; used is 0 for never.
create table factor (
	id text not null primary key,
	person text not null,
	kind text not null,
	name text not null,
	secret text not null,
	credential text not null,
	record text not null,
	confirmed boolean not null,
	step bigint not null,
	made bigint not null,
	used bigint not null
);
create index factor__person on factor(person);
create unique index factor__code on factor(person) where kind = 'code' and confirmed;
create unique index factor__credential on factor(credential) where credential <> '';
-- Codes for who has lost the rest, each good once. The first group of a code finds its row, the hash covers all of it.
create table recovery_code (
	person text not null,
	label text not null,
	hash text not null,
	used bigint not null,
	constraint recovery_code__key primary key (person, label)
);
-- What became of a person's factors, told to the person; done_by is who did it.
create table factor_event (
	id text not null primary key,
	person text not null,
	at bigint not null,
	what text not null,
	name text not null,
	done_by text not null,
	told boolean not null
);
create index factor_event__person on factor_event(person, at);
