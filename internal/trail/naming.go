package trail

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"giaoban/internal/db"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// latestName joins a unit u with the last name that it has had.
const latestName = ` left join unit_name n on n.unit = u.id and n.valid_from = (select max(l.valid_from) from unit_name l where l.unit = u.id) `

// naming is how a house's things are named: a select of object and its parts for a list of objects, which stands where %s is.
type naming struct {
	house  string
	fits   func(object string) bool
	query  string
	of     func(object string, part []string) Thing
	unfold func(object string) string // what the query knows an object by; itself where nil
}

func whole(object string) bool { return object != "" && !strings.Contains(object, "/") }

func begins(prefix string) func(string) bool {
	return func(object string) bool { return strings.HasPrefix(object, prefix) }
}

func cut(prefix string) func(string) string {
	return func(object string) string { return strings.TrimPrefix(object, prefix) }
}

// namings is the table of things. Every select gives the object and three parts.
var namings = []naming{
	{house: "account", fits: whole, query: `select id, name, '', '' from person where id in (%s)`, of: personThing},
	{house: "door", fits: whole, query: `select id, name, '', '' from person where id in (%s)`, of: personThing},
	{house: "role", fits: whole, query: `select code, name, '', '' from access_role where code in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"vai trò “%s”", []any{p[1]}, web.Path("vai-tro", p[0])}
		}},
	{house: "personal", fits: whole, query: `select id, name, '', '' from person where id in (%s)`, of: personThing},
	{house: "article", fits: whole, query: `select a.id, v.title, '', '' from article a join article_version v on v.article = a.id and v.version = a.version where a.id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"tin bài “%s”", []any{short(p[1])}, web.Path("bai-viet", p[0])}
		}},
	{house: "briefing", fits: whole, query: `select b.id, coalesce(n.name, u.code), p.code, '' from briefing b join unit u on u.id = b.unit` + latestName + `
		join period p on p.id = b.period where b.id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"hội nghị giao ban %s của %s", []any{viet.PeriodName(p[2]), p[1]}, web.Path("hop-giao-ban", p[0])}
		}},
	{house: "task", fits: whole, query: `select id, text, '', '' from task where id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"nhiệm vụ “%s”", []any{short(p[1])}, web.Path("nhiem-vu", p[0])}
		}},
	{house: "exchange", fits: whole, query: `select code, name, '', '' from exchange_scheme where code in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"bảng mã “%s”", []any{short(p[1])}, web.Path("trao-doi", "bang-ma", p[0])}
		}},
	{house: "package", fits: whole, query: `select s.id, cast(s.serial as text), coalesce(n.name, u.code), p.code from exchange_sent s join unit u on u.id = s.unit` + latestName + `
		join period p on p.id = s.period where s.id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"gói số liệu số %s, %s của %s", []any{p[1], viet.PeriodName(p[3]), p[2]}, web.Path("trao-doi", "goi-gui", p[0])}
		}},
	{house: "key", fits: whole, query: `select id, name, '', '' from exchange_key where id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"“%s”", []any{short(p[1])}, "/trao-doi/khoa"}
		}},
	{house: "ledger", fits: whole, query: `select code, name, '', '' from ledger_book where code in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"sổ “%s”", []any{short(p[1])}, web.Path("so-quy", p[0])}
		}},
	{house: "intake", fits: whole, query: `select id, file, '', '' from intake_plan where id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"tệp “%s”", []any{short(p[1])}, web.Path("nhap", p[0])}
		}},
	{house: "period", fits: whole, query: `select code, '', '', '' from period where code in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"kỳ %s", []any{viet.PeriodName(p[0])}, web.Path("ky", period.Period{Code: p[0]}.Slug())}
		}},
	{house: "indicator", fits: whole, query: `select i.code, v.name, '', '' from indicator i join indicator_version v on v.indicator = i.id
		and v.version = (select max(l.version) from indicator_version l where l.indicator = i.id) where i.code in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"chỉ tiêu “%s”", []any{p[1]}, web.Path("chi-tieu", p[0])}
		}},
	{house: "rule", fits: whole, query: `select r.id, r.name, '', '' from figure_rule r
		where r.version = (select max(v.version) from figure_rule v where v.id = r.id) and r.id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"quy tắc “%s”", []any{p[1]}, web.Path("quy-tac", p[0])}
		}},
	{house: "form", fits: begins("holiday/"), unfold: cut("holiday/"), query: `select day, name, '', '' from form_holiday where day in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"ngày %s (%s)", []any{viet.FormatDate(p[0]), p[1]}, "/bieu-mau/ngay-nghi"}
		}},
	{house: "form", fits: whole, query: `select f.code, v.name, '', '' from form f join form_version v on v.form = f.id
		and v.number = (select max(l.number) from form_version l where l.form = f.id) where f.code in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"biểu mẫu “%s”", []any{p[1]}, web.Path("bieu-mau", p[0])}
		}},
	{house: "rule", fits: begins("odd/"), unfold: cut("odd/"), query: `select i.code, v.name, '', '' from indicator i join indicator_version v on v.indicator = i.id
		and v.version = (select max(l.version) from indicator_version l where l.indicator = i.id) where i.code in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"số khác thường của chỉ tiêu “%s”", []any{p[1]}, web.Path("chi-tieu", p[0])}
		}},
	{house: "org", fits: whole, query: unitQuery, of: unitThing},
	{house: "unit", fits: whole, query: unitQuery, of: unitThing},
	{house: "org", fits: whole, query: `select id, document, '', '' from succession where id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{Words: "các đơn vị theo “%s”", Args: []any{short(p[1])}}
		}},
	{house: "report", fits: whole, query: `select r.id, coalesce(n.name, u.code), p.code, r.kind from report r join unit u on u.id = r.unit` + latestName + `
		join period p on p.id = r.period where r.id in (%s)`,
		of: func(_ string, p []string) Thing {
			return Thing{"báo cáo tổng hợp %s của %s", []any{viet.PeriodName(p[2]), p[1]}, web.Path("bao-cao", p[0])}
		}},
	{house: "report", fits: begins("duty/"), unfold: cut("duty/"), query: unitQuery,
		of: func(_ string, p []string) Thing {
			return Thing{"nghĩa vụ báo cáo của %s", []any{p[1]}, web.URL("/bao-cao/nghia-vu", "don-vi", p[0])}
		}},
	{house: "report", fits: begins("way/"), unfold: cut("way/"), query: unitQuery,
		of: func(_ string, p []string) Thing {
			return Thing{"các bước báo cáo của %s", []any{p[1]}, "/bao-cao/cac-buoc"}
		}},
	{house: "report", fits: func(object string) bool {
		return strings.Contains(object, "/") && !begins("duty/")(object) && !begins("way/")(object) && !begins("entry/")(object)
	}, unfold: func(object string) string { unit, _, _ := strings.Cut(object, "/"); return unit }, query: unitQuery,
		of: func(object string, p []string) Thing {
			_, code, _ := strings.Cut(object, "/")
			return Thing{"báo cáo %s của %s", []any{viet.PeriodName(code), p[1]}, web.Path("bao-cao-don-vi", p[0], period.Period{Code: code}.Slug())}
		}},
	{house: "figure", fits: whole, query: `select e.id, coalesce(max(n.name), max(u.code)), max(p.code), case when count(distinct w.unit) > 1 then '' else max(u.code) end
		from figure_entry e join figure_entry_place w on w.entry = e.key join unit u on u.id = w.unit` + latestName + `
		join period p on p.id = w.period where e.id in (%s) group by e.id having count(distinct w.period) = 1`,
		of: func(_ string, p []string) Thing {
			if p[3] == "" {
				return Thing{Words: "số liệu %s của nhiều đơn vị", Args: []any{viet.PeriodName(p[2])}}
			}
			return Thing{"số liệu %s của %s", []any{viet.PeriodName(p[2]), p[1]}, web.Path("so-lieu", p[3], period.Period{Code: p[2]}.Slug())}
		}},
}

