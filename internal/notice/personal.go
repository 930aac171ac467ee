package notice

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "notice", Key: "person", Columns: []string{"kind", "path", "at", "text", "args", "read_at", "way", "mailed"}, Beside: []string{"id"},
		What: "Thông báo gửi đến từng người trên trang, đã đọc hay chưa, đã báo bằng thư lúc nào", Purpose: "Người có việc biết việc của mình", Basis: personal.Duty,
		Keep: "90 ngày sau khi đã đọc", End: personal.Gone},
	{Name: "notice_choice", Key: "person", Columns: []string{"kind", "way", "at"},
		What: "Cách từng người chọn nhận thông báo", Purpose: "Báo đúng cách mà người nhận muốn", Basis: personal.Consent, Keep: personal.While, End: personal.Gone},
	{Name: "notice_letter", Key: "person", Columns: []string{"occasion", "at", "items"},
		What: "Thư gộp thông báo đã gửi: ngày nào, mấy mục", Purpose: "Không gửi hai thư cho một ngày, một tuần", Basis: personal.Duty, Keep: "60 ngày", End: personal.Gone},
	{Name: "notice_calendar", Key: "person", Columns: []string{"made"}, Secret: []string{"hash"},
		What: "Địa chỉ lịch riêng (chỉ giữ dấu)", Purpose: "Ứng dụng lịch của người dùng đọc được hạn công việc", Basis: personal.Consent, Keep: "Đến khi người dùng thu hồi hoặc tài khoản được xóa", End: personal.Gone},
}
