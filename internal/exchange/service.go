package exchange

import (
	"context"
	"fmt"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/door"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db         *db.DB
	clock      *clock.Clock
	indicators *indicator.Service
	figures    *figure.Service
	reports    *report.Service
	intake     *intake.Service
	key        door.Key
}

// New makes the house and lends its tables, and what it knows of packages, to intake.
func New(d *db.DB, c *clock.Clock, indicators *indicator.Service, figures *figure.Service, reports *report.Service, in *intake.Service) *Service {
	s := &Service{db: d, clock: c, indicators: indicators, figures: figures, reports: reports, intake: in}
	in.LinkCodes(s.codesOf, s.names)
	in.LinkPackages(s)
	return s
}

// codesOf lends a table to an import. Whoever may enter figures may read what another's codes mean.
func (s *Service) codesOf(ctx context.Context, tx *db.Tx, who auth.Actor, scheme string) (intake.Codes, error) {
	if err := who.Must(auth.Enter); err != nil {
		return nil, err
	}
	table, err := find(ctx, tx, scheme)
	return table.inward(), err
}

// names are the tables that an import may be read by.
func (s *Service) names(ctx context.Context, tx *db.Tx) (out []intake.SchemeName, err error) {
	all, err := listSchemes(ctx, tx)
	for _, x := range all {
		out = append(out, intake.SchemeName{Code: x.Code, Name: x.Name})
	}
	return out, err
}

// Schemes lists the tables, without their codes, for all who view figures.
func (s *Service) Schemes(ctx context.Context, who auth.Actor) (out []Scheme, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = listSchemes(ctx, tx)
		return err
	})
	return out, err
}

// MayKeep tells whether the actor keeps the tables.
func (s *Service) MayKeep(ctx context.Context, who auth.Actor) (may bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		may, err = org.HoldsSite(ctx, tx, who, auth.Consolidate, s.clock.Today())
		return err
	})
	return may, err
}

// Find reads a table, for those who keep it.
func (s *Service) Find(ctx context.Context, who auth.Actor, code string) (out Scheme, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		out, err = find(ctx, tx, code)
		return err
	})
	return out, err
}

// Put writes a table, given as people write it, over the version that was seen; version 0 is a new one. Every code of this
// site in it must be one.
func (s *Service) Put(ctx context.Context, who auth.Actor, scheme Scheme, text string) error {
	scheme.Name, scheme.DataSet = viet.Clean(scheme.Name), viet.Clean(scheme.DataSet)
	var bad fault.List
	if !schemeCode.MatchString(scheme.Code) {
		_ = bad.Add(fault.Invalid("ma", "Tên tắt gồm chữ thường không dấu, số và gạch nối, ví dụ dhis2-tinh."))
	}
	if scheme.Name == "" || len(scheme.Name) > longestCode {
		_ = bad.Add(fault.Invalid("ten", "Hãy đặt tên cho bảng mã, không quá 200 ký tự."))
	}
	codes, err := parseCodes(text)
	for _, f := range fault.All(err) {
		bad = append(bad, f)
	}
	if len(bad) > 0 {
		return bad.Err()
	}
	scheme.Codes = codes
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		if err := s.check(ctx, tx, who, codes); err != nil {
			return err
		}
		var before any
		verb := "codes"
		if scheme.Version > 0 {
			old, err := find(ctx, tx, scheme.Code)
			if err != nil {
				return err
			}
			before = old.text()
		} else {
			verb = "add"
		}
		if err := put(ctx, tx, scheme); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: "exchange", Object: scheme.Code,
			Detail: map[string]any{"codes": len(codes)}, Before: before, After: scheme.text()})
	})
}

// check refuses codes of this site that are none.
func (s *Service) check(ctx context.Context, tx *db.Tx, who auth.Actor, codes []Code) error {
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return err
	}
	today := s.clock.Today()
	var bad fault.List
	for _, c := range codes {
		why := ""
		switch c.Kind {
		case UnitCode:
			_, err := org.Visible(ctx, tx, who, auth.View, strings.ToUpper(c.Ours), today, today)
			if fault.Is(err, fault.KindNotFound) {
				why = "không có đơn vị mang mã này"
			} else if err != nil {
				return err
			}
		case ElementCode:
			if _, _, ok := catalog.PartByCode(c.Ours); !ok {
				why = "không có chỉ tiêu hay thành phần mang mã này"
			}
		case OptionCode:
			if c.Ours != Whole && !isPart(catalog, c.Ours) {
				why = "không chỉ tiêu nào có thành phần mang mã này; ghi * nếu là toàn bộ"
			}
		case PeriodCode:
			if p, err := period.Parse(c.Ours); err != nil || p.Code != strings.ToUpper(c.Ours) {
				why = "không phải mã kỳ, ví dụ 2020-Q1"
			}
		}
		if why != "" && len(bad) < 10 {
			_ = bad.Add(fault.Invalidf("bang", "%s “%s” ứng với “%s”: %s.", c.Kind.Name(), c.Theirs, c.Ours, why))
		}
	}
	return bad.Err()
}

func isPart(c *indicator.Catalog, code string) bool {
	for _, in := range c.All() {
		if p, ok := in.PartByCode(code); ok && p.Part != indicator.Total {
			return true
		}
	}
	return false
}

// Format is what figures go out as.
type Format string

const (
	DHIS2 Format = "dhis2"
	ADX   Format = "adx"
	CSV   Format = "csv"
	JSON  Format = "json"
)

// Formats in the order in which people read them.
var Formats = []Format{DHIS2, ADX, CSV, JSON}

// Name is the format in the user's words.
func (f Format) Name() string {
	switch f {
	case DHIS2:
		return "DHIS2 dataValueSets (JSON)"
	case ADX:
		return "ADX (XML)"
	case CSV:
		return "CSV"
	case JSON:
		return "JSON của Giaoban"
	}
	return ""
}

// Ask says which figures go out, and how.
type Ask struct {
	Unit     string // and all below it; empty: all that the actor may view
	Period   string
	Format   Format
	Scheme   string // table of codes; empty: this site's codes
	Approved bool   // approved figures only
	Deleted  bool   // with the cells that were emptied, as deleted
}

// File is what goes out. Left are figures that the format has no way to say, such as "hàng trăm".
type File struct {
	Name, Type string
	Data       []byte
	Count      int
	Left       []string
}

// Export writes the figures of a period that the actor may view.
func (s *Service) Export(ctx context.Context, who auth.Actor, ask Ask) (File, error) {
	if err := who.Must(auth.View); err != nil {
		return File{}, err
	}
	p, err := period.Parse(ask.Period)
	if err != nil {
		return File{}, err
	}
	var rows []row
	var scheme Scheme
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if scheme = (Scheme{}); ask.Scheme != "" {
			if scheme, err = find(ctx, tx, ask.Scheme); err != nil {
				return err
			}
		}
		rows, err = s.rows(ctx, tx, who, ask, p)
		return err
	})
	if err != nil {
		return File{}, err
	}
	return write(rows, p, scheme, ask, s.clock.Now())
}

func fileName(ask Ask, p period.Period, ext string) string {
	of := "so-lieu"
	if ask.Unit != "" {
		of += "-" + strings.ToLower(strings.Map(func(r rune) rune {
			if strings.ContainsRune(`/\:*?"<>|`, r) {
				return '-'
			}
			return r
		}, ask.Unit))
	}
	return fmt.Sprintf("%s-%s.%s", of, p.Slug(), ext)
}
