package org

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Node is a unit in a tree as of a day.
type Node struct {
	Unit
	Depth  int
	Parent int64 // 0 at the top
}

// Act is a succession as people read it.
type Act struct {
	ID, Kind, At, Document string
	Made                   int64
	Undone                 int64 // UTC ms, 0 while it stands
	Parts                  []Part
}

// Part is a share of a succession with the names of its day.
type Part struct {
	OldCode, OldName, NewCode, NewName string
	Share                              int64
}

// Life is all that is known of one unit over time.
type Life struct {
	Unit    Unit
	Names   []Name
	Parents []Relation
	Parts   []Act // successions it took part in
	Offices []Office
}

// Relation is an edge with the other unit's name.
type Relation struct {
	Edge
	Code, Name string
}

// validDay tells whether s is a real day, YYYY-MM-DD.
func validDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Find reads a unit that the actor may view, as it was on a day.
func (s *Service) Find(ctx context.Context, who auth.Actor, code, day string) (Unit, error) {
	var u Unit
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		u, err = findVisible(ctx, tx, who, auth.View, code, day, s.clock.Today())
		return err
	})
	return u, err
}

// Visible is Find within a transaction and for any permission: the check of the houses above.
func Visible(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, code, day, today string) (Unit, error) {
	return findVisible(ctx, tx, who, p, code, day, today)
}

// MaySee is Visible for houses that have the unit already and need the answer only: no such unit, or a unit that the actor
// does not hold the permission for, is not found.
func MaySee(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, unit int64, today string) error {
	var b db.Batch
	may := AskMaySee(&b, who, p, unit, today)
	if err := tx.Run(ctx, &b); err != nil {
		return fmt.Errorf("may see a unit: %w", err)
	}
	return may()
}

// AskMaySee is MaySee as a part of a batch: what it answers tells once the batch has run.
func AskMaySee(b *db.Batch, who auth.Actor, p auth.Permission, unit int64, today string) func() error {
	may := false
	b.Query(func(scan db.Scan) error { return scan(&may) },
		`select exists (select 1 from unit u where u.id = $1 and`+Within("u.id", "ga.valid_from", 2)+`)`, append([]any{unit}, WithinArgs(who, p, today)...)...)
	return func() error {
		if !may {
			return fault.NotFound()
		}
		return nil
	}
}

// Below lists the units under one in a hierarchy on a day, itself first, by depth and name.
func Below(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, h Hierarchy, ancestor int64, day, today string) ([]Node, error) {
	return below(ctx, tx, who, p, h, ancestor, day, today)
}

// Tree lists the subtree of a unit as of a day in tree order (each parent before its children). An empty code takes the
// tops that the actor holds.
func (s *Service) Tree(ctx context.Context, who auth.Actor, code string, h Hierarchy, day string) ([]Node, error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	var out []Node
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		tops, err := s.tops(ctx, tx, who, code, day)
		if err != nil {
			return err
		}
		seen := map[int64]bool{}
		for _, top := range tops {
			if seen[top.ID] {
				continue
			}
			nodes, err := below(ctx, tx, who, auth.View, h, top.ID, day, s.clock.Today())
			if err != nil {
				return err
			}
			for _, n := range inTreeOrder(nodes) {
				if !seen[n.ID] {
					seen[n.ID] = true
					out = append(out, n)
				}
			}
		}
		return nil
	})
	return out, err
}

func (s *Service) tops(ctx context.Context, tx *db.Tx, who auth.Actor, code, day string) ([]Unit, error) {
	if code != "" {
		u, err := findVisible(ctx, tx, who, auth.View, code, day, s.clock.Today())
		return []Unit{u}, err
	}
	if !who.IsSystem() {
		var out []Unit
		for _, id := range who.Units(auth.View) {
			u, err := FindID(ctx, tx, id, day)
			if err != nil {
				return nil, err
			}
			out = append(out, u)
		}
		return out, nil
	}
	return Roots(ctx, tx, day)
}

// Roots lists the places that stand under nothing on a day: a site's top.
func Roots(ctx context.Context, tx *db.Tx, day string) ([]Unit, error) {
	return db.Collect(ctx, tx, scanUnit, `select`+unitColumns+`from`+named+` where u.kind = 'place'
		and u.valid_from <= $1 and $1 < u.valid_to and not exists (select 1 from unit_edge e
		where e.unit = u.id and e.hierarchy = 1 and e.valid_from <= $1 and $1 < e.valid_to) order by n.sort, u.code`, day)
}

