package account

import (
	"context"
	"database/sql"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
)

// Delegate lends some of the giver's grants, named by their ids, and answers the delegation's id. The giver does it
// themselves, or somebody who administers all that is lent and is not the one who takes it.
func (s *Service) Delegate(ctx context.Context, who auth.Actor, d Delegation, grants []string) (string, error) {
	if err := s.mayDelegate(who, d.Giver); err != nil {
		return "", err
	}
	if d.Taker == who.Person && d.Giver != who.Person {
		return "", fault.Refused("Không ai tự nhận quyền của người khác. Hãy nhờ người ủy quyền hoặc một người quản trị khác.")
	}
	today := s.clock.Today()
	if err := d.check(today); err != nil {
		return "", err
	}
	d.ID = db.NewID()
	return d.ID, s.db.Write(ctx, func(tx *db.Tx) error {
		if err := s.mayTake(ctx, tx, who, d); err != nil {
			return err
		}
		mine, err := s.lendableOf(ctx, tx, who, d.Giver, d.From, d.To)
		if err != nil {
			return err
		}
		lent := slices.DeleteFunc(mine, func(g Grant) bool { return !slices.Contains(grants, g.ID) })
		if len(lent) == 0 || len(lent) < len(grants) {
			return fault.Invalid("grant", "Hãy chọn ít nhất một vai trò để ủy quyền, trong những vai trò còn hiệu lực.")
		}
		if err := insertDelegation(ctx, tx, d, who.Person, s.clock.Milli(), lent); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "delegate", House: house, Object: d.Giver, Units: unitsOf(lent), Reason: d.Reason,
			Detail: map[string]any{"delegation": d.ID, "taker": d.Taker},
			After:  map[string]any{"grants": grants, "from": d.From, "to": d.To, "document": d.Document},
		})
	})
}

// mayDelegate keeps delegation to the giver and to administrators; who acts for another lends nothing on.
func (s *Service) mayDelegate(who auth.Actor, giver string) error {
	switch {
	case !who.SignedIn():
		return fault.NotFound()
	case who.Delegation != "":
		return fault.Refused("Bạn đang làm việc thay người khác nên không ủy quyền tiếp được. Hãy thôi làm thay trước.")
	case giver != who.Person:
		return who.Must(auth.Admin)
	}
	return nil
}

// mayTake asks that both are let in, and that the taker is among those whom the actor may choose.
func (s *Service) mayTake(ctx context.Context, tx *db.Tx, who auth.Actor, d Delegation) error {
	giver, err := findPerson(ctx, tx, who, d.Giver, s.clock.Today())
	if err != nil {
		return err
	}
	if giver.Disabled {
		return fault.Refused("Tài khoản của người ủy quyền đang bị khóa.")
	}
	people, err := s.colleagues(ctx, tx, who, d.Giver)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(people, func(p Person) bool { return p.ID == d.Taker }) {
		return fault.Invalid("taker", "Hãy chọn người nhận ủy quyền.")
	}
	return nil
}

// Colleagues lists those to whom a person's grants may be lent: who works in the units that the person's own grants hold
// over and, for an administrator, all whom they administer.
func (s *Service) Colleagues(ctx context.Context, who auth.Actor, giver string) (out []Person, err error) {
	if err := s.mayDelegate(who, giver); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = s.colleagues(ctx, tx, who, giver)
		return err
	})
	return out, err
}

func (s *Service) colleagues(ctx context.Context, tx *db.Tx, who auth.Actor, giver string) ([]Person, error) {
	list, err := listColleagues(ctx, tx, giver, s.clock.Today())
	if err != nil {
		return nil, err
	}
	if who.Has(auth.Admin) {
		more, err := listPeople(ctx, tx, who, s.clock.Today())
		if err != nil {
			return nil, err
		}
		for _, p := range more {
			if !slices.ContainsFunc(list, func(o Person) bool { return o.ID == p.ID }) {
				list = append(list, p)
			}
		}
	}
	return slices.DeleteFunc(list, func(p Person) bool { return p.Disabled || p.ID == giver || p.ID == who.Person && giver != who.Person }), nil
}

