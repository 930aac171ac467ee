package briefing_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/task"
)

func TestConcludingFixesTheTextAndMakesTheTasks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.concluded("2019-Q3", "2019-10-01")
		if b.State != briefing.Concluded || b.Concluder != "Phó Bí thư Thường trực Thị ủy Nguyễn Văn Mẫu" || !b.Intact() {
			t.Errorf("got %s by %q, intact %v", b.State, b.Concluder, b.Intact())
		}
		if sum := sha256.Sum256([]byte(b.Conclusion)); hex.EncodeToString(sum[:]) != b.Hash {
			t.Error("the hash is not of the text")
		}
		if !strings.Contains(b.Conclusion, `"due":"2019-10-28"`) || !strings.Contains(b.Conclusion, "Hội LHPN thị xã") {
			t.Errorf("the text lacks what is asked of whom:\n%s", b.Conclusion)
		}
		list, err := s.briefings.Fulfilment(ctx, s.office, b)
		s.must(err)
		if len(list) != 2 || len(list[0].Tasks) != 0 || len(list[1].Tasks) != 1 || !list[0].Done() || list[1].Done() {
			t.Fatalf("points with tasks: %+v", list)
		}
		got := list[1].Tasks[0]
		if got.Text != "Rà soát các hộ vay vốn ủy thác" || got.Lead != s.id["TX.PN"] || got.Due != "2019-10-28" || got.Point != 2 || got.Briefing != b.ID || got.Day != "2019-10-01" {
			t.Errorf("the task reads %+v", got)
		}
	})
}

func TestWhatIsConcludedStands(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.concluded("2019-Q3", "2019-10-01")
		again := func() error {
			_, err := s.briefings.Conclude(ctx, s.office, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID})
			return err
		}
		_, point := s.briefings.PutPoint(ctx, s.office, b.ID, briefing.Point{ID: b.Points[0].ID, Version: 1, Kind: briefing.General, Text: "khác"})
		for _, c := range []struct {
			rule string
			err  error
			kind fault.Kind
		}{
			{"concluding twice is a conflict", again(), fault.KindConflict},
			{"a point is not changed", point, fault.KindRefused},
			{"attendance is not changed", s.briefings.MarkAll(ctx, s.office, b.ID, present(b)), fault.KindRefused},
			{"a statement is not added", s.briefings.PutStatement(ctx, s.office, b.ID, briefing.Statement{Speaker: "A", Kind: briefing.Opinion, Text: "x"}), fault.KindRefused},
			{"a finding is not added", s.briefings.PutFinding(ctx, s.office, b.ID, briefing.Finding{Kind: briefing.Result, Text: "x"}), fault.KindRefused},
			{"a demand is not taken out", s.briefings.Remove(ctx, s.office, b.ID, briefing.ListDemands, b.Points[1].Demands[0].ID, 1), fault.KindRefused},
			{"the plan is not changed", s.briefings.Replan(ctx, s.office, b.ID, b.Version, plan("2019-10-02")), fault.KindRefused},
			{"it is not called off", s.briefings.Cancel(ctx, s.office, b.ID, b.Version, "x"), fault.KindRefused},
			{"it does not begin again", s.briefings.Hold(ctx, s.office, b.ID, b.Version), fault.KindConflict},
			{"a supplement has a reason", s.briefings.Supplement(ctx, s.office, b.ID, briefing.Supplement{Text: "x"}), fault.KindInvalid},
			{"the notice is numbered once", s.briefings.NumberNotice(ctx, s.office, b.ID, b.Version, briefing.Number{Number: "9", Date: "2019-10-02"}), fault.KindConflict},
		} {
			if !fault.Is(c.err, c.kind) {
				t.Errorf("%s: got %v", c.rule, c.err)
			}
		}
		s.must(s.briefings.Supplement(ctx, s.chair, b.ID, briefing.Supplement{Day: "2019-10-04", Document: "Thông báo số 131-TB/ThU", Reason: "Sót đơn vị phối hợp", Text: "Bổ sung Hội CCB phối hợp"}))
		after := s.read(b.ID)
		if after.Hash != b.Hash || after.Conclusion != b.Conclusion || !after.Intact() {
			t.Error("a supplement changed the conclusion")
		}
		if len(after.Supplements) != 1 || after.Supplements[0].By != "Cán bộ thuong-truc" {
			t.Errorf("supplements: %+v", after.Supplements)
		}
	})
}

