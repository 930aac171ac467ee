package task_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/task"
)

func kinds(t task.Task) []task.Kind {
	var out []task.Kind
	for _, e := range t.Events {
		out = append(out, e.Kind)
	}
	return out
}

func TestTheWayOfATask(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		id := s.asked().ID

		s.must(s.tasks.Progress(ctx, s.farmers, id, 1, 40, "Đã rà soát 12 hộ", "https://vi.du/bien-ban.pdf"))
		s.must(s.tasks.AskExtension(ctx, s.women, id, 2, "2019-10-31", "Ngân hàng chưa chốt sổ"))
		s.must(s.tasks.DecideExtension(ctx, s.chair, id, 3, true, ""))
		s.day("2019-11-05")
		s.must(s.tasks.ReportDone(ctx, s.women, id, 4, "Xong 30 hộ", "Công văn số 12"))
		s.must(s.tasks.SendBack(ctx, s.office, id, 5, "Thiếu xác nhận của ngân hàng"))
		s.must(s.tasks.ReportDone(ctx, s.women, id, 6, "Đã bổ sung", "Công văn số 14"))
		s.must(s.tasks.Accept(ctx, s.office, id, 7, ""))

		got := s.find(s.chair, id)
		want := []task.Kind{task.EventMade, task.EventProgress, task.EventAsked, task.EventGranted, task.EventReported, task.EventReturned, task.EventReported, task.EventAccepted}
		if diff := cmp.Diff(want, kinds(got)); diff != "" {
			t.Errorf("events differ:\n%s", diff)
		}
		if got.State != task.Accepted || got.Due != "2019-10-31" || got.OriginalDue != "2019-10-15" || got.Extensions != 1 {
			t.Errorf("got %s due %s, first %s, extended %d times", got.State, got.Due, got.OriginalDue, got.Extensions)
		}
		if got.DaysLate("2020-01-01") != 5 || got.DaysAfterOriginal("2020-01-01") != 21 {
			t.Errorf("late %d and %d days, want 5 against the extended date and 21 against the first", got.DaysLate("2020-01-01"), got.DaysAfterOriginal("2020-01-01"))
		}
		if got.Events[1].By != "Cán bộ nong-dan" || got.Events[1].Evidence != "https://vi.du/bien-ban.pdf" || got.Events[1].Share != 40 {
			t.Errorf("the progress reads %+v", got.Events[1])
		}
		if got.Leader.Name != "Hội LHPN thị xã" || len(got.Others) != 1 || got.Others[0].Name != "Hội Nông dân thị xã" {
			t.Errorf("names: %v, %v", got.Leader, got.Others)
		}
	})
}

func TestStepsThatARuleForbids(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		open, reported := s.asked().ID, s.asked().ID
		s.must(s.tasks.ReportDone(ctx, s.office, reported, 1, "Xong", "Công văn số 1"))
		waiting := s.asked().ID
		s.must(s.tasks.AskExtension(ctx, s.office, waiting, 1, "2019-10-20", "Mưa lũ"))

		for _, c := range []struct {
			rule string
			err  error
			kind fault.Kind
		}{
			{"a result that is not reported is not accepted", s.tasks.Accept(ctx, s.chair, open, 1, ""), fault.KindConflict},
			{"nobody accepts their own result", s.tasks.Accept(ctx, s.office, reported, 2, ""), fault.KindRefused},
			{"nobody sends back their own result either", s.tasks.SendBack(ctx, s.office, reported, 2, "x"), fault.KindRefused},
			{"nobody grants their own extension", s.tasks.DecideExtension(ctx, s.office, waiting, 2, true, ""), fault.KindRefused},
			{"one extension is asked for at a time", s.tasks.AskExtension(ctx, s.women, waiting, 2, "2019-10-25", "x"), fault.KindRefused},
			{"an extension is later than the due date", s.tasks.AskExtension(ctx, s.women, open, 1, "2019-10-15", "x"), fault.KindInvalid},
			{"an extension has a reason", s.tasks.AskExtension(ctx, s.women, open, 1, "2019-10-30", " "), fault.KindInvalid},
			{"a refusal has a reason", s.tasks.DecideExtension(ctx, s.chair, waiting, 2, false, ""), fault.KindInvalid},
			{"sending back has a reason", s.tasks.SendBack(ctx, s.chair, reported, 2, ""), fault.KindInvalid},
			{"a cancelling has a reason", s.tasks.Cancel(ctx, s.chair, open, 1, ""), fault.KindInvalid},
			{"the evidence that was asked for is named", s.tasks.ReportDone(ctx, s.women, open, 1, "Xong", ""), fault.KindInvalid},
			{"a share is within the whole", s.tasks.Progress(ctx, s.women, open, 1, 101, "x", ""), fault.KindInvalid},
			{"a page that is out of date changes nothing", s.tasks.Progress(ctx, s.women, open, 7, 10, "x", ""), fault.KindConflict},
			{"a co-ordinating body does not report the lead's result", s.tasks.ReportDone(ctx, s.farmers, open, 1, "Xong", "x"), fault.KindNotFound},
			{"who does the task does not judge it", s.tasks.Accept(ctx, s.women, reported, 2, ""), fault.KindNotFound},
			{"the judge of another place does not judge it", s.tasks.Accept(ctx, s.ward, reported, 2, ""), fault.KindNotFound},
			{"a body that is not asked reports nothing", s.tasks.Progress(ctx, s.ward, open, 1, 10, "x", ""), fault.KindNotFound},
		} {
			if !fault.Is(c.err, c.kind) {
				t.Errorf("%s: got %v", c.rule, c.err)
			}
		}
		if got := s.find(s.office, open); len(got.Events) != 1 || got.Version != 1 {
			t.Errorf("a refused step left a trace: %+v", got.Events)
		}
	})
}

