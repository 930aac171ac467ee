-- +goose Up
-- A job that has failed as often as it may is dead: it stays, is seen, and is run again by hand.
alter table job add column dead boolean not null default false;
-- Outgoing mail. address, name and data are there only while the message waits: what is over keeps no more than to whom
-- (person), what kind (template), when, and how it ended.
create table mail_message (
	id text not null primary key,
	template text not null,
	person text not null,
	language text not null,
	made bigint not null,
	expires bigint not null,
	state text not null,
	changed bigint not null,
	reason text not null,
	code text not null,
	job text not null,
	address text not null,
	name text not null,
	data text not null
);
create index mail_message__made on mail_message(made, id);
create index mail_message__person on mail_message(person, made);
