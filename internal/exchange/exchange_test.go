package exchange_test

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/door"
	"giaoban/internal/exchange"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/rule"
)

var (
	ctx    = context.Background()
	system = auth.System()
)

type site struct {
	t          testing.TB
	db         *db.DB
	units      *org.Service
	figures    *figure.Service
	reports    *report.Service
	periods    *period.Service
	indicators *indicator.Service
	intake     *intake.Service
	exchange   *exchange.Service
	catalog    *indicator.Catalog
	quarter    string // see at
}

var town = []org.Spec{
	{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"}, {Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường P01", Parent: "TX"},
	{Code: "P02", Kind: org.Place, Level: org.Commune, Name: "Phường P02", Parent: "TX"}, {Code: "P03", Kind: org.Place, Level: org.Commune, Name: "Phường P03", Parent: "TX"},
	{Code: "P04", Kind: org.Place, Level: org.Commune, Name: "Phường P04", Parent: "TX"},
}

func newSite(t testing.TB, d *db.DB) *site { return siteOf(t, d, town) }

func siteOf(t testing.TB, d *db.DB, specs []org.Spec) *site {
	t.Helper()
	c := clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone))
	s := &site{t: t, db: d, units: org.New(d, c), periods: period.New(d, c)}
	indicators := indicator.New(d, c)
	s.indicators = indicators
	s.figures = figure.New(d, c, s.units, indicators)
	s.reports = report.New(d, c, s.units, s.periods, indicators, s.figures, rule.New(d, c, indicators, s.figures))
	s.intake = intake.New(d, c, s.units, indicators, s.figures, s.reports)
	s.exchange = exchange.New(d, c, indicators, s.figures, s.reports, s.intake)
	key, err := door.KeyText(db.NewID() + db.NewID())
	if err != nil {
		t.Fatal(err)
	}
	s.exchange.Keep(key)
	if err := indicators.EnsureStarter(ctx); err != nil {
		t.Fatal(err)
	}
	if s.catalog, err = indicators.Catalog(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.units.Load(ctx, system, specs); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"2014-01", "2014-02", "2015-06", "2019-Q3", "2019-9M"} {
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := period.Ensure(ctx, tx, code); return err }); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// officer may view and enter for a unit and below.
func (s *site) officer(name, code string, more ...auth.Permission) auth.Actor {
	s.t.Helper()
	u, err := s.units.Find(ctx, system, code, "2019-10-01")
	if err != nil {
		s.t.Fatal(err)
	}
	perms := append([]auth.Permission{auth.View, auth.Enter}, more...)
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		for _, q := range []struct {
			text string
			args []any
		}{
			{`insert into person(id, login, name, sort, password, language, disabled, made, version) values ($1,$1,$1,$1,'','vi',false,0,1)`, []any{name}},
			{`insert into access_role(code, name, ordinal) values ($1,$1,1)`, []any{name}},
			{`insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$1,$2,'0001-01-01','9999-12-31')`, []any{name, u.ID}},
		} {
			if _, err := tx.Exec(ctx, q.text, q.args...); err != nil {
				return err
			}
		}
		for _, p := range perms {
			if _, err := tx.Exec(ctx, `insert into access_role_permission(role, permission) values ($1,$2)`, name, string(p)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return auth.Actor{Person: name, Name: name, Language: "vi", Grants: []auth.Grant{{Role: name, Unit: u.ID, UnitCode: code, UnitName: u.Name, Permissions: perms}}}
}

func (s *site) take(who auth.Actor, name string, data []byte, scheme string) intake.Plan {
	s.t.Helper()
	p, err := s.intake.Preview(ctx, who, intake.File{Name: name, Data: data}, intake.Options{Scheme: scheme})
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return p
}

func (s *site) write(who auth.Actor, p intake.Plan) {
	s.t.Helper()
	if p.Counts.Refused+p.Counts.Question > 0 || len(p.Problems) > 0 {
		s.t.Fatalf("%v %+v", p.Problems, p.Rows)
	}
	if _, err := s.intake.Apply(ctx, who, p.ID, intake.Consent{}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) export(who auth.Actor, ask exchange.Ask) exchange.File {
	s.t.Helper()
	f, err := s.exchange.Export(ctx, who, ask)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// item is a value as both sides must see it, however it is written.
type item struct {
	Set, Period, Unit, Element, Option, Value, Comment string
	Follow, Deleted                                    bool
}

func dhis(t testing.TB, set string, data []byte) (out []item) {
	t.Helper()
	type value struct {
		DataElement, Period, OrgUnit, CategoryOptionCombo, AttributeOptionCombo, Value, Comment string
		FollowUp, Deleted                                                                       bool
	}
	var top struct {
		DataSet, Period, OrgUnit string
		DataValues               []value
	}
	if err := json.Unmarshal(data, &top); err != nil {
		t.Fatal(err)
	}
	for _, v := range top.DataValues {
		option := v.CategoryOptionCombo
		if option == "default" {
			option = ""
		}
		out = append(out, item{cmp.Or(top.DataSet, set), cmp.Or(v.Period, top.Period), cmp.Or(v.OrgUnit, top.OrgUnit), v.DataElement, option, v.Value, v.Comment, v.FollowUp, v.Deleted})
	}
	return sorted(out)
}

func adx(t testing.TB, data []byte) (out []item) {
	t.Helper()
	var top struct {
		XMLName xml.Name `xml:"urn:ihe:qrph:adx:2015 adx"`
		Groups  []struct {
			Attrs  []xml.Attr `xml:",any,attr"`
			Values []struct {
				Attrs []xml.Attr `xml:",any,attr"`
			} `xml:"dataValue"`
		} `xml:"group"`
	}
	if err := xml.Unmarshal(data, &top); err != nil {
		t.Fatal(err)
	}
	get := func(attrs []xml.Attr, name string) string {
		for _, a := range attrs {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	for _, g := range top.Groups {
		for _, v := range g.Values {
			out = append(out, item{get(g.Attrs, "dataSet"), get(g.Attrs, "period"), get(g.Attrs, "orgUnit"), get(v.Attrs, "dataElement"),
				get(v.Attrs, "GENDER") + " " + get(v.Attrs, "HIV_AGE"), get(v.Attrs, "value"), get(v.Attrs, "comment"), false, get(v.Attrs, "deleted") == "true"})
		}
	}
	return sorted(out)
}

func sorted(list []item) []item {
	slices.SortFunc(list, func(a, b item) int {
		return cmp.Compare(strings.Join([]string{a.Period, a.Unit, a.Element, a.Option}, "/"), strings.Join([]string{b.Period, b.Unit, b.Element, b.Option}, "/"))
	})
	return list
}

func (s *site) table(code, set, text string) {
	s.t.Helper()
	if err := s.exchange.Put(ctx, system, exchange.Scheme{Code: code, Name: "Hệ thống của tỉnh", DataSet: set}, text); err != nil {
		s.t.Fatal(err)
	}
}

func public(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const demoCodes = `đơn vị | DiszpKrYNg8 | P01
đơn vị | FNnj3jKGS7i | P02
đơn vị | Jkhdsf8sdf4 | P03
chỉ tiêu | f7n9E0hX8qk | HV01
chỉ tiêu | Ix2HsbDMLea | HV03
chỉ tiêu | eY5ehpbEsB7 | DV02
`

// The values and codes of the examples in DHIS2's documentation of dataValueSets and ADX come in, and go out as they came.
func TestThePublicExamplesComeInAndGoOutEqual(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, x := range []struct {
			name, set, more string
			periods         []string
		}{
			{"set.json", "pBOMPrpg1QX", "", []string{"2014-01"}},
			{"bulk.json", "", "", []string{"2014-01", "2014-02"}},
			{"read.json", "pBOMPrpg1QX", "phân tổ | bRowv6yZOF2 | *\n", []string{"2014-01"}},
			{"remarks.json", "", "", []string{"2014-01"}},
		} {
			t.Run(x.name, func(t *testing.T) {
				s := newSite(t, dbtest.Open(t, d.Engine()))
				s.table("tinh", x.set, demoCodes+x.more)
				office := s.officer("van-phong", "TX")
				plan := s.take(office, x.name, public(t, x.name), "tinh")
				if plan.Kind != intake.DHIS2 {
					t.Fatalf("read as %s", plan.Kind)
				}
				s.write(office, plan)
				var got []item
				for _, p := range x.periods {
					got = append(got, dhis(t, x.set, s.export(office, exchange.Ask{Unit: "TX", Period: p, Format: exchange.DHIS2, Scheme: "tinh"}).Data)...)
				}
				if diff := gocmp.Diff(dhis(t, x.set, public(t, x.name)), sorted(got)); diff != "" {
					t.Error(diff)
				}
				if again := s.take(office, x.name, public(t, x.name), "tinh"); again.Counts.New+again.Counts.Changed+again.Counts.Refused != 0 {
					t.Errorf("the same file again: %+v", again.Counts)
				}
			})
		}
		s := newSite(t, d)
		codes, n := "đơn vị | OU_559 | P04\n", 0
		var into []string
		for _, in := range s.catalog.All() {
			if in.Across == indicator.Sum {
				into = append(into, in.Code)
			}
		}
		for _, element := range []string{"VCCT_0", "VCCT_1", "VCCT_2", "PLHIV_TB_0", "PLHIV_TB_1"} {
			for _, dims := range []string{"GENDER=FMLE;HIV_AGE=AGE0-14", "HIV_AGE=AGE15-24; GENDER=FMLE", "GENDER=MLE;HIV_AGE=AGE0-14", "GENDER=MLE;HIV_AGE=AGE15-24"} {
				codes += "chỉ tiêu\t" + element + "\t" + dims + "\t" + into[n] + "\n"
				n++
			}
		}
		s.table("vcct", "(TB/HIV)VCCT", codes)
		office := s.officer("van-phong", "TX")
		data := public(t, "vcct.adx.xml")
		plan := s.take(office, "vcct.xml", data, "vcct")
		if plan.Kind != intake.ADX || plan.Counts.New != 20 {
			t.Fatalf("%s %+v %+v", plan.Kind, plan.Counts, plan.Rows)
		}
		s.write(office, plan)
		f := s.export(office, exchange.Ask{Period: "2015-06", Format: exchange.ADX, Scheme: "vcct"})
		if diff := gocmp.Diff(adx(t, data), adx(t, f.Data)); diff != "" {
			t.Error(diff)
		}
		if err := s.intake.Undo(ctx, office, plan.ID, "nhầm tệp"); err != nil {
			t.Fatal(err)
		}
		if f := s.export(office, exchange.Ask{Period: "2015-06", Format: exchange.ADX, Scheme: "vcct"}); f.Count != 0 {
			t.Errorf("%d figures after the undo", f.Count)
		}
	})
}

func TestWhatGoesOutInAnyFormatChangesNothingWhenItComesBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office := s.officer("van-phong", "TX")
		s.write(office, s.take(office, "a.json", []byte(`{"giaoban":1,"figures":[
			{"unit":"P01","period":"2019-Q3","indicator":"DG01","value":"trên 20 tỷ đồng"},{"unit":"P01","period":"2019-Q3","indicator":"DG05","value":"17,6"},
			{"unit":"P01","period":"2019-Q3","indicator":"DG03","value":"1.200 m2"},{"unit":"P02","period":"2019-Q3","indicator":"DG02","value":"hàng trăm ngày công"},
			{"unit":"P02","period":"2019-Q3","indicator":"AS07","part":"SUA","value":16},{"unit":"P02","period":"2019-Q3","indicator":"HV01","value":"gần 1.400","reason":"ước tính"}]}`), ""))
		for _, format := range exchange.Formats {
			f := s.export(office, exchange.Ask{Period: "2019-Q3", Format: format})
			plan := s.take(office, f.Name, f.Data, "")
			left := 0
			if format == exchange.DHIS2 || format == exchange.ADX {
				left = 1 // "hàng trăm" has no number
			}
			if plan.Counts != (intake.Counts{Equal: 6 - left}) || len(f.Left) != left || f.Count != 6-left || len(plan.Problems) > 0 {
				t.Errorf("%s: %+v, left %v\n%s\n%+v", format, plan.Counts, f.Left, f.Data, plan.Rows)
			}
		}
		// Emptied there is emptied here, as a new version with its reason, and goes out as deleted.
		s.write(office, s.take(office, "xoa.json", []byte(`{"dataValues":[{"dataElement":"DG05","period":"2019Q3","orgUnit":"P01","value":"17.6","deleted":true,"comment":"nhập nhầm"}]}`), ""))
		out := string(s.export(office, exchange.Ask{Period: "2019-Q3", Format: exchange.DHIS2, Deleted: true}).Data)
		if !strings.Contains(out, "Hệ thống gửi báo đã xóa. nhập nhầm") || !strings.Contains(out, `"deleted": true`) {
			t.Error(out)
		}
		if f := s.export(office, exchange.Ask{Unit: "P01", Period: "2019-Q3", Format: exchange.CSV}); f.Count != 2 {
			t.Errorf("%d figures of P01", f.Count)
		}
	})
}

func TestNobodySendsWhatTheyMayNotSee(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office, ward := s.officer("van-phong", "TX", auth.Consolidate), s.officer("mot", "P01", auth.Consolidate)
		s.write(office, s.take(office, "a.json", []byte(`{"dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","value":"5"},{"dataElement":"HV01","period":"2019Q3","orgUnit":"P02","value":"77"}]}`), ""))
		for _, format := range exchange.Formats {
			if f := s.export(ward, exchange.Ask{Period: "2019-Q3", Format: format}); f.Count != 1 || strings.Contains(string(f.Data), "77") || strings.Contains(string(f.Data), "P02") {
				t.Errorf("%s: %s", format, f.Data)
			}
			if _, err := s.exchange.Export(ctx, ward, exchange.Ask{Unit: "P02", Period: "2019-Q3", Format: format}); !fault.Is(err, fault.KindNotFound) {
				t.Errorf("another ward's figures: %v", err)
			}
		}
		// The tables are one for the whole site: a ward's office does not keep them.
		s.table("tinh", "", demoCodes)
		if _, err := s.exchange.Find(ctx, ward, "tinh"); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward reads the table: %v", err)
		}
		if err := s.exchange.Put(ctx, ward, exchange.Scheme{Code: "khac", Name: "x"}, ""); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("a ward writes a table: %v", err)
		}
		if err := s.exchange.Put(ctx, office, exchange.Scheme{Code: "tinh", Name: "Tỉnh", Version: 7}, ""); !fault.Is(err, fault.KindConflict) {
			t.Errorf("over a version that is none: %v", err)
		}
	})
}

