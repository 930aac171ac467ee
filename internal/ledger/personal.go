package ledger

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "ledger_account", Columns: []string{"name", "folded", "named"},
		What: "Tên người, đơn vị đóng góp, ở thôn, tổ nào, có đồng ý nêu tên không", Purpose: "Lập biên nhận và trả lời người đóng góp", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "ledger_transfer", Key: "person", Columns: []string{"at", "memo"}, Beside: []string{"book", "seq"},
		What: "Người ghi một khoản trong sổ đóng góp", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "ledger_transfer", Key: "second", Columns: []string{"at"}, Beside: []string{"book", "seq"},
		What: "Người đề nghị hủy một khoản đã hủy", Purpose: "Biết ai đã đề nghị", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "ledger_reversal", Key: "person", Columns: []string{"at", "reason"}, Beside: []string{"book", "seq"},
		What: "Đề nghị hủy một khoản và lý do", Purpose: "Người thứ hai xét, người đóng góp được biết", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "ledger_reversal", Key: "decided_by", Columns: []string{"decided_at"}, Beside: []string{"book", "seq"},
		What: "Người đồng ý hoặc bác một đề nghị hủy", Purpose: "Biết ai đã quyết định", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "ledger_pledge", Key: "person", Columns: []string{"at", "memo", "dropped"}, Beside: []string{"book", "id"},
		What: "Người ghi một cam kết đóng góp", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "ledger_count", Key: "person", Columns: []string{"at", "amount"}, Beside: []string{"id"},
		What: "Người kiểm quỹ", Purpose: "Biết ai đã kiểm", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "ledger_seal", Key: "person", Columns: []string{"at"}, Beside: []string{"book", "day"},
		What: "Người khóa sổ", Purpose: "Biết ai đã khóa", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "ledger_price", Key: "person", Columns: []string{"at", "source"}, Beside: []string{"commodity", "valid_from"},
		What: "Người đặt đơn giá", Purpose: "Biết ai đã đặt", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "ledger_list", Key: "person", Columns: []string{"at", "name", "lines"}, Beside: []string{"id"},
		What: "Danh sách đóng góp đã tải lên: tên, số lượng", Purpose: "Xem trước, ghi sổ, đối chiếu", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
}
