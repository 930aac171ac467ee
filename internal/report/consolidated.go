package report

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Section is a section's text as it is edited.
type Section struct {
	Code    string
	Version int
	Text    string
	Drafted string // what the program wrote; while Text equals it, nobody has edited
	At      int64
	Person  string
	By      string // the person's name
}

// Edited tells whether people have changed what the program wrote.
func (s Section) Edited() bool { return s.Text != s.Drafted }

// sectionsOf reads the standing sections of a report that the caller may see, by code.
func sectionsOf(ctx context.Context, tx *db.Tx, id string) (map[string]Section, error) {
	list, err := db.Collect(ctx, tx, scanSection, sectionSelect+` where s.report = $1
		and s.version = (select max(v.version) from report_section v where v.report = s.report and v.code = s.code)`, id)
	out := map[string]Section{}
	for _, s := range list {
		out[s.Code] = s
	}
	return out, err
}

const sectionSelect = `select s.code, s.version, s.text, s.drafted, s.at, s.person, coalesce((select n.name from person n where n.id = s.person), '')
	from report_section s`

func scanSection(rows *sql.Rows) (Section, error) {
	var s Section
	err := rows.Scan(&s.Code, &s.Version, &s.Text, &s.Drafted, &s.At, &s.Person, &s.By)
	return s, err
}

func insertSection(ctx context.Context, tx *db.Tx, report string, s Section) error {
	_, err := tx.Exec(ctx, `insert into report_section(report, code, version, text, drafted, at, person) values ($1,$2,$3,$4,$5,$6,$7)`,
		report, s.Code, s.Version, s.Text, s.Drafted, s.At, s.Person)
	if err != nil {
		return fmt.Errorf("insert section %s: %w", s.Code, err)
	}
	return nil
}

// where reads the place and the period of a report.
func (s *Service) where(ctx context.Context, tx *db.Tx, r Report) (place, error) {
	p, err := period.FindID(ctx, tx, r.Period)
	if err != nil {
		return place{}, err
	}
	u, err := org.FindID(ctx, tx, r.Unit, p.To)
	return place{u, p}, err
}

// live finds a consolidated report that the actor may change, and that may be changed.
func (s *Service) live(ctx context.Context, tx *db.Tx, who auth.Actor, id string, version int) (Report, place, error) {
	r, err := findID(ctx, tx, who, auth.Consolidate, s.clock.Today(), id)
	if err != nil {
		return r, place{}, err
	}
	if r.Kind != KindConsolidated {
		return r, place{}, fault.NotFound()
	}
	if err := r.mustBeLive(version); err != nil {
		return r, place{}, err
	}
	pl, err := s.where(ctx, tx, r)
	return r, pl, err
}

// fresh writes all sections anew from the data.
func (s *Service) fresh(ctx context.Context, tx *db.Tx, who auth.Actor, pl place, layer figure.Layer) (map[string]string, error) {
	n, err := s.numbers(ctx, tx, who, pl.unit, pl.p, layer)
	if err != nil {
		return nil, err
	}
	said, err := s.StatementsIn(ctx, tx, who, pl.unit.ID, true, pl.p)
	if err != nil {
		return nil, err
	}
	texts, err := n.drafts(said)
	if err != nil {
		return nil, err
	}
	if front, ok, err := s.frontAt(ctx, tx, who, pl.unit, pl.p.To); err != nil {
		return nil, err
	} else if ok {
		texts[moDau] = fmt.Sprintf("Thực hiện chương trình công tác năm %d, Ban Thường trực %s báo cáo kết quả công tác %s như sau:", pl.p.Year, plainText(front.Name), pl.p.Name())
	}
	return texts, nil
}

// Draft makes the consolidated report of a place for a period, or brings the one that stands up to date: sections that
// nobody has edited are written anew, edited ones stay (see Offers).
func (s *Service) Draft(ctx context.Context, who auth.Actor, unitCode, periodCode string) (Report, error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return Report{}, err
	}
	var out Report
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		pl, err := s.at(ctx, tx, who, auth.Consolidate, unitCode, periodCode)
		if err != nil {
			return err
		}
		if pl.unit.Kind != org.Place {
			return fault.Refused("Báo cáo tổng hợp lập cho một địa bàn (thị xã, phường, xã…), không lập cho một tổ chức.")
		}
		r, err := findAt(ctx, tx, who, auth.Consolidate, s.clock.Today(), pl.unit.ID, pl.p.ID, KindConsolidated)
		switch {
		case fault.Is(err, fault.KindNotFound):
			if err := insert(ctx, tx, Report{ID: db.NewID(), Unit: pl.unit.ID, Period: pl.p.ID, Kind: KindConsolidated, Issue: 1, State: StateDraft,
				Layer: figure.Submitted, MadeAt: s.clock.Milli(), MadeBy: who.Person}); err != nil {
				return err
			}
			if r, err = findAt(ctx, tx, who, auth.Consolidate, s.clock.Today(), pl.unit.ID, pl.p.ID, KindConsolidated); err != nil {
				return err
			}
		case err != nil:
			return err
		case r.State == StateFrozen:
			return fault.Refused("Báo cáo tổng hợp kỳ này đã chốt. Muốn điều chỉnh, hãy lập bản mới thay thế.")
		}
		out, err = s.redraft(ctx, tx, who, r, pl, nil)
		return err
	})
	return out, err
}

