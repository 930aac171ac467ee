-- +goose Up
-- A task is what a conclusion asks of a body. The first due date is kept for ever beside the one that holds; day is the
-- day of the conclusion, by which names are printed and access is asked.
create table task (
	id text not null primary key,
	unit bigint not null references unit(id),
	lead bigint not null references unit(id),
	text text not null,
	folded text not null,
	evidence text not null,
	day text not null,
	due text not null,
	original_due text not null,
	extensions bigint not null,
	asked text not null,
	state text not null,
	share bigint not null,
	done text not null,
	indicator bigint not null,
	part bigint not null,
	goal_period text not null,
	goal_of text not null,
	wanted bigint not null,
	start_value bigint,
	start_qualifier bigint not null,
	briefing text not null,
	point bigint not null,
	made bigint not null,
	version bigint not null
);
create index task__unit on task(unit, state, due);
create index task__lead on task(lead, state, due);
create index task__briefing on task(briefing, point);
create table task_body (
	task text not null references task(id),
	unit bigint not null references unit(id),
	ordinal bigint not null,
	primary key (task, unit)
);
create index task_body__unit on task_body(unit);
create table task_event (
	task text not null references task(id),
	number bigint not null,
	at bigint not null,
	person text not null,
	kind text not null,
	text text not null,
	share bigint not null,
	evidence text not null,
	due text not null,
	primary key (task, number)
);
