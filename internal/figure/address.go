package figure

import (
	"net/url"
	"strconv"
	"strings"

	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Address names a number on a page or in a document: whose total, of when, of what, counted how. It is what a trace opens.
type Address struct {
	Unit      string // code
	Period    string // code, 2019-Q3
	Indicator string // code
	Part      int64
	Hierarchy org.Hierarchy
	Line      string // code of the top body, with PlaceLine
	Layer     Layer
	Frame     Frame
	Own       bool // the unit's own figure, not the total of what is below it
}

var hierarchyWords = map[org.Hierarchy]string{org.Territory: "dia-ban", org.Line: "doc", org.Front: "mat-tran", org.PlaceLine: "he-thong"}

// URL is the path that opens the number. Defaults (territory, submitted, as it was) are left out.
func (a Address) URL() string {
	q := url.Values{}
	if a.Part != 0 {
		q.Set("phan", strconv.FormatInt(a.Part, 10))
	}
	if a.Hierarchy != 0 && a.Hierarchy != org.Territory {
		q.Set("cay", hierarchyWords[a.Hierarchy])
	}
	if a.Line != "" {
		q.Set("he", a.Line)
	}
	if a.Layer == Approved {
		q.Set("lop", "duyet")
	}
	if a.Frame == AsItIs {
		q.Set("khung", "now")
	}
	if a.Own {
		q.Set("rieng", "1")
	}
	path := "/so/" + url.PathEscape(a.Unit) + "/" + strings.ToLower(a.Period) + "/" + url.PathEscape(a.Indicator)
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Short is the address as printed in an annex table: TX.2019-Q3.CT02, with what is not a default behind it.
func (a Address) Short() string {
	s := a.Unit + "." + a.Period + "." + a.Indicator
	if a.Part != 0 {
		s += "." + strconv.FormatInt(a.Part, 10)
	}
	if a.Layer == Approved {
		s += " (đã duyệt)"
	}
	return s
}

// ReadAddress undoes URL from a path's parts and a query. Unknown words mean the default.
func ReadAddress(unit, slug, indicatorCode string, q url.Values) (Address, error) {
	p, err := period.FromSlug(slug)
	if err != nil {
		return Address{}, err
	}
	a := Address{Unit: unit, Period: p.Code, Indicator: indicatorCode, Hierarchy: org.Territory, Layer: Submitted, Frame: AsItWas, Line: q.Get("he"), Own: q.Get("rieng") == "1"}
	for h, word := range hierarchyWords {
		if q.Get("cay") == word {
			a.Hierarchy = h
		}
	}
	if q.Get("lop") == "duyet" {
		a.Layer = Approved
	}
	if q.Get("khung") == "now" {
		a.Frame = AsItIs
	}
	if part, err := strconv.ParseInt(q.Get("phan"), 10, 64); err == nil && part > 0 {
		a.Part = part
	}
	return a, nil
}