// redraft writes sections anew: all that nobody has edited, and those named in take. What a section said stays as its
// earlier version.
func (s *Service) redraft(ctx context.Context, tx *db.Tx, who auth.Actor, r Report, pl place, take []string) (Report, error) {
	texts, err := s.fresh(ctx, tx, who, pl, r.Layer)
	if err != nil {
		return r, err
	}
	have, err := sectionsOf(ctx, tx, r.ID)
	if err != nil {
		return r, err
	}
	for code := range have {
		if _, ok := texts[code]; !ok {
			texts[code] = "" // its topic has no data any more
		}
	}
	n := 0
	for _, sl := range frame(pl.p) {
		text, ok := texts[sl.code]
		if !ok {
			continue
		}
		old := have[sl.code]
		if old.Version > 0 && (old.Text == text && old.Drafted == text || old.Edited() && !slices.Contains(take, sl.code)) {
			continue
		}
		if err := insertSection(ctx, tx, r.ID, Section{Code: sl.code, Version: old.Version + 1, Text: text, Drafted: text, At: s.clock.Milli(), Person: who.Person}); err != nil {
			return r, err
		}
		n++
	}
	if n == 0 {
		return r, nil
	}
	if err := update(ctx, tx, &r); err != nil {
		return r, err
	}
	return r, audit.Write(ctx, tx, who, audit.Act{
		At: s.clock.Milli(), Verb: "draft", House: "report", Object: r.ID, Units: []int64{r.Unit},
		Detail: map[string]any{"sections": n, "taken": take},
	})
}

// Offer is a section whose text differs from what the program would write now.
type Offer struct {
	Code, Heading string
	Now, Fresh    string
	Edited        bool // people have changed it: it is only replaced when somebody asks for that
}

// Offers compares a live report with what the program would write now.
func (s *Service) Offers(ctx context.Context, who auth.Actor, id string) ([]Offer, error) {
	var out []Offer
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		r, err := findID(ctx, tx, who, auth.Consolidate, s.clock.Today(), id)
		if err != nil {
			return err
		}
		if r.Kind != KindConsolidated {
			return fault.NotFound()
		}
		if err := r.mustBeLive(r.Version); err != nil {
			return err
		}
		pl, err := s.where(ctx, tx, r)
		if err != nil {
			return err
		}
		texts, err := s.fresh(ctx, tx, who, pl, r.Layer)
		if err != nil {
			return err
		}
		have, err := sectionsOf(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		for _, sl := range frame(pl.p) {
			old, fresh := have[sl.code], texts[sl.code]
			if old.Text != fresh {
				out = append(out, Offer{sl.code, heading(pl.p, sl.code), old.Text, fresh, old.Edited()})
			}
		}
		return nil
	})
	return out, err
}

// Redraft writes anew the sections that nobody has edited, and of the edited ones those in take.
func (s *Service) Redraft(ctx context.Context, who auth.Actor, id string, version int, take []string) (Report, error) {
	return s.change(ctx, who, id, version, func(tx *db.Tx, r Report, pl place) (Report, error) {
		return s.redraft(ctx, tx, who, r, pl, take)
	})
}

func (s *Service) change(ctx context.Context, who auth.Actor, id string, version int, fn func(*db.Tx, Report, place) (Report, error)) (Report, error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return Report{}, err
	}
	var out Report
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		r, pl, err := s.live(ctx, tx, who, id, version)
		if err != nil {
			return err
		}
		out, err = fn(tx, r, pl)
		return err
	})
	return out, err
}

// UseLayer chooses whether the report's numbers are those that bodies have given or only those approved.
func (s *Service) UseLayer(ctx context.Context, who auth.Actor, id string, version int, layer figure.Layer) (Report, error) {
	return s.change(ctx, who, id, version, func(tx *db.Tx, r Report, pl place) (Report, error) {
		if layer != figure.Submitted && layer != figure.Approved {
			return r, fault.Invalid("layer", "Hãy chọn số đã gửi hoặc số đã duyệt.")
		}
		if r.Layer == layer {
			return r, nil
		}
		before := r.Layer
		r.Layer = layer
		if err := update(ctx, tx, &r); err != nil {
			return r, err
		}
		if err := audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "layer", House: "report", Object: r.ID, Units: []int64{r.Unit},
			Before: int64(before), After: int64(layer),
		}); err != nil {
			return r, err
		}
		return s.redraft(ctx, tx, who, r, pl, nil)
	})
}

// longestSection bounds a section's text; the longest real one is a few pages.
const longestSection = 60000

