package indicator

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/web"
)

// form is an indicator as typed.
type form struct {
	Code, Name, Topic, Unit, Decimals, Measure, Across string
	Numerator, Denominator                             string // codes
	Better, Note, Ordinal, From                        string
	Synonyms, UnitSynonyms                             string // one a line
	At, Reason                                         string // of a replacement
}

func readForm(r *http.Request) form {
	get := func(name string) string { return web.Value(r, name) }
	return form{Code: get("code"), Name: get("name"), Topic: get("topic"), Unit: get("unit"), Decimals: get("decimals"),
		Measure: get("measure"), Across: get("across"), Numerator: get("numerator"), Denominator: get("denominator"),
		Better: get("better"), Note: get("note"), Ordinal: get("ordinal"), From: get("from"),
		Synonyms: get("synonyms"), UnitSynonyms: get("unit_synonyms"), At: get("at"), Reason: get("reason")}
}

// formOf fills a form from an indicator; the day from which it is to hold stays open.
func formOf(c *Catalog, i Indicator) form {
	return form{Code: i.Code, Name: i.Name, Topic: i.Topic, Unit: i.Unit, Decimals: strconv.Itoa(i.Decimals),
		Measure: string(i.Measure), Across: string(i.Across), Numerator: codeOf(c, i.Numerator), Denominator: codeOf(c, i.Denominator),
		Better: i.Better, Note: i.Note, Ordinal: strconv.Itoa(i.Ordinal),
		Synonyms: strings.Join(i.Synonyms, "\n"), UnitSynonyms: strings.Join(i.UnitSynonyms, "\n")}
}

// indicator reads the form against a catalogue, which knows the codes of a ratio's sides.
func (f form) indicator(c *Catalog) (Indicator, error) {
	i := Indicator{Code: f.Code, Name: f.Name, Topic: f.Topic, Unit: f.Unit, Measure: Measure(f.Measure), Across: Across(f.Across),
		Better: f.Better, Note: f.Note, Synonyms: lines(f.Synonyms), UnitSynonyms: lines(f.UnitSynonyms)}
	var bad fault.List
	var err error
	if i.Decimals, err = wholeNumber("decimals", f.Decimals); err != nil {
		_ = bad.Add(err)
	}
	if i.Across != Ratio { // the two fields stand in the form for ratios only
		return i, bad.Err()
	}
	for _, side := range []struct {
		field, code string
		id          *int64
	}{{"numerator", f.Numerator, &i.Numerator}, {"denominator", f.Denominator, &i.Denominator}} {
		of, ok := c.ByCode(side.code)
		if !ok {
			_ = bad.Add(fault.Invalid(side.field, "Hãy chọn chỉ tiêu."))
			continue
		}
		*side.id = of.ID
	}
	return i, bad.Err()
}

func wholeNumber(field, text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault.Invalid(field, "Hãy nhập một số nguyên không âm.")
	}
	return n, nil
}

// lines splits a text at its line ends and semicolons.
func lines(text string) []string { return list(strings.ReplaceAll(text, "\n", ";")) }

// moved puts the faults of one field at another, where the page has the input.
func moved(err error, from, to string) error {
	var out fault.List
	for _, f := range fault.All(err) {
		if f.Field == from {
			f = f.At(to)
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return err
	}
	return out
}

func topicOptions(ctx context.Context) []web.Option {
	out := make([]web.Option, len(topics))
	for n, t := range topics {
		out[n] = web.Option{Value: t.Code, Label: web.T(ctx, t.Name)}
	}
	return out
}

// summable lists the indicators that can be a side of a ratio.
func summable(c *Catalog) []web.Option {
	var out []web.Option
	for _, i := range c.All() {
		if i.Across == Sum && !i.Retired() {
			out = append(out, web.Option{Value: i.Code, Label: i.Code + " " + i.Name, Group: TopicName(i.Topic)})
		}
	}
	return out
}

// verbText is an act in the user's words.
func verbText(verb string) string {
	switch verb {
	case "add":
		return "Thêm chỉ tiêu"
	case "version":
		return "Ghi bản mới"
	case "retire":
		return "Thôi dùng"
	case "replace":
		return "Thay thế"
	case "part":
		return "Thêm thành phần"
	case "synonym":
		return "Sửa tên khác"
	}
	return verb
}
