package intake

import (
	"bytes"

	"giaoban/internal/figure"
	"giaoban/internal/viet"
)

// PackageMark begins the first line of a signed package; the version of the format follows it.
const PackageMark = "giaoban-package"

// IsPackage tells a signed package by its first line.
func IsPackage(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), []byte(PackageMark+" "))
}

// Delivery is what a package brings, in this site's codes.
type Delivery struct {
	Unit     int64 // whose package it is
	Figures  []Delivered
	Asks     []Line // what a person must have seen before it comes in, each with one reading
	Problems []Problem
	Notes    []Problem
}

// Delivered is a figure of a package. Before is what the package before it said; what stands here and is that, is theirs to change.
type Delivered struct {
	At, Unit, Period, Indicator, Part string
	Number                            string // plain; empty where Raw is all there is, or it is withdrawn
	Withdrawn                         bool
	Qualifier, Raw, AsOf              string
	Before                            figure.Value
	Reason                            string // on a version that is written
	Beside                            string // on a value that is kept beside a cell: the same for all packages of a sender
	Overlaps                          []DeliveredOverlap
}

// DeliveredOverlap is a part of a figure that is in another unit's too.
type DeliveredOverlap struct {
	Unit   string
	Amount string // plain; empty where it is not known
	Reason string
}

// delivered puts a delivery in the place of the package that it was made from.
func (c *content) delivered(d Delivery, choices map[string]int) *content {
	out := &content{kind: c.kind, parcel: c.parcel, of: d.Unit, problems: d.Problems, notes: d.Notes}
	for _, l := range d.Asks {
		l.What, l.State = OfFile, StateQuestion
		if n, chosen := choices[l.At]; chosen && n >= 0 && n < len(l.Readings) {
			l.State, l.Choice = StateEqual, n+1
		}
		out.files = append(out.files, l)
	}
	for _, x := range d.Figures {
		out.figures = append(out.figures, x.row())
	}
	return out
}

func (x Delivered) row() figureRow {
	at := func(text string) field { return field{text, x.At} }
	f := figureRow{
		at: x.At, ref: x.At, unit: at(x.Unit), period: at(x.Period), indicator: at(x.Indicator), part: at(x.Part), asOf: at(x.AsOf), reason: at(x.Reason), note: at(x.Beside),
		value: given{at: x.At, set: true, null: x.Withdrawn}, before: &x.Before,
	}
	switch {
	case x.Withdrawn:
	case x.Number == "":
		f.value.text, f.qualifier = x.Raw, at(x.Qualifier)
	default:
		f.value.text, f.value.number, f.qualifier, f.raw = x.Number, true, at(x.Qualifier), at(x.Raw)
	}
	for _, o := range x.Overlaps {
		f.overlaps = append(f.overlaps, overlapRow{at: x.At + " / " + o.Unit, unit: at(o.Unit), reason: o.Reason,
			amount: given{text: o.Amount, at: x.At, number: true, set: o.Amount != ""}})
	}
	return f
}

// against tells what becomes of a figure that a package brings. before is what the package before it said: where that stands, nobody
// here has said otherwise, and the new one takes its place. What people here have given is never written over, and never emptied.
func against(old figure.Version, before, next figure.Value, worded bool) (State, string) {
	switch {
	case old.Value == next && (worded || next.Blank() || old.Value != before):
		return StateEqual, ""
	case old.Value == before && old.Blank():
		return StateNew, ""
	case old.Value == before, old.Value == next:
		return StateChanged, ""
	case next.Blank():
		return StateEqual, "Nơi gửi đã rút số liệu này; số đang lưu ở đây không phải do gói trước mang đến nên giữ nguyên."
	}
	return StateRival, "Số ở đây không phải do gói trước mang đến. Cả hai được giữ: số của gói nằm cạnh ô để người phụ trách chọn."
}

// Withdrawn tells a line that empties what a package brought before.
func (l Line) Withdrawn() bool {
	return l.What == OfFigure && l.State == StateChanged && l.After == "" && viet.Clean(l.Before) != ""
}
