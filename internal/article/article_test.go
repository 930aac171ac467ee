package article

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/fault"
	"giaoban/internal/report"
)

func flat(blocks []Block) string {
	var b strings.Builder
	for _, bl := range blocks {
		for _, p := range bl.Pieces {
			if p.Number != nil {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		b.WriteString("|")
	}
	return b.String()
}

func TestQuotedNumbersAreFoundWholeAndLongestFirst(t *testing.T) {
	t.Parallel()
	a := Article{Numbers: []Number{{Text: "20 tỷ đồng"}, {Text: "trên 20 tỷ đồng"}, {Text: "5"}}}
	for body, want := range map[string]string{
		"Giá trị trên 20 tỷ đồng, quỹ 20 tỷ đồng.":    "Giá trị [trên 20 tỷ đồng], quỹ [20 tỷ đồng].|",
		"Có 15 mô hình, 5 hộ, năm 2025":               "Có 15 mô hình, [5] hộ, năm 2025|",
		"không có số nào":                             "không có số nào|",
		"## Kết quả\n\nĐoạn một\nnối dòng\n\n\n\nHai": "Kết quả|Đoạn một nối dòng|Hai|",
	} {
		a.Body = body
		if diff := cmp.Diff(want, flat(a.Blocks())); diff != "" {
			t.Errorf("%q (-want +got):\n%s", body, diff)
		}
	}
}

func TestTextIsCheckedAndNamesTheField(t *testing.T) {
	t.Parallel()
	text := Text{Title: "  ", Lead: "x", Body: strings.Repeat("a", maxBody+1)}
	all := fault.All(text.tidy())
	var fields []string
	for _, f := range all {
		fields = append(fields, f.Field)
	}
	if diff := cmp.Diff([]string{"title", "body"}, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestDraftQuotesTheReportsNumbersWithTheirAddresses(t *testing.T) {
	t.Parallel()
	c := report.Content{UnitName: "Thị xã Mẫu", PeriodName: "quý III năm 2019",
		Numbers: []report.Number{{Text: "trên 20.000.000.000", Value: 20_000_000_000, Has: true, Qualifier: "over", Bare: true, URL: "/so/TX/2019-q3/CT01", Short: "TX.2019-Q3.CT01"}, {Text: "chưa có số liệu"}},
		Sections: []report.Written{{Table: []report.Line{
			{Code: "CT01", Name: "Đánh giá công trình", Measure: "đồng", Now: report.Span{Text: "x", Ref: 1}},
			{Code: "DG01", Name: "Tiền Nhân dân đóng góp", Measure: "đồng", Now: report.Span{Text: "x", Ref: 2}},
		}}}}
	text, numbers := write(c, &Meeting{Day: "2019-10-01", Chairs: []string{"Phó Bí thư"}, Points: []string{"Phối hợp tốt"}, Shortcomings: []string{"Chậm kết nạp"}})
	for _, want := range []string{"đánh giá công trình trên 20 tỷ đồng", "Phối hợp tốt.", "Chậm kết nạp.", "/."} {
		if !strings.Contains(text.Body, want) {
			t.Errorf("body lacks %q:\n%s", want, text.Body)
		}
	}
	if strings.Contains(text.Body, "Tiền Nhân dân đóng góp") || strings.Contains(text.Body, "\ufffd") {
		t.Errorf("a missing number is written, or a letter is broken:\n%s", text.Body)
	}
	if !strings.Contains(text.Lead, "01/10/2019") || !strings.Contains(text.Lead, "thị xã Mẫu") {
		t.Errorf("lead = %q", text.Lead)
	}
	if diff := cmp.Diff([]Number{{Text: "trên 20 tỷ đồng", Name: "Đánh giá công trình", URL: "/so/TX/2019-q3/CT01", Short: "TX.2019-Q3.CT01"}}, numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}
