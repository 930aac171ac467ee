package article

import "giaoban/internal/personal"

// Personal is what this house holds about people.
var Personal = []personal.Table{
	{Name: "article_version", Key: "person", Columns: []string{"author", "at"}, Beside: []string{"article", "version", "title"},
		What: "Người soạn, sửa tin; tên tác giả đứng trên tin", Purpose: "Ghi tác giả và biết ai đã sửa", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
	{Name: "article_version", Columns: []string{"title", "lead", "body"}, What: "Lời văn của tin; có thể nêu tên người", Purpose: "Công khai kết quả với người dân", Basis: personal.Duty, Keep: personal.Records, End: personal.Public},
}
