package doc

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// frame holds the texts that stand around a body, worded and punctuated by the layout. All three renderers print these.
type frame struct {
	parent, issuer []string
	number         string // empty for a list that goes with another document
	draft          string
	place          string // empty for minutes, which carry no date line
	title          string // empty for a dispatch
	subject        []string
	dispatch       []string // subject of a dispatch, under the number
	addressees     []string
	bases          []string
	recipients     []string
}

func newFrame(l layout, d Document) frame {
	f := frame{
		parent: lines(upper(d.Issuer.Parent)),
		issuer: append(lines(upper(d.Issuer.Name)), lines(upper(d.Issuer.Sub))...),
		number: numberLine(l, d),
		bases:  closed(d.Bases, ";", "."),
	}
	if d.Draft {
		f.draft = "DỰ THẢO"
	}
	if d.Kind != Minutes {
		f.place = placeLine(d)
	}
	if d.Kind == Dispatch {
		if d.Subject != "" {
			f.dispatch = lines(l.LetterSubjectPrefix + clean(d.Subject))
		}
	} else {
		f.title, f.subject = upper(clean(d.Kind.Name())), lines(clean(d.Subject))
		if d.Title != "" {
			f.title = upper(clean(d.Title))
		}
	}
	switch len(d.Addressees) {
	case 0:
	case 1:
		f.addressees = []string{strings.TrimRight(clean(d.Addressees[0]), " .;,")}
	default:
		f.addressees = dashed(closed(d.Addressees, ";", "."))
	}
	f.recipients = recipients(l, d)
	return f
}

// numberLine is "Số: 05/BC-MTTQ-BTT" or "Số 05-BC/ThU". Numbers below 10 take a zero in front. A list goes with the document
// that it belongs to, and has a number only where it is issued by itself.
func numberLine(l layout, d Document) string {
	number := strings.TrimSpace(clean(d.Number))
	if number == "" && d.Kind == Sheet {
		return ""
	}
	if number == "" {
		number = strings.Repeat("\u00a0", 8)
	} else if n, err := strconv.Atoi(number); err == nil && n < 10 && len(number) == 1 {
		number = "0" + number
	}
	kind, symbol := d.Kind.Abbreviation(d.System), clean(d.Symbol)
	out := l.NumberFormat.Lead + number
	switch {
	case kind != "" && symbol != "":
		return out + l.NumberFormat.Kind + kind + l.NumberFormat.Body + symbol
	case kind+symbol != "":
		return out + l.NumberFormat.Kind + kind + symbol
	}
	return out
}

// Sign is the number and sign of a document as other texts quote them: "05/BC-MTTQ-BTT", "127-TB/ThU". It is empty while there is
// no number.
func (d Document) Sign() string {
	l, err := layoutFor(d.System, d.Date)
	if err != nil || strings.TrimSpace(d.Number) == "" {
		return ""
	}
	return strings.TrimPrefix(numberLine(l, d), l.NumberFormat.Lead)
}

// placeLine is "Hồng Lĩnh, ngày 05 tháng 01 năm 2020": days below 10 and the months 1 and 2 take a zero, so that nothing can be
// written in front of them.
func placeLine(d Document) string {
	line := dateText(d)
	if place := strings.TrimSpace(clean(d.Place)); place != "" {
		line = place + ", " + line
	}
	return line
}

func dateText(d Document) string {
	day, err := time.Parse(time.DateOnly, d.Date)
	if err != nil {
		return "" // layoutFor has refused it before
	}
	month := strconv.Itoa(int(day.Month()))
	if day.Month() <= 2 {
		month = "0" + month
	}
	if d.Undated {
		return fmt.Sprintf("ngày %s tháng %s năm %d", strings.Repeat("\u00a0", 6), month, day.Year())
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", day.Day(), month, day.Year())
}

func recipients(l layout, d Document) []string {
	if len(d.Recipients) == 0 && d.Archive == "" {
		return nil
	}
	archive := l.ArchiveDefault
	if a := strings.TrimRight(clean(d.Archive), " .;"); a != "" {
		archive = fmt.Sprintf(l.ArchiveFormat, a)
	}
	return dashed(closed(append(append([]string(nil), d.Recipients...), archive), ";", "."))
}

// closed ends every line with mid and the last one with end, whatever stood there before.
func closed(texts []string, mid, end string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		mark := mid
		if i == len(texts)-1 {
			mark = end
		}
		out[i] = strings.TrimRight(clean(text), " .;,") + mark
	}
	return out
}

func dashed(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = "- " + text
	}
	return out
}

func lines(text string) []string {
	if text = strings.TrimSpace(clean(text)); text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// authorityLines are the lines in capitals above the office of a signature.
func authorityLines(l layout, s Signature) []string {
	collective := false
	var out []string
	for _, a := range s.Authorities {
		if l.CollectiveDropsKT && collective && a.Form == "KT" {
			continue
		}
		collective = collective || a.Form == "TM"
		out = append(out, lines(l.AuthorityMark[a.Form]+upper(a.Body))...)
	}
	return out
}

// annexRef is the line under an annex's title that says what it belongs to.
func annexRef(d Document) string {
	l, err := layoutFor(d.System, d.Date)
	if err != nil {
		return ""
	}
	name := d.Kind.Name()
	number := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(numberLine(l, d), "Số:"), "Số"))
	if strings.TrimSpace(d.Number) == "" {
		number = strings.Repeat("\u00a0", 8) + number
	}
	issuer := strings.Join(strings.Fields(d.Issuer.Name), " ")
	if d.Issuer.Sub != "" {
		issuer = d.Issuer.Sub + " " + issuer
	}
	return clean(fmt.Sprintf("(Kèm theo %s số %s %s của %s)", name, number, dateText(d), issuer))
}
