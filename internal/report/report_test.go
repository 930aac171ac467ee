package report

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

var open = period.Period{Code: "2019-Q3", Kind: period.Quarter, Year: 2019, Ordinal: 3, To: "2019-09-30", Due: "2019-09-25", State: period.Open}

func TestStatesOfABodysReport(t *testing.T) {
	t.Parallel()
	closed := open
	closed.State = period.Closed
	author, head, office := auth.Actor{Person: "a"}, auth.Actor{Person: "b"}, auth.Actor{Person: "c"}
	why := []Reason{{Text: "thiếu số"}}
	full := footing{period: open, approvers: []string{"b", ""}}
	with := func(change func(*footing)) footing {
		on := full
		change(&on)
		return on
	}
	step := func(who auth.Actor, v Verb, on footing, reasons []Reason, reason string) func(*Report) error {
		return func(r *Report) error {
			_, err := r.walk(who, v, r.Version, 1000, on, reasons, reason)
			return err
		}
	}
	shut := with(func(f *footing) { f.period = closed })
	noHead := with(func(f *footing) { f.way.SkipHead = true })
	noOffice := with(func(f *footing) { f.way.SkipOffice = true })
	own := with(func(f *footing) { f.way.Self = true })
	steps := map[string]func(*Report) error{
		"send":                     step(author, Send, full, nil, ""),
		"send when closed":         step(author, Send, shut, nil, ""),
		"return":                   step(office, GiveBack, full, why, ""),
		"return, no reason":        step(office, GiveBack, full, nil, ""),
		"approve":                  step(head, Endorse, full, nil, ""),
		"approve, no office":       step(head, Endorse, noOffice, nil, ""),
		"approve again":            step(head, Endorse, full, nil, "sửa"),
		"approve own":              step(author, Endorse, full, nil, ""),
		"approve own, site":        step(author, Endorse, own, nil, ""),
		"approve when closed":      step(head, Endorse, shut, nil, ""),
		"accept":                   step(office, Accept, full, nil, ""),
		"accept, no head":          step(office, Accept, noHead, nil, ""),
		"accept own, no head":      step(author, Accept, noHead, nil, ""),
		"accept by the head":       step(head, Accept, full, nil, ""),
		"accept again":             step(office, Accept, full, nil, "sửa"),
		"reopen":                   step(office, Reopen, full, why, ""),
		"freeze":                   step(office, Fix, full, nil, ""),
		"recall":                   step(author, Recall, full, nil, ""),
		"recall, sent back before": step(author, Recall, with(func(f *footing) { f.returned = true }), nil, ""),
		"stale": func(r *Report) error {
			_, err := r.walk(author, Send, r.Version-1, 1000, full, nil, "")
			return err
		},
	}
	for _, c := range []struct {
		from State
		step string
		to   State // StateNone: refused
		kind fault.Kind
	}{
		{StateDraft, "send", StateSent, 0},
		{StateReturned, "send", StateSent, 0},
		{StateSent, "send", StateNone, fault.KindRefused},
		{StateApproved, "send", StateNone, fault.KindRefused},
		{StateAccepted, "send", StateNone, fault.KindRefused},
		{StateDraft, "send when closed", StateNone, fault.KindRefused},
		{StateDraft, "stale", StateNone, fault.KindConflict},
		{StateSent, "return", StateReturned, 0},
		{StateApproved, "return", StateReturned, 0},
		{StateSent, "return, no reason", StateNone, fault.KindInvalid},
		{StateDraft, "return", StateNone, fault.KindRefused},
		{StateAccepted, "return", StateNone, fault.KindRefused},
		{StateAccepted, "reopen", StateReturned, 0},
		{StateFrozen, "reopen", StateNone, fault.KindRefused},
		{StateSent, "approve", StateApproved, 0},
		{StateSent, "approve, no office", StateAccepted, 0},
		{StateSent, "approve own", StateNone, fault.KindRefused},
		{StateSent, "approve own, site", StateApproved, 0},
		{StateSent, "approve when closed", StateNone, fault.KindRefused},
		{StateDraft, "approve", StateNone, fault.KindRefused},
		{StateReturned, "approve", StateNone, fault.KindRefused},
		{StateApproved, "approve", StateNone, fault.KindInvalid},
		{StateApproved, "approve again", StateApproved, 0},
		{StateAccepted, "approve again", StateNone, fault.KindRefused},
		{StateSent, "accept", StateNone, fault.KindRefused},
		{StateSent, "accept, no head", StateAccepted, 0},
		{StateSent, "accept own, no head", StateNone, fault.KindRefused},
		{StateApproved, "accept", StateAccepted, 0},
		{StateApproved, "accept by the head", StateNone, fault.KindRefused},
		{StateAccepted, "accept", StateNone, fault.KindInvalid},
		{StateAccepted, "accept again", StateAccepted, 0},
		{StateFrozen, "accept again", StateFrozen, 0},
		{StateAccepted, "freeze", StateFrozen, 0},
		{StateApproved, "freeze", StateNone, fault.KindRefused},
		{StateSent, "recall", StateDraft, 0},
		{StateSent, "recall, sent back before", StateReturned, 0},
		{StateDraft, "recall", StateNone, fault.KindRefused},
		{StateApproved, "recall", StateNone, fault.KindRefused},
	} {
		r := Report{State: c.from, Version: 3, SentBy: "a"}
		err := steps[c.step](&r)
		switch {
		case c.to == StateNone && !fault.Is(err, c.kind):
			t.Errorf("%s from %q: %v, want kind %d", c.step, c.from, err, c.kind)
		case c.to != StateNone && (err != nil || r.State != c.to):
			t.Errorf("%s from %q: %q, %v; want %q", c.step, c.from, r.State, err, c.to)
		case c.to == StateNone && r.State != c.from:
			t.Errorf("%s from %q was refused and yet left %q", c.step, c.from, r.State)
		}
	}
}

