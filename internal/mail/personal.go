package mail

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "mail_message", Key: "person", Columns: []string{"template", "language", "made", "state", "changed", "reason", "address", "name"}, Beside: []string{"id"}, Secret: []string{"data"},
		What: "Thư đã gửi: loại thư, lúc nào, kết quả; địa chỉ và nội dung chỉ giữ trong lúc chờ gửi", Purpose: "Gửi thư và biết thư có đến hay không", Basis: personal.Duty,
		Keep: "Theo cài đặt của trang (xem mục Thời hạn lưu)", End: personal.Gone},
}

// Letters says how long is known that a letter was sent.
var Letters = personal.Rule{Setting: "keep.mail-days", Name: "Việc đã gửi thư", Days: 90, Least: 7, Most: 365}