// HoldsSite tells whether the actor holds a permission over every place that stands at the top of the territory today: what is
// one for the whole site (its periods, its catalogue, its roles) is not for the holder of one ward, or of one line, to change.
func HoldsSite(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today string) (bool, error) {
	if who.IsSystem() || !who.Has(p) {
		return who.IsSystem(), nil
	}
	var missing bool
	err := tx.QueryRow(ctx, `select exists (select 1 from unit u where u.kind = 'place' and u.valid_from <= $3 and $3 < u.valid_to
		and not exists (select 1 from unit_edge e where e.unit = u.id and e.hierarchy = 1 and e.valid_from <= $3 and $3 < e.valid_to)
		and not exists (select 1 from access_grant g join access_role_permission rp on rp.role = g.role and rp.permission = $2
			where g.holder = $1 and g.unit = u.id and g.hierarchy = 1 and g.valid_from <= $3 and $3 < g.valid_to))`,
		WithinArgs(who, p, today)...).Scan(&missing)
	if err != nil {
		return false, fmt.Errorf("grants over the site: %w", err)
	}
	return !missing, nil
}

// MustHoldSite is HoldsSite for who would change something: it answers "not found" to whoever does not.
func MustHoldSite(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, today string) error {
	may, err := HoldsSite(ctx, tx, who, p, today)
	if err == nil && !may {
		err = fault.NotFound()
	}
	return err
}

func inTreeOrder(nodes []Node) []Node {
	children := map[int64][]Node{}
	have := map[int64]bool{}
	for _, n := range nodes {
		have[n.ID] = true
	}
	var out []Node
	var walk func(n Node, depth int)
	walk = func(n Node, depth int) {
		n.Depth = depth
		out = append(out, n)
		for _, c := range children[n.ID] {
			walk(c, depth+1)
		}
	}
	var roots []Node
	for _, n := range nodes {
		if have[n.Parent] {
			children[n.Parent] = append(children[n.Parent], n)
		} else {
			roots = append(roots, n)
		}
	}
	for _, r := range roots {
		walk(r, 0)
	}
	return out
}

// Life reads the whole history of a unit.
func (s *Service) Life(ctx context.Context, who auth.Actor, code string) (Life, error) {
	var l Life
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		if l.Unit, err = findVisible(ctx, tx, who, auth.View, code, s.clock.Today(), s.clock.Today()); err != nil {
			return err
		}
		if l.Names, err = namesOf(ctx, tx, l.Unit.ID); err != nil {
			return err
		}
		edges, err := edgesOf(ctx, tx, l.Unit.ID)
		if err != nil {
			return err
		}
		for _, e := range edges {
			if e.Unit != l.Unit.ID {
				continue
			}
			p, err := FindID(ctx, tx, e.Parent, e.ValidFrom)
			if err != nil {
				return err
			}
			l.Parents = append(l.Parents, Relation{e, p.Code, p.Name})
		}
		acts, err := listActs(ctx, tx, who, s.clock.Today())
		if err != nil {
			return err
		}
		for _, a := range acts {
			for _, p := range a.Parts {
				if p.OldCode == code || p.NewCode == code {
					l.Parts = append(l.Parts, a)
					break
				}
			}
		}
		l.Offices, err = OfficesOf(ctx, tx, l.Unit.ID)
		return err
	})
	return l, err
}

func listActs(ctx context.Context, tx *db.Tx, who auth.Actor, today string) ([]Act, error) {
	type row struct {
		Act
		old, new, share int64
	}
	rows, err := db.Collect(ctx, tx, func(r *sql.Rows) (row, error) {
		var x row
		err := r.Scan(&x.ID, &x.Kind, &x.At, &x.Document, &x.Made, &x.Undone, &x.old, &x.new, &x.share)
		return x, err
	}, `select s.id, s.kind, s.at, s.document, s.made, coalesce(s.undone, 0), h.old_unit, h.new_unit, h.share
		from succession s join succession_share h on h.succession = s.id
		where `+Within("h.old_unit", "ga.valid_from", 1)+`
		order by s.made desc, s.id, h.old_unit, h.new_unit`, WithinArgs(who, auth.View, today)...)
	if err != nil {
		return nil, err
	}
	var out []Act
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].ID != r.ID {
			out = append(out, r.Act)
		}
		p := Part{Share: r.share}
		if u, err := FindID(ctx, tx, r.old, r.At); err == nil {
			p.OldCode, p.OldName = u.Code, u.Name
		}
		if u, err := FindID(ctx, tx, r.new, r.At); err == nil {
			p.NewCode, p.NewName = u.Code, u.Name
		}
		last := &out[len(out)-1]
		last.Parts = append(last.Parts, p)
	}
	return out, nil
}

// Search finds units whose name or code fits, as of today, best first; marks need not be typed.
func (s *Service) Search(ctx context.Context, who auth.Actor, text string, limit int) ([]Unit, error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	var out []Unit
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		args := append([]any{s.clock.Today(), "%" + db.LikeText(viet.Fold(text)) + "%"}, WithinArgs(who, auth.View, s.clock.Today())...)
		args = append(args, limit)
		var err error
		out, err = db.Collect(ctx, tx, scanUnit, `select`+unitColumns+`from`+named+`
			where u.valid_from < u.valid_to and (n.folded like $2 escape '!' or exists (select 1 from unit_name o
				where o.unit = u.id and o.folded like $2 escape '!')) and `+Within("u.id", "ga.valid_from", 3)+`
			order by n.sort, u.code limit $6`, args...)
		return err
	})
	return out, err
}