func TestWhatConcludingWants(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		conclude := func(b briefing.Briefing, chair string) error {
			_, err := s.briefings.Conclude(ctx, s.office, b.ID, b.Version, briefing.Closing{Chair: chair})
			return err
		}
		b := s.convened("2019-Q3", "2019-10-01")
		if err := conclude(b, b.Chairs()[0].ID); !fault.Is(err, fault.KindRefused) {
			t.Errorf("a briefing that has not begun is concluded: %v", err)
		}
		s.must(s.briefings.Hold(ctx, s.office, b.ID, b.Version))
		b = s.read(b.ID)
		err := conclude(b, b.Participants[2].ID)
		fields := map[string]bool{}
		for _, f := range fault.All(err) {
			fields[f.Field] = true
		}
		if diff := cmp.Diff(map[string]bool{"chair": true, "attendance": true, "points": true}, fields); diff != "" {
			t.Errorf("what is missing is not said at once:\n%s", diff)
		}
		if got := s.read(b.ID); got.State != briefing.Held || got.Hash != "" {
			t.Errorf("a refused conclusion left %s, hash %q", got.State, got.Hash)
		}
	})
}

func TestTasksAndConclusionAreMadeTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.ready("2019-Q3", "2019-10-01")
		// The body that is asked ceases to exist before the briefing ends.
		s.must(d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update unit set valid_to = '2019-10-01' where id = $1`, s.id["TX.PN"])
			return err
		}))
		if _, err := s.briefings.Conclude(ctx, s.office, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID}); err == nil {
			t.Fatal("a conclusion stands without its task")
		}
		if got := s.read(b.ID); got.State != briefing.Held || got.Hash != "" {
			t.Errorf("the failed conclusion left %s, hash %q", got.State, got.Hash)
		}
	})
}

func TestOneBriefingAPeriod(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.convened("2019-Q3", "2019-10-01")
		again := briefing.Convening{Unit: "TX", Period: "2019-Q3", Plan: plan("2019-10-03")}
		if _, err := s.briefings.Convene(ctx, s.office, again); !fault.Is(err, fault.KindConflict) {
			t.Errorf("a second briefing of the quarter: %v", err)
		}
		s.must(s.briefings.Cancel(ctx, s.office, b.ID, b.Version, "Bão số 5"))
		if _, err := s.briefings.Convene(ctx, s.office, again); err != nil {
			t.Errorf("after one that was called off: %v", err)
		}
		if got, err := s.briefings.Of(ctx, s.office, "TX", "2019-Q3"); err != nil || got.ID == b.ID {
			t.Errorf("the quarter's briefing is %s, %v", got.ID, err)
		}
	})
}

func TestWithoutParticipantsTheBodiesOfThePlaceAreInvitedByTheirOffices(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		appoint := func(person, from, to string, rank int) {
			s.must(s.units.Appoint(ctx, s.office, "TX.PN", org.Office{Person: person, Title: "Chủ tịch", Rank: rank, ValidFrom: from, ValidTo: to}))
		}
		appoint("Người Trước", "2015-01-01", "2019-06-01", 1)
		appoint("Người Nay", "2019-06-01", "", 1)
		id, err := s.briefings.Convene(ctx, s.office, briefing.Convening{Unit: "TX", Period: "2019-Q3", Plan: plan("2019-10-01")})
		s.must(err)
		got := map[string]string{}
		for _, p := range s.read(id).Participants {
			got[p.UnitCode] = p.Person
		}
		if diff := cmp.Diff(map[string]string{"TX.MT": "", "TX.ND": "", "TX.PN": "Người Nay"}, got); diff != "" {
			t.Errorf("invited:\n%s", diff)
		}
	})
}

func TestCalendarEntryRisesWithWhatTheInvitedMustKnow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.convened("2019-Q3", "2019-10-01")
		same := plan("2019-10-01")
		same.Summons.Number = "46"
		s.must(s.briefings.Replan(ctx, s.office, b.ID, b.Version, same))
		if got := s.read(b.ID); got.Sequence != 0 {
			t.Errorf("a new number of the letter moved the calendar to %d", got.Sequence)
		}
		s.must(s.briefings.Replan(ctx, s.office, b.ID, b.Version+1, plan("2019-10-03")))
		if got := s.read(b.ID); got.Sequence != 1 || got.Day != "2019-10-03" {
			t.Errorf("a new day gives sequence %d on %s", got.Sequence, got.Day)
		}
		s.must(s.briefings.Cancel(ctx, s.office, b.ID, b.Version+2, "Hoãn"))
		file := s.ics(s.read(b.ID))
		for _, want := range []string{"SEQUENCE:2", "STATUS:CANCELLED", "METHOD:CANCEL", "DTSTART:20191003T010000Z"} {
			if !strings.Contains(file, want) {
				t.Errorf("the calendar entry lacks %s:\n%s", want, file)
			}
		}
	})
}

func (s *site) ics(b briefing.Briefing) string {
	s.t.Helper()
	var out strings.Builder
	s.must(briefing.ICS(&out, b))
	return out.String()
}

func TestAttendance(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.convened("2019-Q3", "2019-10-01")
		marks := present(b)
		marks[2].Attendance, marks[2].Reason, marks[2].Substitute, marks[2].SubstituteTitle = briefing.Substituted, "Đi công tác", "Lê Thị Thay", "Phó Chủ tịch"
		marks[3].Attendance = briefing.Absent
		s.must(s.briefings.MarkAll(ctx, s.office, b.ID, marks))
		if diff := cmp.Diff(briefing.Turnout{Invited: 4, Present: 2, Substituted: 1, Absent: 1, Unexcused: 1}, s.read(b.ID).Turnout()); diff != "" {
			t.Error(diff)
		}
		if err := s.briefings.MarkAll(ctx, s.office, b.ID, []briefing.Mark{{ID: marks[3].ID, Version: 1, Attendance: briefing.Present}}); !fault.Is(err, fault.KindConflict) {
			t.Errorf("a mark on an old page overwrites a newer one: %v", err)
		}
		if err := s.briefings.MarkAll(ctx, s.office, b.ID, []briefing.Mark{{ID: marks[0].ID, Version: 2, Attendance: briefing.Substituted, Substitute: "Ai Đó"}}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("a chair is substituted: %v", err)
		}
	})
}

func TestWhoSeesABriefing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.ready("2019-Q3", "2019-10-01")
		if got, err := s.briefings.ByID(ctx, s.women, b.ID); err != nil || len(got.Participants) != 4 || len(got.Points) != 0 {
			t.Errorf("the invited reads %d participants and %d points of a draft: %v", len(got.Participants), len(got.Points), err)
		}
		if _, err := s.briefings.Summary(ctx, s.women, b); err != nil {
			t.Errorf("the invited has no summary: %v", err)
		}
		if _, err := s.briefings.ByID(ctx, s.ward, b.ID); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward that is not invited reads it: %v", err)
		}
		if list, err := s.briefings.List(ctx, s.ward); err != nil || len(list) != 0 {
			t.Errorf("a ward that is not invited lists %d: %v", len(list), err)
		}
		if _, err := s.briefings.Of(ctx, s.ward, "TX", "2019-Q3"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward that is not invited finds it: %v", err)
		}
		women := auth.Actor{Person: s.women.Person, Grants: []auth.Grant{{Unit: s.id["TX.PN"], Permissions: []auth.Permission{auth.View, auth.Brief}}}}
		if err := s.briefings.PutStatement(ctx, women, b.ID, briefing.Statement{Speaker: "A", Kind: briefing.Opinion, Text: "x"}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("the invited write in it: %v", err)
		}
		if _, err := s.briefings.Conclude(ctx, s.chair, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.briefings.ByID(ctx, s.women, b.ID); err != nil || len(got.Points) != 2 {
			t.Errorf("the invited reads %d points of the conclusion: %v", len(got.Points), err)
		}
	})
}

func TestOfficeOfAWardCallsNobodyFromOutside(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		ward := s.person("van-phong-phuong", "P01", auth.View, auth.Brief)
		c := briefing.Convening{Unit: "P01", Period: "2019-Q3", Plan: plan("2019-10-01")}
		if _, err := s.briefings.Convene(ctx, ward, briefing.Convening{Unit: "TX", Period: "2019-Q3", Plan: c.Plan}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward calls the town's briefing: %v", err)
		}
		c.Participants = []briefing.Participant{{Unit: s.id["TX.ND"], Title: "Đại diện"}}
		if _, err := s.briefings.Convene(ctx, ward, c); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward invites a body of the town: %v", err)
		}
		c.Participants = nil
		if _, err := s.briefings.Convene(ctx, ward, c); err != nil {
			t.Error(err)
		}
	})
}

func TestNextBriefingOpensWithWhatWasPromised(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		first := s.concluded("2019-Q3", "2019-10-01")
		list, err := s.briefings.Fulfilment(ctx, s.office, first)
		s.must(err)
		open := list[1].Tasks[0]
		s.must(s.tasks.Progress(ctx, s.women, open.ID, 1, 60, "Đã rà soát 60 hộ", ""))
		s.clock.Advance(at("2020-01-03", "07:00").Sub(s.clock.Now()))

		b := s.convened("2019-Q4", "2020-01-03")
		if len(b.Items) == 0 || b.Items[0].Kind != briefing.ItemTask || b.Items[0].Source != open.ID {
			t.Fatalf("the agenda begins with %+v", b.Items)
		}
		for _, want := range []string{"quá hạn 67 ngày", "đã làm 60%", "Đã rà soát 60 hộ"} {
			if !strings.Contains(b.Items[0].Text, want) {
				t.Errorf("the item does not say %q: %s", want, b.Items[0].Text)
			}
		}
		sum, err := s.briefings.Summary(ctx, s.chair, b)
		s.must(err)
		if sum.Previous == nil || sum.Previous.ID != first.ID || len(sum.Promised) != 2 || sum.Tasks.Overdue != 1 {
			t.Errorf("the summary: %+v", sum)
		}
		s.must(s.tasks.ReportDone(ctx, s.women, open.ID, 2, "Xong", "Báo cáo số 5"))
		s.must(s.tasks.Accept(ctx, s.chair, open.ID, 3, ""))
		s.must(s.briefings.BuildAgenda(ctx, s.office, b.ID))
		for _, i := range s.read(b.ID).Items {
			if i.Kind == briefing.ItemTask {
				t.Errorf("a finished task is still on the agenda: %+v", i)
			}
		}
	})
}

func TestStatementsTellDirectionFromConclusion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		b := s.ready("2019-Q3", "2019-10-01")
		s.must(s.briefings.PutStatement(ctx, s.office, b.ID, briefing.Statement{Unit: s.id["TX.ND"], Speaker: "Lê Văn Thử", Title: "Chủ tịch", Kind: briefing.Proposal, Text: "Xin thêm vốn", Clock: "09:10"}))
		s.must(s.briefings.PutStatement(ctx, s.office, b.ID, briefing.Statement{Speaker: "Nguyễn Văn Mẫu", Kind: briefing.Direction, Text: "Hội Nông dân làm ngay việc này"}))
		tasks, err := s.briefings.Conclude(ctx, s.chair, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID})
		s.must(err)
		if len(tasks) != 1 {
			t.Errorf("a direction in the talk made a task: %d tasks", len(tasks))
		}
		got := s.read(b.ID)
		if len(got.Statements) != 2 || got.Statements[0].Label() != "Lê Văn Thử, Chủ tịch, Hội Nông dân thị xã" || got.Statements[1].Kind != briefing.Direction {
			t.Errorf("statements: %+v", got.Statements)
		}
	})
}

func TestDemandAimsAtAFigure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		catalog, err := s.indicators.Catalog(ctx)
		s.must(err)
		in, _ := catalog.ByCode("CT02")
		s.give("P01", "2019-Q3", "CT02", "3")
		b := s.ready("2019-Q3", "2019-10-01")
		s.must(s.briefings.PutDemand(ctx, s.office, b.ID, briefing.Demand{Point: b.Points[1].ID, Lead: s.id["TX.ND"], Due: "2019-12-15", Goal: task.Goal{Indicator: in.ID, Wanted: 500}}))
		tasks, err := s.briefings.Conclude(ctx, s.chair, b.ID, b.Version, briefing.Closing{Chair: b.Chairs()[0].ID})
		s.must(err)
		if len(tasks) != 2 || tasks[1].Indicator != in.ID || tasks[1].Period != "2019-Q4" || !tasks[1].Start.Has {
			t.Errorf("the goal reads %+v", tasks[1].Goal)
		}
	})
}
