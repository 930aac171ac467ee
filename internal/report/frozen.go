package report

import (
	"context"
	"encoding/json"
	"fmt"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Freeze fixes every number of a report for good and answers what was fixed. The issue before it is superseded.
func (s *Service) Freeze(ctx context.Context, who auth.Actor, id string, version int) (Frozen, error) {
	var out Frozen
	_, err := s.change(ctx, who, id, version, func(tx *db.Tx, r Report, pl place) (Report, error) {
		content, err := s.stored(ctx, tx, who, r, pl)
		if err != nil {
			return r, err
		}
		if len(content.Problems) > 0 {
			var bad fault.List
			for _, text := range content.Problems {
				_ = bad.Add(fault.Invalid("", text))
			}
			return r, bad.Err()
		}
		text, sha, err := content.seal()
		if err != nil {
			return r, err
		}
		at := s.clock.Milli()
		if err := r.freeze(who, version, at); err != nil {
			return r, err
		}
		if _, err := tx.Exec(ctx, `insert into report_frozen(report, at, person, json, sha256) values ($1,$2,$3,$4,$5)`, r.ID, at, who.Person, string(text), sha); err != nil {
			return r, fmt.Errorf("insert frozen report %s: %w", r.ID, err)
		}
		if err := update(ctx, tx, &r); err != nil {
			return r, err
		}
		if err := s.freezeBodies(ctx, tx, who, r, pl); err != nil {
			return r, err
		}
		if r.Issue > 1 {
			if _, err := tx.Exec(ctx, `update report set superseded_by = $5, version = version + 1 where unit = $1 and period = $2 and kind = $3 and issue = $4`,
				r.Unit, r.Period, string(r.Kind), r.Issue-1, r.ID); err != nil {
				return r, err
			}
		}
		out = Frozen{Report: r.ID, At: at, Person: who.Person, By: audit.Signature(who.Name, who.ForName), JSON: text, SHA256: sha, Content: content}
		return r, audit.Write(ctx, tx, who, audit.Act{
			At: at, Verb: "freeze", House: "report", Object: r.ID, Units: []int64{r.Unit},
			Reason: r.Reason, Detail: map[string]any{"sha256": sha, "numbers": len(content.Numbers)},
		})
	})
	return out, err
}

// freezeBodies freezes the accepted reports that an issued report was made of: what is corrected in them from now on is an
// adjustment.
func (s *Service) freezeBodies(ctx context.Context, tx *db.Tx, who auth.Actor, issued Report, pl place) error {
	bodies, err := db.Collect(ctx, tx, scanReport, reportSelect+` where r.period = $1 and r.kind = 'body' and r.state = 'accepted'
		and exists (select 1 from unit_ancestor a where a.unit = r.unit and a.hierarchy = 1 and a.ancestor = $2
			and a.valid_from <= $3 and $3 < a.valid_to) order by r.unit`, pl.p.ID, pl.unit.ID, pl.p.To)
	if err != nil {
		return err
	}
	for _, r := range bodies {
		before := r.State
		t, err := Way{}.next(r.State, Fix, false)
		if err != nil {
			return err
		}
		r.State = t.To
		if err := update(ctx, tx, &r); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: string(Fix), House: "report", Object: r.UnitCode + "/" + r.PeriodCode, Units: []int64{r.Unit}, Before: before, After: r.State,
			Detail: map[string]any{"report": issued.ID},
		}); err != nil {
			return err
		}
	}
	return nil
}

// Reissue begins the next issue of a frozen report, with its text and a reason. The old one stays, and counts until the new
// one is frozen.
func (s *Service) Reissue(ctx context.Context, who auth.Actor, id string, reason string) (Report, error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return Report{}, err
	}
	if reason = viet.Clean(reason); reason == "" {
		return Report{}, fault.Invalid("reason", "Hãy nêu lý do lập bản mới thay thế.")
	}
	var out Report
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		old, err := findID(ctx, tx, who, auth.Consolidate, s.clock.Today(), id)
		if err != nil {
			return err
		}
		if old.Kind != KindConsolidated || old.State != StateFrozen {
			return fault.Refused("Chỉ lập bản mới thay thế cho báo cáo tổng hợp đã chốt.")
		}
		last, err := findAt(ctx, tx, who, auth.Consolidate, s.clock.Today(), old.Unit, old.Period, KindConsolidated)
		if err != nil {
			return err
		}
		if last.ID != old.ID {
			return fault.Refused("Đã có bản mới hơn của báo cáo này.")
		}
		next := Report{ID: db.NewID(), Unit: old.Unit, Period: old.Period, Kind: KindConsolidated, Issue: old.Issue + 1, State: StateDraft, Layer: old.Layer,
			MadeAt: s.clock.Milli(), MadeBy: who.Person, Reason: reason}
		if err := insert(ctx, tx, next); err != nil {
			return err
		}
		have, err := sectionsOf(ctx, tx, old.ID)
		if err != nil {
			return err
		}
		for _, x := range have {
			x.Version, x.At, x.Person = 1, s.clock.Milli(), who.Person
			if err := insertSection(ctx, tx, next.ID, x); err != nil {
				return err
			}
		}
		if out, err = findID(ctx, tx, who, auth.Consolidate, s.clock.Today(), next.ID); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "reissue", House: "report", Object: next.ID, Units: []int64{next.Unit},
			Reason: reason, Detail: map[string]any{"of": old.ID},
		})
	})
	return out, err
}

