-- +goose Up
-- What is given and handed over: đồng, workdays, square metres, tonnes. Quantities are in the smallest unit of decimals.
create table ledger_commodity (
	id bigint not null primary key,
	code text not null,
	name text not null,
	unit text not null,
	decimals bigint not null,
	nature text not null,
	constraint ledger_commodity__code unique (code)
);
-- Other words for a commodity's unit: "công" is a workday, a "bao" of cement is num/den of a tonne.
create table ledger_measure (
	commodity bigint not null references ledger_commodity(id),
	folded text not null,
	name text not null,
	num bigint not null,
	den bigint not null,
	primary key (folded, commodity)
);
-- đồng for one unit of a commodity from a day on, with where that stands.
create table ledger_price (
	commodity bigint not null references ledger_commodity(id),
	valid_from text not null,
	price bigint not null,
	source text not null,
	at bigint not null,
	person text not null,
	primary key (commodity, valid_from)
);
-- A unit's book. The counters give its entries, receipts, payments and accounts their numbers, without a gap.
create table ledger_book (
	key /*sqlite integer*//*postgres bigint generated always as identity*/ not null primary key,
	code text not null,
	unit bigint not null references unit(id),
	name text not null,
	entries bigint not null,
	receipts bigint not null,
	payments bigint not null,
	accounts bigint not null,
	sealed text not null,
	constraint ledger_book__code unique (code)
);
create index ledger_book__unit on ledger_book(unit);
-- Who gives, where what was given is held, what it goes to.
create table ledger_account (
	book bigint not null references ledger_book(key),
	id bigint not null,
	kind text not null,
	name text not null,
	folded text not null,
	giver text not null,
	purpose text not null,
	hold text not null,
	place bigint references unit(id),
	named bigint not null,
	primary key (book, id)
) /*sqlite without rowid*/;
create index ledger_account__folded on ledger_account(book, kind, folded);
-- One transfer of one commodity from an account to another: never changed, never removed.
create table ledger_transfer (
	book bigint not null references ledger_book(key),
	seq bigint not null,
	day text not null,
	act text not null,
	commodity bigint not null references ledger_commodity(id),
	quantity bigint not null,
	qualifier bigint not null,
	raw text not null,
	source bigint not null,
	target bigint not null,
	receipt bigint,
	payment bigint,
	code text not null,
	pledge bigint,
	reverses bigint,
	list text,
	memo text not null,
	at bigint not null,
	person text not null,
	second text not null,
	constraint ledger_transfer__key primary key (book, seq),
	constraint ledger_transfer__receipt unique (book, receipt),
	constraint ledger_transfer__payment unique (book, payment),
	constraint ledger_transfer__code unique (code),
	constraint ledger_transfer__reverses unique (book, reverses)
) /*sqlite without rowid*/;
create index ledger_transfer__day on ledger_transfer(book, day, seq);
create index ledger_transfer__source on ledger_transfer(book, source, day);
create index ledger_transfer__target on ledger_transfer(book, target, day);
create index ledger_transfer__list on ledger_transfer(list) where list is not null;
-- What each account holds now. A fund's never falls below nothing.
create table ledger_balance (
	book bigint not null,
	account bigint not null,
	commodity bigint not null,
	amount bigint not null,
	primary key (book, account, commodity)
) /*sqlite without rowid*/;
-- Half a month's transfers, added up with their qualifiers: by what kind of giver they came from, between which accounts.
create table ledger_flow (
	book bigint not null,
	half text not null,
	commodity bigint not null,
	act text not null,
	giver text not null,
	source bigint not null,
	target bigint not null,
	sum bigint not null,
	n bigint not null,
	n_over bigint not null,
	n_nearly bigint not null,
	n_about bigint not null,
	n_at_least bigint not null,
	n_at_most bigint not null,
	n_unquantified bigint not null,
	primary key (book, half, commodity, act, giver, source, target)
) /*sqlite without rowid*/;
create table ledger_pledge (
	book bigint not null references ledger_book(key),
	id bigint not null,
	giver bigint not null,
	fund bigint not null,
	commodity bigint not null,
	quantity bigint not null,
	qualifier bigint not null,
	raw text not null,
	day text not null,
	memo text not null,
	dropped text,
	at bigint not null,
	person text not null,
	primary key (book, id)
) /*sqlite without rowid*/;
-- A correction that waits for a second person, or that has been decided on.
create table ledger_reversal (
	book bigint not null,
	seq bigint not null,
	asked bigint not null,
	reason text not null,
	person text not null,
	at bigint not null,
	state text not null,
	decided_by text,
	decided_at bigint,
	primary key (book, seq, asked),
	constraint ledger_reversal__of foreign key (book, seq) references ledger_transfer(book, seq)
) /*sqlite without rowid*/;
-- Cash as counted, a bank statement as printed.
create table ledger_count (
	id text not null primary key,
	book bigint not null references ledger_book(key),
	hold text not null,
	day text not null,
	amount bigint not null,
	detail text not null,
	at bigint not null,
	person text not null
);
create index ledger_count__book on ledger_count(book, hold, day);
-- The entries of a book until a day, as they were when it was sealed.
create table ledger_seal (
	book bigint not null references ledger_book(key),
	day text not null,
	entries bigint not null,
	digest text not null,
	at bigint not null,
	person text not null,
	primary key (book, day)
);
-- Which figure a book gives: the transfers of an act and a commodity, of some kinds of giver and purposes of fund.
create table ledger_feed (
	id text not null primary key,
	indicator bigint not null,
	part bigint not null,
	commodity bigint not null references ledger_commodity(id),
	measure text not null,
	givers text not null,
	purposes text not null,
	constraint ledger_feed__cell unique (indicator, part)
);
-- A list of givers from a file, as read and as posted.
create table ledger_list (
	id text not null primary key,
	book bigint not null references ledger_book(key),
	name text not null,
	sha256 text not null,
	lines text not null,
	state text not null,
	at bigint not null,
	person text not null
);
create index ledger_list__book on ledger_list(book, at);
