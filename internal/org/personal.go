package org

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "office", Key: "account", Columns: []string{"person", "title", "unit", "valid_from", "valid_to"}, Beside: []string{"id"},
		What: "Người giữ chức vụ: họ tên, chức vụ, thời gian", Purpose: "Ghi đúng người ký, người dự trên văn bản", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "succession", Key: "person", Columns: []string{"document", "made"}, Beside: []string{"id", "kind", "at"},
		What: "Người ghi việc sáp nhập, chia tách", Purpose: "Biết ai đã ghi", Basis: personal.Duty, Keep: personal.Records, End: personal.Unnamed},
}
