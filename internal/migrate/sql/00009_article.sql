-- +goose Up
create table article (
	id text not null primary key,
	unit bigint not null references unit(id),
	period bigint not null references period(id),
	report text not null,
	slug text not null,
	state text not null,
	version bigint not null,
	made_at bigint not null,
	updated_at bigint not null,
	published_at bigint,
	retracted_why text not null,
	constraint article__slug unique (slug)
);
create index article__public on article(state, published_at);
-- Every edit is a version; readers see the version that was last published.
create table article_version (
	article text not null references article(id),
	version bigint not null,
	title text not null,
	lead text not null,
	body text not null,
	author text not null,
	published boolean not null,
	at bigint not null,
	person text not null,
	primary key (article, version)
);
-- The numbers that the item quotes, with the address of each in the frozen report.
create table article_number (
	article text not null references article(id),
	ordinal bigint not null,
	text text not null,
	name text not null,
	url text not null,
	short text not null,
	primary key (article, ordinal)
);
