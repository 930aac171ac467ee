-- +goose Up
-- What was answered to a cell that a browser sent, under the browser's own id: the same act sent again is answered as it was
-- the first time. asked is the digest of what was sent, so that an id cannot stand for two things. Kept some days.
create table figure_typed (
	id text not null primary key,
	at bigint not null,
	person text not null,
	asked text not null,
	answer text not null
);
create index figure_typed__at on figure_typed(at);
-- A value that was typed over a version which somebody else had replaced meanwhile. It stands beside the cell until one of the
-- two is chosen, and is kept after that. outcome: empty as long as it is open, then taken, left or retyped.
create table figure_rival (
	id text not null primary key,
	unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	seen bigint not null,
	text text not null,
	as_of text not null,
	reason text not null,
	at bigint not null,
	person text not null,
	outcome text not null,
	settled bigint not null,
	settled_by text not null
);
create index figure_rival__cell on figure_rival(unit, period, indicator, part);
-- What people say about a cell, and what they show for it. Nothing of it is changed or removed.
create table figure_comment (
	id text not null primary key,
	unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	at bigint not null,
	person text not null,
	text text not null
);
create index figure_comment__cell on figure_comment(unit, period, indicator, part);
create table figure_evidence (
	id text not null primary key,
	unit bigint not null,
	period bigint not null,
	indicator bigint not null,
	part bigint not null,
	at bigint not null,
	person text not null,
	name text not null,
	kind text not null,
	size bigint not null,
	sha256 text not null,
	note text not null
);
create index figure_evidence__cell on figure_evidence(unit, period, indicator, part);
create table figure_evidence_file (
	evidence text not null primary key references figure_evidence(id),
	data /*sqlite blob*//*postgres bytea*/ not null
);
