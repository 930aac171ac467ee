package intake_test

import (
	"testing"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/fault"
	"giaoban/internal/intake"
)

const quarter = `{"giaoban":1,"source":{"title":"Báo cáo thử","address":"http://vi.du/bao-cao"},
"figures":[
 {"ref":"a","unit":"P01.PN","period":"2019-Q3","indicator":"CT01","value":"trên 20 tỷ đồng","adds":true},
 {"ref":"b","unit":"P02.PN","period":"2019-Q3","indicator":"CT01","value":1500000000},
 {"unit":"P01.ND","period":"quý III năm 2019","indicator":"Ngày công","value":"hàng trăm ngày công"},
 {"ref":"c","unit":"P01.ND","period":"2019-Q3","indicator":"DV02","value":48,"raw":"48/204 đảng viên, đạt 23,5%","as_of":"10/7/2019",
  "companions":[{"role":"target","value":204},{"role":"percent","value":23.5,"label":"chỉ tiêu năm"}]},
 {"ref":"d","unit":"P01.ND","period":"2019-Q3","indicator":"CT01","value":"2 tỷ đồng",
  "overlaps":[{"unit":"P01.PN","amount":"500 triệu đồng","reason":"cùng một công trình"}]}],
"targets":[{"unit":"P01.ND","period":"2019","indicator":"DV02","value":204,"source":"Nghị quyết 01"}],
"statements":[{"ref":"s1","unit":"P01.PN","period":"2019-Q3","kind":"work","text":"Chỉnh trang đô thị đạt trên 20 tỷ đồng.","topic":"Đô thị văn minh","organisation":"Hội LHPN","figures":["a"]}],
"flags":[{"ref":"b","text":"Nguồn ghi hai số khác nhau."}]}`

func TestJSONIsPreviewedAppliedAndUndoneAsAWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		p := s.preview(system, "quy3.json", quarter, intake.Options{})
		if c := p.Counts; c.New != 9 || c.Refused+c.Question+c.Changed+c.Equal != 0 || c.Statements != 1 || len(p.Problems) != 0 {
			t.Fatalf("counts %+v\n%s", c, table(p))
		}
		if got := s.total("TX", "2019-Q3", "CT01"); got != "" {
			t.Fatalf("a preview has written %q", got)
		}
		out := s.apply(system, p, intake.Consent{})
		if out.Entry == "" {
			t.Fatal("no entry")
		}
		// 20 + 1,5 + 2 less the 0,5 that two bodies share.
		if got := s.total("TX", "2019-Q3", "CT01"); got != "trên 23 tỷ đồng" {
			t.Errorf("total %q", got)
		}
		s.verified()
		again := s.preview(system, "quy3.json", quarter, intake.Options{})
		if c := again.Counts; c.Equal != 9 {
			t.Errorf("the second preview is not all equal: %+v\n%s", c, table(again))
		}
		flags := 0
		if err := d.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(ctx, `select count(*) from figure_flag where rule = 'source'`).Scan(&flags)
		}); err != nil || flags != 1 {
			t.Errorf("flags %d, %v", flags, err)
		}
		if err := s.intake.Undo(ctx, system, p.ID, "nhập nhầm kỳ"); err != nil {
			t.Fatal(err)
		}
		if got := s.total("TX", "2019-Q3", "CT01"); got != "" {
			t.Errorf("after undo the total is %q", got)
		}
		s.verified()
		if c := s.preview(system, "quy3.json", quarter, intake.Options{}).Counts; c.New != 9 {
			t.Errorf("after undo the file is not new again: %+v", c)
		}
		if err := s.intake.Undo(ctx, system, p.ID, "lần nữa"); err == nil {
			t.Error("an import was undone twice")
		}
	})
}

func TestADryRunKeepsNothingAndSaysWhatTheWritingWouldMeet(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	for data, refused := range map[string]bool{
		quarter: false,
		`{"giaoban":1,"figures":[{"unit":"P77","period":"2019-Q3","indicator":"DG01","value":5}]}`: true,
		`{"giaoban":1,"figure":[]}`: true,
		`{"giaoban":1,"units":[{"code":"P05","kind":"place","level":"xa","name":"Phường Mới","parent":"TX"}],
			"figures":[{"unit":"P05","period":"2031","indicator":"DG01","value":5}]}`: false,
	} {
		_, out, err := s.intake.Import(ctx, system, intake.File{Name: "a.json", Data: []byte(data)}, intake.Options{DryRun: true})
		if (err != nil) != refused || refused && !fault.Is(err, fault.KindRefused) || out.Entry != "" {
			t.Errorf("%s: %v", data, err)
		}
	}
	if _, n, err := s.intake.List(ctx, system, 10, 0); err != nil || n != 0 {
		t.Errorf("%d plans were kept, %v", n, err)
	}
	if _, err := s.units.Find(ctx, system, "P05", "2019-10-01"); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("a unit was kept: %v", err)
	}
	if _, err := s.periods.Find(ctx, system, "2031"); !fault.Is(err, fault.KindNotFound) {
		t.Errorf("a period was kept: %v", err)
	}
}
