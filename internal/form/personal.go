package form

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "form", Key: "made_by", Columns: []string{"made"}, Beside: []string{"code"},
		What: "Người lập biểu mẫu", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "form_version", Key: "made_by", Columns: []string{"made"}, Beside: []string{"form", "number"},
		What: "Người soạn và người ban hành bản biểu mẫu", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "form_version", Key: "published_by", Columns: []string{"published", "why"}, Beside: []string{"form", "number"},
		What: "Người soạn và người ban hành bản biểu mẫu", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "form_assignment", Key: "made_by", Columns: []string{"made", "reason"}, Beside: []string{"form", "number"},
		What: "Người giao biểu mẫu cho các đơn vị", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "form_holiday", Key: "made_by", Columns: []string{"made"}, Beside: []string{"day"},
		What: "Người ghi ngày nghỉ", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "form_answer", Key: "made_by", Columns: []string{"made", "content"}, Beside: []string{"unit", "period", "form", "item", "version"},
		What: "Người trả lời câu hỏi trong biểu mẫu và câu trả lời", Purpose: "Giải thích nội dung báo cáo", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "form_reminder", Key: "person", Columns: []string{"step", "made"}, Beside: []string{"unit", "period"},
		What: "Lời nhắc về hạn báo cáo", Purpose: "Nhắc việc đến hạn", Basis: personal.Duty, Keep: personal.While, End: personal.Gone},
	{Name: "form_reminder", Key: "made_by", Columns: []string{"step", "made"}, Beside: []string{"unit", "period"},
		What: "Người gửi lời nhắc về hạn báo cáo", Purpose: "Nhắc việc đến hạn", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
}
