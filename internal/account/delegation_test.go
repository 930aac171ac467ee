package account

import (
	"context"
	"slices"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/org"
)

// under is a person acting under a delegation as the site would let them today, or themselves.
func under(t *testing.T, s *Service, person, delegation string) (who auth.Actor, holds bool) {
	t.Helper()
	ctx := context.Background()
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		a, _, err := LoadActor(ctx, tx, person, s.clock.Today())
		if err != nil {
			return err
		}
		who, holds, err = ActUnder(ctx, tx, a, delegation, s.clock.Today())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return who, holds
}

// sees lists the units that an actor may see, by the query that every house carries.
func sees(t *testing.T, s *Service, who auth.Actor, p auth.Permission) (out []int64) {
	t.Helper()
	ctx := context.Background()
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = db.Collect(ctx, tx, db.Scalar[int64], `select u.id from unit u where `+org.Within("u.id", "$3", 1)+` order by u.id`,
			org.WithinArgs(who, p, s.clock.Today())...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func lend(t *testing.T, s *Service, who auth.Actor, giver, taker string) string {
	t.Helper()
	id, err := s.Delegate(context.Background(), who, Delegation{Giver: giver, Taker: taker, To: "2019-11-01", Reason: "Đi công tác"}, []string{grantOf(t, s, giver).ID})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestADelegateActsWithWhatWasLentAndNothingElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		giver := person(t, s, "lanhdao", "head", east)
		taker := person(t, s, "canbo", "officer", west)
		if _, err := s.Grant(ctx, auth.System(), Grant{Person: taker.Person, Role: "officer", Unit: east}); err != nil {
			t.Fatal(err)
		}
		id := lend(t, s, giver, giver.Person, taker.Person)
		own := actor(t, s, taker.Person)
		if own.Has(auth.Approve) || len(own.Mandates) != 1 || own.Mandates[0].GiverName != giver.Name || !slices.Equal(sees(t, s, own, auth.View), []int64{east, west}) {
			t.Errorf("who has not chosen to act for another: %+v", own)
		}
		who, holds := under(t, s, taker.Person, id)
		if !holds || who.For != giver.Person || who.ForName != giver.Name || who.Person != taker.Person || !who.Has(auth.Approve) {
			t.Errorf("the delegate: %v, %+v", holds, who)
		}
		if got := sees(t, s, who, auth.Approve); !slices.Equal(got, []int64{east}) {
			t.Errorf("the delegate approves at %v", got)
		}
		if got := sees(t, s, who, auth.View); !slices.Equal(got, []int64{east}) {
			t.Errorf("the delegate keeps their own rights: %v", got)
		}
		if _, holds := under(t, s, giver.Person, id); holds {
			t.Error("the giver acts under what they lent")
		}
		// No chain.
		if _, err := s.Delegate(ctx, who, Delegation{Giver: taker.Person, Taker: giver.Person, To: "2019-11-01", Reason: "Tiếp"}, []string{grantIDs(t, s, own)[0]}); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a delegate delegates: %v", err)
		}
		for _, g := range lentIDs(t, s, giver.Person) {
			if _, err := s.Delegate(ctx, own, Delegation{Giver: taker.Person, Taker: giver.Person, To: "2019-11-01", Reason: "Tiếp"}, []string{g}); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("what was lent is lent on: %v", err)
			}
		}
	})
}

func grantIDs(t *testing.T, s *Service, who auth.Actor) (out []string) {
	t.Helper()
	list, err := s.Lendable(context.Background(), who, who.Person)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range list {
		out = append(out, g.ID)
	}
	return out
}

func lentIDs(t *testing.T, s *Service, giver string) (out []string) {
	t.Helper()
	given, _, err := s.Delegations(context.Background(), auth.System(), giver)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range given {
		for _, g := range d.Grants {
			out = append(out, g.ID)
		}
	}
	return out
}

func TestADelegationEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(ctx context.Context, s *Service, admin, giver, taker auth.Actor, grant, id string) error{
		"on its day": func(_ context.Context, s *Service, _, _, _ auth.Actor, _, _ string) error {
			s.clock.Advance(31 * 24 * time.Hour)
			return nil
		},
		"when the giver takes it back": func(ctx context.Context, s *Service, _, giver, _ auth.Actor, _, id string) error {
			return s.EndDelegation(ctx, giver, giver.Person, id)
		},
		"when the taker gives it back": func(ctx context.Context, s *Service, _, _, taker auth.Actor, _, id string) error {
			return s.EndDelegation(ctx, taker, taker.Person, id)
		},
		"when an administrator ends it": func(ctx context.Context, s *Service, admin, giver, _ auth.Actor, _, id string) error {
			return s.EndDelegation(ctx, admin, giver.Person, id)
		},
		"when the giver's grant ends": func(ctx context.Context, s *Service, admin, giver, _ auth.Actor, grant, _ string) error {
			return s.Revoke(ctx, admin, giver.Person, grant)
		},
		"when the giver is shut out": func(ctx context.Context, s *Service, admin, giver, _ auth.Actor, _, _ string) error {
			return s.Disable(ctx, admin, giver.Person, 1, true)
		},
		"when the taker is shut out and let in again": func(ctx context.Context, s *Service, admin, _, taker auth.Actor, _, _ string) error {
			if err := s.Disable(ctx, admin, taker.Person, 1, true); err != nil {
				return err
			}
			return s.Disable(ctx, admin, taker.Person, 2, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				s := site(t, d)
				admin, giver, taker := person(t, s, "qt", "admin", town), person(t, s, "lanhdao", "head", east), person(t, s, "canbo", "officer", east)
				id := lend(t, s, giver, giver.Person, taker.Person)
				before, holds := under(t, s, taker.Person, id)
				if !holds || !slices.Equal(sees(t, s, before, auth.Approve), []int64{east}) {
					t.Fatal("it did not hold before")
				}
				if err := end(context.Background(), s, admin, giver, taker, grantOf(t, s, giver.Person).ID, id); err != nil {
					t.Fatal(err)
				}
				if _, holds := under(t, s, taker.Person, id); holds {
					t.Error("it holds still")
				}
				if got := sees(t, s, before, auth.Approve); len(got) != 0 {
					t.Errorf("a request under way still reaches %v", got)
				}
			})
		})
	}
}

func TestWhoMayDelegateWhat(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := site(t, d)
		top, ward := person(t, s, "qt", "admin", town), person(t, s, "qt.dong", "admin", east)
		giver, taker, stranger := person(t, s, "lanhdao", "head", east), person(t, s, "canbo", "officer", east), person(t, s, "la", "officer", west)
		want := func(name string, who auth.Actor, dl Delegation, kind fault.Kind, grants ...string) {
			t.Helper()
			if dl.Reason == "" {
				dl.Reason = "Đi công tác"
			}
			if dl.To == "" {
				dl.To = "2019-11-01"
			}
			if _, err := s.Delegate(ctx, who, dl, grants); !fault.Is(err, kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		mine := grantOf(t, s, giver.Person).ID
		want("to a stranger", giver, Delegation{Giver: giver.Person, Taker: stranger.Person}, fault.KindInvalid, mine)
		want("to oneself", giver, Delegation{Giver: giver.Person, Taker: giver.Person}, fault.KindInvalid, mine)
		want("of nothing", giver, Delegation{Giver: giver.Person, Taker: taker.Person}, fault.KindInvalid)
		want("of another's grant", giver, Delegation{Giver: giver.Person, Taker: taker.Person}, fault.KindInvalid, mine, grantOf(t, s, taker.Person).ID)
		want("into the past", giver, Delegation{Giver: giver.Person, Taker: taker.Person, From: "2019-09-01"}, fault.KindInvalid, mine)
		want("without an end", giver, Delegation{Giver: giver.Person, Taker: taker.Person, To: "2019-10-01"}, fault.KindInvalid, mine)
		want("for another, by no administrator", taker, Delegation{Giver: giver.Person, Taker: taker.Person}, fault.KindNotFound, mine)
		want("for another, to the administrator", top, Delegation{Giver: giver.Person, Taker: top.Person}, fault.KindRefused, mine)
		want("administration", ward, Delegation{Giver: ward.Person, Taker: taker.Person}, fault.KindInvalid, grantOf(t, s, ward.Person).ID)
		if _, err := s.Grant(ctx, auth.System(), Grant{Person: giver.Person, Role: "office", Unit: town}); err != nil {
			t.Fatal(err)
		}
		all := grantIDs(t, s, actor(t, s, giver.Person))
		want("more than the administrator has", ward, Delegation{Giver: giver.Person, Taker: taker.Person}, fault.KindInvalid, all...)
		want("somebody beyond the administrator", ward, Delegation{Giver: stranger.Person, Taker: taker.Person}, fault.KindNotFound, grantOf(t, s, stranger.Person).ID)
		id, err := s.Delegate(ctx, top, Delegation{Giver: giver.Person, Taker: taker.Person, To: "2019-11-01", Reason: "Nghỉ"}, all)
		if err != nil {
			t.Fatalf("by the administrator of all: %v", err)
		}
		// A password set by who does not administer all that is lent would lend it to them.
		if err := s.SetPassword(ctx, ward, taker.Person, good); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a ward's administrator takes over a delegate of the town: %v", err)
		}
		for _, who := range []auth.Actor{stranger, ward} {
			if err := s.EndDelegation(ctx, who, giver.Person, id); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s ends it: %v", who.Name, err)
			}
		}
		// A role that gains administration after it was lent does not lend it.
		r := role(t, s, "head")
		r.Permissions = append(r.Permissions, auth.Admin)
		if err := s.EditRole(ctx, top, r); err != nil {
			t.Fatal(err)
		}
		who, _ := under(t, s, taker.Person, id)
		if units, err := s.Units(ctx, who); who.Has(auth.Admin) || !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a delegate administers %v, %v", units, err)
		}
	})
}