func TestWhatCannotBeReadIsRefusedInWords(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.table("tinh", "BO-A", demoCodes)
	for _, x := range []struct{ file, says string }{
		{`{"dataValues":[{"dataElement":"HV01","period":"2019Oct","orgUnit":"P01","value":"5"}]}`, "năm tài chính"},
		{`{"dataValues":[{"dataElement":"HV01","period":"2019W7","orgUnit":"P01","value":"5"}]}`, "tuần"},
		{`{"dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","categoryOptionCombo":"Prlt0C1RF0s","value":"5"}]}`, "Phân tổ “Prlt0C1RF0s” chưa có trong bảng mã"},
		{`{"attributeOptionCombo":"btOyqprQ9e8","dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","value":"5"}]}`, "không phải tổ hợp mặc định"},
		{`{"dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","value":"true"}]}`, "không phải là số"},
		{`{"dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","value":"5.5"}]}`, "nhiều chữ số hơn"},
		{`{"dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01"}]}`, "Thiếu giá trị"},
		{`{"dataValues":[{"dataElement":"KHÔNG","period":"2019Q3","orgUnit":"P01","value":"5"}]}`, "Không có chỉ tiêu"},
		{`{"importStrategy":"DELETE","dataValues":[]}`, "không xóa số liệu theo lệnh"},
		{`{"dataSet":"BO-B","dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","value":"5"}]}`, "còn bảng mã đã chọn là của bộ"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015"><group orgUnit="P01" period="2019-07-15/P3M"><dataValue dataElement="HV01" value="5"/></group></adx>`, "theo lịch"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015"><group orgUnit="P01" period="2019-07-01/P3M"><dataValue dataElement="HV01" SEX="F" value="5"/></group></adx>`, "Phân tổ “SEX=F”"},
		{`<!DOCTYPE adx [<!ENTITY a "b">]><adx xmlns="urn:ihe:qrph:adx:2015"><group/></adx>`, "DOCTYPE"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015"><group orgUnit="&x;"/></adx>`, "cú pháp XML"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015"><a xmlns="x"><a><a><a/></a></a></a></adx>`, "lồng quá sâu"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015"><dataValue/></adx>`, "không đứng ở chỗ này"},
		{`<x xmlns:y="urn:ihe:qrph:adx:2015"/>`, "không phải ADX"},
		{`<adx xmlns="urn:ihe:qrph:adx:2015"><group>`, "cú pháp XML"},
	} {
		got := ""
		plan, err := s.intake.Preview(ctx, system, intake.File{Name: "tệp", Data: []byte(x.file)}, intake.Options{Scheme: "tinh"})
		if err != nil {
			if fault.All(err) == nil {
				t.Fatalf("%s: %v", x.file, err)
			}
			got = fault.Text(err)
		}
		for _, l := range plan.Rows {
			got += l.Text
		}
		for _, p := range append(plan.Problems, plan.Notes...) {
			got += p.Text
		}
		if !strings.Contains(got, x.says) {
			t.Errorf("%s\nsays %q, want %q", x.file, got, x.says)
		}
	}
	if _, err := s.exchange.Export(ctx, system, exchange.Ask{Period: "2019-9M", Format: exchange.DHIS2}); !fault.Is(err, fault.KindRefused) {
		t.Errorf("nine months to DHIS2: %v", err)
	}
	for text, says := range map[string]string{
		"đơn vị | a | P99": "không có đơn vị", "chỉ tiêu | a | X": "không có chỉ tiêu", "phân tổ | a | X": "ghi * nếu là toàn bộ", "kỳ | a | b": "không phải mã kỳ",
		"gì | a | b": "cột đầu phải là", "đơn vị | a": "cần ba cột", "đơn vị | a | P01\nđơn vị | a | P02": "đã có ở dòng 1", "chỉ tiêu | a | value=x | HV01": "phải ghi như",
	} {
		if err := s.exchange.Put(ctx, system, exchange.Scheme{Code: "moi", Name: "Mới"}, text); !strings.Contains(fault.Text(err), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}