// EditSection gives a section a new text; version is the section's that the actor saw. A token that leads nowhere is
// refused with its line and what may have been meant. On a conflict the standing section comes with the fault, so that the
// page shows both texts.
func (s *Service) EditSection(ctx context.Context, who auth.Actor, id, code string, version int, text string) (Section, error) {
	if err := who.Must(auth.Consolidate); err != nil {
		return Section{}, err
	}
	text = strings.TrimSpace(viet.NFC(strings.ReplaceAll(text, "\r\n", "\n")))
	if len(text) > longestSection {
		return Section{}, fault.Invalid("text", "Mục này quá dài; hãy rút gọn.")
	}
	var out Section
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		r, err := findID(ctx, tx, who, auth.Consolidate, s.clock.Today(), id)
		if err != nil {
			return err
		}
		if r.Kind != KindConsolidated {
			return fault.NotFound()
		}
		if err := r.mustBeLive(r.Version); err != nil { // sections have versions of their own
			return err
		}
		pl, err := s.where(ctx, tx, r)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(frame(pl.p), func(sl slot) bool { return sl.code == code }) {
			return fault.NotFound()
		}
		have, err := sectionsOf(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		out = have[code]
		out.Code = code
		if out.Version != version {
			return fault.Conflict("Mục này vừa được người khác sửa. Hãy so sánh hai bản, ghép lại rồi lưu.")
		}
		if err := s.checkText(ctx, tx, who, pl, r.Layer, text); err != nil {
			return err
		}
		if out.Text == text {
			return nil
		}
		before := out.Text
		out.Version, out.Text, out.At, out.Person, out.By = version+1, text, s.clock.Milli(), who.Person, audit.Signature(who.Name, who.ForName)
		if err := insertSection(ctx, tx, r.ID, out); err != nil {
			return err
		}
		if err := update(ctx, tx, &r); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{
			At: s.clock.Milli(), Verb: "edit", House: "report", Object: r.ID, Units: []int64{r.Unit},
			Detail: map[string]any{"section": code, "version": out.Version}, Before: before, After: text,
		})
	})
	return out, err
}

// checkText refuses a text with a token that leads nowhere.
func (s *Service) checkText(ctx context.Context, tx *db.Tx, who auth.Actor, pl place, layer figure.Layer, text string) error {
	pieces, broken := ParseText(text)
	var bad fault.List
	for _, b := range broken {
		_ = bad.Add(fault.Invalid("text", b.Error()))
	}
	n, err := s.numbers(ctx, tx, who, pl.unit, pl.p, layer)
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if p.Token == nil {
			continue
		}
		_, complaint, err := n.resolve(*p.Token)
		if err != nil {
			return err
		}
		if complaint != "" {
			_ = bad.Add(fault.Invalidf("text", "Dòng %d: %s: %s", p.Token.Line, p.Token.Raw, complaint))
		}
	}
	return bad.Err()
}

// stored writes a report out as it is stored, with the numbers of now.
func (s *Service) stored(ctx context.Context, tx *db.Tx, who auth.Actor, r Report, pl place) (Content, error) {
	have, err := sectionsOf(ctx, tx, r.ID)
	if err != nil {
		return Content{}, err
	}
	texts := map[string]string{}
	for code, sec := range have {
		texts[code] = sec.Text
	}
	return s.compose(ctx, tx, who, r, pl, texts)
}

// compose writes sections' texts out with the numbers of now.
func (s *Service) compose(ctx context.Context, tx *db.Tx, who auth.Actor, r Report, pl place, texts map[string]string) (Content, error) {
	day := s.clock.Today()
	c := Content{
		Format: contentFormat, Report: r.ID, Issue: r.Issue, Unit: pl.unit.Code, UnitName: pl.unit.Name, Period: pl.p.Code, PeriodName: pl.p.Name(),
		From: pl.p.From, To: pl.p.To, Layer: int64(r.Layer), Day: day,
	}
	n, err := s.numbers(ctx, tx, who, pl.unit, pl.p, r.Layer)
	if err != nil {
		return c, err
	}
	x, err := n.of("")
	if err != nil {
		return c, err
	}
	w := newWriter(n)
	written := map[string]Written{}
	groups := n.catalog.Topics()
	for _, sl := range frame(pl.p) { // in order, so that numbers are counted as they are read
		text, ok := texts[sl.code]
		if !ok {
			continue
		}
		out := Written{}
		if out.Paragraphs, err = w.text(heading(pl.p, sl.code), text); err != nil {
			return c, err
		}
		if topic, ok := topicOf(sl.code); ok {
			for _, g := range groups {
				if g.Code == topic {
					out.Table = w.table(x, g.Indicators)
				}
			}
		}
		written[sl.code] = out
	}
	if adjusted, err := s.adjusted(ctx, tx, who, r, pl); err != nil {
		return c, err
	} else if len(adjusted) > 0 {
		out := written[dieuChinh]
		out.Paragraphs = append(out.Paragraphs, adjusted...)
		written[dieuChinh] = out
	}
	c.Sections, c.Numbers, c.Problems = arrange(pl.p, written), w.list, w.bad
	c.Head, err = s.headOf(ctx, tx, who, pl.unit, pl.p, day)
	if !written[nhiemVu].Blank() {
		c.Head.Subject += ", nhiệm vụ trọng tâm " + pl.p.Next().Name()
	}
	return c, err
}
