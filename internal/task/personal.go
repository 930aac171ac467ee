package task

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "task_event", Key: "person", Columns: []string{"at", "kind", "text"}, Beside: []string{"task", "number"},
		What: "Diễn biến của nhiệm vụ: ai báo cáo, ai quyết định", Purpose: "Biết ai đã làm gì với nhiệm vụ", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
	{Name: "task", Columns: []string{"text", "evidence", "done"}, What: "Lời văn của nhiệm vụ và minh chứng; có thể nêu tên người", Purpose: "Theo dõi việc thực hiện nhiệm vụ", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "task_event", Columns: []string{"evidence"}, What: "Lời văn của nhiệm vụ và minh chứng; có thể nêu tên người", Purpose: "Theo dõi việc thực hiện nhiệm vụ", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
}
