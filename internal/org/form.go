package org

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// The words of hierarchies, kinds and levels in addresses and files.
var hierarchyWords = map[Hierarchy]string{Territory: "dia-ban", Line: "doc", Front: "mat-tran"}

// hierarchyOf reads a word of an address; an unknown one means the territory.
func hierarchyOf(word string) Hierarchy {
	for _, h := range Hierarchies {
		if hierarchyWords[h] == word {
			return h
		}
	}
	return Territory
}

// Name is the kind in the user's words.
func (k Kind) Name() string {
	switch k {
	case Place:
		return "địa bàn"
	case Body:
		return "tổ chức"
	}
	return ""
}

// kindOf reads a kind as people or files write it.
func kindOf(text string) Kind {
	for _, k := range []Kind{Place, Body} {
		if viet.Fold(text) == string(k) || viet.Fold(text) == viet.Fold(k.Name()) {
			return k
		}
	}
	return Kind(text)
}

// levelWords are further ways to write a level.
var levelWords = map[string]Level{
	"trung uong": Central, "tinh": Province, "thanh pho": Province, "huyen": Town, "thi xa": Town, "quan": Town, "xa": Commune,
	"phuong": Commune, "thi tran": Commune, "khu dan cu": Area, "thon": Area, "to dan pho": Area,
}

// levelOf reads a level as people or files write it.
func levelOf(text string) Level {
	key := viet.Fold(text)
	for _, l := range Levels {
		if key == string(l) || key == viet.Fold(l.Name()) {
			return l
		}
	}
	if l, ok := levelWords[strings.TrimPrefix(key, "cap ")]; ok {
		return l
	}
	return Level(text)
}

// heirForm is a unit that is to come out of a succession, as typed. A code alone names a standing unit.
type heirForm struct{ Code, Name, Short string }

func (h heirForm) blank() bool { return h == heirForm{} }

// succeedForm is a merge or a split as typed.
type succeedForm struct {
	At, Document string
	Old          []string
	New          []heirForm
	Share        [][]string     // by old, by new
	Takes        map[string]int // child's code -> place in New
	Bodies       bool
	Divided      bool // shares and children have been asked for
}

const mostRows = 20

// readSucceed takes the form's values; blank rows are left out.
func readSucceed(value func(string) string, names []string) succeedForm {
	f := succeedForm{At: value("ngay"), Document: value("van-ban"), Bodies: value("to-chuc") != "", Divided: value("da-chia") != "", Takes: map[string]int{}}
	var olds, news []int
	for i := range mostRows {
		if text := value(fmt.Sprintf("cu-%d", i)); text != "" {
			f.Old = append(f.Old, text)
			olds = append(olds, i)
		}
		h := heirForm{value(fmt.Sprintf("moi-%d-ma", i)), value(fmt.Sprintf("moi-%d-ten", i)), value(fmt.Sprintf("moi-%d-tat", i))}
		if !h.blank() {
			f.New = append(f.New, h)
			news = append(news, i)
		}
	}
	for _, i := range olds {
		row := make([]string, len(news))
		for n, j := range news {
			row[n] = value(fmt.Sprintf("ty-le-%d-%d", i, j))
		}
		f.Share = append(f.Share, row)
	}
	for _, name := range names {
		code, ok := strings.CutPrefix(name, "con-")
		if !ok {
			continue
		}
		if j, err := strconv.Atoi(value(name)); err == nil {
			if n := slices.Index(news, j); n >= 0 {
				f.Takes[code] = n
			}
		}
	}
	return f
}

// hidden are the form's values for the page that asks to confirm.
func (f succeedForm) hidden() map[string]string {
	out := map[string]string{"ngay": f.At, "van-ban": f.Document}
	set := func(name, value string) {
		if value != "" {
			out[name] = value
		}
	}
	for i, code := range f.Old {
		set(fmt.Sprintf("cu-%d", i), code)
		for j, share := range f.Share[i] {
			set(fmt.Sprintf("ty-le-%d-%d", i, j), share)
		}
	}
	for j, h := range f.New {
		set(fmt.Sprintf("moi-%d-ma", j), h.Code)
		set(fmt.Sprintf("moi-%d-ten", j), h.Name)
		set(fmt.Sprintf("moi-%d-tat", j), h.Short)
	}
	for code, j := range f.Takes {
		out["con-"+code] = strconv.Itoa(j)
	}
	if f.Bodies {
		out["to-chuc"] = "1"
	}
	if f.Divided {
		out["da-chia"] = "1"
	}
	return out
}

// splits tells that the old units are divided, so that shares must be stated.
func (f succeedForm) splits() bool { return len(f.New) > 1 }

