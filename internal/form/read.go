package form

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Asked is a form that a body is asked for in a period, in the version that holds then.
type Asked struct {
	Form
	Content Version
	Opens   string // ISO days on which the form opens and falls due
	Closes  string
}

// Standing is what is asked in a period, of whomever: the forms in their order with the version and the assignment that hold.
type Standing struct {
	asked []Asked
	whom  []Assignment
	lines map[int64][]int64
}

// Of gives the forms that are asked of a unit, in their order.
func (s Standing) Of(u org.Unit) []Asked {
	var out []Asked
	for n, a := range s.asked {
		if s.whom[n].Asks(u, s.lines[u.ID]) {
			out = append(out, a)
		}
	}
	return out
}

// All gives every form that is asked of somebody in the period.
func (s Standing) All() []Asked { return s.asked }

// At reads what is asked in a period. No form at all means that the site asks for the whole catalogue. It needs not be known
// that the period has been made.
func At(ctx context.Context, tx *db.Tx, p period.Period) (Standing, error) {
	var s Standing
	all, err := db.Collect(ctx, tx, func(rows *sql.Rows) (a Asked, err error) {
		return a, rows.Scan(&a.ID, &a.Code, &a.Kind, &a.Ordinal, &a.Ends, &a.Version, &a.Content.Number)
	}, `select`+formColumns+`, max(v.number) from form f join form_version v on v.form = f.id and v.state = 'published' and v.from_day <= $2
		where f.period_kind = $1 and f.ends > $2 group by f.id, f.code, f.period_kind, f.ordinal, f.ends, f.version order by f.ordinal, f.code`, p.Kind, p.To)
	if err != nil || len(all) == 0 {
		return s, err
	}
	assignments, err := assignmentsOf(ctx, tx, "")
	if err != nil {
		return s, err
	}
	var lines []int64
	for _, a := range all {
		n := slices.IndexFunc(assignments, func(x Assignment) bool { return x.Form == a.ID && x.FromDay <= p.To })
		if n < 0 {
			continue // not assigned yet: nobody is asked
		}
		s.asked, s.whom = append(s.asked, a), append(s.whom, assignments[n])
		for _, t := range assignments[n].Targets {
			if t.Line != 0 && !slices.Contains(lines, t.Line) {
				lines = append(lines, t.Line)
			}
		}
	}
	if s.lines, err = linesOf(ctx, tx, lines, p.To); err != nil {
		return s, err
	}
	return s, s.content(ctx, tx, p)
}

// content reads the versions and works out the days.
func (s *Standing) content(ctx context.Context, tx *db.Tx, p period.Period) error {
	if len(s.asked) == 0 {
		return nil
	}
	args := make([]any, 0, 2*len(s.asked))
	for _, a := range s.asked {
		args = append(args, a.ID, a.Content.Number)
	}
	heads, err := db.Collect(ctx, tx, scanVersion, `select`+versionColumns+`from form_version v where (v.form, v.number) in (`+db.Values(len(s.asked), 2, 1)+`)`, args...)
	if err != nil {
		return err
	}
	var content []*Version
	for n := range s.asked {
		i := slices.IndexFunc(heads, func(v Version) bool { return v.Form == s.asked[n].ID })
		s.asked[n].Content = heads[i]
		content = append(content, &s.asked[n].Content)
	}
	if err := fill(ctx, tx, content); err != nil {
		return err
	}
	calendar, err := CalendarIn(ctx, tx)
	if err != nil {
		return err
	}
	for n := range s.asked {
		a := &s.asked[n]
		a.Opens, a.Closes = calendar.Add(p.To, a.Content.Opens), calendar.Add(p.To, a.Content.Closes)
	}
	return nil
}

// Of reads the forms that are asked of a unit for a period, in their order. Whether the reader may see the unit is the
// caller's to ask.
func Of(ctx context.Context, tx *db.Tx, u org.Unit, p period.Period) ([]Asked, error) {
	s, err := At(ctx, tx, p)
	return s.Of(u), err
}

// CalendarIn reads the site's working days.
func CalendarIn(ctx context.Context, tx *db.Tx) (Calendar, error) {
	all, err := holidays(ctx, tx)
	return NewCalendar(all), err
}

