-- +goose Up
-- way is how the person is told of the notice beside its page: page, now, daily, weekly. mailed is when a letter last told of it; 0:
-- none did. Notices from before stay on the page.
alter table notice add column way text not null default 'page';
alter table notice add column mailed bigint not null default 0;
create index notice__letter on notice(way, at) where read_at = 0;
create index notice__path on notice(path) where read_at = 0;
-- How a person wants to be told of a kind of notice, where it is another way than the standard one.
create table notice_choice (
	person text not null references person(id),
	kind text not null,
	way text not null,
	at bigint not null,
	primary key (person, kind)
);
-- The letters with notices. occasion names the day or the week, so that nobody gets two for one.
create table notice_letter (
	person text not null references person(id),
	occasion text not null,
	at bigint not null,
	items bigint not null,
	primary key (person, occasion)
);
-- The secret address of a person's calendar of deadlines: only its hash is kept.
create table notice_calendar (
	person text not null primary key references person(id),
	hash text not null,
	made bigint not null,
	constraint notice_calendar__hash unique (hash)
);
-- On which working days people are reminded of a deadline, from a day on. Rows are only added; the latest that has begun counts.
-- before and after are working days from the deadline; then every so many working days, most times in all.
create table report_reminder_plan (
	id text not null primary key,
	valid_from text not null,
	before_days text not null,
	after_days text not null,
	every bigint not null,
	most bigint not null,
	reason text not null,
	at bigint not null,
	person text not null
);
-- The day on which a body's report is due, as last looked at; sequence counts how often it has moved, for calendars.
create table report_deadline (
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	due text not null,
	sequence bigint not null,
	changed bigint not null,
	primary key (unit, period)
);
create index form_reminder__period on form_reminder(period, unit, made);
