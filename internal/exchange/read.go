package exchange

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// row is a figure that goes out.
type row struct {
	unit    org.Unit
	in      indicator.Indicator
	part    indicator.Part
	version figure.Version
	follow  bool // a contradiction of it is open
}

// places are those that the actor holds a right over today, from the top, and the periods.
func (s *Service) places(ctx context.Context, who auth.Actor, right auth.Permission) (places []org.Unit, periods []period.Period, err error) {
	units, periods, err := s.choices(ctx, who, right)
	for _, u := range units {
		if u.Kind == org.Place {
			places = append(places, u)
		}
	}
	return places, periods, err
}

// choices are the units that the actor holds a right over today and the periods.
func (s *Service) choices(ctx context.Context, who auth.Actor, right auth.Permission) (units []org.Unit, periods []period.Period, err error) {
	today := s.clock.Today()
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		units = nil
		seen := map[int64]bool{}
		for _, top := range who.Units(right) {
			below, err := org.Below(ctx, tx, who, right, org.Hierarchy(who.Along(right, top)), top, today, today)
			if err != nil {
				return err
			}
			for _, n := range below {
				if !seen[n.ID] {
					seen[n.ID] = true
					units = append(units, n.Unit)
				}
			}
		}
		periods, err = period.List(ctx, tx, "")
		return err
	})
	return units, periods, err
}

// rows reads what the actor may view, by unit, indicator and part.
func (s *Service) rows(ctx context.Context, tx *db.Tx, who auth.Actor, ask Ask, p period.Period) ([]row, error) {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	catalog = catalog.At(p.To)
	today := s.clock.Today()
	var in map[int64]bool // nil: every unit
	if ask.Unit != "" {
		top, err := org.Visible(ctx, tx, who, auth.View, strings.ToUpper(ask.Unit), p.To, today)
		if err != nil {
			return nil, err
		}
		below, err := org.Below(ctx, tx, who, auth.View, org.Territory, top.ID, p.To, today)
		if err != nil {
			return nil, err
		}
		in = map[int64]bool{top.ID: true}
		for _, b := range below {
			in[b.ID] = true
		}
	}
	layer := figure.Submitted
	if ask.Approved {
		layer = figure.Approved
	}
	versions, err := s.figures.EveryIn(ctx, tx, who, layer, p, ask.Deleted)
	if err != nil {
		return nil, err
	}
	var out []row
	units := map[int64]org.Unit{}
	flagged := map[figure.Cell]bool{}
	for _, v := range versions {
		if in != nil && !in[v.Unit] {
			continue
		}
		i, ok := catalog.ByID(v.Indicator)
		if !ok {
			continue
		}
		part, ok := i.Part(v.Part)
		if !ok {
			continue
		}
		u, known := units[v.Unit]
		if !known {
			if u, err = org.FindID(ctx, tx, v.Unit, p.To); err != nil {
				return nil, err
			}
			units[v.Unit] = u
			if ask.Format == DHIS2 || ask.Format == ADX {
				open, err := figure.Flags(ctx, tx, who, u.ID, []period.Period{p}, today)
				if err != nil {
					return nil, err
				}
				for _, f := range open {
					flagged[f.Cell] = flagged[f.Cell] || f.Settled == ""
				}
			}
		}
		out = append(out, row{u, i, part, v, flagged[v.Cell]})
	}
	slices.SortStableFunc(out, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.unit.Code, b.unit.Code), cmp.Compare(a.in.Code, b.in.Code), cmp.Compare(a.part.Part, b.part.Part))
	})
	return out, nil
}

// Arrival is a package that has come to this site: previewed, accepted or taken back.
type Arrival struct {
	Plan        intake.Plan
	Package     Opened
	Key         Key // ID is empty where nobody has entered it
	Unit        org.Unit
	Period      period.Period
	Received    Received // Plan is empty until it is accepted
	Lines       []Line
	Open        int  // units where something else stands than the package says
	Latest      bool // no later one of its unit and period stands
	Withdrawn   int
	Asks        []intake.Line
	Problems    []intake.Problem
	Differences int
}

// Arrival reads a package with what it changes, or has changed, and its totals beside those here.
func (s *Service) Arrival(ctx context.Context, who auth.Actor, id string) (out Arrival, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return out, err
	}
	if out.Plan, err = s.intake.Find(ctx, who, id); err != nil {
		return out, err
	}
	if out.Plan.Kind != intake.Signed {
		return out, fault.NotFound()
	}
	var file []byte
	if f, err := s.intake.Bytes(ctx, who, id); err == nil {
		file = f.Data
	} else if !fault.Is(err, fault.KindRefused) { // its time is over; that of an accepted package is kept
		return out, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		plan := out.Plan
		out = Arrival{Plan: plan, Problems: plan.Problems}
		for _, l := range plan.Rows {
			if l.Withdrawn() {
				out.Withdrawn++
			}
			if l.What == intake.OfFile {
				out.Asks = append(out.Asks, l)
			}
		}
		return s.arrival(ctx, tx, who, file, &out)
	})
	return out, err
}

func (s *Service) arrival(ctx context.Context, tx *db.Tx, who auth.Actor, file []byte, out *Arrival) error {
	r, err := receivedOf(ctx, tx, out.Plan.ID)
	var a *arrival
	switch {
	case err == nil:
		out.Received = r
		if a, err = s.standing(ctx, tx, who, r); err != nil {
			return err
		}
	case !fault.Is(err, fault.KindNotFound):
		return err
	case file == nil:
		return fault.Refused("Tệp của gói chưa nhận đã hết thời hạn lưu và đã được xóa. Hãy nhập lại tệp.")
	default:
		if a, err = s.arrive(ctx, tx, who, file); err == nil {
			err = a.indicators(ctx)
		}
		if fault.All(err) != nil && a == nil { // it can no longer come in: the page says why and what it holds
			out.Problems = append(out.Problems, intake.Problem{Address: out.Plan.File, Text: fault.Text(err)})
			out.Package, err = Open(file)
			return err
		}
		if err != nil {
			return err
		}
	}
	out.Package, out.Key, out.Unit, out.Period = a.file, a.key, a.top, a.p
	if out.Lines, err = a.compared(ctx); err != nil {
		return err
	}
	for _, l := range out.Lines {
		if !l.Equal() {
			out.Differences++
		}
	}
	if out.Received.Plan == "" {
		return nil
	}
	chain, err := standingReceived(ctx, tx, r.Unit, r.Period)
	if err != nil {
		return err
	}
	out.Latest = len(chain) > 0 && chain[0].Plan == r.Plan
	out.Received.By, err = audit.Name(ctx, tx, r.By)
	return err
}

// Arrivals lists the packages that were accepted from what the actor answers for, the latest first.
func (s *Service) Arrivals(ctx context.Context, who auth.Actor, limit int) (out []Arrival, err error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		args := append([]any{limit}, org.WithinArgs(who, auth.Consolidate, today)...)
		list, err := db.Collect(ctx, tx, scanReceived, receivedSelect+`join period d on d.id = r.period where `+org.Within("r.unit", "d.date_to", 2)+`
			order by r.at desc, r.serial desc limit $1`, args...)
		if err != nil {
			return err
		}
		out = nil
		for _, r := range list {
			x := Arrival{Received: r}
			if x.Period, err = period.FindID(ctx, tx, r.Period); err != nil {
				return err
			}
			if x.Unit, err = org.FindID(ctx, tx, r.Unit, x.Period.To); err != nil {
				return err
			}
			if x.Received.By, err = audit.Name(ctx, tx, r.By); err != nil {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}
