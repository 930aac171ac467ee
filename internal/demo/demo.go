package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/briefing"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/indicator"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Start is the moment at which a new demonstration begins; its clock runs on from there.
var Start = time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)

// Quarter is the demonstration's quarter in progress.
const Quarter = "2019-Q3"

// past are the quarters that are done.
var past = []string{"2017-Q3", "2017-Q4", "2018-Q1", "2018-Q2", "2018-Q3", "2018-Q4", "2019-Q1", "2019-Q2"}

// filler is one filling of a site.
type filler struct {
	*app.App
	rand    *rand.Rand
	catalog *indicator.Catalog
	units   map[string]org.Unit
	people  map[string]auth.Actor // by login
}

// Fill makes the town in an empty site and starts its clock. The same seed makes the same town.
func Fill(ctx context.Context, a *app.App, seed uint64) error {
	f := &filler{App: a, rand: rand.New(rand.NewPCG(seed, 20191001)), units: map[string]org.Unit{}, people: map[string]auth.Actor{}}
	if err := f.empty(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"units", f.places}, {"people", f.staff}, {"quarters", f.history}, {"plans", f.plans}, {"forms", f.forms}, {"duties", f.duties}, {"second quarter", f.second}, {"third quarter", f.third},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("demonstration, %s: %w", step.name, err)
		}
	}
	f.at(Start)
	if err := f.books(ctx); err != nil {
		return fmt.Errorf("demonstration, books: %w", err)
	}
	if err := f.away(ctx); err != nil {
		return fmt.Errorf("demonstration, delegation: %w", err)
	}
	a.Demo = true
	if err := a.SetSetting(ctx, app.DemoSetting, "1"); err != nil {
		return err
	}
	return a.SetSetting(ctx, app.ClockSetting, strconv.FormatInt(a.Clock.Shifted().Milliseconds(), 10))
}

func (f *filler) empty(ctx context.Context) error {
	return f.DB.Read(ctx, func(tx *db.Tx) error {
		units, err := org.ListAll(ctx, tx, org.Always)
		if err == nil && len(units) > 0 {
			return fault.Refused("Cơ sở dữ liệu này đã có đơn vị; dữ liệu trình diễn chỉ được tạo trong một cơ sở dữ liệu trống.")
		}
		return err
	})
}

// at sets the site's clock, so that what is done next was done then.
func (f *filler) at(t time.Time) { f.Clock.Shift(time.Until(t)) }

// after is a moment some days after a period's end, at an hour of office work.
func after(p period.Period, days, hour int) time.Time {
	end, err := time.ParseInLocation(time.DateOnly, p.To, clock.Zone)
	if err != nil {
		return Start
	}
	return end.AddDate(0, 0, days).Add(time.Duration(hour) * time.Hour)
}

func (f *filler) places(ctx context.Context) error {
	f.at(time.Date(2017, 7, 3, 8, 0, 0, 0, clock.Zone))
	if err := f.Units.Load(ctx, auth.System(), units()); err != nil {
		return err
	}
	for _, o := range officials() {
		if err := f.Units.Appoint(ctx, auth.System(), o.unit, org.Office{Person: o.person, Title: o.title, Rank: o.rank, ValidFrom: "2016-01-01"}); err != nil {
			return err
		}
	}
	return f.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := org.ListAll(ctx, tx, f.Clock.Today())
		for _, u := range all {
			f.units[u.Code] = u
		}
		if err != nil {
			return err
		}
		f.catalog, err = f.Indicators.In(ctx, tx)
		return err
	})
}

// login is one person who can enter the demonstration with a click.
type login struct{ name, person, role, unit string }

var logins = []login{
	{"vanphong", "Hoàng Văn Thử Nghiệm", "office", TownCode},
	{"thuongtruc", "Trần Thị Ví Dụ", "chair", TownCode},
	{"theodoi", "Trịnh Văn Ví Dụ", "follower", TownCode},
	{"bientap", "Đặng Thị Minh Họa", "editor", TownCode},
	{"duyettin", "Mai Thị Thử Nghiệm", "publisher", TownCode},
	{"phunu", "Lê Thị Ví Dụ B", "head", "TX.PN"},
	{"phunu.pho", "Cao Thị Giả Định", "officer", "TX.PN"},
	{"bena", "Ngô Văn Mẫu", "officer", "P01"},
	{"bena.mt", "Vũ Thị Minh Họa", "head", "P01.MT"},
	{"todanpho1", "Bùi Văn Giả Định", "officer", "P01.K01"},
	{"kiemtra", "Đỗ Thị Ví Dụ", "auditor", TownCode},
	{"quantri", "Phạm Văn Mẫu", "admin", TownCode},
}

