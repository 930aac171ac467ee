package article

import (
	"bytes"
	"fmt"
	"html/template"
)

// page is the item as a file of its own, readable without the site.
var page = template.Must(template.New("article").Funcs(template.FuncMap{"moment": clockAndDay}).Parse(`<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<title>{{.Title}}</title>
<meta name="description" content="{{.Lead}}">
</head>
<body>
<article>
<h1>{{.Title}}</h1>
<p>Cập nhật lúc: {{moment .UpdatedAt}}</p>
<p><strong>{{.Lead}}</strong></p>
{{range .Blocks}}{{if .Heading}}<h2>{{range .Pieces}}{{.Text}}{{end}}</h2>{{else}}<p>{{range .Pieces}}{{if .Number}}<a href="#nguon">{{.Text}}</a>{{else}}{{.Text}}{{end}}{{end}}</p>{{end}}
{{end}}<p><em>{{.Author}}</em></p>
{{if .Numbers}}<h2 id="nguon">Nguồn số liệu</h2>
<table>
<tr><th>Chỉ tiêu</th><th>Số liệu</th><th>Địa chỉ trong báo cáo</th></tr>
{{range .Numbers}}<tr><td>{{.Name}}</td><td>{{.Text}}</td><td>{{.Short}}</td></tr>
{{end}}</table>{{end}}
</article>
</body>
</html>
`))

// HTML writes an item as a file.
func HTML(a Article) ([]byte, error) {
	var b bytes.Buffer
	if err := page.Execute(&b, a); err != nil {
		return nil, fmt.Errorf("news item %s as HTML: %w", a.ID, err)
	}
	return b.Bytes(), nil
}
