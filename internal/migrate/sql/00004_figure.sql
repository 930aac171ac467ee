-- +goose Up
create table period (
	id bigint not null primary key,
	code text not null,
	kind text not null,
	year bigint not null,
	ordinal bigint not null,
	date_from text not null,
	date_to text not null,
	state text not null,
	due text not null,
	version bigint not null,
	constraint period__code unique (code)
);
create index period__kind on period(kind, date_from);
create table indicator (
	id bigint not null primary key,
	code text not null,
	replaces bigint references indicator(id),
	constraint indicator__code unique (code)
);
-- What may not change between versions (unit, decimals, measure, across) stands in every version and is checked: a change
-- of meaning is a new indicator that replaces the old one.
create table indicator_version (
	indicator bigint not null references indicator(id),
	version bigint not null,
	valid_from text not null,
	valid_to text not null,
	name text not null,
	folded text not null,
	topic text not null,
	unit text not null,
	decimals bigint not null,
	measure text not null,
	across text not null,
	numerator bigint,
	denominator bigint,
	ordinal bigint not null,
	better text not null,
	note text not null,
	primary key (indicator, version)
);
create table indicator_part (
	indicator bigint not null references indicator(id),
	part bigint not null,
	code text not null,
	name text not null,
	kind text not null,
	ordinal bigint not null,
	primary key (indicator, part)
);
create table indicator_synonym (
	indicator bigint not null references indicator(id),
	folded text not null,
	text text not null,
	kind text not null,
	primary key (indicator, folded, kind)
);
-- layer: 1 submitted, 2 approved. value is null for a bare magnitude, a range, and a cell emptied again.
create table figure (
	unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	layer bigint not null,
	version bigint not null,
	indicator_version bigint not null,
	value bigint,
	qualifier bigint not null,
	raw text,
	as_of text,
	entry text not null,
	origin text,
	reason text,
	primary key (unit, period, indicator, part, layer, version)
) /*sqlite without rowid*/;
create index figure__entry on figure(entry);
-- An entry is one act of saving: one cell, one form, one import. Figures share it, so that five million of them do not
-- repeat who and when.
create table figure_entry (
	id text not null primary key,
	at bigint not null,
	person text not null,
	kind text not null,
	origin text not null,
	undone_by text
);
create table figure_companion (
	unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	version bigint not null,
	role text not null,
	ordinal bigint not null,
	value bigint not null,
	decimals bigint not null,
	qualifier bigint not null,
	measure text not null,
	label text not null,
	primary key (unit, period, indicator, part, version, role, ordinal)
);
-- The cell (unit) says that up to amount of it is already in other_unit's cell of the same period, indicator and part.
create table figure_overlap (
	id text not null primary key,
	unit bigint not null,
	other_unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	amount bigint,
	reason text not null,
	entry text not null,
	ended_by text
);
create index figure_overlap__unit on figure_overlap(unit, period, indicator, part);
create index figure_overlap__other on figure_overlap(other_unit, period, indicator, part);
create table rollup (
	hierarchy bigint not null,
	ancestor bigint not null,
	layer bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	sum bigint not null,
	n bigint not null,
	n_over bigint not null,
	n_nearly bigint not null,
	n_about bigint not null,
	n_at_least bigint not null,
	n_at_most bigint not null,
	n_unquantified bigint not null,
	primary key (hierarchy, ancestor, layer, period, indicator, part)
) /*sqlite without rowid*/;
-- hierarchy 0: a leaf delta, node = the unit; 1..14: already aggregated for that ancestor.
create table pending (
	id /*sqlite integer*//*postgres bigint generated always as identity*/ not null primary key,
	hierarchy bigint not null,
	node bigint not null,
	layer bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	day text not null,
	sum bigint not null,
	n bigint not null,
	n_over bigint not null,
	n_nearly bigint not null,
	n_about bigint not null,
	n_at_least bigint not null,
	n_at_most bigint not null,
	n_unquantified bigint not null
);
create index pending__node on pending(hierarchy, node);
-- The closure rows that a change of the tree has brought and taken, for the one statement that re-states what they carry.
-- Empty after each transaction.
create table closure_change (
	unit bigint not null,
	hierarchy bigint not null,
	ancestor bigint not null,
	valid_from text not null,
	valid_to text not null,
	weight bigint not null
);
create table figure_flag (
	id text not null primary key,
	unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	version bigint not null,
	rule text not null,
	text text not null,
	at bigint not null,
	settled bigint,
	settled_by text,
	settled_why text
);
create index figure_flag__cell on figure_flag(unit, period);
create table target (
	unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	version bigint not null,
	value bigint,
	qualifier bigint not null,
	raw text not null,
	source text not null,
	entry text not null,
	primary key (unit, period, indicator, version)
);
