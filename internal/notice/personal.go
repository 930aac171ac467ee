package notice

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "notice", Key: "person", Columns: []string{"kind", "path", "at", "text", "args", "read_at"}, Beside: []string{"id"},
		What: "Thông báo gửi đến từng người trên trang và đã đọc hay chưa", Purpose: "Người có việc biết việc của mình", Basis: personal.Duty,
		Keep: "90 ngày sau khi đã đọc", End: personal.Gone},
}
