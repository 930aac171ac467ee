package intake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/viet"
)

// Codes turns another system's codes into this site's. What it does not know stays as it is: the systems may share codes.
type Codes interface {
	Unit(theirs string) string
	Period(theirs string) string // empty: not listed, so that the other system's form is read
	// Cell is the indicator and the part of an element of theirs and an option of it. The empty option is the whole. ok is false
	// for an option that means nothing here.
	Cell(element, option string) (indicator, part string, ok bool)
	DataSet() string // empty: any
}

// theirs is what a value of another system is about, in its words.
type theirs struct {
	element, option, attribute, period field
	read                               func(string) (string, error) // the form of its periods
	comment                            string
}

// IsDefault tells the option that means no breakdown: absent, or DHIS2's own default.
func IsDefault(option string) bool {
	return option == "" || option == "default" || option == "HllvX50cXC0"
}

// translate puts this site's words in the place of theirs. It tells whether the line stands.
func (r *resolver) translate(l *Line, f *figureRow) bool {
	t := f.theirs
	codes := r.codes
	if codes == nil {
		codes = same{}
	}
	f.unit.text = codes.Unit(f.unit.text)
	if f.period.text = codes.Period(t.period.text); f.period.text == "" && t.period.text != "" {
		code, err := t.read(t.period.text)
		if err != nil {
			l.refuse(t.period.at, fault.Text(err))
			return false
		}
		f.period.text = code
	}
	f.period.at = t.period.at
	if !IsDefault(t.attribute.text) {
		if in, part, ok := codes.Cell("", t.attribute.text); !ok || in != "" || part != "" {
			l.refuse(t.attribute.at, "attributeOptionCombo “"+t.attribute.text+"” không phải tổ hợp mặc định. Hệ thống không chia số liệu theo dự án hay nguồn; hãy xuất lại với tổ hợp mặc định, hoặc ghi mã này vào bảng mã là “toàn bộ”.")
			return false
		}
	}
	option := t.option.text
	if IsDefault(option) {
		option = ""
	}
	in, part, ok := codes.Cell(t.element.text, option)
	if !ok {
		l.IndicatorName = "“" + t.element.text + "”"
		l.refuse(t.option.at, "Phân tổ “"+option+"” chưa có trong bảng mã. Hãy ghi nó ứng với thành phần nào của chỉ tiêu (hoặc toàn bộ), hay ghi mã “"+t.element.text+"."+option+"” ứng với chỉ tiêu nào.")
		return false
	}
	f.indicator = field{in, t.element.at}
	f.part = field{part, t.option.at}
	f.qualifier, f.raw, f.note = commented(t.comment, f.value)
	return true
}

// CommentSep stands between the text of an inexact value and a remark, in the comment that goes out.
const CommentSep = " | "

