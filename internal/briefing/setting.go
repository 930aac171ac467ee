package briefing

import (
	"context"
	"slices"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Setting is what the form of a new briefing starts from.
type Setting struct {
	Place   org.Unit
	Period  period.Period
	Heads   []Letterhead // one for each system; that of the last briefing first
	Venue   string       // of the last briefing
	Offices []org.Office // held at the place's bodies on that day
	Units   map[int64]string
	Places  []org.Node // where the actor may call a briefing
}

// Setting reads what is known before a briefing is called: the letterhead and venue of the last one, the offices of the
// day. An empty unit takes the first place of the actor's.
func (s *Service) Setting(ctx context.Context, who auth.Actor, unit string, p period.Period) (out Setting, err error) {
	if err := who.Must(auth.Brief); err != nil {
		return out, err
	}
	out.Period, out.Units = p, map[int64]string{}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		day := s.clock.Today()
		if out.Places, err = s.places(ctx, tx, who, day); err != nil {
			return err
		}
		if unit == "" {
			if len(out.Places) == 0 {
				return fault.NotFound()
			}
			unit = out.Places[0].Code
		}
		if out.Place, err = org.Visible(ctx, tx, who, auth.Brief, unit, day, day); err != nil {
			return err
		}
		bodies, err := s.bodiesOf(ctx, tx, who, out.Place, day)
		if err != nil {
			return err
		}
		for _, b := range bodies {
			offices, err := standing(ctx, tx, b.ID, day)
			if err != nil {
				return err
			}
			out.Units[b.ID] = b.Name
			out.Offices = append(out.Offices, offices...)
		}
		return s.letterheads(ctx, tx, who, day, &out)
	})
	return out, err
}

// places lists where the actor may call a briefing: places down to the commune.
func (s *Service) places(ctx context.Context, tx *db.Tx, who auth.Actor, day string) ([]org.Node, error) {
	tops := who.Units(auth.Brief)
	if who.IsSystem() {
		roots, err := org.Roots(ctx, tx, day)
		if err != nil {
			return nil, err
		}
		for _, u := range roots {
			tops = append(tops, u.ID)
		}
	}
	var out []org.Node
	for _, top := range tops {
		nodes, err := org.Below(ctx, tx, who, auth.Brief, org.Territory, top, day, s.clock.Today())
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			twice := slices.ContainsFunc(out, func(o org.Node) bool { return o.ID == n.ID })
			if n.Kind == org.Place && n.Level != org.Area && !twice {
				out = append(out, n)
			}
		}
	}
	return out, nil
}

// letterheads takes the last briefing's head over and proposes one for the other system.
func (s *Service) letterheads(ctx context.Context, tx *db.Tx, who auth.Actor, day string, out *Setting) error {
	parent := ""
	err := tx.QueryRow(ctx, `select n.name from unit_edge e join unit_name n on n.unit = e.parent and n.valid_from <= $2 and $2 < n.valid_to
		where e.unit = $1 and e.hierarchy = 1 and e.valid_from <= $2 and $2 < e.valid_to`, out.Place.ID, day).Scan(&parent)
	if err != nil && !db.Missing(err) {
		return err
	}
	party, state := Propose(out.Place.Name, parent, doc.Party), Propose(out.Place.Name, parent, doc.State)
	out.Heads = []Letterhead{party, state}
	last, err := one(db.Collect(ctx, tx, scan, `select`+columns+from+` where b.unit = $1 and`+atPlace(2)+` order by b.starts desc limit 1`,
		append([]any{out.Place.ID}, org.WithinArgs(who, auth.Brief, s.clock.Today())...)...))
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	out.Venue = last.Venue
	out.Heads = []Letterhead{last.Letterhead, party}
	if last.System == doc.Party {
		out.Heads[1] = state
	}
	return nil
}

// chosen are the chairs and the secretary of the form, and the heads of the place's other bodies.
func (s *Service) chosen(ctx context.Context, who auth.Actor, setting Setting, plan Plan, f form) ([]Participant, error) {
	var out []Participant
	pick := func(role Role, field string) {
		at := slices.IndexFunc(setting.Offices, func(o org.Office) bool { return o.ID == f.get(field) })
		if at >= 0 {
			o := setting.Offices[at]
			out = append(out, Participant{Role: role, Unit: o.Unit, Person: o.Person, Title: o.Title})
		}
	}
	pick(Chair, "chair1")
	pick(Chair, "chair2")
	if name := f.get("chair_name"); name != "" {
		out = append(out, Participant{Role: Chair, Person: name, Title: f.get("chair_title")})
	}
	if len(out) == 0 {
		return nil, fault.Invalid("chair1", "Hãy chọn hoặc ghi người chủ trì.")
	}
	pick(Secretary, "secretary")
	var others []Participant
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		others, err = s.suggest(ctx, tx, who, setting.Place, plan.Start.Format("2006-01-02"))
		return err
	})
	for _, p := range others {
		known := slices.ContainsFunc(out, func(o Participant) bool { return o.Person != "" && viet.Same(o.Person, p.Person) })
		if !known {
			out = append(out, p)
		}
	}
	return out, err
}
