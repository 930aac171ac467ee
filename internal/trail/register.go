package trail

import (
	"giaoban/internal/account"
	"giaoban/internal/article"
	"giaoban/internal/briefing"
	"giaoban/internal/door"
	"giaoban/internal/exchange"
	"giaoban/internal/figure"
	"giaoban/internal/form"
	"giaoban/internal/intake"
	"giaoban/internal/ledger"
	"giaoban/internal/mail"
	"giaoban/internal/notice"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/personal"
	"giaoban/internal/report"
	"giaoban/internal/rule"
	"giaoban/internal/task"
)

// Chapter is what one house holds about people.
type Chapter struct {
	House  string
	Tables []personal.Table
}

// Register is what the site holds about people, as each house declares it.
var Register = []Chapter{
	{"account", account.Personal}, {"door", door.Personal}, {"mail", mail.Personal}, {"notice", notice.Personal}, {"trail", personal.Trail}, {"org", org.Personal},
	{"period", period.Personal}, {"figure", figure.Personal}, {"rule", rule.Personal}, {"form", form.Personal}, {"ledger", ledger.Personal}, {"report", report.Personal}, {"task", task.Personal}, {"briefing", briefing.Personal}, {"article", article.Personal},
	{"intake", intake.Personal}, {"exchange", exchange.Personal},
}

// Rules are the times after which something is forgotten.
var Rules = []personal.Rule{door.SignIns, door.Devices, mail.Letters, intake.Files}

// Kept is a rule with what it gives on this site and what it has done.
type Kept struct {
	personal.Rule
	Now int64 // days
	personal.Run
}

// Record is what the site holds about one person in one table.
type Record struct {
	House string           `json:"house"`
	Table string           `json:"table"`
	By    string           `json:"by"` // the column that names the person
	What  string           `json:"what"`
	Rows  []map[string]any `json:"rows"`
}

// Dossier is all that the site holds about one person, as the register declares it.
type Dossier struct {
	Person  string   `json:"person"`
	Made    string   `json:"made"`
	Note    string   `json:"note"`
	Records []Record `json:"records"`
	Secret  []string `json:"held_but_not_given"` // table.column: what is held to check, and never shown to anyone
}

// dossierNote stands in the file, for whoever reads it without the program.
const dossierNote = "Mọi dữ liệu mà hệ thống giữ về người này theo sổ đăng ký dữ liệu cá nhân. Tên người trong văn bản của cơ quan (giấy mời, biên bản, báo cáo) không gắn với tài khoản nên không nằm trong tệp này."
