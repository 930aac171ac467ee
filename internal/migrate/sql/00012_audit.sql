-- +goose Up
-- Who acted for whom and from where, which units an act concerns (a JSON list), what it changed, and the digest of the
-- figures that it wrote. Entries from before say nothing of these.
alter table audit_entry add column acting_for text not null default '';
alter table audit_entry add column address text not null default '';
alter table audit_entry add column units text not null default '';
alter table audit_entry add column before text not null default '';
alter table audit_entry add column after text not null default '';
alter table audit_entry add column figures text not null default '';
-- The seal: entries in the order in which they were sealed, each hash over the one before it. What has not been sealed yet
-- is found by its mark, not by looking through all entries.
alter table audit_entry add column sealed boolean not null default false;
create index audit_entry__unsealed on audit_entry(id) where not sealed;
create table audit_seal (
	seq bigint not null primary key,
	at bigint not null,
	entry text not null,
	digest text not null,
	hash text not null,
	constraint audit_seal__entry unique (entry)
);
-- One row: where the chain ends. Sealers take turns on it. Figures that came with an entry of a key up to plain were written
-- before the trail held digests, entries of the trail with an id up to older before there was a chain.
create table audit_head (
	one bigint not null primary key,
	seq bigint not null,
	hash text not null,
	plain bigint not null,
	older text not null
);
insert into audit_head(one, seq, hash, plain, older)
	select 1, 0, '', coalesce((select max(key) from figure_entry), 0), coalesce((select max(id) from audit_entry), '');
