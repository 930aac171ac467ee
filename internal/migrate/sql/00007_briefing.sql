-- +goose Up
-- One briefing of a place for a period; a cancelled one does not stand in the way of another. conclusion is the canonical
-- text that hash is of, both empty until the briefing is concluded, and never changed afterwards.
create table briefing (
	id text not null primary key,
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	state text not null,
	starts bigint not null,
	ends bigint not null,
	day text not null,
	venue text not null,
	system text not null,
	issuer_parent text not null,
	issuer text not null,
	issuer_sub text not null,
	symbol text not null,
	city text not null,
	office text not null,
	summons_number text not null,
	summons_date text not null,
	notice_number text not null,
	notice_date text not null,
	sequence bigint not null,
	changed bigint not null,
	concluder text not null,
	concluded_at bigint not null,
	concluded_person text not null,
	conclusion text not null,
	hash text not null,
	reason text not null,
	made bigint not null,
	version bigint not null
);
create unique index briefing__unit__period on briefing(unit, period) where state <> 'cancelled';
create index briefing__starts on briefing(unit, starts);
create table briefing_participant (
	id text not null primary key,
	briefing text not null references briefing(id),
	ordinal bigint not null,
	role text not null,
	unit bigint not null,
	person text not null,
	title text not null,
	attendance text not null,
	reason text not null,
	substitute text not null,
	substitute_title text not null,
	version bigint not null
);
create index briefing_participant__briefing on briefing_participant(briefing, ordinal);
create index briefing_participant__unit on briefing_participant(unit);
create table briefing_item (
	id text not null primary key,
	briefing text not null references briefing(id),
	ordinal bigint not null,
	kind text not null,
	source text not null,
	title text not null,
	text text not null,
	url text not null,
	minutes bigint not null,
	presenter text not null,
	edited boolean not null,
	removed boolean not null,
	version bigint not null
);
create index briefing_item__briefing on briefing_item(briefing, ordinal);
create unique index briefing_item__source on briefing_item(briefing, kind, source) where source <> '';
create table briefing_statement (
	id text not null primary key,
	briefing text not null references briefing(id),
	ordinal bigint not null,
	clock text not null,
	unit bigint not null,
	speaker text not null,
	title text not null,
	kind text not null,
	text text not null,
	version bigint not null
);
create index briefing_statement__briefing on briefing_statement(briefing, ordinal);
create table briefing_finding (
	id text not null primary key,
	briefing text not null references briefing(id),
	ordinal bigint not null,
	kind text not null,
	text text not null,
	evidence text not null,
	url text not null,
	source text not null,
	version bigint not null
);
create index briefing_finding__briefing on briefing_finding(briefing, ordinal);
create table briefing_point (
	id text not null primary key,
	briefing text not null references briefing(id),
	ordinal bigint not null,
	kind text not null,
	text text not null,
	version bigint not null
);
create index briefing_point__briefing on briefing_point(briefing, ordinal);
-- What a point will ask for; concluding makes a task of each.
create table briefing_demand (
	id text not null primary key,
	briefing text not null references briefing(id),
	point text not null references briefing_point(id),
	ordinal bigint not null,
	lead bigint not null,
	partners text not null,
	text text not null,
	evidence text not null,
	due text not null,
	indicator bigint not null,
	part bigint not null,
	goal_of text not null,
	wanted bigint not null,
	version bigint not null
);
create index briefing_demand__briefing on briefing_demand(briefing, ordinal);
create table briefing_supplement (
	id text not null primary key,
	briefing text not null references briefing(id),
	ordinal bigint not null,
	at bigint not null,
	person text not null,
	day text not null,
	document text not null,
	reason text not null,
	text text not null
);
create index briefing_supplement__briefing on briefing_supplement(briefing, ordinal);
