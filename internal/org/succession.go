package org

import (
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Heir is one unit that comes out of a succession: a new one (Spec with a code not in use), or a standing one (its code).
type Heir struct {
	Spec  Spec
	Share map[string]int64 // by old unit's code, in ten-thousandths
	Takes []string         // codes of children that go here; what nobody takes goes to the first heir
}

// Succession describes a merge or a split. Many old units may become many new ones, across parents.
type Succession struct {
	At       string // first day of the new order
	Document string // the decision it rests on
	Old      []string
	Heirs    []Heir
	Bodies   bool // the bodies at the old places merge along their lines into bodies at the new place
}

// Merge is the common succession: all of several units into one.
func Merge(at, document string, into Spec, old ...string) Succession {
	share := map[string]int64{}
	for _, code := range old {
		share[code] = Whole
	}
	return Succession{At: at, Document: document, Old: old, Heirs: []Heir{{Spec: into, Share: share}}, Bodies: into.Kind == Place}
}

// plan is what a succession did, so that it can be undone row by row.
type plan struct {
	Created []int64  `json:"created"`
	Units   []ending `json:"units"`
	Names   []ending `json:"names"`
	Edges   []ending `json:"edges"`
	Opened  []Edge   `json:"opened"`
}

// ending is a row that was closed: its key and the end that it had.
type ending struct {
	Unit      int64     `json:"unit"`
	Hierarchy Hierarchy `json:"hierarchy,omitempty"`
	From      string    `json:"from,omitempty"`
	To        string    `json:"to"`
}

func (sc Succession) check() error {
	var bad fault.List
	if !validDay(sc.At) {
		_ = bad.Add(fault.Invalid("at", "Hãy ghi ngày hiệu lực, ví dụ 01/07/2025."))
	}
	if len(sc.Old) == 0 || len(sc.Heirs) == 0 {
		_ = bad.Add(fault.Invalid("old", "Hãy chọn đơn vị cũ và đơn vị mới."))
	}
	for _, code := range sc.Old {
		var sum int64
		for _, h := range sc.Heirs {
			if h.Share[code] < 0 {
				_ = bad.Add(fault.Invalidf("share", "Tỷ lệ của %s không được âm.", code))
			}
			sum += h.Share[code]
		}
		if sum != Whole {
			_ = bad.Add(fault.Invalidf("share", "Tỷ lệ chia của %s cộng lại phải bằng 100%% (đang là %s).", code, viet.FormatPercent(sum, Whole)))
		}
	}
	return bad.Err()
}
