package figure

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "figure_entry", Key: "person", Columns: []string{"at", "kind"}, Beside: []string{"id", "origin"},
		What: "Lần ghi số liệu: ai ghi, lúc nào", Purpose: "Mỗi con số truy được đến người ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure_flag", Key: "settled_by", Columns: []string{"settled", "settled_why"}, Beside: []string{"id"},
		What: "Người xử lý một cảnh báo số liệu", Purpose: "Biết ai đã xử lý và vì sao", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure_typed", Key: "person", Columns: []string{"at"}, Beside: []string{"id", "answer"},
		What: "Ô số liệu đã gửi từ trình duyệt, để gửi lại không ghi hai lần", Purpose: "Không mất, không lặp số liệu khi mạng chập chờn", Basis: personal.Duty, Keep: "30 ngày", End: personal.Gone},
	{Name: "figure_rival", Key: "person", Columns: []string{"at", "text", "as_of", "reason"}, Beside: []string{"id", "outcome"},
		What: "Giá trị gõ vào ô mà người khác vừa ghi", Purpose: "Không giá trị nào bị mất; biết ai gõ, lúc nào", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure_rival", Key: "settled_by", Columns: []string{"settled", "outcome"}, Beside: []string{"id"},
		What: "Người chọn giữa hai giá trị của một ô", Purpose: "Biết ai đã chọn", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure_comment", Key: "person", Columns: []string{"at", "text"}, Beside: []string{"id"},
		What: "Ý kiến về một ô số liệu", Purpose: "Giải thích con số", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure_evidence", Key: "person", Columns: []string{"at", "name", "note"}, Beside: []string{"id", "size"},
		What: "Tài liệu, ảnh làm căn cứ cho một ô số liệu; vị trí và dữ liệu máy ảnh đã bỏ", Purpose: "Kiểm chứng con số", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure_distinct", Key: "person", Columns: []string{"at"}, Beside: []string{"period", "indicator", "part", "unit", "other_unit"},
		What: "Người xác nhận hai số liệu không cùng một kết quả", Purpose: "Biết ai đã xác nhận", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure", Columns: []string{"reason", "raw"}, What: "Lý do sửa số liệu; có thể nêu tên người", Purpose: "Giải thích con số", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
}
