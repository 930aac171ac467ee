-- +goose Up
-- Other systems whose sign-in the site takes (OpenID Connect). secret says where the client's secret is, and is not it; strong
-- is what makes a sign-in there count as two factors; linking says by which claim a person may be found.
create table provider (
	code text not null primary key,
	name text not null,
	issuer text not null,
	client text not null,
	secret text not null,
	scopes text not null,
	strong text not null,
	linking text not null,
	claim text not null,
	made bigint not null,
	constraint provider__issuer unique (issuer)
);
-- Who somebody is at an issuer. One person an identity, one identity an issuer for each person.
create table person_identity (
	issuer text not null,
	subject text not null,
	person text not null references person(id),
	made bigint not null,
	constraint person_identity__key primary key (issuer, subject),
	constraint person_identity__person__issuer unique (person, issuer)
);
-- Ways to a provider that somebody is on. id is the digest of the state, browser that of what the session holds: a way is
-- walked once, by the browser that began it.
create table provider_flow (
	id text not null primary key,
	browser text not null,
	provider text not null,
	purpose text not null,
	person text not null,
	next text not null,
	made bigint not null
);
create index provider_flow__made on provider_flow(made);
