package account

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "person", Key: "id", Columns: []string{"login", "name", "sort", "language", "email", "made", "entered", "disabled"}, Secret: []string{"password"},
		What: "Tài khoản: họ và tên, tên đăng nhập, địa chỉ thư, ngôn ngữ, dấu của mật khẩu", Purpose: "Biết ai vào hệ thống và ghi tên người làm vào việc đã làm",
		Basis: personal.Duty, Keep: personal.While, End: personal.Blank},
	{Name: "access_grant", Key: "person", Columns: []string{"role", "unit", "valid_from", "valid_to", "office", "holder"}, Beside: []string{"id"},
		What: "Vai trò ở từng đơn vị, từ ngày nào đến ngày nào", Purpose: "Mỗi người chỉ thấy và làm phần việc của mình", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "delegation", Key: "giver", Columns: []string{"taker", "valid_from", "valid_to", "reason", "document"}, Beside: []string{"id", "made"},
		What: "Ủy quyền đã giao cho người khác", Purpose: "Chứng minh ai được làm thay ai", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "delegation", Key: "taker", Columns: []string{"giver", "valid_from", "valid_to"}, Beside: []string{"id", "made"},
		What: "Ủy quyền được nhận từ người khác", Purpose: "Chứng minh ai được làm thay ai", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "delegation", Key: "made_by", Columns: []string{"giver", "taker"}, Beside: []string{"id", "made"},
		What: "Người ghi một ủy quyền", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
}
