-- +goose Up
-- Which steps a report goes through: the head of the body approves it, the office accepts it. A row says from when a step may be
-- skipped, and whether people may decide on their own figures, for a unit and all below it, for a level, or for the whole site.
-- Rows are only added; the one that is nearest to a body, and then the latest, counts.
create table report_way (
	id text not null primary key,
	unit bigint references unit(id),
	level text not null,
	valid_from text not null,
	skip_head boolean not null,
	skip_office boolean not null,
	self boolean not null,
	reason text not null,
	at bigint not null,
	person text not null
);
-- One approval ended the way until now, by whoever held the right; a site that has reports goes on so until it says otherwise.
insert into report_way(id, unit, level, valid_from, skip_head, skip_office, self, reason, at, person)
	select 'carried-over', null, '', '1900-01-01', true, true, false, 'Giữ cách duyệt đã dùng trước khi có hai bước', 0, 'system'
	where exists (select 1 from report where kind = 'body');
update report set state = 'accepted' where kind = 'body' and state = 'approved';
-- What somebody approved or accepted: every figure and statement as it stood, in canonical text, and its SHA-256. ended is when a
-- return took it back.
create table report_approval (
	report text not null references report(id),
	ordinal bigint not null,
	step text not null,
	at bigint not null,
	person text not null,
	giver text not null,
	content text not null,
	sha256 text not null,
	reason text not null,
	ended bigint not null,
	primary key (report, ordinal)
);
-- When something was last written after the last approval; 0: nothing was.
alter table report add column changed_at bigint not null default 0;
-- A reason for a return names a figure, or what else it is about (statement/<id>, answer/<key>); seen is the version that it is
-- about, so that a newer one has been mended since.
alter table report_reason add column about text not null default '';
alter table report_reason add column seen bigint not null default 0;
alter table report_reason add column at bigint not null default 0;
alter table report_reason add column person text not null default '';
-- The day that a body's report is due where it is another than the period's. Rows are only added; an empty day takes it back.
create table period_extension (
	period bigint not null references period(id),
	unit bigint not null references unit(id),
	version bigint not null,
	due text not null,
	reason text not null,
	at bigint not null,
	person text not null,
	primary key (period, unit, version)
);
-- What a person is told on their own page. While one is unread, the next of its kind about the same page takes its place.
create table notice (
	id text not null primary key,
	person text not null references person(id),
	kind text not null,
	path text not null,
	at bigint not null,
	text text not null,
	args text not null,
	read_at bigint not null
);
create index notice__person on notice(person, at);
create unique index notice__unread on notice(person, kind, path) where read_at = 0;
-- Two bodies' figures that look like one result and are none, as somebody has said. unit is the smaller key of the two.
create table figure_distinct (
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	unit bigint not null,
	other_unit bigint not null,
	reason text not null,
	at bigint not null,
	person text not null,
	primary key (period, indicator, part, unit, other_unit)
);