const unitQuery = `select u.code, coalesce(n.name, u.code), '', '' from unit u` + latestName + ` where u.code in (%s)`

func unitThing(_ string, p []string) Thing {
	return Thing{"đơn vị %s", []any{p[1]}, web.Path("don-vi", p[0])}
}

func personThing(_ string, p []string) Thing {
	if p[1] == erasedName {
		return Thing{Words: "một người dùng đã xóa"}
	}
	return Thing{"người dùng %s", []any{p[1]}, web.Path("nguoi-dung", p[0])}
}

// short keeps the beginning of a text that names a thing in a sentence.
func short(text string) string {
	const most = 90
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// name gives each line its thing, but to those of which the reader sees a part only: what it was may tell the rest.
func name(ctx context.Context, tx *db.Tx, lines []Line) error {
	for _, n := range namings {
		var objects []string // as the query knows them
		at := map[string][]int{}
		for i, l := range lines {
			if l.House != n.house || l.Partial || l.Thing.Words != "" || !n.fits(l.Object) {
				continue
			}
			object := l.Object
			if n.unfold != nil {
				object = n.unfold(object)
			}
			objects = append(objects, object)
			at[object] = append(at[object], i)
		}
		if err := lookUp(objects, func(args []any) error {
			rows, err := tx.Query(ctx, fmt.Sprintf(n.query, db.List(len(args), 1)), args...)
			return each(rows, err, func(rows *sql.Rows) error {
				p := make([]string, 4)
				if err := rows.Scan(&p[0], &p[1], &p[2], &p[3]); err != nil {
					return err
				}
				for _, i := range at[p[0]] {
					lines[i].Thing = n.of(lines[i].Object, p)
				}
				return nil
			})
		}); err != nil {
			return fmt.Errorf("names of what %s keeps: %w", n.house, err)
		}
	}
	for i, l := range lines {
		if l.House == "setting" && !l.Partial {
			lines[i].Thing = Thing{Words: "cài đặt %s", Args: []any{l.Object}}
		}
	}
	return nameCells(ctx, tx, lines)
}

// nameCells names single numbers: their acts have UNIT/PERIOD/INDICATOR/PART in keys for an object.
func nameCells(ctx context.Context, tx *db.Tx, lines []Line) error {
	const unit, quarter, indicator = 0, 1, 2
	var keys [3][]string
	cells := map[int][]string{}
	for i, l := range lines {
		if k := strings.Split(l.Object, "/"); l.House == "figure" && !l.Partial && len(k) == 4 {
			cells[i] = k
			for at := range keys {
				keys[at] = append(keys[at], k[at])
			}
		}
	}
	var found [3]map[string][2]string
	for at, query := range [3]string{
		unit:      `select cast(u.id as text), u.code, coalesce(n.name, u.code) from unit u` + latestName + `where u.id in (%s)`,
		quarter:   `select cast(id as text), code, '' from period where id in (%s)`,
		indicator: `select cast(i.id as text), i.code, v.name from indicator i join indicator_version v on v.indicator = i.id and v.version = (select max(l.version) from indicator_version l where l.indicator = i.id) where i.id in (%s)`,
	} {
		found[at] = map[string][2]string{}
		if err := lookUp(keys[at], func(args []any) error {
			rows, err := tx.Query(ctx, fmt.Sprintf(query, db.List(len(args), 1)), args...)
			return each(rows, err, func(rows *sql.Rows) error {
				var key, code, name string
				err := rows.Scan(&key, &code, &name)
				found[at][key] = [2]string{code, name}
				return err
			})
		}); err != nil {
			return fmt.Errorf("names of numbers: %w", err)
		}
	}
	for i, k := range cells {
		u, q, in := found[unit][k[unit]], found[quarter][k[quarter]], found[indicator][k[indicator]]
		if u[0] == "" || q[0] == "" || in[0] == "" {
			continue
		}
		lines[i].Thing = Thing{"chỉ tiêu “%s” %s của %s", []any{in[1], viet.PeriodName(q[0]), u[1]}, web.Path("so", u[0], period.Period{Code: q[0]}.Slug(), in[0])}
	}
	return nil
}