// commented reads a comment: where it says in words the very number that it goes with ("trên 20 tỷ đồng" beside 20000000000),
// it is the value's own text; all else is a remark.
func commented(comment string, v given) (qualifier, raw, note field) {
	said, rest, _ := strings.Cut(comment, CommentSep)
	if q, err := viet.ParseQuantity(said); err == nil && q.HasNumber() && q.Qualifier != viet.Exact && q.Qualifier != viet.Range {
		number, ok := new(big.Rat).SetString(v.text)
		if ok && machineNumber.MatchString(v.text) && number.Cmp(new(big.Rat).SetFrac(big.NewInt(q.Value), power(q.Scale))) == 0 {
			return field{q.Qualifier.Code(), v.at}, field{said, v.at}, field{rest, v.at}
		}
	}
	return field{}, field{}, field{comment, v.at}
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// same is the table of a sender who uses this site's codes.
type same struct{}

func (same) Unit(theirs string) string { return theirs }
func (same) Period(string) string      { return "" }
func (same) DataSet() string           { return "" }
func (same) Cell(element, option string) (string, string, bool) {
	return element, "", option == ""
}

// machineValue is a number as machines write it, or why it is none.
func machineValue(text, at string) given {
	text = strings.TrimSpace(text)
	v := given{text: text, at: at, number: true, set: text != ""}
	if v.set && !machineNumber.MatchString(text) {
		v.wrong = "Giá trị “" + text + "” không phải là số."
	}
	return v
}

// emptied is a value that the sender says to have deleted: here it is emptied by a new version, and what stood stays to be read.
func emptied(f *figureRow) {
	f.value = given{at: f.at, null: true, set: true}
	f.reason = field{viet.Clean(strings.TrimSpace("Hệ thống gửi báo đã xóa. " + f.theirs.comment)), f.at}
}

const followed = "Hệ thống gửi đánh dấu cần theo dõi (followUp)."

// readDHIS2 reads a dataValueSet. Fields that say who stored a value and when are the sender's own and are passed over.
func (c *content) readDHIS2(top object) {
	c.kind = DHIS2
	c.dataSet = top.text("dataSet")
	if s := strings.ToUpper(top.text("importStrategy")); s == "DELETE" {
		c.problem("importStrategy", "Tệp yêu cầu xóa (DELETE). Hệ thống không xóa số liệu theo lệnh của tệp; giá trị đã xóa hãy gửi với \"deleted\": true.")
	}
	unit, per, attribute := top.field("orgUnit"), top.field("period"), top.field("attributeOptionCombo")
	if attribute.text == "" {
		attribute = top.attributes()
	}
	for _, n := range top.list("dataValues") {
		o, ok := c.object(n)
		if !ok {
			continue
		}
		or := func(key string, whole field) field {
			if f := o.field(key); f.text != "" {
				return f
			}
			return whole
		}
		v := o.given("value")
		f := figureRow{at: o.at, ref: o.at, unit: or("orgUnit", unit), value: machineValue(v.text, v.at), theirs: &theirs{
			element: o.field("dataElement"), option: o.field("categoryOptionCombo"), attribute: or("attributeOptionCombo", attribute), period: or("period", per),
			read: period.FromDHIS2, comment: viet.Clean(o.text("comment")),
		}}
		f.value.wrong = orWrong(v.wrong, f.value.wrong)
		followUp, lower := o.flag("followUp"), o.flag("followup")
		c.addTheirs(f, yes(o.flag("deleted")), yes(followUp) || yes(lower))
	}
}

// attributes are the options that say of which project or source all values are, where a file lists them one by one.
func (o object) attributes() field {
	for _, key := range []string{"attributeCategoryOptions", "attributeCos"} {
		var options []string
		f := field{}
		for _, n := range o.list(key) {
			options = append(options, viet.Clean(n.text))
			f.at = key
		}
		if slices.Sort(options); len(options) > 0 {
			f.text = strings.Join(options, ";")
			return f
		}
	}
	return field{}
}

func orWrong(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func yes(b *bool) bool { return b != nil && *b }

func (c *content) addTheirs(f figureRow, deleted, follow bool) {
	if deleted {
		emptied(&f)
	}
	c.figures = append(c.figures, f)
	if follow {
		c.flags = append(c.flags, flagRow{at: f.at + ".followUp", ref: field{f.ref, f.at}, text: followed})
	}
}

const (
	adxSpace = "urn:ihe:qrph:adx:2015"
	adxDepth = 4
)

// ADXAttributes are the attributes of a dataValue that are no dimension.
var ADXAttributes = []string{"dataElement", "value", "comment", "followUp", "followup", "deleted", "categoryOptionCombo", "storedBy", "created", "lastUpdated"}

// readADX reads an ADX message: strictly XML without a document type, of no more depth than the format has.
func readADX(text string) (*content, error) {
	c := &content{kind: ADX}
	r := adxReader{c: c, dec: xml.NewDecoder(strings.NewReader(text))}
	for {
		token, err := r.dec.Token()
		if errors.Is(err, io.EOF) && r.done {
			return c, nil
		}
		if err == nil {
			err = r.token(token)
		} else {
			line, col := r.dec.InputPos()
			err = fault.Invalidf("file", "dòng %d, ký tự %d: tệp không đúng cú pháp XML.", line, col)
		}
		if err != nil {
			return nil, err
		}
	}
}

type adxReader struct {
	c     *content
	dec   *xml.Decoder
	depth int
	done  bool

	unit, per, attribute field
	row                  *figureRow
	deleted, follow      bool
	annotation           bool
}

func (r *adxReader) at() string {
	line, col := r.dec.InputPos()
	return fmt.Sprintf("dòng %d, ký tự %d", line, col)
}

func (r *adxReader) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return fault.Invalid("file", "tệp XML có khai báo kiểu tài liệu (DOCTYPE), không được nhận.")
	case xml.StartElement:
		if r.depth++; r.depth > adxDepth {
			return fault.Invalidf("file", "%s: tệp XML lồng quá sâu.", r.at())
		}
		return r.start(t)
	case xml.CharData:
		if r.annotation && r.row != nil && len(r.row.theirs.comment) < 4000 {
			r.row.theirs.comment = viet.Clean(r.row.theirs.comment + " " + string(t))
		}
	case xml.EndElement:
		r.depth--
		r.annotation = false
		if t.Name.Local == "dataValue" && r.row != nil {
			r.c.addTheirs(*r.row, r.deleted, r.follow)
			r.row = nil
		}
	}
	return nil
}

