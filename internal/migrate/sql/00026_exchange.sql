-- +goose Up
-- A table of another system's codes, as people keep it: for one data set or one way of naming things.
create table exchange_scheme (
	code text not null primary key,
	name text not null,
	dataset text not null,
	version bigint not null
);
-- What a code of theirs means here. option is a breakdown of theirs that goes with an element; ours is a unit's code, an
-- indicator's address, a part's code (* for the whole) or a period's code.
create table exchange_code (
	scheme text not null references exchange_scheme(code),
	kind text not null,
	theirs text not null,
	option text not null,
	ours text not null,
	ordinal bigint not null,
	primary key (scheme, kind, theirs, option)
);
