package task

import (
	"context"
	"strconv"
	"strings"

	"giaoban/internal/figure"
	"giaoban/internal/web"
)

// listPage is what the list shows.
type listPage struct {
	Tasks     []Task
	Bodies    []Named
	Filter    Filter
	StateWord string // as in the address: a state, or "qua-han"
	Body      string
	Counts    Counts
	Total     int
	Today     string
	Pager     web.PagerProps
}

// file is the address of the list as a file, with the same filter.
func (p listPage) file(kind string) string {
	return web.URL("/nhiem-vu/tep", "dang", kind, "tinh-trang", p.StateWord, "don-vi", p.Body, "tim", p.Filter.Text, "hop", p.Filter.Briefing)
}

// onePage is what a task's page shows. Value gives what was typed into a form that was not taken.
type onePage struct {
	Task    Task
	May     May
	Moved   Movement
	HasGoal bool
	Today   string
	Value   func(string) string
}

// leaderPath leads to the lead body for those who may see it.
func (p onePage) leaderPath() string {
	if !p.May.Leader {
		return ""
	}
	return web.Path("don-vi", p.Task.Leader.Code)
}

const overdueWord = "qua-han"

func stateOptions(ctx context.Context) []web.Option {
	out := []web.Option{{Value: overdueWord, Label: web.T(ctx, "quá hạn")}}
	for _, s := range States {
		if s != Returned { // those sent back are among the open ones
			out = append(out, web.Option{Value: string(s), Label: web.T(ctx, s.Name())})
		}
	}
	return out
}

func bodyOptions(bodies []Named) []web.Option {
	out := make([]web.Option, len(bodies))
	for i, b := range bodies {
		out[i] = web.Option{Value: strconv.FormatInt(b.ID, 10), Label: b.Name}
	}
	return out
}

func badgeKind(t Task, today string) string {
	switch {
	case t.Overdue(today), t.State == Returned:
		return "bad"
	case t.State == Accepted:
		return "ok"
	case t.State == Reported:
		return "info"
	case t.State == Cancelled:
		return "mute"
	}
	return "warn"
}

func others(t Task) string {
	names := make([]string, len(t.Others))
	for i, o := range t.Others {
		names[i] = o.Name
	}
	return strings.Join(names, "; ")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// dueWords says what the date of an event is.
func dueWords(k Kind) string {
	switch k {
	case EventAsked:
		return "Xin đến ngày %s"
	case EventGranted:
		return "Hạn mới: %s"
	case EventRefused:
		return "Không gia hạn đến %s"
	}
	return "Thời hạn: %s"
}

func partText(m Movement) string {
	if m.Part.Name == "" {
		return ""
	}
	return " (" + m.Part.Name + ")"
}

func valueText(ctx context.Context, m Movement, v figure.Value) string {
	if !v.Has {
		return web.T(ctx, "chưa có số liệu")
	}
	return figure.Print(v, "", m.Indicator)
}

// nowURL opens the number where it is of one period; a number of several is opened by its lines.
func nowURL(m Movement) string {
	if len(m.Lines) == 1 {
		return m.Lines[0].URL
	}
	return ""
}

func reachedText(ctx context.Context, m Movement) string {
	if m.Reached() {
		return web.T(ctx, "đã đạt")
	}
	return web.T(ctx, "chưa đạt")
}
