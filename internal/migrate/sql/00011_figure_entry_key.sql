-- +goose Up
-- Each of millions of figures names the entry it came with: by a small key, and without an index of its own. What an entry
-- touched is found through the units and periods it wrote to (figure_entry_place). The layer stands before the indicator,
-- so that the standing figures of one unit, period and layer lie together.
create table entry_new (
	key /*sqlite integer*//*postgres bigint generated always as identity*/ not null primary key,
	id text not null,
	at bigint not null,
	person text not null,
	kind text not null,
	origin text not null,
	undone_by text,
	constraint figure_entry__id unique (id)
);
insert into entry_new(id, at, person, kind, origin, undone_by)
	select id, at, person, kind, origin, undone_by from figure_entry order by at, id;
drop table figure_entry;
alter table entry_new rename to figure_entry;
create table figure_entry_place (
	entry bigint not null,
	unit bigint not null,
	period bigint not null,
	primary key (entry, unit, period)
) /*sqlite without rowid*/;
insert into figure_entry_place(entry, unit, period)
	select distinct e.key, f.unit, f.period from figure f join figure_entry e on e.id = f.entry;
create table figure_new (
	unit bigint not null,
	period bigint not null,
	layer bigint not null,
	indicator bigint not null,
	part bigint not null,
	version bigint not null,
	indicator_version bigint not null,
	value bigint,
	qualifier bigint not null,
	entry bigint not null,
	raw text,
	as_of text,
	origin text,
	reason text,
	constraint figure__key primary key (unit, period, layer, indicator, part, version)
) /*sqlite without rowid*/;
insert into figure_new(unit, period, layer, indicator, part, version, indicator_version, value, qualifier, entry, raw, as_of, origin, reason)
	select f.unit, f.period, f.layer, f.indicator, f.part, f.version, f.indicator_version, f.value, f.qualifier, e.key, f.raw, f.as_of,
		f.origin, f.reason
	from figure f join figure_entry e on e.id = f.entry order by f.unit, f.period, f.layer, f.indicator, f.part, f.version;
drop table figure;
alter table figure_new rename to figure;
-- Places stand in the trees of organisations only on a site whose edges put some place there; elsewhere their rows in them
-- said the same as their territory, two times over.
delete from rollup where hierarchy in (2, 3, 12, 13) and exists (select 1 from unit u where u.id = rollup.ancestor and u.kind = 'place')
	and not exists (select 1 from unit_edge e join unit p on p.id in (e.unit, e.parent) and p.kind = 'place' where e.hierarchy = rollup.hierarchy % 10);
delete from unit_ancestor where hierarchy in (2, 3, 12, 13) and exists (select 1 from unit u where u.id = unit_ancestor.ancestor and u.kind = 'place')
	and not exists (select 1 from unit_edge e join unit p on p.id in (e.unit, e.parent) and p.kind = 'place' where e.hierarchy = unit_ancestor.hierarchy % 10);
-- Most sums are of exact figures only: they are written without the counts of the others. (SQLite has nothing pending.)
/*postgres alter table pending alter n_over set default 0, alter n_nearly set default 0, alter n_about set default 0,
	alter n_at_least set default 0, alter n_at_most set default 0, alter n_unquantified set default 0;*/
create table rollup_new (
	hierarchy bigint not null,
	ancestor bigint not null,
	layer bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	sum bigint not null,
	n bigint not null,
	n_over bigint not null default 0,
	n_nearly bigint not null default 0,
	n_about bigint not null default 0,
	n_at_least bigint not null default 0,
	n_at_most bigint not null default 0,
	n_unquantified bigint not null default 0,
	constraint rollup__key primary key (hierarchy, ancestor, layer, period, indicator, part)
) /*sqlite without rowid*//*postgres with (fillfactor = 80)*/;
insert into rollup_new(hierarchy, ancestor, layer, period, indicator, part, sum, n, n_over, n_nearly, n_about, n_at_least, n_at_most, n_unquantified)
	select hierarchy, ancestor, layer, period, indicator, part, sum, n, n_over, n_nearly, n_about, n_at_least, n_at_most, n_unquantified
	from rollup order by hierarchy, ancestor, layer, period, indicator, part;
drop table rollup;
alter table rollup_new rename to rollup;
