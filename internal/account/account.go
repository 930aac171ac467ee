// Package account holds the people who work with the site, the rules of their names and passwords, and their grants, each
// a role over a subtree of units between two dates. How they get in is the door house's. It refuses to let an administrator
// reach beyond their own subtree, and to make roles by hand: what a role may do is in the table below.
package account

import (
	"slices"
	"strings"
	"unicode/utf8"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// Role is what a grant gives. Summary is the role in one sentence, for those who choose.
type Role struct {
	Code, Name, Summary string
	Permissions         []auth.Permission
}

// Roles are the roles of every site, in the order in which people read them. EnsureRoles writes them to the database,
// where the scope of every query reads them.
var Roles = []Role{
	{"officer", "Cán bộ nhập liệu", "Nhập số liệu, gửi báo cáo của đơn vị, báo cáo tiến độ nhiệm vụ.",
		[]auth.Permission{auth.View, auth.Enter, auth.Submit, auth.Do}},
	{"head", "Lãnh đạo đơn vị", "Như cán bộ nhập liệu, và duyệt số liệu, báo cáo của đơn vị.",
		[]auth.Permission{auth.View, auth.Enter, auth.Submit, auth.Approve, auth.Do}},
	{"office", "Văn phòng Mặt trận", "Duyệt, tổng hợp, chuẩn bị và ghi giao ban, theo dõi nhiệm vụ, soạn tin, quản lý đơn vị và danh mục.",
		[]auth.Permission{auth.View, auth.Enter, auth.Submit, auth.Approve, auth.Consolidate, auth.Brief, auth.Do, auth.Judge, auth.Edit, auth.EditCatalog, auth.EditUnits, auth.Audit}},
	{"chair", "Thường trực cấp ủy", "Xem, chủ trì giao ban, kết luận, đánh giá việc thực hiện.",
		[]auth.Permission{auth.View, auth.Brief, auth.Judge}},
	{"editor", "Biên tập", "Soạn và xuất bản tin.",
		[]auth.Permission{auth.View, auth.Edit, auth.Publish}},
	{"auditor", "Kiểm tra, theo dõi", "Chỉ xem, cả nhật ký thay đổi.",
		[]auth.Permission{auth.View, auth.Audit}},
	{"admin", "Quản trị", "Quản lý người dùng và quyền; không xem hay sửa nội dung.",
		[]auth.Permission{auth.Admin}},
}

// RoleOf finds a role by its code.
func RoleOf(code string) (Role, bool) {
	for _, r := range Roles {
		if r.Code == code {
			return r, true
		}
	}
	return Role{}, false
}

// Person is someone who can sign in, with the grants that the reader may see.
type Person struct {
	ID, Login, Name, Language string
	Disabled                  bool
	Version                   int64
	Grants                    []Grant
}

// Grant is a role over a unit and all below it, from a day until before another. To is empty when it has no end.
type Grant struct {
	ID, Person     string
	Role, RoleName string
	Unit           int64
	UnitCode       string
	UnitName       string
	From, To       string
}

// Holds tells whether the grant is in force on a day.
func (g Grant) Holds(day string) bool { return g.From <= day && (g.To == "" || day < g.To) }

// Ended tells whether the grant is over by a day.
func (g Grant) Ended(day string) bool { return g.To != "" && g.To <= day }

// NewPerson is what is needed to let someone in. Role and Unit are their first grant; only the program itself may add a
// person without one. A person without a password cannot sign in by password.
type NewPerson struct {
	Login, Name, Language, Password string
	Role                            string
	Unit                            int64
}

// forever is what a grant without end holds in the database.
const forever = "9999-12-31"

const minPassword = 10

// The longest password and the longest name, in characters.
const (
	MaxPassword = 200
	MaxName     = 120
)

// TidyLogin puts a login into the form in which it is stored and compared.
func TidyLogin(login string) string { return strings.ToLower(viet.Clean(login)) }

// CheckLogin keeps logins to signs that every keyboard writes the same way.
func CheckLogin(login string) error {
	if n := len(login); n < 2 || n > 64 {
		return fault.Invalid("login", "Tên đăng nhập phải dài từ 2 đến 64 ký tự.")
	}
	for _, r := range login {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("._-@", r) {
			return fault.Invalid("login", "Tên đăng nhập chỉ gồm chữ cái không dấu, chữ số và các dấu . _ - @.")
		}
	}
	return nil
}

// CheckName asks for a name that fits its column.
func CheckName(name string) error {
	if name == "" {
		return fault.Invalid("name", "Hãy nhập họ và tên.")
	}
	if utf8.RuneCountInString(name) > MaxName {
		return fault.Invalidf("name", "Họ và tên dài quá %d ký tự.", MaxName)
	}
	return nil
}

// CheckPassword follows NIST SP 800-63B: length counts, mixtures of signs do not; what anyone would guess is refused.
func CheckPassword(login, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return fault.Invalidf("password", "Mật khẩu phải có ít nhất %d ký tự. Một câu ngắn dễ nhớ là tốt nhất.", minPassword)
	case n > MaxPassword:
		return fault.Invalidf("password", "Mật khẩu dài quá %d ký tự.", MaxPassword)
	}
	lower := strings.ToLower(password)
	if len(login) >= 3 && strings.Contains(lower, login) {
		return fault.Invalid("password", "Mật khẩu không được chứa tên đăng nhập.")
	}
	different := map[rune]bool{}
	for _, r := range lower {
		different[r] = true
	}
	if len(different) < 5 || strings.Contains("01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm", lower) ||
		strings.Contains(lower, "matkhau") || strings.Contains(lower, "password") {
		return fault.Invalid("password", "Mật khẩu này quá dễ đoán. Hãy chọn mật khẩu khác.")
	}
	return nil
}

// matching are the people whose name, login or unit of a present role holds the text; marks and case do not count.
func matching(people []Person, text, today string) []Person {
	want := viet.Fold(text)
	if want == "" {
		return people
	}
	var out []Person
	for _, p := range people {
		if strings.Contains(viet.Fold(p.Name+" "+p.Login), want) || slices.ContainsFunc(p.Grants, func(g Grant) bool {
			return g.Holds(today) && strings.Contains(viet.Fold(g.UnitName), want)
		}) {
			out = append(out, p)
		}
	}
	return out
}
