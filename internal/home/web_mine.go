package home

import (
	"context"
	"net/http"

	"giaoban/internal/auth"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

func (s *Service) showMine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := auth.From(ctx)
	m, err := s.Mine(ctx, who)
	if err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: web.T(ctx, "Việc của tôi"), Nav: "mine", Lead: web.T(ctx, "Những gì đang chờ bạn, tính đến ngày %s.", viet.FormatDate(m.Today))}, mineBody(m, who))
}

// leftText says how long there is until a report is due.
func leftText(ctx context.Context, t report.Turn, today string) string {
	switch {
	case t.Due == "":
		return web.T(ctx, "chưa đặt hạn")
	case t.Left < 0:
		return web.T(ctx, "hạn %s, chậm %d ngày làm việc", viet.FormatDate(t.Due), -t.Left)
	case t.Due == today:
		return web.T(ctx, "hạn %s, là hôm nay", viet.FormatDate(t.Due))
	case t.Left == 0: // only days off lie between
		return web.T(ctx, "hạn %s", viet.FormatDate(t.Due))
	}
	return web.T(ctx, "hạn %s, còn %d ngày làm việc", viet.FormatDate(t.Due), t.Left)
}

// turnBadge is the state of a report that is to be sent, in a word.
func turnBadge(t report.Turn) (kind, text string) {
	switch {
	case t.State == report.StateReturned:
		return "bad", "bị trả lại"
	case t.Left < 0:
		return "bad", "quá hạn"
	case t.Due != "" && t.Left <= 3:
		return "warn", "sắp đến hạn"
	}
	return "info", "cần gửi"
}

// taskLeft is the same for a task.
func taskLeft(ctx context.Context, t task.Task, today string) string {
	if n := t.DaysLate(today); n > 0 {
		return web.T(ctx, "hạn %s, trễ %d ngày", viet.FormatDate(t.Due), n)
	}
	return web.T(ctx, "hạn %s", viet.FormatDate(t.Due))
}

// toMend counts the reasons that have not been met yet.
func toMend(list []report.BodyReason) int {
	n := 0
	for _, x := range list {
		if !x.Mended {
			n++
		}
	}
	return n
}

func first[T any](list []T) []T { return list[:min(len(list), mostMine)] }
