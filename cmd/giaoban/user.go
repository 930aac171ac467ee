package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/app"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/door"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// userCmd is for the machine's owner: whoever runs it acts as the program itself. A password is never an argument, where
// every other user of the machine would see it.
type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Thêm người dùng."`
	Disable userDisableCmd `cmd:"" help:"Khóa tài khoản, hoặc mở khóa."`
	Grant   userGrantCmd   `cmd:"" help:"Cấp một vai trò ở một đơn vị."`
	Revoke  userRevokeCmd  `cmd:"" help:"Thu một vai trò ở một đơn vị."`
	Reset   userResetCmd   `cmd:"" help:"Lập phiếu đặt lại mật khẩu, gỡ bước xác thực thứ hai; mọi phiên đăng nhập của người đó kết thúc."`
	List    userListCmd    `cmd:"" help:"Liệt kê người dùng và vai trò."`
}

// userSite is what each of the commands takes.
type userSite struct {
	DB   dsn  `required:"" env:"GIAOBAN_DB" help:"Tệp cơ sở dữ liệu hoặc postgres://…; @TỆP đọc từ tệp." name:"db"`
	JSON bool `help:"In JSON." name:"json"`

	leakedFile `embed:""`
}

// passwordSource says where a new password comes from.
type passwordSource struct {
	PasswordStdin bool `help:"Đọc mật khẩu từ đầu vào chuẩn; không nêu thì chương trình in phiếu mời có mã dùng một lần." name:"password-stdin"`
}

type userAddCmd struct {
	userSite       `embed:""`
	passwordSource `embed:""`
	Login          string `arg:"" help:"Tên đăng nhập."`
	Name           string `required:"" help:"Họ và tên."`
	Role           string `help:"Mã vai trò, xem ở trang Vai trò; có sẵn: officer, head, office, chair, follower, editor, publisher, auditor, admin." default:"officer"`
	Unit           string `required:"" help:"Mã đơn vị mà vai trò có hiệu lực."`
	Email          string `help:"Thư điện tử, nếu có; phiếu mời cũng được gửi đến đó."`
}

type userDisableCmd struct {
	userSite `embed:""`
	Login    string `arg:"" help:"Tên đăng nhập."`
	Undo     bool   `help:"Mở khóa."`
}

type userGrantCmd struct {
	userSite  `embed:""`
	Login     string `arg:"" help:"Tên đăng nhập."`
	Role      string `arg:"" help:"Mã vai trò."`
	Unit      string `arg:"" help:"Mã đơn vị."`
	Hierarchy string `help:"Có hiệu lực ở những đơn vị nào: territory (địa bàn), line (hệ thống dọc), front (khối Mặt trận)." enum:"territory,line,front" default:"territory"`
	From      string `help:"Từ ngày, YYYY-MM-DD; không nêu là từ hôm nay."`
	To        string `help:"Đến trước ngày, YYYY-MM-DD; không nêu là không thời hạn."`
}

type userRevokeCmd struct {
	userSite  `embed:""`
	Login     string `arg:"" help:"Tên đăng nhập."`
	Role      string `arg:"" help:"Mã vai trò."`
	Unit      string `arg:"" help:"Mã đơn vị."`
	Hierarchy string `help:"Chỉ thu vai trò theo cây đơn vị này: territory, line, front; không nêu là cả ba." enum:",territory,line,front" default:""`
}

type userResetCmd struct {
	userSite       `embed:""`
	passwordSource `embed:""`
	Login          string `arg:"" help:"Tên đăng nhập."`
	Factors        bool   `help:"Gỡ cả ứng dụng tạo mã và mã khôi phục."`
	FactorsOnly    bool   `help:"Chỉ gỡ các thứ đó, giữ mật khẩu." name:"factors-only"`
}

type userListCmd struct {
	userSite `embed:""`
}

// userRow is a person in JSON. Code and its end stand there only when a slip has just been made.
type userRow struct {
	ID       string      `json:"id"`
	Login    string      `json:"login"`
	Name     string      `json:"name"`
	Disabled bool        `json:"disabled"`
	Roles    []userGrant `json:"roles"`
	Code     string      `json:"code,omitempty"`
	Until    string      `json:"until,omitempty"`
}

type userGrant struct {
	Role      string `json:"role"`
	Unit      string `json:"unit"`
	Hierarchy string `json:"hierarchy"`
	From      string `json:"from"`
	To        string `json:"to,omitempty"`
}

