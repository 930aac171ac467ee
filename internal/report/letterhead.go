package report

import (
	"cmp"
	"context"
	"strings"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
)

// Letter is what a consolidated report is entered under when it is signed. All may still be empty: the document then leaves
// room for the hand.
type Letter struct {
	Number string // "15"
	Symbol string // "MTTQ-BTT"; the issuing body's own where it is empty
	Date   string // ISO
}

// Sign is the number and sign as they are written: "15/BC-MTTQ-BTT".
func (l Letter) Sign() string {
	switch {
	case l.Number == "" || l.Symbol == "":
		return l.Number
	}
	return l.Number + "/" + doc.Report.Abbreviation(doc.State) + "-" + l.Symbol
}

// ReadLetter reads what somebody typed: "15" or "15/BC-MTTQ-BTT", and an ISO date.
func ReadLetter(sign, date string) (Letter, error) {
	number, symbol, signed := strings.Cut(strings.ReplaceAll(viet.Clean(sign), " ", ""), "/")
	l := Letter{Number: number, Symbol: strings.TrimPrefix(symbol, doc.Report.Abbreviation(doc.State)+"-"), Date: date}
	var bad fault.List
	if signed && (number == "" || l.Symbol == "" || l.Symbol == symbol) || len(sign) > longestSign {
		_ = bad.Add(fault.Invalid("sign", "Hãy ghi số như 15, hoặc cả số và ký hiệu như 15/BC-MTTQ-BTT."))
	}
	if date != "" {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			_ = bad.Add(fault.Invalid("dated", "Ngày văn bản không đọc được; hãy ghi như 05/10/2019."))
		}
	}
	return l, bad.Err()
}

// longestSign is the length of a number (11) and a notation (30) in the electronic record of Decree 30/2020/NĐ-CP, Annex VI.
const longestSign = 2 * (11 + 30) // bytes: a Vietnamese letter may take two

// parentSetting holds the body above the one that issues a place's reports.
func parentSetting(unitCode string) string { return "report.parent." + unitCode }

// parentBody is the body above the issuing one, as the left head prints it: what the office has written down, else the next
// body up the line.
func parentBody(ctx context.Context, tx *db.Tx, placeCode string, front int64, day string) (string, error) {
	written, err := setting.Get(ctx, tx, parentSetting(placeCode), "")
	if err != nil || written != "" || front == 0 {
		return written, err
	}
	var above int64
	err = tx.QueryRow(ctx, `select parent from unit_edge where unit = $1 and hierarchy = $2 and valid_from <= $3 and $3 < valid_to`, front, int64(org.Line), day).Scan(&above)
	if db.Missing(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	u, err := org.FindID(ctx, tx, above, day)
	return u.Name, err
}

// SetLetter enters the number and date of a consolidated report, also of one that is frozen: they are given when it is signed.
// version is the report's that the actor saw. A number that another report of the place bears in that year is refused.
func (s *Service) SetLetter(ctx context.Context, who auth.Actor, id string, version int, l Letter) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		r, err := findID(ctx, tx, who, auth.Consolidate, s.clock.Today(), id)
		if err != nil {
			return err
		}
		if r.Kind != KindConsolidated {
			return fault.NotFound()
		}
		if err := r.expect(version); err != nil {
			return err
		}
		pl, err := s.where(ctx, tx, r)
		if err != nil {
			return err
		}
		if l.Date != "" && l.Date < pl.p.From {
			return fault.Invalid("dated", "Ngày văn bản không thể trước ngày đầu kỳ.")
		}
		if err := unused(ctx, tx, r, l, pl.p.To); err != nil {
			return err
		}
		if r.Letter == l {
			return nil
		}
		before := r.Letter
		r.Letter = l
		if err := update(ctx, tx, &r); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "letter", House: "report", Object: r.ID, Units: []int64{r.Unit},
			Reason: l.Sign(), Before: before, After: l,
		})
	})
}

// unused refuses a number that another report of the place has in the year: numbers begin anew each year.
func unused(ctx context.Context, tx *db.Tx, r Report, l Letter, day string) error {
	if l.Number == "" {
		return nil
	}
	if l.Date != "" {
		day = l.Date
	}
	var taken bool
	err := tx.QueryRow(ctx, `select exists (select 1 from report o join period d on d.id = o.period where o.unit = $1 and o.kind = 'consolidated' and o.id <> $2
		and o.number = $3 and case when o.symbol <> '' then o.symbol else $6 end = $4 and substr(case when o.dated <> '' then o.dated else d.date_to end, 1, 4) = $5)`,
		r.Unit, r.ID, l.Number, cmp.Or(l.Symbol, frontSymbol), day[:4], frontSymbol).Scan(&taken)
	if err == nil && taken {
		err = fault.Invalidf("sign", "Số %s đã dùng cho một báo cáo khác trong năm.", l.Sign())
	}
	return err
}

// SetParent writes down the body above the one that issues a place's reports; empty takes the next body up the line.
func (s *Service) SetParent(ctx context.Context, who auth.Actor, unitCode, name string) error {
	if err := who.Must(auth.Consolidate); err != nil {
		return err
	}
	name = viet.Clean(name)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		today := s.clock.Today()
		u, err := org.Visible(ctx, tx, who, auth.Consolidate, unitCode, today, today)
		if err != nil {
			return err
		}
		old, err := setting.Get(ctx, tx, parentSetting(u.Code), "")
		if err != nil || old == name {
			return err
		}
		if err := setting.Put(ctx, tx, parentSetting(u.Code), name); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "parent-body", House: "unit", Object: u.Code, Units: []int64{u.ID}, Before: old, After: name})
	})
}
