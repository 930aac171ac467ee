package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/exchange"
	"giaoban/internal/figure"
	"giaoban/internal/intake"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// TestWhatIsKeptOfEachField holds docs/exchange.md, "What of other systems' fields is kept", to what becomes of them.
func TestWhatIsKeptOfEachField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office := s.officer("van-phong", "TX")
		s.table("du-an", "", "phân tổ | dA;dB | *\nphân tổ | MECHANISM=m1 | *\n")
		for _, c := range []struct{ file, scheme, refused string }{
			{`{"attributeCategoryOptions":["dB","dA"],"dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","value":"5"}]}`, "", "attributeOptionCombo “dA;dB”"},
			{`{"attributeCategoryOptions":["dB","dA"],"dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","value":"5"}]}`, "du-an", ""},
			{`<adx xmlns="urn:ihe:qrph:adx:2015"><group orgUnit="P01" period="2019-07-01/P3M" MECHANISM="m1"><dataValue dataElement="HV01" value="5"/></group></adx>`, "", "attributeOptionCombo “MECHANISM=m1”"},
			{`<adx xmlns="urn:ihe:qrph:adx:2015"><group orgUnit="P01" period="2019-07-01/P3M" MECHANISM="m1" completeDate="2019-10-01" comment="x"><dataValue dataElement="HV01" value="5"/></group></adx>`, "du-an", ""},
			{`{"dataValues":[{"dataElement":"HV01","period":"2019Q3","orgUnit":"P01","attributeOptionCombo":"p1","value":"5"}]}`, "", "attributeOptionCombo “p1”"},
		} {
			p := s.take(office, "x", []byte(c.file), c.scheme)
			text := ""
			for _, l := range p.Rows {
				text += l.Text
			}
			if !strings.Contains(text, c.refused) || (c.refused == "") != (p.Counts.Refused == 0) {
				t.Errorf("%s\nsays %q, want %q", c.file, text, c.refused)
			}
		}
		for name, file := range map[exchange.Format]string{
			exchange.DHIS2: `{"dataSet":"A","completeDate":"2019-10-02","period":"2019Q3","orgUnit":"P01","attributeOptionCombo":"HllvX50cXC0","dataValues":[
				{"dataElement":"HV01","categoryOptionCombo":"HllvX50cXC0","value":"5","comment":"đếm lại","followup":true,"storedBy":"ai","created":"2019-10-01","lastUpdated":"2019-10-01"},
				{"dataElement":"DG01","value":"20000000000","comment":"trên 20 tỷ đồng | theo sổ","followUp":false},{"dataElement":"DG05","value":"0","deleted":false}]}`,
			exchange.ADX: `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2019-10-01T00:00:00Z"><group orgUnit="P02" period="2019-07-01/P3M" dataSet="A" completeDate="2019-10-02">
				<dataValue dataElement="HV01" value="5" comment="đếm lại" followUp="true" storedBy="ai"/>
				<dataValue dataElement="DG01" value="20000000000"><annotation>trên 20 tỷ đồng | theo sổ</annotation></dataValue><dataValue dataElement="DG05" value="0"/></group></adx>`,
		} {
			unit := "P01"
			if name == exchange.ADX {
				unit = "P02"
			}
			s.write(office, s.take(office, "a", []byte(file), ""))
			out := string(s.export(office, exchange.Ask{Unit: unit, Period: "2019-Q3", Format: name}).Data)
			for _, kept := range []string{"đếm lại", "trên 20 tỷ đồng | theo sổ", "followUp"} {
				if strings.Count(out, kept) != 1 {
					t.Errorf("%s lacks %q:\n%s", name, kept, out)
				}
			}
			for _, passed := range []string{"storedBy", "ai\"", "completeDate", "lastUpdated", "attributeOptionCombo"} {
				if strings.Contains(out, passed) {
					t.Errorf("%s holds %q", name, passed)
				}
			}
			if !strings.Contains(out, `"0"`) {
				t.Errorf("%s: an explicit zero is lost\n%s", name, out)
			}
		}
	})
}

