-- +goose Up
-- PostgreSQL only: the row on which a change of a body's figures and the handing in of its report meet (docs/adr/0020). mark is the
-- handing in that is under way; whoever changes a figure meanwhile takes it away.
create table report_guard (
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	mark text not null,
	primary key (unit, period)
);
-- How full a body's forms were on the day that its report was due, as it was reckoned then: a form that is changed later changes
-- nothing of it. asked 0: no form was asked of the body, and have counts its figures.
create table report_kept (
	period bigint not null references period(id),
	unit bigint not null references unit(id),
	due text not null,
	have bigint not null,
	asked bigint not null,
	at bigint not null,
	primary key (period, unit)
);
-- What a body asks for: another day on which its report is due. It is open until the office has given or refused it, or the body has
-- taken it back (outcome: '', granted, refused, withdrawn).
create table period_plea (
	period bigint not null references period(id),
	unit bigint not null references unit(id),
	version bigint not null,
	due text not null,
	reason text not null,
	at bigint not null,
	person text not null,
	outcome text not null,
	answer text not null,
	answered bigint not null,
	answered_by text not null,
	primary key (period, unit, version)
);
