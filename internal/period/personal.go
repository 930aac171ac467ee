package period

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "period_extension", Key: "person", Columns: []string{"at"}, Beside: []string{"period", "unit", "version"}, What: "Người gia hạn nộp báo cáo",
		Purpose: "Biết ai đã gia hạn", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "period_plea", Key: "person", Columns: []string{"at", "reason"}, Beside: []string{"period", "unit", "version"}, What: "Người đề nghị gia hạn nộp báo cáo",
		Purpose: "Biết ai đã đề nghị, vì sao", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "period_plea", Key: "answered_by", Columns: []string{"answered", "answer"}, Beside: []string{"period", "unit", "version"}, What: "Người trả lời đề nghị gia hạn",
		Purpose: "Biết ai đã trả lời", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
}