// TestTheTableOfStepsIsWhatTheDocumentPrints holds docs/adr/0016 to the table that the service walks by.
func TestTheTableOfStepsIsWhatTheDocumentPrints(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/adr/0016-the-way-of-a-report.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range Transitions {
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |", cmp.Or(string(x.From), "(none)"), x.Verb, x.Verb.Right(), x.To, x.When)
		if !strings.Contains(string(text), row) {
			t.Errorf("the document lacks %s", row)
		}
	}
	if n := strings.Count(string(text), "\n| "); n != len(Transitions)+1 {
		t.Errorf("the document prints %d rows, the table has %d", n-1, len(Transitions))
	}
}

func TestLatenessCountsFromTheFirstSending(t *testing.T) {
	t.Parallel()
	author := auth.Actor{Person: "a"}
	r := Report{State: StateDraft, Version: 1}
	if _, err := r.walk(author, Send, 1, 1000, footing{period: open}, nil, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.walk(auth.Actor{Person: "b"}, GiveBack, 1, 2000, footing{period: open}, []Reason{{Text: "x"}}, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.walk(author, Send, 1, 9000, footing{period: open}, nil, ""); err != nil {
		t.Fatal(err)
	}
	if r.FirstSentAt != 1000 || r.SentAt != 9000 {
		t.Errorf("first sent %d, sent %d", r.FirstSentAt, r.SentAt)
	}
	for day, want := range map[string]int{"2019-09-24": 0, "2019-09-25": 0, "2019-09-26": 1, "2019-10-25": 30, "": 0} {
		if got := DaysLate("2019-09-25", day); got != want {
			t.Errorf("sent on %q is %d days late, want %d", day, got, want)
		}
	}
	if DaysLate("", "2019-10-01") != 0 {
		t.Error("without a due day nothing is late")
	}
}

func TestTokensAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Token{
		"{{DG01}}":              {Code: "DG01"},
		"{{ dg01 }}":            {Code: "DG01"},
		"{{AS07.SUA | lũy kế}}": {Code: "AS07.SUA", What: ToDate},
		"{{DG01|luỹ kế}}":       {Code: "DG01", What: ToDate},
		"{{DG01 | cung ky}}":    {Code: "DG01", What: LastYear},
		"{{DG01 | %kế hoạch}}":  {Code: "DG01", What: PercentPlan},
		"{{DG01 | % Kế Hoạch | đơn vị = p01.pn}}": {Code: "DG01", What: PercentPlan, Unit: "P01.PN"},
		"{{đơn vị=P01.PN}}":                       {Unit: "P01.PN"},
		"{{Báo cáo | đã gửi}}":                    {Code: Reports, What: SentReports},
	} {
		pieces, bad := ParseText(text)
		if len(bad) > 0 || len(pieces) != 1 || pieces[0].Token == nil {
			t.Errorf("%s: %v %v", text, pieces, bad)
			continue
		}
		got := *pieces[0].Token
		got.Line, got.Raw = 0, ""
		if got != want {
			t.Errorf("%s is %+v, want %+v", text, got, want)
		}
	}
}

func TestBrokenTokensSayWhereAndWhat(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"một\nhai {{DG01 | luỹ tiến}}": "Dòng 2: {{DG01 | luỹ tiến}}: không hiểu “luỹ tiến”; có thể ghi: lũy kế",
		"{{DG01":                       "Dòng 1: “{{DG01” mở bằng {{ nhưng không đóng",
		"a {{DG01\nb}}":                "không đóng bằng }} trên cùng dòng",
		"{{}}":                         "thiếu mã chỉ tiêu",
		"{{DG01 | lũy kế | cùng kỳ}}":  "nêu hai loại số",
		"{{DG01 | đơn vị=}}":           "thiếu mã đơn vị",
		"{{DG01 | nguồn=a}}":           "chỉ có thể ghi “đơn vị=MÃ”",
		"{{báo cáo}}":                  "hãy nêu số báo cáo nào",
		"{{báo cáo | đã gửi | đơn vị=P01}}": "không nêu đơn vị khác",
		"{{báo cáo | lũy kế}}":              "có thể ghi: phải gửi",
	} {
		_, bad := ParseText(text)
		if len(bad) == 0 || !strings.Contains(bad[0].Error(), want) {
			t.Errorf("%q: %v, want %q", text, bad, want)
		}
	}
}