// Lendable lists the grants of a person that may be lent from today on.
func (s *Service) Lendable(ctx context.Context, who auth.Actor, giver string) (out []Grant, err error) {
	if err := s.mayDelegate(who, giver); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = s.lendableOf(ctx, tx, who, giver, s.clock.Today(), "")
		return err
	})
	return out, err
}

// lendableOf gives all of one's own, and of another's what the actor administers wholly.
func (s *Service) lendableOf(ctx context.Context, tx *db.Tx, who auth.Actor, giver, from, to string) ([]Grant, error) {
	p, err := findPerson(ctx, tx, who, giver, s.clock.Today())
	if err != nil {
		return nil, err
	}
	roles, err := listRoles(ctx, tx, s.clock.Today())
	if err != nil {
		return nil, err
	}
	out := lendable(p.Grants, roles, from, to)
	if giver == who.Person {
		return out, nil
	}
	beyond, err := grantsReaching(ctx, tx, who, giver, s.clock.Today())
	return slices.DeleteFunc(out, func(g Grant) bool { return slices.Contains(beyond, g.ID) }), err
}

// Delegations lists what a person has lent and taken, newest first: one's own, or those of somebody whom the actor
// administers, as far as all that is lent lies within what they administer.
func (s *Service) Delegations(ctx context.Context, who auth.Actor, person string) (given, taken []Delegation, err error) {
	if !who.SignedIn() {
		return nil, nil, fault.NotFound()
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := s.delegations(ctx, tx, who, person)
		if err != nil {
			return err
		}
		given, taken = nil, nil
		for _, d := range all {
			if d.Giver == person {
				given = append(given, d)
			} else {
				taken = append(taken, d)
			}
		}
		return nil
	})
	return given, taken, err
}

func (s *Service) delegations(ctx context.Context, tx *db.Tx, who auth.Actor, person string) ([]Delegation, error) {
	all, err := listDelegations(ctx, tx, person, s.clock.Today())
	if err != nil || person == who.Person || who.IsSystem() {
		return all, err
	}
	if err := who.Must(auth.Admin); err != nil {
		return nil, err
	}
	var out []Delegation
	for _, d := range all {
		beyond, err := lentBeyond(ctx, tx, who, d.ID, s.clock.Today())
		if err != nil {
			return nil, err
		}
		if !beyond {
			out = append(out, d)
		}
	}
	return out, nil
}

// EndDelegation ends a delegation today: the giver takes it back, the taker gives it back, or an administrator of all that is
// lent ends it.
func (s *Service) EndDelegation(ctx context.Context, who auth.Actor, person, id string) error {
	if err := who.Must(auth.SignedIn); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		all, err := s.delegations(ctx, tx, who, person)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(d Delegation) bool { return d.ID == id })
		if at < 0 {
			return fault.NotFound()
		}
		if all[at].Over(s.clock.Today()) {
			return fault.Refused("Ủy quyền này đã hết hiệu lực.")
		}
		return s.endDelegation(ctx, tx, who, all[at])
	})
}

