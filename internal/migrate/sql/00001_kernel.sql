-- +goose Up
create table setting (
	key text not null primary key,
	value text not null
);
create table audit_entry (
	id text not null primary key,
	at bigint not null,
	person text not null,
	verb text not null,
	house text not null,
	object text not null,
	reason text not null,
	detail text not null
);
create index audit_entry__object on audit_entry(house, object, at);
create index audit_entry__at on audit_entry(at);
create table session (
	token text not null primary key,
	data /*sqlite blob*//*postgres bytea*/ not null,
	expiry bigint not null
);
create index session__expiry on session(expiry);
create table job (
	id text not null primary key,
	kind text not null,
	payload text not null,
	due bigint not null,
	leased_until bigint not null,
	tries bigint not null,
	last_error text not null
);
create index job__due on job(due);
create table lease (
	name text not null primary key,
	holder text not null,
	until bigint not null
);
insert into lease(name, holder, until) values ('fold', '', 0);
