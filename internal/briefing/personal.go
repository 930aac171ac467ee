package briefing

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "briefing_participant", Columns: []string{"person", "title", "reason", "substitute", "substitute_title"},
		What: "Người được mời dự họp, người dự thay, lý do vắng", Purpose: "Lập giấy mời, biên bản, danh sách dự họp", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "briefing_statement", Columns: []string{"speaker", "title", "text"},
		What: "Người phát biểu và ý kiến của họ", Purpose: "Ghi biên bản", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "briefing_item", Columns: []string{"presenter"}, What: "Người trình bày một nội dung", Purpose: "Lập chương trình họp", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "briefing", Key: "concluded_person", Columns: []string{"concluder", "concluded_at"}, Beside: []string{"id"},
		What: "Người kết luận và người ghi kết luận", Purpose: "Ban hành thông báo kết luận", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "briefing_supplement", Key: "person", Columns: []string{"at"}, Beside: []string{"id", "document"},
		What: "Người ghi phần bổ sung kết luận", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "briefing", Columns: []string{"conclusion"}, What: "Lời văn của hồ sơ hội nghị; có thể nêu tên người", Purpose: "Biên bản, thông báo kết luận", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "briefing_finding", Columns: []string{"text", "evidence"}, What: "Lời văn của hồ sơ hội nghị; có thể nêu tên người", Purpose: "Biên bản, thông báo kết luận", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "briefing_point", Columns: []string{"text"}, What: "Lời văn của hồ sơ hội nghị; có thể nêu tên người", Purpose: "Biên bản, thông báo kết luận", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "briefing_demand", Columns: []string{"text", "evidence"}, What: "Lời văn của hồ sơ hội nghị; có thể nêu tên người", Purpose: "Biên bản, thông báo kết luận", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "briefing_supplement", Columns: []string{"text"}, What: "Lời văn của hồ sơ hội nghị; có thể nêu tên người", Purpose: "Biên bản, thông báo kết luận", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
}
