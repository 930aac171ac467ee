package exchange

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// write puts rows into a file. What a format cannot say is left out and named.
func write(rows []row, p period.Period, scheme Scheme, ask Ask, now time.Time) (File, error) {
	var out bytes.Buffer
	f := File{}
	var err error
	switch ask.Format {
	case DHIS2:
		per, ok := p.DHIS2()
		per, ok = scheme.outward(false).period(p.Code, per, ok)
		if !ok {
			return f, fault.Refusedf("DHIS2 không có cách ghi %s. Hãy xuất theo tháng, quý, 6 tháng hoặc năm.", p.Name())
		}
		f.Name, f.Type = fileName(ask, p, "dhis2.json"), "application/json"
		f.Count, f.Left, err = writeDHIS2(&out, rows, per, scheme)
	case ADX:
		per, ok := p.ADX()
		per, ok = scheme.outward(true).period(p.Code, per, ok)
		if !ok {
			return f, fault.Refusedf("ADX không có cách ghi %s. Hãy xuất theo tháng, quý, 6 tháng, 9 tháng hoặc năm.", p.Name())
		}
		f.Name, f.Type = fileName(ask, p, "adx.xml"), "application/adx+xml"
		f.Count, f.Left, err = writeADX(&out, rows, per, scheme, now)
	case CSV:
		f.Name, f.Type = fileName(ask, p, "csv"), "text/csv; charset=utf-8"
		f.Count, err = len(rows), writeCSV(&out, rows, p)
	case JSON:
		f.Name, f.Type = fileName(ask, p, "json"), "application/json"
		f.Count, err = len(rows), writeJSON(&out, rows, p)
	default:
		return f, fault.Invalidf("dang", "Không có dạng tệp “%s”. Các dạng: dhis2, adx, csv, json.", string(ask.Format))
	}
	f.Data = out.Bytes()
	return f, err
}

// value is a figure as another system takes it: a plain number, with words beside it when it is not exact. ok is false for a
// figure that has no number.
func (r row) value() (number, comment string, ok bool) {
	v := r.version
	if v.Blank() {
		return "", v.Reason, true
	}
	if !v.Has {
		return "", "", false
	}
	comment = v.Reason
	if v.Qualifier != viet.Exact {
		comment = viet.Phrase(viet.Quantity{Value: v.Number, Scale: r.in.Decimals, Qualifier: v.Qualifier}, r.in.Unit)
		if v.Raw != "" {
			comment = v.Raw
		}
		if v.Reason != "" {
			comment += intake.CommentSep + v.Reason
		}
	}
	return plain(v.Number, r.in.Decimals), comment, true
}

// plain writes a number with a point for the decimals and nothing to group them, without noughts at the end.
func plain(n int64, decimals int) string {
	text := fmt.Sprint(n)
	if decimals == 0 {
		return text
	}
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for len(text) <= decimals {
		text = "0" + text
	}
	whole, rest := text[:len(text)-decimals], strings.TrimRight(text[len(text)-decimals:], "0")
	if rest != "" {
		whole += "." + rest
	}
	return sign + whole
}

func (r row) left() string {
	return r.unit.Code + ", " + indicator.Address(r.in, r.part) + ": " + figure.Text(r.version, r.in)
}

// measure goes with a number that this program prints. A text that was given says by itself what it counts, or did not.
func (r row) measure() string {
	if r.version.Raw != "" || r.version.Blank() {
		return ""
	}
	return r.in.Unit
}

// partCode is empty for the whole.
func (r row) partCode() string {
	if r.part.Part == indicator.Total {
		return ""
	}
	return r.part.Code
}

type dhisValue struct {
	DataElement string `json:"dataElement"`
	Period      string `json:"period"`
	OrgUnit     string `json:"orgUnit"`
	Option      string `json:"categoryOptionCombo,omitempty"`
	Value       string `json:"value"`
	Comment     string `json:"comment,omitempty"`
	FollowUp    bool   `json:"followUp,omitempty"`
	Deleted     bool   `json:"deleted,omitempty"`
}

