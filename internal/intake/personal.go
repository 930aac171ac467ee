package intake

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "intake_plan", Key: "person", Columns: []string{"at", "file"}, Beside: []string{"id", "kind"}, Secret: []string{"body"},
		What: "Tệp đã gửi lên: ai gửi, lúc nào, tên tệp, các dòng đã đọc", Purpose: "Biết số liệu đến từ tệp nào của ai", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "intake_file", Columns: []string{"data"}, What: "Bản gốc của tệp đã gửi lên; trong tệp có thể có tên người", Purpose: "Xem lại nguồn khi số liệu có thắc mắc",
		Basis: personal.Duty, Keep: "Theo cài đặt của trang (xem mục Thời hạn lưu)", End: personal.Gone},
}

// Files says how long the files that were sent in are kept.
var Files = personal.Rule{Setting: "keep.import-file-days", Name: "Bản gốc của tệp đã nhập", Days: 30, Least: 1, Most: 365}
