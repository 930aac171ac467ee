-- +goose Up
-- Units are places (a town, a ward, a residential area) and bodies (the Women's Union of a ward). A unit's key is a small
-- integer because it stands in each of millions of figures; its code is what people and files use.
create table unit (
	id bigint not null primary key,
	code text not null,
	kind text not null,
	valid_from text not null,
	valid_to text not null,
	version bigint not null,
	constraint unit__code unique (code)
);
create table unit_name (
	unit bigint not null references unit(id),
	valid_from text not null,
	valid_to text not null,
	name text not null,
	short text not null,
	level text not null,
	folded text not null,
	sort text not null,
	primary key (unit, valid_from)
);
create index unit_name__folded on unit_name(folded);
-- hierarchy: 1 territory, 2 line, 3 front
create table unit_edge (
	unit bigint not null references unit(id),
	hierarchy bigint not null,
	parent bigint not null references unit(id),
	valid_from text not null,
	valid_to text not null,
	primary key (unit, hierarchy, valid_from)
);
create index unit_edge__parent on unit_edge(parent, hierarchy);
-- The closure: which ancestors a unit counts for, when, and with what weight. Hierarchies 1..3 hold each unit itself and
-- its dated ancestors with weight 1; 4 holds places x lines (ancestor = place * 1000000 + line). 11..14 hold the difference
-- between "as it is now" and "as it was" in ten-thousandths: a unit that has moved or has been merged counts +share for
-- what holds it today and -10000 for what held it then.
create table unit_ancestor (
	unit bigint not null,
	hierarchy bigint not null,
	ancestor bigint not null,
	depth bigint not null,
	valid_from text not null,
	valid_to text not null,
	weight bigint not null,
	primary key (unit, hierarchy, ancestor, valid_from)
) /*sqlite without rowid*/;
create index unit_ancestor__down on unit_ancestor(hierarchy, ancestor, unit, valid_from, valid_to, weight);
create table succession (
	id text not null primary key,
	kind text not null,
	at text not null,
	document text not null,
	person text not null,
	made bigint not null,
	undone bigint,
	plan text not null
);
create table succession_share (
	succession text not null references succession(id),
	old_unit bigint not null references unit(id),
	new_unit bigint not null references unit(id),
	share bigint not null,
	primary key (succession, old_unit, new_unit)
);
create index succession_share__new on succession_share(new_unit, old_unit);
create index succession_share__old on succession_share(old_unit, new_unit);
create table office (
	id text not null primary key,
	unit bigint not null references unit(id),
	person text not null,
	title text not null,
	rank bigint not null,
	valid_from text not null,
	valid_to text not null,
	version bigint not null
);
create index office__unit on office(unit, valid_from);
create index office__person on office(person);