// hierarchies are the trees that a grant may hold along, by their names on the command line.
var hierarchies = map[string]org.Hierarchy{"territory": org.Territory, "line": org.Line, "front": org.Front}

func hierarchyName(h org.Hierarchy) string {
	for name, known := range hierarchies {
		if known == h {
			return name
		}
	}
	return ""
}

func rowOf(p account.Person) userRow {
	row := userRow{ID: p.ID, Login: p.Login, Name: p.Name, Disabled: p.Disabled, Roles: []userGrant{}}
	for _, g := range p.Grants {
		row.Roles = append(row.Roles, userGrant{g.Role, g.UnitCode, hierarchyName(g.Hierarchy), g.From, g.To})
	}
	return row
}

// password reads a password; empty when none comes.
func (p passwordSource) password() (string, error) {
	if !p.PasswordStdin {
		return "", nil
	}
	text, err := io.ReadAll(io.LimitReader(os.Stdin, 4096))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return "", usageError("--password-stdin: đầu vào chuẩn trống")
	}
	return password, nil
}

// userOf finds a person by login.
func userOf(e *env, a *app.App, login string) (account.Person, error) {
	people, err := a.Accounts.List(e.ctx, auth.System())
	if err != nil {
		return account.Person{}, err
	}
	for _, p := range people {
		if p.Login == strings.ToLower(viet.Clean(login)) {
			return p, nil
		}
	}
	return account.Person{}, fault.Refusedf("Không có người dùng “%s”.", login)
}

// show prints a person as they are now, with the slip that was made for them, if one was.
func (c userSite) show(e *env, a *app.App, login, done string, slip door.Slip) error {
	p, err := userOf(e, a, login)
	if err != nil {
		return err
	}
	if c.JSON {
		row := rowOf(p)
		if slip.Code != "" {
			row.Code, row.Until = slip.Code, clock.At(slip.Until).Format(time.RFC3339)
		}
		return json.NewEncoder(e.out).Encode(row)
	}
	fmt.Fprintf(e.out, "%s: %s (%s).\n", done, p.Login, p.Name)
	if slip.Code == "" {
		return nil
	}
	address, err := a.Setting(e.ctx, web.AddressSetting)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Phiếu mời, dùng được một lần, đến %s:\n  Mở trang %s/moi\n  Tên đăng nhập: %s\n  Mã: %s\n  Tự đặt mật khẩu, ít nhất 10 ký tự.\n",
		web.Moment(slip.Until), address, slip.Login, slip.Code)
	if slip.Mailed {
		fmt.Fprintln(e.out, "Phiếu cũng đang được gửi đến địa chỉ thư điện tử của người này.")
	}
	return nil
}

// with opens the site, runs fn and closes it.
func (c userSite) with(e *env, fn func(*app.App) error) error {
	leaked, err := c.list()
	if err != nil {
		return err
	}
	a, err := existingWith(string(c.DB), e, app.Options{Leaked: leaked})
	if err != nil {
		return err
	}
	return errors.Join(fn(a), a.Close())
}

// unitOf finds a unit by its code.
func unitOf(e *env, a *app.App, code string) (int64, error) {
	units, err := a.Accounts.Units(e.ctx, auth.System())
	if err != nil {
		return 0, err
	}
	for _, u := range units {
		if u.Code == code {
			return u.ID, nil
		}
	}
	return 0, fault.Refusedf("Không có đơn vị mã “%s”.", code)
}

func (c *userAddCmd) Run(e *env) error {
	password, err := c.password()
	if err != nil {
		return err
	}
	return c.with(e, func(a *app.App) error {
		unit, err := unitOf(e, a, c.Unit)
		if err != nil {
			return err
		}
		p := account.NewPerson{Login: c.Login, Name: c.Name, Language: "vi", Email: c.Email, Password: password, Role: c.Role, Unit: unit}
		id, err := a.Accounts.AddPerson(e.ctx, auth.System(), p)
		if err != nil {
			return err
		}
		var slip door.Slip
		if password == "" {
			if slip, err = a.Door.Invite(e.ctx, auth.System(), id); err != nil {
				return err
			}
		}
		return c.show(e, a, c.Login, "Đã thêm người dùng", slip)
	})
}