// succession turns what was typed into what is to be done. units are those that codes and names may mean.
func (f succeedForm) succession(units []Unit) (Succession, error) {
	var bad fault.List
	sc := Succession{Document: f.Document, Bodies: f.Bodies && !f.splits()}
	var err error
	if sc.At, err = viet.ParseDate(f.At, 0); err != nil {
		_ = bad.Add(fault.Invalid("ngay", "Hãy ghi ngày hiệu lực, ví dụ 01/07/2025."))
	}
	if f.Document == "" {
		_ = bad.Add(fault.Invalid("van-ban", "Hãy ghi số, ngày và cơ quan ban hành nghị quyết hoặc quyết định."))
	}
	if len(f.Old) == 0 {
		_ = bad.Add(fault.Invalid("cu-0", "Hãy chọn ít nhất một đơn vị cũ."))
	}
	if len(f.New) == 0 {
		_ = bad.Add(fault.Invalid("moi-0-ma", "Hãy ghi ít nhất một đơn vị mới."))
	}
	for i, text := range f.Old {
		code := resolve(units, text)
		if !slices.ContainsFunc(units, func(u Unit) bool { return u.Code == code }) {
			_ = bad.Add(fault.Invalidf(fmt.Sprintf("cu-%d", i), "Không có đơn vị nào đang hoạt động mang mã hoặc tên “%s”.", text))
		} else if slices.Contains(sc.Old, code) {
			_ = bad.Add(fault.Invalidf(fmt.Sprintf("cu-%d", i), "Đơn vị %s được chọn hai lần.", code))
		}
		sc.Old = append(sc.Old, code)
	}
	for j, h := range f.New {
		heir := Heir{Spec: Spec{Code: resolve(units, h.Code), Name: h.Name, Short: h.Short}, Share: map[string]int64{}}
		for i, code := range sc.Old {
			share, err := f.share(i, j)
			if err != nil {
				_ = bad.Add(err)
			}
			heir.Share[code] = share
		}
		for code, to := range f.Takes {
			if to == j {
				heir.Takes = append(heir.Takes, code)
			}
		}
		slices.Sort(heir.Takes)
		sc.Heirs = append(sc.Heirs, heir)
	}
	return sc, bad.Err()
}

// share reads a percentage with at most two decimals; where one unit alone comes out, it takes all.
func (f succeedForm) share(i, j int) (int64, error) {
	if !f.splits() {
		return Whole, nil
	}
	text := f.Share[i][j]
	if text == "" {
		return 0, nil
	}
	q, err := viet.ParseQuantityFor(text, viet.Options{Unit: "%", Decimals: 2})
	if err != nil || q.Qualifier != viet.Exact || q.Unit != "" && q.Unit != "%" {
		return 0, fault.Invalidf(fmt.Sprintf("ty-le-%d-%d", i, j), "Tỷ lệ “%s” không đọc được; hãy ghi số phần trăm có không quá hai chữ số thập phân, ví dụ 62,5.", text)
	}
	if q.Value < 0 || q.Value > Whole {
		return 0, fault.Invalidf(fmt.Sprintf("ty-le-%d-%d", i, j), "Tỷ lệ “%s” phải từ 0 đến 100%%.", text)
	}
	return q.Value, nil
}

// fields gives the faults of the tree's rules the names of the form's fields.
func fields(err error, names map[string]string) error {
	all := fault.All(err)
	if all == nil {
		return err
	}
	var out fault.List
	for _, f := range all {
		name, ok := names[f.Field]
		if !ok {
			name = f.Field
		}
		out = append(out, f.At(name))
	}
	return out
}

var succeedFields = map[string]string{
	"at": "ngay", "old": "cu-0", "share": "ty-le-0-0", "code": "moi-0-ma", "name": "moi-0-ten", "parent": "moi-0-ma", "line_parent": "moi-0-ma",
	"front_parent": "moi-0-ma", "kind": "moi-0-ma", "level": "moi-0-ma",
}

var unitFields = map[string]string{
	"code": "ma", "name": "ten", "kind": "loai", "level": "cap", "parent": "cap-tren", "line_parent": "doc", "front_parent": "mat-tran",
	"valid_to": "den", "at": "tu",
}

// dayOr reads a day, or gives the standard where none was typed.
func dayOr(text, standard, field string) (string, error) {
	if text == "" {
		return standard, nil
	}
	day, err := viet.ParseDate(text, 0)
	if err != nil {
		var q *viet.Question
		var r *viet.Refusal
		switch {
		case errors.As(err, &q):
			return "", fault.Invalidf(field, "%s", q)
		case errors.As(err, &r):
			return "", fault.Invalidf(field, "Ngày %s", r)
		}
		return "", err
	}
	return day, nil
}
