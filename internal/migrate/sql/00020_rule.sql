-- +goose Up
-- What must be true of a body's figures; each change is a new version.
create table figure_rule (
	id text not null,
	version bigint not null,
	name text not null,
	expr text not null,
	message text not null,
	severity text not null,
	kind text not null,
	valid_from text not null,
	valid_to text not null,
	off boolean not null,
	made bigint not null,
	made_by text not null,
	primary key (id, version)
);
-- A body's explanation of figures that break a rule. figures is what they were: an explanation of other figures is none.
create table figure_rule_note (
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	rule text not null,
	made bigint not null,
	made_by text not null,
	figures text not null,
	text text not null,
	primary key (unit, period, rule, made)
);