func (c *userGrantCmd) Run(e *env) error {
	for flag, day := range map[string]string{"--from": c.From, "--to": c.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return usageError(flag + ": ngày phải viết YYYY-MM-DD")
		}
	}
	return c.with(e, func(a *app.App) error {
		p, err := userOf(e, a, c.Login)
		if err != nil {
			return err
		}
		unit, err := unitOf(e, a, c.Unit)
		if err != nil {
			return err
		}
		if _, err := a.Accounts.Grant(e.ctx, auth.System(), account.Grant{
			Person: p.ID, Role: c.Role, Unit: unit, Hierarchy: hierarchies[c.Hierarchy], From: c.From, To: c.To,
		}); err != nil {
			return err
		}
		return c.show(e, a, c.Login, "Đã cấp vai trò", door.Slip{})
	})
}

func (c *userRevokeCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error {
		p, err := userOf(e, a, c.Login)
		if err != nil {
			return err
		}
		ended := 0
		for _, g := range p.Grants {
			if g.Role != c.Role || g.UnitCode != c.Unit || c.Hierarchy != "" && g.Hierarchy != hierarchies[c.Hierarchy] || g.Ended(a.Clock.Today()) {
				continue
			}
			if err := a.Accounts.Revoke(e.ctx, auth.System(), p.ID, g.ID); err != nil {
				return err
			}
			ended++
		}
		if ended == 0 {
			return fault.Refusedf("“%s” không giữ vai trò %s ở đơn vị %s.", c.Login, c.Role, c.Unit)
		}
		return c.show(e, a, c.Login, "Đã thu vai trò", door.Slip{})
	})
}

func (c *userDisableCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error {
		p, err := userOf(e, a, c.Login)
		if err != nil {
			return err
		}
		if p.Disabled == c.Undo { // asked for again, it is done already
			if err := a.Accounts.Disable(e.ctx, auth.System(), p.ID, p.Version, !c.Undo); err != nil {
				return err
			}
		}
		done := "Đã khóa tài khoản"
		if c.Undo {
			done = "Đã mở khóa tài khoản"
		}
		return c.show(e, a, c.Login, done, door.Slip{})
	})
}

func (c *userResetCmd) Run(e *env) error {
	if c.Factors && c.FactorsOnly || c.FactorsOnly && c.PasswordStdin {
		return usageError("--factors-only không đi cùng --factors và --password-stdin")
	}
	password, err := c.password()
	if err != nil {
		return err
	}
	return c.with(e, func(a *app.App) error {
		p, err := userOf(e, a, c.Login)
		if err != nil {
			return err
		}
		var slip door.Slip
		done := "Đã gỡ các cách xác thực"
		if !c.FactorsOnly {
			if password == "" {
				slip, err = a.Door.Invite(e.ctx, auth.System(), p.ID)
			} else {
				err = a.Accounts.SetPassword(e.ctx, auth.System(), p.ID, password)
			}
			if err != nil {
				return err
			}
			done = "Đã đặt lại mật khẩu"
		}
		if c.Factors || c.FactorsOnly {
			if err := a.Door.ResetFactors(e.ctx, auth.System(), p.ID); err != nil {
				return err
			}
		}
		if c.Factors {
			done = "Đã đặt lại mật khẩu và gỡ các cách xác thực"
		}
		return c.show(e, a, c.Login, done, slip)
	})
}

func (c *userListCmd) Run(e *env) error {
	return c.with(e, func(a *app.App) error {
		people, err := a.Accounts.List(e.ctx, auth.System())
		if err != nil {
			return err
		}
		if c.JSON {
			rows := make([]userRow, len(people))
			for i, p := range people {
				rows[i] = rowOf(p)
			}
			return json.NewEncoder(e.out).Encode(rows)
		}
		for _, p := range people {
			state := ""
			if p.Disabled {
				state = " (đã khóa)"
			}
			fmt.Fprintf(e.out, "%s\t%s%s", p.Login, p.Name, state)
			for _, g := range p.Grants {
				if g.Ended(a.Clock.Today()) {
					continue
				}
				fmt.Fprintf(e.out, "\t%s:%s", g.Role, g.UnitCode)
				if g.Hierarchy != org.Territory {
					fmt.Fprintf(e.out, ":%s", hierarchyName(g.Hierarchy))
				}
			}
			fmt.Fprintln(e.out)
		}
		return nil
	})
}