func TestOnlyThoseConcernedSeeATask(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		id := s.asked().ID
		alone := s.asked(func(t *task.Task) { t.With = nil }).ID
		if _, err := s.tasks.Find(ctx, s.ward, id); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward beside it finds the task: %v", err)
		}
		if list, total, err := s.tasks.List(ctx, s.ward, task.Filter{}, 1, 50); err != nil || len(list) != 0 || total != 0 {
			t.Errorf("a ward beside it lists %d of %d tasks: %v", len(list), total, err)
		}
		if bodies, err := s.tasks.Bodies(ctx, s.ward); err != nil || len(bodies) != 0 {
			t.Errorf("a ward beside it learns of the bodies %v: %v", bodies, err)
		}
		s.find(s.farmers, id)
		if _, err := s.tasks.Find(ctx, s.farmers, alone); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("the Farmers' Union finds a task of the Women's alone: %v", err)
		}
		if _, _, err := s.tasks.Moved(ctx, s.farmers, s.find(s.farmers, id)); err != nil {
			t.Error(err)
		}
		may, err := s.tasks.May(ctx, s.farmers, s.find(s.farmers, id))
		if diff := cmp.Diff(task.May{Progress: true}, may); err != nil || diff != "" {
			t.Errorf("a co-ordinating body may:\n%s %v", diff, err)
		}
	})
}

func TestAskingBeyondOnesPlaceIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		ward := s.person("bi-thu-phuong", "P01", "view", "brief")
		for _, c := range []struct {
			rule string
			who  string
			task task.Task
		}{
			{"a ward does not task the town's bodies", "ward", task.Task{Unit: s.id["P01"], Lead: s.id["TX.PN"], Text: "x", Due: "2019-10-15"}},
			{"nor make the town's tasks", "ward", task.Task{Unit: s.id["TX"], Lead: s.id["P01.PN"], Text: "x", Due: "2019-10-15"}},
			{"nor draw others in as partners", "ward", task.Task{Unit: s.id["P01"], Lead: s.id["P01.PN"], With: []int64{s.id["TX.ND"]}, Text: "x", Due: "2019-10-15"}},
			{"who only judges makes none", "women", task.Task{Unit: s.id["TX"], Lead: s.id["TX.PN"], Text: "x", Due: "2019-10-15"}},
		} {
			who := ward
			if c.who == "women" {
				who = s.women
			}
			if _, err := s.create(who, c.task); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("%s: %v", c.rule, err)
			}
		}
		if _, err := s.create(s.office, task.Task{Unit: s.id["TX"], Lead: s.id["TX.PN"], Text: "x", Due: "2019-09-15"}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a due date in the past is taken: %v", err)
		}
	})
}

