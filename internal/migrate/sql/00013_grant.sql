-- +goose Up
-- Roles are data of the site. edited says that the site has changed one, so that a new version of the program leaves it as it
-- is; removed, that it is given to nobody any more (what it once gave stays readable).
alter table access_role add column summary text not null default '';
alter table access_role add column edited boolean not null default false;
alter table access_role add column removed boolean not null default false;
alter table access_role add column version bigint not null default 1;
-- An editor of before published too; where there are editors, it stays so until the site changes it.
update access_role set edited = true, summary = 'Soạn và xuất bản tin.'
	where code = 'editor' and exists (select 1 from access_grant g where g.role = 'editor');
-- A grant holds over a unit and all below it in one hierarchy. office is what it comes with and ends with; delegation and
-- source are set where it is lent: for which delegation, and out of which grant of the giver. holder is whose rights it counts
-- among: the person's own, or those of the delegation while the person acts under it. Queries ask for the holder.
create table grant_new (
	id text not null primary key,
	person text not null references person(id),
	role text not null references access_role(code),
	unit bigint not null references unit(id),
	hierarchy bigint not null default 1,
	valid_from text not null,
	valid_to text not null,
	office text not null default '',
	delegation text not null default '',
	source text not null default '',
	holder text not null generated always as (case when delegation = '' then person else delegation end) stored
);
insert into grant_new(id, person, role, unit, valid_from, valid_to) select id, person, role, unit, valid_from, valid_to from access_grant;
drop table access_grant;
alter table grant_new rename to access_grant;
create index access_grant__holder on access_grant(holder, role);
create index access_grant__person on access_grant(person);
create index access_grant__office on access_grant(office) where office <> '';
create index access_grant__source on access_grant(source) where source <> '';
-- Who lends what they may do to whom, from a day until before another; what is lent are grants.
create table delegation (
	id text not null primary key,
	giver text not null references person(id),
	taker text not null references person(id),
	valid_from text not null,
	valid_to text not null,
	reason text not null,
	document text not null,
	made bigint not null,
	made_by text not null,
	ended bigint
);
create index delegation__giver on delegation(giver);
create index delegation__taker on delegation(taker);
-- Which account holds an office, where that is known; the name on documents stays the office's own.
alter table office add column account text not null default '';
create index office__account on office(account) where account <> '';