// Frozen is a report as it was issued.
type Frozen struct {
	Report  string
	At      int64
	Person  string
	By      string // the person's name
	JSON    []byte // canonical; SHA256 is its hash
	SHA256  string
	Content Content
}

// Frozen reads a frozen report that the actor may view. Bytes that do not give their hash are an error: somebody has
// changed the database by hand.
func (s *Service) Frozen(ctx context.Context, who auth.Actor, id string) (Frozen, error) {
	var f Frozen
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		var err error
		f, err = s.FrozenIn(ctx, tx, who, id)
		return err
	})
	return f, err
}

// FrozenIn is Frozen within a transaction.
func (s *Service) FrozenIn(ctx context.Context, tx *db.Tx, who auth.Actor, id string) (Frozen, error) {
	r, err := findID(ctx, tx, who, auth.View, s.clock.Today(), id)
	if err != nil {
		return Frozen{}, err
	}
	f := Frozen{Report: r.ID}
	var text string
	err = tx.QueryRow(ctx, `select at, person, json, sha256 from report_frozen where report = $1`, r.ID).Scan(&f.At, &f.Person, &text, &f.SHA256)
	if db.Missing(err) {
		return f, fault.NotFound()
	}
	if err != nil {
		return f, err
	}
	f.JSON = []byte(text)
	if sha := hashOf(f.JSON); sha != f.SHA256 {
		return f, fmt.Errorf("frozen report %s: its bytes give the hash %s, stored is %s", id, sha, f.SHA256)
	}
	if err := json.Unmarshal(f.JSON, &f.Content); err != nil {
		return f, fmt.Errorf("frozen report %s: %w", id, err)
	}
	f.By, err = audit.SignedBy(ctx, tx, f.Person, "report", r.ID, f.At)
	return f, err
}

// Issued finds the newest frozen issue of a place's consolidated report for a period.
func (s *Service) Issued(ctx context.Context, who auth.Actor, unitCode, periodCode string) (Report, error) {
	var out Report
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		pl, err := s.at(ctx, tx, who, auth.View, unitCode, periodCode)
		if err != nil {
			return err
		}
		out, err = one(scoped(ctx, tx, who, auth.View, s.clock.Today(), `r.unit = $1 and r.period = $2 and r.kind = 'consolidated' and r.state = 'frozen'`,
			` order by r.issue desc`, pl.unit.ID, pl.p.ID))
		return err
	})
	return out, err
}

// Difference is a frozen number that is another one today.
type Difference struct{ Frozen, Now Number }

// Differences compares a frozen report's numbers with those of now: what has been corrected since.
func (s *Service) Differences(ctx context.Context, who auth.Actor, id string) ([]Difference, error) {
	var out []Difference
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		f, err := s.FrozenIn(ctx, tx, who, id)
		if err != nil {
			return err
		}
		out, err = s.differences(ctx, tx, who, f.Content)
		return err
	})
	return out, err
}

func (s *Service) differences(ctx context.Context, tx *db.Tx, who auth.Actor, c Content) ([]Difference, error) {
	p, err := period.Find(ctx, tx, c.Period)
	if err != nil {
		return nil, err
	}
	u, err := org.FindCode(ctx, tx, c.Unit, p.To)
	if err != nil {
		return nil, err
	}
	n, err := s.numbers(ctx, tx, who, u, p, figure.Layer(c.Layer))
	if err != nil {
		return nil, err
	}
	var out []Difference
	seen := map[string]bool{}
	for _, was := range c.Numbers {
		t := was.token()
		if t.Code == Reports {
			t.Unit = "" // counted for the report's place
		}
		now, complaint, err := n.resolve(t)
		if err != nil {
			return nil, err
		}
		if complaint != "" {
			now = Number{Text: noFigure}
		}
		if was.Bare {
			now = now.bare()
		}
		if now.Text != was.Text && !seen[t.String()] {
			seen[t.String()] = true
			out = append(out, Difference{was, now})
		}
	}
	return out, nil
}
