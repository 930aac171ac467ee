package exchange

import "giaoban/internal/personal"

// Personal is what this house holds about people. A package itself names nobody.
var Personal = []personal.Table{
	{Name: "exchange_sent", Key: "person", Columns: []string{"at"}, Beside: []string{"id", "serial"}, What: "Gói số liệu đã lập để gửi cấp trên: ai lập, lúc nào",
		Purpose: "Biết ai đã gửi số liệu nào lên cấp trên", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "exchange_key", Key: "person", Columns: []string{"at", "revoked_by", "revoked_at"}, Beside: []string{"id", "name"}, What: "Khóa của nơi gửi: ai nhập, ai thu hồi, lúc nào",
		Purpose: "Biết ai đã cho nơi nào gửi số liệu đến", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "exchange_received", Key: "person", Columns: []string{"at"}, Beside: []string{"plan", "serial"}, What: "Gói số liệu đã nhận: ai nhận, lúc nào",
		Purpose: "Biết số liệu của cấp dưới do ai nhận", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
}
