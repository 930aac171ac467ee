package rule

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "figure_rule", Key: "made_by", Columns: []string{"made"}, Beside: []string{"id", "version"},
		What: "Người đặt quy tắc kiểm tra số liệu", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "figure_rule_note", Key: "made_by", Columns: []string{"made", "text"}, Beside: []string{"rule"},
		What: "Người giải trình số liệu và lời giải trình", Purpose: "Giải thích con số", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
}
