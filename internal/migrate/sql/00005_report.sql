-- +goose Up
-- Who is expected to report, for which kind of period, from when to when.
create table report_duty (
	unit bigint not null references unit(id),
	period_kind text not null,
	valid_from text not null,
	valid_to text not null,
	primary key (unit, period_kind, valid_from)
);
-- A body's report, or a place's consolidated one. issue counts the issues of a consolidated report; a body has issue 1.
create table report (
	id text not null primary key,
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	kind text not null,
	issue bigint not null,
	state text not null,
	version bigint not null,
	layer bigint not null,
	made_at bigint not null,
	made_by text not null,
	first_sent_at bigint,
	sent_at bigint,
	sent_by text,
	decided_at bigint,
	decided_by text,
	superseded_by text,
	reason text not null,
	constraint report__unit__period__kind__issue unique (unit, period, kind, issue)
);
create index report__period on report(period, kind);
-- Why a report was sent back: each reason may name the cell that it is about. round is the report's version of that act.
create table report_reason (
	report text not null references report(id),
	round bigint not null,
	ordinal bigint not null,
	indicator bigint,
	part bigint,
	text text not null,
	primary key (report, round, ordinal)
);
-- What a body says in words. Versions are only added; a removed statement is a version that says so.
create table report_statement (
	id text not null,
	version bigint not null,
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	kind text not null,
	text text not null,
	topic text not null,
	organisation text not null,
	as_of text not null,
	source text not null,
	origin text not null,
	ref text not null,
	entry text not null,
	removed boolean not null,
	at bigint not null,
	person text not null,
	reason text not null,
	primary key (id, version)
);
create index report_statement__unit on report_statement(unit, period);
create index report_statement__entry on report_statement(entry);
create unique index report_statement__ref on report_statement(unit, period, entry, ref) where version = 1 and ref <> '';
create table report_statement_cell (
	statement text not null,
	version bigint not null,
	unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	primary key (statement, version, unit, period, indicator, part)
);
-- The text of a consolidated report. drafted is the text that the program wrote; while text equals it, nobody has edited.
create table report_section (
	report text not null references report(id),
	code text not null,
	version bigint not null,
	text text not null,
	drafted text not null,
	at bigint not null,
	person text not null,
	primary key (report, code, version)
);
-- A frozen report: the whole of it as canonical JSON, and its SHA-256.
create table report_frozen (
	report text not null primary key references report(id),
	at bigint not null,
	person text not null,
	json text not null,
	sha256 text not null
);
