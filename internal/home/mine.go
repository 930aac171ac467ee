package home

import (
	"context"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/doc"
	"giaoban/internal/figure"
	"giaoban/internal/report"
	"giaoban/internal/setting"
	"giaoban/internal/task"
	"giaoban/internal/web"
)

// MinePath is the page of what waits for the reader.
const MinePath = "/viec-cua-toi"

// mostMine is how many lines of a kind the page shows; it counts the others.
const mostMine = 12

// Mine is what waits for one person.
type Mine struct {
	Reports  report.Mine
	Contests []figure.Contest
	Lead     []task.Task // that bodies of theirs lead
	Judge    []task.Task // whose result or extension they decide on
	Leads    int
	Judges   int
	Unread   int
	Today    string
}

// None tells that nothing waits.
func (m Mine) None() bool { return m.Reports.None() && len(m.Contests)+m.Leads+m.Judges == 0 }

// Mine reads the page.
func (s *Service) Mine(ctx context.Context, who auth.Actor) (Mine, error) {
	m := Mine{Today: s.Clock.Today()}
	if err := who.Must(auth.SignedIn); err != nil {
		return m, err
	}
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if m.Reports, err = s.Reports.Mine(ctx, tx, who); err != nil {
			return err
		}
		if who.Has(auth.Enter) {
			if m.Contests, err = figure.Contests(ctx, tx, who, m.Today, mostMine); err != nil {
				return err
			}
		}
		m.Lead, m.Judge, m.Leads, m.Judges, err = s.Tasks.MineIn(ctx, tx, who, mostMine)
		return err
	})
	if err != nil {
		return m, err
	}
	m.Unread, err = s.Notices.Unread(ctx, who)
	return m, err
}

// Deadlines are what stands in a person's calendar: the days of their bodies' reports and of the tasks that these lead.
func (s *Service) Deadlines(ctx context.Context, who auth.Actor) ([]doc.Deadline, error) {
	if err := who.Must(auth.SignedIn); err != nil {
		return nil, err
	}
	const most = 200
	var out []doc.Deadline
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		site, err := setting.Get(ctx, tx, web.AddressSetting, "")
		if err != nil {
			return err
		}
		link := func(path string) string {
			if site == "" {
				return ""
			}
			return site + path
		}
		reports, err := s.Reports.Deadlines(ctx, tx, who)
		if err != nil {
			return err
		}
		for _, d := range reports {
			out = append(out, doc.Deadline{UID: "bao-cao." + d.Unit.Code + "." + d.Period.Code + "@giaoban", Day: d.Due, Sequence: d.Sequence, Stamp: d.Stamp,
				Summary: "Hạn gửi báo cáo " + d.Period.Name() + ": " + d.Unit.Name, URL: link(report.BodyPath(d.Unit.Code, d.Period))})
		}
		lead, _, _, _, err := s.Tasks.MineIn(ctx, tx, who, most)
		if err != nil {
			return err
		}
		for _, t := range lead {
			out = append(out, doc.Deadline{UID: "nhiem-vu." + t.ID + "@giaoban", Day: t.Due, Sequence: t.Version - 1, Stamp: s.Clock.Now(), Summary: "Hạn nhiệm vụ (" + t.Leader.Name + "): " + t.Text,
				URL: link(web.Path("nhiem-vu", t.ID))})
		}
		return nil
	})
	return out, err
}