func (f *filler) staff(ctx context.Context) error {
	for _, l := range logins {
		id, err := f.Accounts.AddPerson(ctx, auth.System(), account.NewPerson{Login: l.name, Name: l.person, Language: "vi", Role: l.role, Unit: f.units[l.unit].ID})
		if err != nil {
			return err
		}
		if f.people[l.name], err = f.Accounts.Actor(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// away lets the head of the women's union travel: her deputy may act for her this month.
func (f *filler) away(ctx context.Context) error {
	giver, taker := f.people["phunu"], f.people["phunu.pho"]
	lent, err := f.Accounts.Lendable(ctx, giver, giver.Person)
	if err != nil {
		return err
	}
	_, err = f.Accounts.Delegate(ctx, giver, account.Delegation{Giver: giver.Person, Taker: taker.Person, To: "2019-11-01",
		Reason: "Đi học tập trung", Document: "Giấy ủy quyền số 02/GUQ-BTV ngày 27/9/2019"}, []string{lent[0].ID})
	return err
}

// reporters lists the units that report, with what they report and their weight, in a fixed order.
func reporters() []reporter {
	var out []reporter
	for _, o := range organisations {
		out = append(out, reporter{TownCode + "." + o.code, o.profile, 260})
	}
	for _, w := range wards {
		for _, o := range organisations {
			if o.wards {
				out = append(out, reporter{w.code + "." + o.code, o.profile, w.weight})
			}
		}
		for i := range w.areas {
			out = append(out, reporter{fmt.Sprintf("%s.K%02d", w.code, i+1), area, w.weight})
		}
	}
	return out
}

type reporter struct {
	unit    string
	profile profile
	weight  int64
}

// seasons: works are done after the harvest and before the year's end.
var seasons = map[int]int64{1: 80, 2: 95, 3: 110, 4: 120}

func (f *filler) inputs(rep reporter, p period.Period, age int64) ([]figure.Input, error) {
	var out []figure.Input
	for _, v := range rep.profile.draw(f.rand, rep.weight, seasons[p.Ordinal], age) {
		in, ok := f.catalog.ByCode(v.code)
		if !ok {
			return nil, fmt.Errorf("the catalogue has no %s", v.code)
		}
		v.q.Scale = in.Decimals
		out = append(out, figure.Input{Unit: f.units[rep.unit].ID, Period: p, Indicator: in, Part: v.part, Quantity: v.q, Expect: figure.Any})
	}
	return out, nil
}

// history loads the quarters that are done, submitted and approved.
func (f *filler) history(ctx context.Context) error {
	for i, code := range past {
		p, err := f.period(ctx, code)
		if err != nil {
			return err
		}
		f.at(after(p, 4, 9))
		err = f.DB.Write(ctx, func(tx *db.Tx) error {
			var all []figure.Input
			for _, rep := range reporters() {
				inputs, err := f.inputs(rep, p, int64(i))
				if err != nil {
					return err
				}
				all = append(all, inputs...)
			}
			return f.Figures.Load(ctx, tx, f.people["vanphong"], figure.Imported, "so-lieu-"+p.Slug()+".xlsx", p, all, figure.Submitted, figure.Approved)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) period(ctx context.Context, code string) (period.Period, error) {
	var p period.Period
	err := f.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		p, err = period.Ensure(ctx, tx, code)
		return err
	})
	return p, err
}

// plans are the town's targets for the year, some of them out of reach by now.
func (f *filler) plans(ctx context.Context) error {
	f.at(time.Date(2019, 1, 10, 9, 0, 0, 0, clock.Zone))
	year, err := f.period(ctx, "2019")
	if err != nil {
		return err
	}
	town := f.units[TownCode]
	for code, text := range map[string]string{
		"CT01": "82 tỷ đồng", "QV01": "2 tỷ 200 triệu đồng", "DV02": "180", "HV01": "2.000", "MH01": "110", "GS01": "105", "DG02": "26.000 ngày công",
		"CT04": "19", "AS07": "24", "TT01": "2.150", "MH02": "150", "YK01": "84",
	} {
		in, ok := f.catalog.ByCode(code)
		if !ok {
			return fmt.Errorf("the catalogue has no %s", code)
		}
		q, err := figure.Read(text, in)
		if err != nil {
			return err
		}
		if err := f.Figures.SetPlan(ctx, auth.System(), town, year, in, q, "Kế hoạch số 12/KH-MTTQ-BTT ngày 10/01/2019"); err != nil {
			return err
		}
	}
	return nil
}

// forms are what the bodies are asked for since the year began. The days off are those of that year.
func (f *filler) forms(ctx context.Context) error {
	for day, name := range map[string]string{"2019-01-01": "Tết Dương lịch", "2019-04-15": "Nghỉ bù Giỗ Tổ Hùng Vương", "2019-04-30": "Ngày Chiến thắng", "2019-05-01": "Quốc tế Lao động", "2019-09-02": "Quốc khánh"} {
		if err := f.Forms.SetHoliday(ctx, auth.System(), form.Holiday{Day: day, Name: name}); err != nil {
			return err
		}
	}
	return f.Forms.AddStarter(ctx, auth.System(), "2019-Q1")
}

// third is the quarter in progress: most have reported, some are late, some are half way; its briefing is called together.
func (f *filler) third(ctx context.Context) error {
	p, err := f.period(ctx, Quarter)
	if err != nil {
		return err
	}
	var full []string
	for i, rep := range reporters() {
		fate := f.rand.IntN(100)
		if fate < 9 && i > 12 {
			continue // has given nothing yet
		}
		inputs, err := f.inputs(rep, p, 8)
		if err != nil {
			return err
		}
		if fate < 16 && i > 12 {
			inputs = inputs[:len(inputs)/2] // half way
		} else {
			full = append(full, rep.unit)
		}
		f.at(after(p, -f.rand.IntN(6), 8+f.rand.IntN(9)))
		if _, _, err := f.Figures.Save(ctx, auth.System(), figure.Typed, "", inputs); err != nil {
			return err
		}
	}
	if err := f.oddities(ctx, p); err != nil {
		return err
	}
	if err := f.reported(ctx, p, full); err != nil {
		return err
	}
	f.at(time.Date(2019, 9, 30, 17, 30, 0, 0, clock.Zone))
	id, err := f.convene(ctx, Quarter, time.Date(2019, 10, 4, 8, 0, 0, 0, clock.Zone), briefing.Number{Number: "52", Date: "2019-09-30"})
	if err != nil {
		return err
	}
	f.at(time.Date(2019, 10, 1, 7, 45, 0, 0, clock.Zone)) // the day after the reports were due: who is late is on the agenda
	return f.Briefings.BuildAgenda(ctx, f.people["vanphong"], id)
}

// oddities are what real reports hold: a total over twenty billion with its word, a contradiction, a possible double count.
func (f *filler) oddities(ctx context.Context, p period.Period) error {
	give := func(unit, code, text string, beside ...figure.Companion) (figure.Input, error) {
		in, ok := f.catalog.ByCode(code)
		if !ok {
			return figure.Input{}, fmt.Errorf("the catalogue has no %s", code)
		}
		q, err := figure.Read(text, in)
		return figure.Input{Unit: f.units[unit].ID, Period: p, Indicator: in, Quantity: q, Expect: figure.Any, Companions: beside}, err
	}
	percent := figure.Companion{Role: figure.Percent, Value: 888, Decimals: 1, Qualifier: viet.Exact, Unit: "%"}
	target := figure.Companion{Role: figure.Target, Value: 8, Qualifier: viet.Exact, Unit: "đảng viên"}
	var inputs []figure.Input
	for _, x := range []struct {
		unit, code, text string
		beside           []figure.Companion
	}{
		{"P01.MT", "CT01", "trên 3 tỷ 556,6 triệu đồng", nil}, {"X01.CCB", "DG03", "gần 1.400 m2", nil}, {"X01", "DG03", "trên 2 nghìn m2", nil},
		{"P03.TN", "DV02", "9", []figure.Companion{target, percent}}, {"P02.K01", "DG02", "hàng trăm ngày công", nil},
	} {
		in, err := give(x.unit, x.code, x.text, x.beside...)
		if err != nil {
			return err
		}
		inputs = append(inputs, in)
	}
	f.at(after(p, 0, 16))
	if _, _, err := f.Figures.Save(ctx, auth.System(), figure.Typed, "", inputs); err != nil {
		return err
	}
	return f.Figures.SetOverlap(ctx, auth.System(), p, figure.Overlap{
		Cell:  figure.Cell{Unit: f.units["X01.CCB"].ID, Period: p.ID, Indicator: inputs[1].Indicator.ID},
		Other: f.units["X01"].ID, Reason: "Diện tích đất hội viên hiến có thể đã nằm trong số của xã; chưa rõ bao nhiêu.",
	})
}
