-- +goose Up
-- The units of an entry once more, one a row, for queries. What was sealed is the list in the entry itself.
create table audit_unit (
	entry text not null,
	unit bigint not null,
	constraint audit_unit__key primary key (entry, unit)
) /*sqlite without rowid*/;
insert into audit_unit(entry, unit)
	/*sqlite select distinct e.id, j.value from audit_entry e join json_each(e.units) j on j.type = 'integer' where json_valid(e.units)*/
	/*postgres select distinct e.id, cast(j as bigint) from audit_entry e
		cross join lateral regexp_split_to_table(trim(both '[]' from e.units), ',') j where e.units ~ '^\[[0-9]{1,18}(,[0-9]{1,18})*\]$'*/;
create index audit_unit__unit on audit_unit(unit, entry);
create index audit_entry__person on audit_entry(person, at);
-- A person who was erased keeps the id, which the trail names, and nothing else; the time is UTC milliseconds, 0 is never.
alter table person add column erased bigint not null default 0;
-- What a rule of retention has removed: the last time that it ran, the last time that it removed something, and all in all.
create table keep_run (
	rule text not null primary key,
	at bigint not null,
	removed_at bigint not null,
	removed bigint not null,
	total bigint not null
);
