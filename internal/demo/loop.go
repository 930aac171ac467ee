package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
	"giaoban/internal/task"
)

// dutyFrom is when the town began to report through the program: the board knows who was expected from then on.
const dutyFrom = "2019-04-01"

func (f *filler) duties(ctx context.Context) error {
	f.at(time.Date(2019, 4, 1, 8, 0, 0, 0, clock.Zone))
	codes := make([]string, 0, len(reporters()))
	for _, rep := range reporters() {
		codes = append(codes, rep.unit)
	}
	return f.Reports.SetDuty(ctx, auth.System(), codes, period.Quarter, dutyFrom)
}

// how far the report of a unit has come.
const (
	handedIn = iota
	approved // by the head of the body
	accepted // by the office
)

// send submits a unit's report as the unit, with a word on figures that break a rule, and takes it as far as it has come.
func (f *filler) send(ctx context.Context, unit, code string, far int) error {
	r, err := f.Reports.Submit(ctx, auth.System(), unit, code, 0, report.Sending{})
	notes := map[string]string{}
	for _, wrong := range fault.All(err) {
		if id, ok := strings.CutPrefix(wrong.Field, rule.NoteField("")); ok {
			notes[id] = "Đã đối chiếu với sổ theo dõi của đơn vị, số liệu đúng."
		}
	}
	if len(notes) > 0 {
		r, err = f.Reports.Submit(ctx, auth.System(), unit, code, 0, report.Sending{Notes: notes})
	}
	if err != nil || far == handedIn {
		return err
	}
	if r, err = f.Reports.Approve(ctx, auth.System(), unit, code, r.Version, ""); err != nil || far == approved {
		return err
	}
	_, err = f.Reports.Accept(ctx, f.people["vanphong"], unit, code, r.Version, "")
	return err
}

// second closes the loop of the second quarter: reports, the frozen consolidated report, the briefing with its conclusion
// and tasks, the published item, and what has been done since.
func (f *filler) second(ctx context.Context) error {
	const code = "2019-Q2"
	office, chair := f.people["vanphong"], f.people["thuongtruc"]
	f.at(time.Date(2019, 6, 28, 15, 0, 0, 0, clock.Zone))
	if err := f.say(ctx, code); err != nil {
		return err
	}
	for _, rep := range reporters() {
		if err := f.send(ctx, rep.unit, code, accepted); err != nil {
			return err
		}
	}
	f.at(time.Date(2019, 7, 1, 10, 0, 0, 0, clock.Zone))
	r, err := f.Reports.Draft(ctx, office, TownCode, code)
	if err != nil {
		return err
	}
	if err := f.Reports.SetParent(ctx, office, TownCode, "Ủy ban MTTQ Việt Nam tỉnh An Hà"); err != nil {
		return err
	}
	if _, err := f.Reports.Freeze(ctx, office, r.ID, r.Version); err != nil {
		return err
	}
	if err := f.Reports.SetLetter(ctx, office, r.ID, r.Version+1, report.Letter{Number: "27", Date: "2019-07-01"}); err != nil {
		return err
	}
	id, err := f.convene(ctx, code, time.Date(2019, 7, 4, 8, 0, 0, 0, clock.Zone), briefing.Number{Number: "36", Date: "2019-07-01"})
	if err != nil {
		return err
	}
	if err := f.hold(ctx, office, id); err != nil {
		return err
	}
	if err := f.conclude(ctx, chair, id); err != nil {
		return err
	}
	return f.news(ctx, code)
}

// convene calls the briefing of a quarter together for a morning.
func (f *filler) convene(ctx context.Context, code string, start time.Time, summons briefing.Number) (string, error) {
	return f.Briefings.Convene(ctx, f.people["vanphong"], briefing.Convening{Unit: TownCode, Period: code, Plan: briefing.Plan{
		Start: start, End: start.Add(3 * time.Hour), Venue: "Phòng họp tầng 2, trụ sở Thị ủy", Summons: summons,
		Letterhead: briefing.Letterhead{System: doc.Party, IssuerParent: "Tỉnh ủy An Hà", Issuer: "Thị ủy Sông Ngọc", Symbol: "ThU", City: "Sông Ngọc", Office: "Văn phòng Thị ủy"},
	}, Participants: f.invited()})
}

