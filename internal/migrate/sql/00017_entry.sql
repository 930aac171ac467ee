-- +goose Up
-- Whose session it is, since when, from where and how, so that it can be listed and ended. An ended session keeps its row until
-- its time is over: a request that was under way must not bring it back. Times are UTC milliseconds of the site's clock, 0 is
-- never; expiry is the machine's. Sessions of before say nothing of this: people sign in once more.
delete from session;
alter table session add column id text not null default '';
alter table session add column person text not null default '';
alter table session add column opened bigint not null default 0;
alter table session add column seen bigint not null default 0;
alter table session add column address text not null default '';
alter table session add column device text not null default '';
alter table session add column method text not null default '';
alter table session add column ended bigint not null default 0;
alter table session add column ended_by text not null default '';
create index session__person on session(person) where person <> '';
-- Tries to get in. name is what limits count by: the person, or the digest of a name that nobody has; person is empty then.
-- counts says whether the try still stands against a limit; news, that it came from a device that was new and that the
-- person has not yet said that it was them.
drop table sign_in_attempt;
create table sign_in_attempt (
	id text not null primary key,
	at bigint not null,
	name text not null,
	person text not null,
	address text not null,
	place text not null,
	device text not null,
	method text not null,
	outcome text not null,
	counts boolean not null,
	news boolean not null
);
create index sign_in_attempt__name on sign_in_attempt(name, at);
create index sign_in_attempt__address on sign_in_attempt(address, at);
create index sign_in_attempt__person on sign_in_attempt(person, at) where person <> '';
-- Browsers from which somebody has signed in; the token is hashed.
create table known_device (
	token text not null,
	person text not null references person(id),
	made bigint not null,
	seen bigint not null,
	constraint known_device__key primary key (token, person)
);
create index known_device__person on known_device(person);
-- Slips with a one-time code, which is hashed. At most one of a person is open.
create table invitation (
	id text not null primary key,
	person text not null references person(id),
	code text not null,
	made bigint not null,
	made_by text not null,
	until bigint not null,
	ended bigint not null,
	outcome text not null
);
create unique index invitation__open on invitation(person) where ended = 0;
-- Where mail for a person goes, empty for nowhere; and when they first came in, 0 for never.
alter table person add column email text not null default '';
alter table person add column entered bigint not null default 0;
update person set entered = made where password <> '';
delete from job where id = 'account.sweep';