// EndDelegations ends all that a person has lent and taken; for when they are shut out.
func (s *Service) EndDelegations(ctx context.Context, tx *db.Tx, who auth.Actor, person string) error {
	all, err := listDelegations(ctx, tx, person, s.clock.Today())
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Over(s.clock.Today()) {
			continue
		}
		if err := s.endDelegation(ctx, tx, who, d); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) endDelegation(ctx context.Context, tx *db.Tx, who auth.Actor, d Delegation) error {
	today := s.clock.Today()
	if _, err := tx.Exec(ctx, `update delegation set ended = $2 where id = $1`, d.ID, s.clock.Milli()); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update access_grant set valid_to = $2 where delegation = $1 and valid_to > $2`, d.ID, today); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "end-delegation", House: house, Object: d.Giver, Units: unitsOf(d.Grants),
		Detail: map[string]any{"delegation": d.ID, "taker": d.Taker}})
}

// StandIn records that the actor begins to act under a delegation that holds today, or with an empty id that they act for
// themselves again.
func (s *Service) StandIn(ctx context.Context, who auth.Actor, delegation string) error {
	if !who.SignedIn() {
		return fault.NotFound()
	}
	verb, object := "stand-in", delegation
	if delegation == "" {
		verb, object = "stand-out", who.Delegation
	} else if !slices.ContainsFunc(who.Mandates, func(m auth.Mandate) bool { return m.Delegation == delegation }) {
		return fault.NotFound()
	}
	if object == "" {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: house, Object: who.Person, Detail: map[string]any{"delegation": object}})
	})
}

func unitsOf(grants []Grant) []int64 {
	units := make([]int64, len(grants))
	for i, g := range grants {
		units[i] = g.Unit
	}
	return units
}

func insertDelegation(ctx context.Context, tx *db.Tx, d Delegation, by string, at int64, lent []Grant) error {
	if _, err := tx.Exec(ctx, `insert into delegation(id, giver, taker, valid_from, valid_to, reason, document, made, made_by) values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		d.ID, d.Giver, d.Taker, d.From, d.To, d.Reason, d.Document, at, by); err != nil {
		return err
	}
	for _, g := range lent {
		to := d.To
		if g.To != "" && g.To < to {
			to = g.To
		}
		if _, err := tx.Exec(ctx, `insert into access_grant(id, person, role, unit, hierarchy, valid_from, valid_to, delegation, source)
			values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, db.NewID(), d.Taker, g.Role, g.Unit, int64(g.Hierarchy), max(d.From, g.From), to, d.ID, g.ID); err != nil {
			return err
		}
	}
	return nil
}

// listDelegations lists what a person has lent and taken, newest first.
func listDelegations(ctx context.Context, tx *db.Tx, person, today string) ([]Delegation, error) {
	all, err := db.Collect(ctx, tx, func(rows *sql.Rows) (d Delegation, err error) {
		return d, rows.Scan(&d.ID, &d.Giver, &d.GiverName, &d.Taker, &d.TakerName, &d.From, &d.To, &d.Reason, &d.Document, &d.Made, &d.MadeBy, &d.Ended)
	}, `select d.id, d.giver, g.name, d.taker, t.name, d.valid_from, d.valid_to, d.reason, d.document, d.made, d.made_by, coalesce(d.ended, 0)
		from delegation d join person g on g.id = d.giver join person t on t.id = d.taker
		where d.giver = $1 or d.taker = $1 order by d.made desc, d.id desc`, person)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Grants, err = db.Collect(ctx, tx, scanGrant, grantSelect+` where g.delegation = $1 order by r.ordinal, n.sort, g.id`, all[i].ID, today); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// listColleagues lists who is let in and holds a grant of their own over a unit in the subtrees of a person's own grants.
func listColleagues(ctx context.Context, tx *db.Tx, person, today string) ([]Person, error) {
	return db.Collect(ctx, tx, scanPerson, `select `+personColumns+` from person p where not p.disabled and exists (select 1 from access_grant g
		join access_grant mine on mine.holder = $1 and mine.valid_from <= $2 and $2 < mine.valid_to
		join unit_ancestor a on a.unit = g.unit and a.hierarchy = mine.hierarchy and a.ancestor = mine.unit and a.valid_from <= $2 and $2 < a.valid_to
		where g.holder = p.id and g.valid_from <= $2 and $2 < g.valid_to) order by p.sort, p.login`, person, today)
}

// lentBeyond tells whether something that a delegation lends lies beyond what the actor administers.
func lentBeyond(ctx context.Context, tx *db.Tx, who auth.Actor, delegation, today string) (beyond bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select 1 from access_grant g where g.delegation = $3 and `+reaches("g.unit", "g.hierarchy", 1)+`)`,
		append(withinArgs(who, today), delegation)...).Scan(&beyond)
	return beyond, err
}