func (r *adxReader) start(e xml.StartElement) error {
	at := r.at()
	name := e.Name.Local
	if e.Name.Space != adxSpace {
		if r.depth == 1 {
			return fault.Invalid("file", "tệp XML không phải ADX: phần tử gốc phải là adx của không gian tên urn:ihe:qrph:adx:2015.")
		}
		return nil // another's extension
	}
	switch {
	case r.depth == 1 && name == "adx" && !r.done:
		r.done = true
	case r.depth == 2 && name == "group":
		r.unit, r.per, r.attribute = field{at: at}, field{at: at}, field{at: at}
		var others []string
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "orgUnit":
				r.unit.text = viet.Clean(a.Value)
			case "period":
				r.per.text = viet.Clean(a.Value)
			case "attributeOptionCombo":
				r.attribute.text = viet.Clean(a.Value)
			case "dataSet":
				r.c.dataSet = viet.Clean(a.Value)
			case "completeDate", "comment", "xmlns":
			default: // of which project or source the whole group is
				if a.Name.Space == "" {
					others = append(others, a.Name.Local+"="+viet.Clean(a.Value))
				}
			}
		}
		if slices.Sort(others); len(others) > 0 && r.attribute.text == "" {
			r.attribute.text = strings.Join(others, ";")
		}
	case r.depth == 3 && name == "dataValue":
		if len(r.c.figures) >= mostCells {
			return fault.Invalidf("file", "tệp có hơn %d giá trị. Hãy tách thành nhiều tệp nhỏ hơn.", mostCells)
		}
		r.value(e, at)
	case r.depth == 4 && name == "annotation":
		r.annotation = true
	default:
		return fault.Invalidf("file", "%s: phần tử “%s” không đứng ở chỗ này của ADX.", at, name)
	}
	return nil
}

func (r *adxReader) value(e xml.StartElement, at string) {
	f := figureRow{at: at, ref: at, unit: r.unit, value: given{at: at}, theirs: &theirs{
		element: field{at: at}, option: field{at: at}, attribute: r.attribute, period: r.per, read: period.FromADX,
	}}
	r.deleted, r.follow = false, false
	var dims []string
	combo := ""
	for _, a := range e.Attr {
		value := viet.Clean(a.Value)
		switch name := a.Name.Local; {
		case a.Name.Space != "" || name == "xmlns":
		case name == "dataElement":
			f.theirs.element.text = value
		case name == "value":
			f.value = machineValue(value, at)
		case name == "comment":
			f.theirs.comment = value
		case name == "categoryOptionCombo":
			combo = value
		case name == "deleted":
			r.deleted = value == "true"
		case strings.EqualFold(name, "followUp"):
			r.follow = value == "true"
		case slices.Contains(ADXAttributes, name):
		default:
			dims = append(dims, name+"="+value)
		}
	}
	slices.Sort(dims)
	if f.theirs.option.text = strings.Join(dims, ";"); combo != "" { // stated whole, as in DHIS2's own format
		f.theirs.option.text = combo
	}
	r.row = &f
}

// isADX tells an ADX message from other XML.
func isADX(text string) bool {
	head := []byte(text[:min(len(text), 4096)])
	return bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")) && bytes.Contains(head, []byte(adxSpace))
}
