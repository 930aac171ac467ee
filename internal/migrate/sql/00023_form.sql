-- +goose Up
-- A form is what bodies are asked for in each period of a kind. Its content is versioned; a published version never changes.
create table form (
	id text not null primary key,
	code text not null,
	period_kind text not null,
	ordinal bigint not null,
	ends text not null,
	version bigint not null,
	made bigint not null,
	made_by text not null,
	constraint form__code unique (code)
);
-- from_day is the first day of the first period that the version is asked for. Days of the schedule are working days from the
-- period's last day; reminders are working days from the closing day.
create table form_version (
	form text not null references form(id),
	number bigint not null,
	state text not null,
	name text not null,
	note text not null,
	from_period text not null,
	from_day text not null,
	opens bigint not null,
	closes bigint not null,
	reminders text not null,
	why text not null,
	made bigint not null,
	made_by text not null,
	published bigint not null,
	published_by text not null,
	primary key (form, number)
);
create table form_section (
	form text not null,
	number bigint not null,
	section text not null,
	ordinal bigint not null,
	title text not null,
	note text not null,
	primary key (form, number, section)
);
-- kind: cell (an indicator), question, table. An item keeps its key from version to version: answers stay under it.
create table form_item (
	form text not null,
	number bigint not null,
	item text not null,
	section text not null,
	ordinal bigint not null,
	kind text not null,
	indicator bigint not null,
	compulsory boolean not null,
	label text not null,
	hint text not null,
	most bigint not null,
	primary key (form, number, item)
);
create index form_item__indicator on form_item(form, number, indicator);
create table form_column (
	form text not null,
	number bigint not null,
	item text not null,
	col text not null,
	ordinal bigint not null,
	label text not null,
	numeral boolean not null,
	unit text not null,
	primary key (form, number, item, col)
);
-- Whom a form is asked of, from a period on; each change is a new row.
create table form_assignment (
	form text not null references form(id),
	number bigint not null,
	from_period text not null,
	from_day text not null,
	reason text not null,
	made bigint not null,
	made_by text not null,
	primary key (form, number)
);
-- Empty kind or level and line 0 stand for any.
create table form_target (
	form text not null,
	number bigint not null,
	kind text not null,
	level text not null,
	line bigint not null,
	primary key (form, number, kind, level, line)
);
create table form_exception (
	form text not null,
	number bigint not null,
	unit bigint not null references unit(id),
	added boolean not null,
	primary key (form, number, unit)
);
-- Days on which nobody works, and weekend days that are worked in exchange.
create table form_holiday (
	day text not null primary key,
	name text not null,
	works boolean not null,
	made bigint not null,
	made_by text not null
);
-- What a body answers to questions and in tables with rows of its own: append-only, as figures are. stated_none says that there
-- is nothing to tell, which is an answer; blank is none.
create table form_answer (
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	form text not null references form(id),
	item text not null,
	version bigint not null,
	content text not null,
	stated_none boolean not null,
	made bigint not null,
	made_by text not null,
	primary key (unit, period, form, item, version)
);
create index form_answer__period on form_answer(period, form, item, unit, version);
-- Which reminders went out. step names the occasion, so that nobody is reminded twice of one thing; person is empty for what
-- was sent to the body by hand.
create table form_reminder (
	person text not null,
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	step text not null,
	made bigint not null,
	made_by text not null,
	primary key (unit, period, step, person)
);
