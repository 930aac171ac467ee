-- +goose Up
create table person (
	id text not null primary key,
	login text not null,
	name text not null,
	sort text not null,
	password text not null,
	language text not null,
	disabled boolean not null,
	made bigint not null,
	version bigint not null,
	constraint person__login unique (login)
);
create table access_role (
	code text not null primary key,
	name text not null,
	ordinal bigint not null
);
create table access_role_permission (
	role text not null references access_role(code),
	permission text not null,
	primary key (role, permission)
);
create table access_grant (
	id text not null primary key,
	person text not null references person(id),
	role text not null references access_role(code),
	unit bigint not null references unit(id),
	valid_from text not null,
	valid_to text not null
);
create index access_grant__person on access_grant(person, role);
create table sign_in_attempt (
	login text not null,
	address text not null,
	at bigint not null,
	good boolean not null
);
create index sign_in_attempt__login on sign_in_attempt(login, at);
create index sign_in_attempt__address on sign_in_attempt(address, at);