func TestTokensSurviveWriting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		tok := Token{Code: rapid.SampledFrom([]string{"DG01", "AS07.SUA", Reports, ""}).Draw(r, "code")}
		switch tok.Code {
		case Reports:
			tok.What = rapid.SampledFrom(reportWords).Draw(r, "what")
		case "":
			tok.Unit = "P01.PN"
		default:
			tok.What = rapid.SampledFrom(append([]What{ThisPeriod}, numberWords...)).Draw(r, "what")
			tok.Unit = rapid.SampledFrom([]string{"", "P01", "TX.PN-2"}).Draw(r, "unit")
		}
		pieces, bad := ParseText("a " + tok.String() + " b")
		if len(bad) > 0 || len(pieces) != 3 {
			r.Fatalf("%s: %v %v", tok, pieces, bad)
		}
		got := *pieces[1].Token
		got.Line, got.Raw = 0, ""
		if got != tok {
			r.Fatalf("%s came back as %+v", tok, got)
		}
	})
}

func TestWhatABodyWroteIsNeverAToken(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`[{}|a DG01]{0,30}`).Draw(r, "text")
		pieces, bad := ParseText(plainText(text))
		for _, p := range pieces {
			if p.Token != nil {
				r.Fatalf("%q became the token %+v", text, *p.Token)
			}
		}
		if len(bad) > 0 {
			r.Fatalf("%q: %v", text, bad[0])
		}
	})
}

func FuzzParseText(f *testing.F) {
	for _, s := range []string{"", "a {{DG01}} b", "{{DG01 | lũy kế}}\n{{x", "}}{{", "{{{{}}}}", "{{đơn vị=a=b}}", "{{|}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pieces, _ := ParseText(text)
		var back strings.Builder
		for _, p := range pieces {
			if p.Token != nil {
				back.WriteString(p.Token.Raw)
				continue
			}
			back.WriteString(p.Text)
		}
		if back.String() != text {
			t.Fatalf("the pieces of %q give %q", text, back.String())
		}
	})
}

func TestPercentagesKeepWhatIsNotExact(t *testing.T) {
	t.Parallel()
	exact := func(n int64) figure.Value { return figure.Value{Number: n, Has: true, Qualifier: viet.Exact} }
	over := func(n int64) figure.Value { return figure.Value{Number: n, Has: true, Qualifier: viet.Over} }
	for _, c := range []struct {
		a, b        figure.Value
		ratio, diff string
	}{
		{exact(113), exact(100), "113,00%", "tăng 13,00%"},
		{exact(90), exact(120), "75,00%", "giảm 25,00%"},
		{exact(7), exact(7), "100,00%", "không đổi"},
		{over(20), exact(16), "trên 125,00%", "tăng khoảng 25,00%"},
		{exact(20), over(16), "khoảng 125,00%", "tăng khoảng 25,00%"},
		{exact(1), exact(0), notPrecise, notPrecise},
		{figure.Value{Qualifier: viet.Magnitude}, exact(5), notPrecise, notPrecise},
	} {
		var r, d Number
		r.ratio(c.a, c.b)
		d.change(c.a, c.b)
		if r.Text != c.ratio || d.Text != c.diff {
			t.Errorf("%+v of %+v: %q, %q; want %q, %q", c.a, c.b, r.Text, d.Text, c.ratio, c.diff)
		}
	}
}

func TestSectionsAreNumberedAsTheyArePrinted(t *testing.T) {
	t.Parallel()
	text := [][]Span{{{Text: "x"}}}
	got := arrange(open, map[string]Written{
		moDau: {Paragraphs: text}, tinhHinh: {}, ketQua: {}, topicSection("DG"): {Paragraphs: text}, topicSection("CT"): {Table: []Line{{Code: "CT01"}}},
		hanChe: {Paragraphs: text}, Strengths: {}, kienNghi: {Paragraphs: text},
	})
	var lines []string
	for _, w := range got {
		lines = append(lines, w.Number+" "+w.Code)
	}
	want := " mo-dau| tinh-hinh|I ket-qua|1 ket-qua.DG|2 ket-qua.CT|II danh-gia| uu-diem|1 han-che|III kien-nghi"
	if strings.Join(lines, "|") != want {
		t.Errorf("sections are\n%s\nwant\n%s", strings.Join(lines, "|"), want)
	}
}

func TestNamesOfPlacesWithoutTheirLevel(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Thị xã Hồng An": "Hồng An", "Xã Xuân Lâm": "Xuân Lâm", "Phường 3": "3", "Hồng An": "Hồng An", "Xã": "Xã"} {
		if got := bareName(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
