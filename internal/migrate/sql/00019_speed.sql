-- +goose Up
-- A row of the roll-up holds all sums of an ancestor, a layer and a period as one text (figure/bundle.go says how it reads): a
-- form touched a row for each of its cells and ancestors, and a page read hundreds. The same for changes that wait.
-- What is pending goes into the sums first.
insert into rollup(hierarchy, ancestor, layer, period, indicator, part, sum, n, n_over, n_nearly, n_about, n_at_least, n_at_most, n_unquantified)
	select x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part, cast(sum(x.sum) as bigint), cast(sum(x.n) as bigint),
		cast(sum(x.n_over) as bigint), cast(sum(x.n_nearly) as bigint), cast(sum(x.n_about) as bigint), cast(sum(x.n_at_least) as bigint),
		cast(sum(x.n_at_most) as bigint), cast(sum(x.n_unquantified) as bigint)
	from (
		select a.hierarchy, a.ancestor, p.layer, p.period, p.indicator, p.part, p.sum * a.weight as sum, p.n * a.weight as n,
			p.n_over * a.weight as n_over, p.n_nearly * a.weight as n_nearly, p.n_about * a.weight as n_about,
			p.n_at_least * a.weight as n_at_least, p.n_at_most * a.weight as n_at_most, p.n_unquantified * a.weight as n_unquantified
		from pending p join unit_ancestor a on a.unit = p.node and a.valid_from <= p.day and p.day < a.valid_to
		where p.hierarchy = 0
		union all select p.hierarchy, p.node, p.layer, p.period, p.indicator, p.part, p.sum, p.n, p.n_over, p.n_nearly, p.n_about,
			p.n_at_least, p.n_at_most, p.n_unquantified
		from pending p where p.hierarchy > 0
	) x where true group by x.hierarchy, x.ancestor, x.layer, x.period, x.indicator, x.part
	on conflict (hierarchy, ancestor, layer, period, indicator, part) do update set
		sum = rollup.sum + excluded.sum, n = rollup.n + excluded.n, n_over = rollup.n_over + excluded.n_over,
		n_nearly = rollup.n_nearly + excluded.n_nearly, n_about = rollup.n_about + excluded.n_about,
		n_at_least = rollup.n_at_least + excluded.n_at_least, n_at_most = rollup.n_at_most + excluded.n_at_most,
		n_unquantified = rollup.n_unquantified + excluded.n_unquantified;
drop table pending;
create table pending (
	id /*sqlite integer*//*postgres bigint generated always as identity*/ not null primary key,
	hierarchy bigint not null,
	node bigint not null,
	layer bigint not null,
	period bigint not null,
	day text not null,
	sums text not null
);
create index pending__node on pending(hierarchy, node);
create table rollup_new (
	hierarchy bigint not null,
	ancestor bigint not null,
	layer bigint not null,
	period bigint not null,
	sums text not null,
	constraint rollup__row primary key (hierarchy, ancestor, layer, period)
) /*postgres with (fillfactor = 80)*/;
insert into rollup_new(hierarchy, ancestor, layer, period, sums)
	select x.hierarchy, x.ancestor, x.layer, x.period, /*sqlite group_concat*//*postgres string_agg*/(x.item, ' ' order by x.indicator, x.part)
	from (
		select r.hierarchy, r.ancestor, r.layer, r.period, r.indicator, r.part, cast(r.indicator as text)
			|| case when r.part <> 0 then '.' || cast(r.part as text) else '' end || ':' || cast(r.sum as text)
			|| case when r.n <> 1 then '/' || cast(r.n as text) else '' end
			|| case when r.n_over <> 0 then 'o' || cast(r.n_over as text) else '' end
			|| case when r.n_nearly <> 0 then 'y' || cast(r.n_nearly as text) else '' end
			|| case when r.n_about <> 0 then 'a' || cast(r.n_about as text) else '' end
			|| case when r.n_at_least <> 0 then 'l' || cast(r.n_at_least as text) else '' end
			|| case when r.n_at_most <> 0 then 'm' || cast(r.n_at_most as text) else '' end
			|| case when r.n_unquantified <> 0 then 'u' || cast(r.n_unquantified as text) else '' end as item
		from rollup r
		where r.sum <> 0 or r.n <> 0 or r.n_over <> 0 or r.n_nearly <> 0 or r.n_about <> 0 or r.n_at_least <> 0 or r.n_at_most <> 0 or r.n_unquantified <> 0
	) x group by x.hierarchy, x.ancestor, x.layer, x.period order by x.hierarchy, x.ancestor, x.layer, x.period;
drop table rollup;
alter table rollup_new rename to rollup;