func writeDHIS2(w io.Writer, rows []row, per string, scheme Scheme) (n int, left []string, err error) {
	codes := scheme.outward(false)
	values := []dhisValue{}
	for _, r := range rows {
		number, comment, ok := r.value()
		if !ok {
			left = append(left, r.left())
			continue
		}
		element, option := codes.cell(r.in.Code, r.partCode())
		values = append(values, dhisValue{element, per, codes.unit(r.unit.Code), option, number, comment, r.follow, r.version.Blank()})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	return len(values), left, e.Encode(struct {
		DataSet string      `json:"dataSet,omitempty"`
		Values  []dhisValue `json:"dataValues"`
	}{scheme.DataSet, values})
}

// defaultDataSet stands where the format asks for a data set and the table names none.
const defaultDataSet = "giaoban"

func writeADX(w io.Writer, rows []row, per string, scheme Scheme, now time.Time) (n int, left []string, err error) {
	codes := scheme.outward(true)
	set := scheme.DataSet
	if set == "" {
		set = defaultDataSet
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	attr := func(name, value string) {
		b.WriteString(" " + name + `="`)
		_ = xml.EscapeText(&b, []byte(value)) // a buffer takes everything
		b.WriteString(`"`)
	}
	b.WriteString("<adx")
	attr("xmlns", "urn:ihe:qrph:adx:2015")
	attr("exported", now.UTC().Format(time.RFC3339))
	b.WriteString(">\n")
	open := int64(0)
	for _, r := range rows {
		number, comment, ok := r.value()
		if !ok {
			left = append(left, r.left())
			continue
		}
		if open != r.unit.ID {
			if open != 0 {
				b.WriteString("\t</group>\n")
			}
			open = r.unit.ID
			b.WriteString("\t<group")
			attr("orgUnit", codes.unit(r.unit.Code))
			attr("period", per)
			attr("dataSet", set)
			b.WriteString(">\n")
		}
		element, option := codes.cell(r.in.Code, r.partCode())
		b.WriteString("\t\t<dataValue")
		attr("dataElement", element)
		switch {
		case strings.Contains(option, "="):
			for _, d := range dimensions(option) {
				attr(d[0], d[1])
			}
		case option != "":
			attr("categoryOptionCombo", option)
		}
		attr("value", number)
		if comment != "" {
			attr("comment", comment)
		}
		if r.follow {
			attr("followUp", "true")
		}
		if r.version.Blank() {
			attr("deleted", "true")
		}
		b.WriteString("/>\n")
		n++
	}
	if open != 0 {
		b.WriteString("\t</group>\n")
	}
	b.WriteString("</adx>\n")
	_, err = b.WriteTo(w)
	return n, left, err
}

// writeCSV writes rows with the headings that an import reads.
func writeCSV(w io.Writer, rows []row, p period.Period) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // the mark that a spreadsheet needs to see UTF-8
		return err
	}
	c := csv.NewWriter(w)
	if err := c.Write([]string{"Đơn vị", "Kỳ", "Mã chỉ tiêu", "Chỉ tiêu", "Phần", "Giá trị", "Đơn vị tính", "Tính đến ngày"}); err != nil {
		return err
	}
	for _, r := range rows {
		text, asOf := figure.Text(r.version, r.in), ""
		if r.version.Blank() {
			text = "-"
		}
		if r.version.AsOf != "" {
			asOf = viet.FormatDate(r.version.AsOf)
		}
		record := []string{r.unit.Code, p.Code, r.in.Code, r.in.Name, r.partCode(), text, r.measure(), asOf}
		for i := range record {
			record[i] = figure.SafeCell(record[i])
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// writeJSON writes the format that an import reads.
func writeJSON(w io.Writer, rows []row, p period.Period) error {
	type item struct {
		Unit      string  `json:"unit"`
		Period    string  `json:"period"`
		Indicator string  `json:"indicator"`
		Part      string  `json:"part,omitempty"`
		Value     *string `json:"value"`
		Measure   string  `json:"measure,omitempty"`
		AsOf      string  `json:"as_of,omitempty"`
	}
	figures := []item{}
	for _, r := range rows {
		f := item{Unit: r.unit.Code, Period: p.Code, Indicator: r.in.Code, Part: r.partCode(), Measure: r.measure(), AsOf: r.version.AsOf}
		if !r.version.Blank() {
			text := figure.Text(r.version, r.in)
			f.Value = &text
		}
		figures = append(figures, f)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Giaoban int    `json:"giaoban"`
		Figures []item `json:"figures"`
	}{1, figures})
}