// say is what the bodies report in words beside their figures.
func (f *filler) say(ctx context.Context, code string) error {
	ahead := map[string]string{
		"2019-Q2": "Phát động thi đua chào mừng các ngày lễ lớn trong quý III; tiếp tục chỉnh trang đô thị ở các khu dân cư",
		"2019-Q3": "Tổ chức Ngày hội Đại đoàn kết toàn dân tộc ở các khu dân cư; mở tháng cao điểm “Vì người nghèo” từ ngày 17/10 đến ngày 18/11",
	}
	for _, x := range []struct {
		unit string
		kind report.StatementKind
		text string
	}{
		{"TX.PN", report.Model, "Các chi hội phụ nữ duy trì lịch chăm sóc các tuyến đường hoa vào sáng thứ Bảy hằng tuần"},
		{"TX.MT", report.Cause, "Một số khu dân cư chưa thống nhất vị trí làm rãnh thoát nước nên khởi công chậm"},
		{"TX.TN", report.Cause, "Nhiều quần chúng ưu tú đi làm ăn xa nên việc bồi dưỡng, hoàn thiện hồ sơ gặp khó khăn"},
		{"TX.MT", report.Task, ahead[code]},
		{"TX.ND", report.Task, "Rà soát các hộ còn nợ quá hạn vốn ủy thác, phân công chi hội giúp đỡ từng hộ"},
		{"TX.PN", report.Proposal, "Đề nghị Ủy ban nhân dân thị xã bố trí kinh phí duy trì các tuyến đường hoa"},
	} {
		if _, err := f.Reports.AddStatement(ctx, auth.System(), x.unit, code, report.Statement{Kind: x.kind, Text: x.text}); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) invited() []briefing.Participant {
	var out []briefing.Participant
	for _, o := range officials() {
		role := briefing.Member
		switch {
		case o.unit == "TX.TU" && o.rank == 2:
			role = briefing.Chair
		case o.unit == "TX.UBND":
			role = briefing.Chair
		case o.unit == "TX.TU", o.unit == "TX.HDND":
			continue // the secretary was away; the deputy holds both offices and comes once
		case o.unit == "TX.MT" && o.rank == 2:
			role = briefing.Secretary
		}
		out = append(out, briefing.Participant{Role: role, Unit: f.units[o.unit].ID, UnitName: f.units[o.unit].Name, Person: o.person, Title: o.title})
	}
	return out
}

func (f *filler) hold(ctx context.Context, office auth.Actor, id string) error {
	f.at(time.Date(2019, 7, 4, 8, 5, 0, 0, clock.Zone))
	b, err := f.Briefings.ByID(ctx, office, id)
	if err != nil {
		return err
	}
	if err := f.Briefings.Hold(ctx, office, id, b.Version); err != nil {
		return err
	}
	var marks []briefing.Mark
	for _, p := range b.Participants {
		m := briefing.Mark{ID: p.ID, Version: p.Version, Attendance: briefing.Present}
		switch p.UnitCode {
		case "TX.TNXP":
			m.Attendance, m.Reason = briefing.Absent, "đi công tác"
		case "TX.ND":
			m.Attendance, m.Reason, m.Substitute, m.SubstituteTitle = briefing.Substituted, "họp tỉnh", "Vũ Văn Mẫu C", "Phó Chủ tịch"
		}
		marks = append(marks, m)
	}
	if err := f.Briefings.MarkAll(ctx, office, id, marks); err != nil {
		return err
	}
	for _, s := range []struct {
		unit, speaker, title, text string
		kind                       briefing.StatementKind
	}{
		{"TX.MT", "Phạm Thị Minh Họa", "Chủ tịch Ủy ban MTTQ Việt Nam thị xã", "Phong trào chỉnh trang đô thị được Nhân dân hưởng ứng; một số khu dân cư còn chờ hướng dẫn thiết kế rãnh thoát nước.", briefing.Opinion},
		{"TX.PN", "Lê Thị Ví Dụ B", "Chủ tịch Hội Liên hiệp Phụ nữ thị xã", "Đề nghị bố trí kinh phí duy trì các tuyến đường hoa sau khi trồng.", briefing.Proposal},
		{"TX.UBND", "Lê Văn Giả Định", "Chủ tịch Ủy ban nhân dân thị xã", "Phòng Quản lý đô thị cử cán bộ hướng dẫn kỹ thuật ngay trong tháng 7.", briefing.Direction},
	} {
		if err := f.Briefings.PutStatement(ctx, office, id, briefing.Statement{Unit: f.units[s.unit].ID, UnitName: f.units[s.unit].Name, Speaker: s.speaker, Title: s.title, Kind: s.kind, Text: s.text}); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		kind briefing.FindingKind
		text string
	}{
		{briefing.Result, "Mặt trận và các đoàn thể bám sát nhiệm vụ chính trị, có nhiều hoạt động thiết thực; giá trị công trình chỉnh trang đô thị tăng so với quý trước"},
		{briefing.Shortcoming, "Việc hướng dẫn xây dựng mô hình “Dân vận khéo” chưa thường xuyên"},
		{briefing.Shortcoming, "Kết nạp đảng viên mới chậm so với kế hoạch năm"},
		{briefing.Subjective, "Một số đơn vị chưa phân công rõ người theo dõi mô hình"},
	} {
		if err := f.Briefings.PutFinding(ctx, office, id, briefing.Finding{Kind: x.kind, Text: x.text}); err != nil {
			return err
		}
	}
	return f.points(ctx, office, id)
}

func (f *filler) points(ctx context.Context, office auth.Actor, id string) error {
	unit := func(code string) int64 { return f.units[code].ID }
	members, _ := f.catalog.ByCode("DV02")
	for _, p := range []struct {
		text    string
		kind    briefing.PointKind
		demands []briefing.Demand
	}{
		{"Mặt trận và các đoàn thể tiếp tục bám sát nhiệm vụ chính trị của thị xã, phối hợp tốt trong thực hiện nhiệm vụ", briefing.General, nil},
		{"Rà soát, hướng dẫn từng mô hình “Dân vận khéo” đã đăng ký; mỗi mô hình được thăm ít nhất một lần trong quý III", briefing.Requirement, []briefing.Demand{
			{Lead: unit("TX.MT"), With: []int64{unit("TX.PN"), unit("TX.ND")}, Evidence: "Biên bản hướng dẫn từng mô hình", Due: "2019-09-15"}}},
		{"Hoàn thiện hồ sơ quần chúng ưu tú, phấn đấu đạt kế hoạch kết nạp đảng viên năm 2019", briefing.Requirement, []briefing.Demand{
			{Lead: unit("TX.TN"), With: []int64{unit("TX.CCB")}, Evidence: "Danh sách hồ sơ đã gửi Ban Tổ chức Thị ủy", Due: "2019-09-25",
				Goal: task.Goal{Indicator: members.ID, Period: Quarter, Of: task.OfPlace, Wanted: 135}}}},
		{"Ban hành hướng dẫn thiết kế, giám sát cộng đồng đối với rãnh thoát nước do Nhân dân làm", briefing.Requirement, []briefing.Demand{
			{Lead: unit("TX.UBND"), With: []int64{unit("TX.MT")}, Evidence: "Văn bản hướng dẫn", Due: "2019-07-31"}}},
		{"Vận động duy trì các tuyến đường hoa, phân công tổ chức chăm sóc từng tuyến", briefing.Requirement, []briefing.Demand{
			{Lead: unit("TX.PN"), With: []int64{unit("TX.TN")}, Evidence: "Bảng phân công từng tuyến", Due: "2019-10-15"}}},
	} {
		point, err := f.Briefings.PutPoint(ctx, office, id, briefing.Point{Kind: p.kind, Text: p.text})
		if err != nil {
			return err
		}
		for _, d := range p.demands {
			d.Point = point
			if err := f.Briefings.PutDemand(ctx, office, id, d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *filler) conclude(ctx context.Context, chair auth.Actor, id string) error {
	f.at(time.Date(2019, 7, 4, 11, 0, 0, 0, clock.Zone))
	b, err := f.Briefings.ByID(ctx, chair, id)
	if err != nil {
		return err
	}
	presiding := ""
	for _, p := range b.Participants {
		if p.Role == briefing.Chair && p.Unit == f.units["TX.TU"].ID {
			presiding = p.ID
		}
	}
	tasks, err := f.Briefings.Conclude(ctx, chair, id, b.Version, briefing.Closing{Chair: presiding, End: time.Date(2019, 7, 4, 11, 0, 0, 0, clock.Zone), Notice: briefing.Number{Number: "118", Date: "2019-07-05"}})
	if err != nil {
		return err
	}
	return f.progress(ctx, tasks)
}

// progress is what became of the tasks by now: one accepted, one extended, one overdue, one under way.
func (f *filler) progress(ctx context.Context, tasks []task.Task) error {
	office := f.people["vanphong"]
	by := map[string]task.Task{}
	for _, t := range tasks {
		for code, u := range f.units {
			if u.ID == t.Lead {
				by[code] = t
			}
		}
	}
	acts := []struct {
		lead string
		at   time.Time
		do   func(t task.Task) error
	}{
		{"TX.UBND", time.Date(2019, 7, 26, 9, 0, 0, 0, clock.Zone), func(t task.Task) error {
			return f.Tasks.ReportDone(ctx, auth.System(), t.ID, t.Version, "Đã ban hành văn bản hướng dẫn gửi các phường, xã.", "Văn bản hướng dẫn số 412")
		}},
		{"TX.UBND", time.Date(2019, 7, 29, 9, 0, 0, 0, clock.Zone), func(t task.Task) error {
			return f.Tasks.Accept(ctx, office, t.ID, t.Version, "Đã kiểm tra văn bản.")
		}},
		{"TX.MT", time.Date(2019, 8, 20, 9, 0, 0, 0, clock.Zone), func(t task.Task) error {
			return f.Tasks.Progress(ctx, auth.System(), t.ID, t.Version, 40, "Đã thăm 31 mô hình ở năm phường.", "")
		}},
		{"TX.PN", time.Date(2019, 9, 10, 9, 0, 0, 0, clock.Zone), func(t task.Task) error {
			return f.Tasks.Progress(ctx, f.people["phunu"], t.ID, t.Version, 60, "Đã phân công 14 trên 23 tuyến.", "")
		}},
		{"TX.TN", time.Date(2019, 9, 20, 9, 0, 0, 0, clock.Zone), func(t task.Task) error {
			return f.Tasks.AskExtension(ctx, auth.System(), t.ID, t.Version, "2019-11-15", "Chờ kết quả thẩm tra lý lịch của 46 hồ sơ.")
		}},
		{"TX.TN", time.Date(2019, 9, 23, 9, 0, 0, 0, clock.Zone), func(t task.Task) error {
			return f.Tasks.DecideExtension(ctx, office, t.ID, t.Version, true, "Báo cáo tiến độ tại giao ban quý III.")
		}},
	}
	for _, a := range acts {
		f.at(a.at)
		t, err := f.Tasks.Find(ctx, auth.System(), by[a.lead].ID)
		if err != nil {
			return err
		}
		if err := a.do(t); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) news(ctx context.Context, code string) error {
	editor := f.people["bientap"]
	f.at(time.Date(2019, 7, 5, 18, 47, 0, 0, clock.Zone))
	a, err := f.Articles.Draft(ctx, editor, TownCode, code)
	if err != nil {
		return err
	}
	return f.Articles.Publish(ctx, f.people["duyettin"], a.ID, a.Version)
}

// reported sends the third quarter's reports as far as they have come: most are with the office, a part is approved.
func (f *filler) reported(ctx context.Context, p period.Period, full []string) error {
	f.at(time.Date(2019, 9, 25, 7, 30, 0, 0, clock.Zone))
	if err := f.say(ctx, p.Code); err != nil {
		return err
	}
	for i, unit := range full {
		f.at(time.Date(2019, 9, 25+i%6, 8+i%9, i%60, 0, 0, clock.Zone))
		if err := f.send(ctx, unit, p.Code, []int{accepted, accepted, approved, handedIn, handedIn}[i%5]); err != nil {
			return err
		}
	}
	f.at(time.Date(2019, 9, 30, 17, 0, 0, 0, clock.Zone))
	if len(full) > 20 {
		r, err := f.Reports.Find(ctx, f.people["vanphong"], full[19], p.Code, report.KindBody)
		if err != nil {
			return err
		}
		if r.State == report.StateSent {
			_, err = f.Reports.Return(ctx, f.people["vanphong"], full[19], p.Code, r.Version, f.why("TT01", "Cao gấp ba quý trước; đề nghị kiểm tra lại.", "TT02", "Đề nghị đối chiếu với số buổi."))
			if err != nil {
				return err
			}
		}
	}
	return f.late(ctx, p, full)
}

// why gives reasons for a return, each about a cell.
func (f *filler) why(pairs ...string) (out []report.Reason) {
	for i := 0; i < len(pairs); i += 2 {
		in, _ := f.catalog.ByCode(pairs[i])
		out = append(out, report.Reason{Indicator: in.ID, Text: pairs[i+1]})
	}
	return out
}

// late corrects a figure of a report that the office has accepted, and gives one that has not come another day.
func (f *filler) late(ctx context.Context, p period.Period, full []string) error {
	f.at(time.Date(2019, 9, 30, 17, 20, 0, 0, clock.Zone))
	in, _ := f.catalog.ByCode("TT01")
	q, err := figure.Read("57", in)
	if err != nil || len(full) == 0 {
		return err
	}
	if _, _, err := f.Figures.Save(ctx, auth.System(), figure.Typed, "", []figure.Input{{Unit: f.units[full[0]].ID, Period: p, Indicator: in, Quantity: q,
		Expect: figure.Any, Reason: "Sót các buổi của tuần cuối tháng 9"}}); err != nil {
		return err
	}
	for _, rep := range reporters() {
		if !slices.Contains(full, rep.unit) {
			return f.Periods.Extend(ctx, f.people["vanphong"], p.Code, rep.unit, "2019-10-10", "Đơn vị mất điện, mất mạng ba ngày")
		}
	}
	return nil
}
