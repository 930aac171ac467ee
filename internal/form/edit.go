package form

import (
	"slices"

	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// PutSection adds a section (an empty id) or changes one.
func (v *Version) PutSection(s Section, newID func() string) error {
	s.Title, s.Note = viet.Clean(s.Title), paragraphs(s.Note)
	var bad fault.List
	_ = bad.Add(checkText("title", s.Title, mostLabel, fault.Invalid("title", "Hãy đặt tên cho phần này.")))
	_ = bad.Add(checkText("note", s.Note, mostNote, nil))
	if err := bad.Err(); err != nil {
		return err
	}
	if s.ID == "" {
		if len(v.Sections) >= mostSections {
			return fault.Refusedf("Một biểu mẫu có nhiều nhất %d phần.", mostSections)
		}
		s.ID, s.Items = newID(), nil
		v.Sections = append(v.Sections, s)
		return nil
	}
	for i := range v.Sections {
		if v.Sections[i].ID == s.ID {
			v.Sections[i].Title, v.Sections[i].Note = s.Title, s.Note
			return nil
		}
	}
	return fault.NotFound()
}

// MoveSection moves a section one place up or down; at the end it stays.
func (v *Version) MoveSection(id string, up bool) error {
	i := slices.IndexFunc(v.Sections, func(s Section) bool { return s.ID == id })
	if i < 0 {
		return fault.NotFound()
	}
	swap(v.Sections, i, up)
	return nil
}

// RemoveSection takes a section out with all that it asks for.
func (v *Version) RemoveSection(id string) error {
	n := len(v.Sections)
	v.Sections = slices.DeleteFunc(v.Sections, func(s Section) bool { return s.ID == id })
	if len(v.Sections) == n {
		return fault.NotFound()
	}
	return nil
}

// PutItem adds an item to a section (an empty id) or changes one where it stands.
func (v *Version) PutItem(section string, i Item, newID func() string) error {
	if err := i.check(); err != nil {
		return err
	}
	for _, other := range v.Cells() {
		if i.Kind == Cell && other.Indicator == i.Indicator && other.ID != i.ID {
			return fault.Invalid("indicator", "Chỉ tiêu này đã có trong biểu mẫu.")
		}
	}
	for n := range i.Columns {
		if i.Columns[n].ID == "" {
			i.Columns[n].ID = newID()
		}
	}
	if i.ID != "" {
		for s := range v.Sections {
			for n, old := range v.Sections[s].Items {
				if old.ID == i.ID {
					if old.Kind != i.Kind || old.Indicator != i.Indicator {
						return fault.Refused("Không đổi được loại nội dung. Hãy bỏ nội dung này và thêm nội dung mới.")
					}
					v.Sections[s].Items[n] = i
					return nil
				}
			}
		}
		return fault.NotFound()
	}
	if len(v.items(func(Item) bool { return true })) >= mostItems {
		return fault.Refusedf("Một biểu mẫu có nhiều nhất %d nội dung.", mostItems)
	}
	for s := range v.Sections {
		if v.Sections[s].ID == section {
			i.ID = newID()
			v.Sections[s].Items = append(v.Sections[s].Items, i)
			return nil
		}
	}
	return fault.NotFound()
}

// MoveItem moves an item one place up or down; at the end of its section it goes over to the next one.
func (v *Version) MoveItem(id string, up bool) error {
	for s := range v.Sections {
		items := v.Sections[s].Items
		n := slices.IndexFunc(items, func(i Item) bool { return i.ID == id })
		if n < 0 {
			continue
		}
		item := items[n]
		switch {
		case up && n == 0 && s > 0:
			v.Sections[s].Items = slices.Delete(items, n, n+1)
			v.Sections[s-1].Items = append(v.Sections[s-1].Items, item)
		case !up && n == len(items)-1 && s < len(v.Sections)-1:
			v.Sections[s].Items = slices.Delete(items, n, n+1)
			v.Sections[s+1].Items = slices.Insert(v.Sections[s+1].Items, 0, item)
		default:
			swap(items, n, up)
		}
		return nil
	}
	return fault.NotFound()
}

// RemoveItem takes an item out.
func (v *Version) RemoveItem(id string) error {
	for s := range v.Sections {
		if n := slices.IndexFunc(v.Sections[s].Items, func(i Item) bool { return i.ID == id }); n >= 0 {
			v.Sections[s].Items = slices.Delete(v.Sections[s].Items, n, n+1)
			return nil
		}
	}
	return fault.NotFound()
}

func swap[T any](list []T, i int, up bool) {
	j := i + 1
	if up {
		j = i - 1
	}
	if j >= 0 && j < len(list) {
		list[i], list[j] = list[j], list[i]
	}
}

// check tidies an item and says what is wrong with it.
func (i *Item) check() error {
	i.Label, i.Hint = viet.Clean(i.Label), viet.Clean(i.Hint)
	var bad fault.List
	_ = bad.Add(checkText("hint", i.Hint, mostLabel, nil))
	switch i.Kind {
	case Cell:
		i.Label, i.Most, i.Columns = "", 0, nil
		if i.Indicator == 0 {
			_ = bad.Add(fault.Invalid("indicator", "Hãy chọn chỉ tiêu."))
		}
	case Question:
		i.Indicator, i.Columns = 0, nil
		_ = bad.Add(checkText("label", i.Label, mostLabel, fault.Invalid("label", "Hãy viết câu hỏi.")))
		if i.Most < 1 || i.Most > MostText {
			_ = bad.Add(fault.Invalidf("most", "Số ký tự nhiều nhất phải từ 1 đến %d.", MostText))
		}
	case Table:
		i.Indicator = 0
		_ = bad.Add(checkText("label", i.Label, mostLabel, fault.Invalid("label", "Hãy đặt tên cho bảng.")))
		if i.Most < 1 || i.Most > MostRows {
			_ = bad.Add(fault.Invalidf("most", "Số dòng nhiều nhất phải từ 1 đến %d.", MostRows))
		}
		if len(i.Columns) == 0 || len(i.Columns) > mostColumns {
			_ = bad.Add(fault.Invalidf("columns", "Một bảng có từ 1 đến %d cột.", mostColumns))
		}
		for n := range i.Columns {
			c := &i.Columns[n]
			c.Label, c.Unit = viet.Clean(c.Label), viet.Clean(c.Unit)
			_ = bad.Add(checkText("columns", c.Label, mostLabel, fault.Invalid("columns", "Mỗi cột cần có tên.")))
			_ = bad.Add(checkText("columns", c.Unit, mostLabel, nil))
			if !c.Number {
				c.Unit = ""
			}
		}
	default:
		_ = bad.Add(fault.Invalid("kind", "Hãy chọn loại nội dung."))
	}
	return bad.Err()
}

// SetFrame sets what stands around the content: name, note, and the days on which the form is filled in.
func (v *Version) SetFrame(name, note string, opens, closes int, reminders []int) error {
	name, note = viet.Clean(name), paragraphs(note)
	var bad fault.List
	_ = bad.Add(checkText("name", name, mostName, fault.Invalid("name", "Hãy đặt tên cho biểu mẫu.")))
	_ = bad.Add(checkText("note", note, mostNote, nil))
	within := func(field string, days int) {
		if days < -mostDays || days > mostDays {
			_ = bad.Add(fault.Invalidf(field, "Số ngày làm việc phải từ %d đến %d.", -mostDays, mostDays))
		}
	}
	within("opens", opens)
	within("closes", closes)
	if closes <= opens {
		_ = bad.Add(fault.Invalid("closes", "Ngày hết hạn phải sau ngày mở."))
	}
	if len(reminders) > 6 {
		_ = bad.Add(fault.Invalid("reminders", "Nhắc nhiều nhất 6 lần."))
	}
	reminders = slices.Clone(reminders)
	slices.Sort(reminders)
	reminders = slices.Compact(reminders)
	for _, r := range reminders {
		within("reminders", r)
	}
	if err := bad.Err(); err != nil {
		return err
	}
	v.Name, v.Note, v.Opens, v.Closes, v.Reminders = name, note, opens, closes, reminders
	return nil
}

// ready says what keeps a draft from being published.
func (v Version) ready(knows func(indicator int64) bool) error {
	var bad fault.List
	if len(v.items(func(Item) bool { return true })) == 0 {
		_ = bad.Add(fault.Refused("Biểu mẫu chưa có nội dung nào để hỏi."))
	}
	for _, i := range v.Cells() {
		if !knows(i.Indicator) {
			_ = bad.Add(fault.Refused("Biểu mẫu có chỉ tiêu đã thôi dùng. Hãy bỏ chỉ tiêu đó hoặc thay bằng chỉ tiêu đang dùng."))
			break
		}
	}
	return bad.Err()
}

// clone is a copy that may be changed without changing the other.
func (v Version) clone() Version {
	v.Reminders = slices.Clone(v.Reminders)
	v.Sections = slices.Clone(v.Sections)
	for s := range v.Sections {
		v.Sections[s].Items = slices.Clone(v.Sections[s].Items)
		for i := range v.Sections[s].Items {
			v.Sections[s].Items[i].Columns = slices.Clone(v.Sections[s].Items[i].Columns)
		}
	}
	return v
}