// OfficesOf lists the offices of a unit, standing ones first by rank.
func OfficesOf(ctx context.Context, tx *db.Tx, unit int64) ([]Office, error) {
	return db.Collect(ctx, tx, scanOffice, `select`+officeColumns+`from office o where unit = $1 order by valid_to desc, rank, title`, unit)
}

const officeColumns = ` o.id, o.unit, o.person, o.account, o.title, o.rank, o.valid_from, o.valid_to, o.version `

func scanOffice(rows *sql.Rows) (o Office, err error) {
	return o, rows.Scan(&o.ID, &o.Unit, &o.Person, &o.Account, &o.Title, &o.Rank, &o.ValidFrom, &o.ValidTo, &o.Version)
}

// OfficeOf finds an office by its id. Whether the actor may know of it is the caller's to ask.
func OfficeOf(ctx context.Context, tx *db.Tx, id string) (Office, error) {
	found, err := db.Collect(ctx, tx, scanOffice, `select`+officeColumns+`from office o where o.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.NotFound()
	}
	if err != nil {
		return Office{}, err
	}
	return found[0], nil
}

// StandingOffices lists the offices that nobody has left by $2, the day, and for which a condition on office o holds.
func StandingOffices(ctx context.Context, tx *db.Tx, condition string, args ...any) ([]Office, error) {
	return db.Collect(ctx, tx, scanOffice, `select`+officeColumns+`from office o where o.valid_to > $2 and `+condition+` order by o.unit, o.rank, o.title`, args...)
}

// LinkOffice says whose account holds an office.
func LinkOffice(ctx context.Context, tx *db.Tx, who auth.Actor, o Office, account string, at int64) error {
	if _, err := tx.Exec(ctx, `update office set account = $2, version = version + 1 where id = $1`, o.ID, account); err != nil {
		return fmt.Errorf("link an office: %w", err)
	}
	var code string
	if err := tx.QueryRow(ctx, `select code from unit where id = $1`, o.Unit).Scan(&code); err != nil {
		return fmt.Errorf("link an office: %w", err)
	}
	return audit.Write(ctx, tx, who, audit.Act{At: at, Verb: "link-office", House: "org", Object: code, Units: []int64{o.Unit},
		Before: o.Account, After: account})
}

// Appoint records that a person holds an office in a unit from a day on.
func (s *Service) Appoint(ctx context.Context, who auth.Actor, code string, o Office) error {
	if err := who.Must(auth.EditUnits); err != nil {
		return err
	}
	o.Person, o.Title = viet.Clean(o.Person), viet.Clean(o.Title)
	if o.Person == "" || o.Title == "" || !validDay(o.ValidFrom) {
		return fault.Invalid("person", "Hãy ghi họ tên, chức vụ và ngày bắt đầu giữ chức vụ.")
	}
	if o.ValidTo == "" {
		o.ValidTo = Forever
	}
	if o.ValidTo <= o.ValidFrom {
		return fault.Invalid("valid_to", "Ngày thôi chức vụ phải sau ngày bắt đầu.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		u, err := s.editable(ctx, tx, who, code)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into office(id, unit, person, title, rank, valid_from, valid_to, version)
			values ($1,$2,$3,$4,$5,$6,$7,1)`, db.NewID(), u.ID, o.Person, o.Title, o.Rank, o.ValidFrom, o.ValidTo); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "appoint", House: "org", Object: code, Units: []int64{u.ID}, Reason: o.Title})
	})
}

// EndOffice records the day on which an office was left.
func (s *Service) EndOffice(ctx context.Context, who auth.Actor, code, id, at string) error {
	if err := who.Must(auth.EditUnits); err != nil {
		return err
	}
	if !validDay(at) {
		return fault.Invalid("at", "Hãy ghi ngày thôi giữ chức vụ.")
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		u, err := s.editable(ctx, tx, who, code)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `update office set valid_to = $3, version = version + 1 where id = $1 and unit = $2 and valid_from < $3`, id, u.ID, at)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Invalid("at", "Ngày thôi chức vụ phải sau ngày bắt đầu.")
		}
		if s.officeEnds != nil {
			if err := s.officeEnds(ctx, tx, who, id, at); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "end-office", House: "org", Object: code, Units: []int64{u.ID}, Reason: at})
	})
}

// Forget takes the account of a person from the offices that they hold or held; the name stays, as on the body's papers.
func Forget(ctx context.Context, tx *db.Tx, person string) error {
	if _, err := tx.Exec(ctx, `update office set account = '' where account = $1`, person); err != nil {
		return fmt.Errorf("forget a person: %w", err)
	}
	return nil
}
