package report

import (
	"net/http"
	"strconv"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/web"
)

const remindersPath = "/bao-cao/lich-nhac"

// remindersPage is the page that says when people are reminded.
type remindersPage struct {
	Plans []ReminderPlan
	Now   ReminderPlan // that holds today
	Typed typedPlan
}

// typedPlan is a plan as it stands in the form.
type typedPlan struct{ From, Before, After, Every, Most, Reason string }

func (s *Service) remindersPage(r *http.Request) (web.Page, remindersPage, error) {
	ctx := r.Context()
	today := s.clock.Today()
	page := web.Page{Title: web.T(ctx, "Lịch nhắc hạn"), Nav: navKey, Crumbs: []web.Crumb{{Label: web.T(ctx, "Báo cáo"), Path: "/bao-cao"}, {Label: web.T(ctx, "Tiến độ"), Path: "/tien-do"}},
		Lead: web.T(ctx, "Hệ thống tự nhắc người nhập khi báo cáo chưa gửi, lãnh đạo khi báo cáo chờ duyệt, văn phòng khi báo cáo chờ tiếp nhận.")}
	p := remindersPage{Now: StandardReminders}
	var err error
	if p.Plans, err = s.ReminderPlans(ctx, auth.From(ctx)); err != nil {
		return page, p, err
	}
	for _, x := range p.Plans {
		if x.ValidFrom <= today {
			p.Now = x
			break
		}
	}
	p.Typed = typedPlan{From: today, Before: daysText(p.Now.Before), After: daysText(p.Now.After), Every: strconv.Itoa(p.Now.Every), Most: strconv.Itoa(p.Now.Most)}
	return page, p, nil
}

func (s *Service) showReminders(w http.ResponseWriter, r *http.Request) error {
	page, p, err := s.remindersPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, remindersBody(p))
}

func (s *Service) saveReminders(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, p, err := s.remindersPage(r)
	if err != nil {
		return err
	}
	p.Typed = typedPlan{From: web.Value(r, "from"), Before: web.Value(r, "before"), After: web.Value(r, "after"), Every: web.Value(r, "every"), Most: web.Value(r, "most"), Reason: web.Value(r, "reason")}
	asked, err := p.Typed.read(r)
	if err == nil {
		err = s.SetReminders(ctx, auth.From(ctx), asked)
	}
	if err != nil {
		return web.Invalid(w, r, err, page, remindersBody(p))
	}
	return web.Redirect(w, r, remindersPath, web.T(ctx, "Đã ghi lịch nhắc hạn."))
}

func (t typedPlan) read(r *http.Request) (p ReminderPlan, err error) {
	p.Reason = t.Reason
	var bad fault.List
	if p.ValidFrom, err = web.Date(r, "from"); err != nil {
		_ = bad.Add(err)
	}
	if p.Before, err = numberList("before", t.Before); err != nil {
		_ = bad.Add(err)
	}
	if p.After, err = numberList("after", t.After); err != nil {
		_ = bad.Add(err)
	}
	if p.Every, err = strconv.Atoi(t.Every); err != nil {
		_ = bad.Add(fault.Invalidf("every", "Hãy ghi từ %d đến %d ngày làm việc, hoặc 0 nếu không nhắc lại.", leastBetween, mostReminderDay))
	}
	if p.Most, err = strconv.Atoi(t.Most); err != nil {
		_ = bad.Add(fault.Invalidf("most", "Hãy ghi từ 1 đến %d lần.", mostReminders))
	}
	return p, bad.Err()
}