func TestListPutsLateTasksFirstAndFindsWithoutMarks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		text := func(text, due string) string {
			return s.asked(func(t *task.Task) { t.Text, t.Due, t.Evidence = text, due, "" }).ID
		}
		later, late, done := text("Tuyên truyền Đại hội", "2019-12-01"), text("Sửa 5 nhà tạm", "2019-10-03"), text("100% hộ ký cam kết", "2019-10-02")
		s.must(s.tasks.ReportDone(ctx, s.women, done, 1, "Xong", ""))
		s.must(s.tasks.Accept(ctx, s.office, done, 2, ""))
		s.day("2019-10-08")

		ids := func(f task.Filter) string {
			t.Helper()
			list, total, err := s.tasks.List(ctx, s.office, f, 1, 50)
			s.must(err)
			if total != len(list) {
				t.Errorf("%+v: %d tasks, counted %d", f, len(list), total)
			}
			names := map[string]string{later: "later", late: "late", done: "done"}
			var out []string
			for _, x := range list {
				out = append(out, names[x.ID])
			}
			return strings.Join(out, " ")
		}
		for _, c := range []struct {
			rule string
			f    task.Filter
			want string
		}{
			{"late first, closed last", task.Filter{}, "late later done"},
			{"overdue only", task.Filter{Overdue: true}, "late"},
			{"accepted only", task.Filter{State: task.Accepted}, "done"},
			{"open only", task.Filter{State: task.Open}, "late later"},
			{"a body's, as partner too", task.Filter{Body: s.id["TX.ND"]}, "late later done"},
			{"another body's", task.Filter{Body: s.id["P01.PN"]}, ""},
			{"folded search", task.Filter{Text: "dai hoi"}, "later"},
			{"a percent sign is no pattern", task.Filter{Text: "0%"}, "done"},
			{"a briefing's", task.Filter{Briefing: "gb"}, "late later done"},
		} {
			if got := ids(c.f); got != c.want {
				t.Errorf("%s: got %q, want %q", c.rule, got, c.want)
			}
		}
		var counts task.Counts
		s.must(d.Read(ctx, func(tx *db.Tx) error {
			var err error
			counts, err = s.tasks.CountsIn(ctx, tx, s.office, s.id["TX"], "2019-10-08")
			return err
		}))
		if diff := cmp.Diff(task.Counts{Total: 3, Open: 2, Overdue: 1, Accepted: 1}, counts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFigureThatATaskMoves(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		catalog, err := s.indicators.Catalog(ctx)
		s.must(err)
		in, ok := catalog.ByCode("CT02")
		if !ok {
			t.Fatal("the catalogue has no CT02")
		}
		s.give("P01", "2019-Q3", "CT02", "3")
		s.give("P02", "2019-Q4", "CT02", "2")
		id := s.asked(func(x *task.Task) { x.Goal = task.Goal{Indicator: in.ID, Wanted: 900} }).ID
		s.give("P01", "2019-Q4", "CT02", "4")

		m, ok, err := s.tasks.Moved(ctx, s.office, s.find(s.office, id))
		s.must(err)
		if !ok || m.Period.Code != "2019-Q4" || m.Start.Number >= m.Now.Number || m.Reached() {
			t.Errorf("moved: %+v", m)
		}
		if per := m.Now.Number - m.Start.Number; per*9 != m.Now.Number*4 {
			t.Errorf("from the year's start to the goal's quarter there are 3 + 2 + 4; got %d after %d", m.Now.Number, m.Start.Number)
		}
		if got := figure.Print(m.Wanted, "", m.Indicator); !strings.HasPrefix(got, "9") && !strings.Contains(got, "0,9") {
			t.Errorf("the wanted value prints %q", got)
		}
		if len(m.Lines) != 2 || !strings.HasPrefix(m.Lines[1].URL, "/so/TX/2019-q4/CT02") {
			t.Errorf("the number opens at %+v", m.Lines)
		}
		if m, _, err := s.tasks.Moved(ctx, s.women, s.find(s.women, id)); err != nil || !m.Hidden || m.Now.Has {
			t.Errorf("who may not see the town's figures learns %+v, %v", m, err)
		}
	})
}

// Whatever steps are tried in whatever order: the first date stays, an open task is never accepted, events only grow.
func TestAnyOrderOfStepsKeepsThePromises(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	rapid.Check(t, func(r *rapid.T) {
		id := s.asked(func(t *task.Task) { t.Due, t.Day = "2020-06-01", "2019-10-01" }).ID
		events := 1
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			before := s.find(s.office, id)
			who := rapid.SampledFrom([]string{"women", "office", "chair"}).Draw(r, "who")
			actor := map[string]int{"women": 0, "office": 1, "chair": 2}[who]
			a := s.women
			if actor == 1 {
				a = s.office
			} else if actor == 2 {
				a = s.chair
			}
			var err error
			switch rapid.IntRange(0, 6).Draw(r, "step") {
			case 0:
				err = s.tasks.Progress(ctx, a, id, before.Version, rapid.IntRange(0, 100).Draw(r, "share"), "x", "")
			case 1:
				err = s.tasks.AskExtension(ctx, a, id, before.Version, fmt.Sprintf("2020-07-%02d", rapid.IntRange(1, 28).Draw(r, "day")), "x")
			case 2:
				err = s.tasks.DecideExtension(ctx, a, id, before.Version, rapid.Bool().Draw(r, "grant"), "x")
			case 3:
				err = s.tasks.ReportDone(ctx, a, id, before.Version, "x", "y")
			case 4:
				err = s.tasks.Accept(ctx, a, id, before.Version, "x")
			case 5:
				err = s.tasks.SendBack(ctx, a, id, before.Version, "x")
			case 6:
				err = s.tasks.Cancel(ctx, a, id, before.Version, "x")
			}
			after := s.find(s.office, id)
			if err != nil && len(fault.All(err)) == 0 {
				r.Fatalf("an internal error: %v", err)
			}
			if err == nil {
				events++
			}
			switch {
			case len(after.Events) != events:
				r.Fatalf("%d events after %d steps", len(after.Events), events)
			case after.OriginalDue != "2020-06-01" || after.Due < before.Due:
				r.Fatalf("dates went from %s to %s, first %s", before.Due, after.Due, after.OriginalDue)
			case after.State == task.Accepted && before.State != task.Accepted && before.State != task.Reported:
				r.Fatalf("accepted out of %s", before.State)
			case before.State.Closed() && after.State != before.State:
				r.Fatalf("%s became %s", before.State, after.State)
			}
		}
	})
}
