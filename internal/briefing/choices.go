package briefing

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"giaoban/internal/doc"
	"giaoban/internal/indicator"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

func (p newPage) offices() []web.Option {
	var out []web.Option
	for _, o := range p.Offices {
		out = append(out, web.Option{Value: o.ID, Label: label(o.Person, o.Title, p.Units[o.Unit])})
	}
	return out
}

func options[T ~string](ctx context.Context, list []T, name func(T) string) []web.Option {
	out := make([]web.Option, len(list))
	for i, v := range list {
		out[i] = web.Option{Value: string(v), Label: viet.UpperFirst(web.T(ctx, name(v)))}
	}
	return out
}

func speakers(p meetingPage) []web.Option {
	var out []web.Option
	for _, x := range p.Participants {
		if x.Attendance == Absent {
			continue
		}
		text := x.Label()
		if x.Attendance == Substituted {
			text = label(x.Substitute, x.SubstituteTitle, x.UnitName)
		}
		out = append(out, web.Option{Value: x.ID, Label: text})
	}
	return out
}

func chairOptions(p meetingPage) []web.Option {
	var out []web.Option
	for _, c := range p.Chairs() {
		out = append(out, web.Option{Value: c.ID, Label: join(", ", c.Person, c.Title)})
	}
	return out
}

// indicatorOptions are the indicators that a task can aim at, by topic.
func indicatorOptions(c *indicator.Catalog) []web.Option {
	var out []web.Option
	for _, g := range c.Topics() {
		for _, in := range g.Indicators {
			if in.Across != indicator.None {
				out = append(out, web.Option{Value: in.Code, Label: fmt.Sprintf("%s (%s)", in.Name, in.Unit), Group: g.Name})
			}
		}
	}
	return out
}

// optionalAttrs takes the browser's demand off a field of which another one may stand instead.
var optionalAttrs = templ.Attributes{"required": false}

func unitValue(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// withUnit keeps a unit among the choices that is none of the usual ones.
func withUnit(list []web.Option, id int64, name string) []web.Option {
	value := unitValue(id)
	if id == 0 || slices.ContainsFunc(list, func(o web.Option) bool { return o.Value == value }) {
		return list
	}
	return append([]web.Option{{Value: value, Label: name}}, list...)
}

// number undoes unitValue.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func placeOptions(p newPage) []web.Option {
	out := make([]web.Option, len(p.Places))
	for i, n := range p.Places {
		out[i] = web.Option{Value: n.Code, Label: n.Name}
	}
	return out
}

func systemName(text string) string {
	if text == partySystem {
		return "Thể thức văn bản của Đảng"
	}
	return "Thể thức văn bản hành chính (Nhà nước, Mặt trận)"
}

func otherSystem(s doc.System) string {
	if s == doc.Party {
		return "Dùng thể thức văn bản của Đảng"
	}
	return "Dùng thể thức văn bản hành chính (Mặt trận)"
}

// marksFor are the choices of attendance: a chair has no substitute.
func marksFor(p Participant) []Attendance {
	if p.Role == Chair {
		return []Attendance{Present, Absent}
	}
	return Attendances
}

// speakerOf finds the participant who said something, by unit and name.
func speakerOf(p meetingPage, x Statement) string {
	for _, o := range p.Participants {
		if x.Speaker != "" && o.Unit == x.Unit && (o.Person == x.Speaker || o.Substitute == x.Speaker) {
			return o.ID
		}
	}
	return ""
}

func otherSpeaker(p meetingPage, x Statement) string {
	if speakerOf(p, x) != "" {
		return ""
	}
	return x.Label()
}

func firstChair(p meetingPage) string {
	if c := p.Chairs(); len(c) > 0 {
		return c[0].ID
	}
	return ""
}