// Arrange gives the sheet of figures the sections that a unit is asked for; none at all means the whole catalogue.
func (s *Service) Arrange(ctx context.Context, tx *db.Tx, u org.Unit, p period.Period) ([]figure.Section, error) {
	asked, err := Of(ctx, tx, u, p)
	if err != nil || len(asked) == 0 {
		return nil, err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	catalog = catalog.At(p.To)
	var out []figure.Section
	for _, a := range asked {
		for _, section := range a.Content.Sections {
			cells := cellsOf(catalog, section)
			words := len(Version{Sections: []Section{section}}.Words())
			if len(cells) == 0 && words == 0 {
				continue
			}
			out = append(out, figure.Section{Title: section.Title, Note: section.Note, Cells: cells, Words: figure.Words{Count: words, URL: AnswerPath(u.Code, p)}})
		}
	}
	return out, nil
}

// cellsOf are the cells of a section: each indicator with its parts, where it holds in the catalogue's day.
func cellsOf(catalog *indicator.Catalog, section Section) []figure.Asked {
	var out []figure.Asked
	for _, i := range section.Items {
		in, ok := catalog.ByID(i.Indicator)
		if i.Kind != Cell || !ok {
			continue
		}
		out = append(out, figure.Asked{Indicator: in.ID, Compulsory: i.Compulsory})
		for _, part := range in.Parts {
			out = append(out, figure.Asked{Indicator: in.ID, Part: part.Part})
		}
	}
	return out
}

// Count is how full a form is: of All items to fill, Have are filled; Lacks compulsory ones are not.
type Count struct {
	Have, All, Lacks int
}

// Percent is how full in whole percent; full is only what is full.
func (c Count) Percent() int {
	if c.All == 0 {
		return 100
	}
	return c.Have * 100 / c.All
}

// Filled counts, for each unit below one that the actor may see and each form of a period, how full the form is: unit -> form
// -> count. A unit that has given nothing is not in it.
func (s *Service) Filled(ctx context.Context, tx *db.Tx, who auth.Actor, ancestor int64, p period.Period, asked []Asked) (map[int64]map[string]Count, error) {
	return s.filled(ctx, tx, who, ancestor, p, asked, 0)
}

// FilledUntil is Filled as it was before a moment.
func (s *Service) FilledUntil(ctx context.Context, tx *db.Tx, who auth.Actor, ancestor int64, p period.Period, asked []Asked, moment int64) (map[int64]map[string]Count, error) {
	return s.filled(ctx, tx, who, ancestor, p, asked, moment)
}

// NewestUntil keeps of a figure f the version that stood before a moment, whose placeholder follows.
const NewestUntil = ` f.version = (select max(g.version) from figure g join figure_entry e on e.key = g.entry where g.unit = f.unit and g.period = f.period
	and g.indicator = f.indicator and g.part = f.part and g.layer = f.layer and e.at < `

func (s *Service) filled(ctx context.Context, tx *db.Tx, who auth.Actor, ancestor int64, p period.Period, asked []Asked, until int64) (map[int64]map[string]Count, error) {
	out := map[int64]map[string]Count{}
	if len(asked) == 0 {
		return out, nil
	}
	today := s.clock.Today()
	args := []any{p.ID, ancestor, p.To}
	args = append(args, org.WithinArgs(who, auth.View, today)...)
	versions := make([]any, 0, 2*len(asked))
	for _, a := range asked {
		versions = append(versions, a.ID, a.Content.Number)
	}
	args = append(args, versions...)
	newestFigure := ` f.version = (select max(g.version) from figure g where g.unit = f.unit and g.period = f.period and g.indicator = f.indicator and g.part = f.part and g.layer = f.layer)`
	newestAnswer := ` f.version = (select max(g.version) from form_answer g where g.unit = f.unit and g.period = f.period and g.form = f.form and g.item = f.item)`
	if until != 0 {
		args = append(args, until)
		at := fmt.Sprintf("$%d)", len(args))
		newestFigure, newestAnswer = NewestUntil+at, strings.TrimSuffix(newestAnswer, ")")+" and g.made < "+at
	}
	take := func(rows *sql.Rows) (struct{}, error) {
		var unit int64
		var form string
		var have, must int
		err := rows.Scan(&unit, &form, &have, &must)
		if out[unit] == nil {
			out[unit] = map[string]Count{}
		}
		c := out[unit][form]
		c.Have += have
		c.Lacks -= must // what is given; what is asked is added below
		out[unit][form] = c
		return struct{}{}, err
	}
	if _, err := db.Collect(ctx, tx, take, `select f.unit, i.form, count(*), sum(case when i.compulsory then 1 else 0 end)
		from unit_ancestor d
		join figure f on f.unit = d.unit and f.period = $1 and f.layer = 1 and f.part = 0 and f.qualifier <> 0
		join form_item i on i.indicator = f.indicator and i.kind = 'cell'
		where d.hierarchy = 1 and d.ancestor = $2 and d.valid_from <= $3 and $3 < d.valid_to and (i.form, i.number) in (`+db.Values(len(asked), 2, 7)+`)
		and `+newestFigure+` and `+org.Within("d.unit", "$3", 4)+` group by f.unit, i.form`, args...); err != nil {
		return nil, err
	}
	if _, err := db.Collect(ctx, tx, take, `select f.unit, i.form, count(*), sum(case when i.compulsory then 1 else 0 end)
		from unit_ancestor d
		join form_answer f on f.unit = d.unit and f.period = $1 and (f.stated_none or f.content <> '')
		join form_item i on i.form = f.form and i.item = f.item and i.kind <> 'cell'
		where d.hierarchy = 1 and d.ancestor = $2 and d.valid_from <= $3 and $3 < d.valid_to and (i.form, i.number) in (`+db.Values(len(asked), 2, 7)+`)
		and `+newestAnswer+` and `+org.Within("d.unit", "$3", 4)+` group by f.unit, i.form`, args...); err != nil {
		return nil, err
	}
	catalog, err := s.indicators.In(ctx, tx)
	if err != nil {
		return nil, err
	}
	catalog = catalog.At(p.To)
	for _, counts := range out {
		for _, a := range asked {
			c := counts[a.ID]
			all := Whole(catalog, a.Content)
			c.All, c.Lacks = all.All, max(0, all.Lacks+c.Lacks)
			c.Have = min(c.Have, c.All)
			counts[a.ID] = c
		}
	}
	return out, nil
}

// Whole is the count of a form in which nothing is filled.
func Whole(catalog *indicator.Catalog, v Version) Count {
	var c Count
	for _, s := range v.Sections {
		for _, i := range s.Items {
			if i.Kind == Cell && !Fillable(catalog, i.Indicator) {
				continue
			}
			c.All++
			if i.Compulsory {
				c.Lacks++
			}
		}
	}
	return c
}

// sortTargets brings targets into one order, whatever order they were typed in.
func sortTargets(list []Target) []Target {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(list)
}

// Reminded is that the people of a body were reminded of its report for a period.
type Reminded struct {
	Last  int64 // UTC ms
	Times int   // occasions
}

// RemindedIn tells, for the bodies that were reminded of a period's report on occasions whose names begin with one of some words, how
// often and when last.
func RemindedIn(ctx context.Context, tx *db.Tx, per int64, words ...string) (map[int64]Reminded, error) {
	out := map[int64]Reminded{}
	var like []string
	args := []any{per}
	for _, w := range words {
		args = append(args, w+"/%")
		like = append(like, `step like $`+strconv.Itoa(len(args)))
	}
	_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var unit int64
		var r Reminded
		err := rows.Scan(&unit, &r.Last, &r.Times)
		out[unit] = r
		return struct{}{}, err
	}, `select unit, max(made), count(distinct step) from form_reminder where period = $1 and (`+strings.Join(like, " or ")+`) group by unit`, args...)
	return out, err
}

// Occasion is who was reminded of what, and on which occasion.
type Occasion struct {
	Person string
	Unit   int64
	Step   string
}

// Occasions lists who was reminded of a period's reports on which occasion.
func Occasions(ctx context.Context, tx *db.Tx, per int64) (map[Occasion]bool, error) {
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (o Occasion, err error) { return o, rows.Scan(&o.Person, &o.Unit, &o.Step) },
		`select person, unit, step from form_reminder where period = $1`, per)
	out := make(map[Occasion]bool, len(list))
	for _, o := range list {
		out[o] = true
	}
	return out, err
}
