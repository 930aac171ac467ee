-- +goose Up
-- A preview of a file, and after it was applied the record of what was written. body holds the lines as JSON.
create table intake_plan (
	id text not null primary key,
	at bigint not null,
	person text not null,
	file text not null,
	sha256 text not null,
	size bigint not null,
	kind text not null,
	stage text not null,
	counts text not null,
	body text not null,
	entry text not null,
	done_at bigint,
	undone_at bigint,
	reason text not null
);
create index intake_plan__at on intake_plan(at);
create index intake_plan__entry on intake_plan(entry);
-- The units that a file speaks of: who holds them all may see the plan.
create table intake_unit (
	plan text not null references intake_plan(id),
	unit bigint not null,
	primary key (plan, unit)
);
-- The file itself, kept for thirty days as evidence.
create table intake_file (
	plan text not null primary key references intake_plan(id),
	data /*sqlite blob*//*postgres bytea*/ not null,
	until bigint not null
);
create index intake_file__until on intake_file(until);
