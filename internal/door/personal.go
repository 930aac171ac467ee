package door

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "session", Key: "person", Columns: []string{"opened", "seen", "address", "device", "method", "ended", "ended_by"}, Secret: []string{"token", "data", "id"},
		What: "Phiên đăng nhập: lúc nào, từ địa chỉ và thiết bị nào", Purpose: "Giữ người dùng ở trong hệ thống; để họ thấy và đóng được phiên lạ",
		Basis: personal.Safety, Keep: "12 giờ sau khi phiên kết thúc", End: personal.Gone},
	{Name: "sign_in_attempt", Key: "person", Columns: []string{"at", "address", "device", "method", "outcome"}, Beside: []string{"id"}, Secret: []string{"name", "place"},
		What: "Lịch sử đăng nhập: lúc nào, từ đâu, thành công hay không", Purpose: "Nhận ra người lạ dùng tài khoản; hạn chế dò mật khẩu",
		Basis: personal.Safety, Keep: "Theo cài đặt của trang (xem mục Thời hạn lưu)", End: personal.Gone},
	{Name: "known_device", Key: "person", Columns: []string{"made", "seen"}, Secret: []string{"token"},
		What: "Trình duyệt đã từng đăng nhập (chỉ giữ dấu)", Purpose: "Báo cho người dùng khi có thiết bị lạ", Basis: personal.Safety,
		Keep: "Theo cài đặt của trang (xem mục Thời hạn lưu)", End: personal.Gone},
	{Name: "factor", Key: "person", Columns: []string{"kind", "name", "confirmed", "made", "used"}, Beside: []string{"id"}, Secret: []string{"secret", "credential", "record"},
		What: "Cách xác thực: ứng dụng tạo mã, khóa truy cập (tên do người dùng đặt, lúc thêm, lúc dùng gần nhất)", Purpose: "Không ai vào được chỉ với mật khẩu lấy trộm", Basis: personal.Safety, Keep: personal.While, End: personal.Gone},
	{Name: "recovery_code", Key: "person", Columns: []string{"used"}, Secret: []string{"label", "hash"},
		What: "Mã khôi phục (chỉ giữ dấu)", Purpose: "Vào lại khi mất thiết bị", Basis: personal.Safety, Keep: personal.While, End: personal.Gone},
	{Name: "factor_event", Key: "person", Columns: []string{"at", "what", "name", "done_by"}, Beside: []string{"id"},
		What: "Thay đổi về xác thực đã báo cho người dùng", Purpose: "Để người dùng biết ai đã đổi cách vào của mình", Basis: personal.Safety, Keep: personal.While, End: personal.Gone},
	{Name: "invitation", Key: "person", Columns: []string{"made", "made_by", "until", "ended", "outcome"}, Beside: []string{"id"}, Secret: []string{"code"},
		What: "Phiếu mời vào hệ thống", Purpose: "Để người dùng tự đặt mật khẩu lần đầu", Basis: personal.Duty, Keep: personal.While, End: personal.Gone},
	{Name: "person_identity", Key: "person", Columns: []string{"issuer", "subject", "made"},
		What: "Tài khoản ở hệ thống khác đã liên kết (địa chỉ hệ thống, mã tài khoản)", Purpose: "Đăng nhập bằng tài khoản của hệ thống khác", Basis: personal.Duty, Keep: personal.While, End: personal.Gone},
	{Name: "provider_flow", Key: "person", Columns: []string{"provider", "purpose", "made"}, Secret: []string{"id", "browser", "next"},
		What: "Lần liên kết với hệ thống khác đang dở", Purpose: "Không ai chen vào giữa lúc liên kết", Basis: personal.Safety, Keep: "10 phút", End: personal.Gone},
}

// How long is known from where somebody has signed in, and in which browsers.
var (
	SignIns = personal.Rule{Setting: HistoryDaysSetting, Name: "Lịch sử đăng nhập", Days: 90, Least: 1, Most: 3650}
	Devices = personal.Rule{Setting: "keep.device-days", Name: "Trình duyệt đã biết, từ lần đăng nhập gần nhất", Days: deviceDays, Least: 1, Most: 730}
)
