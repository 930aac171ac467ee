package report

import "giaoban/internal/personal"

const makersOf, answerable = "Người lập, gửi, duyệt, sửa báo cáo", "Biết ai chịu trách nhiệm về từng bước của báo cáo"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "report", Key: "made_by", Columns: []string{"made_at"}, Beside: []string{"id"}, What: makersOf, Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report", Key: "sent_by", Columns: []string{"sent_at"}, Beside: []string{"id"}, What: makersOf, Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report", Key: "decided_by", Columns: []string{"decided_at"}, Beside: []string{"id"}, What: makersOf, Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_approval", Key: "person", Columns: []string{"at"}, Beside: []string{"report", "ordinal", "step"}, What: "Người duyệt, tiếp nhận báo cáo", Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_approval", Key: "giver", Columns: []string{"at"}, Beside: []string{"report", "ordinal", "step"}, What: "Người được duyệt, tiếp nhận báo cáo thay", Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_approval", Columns: []string{"content"}, What: "Lời văn của báo cáo; có thể nêu tên người", Purpose: "Chứng minh đã duyệt những gì", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "report_reason", Key: "person", Columns: []string{"at"}, Beside: []string{"report", "round", "ordinal"}, What: "Người trả lại báo cáo", Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_way", Key: "person", Columns: []string{"at"}, Beside: []string{"id"}, What: "Người đặt các bước của báo cáo", Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_reminder_plan", Key: "person", Columns: []string{"at"}, Beside: []string{"id"}, What: "Người đặt lịch nhắc hạn", Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_statement", Key: "person", Columns: []string{"at", "text"}, Beside: []string{"id", "version"},
		What: "Nội dung báo cáo: ai ghi; trong lời có thể có tên người được nêu", Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_section", Key: "person", Columns: []string{"at"}, Beside: []string{"report", "code", "version"}, What: makersOf, Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_frozen", Key: "person", Columns: []string{"at"}, Beside: []string{"report"}, What: makersOf, Purpose: answerable, Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "report_section", Columns: []string{"text", "drafted"}, What: "Lời văn của báo cáo; có thể nêu tên người", Purpose: "Báo cáo của cơ quan", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "report_frozen", Columns: []string{"json"}, What: "Lời văn của báo cáo; có thể nêu tên người", Purpose: "Báo cáo của cơ quan", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "report_reason", Columns: []string{"text"}, What: "Lời văn của báo cáo; có thể nêu tên người", Purpose: "Báo cáo của cơ quan", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
}
