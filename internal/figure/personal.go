package figure

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "figure_entry", Key: "person", Columns: []string{"at", "kind"}, Beside: []string{"id", "origin"},
		What: "Lần ghi số liệu: ai ghi, lúc nào", Purpose: "Mỗi con số truy được đến người ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure_flag", Key: "settled_by", Columns: []string{"settled", "settled_why"}, Beside: []string{"id"},
		What: "Người xử lý một cảnh báo số liệu", Purpose: "Biết ai đã xử lý và vì sao", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure", Columns: []string{"reason", "raw"}, What: "Lý do sửa số liệu; có thể nêu tên người", Purpose: "Giải thích con số", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
}
