package period

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "period_extension", Key: "person", Columns: []string{"at"}, Beside: []string{"period", "unit", "version"}, What: "Người gia hạn nộp báo cáo",
		Purpose: "Biết ai đã gia hạn", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
}
