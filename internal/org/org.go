// Package org holds the units of a site: places (town, ward, residential area) and bodies (the Front, the organisations),
// with dated names, levels and edges in three hierarchies, their succession, and the offices that people hold in them.
// It keeps the closure that every total and every permission is asked through. It refuses to overwrite a name or an edge:
// a change closes the old row at a date and opens a new one, and a merge adds, it never discards.
package org

import (
	"slices"
	"strings"

	"giaoban/internal/fault"
)

// Hierarchy is one of the trees that a unit stands in.
type Hierarchy int64

const (
	Territory Hierarchy = 1 // area < ward < town < province; a body stands below its place
	Line      Hierarchy = 2 // a body < the same organisation one level up
	Front     Hierarchy = 3 // member or subordinate of the Front at the same place
	PlaceLine Hierarchy = 4 // places x lines: "all Women's Unions of this ward and below"; derived
)

// Hierarchies that people edit.
var Hierarchies = []Hierarchy{Territory, Line, Front}

// now is the hierarchy that holds the difference between "as it is now" and "as it was" of h.
func (h Hierarchy) now() Hierarchy { return h + 10 }

// Shift is now for readers of the roll-up.
func (h Hierarchy) Shift() Hierarchy { return h.now() }

// Name is the hierarchy in the user's words.
func (h Hierarchy) Name() string {
	switch h {
	case Territory:
		return "địa bàn"
	case Line:
		return "hệ thống dọc"
	case Front:
		return "khối Mặt trận"
	case PlaceLine:
		return "hệ thống dọc trong địa bàn"
	}
	return ""
}

// placeLine makes the key of a place and the top of a line.
const placeLineBase = 1_000_000

// PlaceLineKey is the ancestor key in PlaceLine of all bodies of a line (named by its top body) at a place and below.
func PlaceLineKey(place, line int64) int64 { return place*placeLineBase + line }

// SplitPlaceLine undoes PlaceLineKey.
func SplitPlaceLine(key int64) (place, line int64) { return key / placeLineBase, key % placeLineBase }

// Kind tells a place from a body.
type Kind string

const (
	Place Kind = "place"
	Body  Kind = "body"
)

// Level is the tier of a unit at a date. Levels can be closed: nothing assumes that the town tier exists.
type Level string

const (
	Central  Level = "tw"
	Province Level = "tinh"
	Town     Level = "huyen"
	Commune  Level = "xa"
	Area     Level = "khu_dan_cu"
)

// Levels from the top.
var Levels = []Level{Central, Province, Town, Commune, Area}

// Name is the level in the user's words.
func (l Level) Name() string {
	switch l {
	case Central:
		return "trung ương"
	case Province:
		return "cấp tỉnh"
	case Town:
		return "cấp huyện (thị xã)"
	case Commune:
		return "cấp xã (phường)"
	case Area:
		return "khu dân cư"
	}
	return ""
}

// Forever is the end of what has no end; Always is the beginning of what has no beginning.
const (
	Forever = "9999-12-31"
	Always  = "0001-01-01"
)

// Unit is a unit as it was on a date.
type Unit struct {
	ID        int64
	Code      string // what people and files call it; never reused
	Kind      Kind
	Name      string // full name of that date
	Short     string
	Level     Level
	ValidFrom string // the unit's life, [ValidFrom, ValidTo)
	ValidTo   string
	Version   int
}

// Alive tells whether the unit exists on a day.
func (u Unit) Alive(day string) bool { return u.ValidFrom <= day && day < u.ValidTo }

// Closed tells whether the unit's life has an end.
func (u Unit) Closed() bool { return u.ValidTo != Forever }

// Name is a name that a unit bore for a time.
type Name struct {
	Unit               int64
	ValidFrom, ValidTo string
	Name, Short        string
	Level              Level
}

// Edge is a parent that a unit had for a time in one hierarchy.
type Edge struct {
	Unit               int64
	Hierarchy          Hierarchy
	Parent             int64
	ValidFrom, ValidTo string
}

// Share says that part of an old unit became part of a new one, in ten-thousandths.
type Share struct {
	Succession string
	Kind       string
	At         string
	Old, New   int64
	Share      int64
}

// Whole is the share of a unit that passes over undivided.
const Whole = 10000

// Office is an office that a person holds in a unit for a time. One person may hold several.
type Office struct {
	ID                 string
	Unit               int64
	Person             string // the name as it is to stand on documents of that time
	Account            string // the id of the person who signs in and holds it, where that is known
	Title              string
	Rank               int // 1 signs first
	ValidFrom, ValidTo string
	Version            int
}

// Spec describes a unit to be made. Parent codes may be empty where a hierarchy does not hold the unit.
type Spec struct {
	Code        string
	Kind        Kind
	Level       Level
	Name, Short string
	Parent      string // territory
	LineParent  string
	FrontParent string
	ValidFrom   string
	ValidTo     string
}

func (s *Spec) check() error {
	s.Code = strings.ToUpper(strings.TrimSpace(s.Code))
	s.Name = strings.TrimSpace(s.Name)
	if s.Short == "" {
		s.Short = s.Name
	}
	if s.ValidFrom == "" {
		s.ValidFrom = Always
	}
	if s.ValidTo == "" {
		s.ValidTo = Forever
	}
	var bad fault.List
	if !ValidCode(s.Code) {
		_ = bad.Add(fault.Invalidf("code", "Mã đơn vị “%s” chỉ được gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối, dài 2 đến 30 ký tự.", s.Code))
	}
	if s.Name == "" {
		_ = bad.Add(fault.Invalid("name", "Hãy ghi tên đơn vị."))
	}
	switch {
	case s.Kind == "":
		_ = bad.Add(fault.Invalid("kind", "Hãy chọn loại đơn vị: địa bàn hay tổ chức."))
	case s.Kind != Place && s.Kind != Body:
		_ = bad.Add(fault.Invalidf("kind", "Loại “%s” không có; hãy ghi “địa bàn” (place) hoặc “tổ chức” (body).", string(s.Kind)))
	}
	switch {
	case s.Level == "":
		_ = bad.Add(fault.Invalid("level", "Hãy chọn cấp của đơn vị."))
	case !slices.Contains(Levels, s.Level):
		_ = bad.Add(fault.Invalidf("level", "Cấp “%s” không có; hãy ghi một trong: trung ương (tw), tỉnh (tinh), thị xã (huyen), phường (xa), khu dân cư (khu_dan_cu).", string(s.Level)))
	}
	if s.ValidTo <= s.ValidFrom {
		_ = bad.Add(fault.Invalid("valid_to", "Ngày kết thúc phải sau ngày bắt đầu."))
	}
	return bad.Err()
}

// ValidCode tells whether a text can be a unit's code.
func ValidCode(code string) bool {
	if len(code) < 2 || len(code) > 30 {
		return false
	}
	for _, r := range code {
		if !(r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-') {
			return false
		}
	}
	return true
}
