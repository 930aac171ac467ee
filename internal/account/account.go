// Package account holds the people who work with the site, the rules of their names and passwords, the site's roles, the
// grants of roles over subtrees of units between two dates, and their delegation. How people get in is the door house's. It
// refuses to let an administrator reach beyond their own subtree, anyone to raise their own rights (by a grant, by editing a
// role that they hold, or by a delegation), anyone to lend on what was lent to them, and the last way to administer the whole
// site to be taken away. No rule of the program names a role: what counts are permissions.
package account

import (
	"slices"
	"strings"
	"unicode/utf8"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// Person is someone who can sign in, with the grants that the reader may see.
type Person struct {
	ID, Login, Name, Language string
	Email                     string // empty for none
	Disabled                  bool
	Entered                   int64 // when they first came in, UTC milliseconds; 0 for never
	Version                   int64
	Grants                    []Grant
}

// Grant is a role over a unit and all below it in one hierarchy, from a day until before another. To is empty when it has no
// end. One that comes with an office ends with it.
type Grant struct {
	ID, Person          string
	Role, RoleName      string
	Unit                int64
	UnitCode            string
	UnitName            string
	Hierarchy           org.Hierarchy // the territory when zero
	From, To            string
	Office, OfficeTitle string // the office's id; empty for none
}

// Holds tells whether the grant is in force on a day.
func (g Grant) Holds(day string) bool { return g.From <= day && (g.To == "" || day < g.To) }

// Ended tells whether the grant is over by a day.
func (g Grant) Ended(day string) bool { return g.To != "" && g.To <= day }

// NewPerson is what is needed to let someone in. Role, Unit and Hierarchy are their first grant; only the program itself may
// add a person without one. A person without a password cannot sign in by password: they
// come in with a slip first.
type NewPerson struct {
	Login, Name, Language, Password string
	Email                           string // empty for none
	Role                            string
	Unit                            int64
	Hierarchy                       org.Hierarchy
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

// CheckPassword follows NIST SP 800-63B: length counts, mixtures of signs do not; what anyone would guess is refused, and so
// is what about says of the person and the site.
func CheckPassword(login, password string, about ...string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return fault.Invalidf("password", "Mật khẩu phải có ít nhất %d ký tự. Một câu ngắn dễ nhớ là tốt nhất.", minPassword)
	case n > MaxPassword:
		return fault.Invalidf("password", "Mật khẩu dài quá %d ký tự.", MaxPassword)
	}
	if len(login) >= 3 && strings.Contains(strings.ToLower(password), login) {
		return fault.Invalid("password", "Mật khẩu không được chứa tên đăng nhập.")
	}
	if auth.Guessable(password, append(about, login)...) {
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