// TestJSONAndCSVGiveBackEveryFigure: random figures (exact, qualified, ranges, words, zero, emptied, decimals, own spelling) go out, are
// emptied, come back, and are what they were to the letter.
func TestJSONAndCSVGiveBackEveryFigure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		office := s.officer("van-phong", "TX")
		run, most := 0, 25
		if d.Engine() == db.Postgres {
			most = 8
		}
		rapid.Check(t, func(rt *rapid.T) {
			if run++; run > most {
				return
			}
			p := period.Period{}
			s.must(d.Write(ctx, func(tx *db.Tx) (err error) {
				p, err = period.Ensure(ctx, tx, fmt.Sprintf("%d-%02d", 2030+run/12, 1+run%12))
				return err
			}))
			var inputs []figure.Input
			for _, code := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"DG01", "DG02", "DG05", "HV01", "HV01.DTTS", "AS07", "AS07.SUA", "CT09"}), 1, 6, rapid.ID).Draw(rt, "cells") {
				in, part := s.cell(code)
				q, err := figure.Read(figureText(rt, in.Unit, in.Decimals), in)
				if err != nil {
					continue // asked back or refused: no figure
				}
				i := figure.Input{Unit: s.unit("P01").ID, Period: p, Indicator: in, Part: part.Part, Quantity: q, Expect: figure.Any, Reason: "thử"}
				if rapid.Bool().Draw(rt, "dated") {
					i.AsOf = p.From
				}
				inputs = append(inputs, i)
			}
			_, _, err := s.figures.Save(ctx, system, figure.Typed, "", inputs)
			s.must(err)
			if len(s.own("P01", p)) == 0 {
				return // an emptied cell of nothing is nothing
			}
			for _, format := range []exchange.Format{exchange.JSON, exchange.CSV} {
				before := s.own("P01", p)
				f := s.export(office, exchange.Ask{Period: p.Code, Unit: "P01", Format: format, Deleted: true})
				if plan := s.take(office, f.Name, f.Data, ""); plan.Counts.New+plan.Counts.Changed+plan.Counts.Refused+plan.Counts.Question > 0 {
					rt.Fatalf("%s changes what it was made from: %+v\n%s\n%+v", format, plan.Counts, f.Data, plan.Rows)
				}
				var empty []figure.Input
				for _, i := range inputs {
					i.Quantity, i.AsOf = viet.Quantity{}, ""
					empty = append(empty, i)
				}
				_, _, err := s.figures.Save(ctx, system, figure.Typed, "", empty)
				s.must(err)
				plan := s.take(office, f.Name, f.Data, "")
				if _, err := s.intake.Apply(ctx, office, plan.ID, intake.Consent{}); err != nil {
					rt.Fatalf("%s: %v\n%s\n%+v", format, err, f.Data, plan.Rows)
				}
				if diff := gocmp.Diff(before, s.own("P01", p)); diff != "" {
					rt.Fatalf("%s\n%s\n%s", format, f.Data, diff)
				}
			}
		})
	})
}

func figureText(rt *rapid.T, unit string, decimals int) string {
	number := fmt.Sprint(rapid.IntRange(0, 99_999).Draw(rt, "number"))
	if decimals > 0 && rapid.Bool().Draw(rt, "fraction") {
		number += "," + fmt.Sprint(rapid.IntRange(1, 9).Draw(rt, "tenths"))
	}
	switch rapid.IntRange(0, 7).Draw(rt, "kind") {
	case 0:
		return "0"
	case 1:
		return rapid.SampledFrom([]string{"trên ", "gần ", "khoảng ", "ít nhất ", "không quá "}).Draw(rt, "qualifier") + number
	case 2:
		return number + " " + unit
	case 3:
		return rapid.SampledFrom([]string{"hàng trăm", "hàng nghìn " + unit, "hàng chục"}).Draw(rt, "magnitude")
	case 4:
		return number + " - " + fmt.Sprint(rapid.IntRange(100_000, 200_000).Draw(rt, "high"))
	case 5:
		return "-"
	case 6:
		return rapid.SampledFrom([]string{"1,5 triệu", "3 nghìn", "trên 2 nghìn " + unit}).Draw(rt, "words")
	}
	return number
}

// own are the figures of a unit as they are kept, without versions and where they came from.
func (s *site) own(unit string, p period.Period) map[string][4]any {
	s.t.Helper()
	all, err := s.figures.Own(ctx, system, figure.Submitted, s.unit(unit), []period.Period{p})
	s.must(err)
	out := map[string][4]any{}
	for c, v := range all {
		if !v.Blank() {
			out[fmt.Sprint(c)] = [4]any{v.Number, int(v.Qualifier), v.Raw, v.AsOf}
		}
	}
	return out
}
