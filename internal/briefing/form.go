package briefing

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/task"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// form is one of the many forms of a page. Its name stands before each of its fields, so that two forms have no id in
// common and a message finds the field that it is about.
type form struct {
	name   string
	values url.Values
}

func (f form) get(field string) string { return web.Clean(f.values.Get(f.name + "-" + field)) }

func (f form) all(field string) []string {
	var out []string
	for _, v := range f.values[f.name+"-"+field] {
		if v = web.Clean(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func (f form) version() int {
	n, err := strconv.Atoi(f.get("version"))
	if err != nil {
		return -1 // no row has it: the page was tampered with, and meets a conflict
	}
	return n
}

// unit reads a unit's key; what is none is 0.
func (f form) unit(field string) int64 {
	n, err := strconv.ParseInt(f.get(field), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// day reads an optional date; what cannot be read is given on as it is, for the rule to refuse.
func (f form) day(field string) string {
	text := f.get(field)
	if day, err := viet.ParseDate(text, 0); err == nil {
		return day
	}
	return text
}

// blame puts the form's name before the fields that a rule complains about.
func (f form) blame(err error) error {
	all := fault.All(err)
	if len(all) == 0 {
		return err
	}
	var out fault.List
	for _, x := range all {
		one := *x
		if one.Field != "" {
			one.Field = f.name + "-" + one.Field
		}
		out = append(out, &one)
	}
	return out
}

func (s *Service) remover(list string) func(context.Context, auth.Actor, string, form) error {
	return func(ctx context.Context, who auth.Actor, id string, f form) error {
		return s.Remove(ctx, who, id, list, f.get("id"), f.version())
	}
}

// readPlan reads the fields of a plan.
func readPlan(f form) (Plan, error) {
	p := Plan{Venue: f.get("venue"), Summons: Number{f.get("number"), f.day("summons_date")}, Letterhead: Letterhead{
		IssuerParent: f.get("parent"), Issuer: f.get("issuer"), IssuerSub: f.get("sub"), Symbol: f.get("symbol"), City: f.get("city"), Office: f.get("office"),
	}}
	if f.get("system") == partySystem {
		p.System = doc.Party
	}
	var bad fault.List
	at := func(day, field string) time.Time {
		t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+f.get(field), clock.Zone)
		if err != nil {
			_ = bad.Add(fault.Invalid(field, "Hãy ghi giờ như 08:00."))
		}
		return t
	}
	day, err := viet.ParseDate(f.get("day"), 0)
	if err != nil {
		return p, fault.Invalid("day", "Hãy ghi ngày họp, ví dụ 01/10/2019.")
	}
	p.Start, p.End = at(day, "start"), at(day, "end")
	return p, bad.Err()
}

func (s *Service) postPlan(ctx context.Context, who auth.Actor, id string, f form) error {
	p, err := readPlan(f)
	if err != nil {
		return err
	}
	return s.Replan(ctx, who, id, f.version(), p)
}

func (s *Service) postHold(ctx context.Context, who auth.Actor, id string, f form) error {
	return s.Hold(ctx, who, id, f.version())
}

func (s *Service) postCancel(ctx context.Context, who auth.Actor, id string, f form) error {
	return s.Cancel(ctx, who, id, f.version(), f.get("reason"))
}

func (s *Service) postParticipant(ctx context.Context, who auth.Actor, id string, f form) error {
	return s.PutParticipant(ctx, who, id, Participant{ID: f.get("id"), Version: f.version(), Role: Role(f.get("role")), Unit: f.unit("unit"), Person: f.get("person"), Title: f.get("title")})
}

func (s *Service) postItem(ctx context.Context, who auth.Actor, id string, f form) error {
	minutes, err := strconv.Atoi(f.get("minutes"))
	if err != nil {
		return fault.Invalid("minutes", "Hãy nhập số phút.")
	}
	return s.PutItem(ctx, who, id, Item{ID: f.get("id"), Version: f.version(), Title: f.get("title"), Text: f.get("text"), Minutes: minutes, Presenter: f.get("presenter")})
}

func (s *Service) postBuild(ctx context.Context, who auth.Actor, id string, _ form) error {
	return s.BuildAgenda(ctx, who, id)
}

// postArrange moves an item, takes it off or puts it back.
func (s *Service) postArrange(ctx context.Context, who auth.Actor, id string, f form) error {
	switch f.get("act") {
	case "up", "down":
		return s.MoveItem(ctx, who, id, f.get("id"), f.get("act") == "up")
	case "remove", "restore":
		return s.RemoveItem(ctx, who, id, f.get("id"), f.version(), f.get("act") == "remove")
	}
	return fault.NotFound()
}

func (s *Service) postMarks(ctx context.Context, who auth.Actor, id string, f form) error {
	var marks []Mark
	for _, row := range f.all("id") {
		version, err := strconv.Atoi(f.get("version-" + row))
		if err != nil {
			return fault.NotFound()
		}
		came := Attendance(f.get("attendance-" + row))
		if came == Unmarked && f.get("rest") != "" {
			came = Present
		}
		marks = append(marks, Mark{ID: row, Version: version, Attendance: came, Reason: f.get("reason-" + row),
			Substitute: f.get("substitute-" + row), SubstituteTitle: f.get("substitute_title-" + row)})
	}
	return s.MarkAll(ctx, who, id, marks)
}

// postStatement takes the speaker from the participants, or as written.
func (s *Service) postStatement(ctx context.Context, who auth.Actor, id string, f form) error {
	x := Statement{ID: f.get("id"), Version: f.version(), Clock: f.get("clock"), Speaker: f.get("other"), Kind: StatementKind(f.get("kind")), Text: f.get("text")}
	if from := f.get("speaker"); from != "" {
		b, err := s.ByID(ctx, who, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(b.Participants, func(p Participant) bool { return p.ID == from })
		if at < 0 {
			return fault.Invalid("speaker", "Hãy chọn hoặc ghi người phát biểu.")
		}
		p := b.Participants[at]
		x.Unit, x.Speaker, x.Title = p.Unit, p.Person, p.Title
		if p.Attendance == Substituted {
			x.Speaker, x.Title = p.Substitute, p.SubstituteTitle
		}
	}
	return s.PutStatement(ctx, who, id, x)
}

func (s *Service) postFinding(ctx context.Context, who auth.Actor, id string, f form) error {
	return s.PutFinding(ctx, who, id, Finding{ID: f.get("id"), Version: f.version(), Kind: FindingKind(f.get("kind")), Text: f.get("text"), Evidence: f.get("evidence")})
}

func (s *Service) postTake(ctx context.Context, who auth.Actor, id string, f form) error {
	return s.TakeShortcomings(ctx, who, id, f.all("key"))
}

func (s *Service) postPoint(ctx context.Context, who auth.Actor, id string, f form) error {
	_, err := s.PutPoint(ctx, who, id, Point{ID: f.get("id"), Version: f.version(), Kind: PointKind(f.get("kind")), Text: f.get("text")})
	return err
}

func (s *Service) postDemand(ctx context.Context, who auth.Actor, id string, f form) error {
	d := Demand{ID: f.get("id"), Version: f.version(), Point: f.get("point"), Lead: f.unit("lead"), Text: f.get("text"), Evidence: f.get("evidence"), Due: f.day("due")}
	for _, text := range f.all("with") {
		if unit, err := strconv.ParseInt(text, 10, 64); err == nil && unit > 0 && !slices.Contains(d.With, unit) {
			d.With = append(d.With, unit)
		}
	}
	if code := f.get("indicator"); code != "" {
		catalog, err := s.indicators.Catalog(ctx)
		if err != nil {
			return err
		}
		in, ok := catalog.ByCode(code)
		if !ok {
			return fault.Invalid("indicator", "Không có chỉ tiêu này trong danh mục.")
		}
		q, err := figure.Read(f.get("wanted"), in)
		if err != nil {
			return fault.Invalid("wanted", err.Error())
		}
		if !q.HasNumber() {
			return fault.Invalidf("wanted", "Hãy ghi mức cần đạt của chỉ tiêu “%s” bằng một con số.", in.Name)
		}
		d.Goal = task.Goal{Indicator: in.ID, Wanted: q.Value, Of: task.Scope(f.get("of"))}
		if d.Of != task.OfLead {
			d.Of = task.OfPlace
		}
	}
	return s.PutDemand(ctx, who, id, d)
}

func (s *Service) postConclude(ctx context.Context, who auth.Actor, id string, f form) error {
	b, err := s.ByID(ctx, who, id)
	if err != nil {
		return err
	}
	c := Closing{Chair: f.get("chair"), Notice: Number{f.get("number"), f.day("notice_date")}}
	if text := f.get("end"); text != "" {
		if c.End, err = time.ParseInLocation("2006-01-02 15:04", b.Day+" "+text, clock.Zone); err != nil {
			return fault.Invalid("end", "Hãy ghi giờ như 11:30.")
		}
	}
	_, err = s.Conclude(ctx, who, id, f.version(), c)
	return err
}

func (s *Service) postNumber(ctx context.Context, who auth.Actor, id string, f form) error {
	return s.NumberNotice(ctx, who, id, f.version(), Number{f.get("number"), f.day("notice_date")})
}

func (s *Service) postSupplement(ctx context.Context, who auth.Actor, id string, f form) error {
	return s.Supplement(ctx, who, id, Supplement{Day: f.day("day"), Document: f.get("document"), Reason: f.get("reason"), Text: f.get("text")})
}
